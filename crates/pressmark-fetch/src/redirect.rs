//! Where a redirect leads (RFC 9110, 15.4).

use pressmark_archive::ports::fetch::FetchFailure;
use pressmark_model::WebUrl;

/// The most redirects that are followed.
const MOST: usize = 10;

/// The addresses of one fetch, from the one asked for to the one that answers.
#[derive(Debug)]
pub(crate) struct Trail {
    visited: Vec<WebUrl>,
    /// The end of the leading permanent redirects; none once a temporary one has come.
    permanent: Option<usize>,
}

/// Whether a status redirects.
pub(crate) fn is_redirect(status: u16) -> bool {
    matches!(status, 301 | 302 | 303 | 307 | 308)
}

fn failed(detail: impl Into<String>) -> FetchFailure {
    FetchFailure::Redirect {
        detail: detail.into(),
    }
}

impl Trail {
    pub(crate) fn new(start: &WebUrl) -> Self {
        Self {
            visited: vec![start.without_fragment()],
            permanent: Some(0),
        }
    }

    /// The address to ask for now.
    pub(crate) fn here<'a>(&'a self, start: &'a WebUrl) -> &'a WebUrl {
        self.visited.last().unwrap_or(start)
    }

    /// How many redirects were followed.
    pub(crate) fn len(&self) -> usize {
        self.visited.len().saturating_sub(1)
    }

    /// Follows `location`, the field of an answer from [`Trail::here`].
    pub(crate) fn follow(
        &mut self,
        status: u16,
        location: Option<&str>,
    ) -> Result<(), FetchFailure> {
        let location = location.ok_or_else(|| failed(format!("{status} without `Location`")))?;
        let here = self
            .visited
            .last()
            .ok_or_else(|| failed("nowhere to begin"))?;
        let next = here
            .join(location)
            .map_err(|error| failed(error.to_string()))?;
        let next = with_credentials_of(here, next.without_fragment());
        if self.visited.contains(&next) {
            return Err(failed(format!("`{next}` leads back to itself")));
        }
        if self.visited.len() > MOST {
            return Err(failed(format!("more than {MOST} redirects")));
        }
        let leading = self.permanent == Some(self.visited.len() - 1);
        if leading && matches!(status, 301 | 308) {
            self.permanent = Some(self.visited.len());
        }
        self.visited.push(next);
        Ok(())
    }

    /// Where the start has moved for good, if it has.
    pub(crate) fn moved_to(&self) -> Option<WebUrl> {
        let end = self.permanent.filter(|&end| end > 0)?;
        self.visited.get(end).cloned()
    }
}

/// Within an origin the credentials of an address go on; to another they never do.
fn with_credentials_of(here: &WebUrl, next: WebUrl) -> WebUrl {
    let (old, mut url) = (here.as_url(), next.as_url().clone());
    let bare = url.username().is_empty() && url.password().is_none();
    if here.origin() != next.origin() || !bare {
        return next;
    }
    let set = url
        .set_username(old.username())
        .and_then(|()| url.set_password(old.password()));
    match (set, WebUrl::try_from(url)) {
        (Ok(()), Ok(url)) => url,
        _ => next,
    }
}

/// An address as it may be stored and shown: without credentials and fragment.
pub(crate) fn public(url: &WebUrl) -> WebUrl {
    let mut bare = url.as_url().clone();
    bare.set_fragment(None);
    let cleared = bare.set_username("").and_then(|()| bare.set_password(None));
    match (cleared, WebUrl::try_from(bare)) {
        (Ok(()), Ok(bare)) => bare,
        _ => url.without_fragment(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trail(start: &str, steps: &[(u16, &str)]) -> Result<Trail, FetchFailure> {
        let mut trail = Trail::new(&start.parse().unwrap());
        for &(status, location) in steps {
            trail.follow(status, Some(location))?;
        }
        Ok(trail)
    }

    #[test]
    fn only_leading_permanent_redirects_move_an_address() {
        let moved = |steps: &[(u16, &str)]| {
            trail("http://a.example/", steps)
                .unwrap()
                .moved_to()
                .map(|url| url.to_string())
        };
        assert_eq!(moved(&[]), None);
        assert_eq!(moved(&[(302, "/x"), (301, "/y")]), None);
        assert_eq!(
            moved(&[
                (301, "https://a.example/"),
                (308, "/x"),
                (302, "/y"),
                (301, "/z")
            ]),
            Some("https://a.example/x".to_owned())
        );
    }

    #[test]
    fn loops_long_ways_and_other_schemes_are_failures() {
        let a = "http://a.example/";
        assert!(trail(a, &[(302, "/x"), (302, "/")]).is_err());
        assert!(trail(a, &[(302, "/#x")]).is_err());
        assert!(trail(a, &[(302, "ftp://a.example/")]).is_err());
        assert!(trail(a, &[(302, "javascript:alert(1)")]).is_err());
        let steps: Vec<String> = (0..=10).map(|n| format!("/{n}")).collect();
        let steps: Vec<_> = steps.iter().map(|step| (302, step.as_str())).collect();
        assert_eq!(trail(a, &steps[..10]).unwrap().len(), 10);
        assert!(trail(a, &steps).is_err());
        assert!(Trail::new(&a.parse().unwrap()).follow(301, None).is_err());
    }

    #[test]
    fn credentials_stay_within_their_origin() {
        let end = |steps: &[(u16, &str)]| {
            let start = "http://me:pw@a.example/".parse().unwrap();
            trail("http://me:pw@a.example/", steps)
                .unwrap()
                .here(&start)
                .as_str()
                .to_owned()
        };
        assert_eq!(end(&[(302, "/x")]), "http://me:pw@a.example/x");
        assert_eq!(end(&[(302, "https://a.example/x")]), "https://a.example/x");
        assert_eq!(
            end(&[(302, "http://b.example/"), (302, "http://a.example/x")]),
            "http://a.example/x"
        );
        let url = "http://me:pw@a.example/x#y".parse().unwrap();
        assert_eq!(public(&url).as_str(), "http://a.example/x");
    }
}
