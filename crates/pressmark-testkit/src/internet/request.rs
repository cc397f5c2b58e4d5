//! What was asked: each request as it came.

use std::time::Duration;

use tokio::time::Instant;

/// A request that reached the tiny internet.
#[derive(Debug, Clone)]
pub struct Request {
    /// Its place in the order of arrival, from 1.
    pub number: u64,
    /// The name that was asked, without the port, in lower case.
    pub host: String,
    /// `GET`, `POST`, …
    pub method: String,
    /// The path with its query.
    pub path: String,
    /// The header fields in their order.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
    /// Whether it came through TLS.
    pub tls: bool,
    /// Which connection it came by, in the order of their opening.
    pub connection: u64,
    /// The how manieth request for this path of this host it is, from 1.
    pub visit: usize,
    /// When its head was read.
    pub started: Instant,
    /// When the last bytes of the answer were about to be written, or the connection ended; none
    /// while it goes on. A client that has the whole answer finds it set.
    pub ended: Option<Instant>,
    /// The status of the answer; none while there is none.
    pub status: Option<u16>,
}

impl Request {
    /// The first value of this header field, its name in any case.
    pub fn header(&self, name: &str) -> Option<&str> {
        let mut same = self
            .headers
            .iter()
            .filter(|(other, _)| other.eq_ignore_ascii_case(name));
        same.next().map(|(_, value)| value.as_str())
    }
}

/// The most requests that were open at the same moment.
pub(super) fn most_at_once(requests: &[Request]) -> usize {
    let open_at = |moment: Instant| {
        let open = |r: &&Request| r.started <= moment && r.ended.is_none_or(|end| end > moment);
        requests.iter().filter(open).count()
    };
    requests
        .iter()
        .map(|request| open_at(request.started))
        .max()
        .unwrap_or(0)
}

/// From the end of each request to the start of the next one; zero where they overlap.
pub(super) fn gaps(requests: &[Request]) -> Vec<Duration> {
    let pairs = requests.iter().zip(requests.iter().skip(1));
    pairs
        .map(|(one, next)| match one.ended {
            Some(ended) => next.started.saturating_duration_since(ended),
            None => Duration::ZERO,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(start: Instant, from: u64, to: Option<u64>) -> Request {
        Request {
            number: from,
            host: "a.test".into(),
            method: "GET".into(),
            path: "/".into(),
            headers: Vec::new(),
            body: Vec::new(),
            tls: false,
            connection: 1,
            visit: 1,
            started: start + Duration::from_secs(from),
            ended: to.map(|to| start + Duration::from_secs(to)),
            status: None,
        }
    }

    #[test]
    fn overlaps_and_gaps_are_counted() {
        let start = Instant::now();
        let polite = [
            request(start, 0, Some(1)),
            request(start, 3, Some(5)),
            request(start, 5, None),
        ];
        assert_eq!(most_at_once(&polite), 1);
        assert_eq!(gaps(&polite), [Duration::from_secs(2), Duration::ZERO]);
        let rude = [
            request(start, 0, Some(4)),
            request(start, 1, Some(2)),
            request(start, 3, None),
        ];
        assert_eq!(most_at_once(&rude), 2);
        assert_eq!(gaps(&rude), [Duration::ZERO, Duration::from_secs(1)]);
        assert_eq!(most_at_once(&[]), 0);
    }
}
