//! Proxies: HTTP (CONNECT for https, the absolute form for http) and SOCKS5 (RFC 1928, RFC 1929).
//! Names are always resolved behind the proxy.

use std::fmt;
use std::net::IpAddr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use pressmark_archive::ports::fetch::FetchFailure;
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use url::{Host, Url};

/// The most that a proxy may answer before a tunnel stands.
const MAX_ANSWER: usize = 16 << 10;

/// How a proxy is spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum ProxyKind {
    Http,
    Socks5,
}

/// The address of a proxy.
#[derive(Clone, PartialEq, Eq, Hash)]
pub(crate) struct Proxy {
    pub(crate) kind: ProxyKind,
    pub(crate) host: Host<String>,
    pub(crate) port: u16,
    credentials: Option<(String, String)>,
}

/// A text that is no proxy address.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a proxy address of the form `http://host:port` or `socks5://host:port`")]
pub struct ParseProxyError;

impl Proxy {
    /// Reads `http://`, `socks5://` and `socks5h://` addresses, credentials included; `direct` is
    /// none.
    pub(crate) fn parse(text: &str) -> Result<Option<Self>, ParseProxyError> {
        if text.trim() == "direct" {
            return Ok(None);
        }
        let url = Url::parse(text.trim()).map_err(|_| ParseProxyError)?;
        let (kind, port) = match url.scheme() {
            "http" => (ProxyKind::Http, 80),
            "socks5" | "socks5h" => (ProxyKind::Socks5, 1080),
            _ => return Err(ParseProxyError),
        };
        let host = match url.host().ok_or(ParseProxyError)? {
            // Hosts of other schemes than the web's are not read as addresses by the URL parser.
            Host::Domain(name) => Host::parse(name).map_err(|_| ParseProxyError)?,
            Host::Ipv4(address) => Host::Ipv4(address),
            Host::Ipv6(address) => Host::Ipv6(address),
        };
        let port = url.port().unwrap_or(port);
        Ok(Some(Self {
            kind,
            host,
            port,
            credentials: crate::headers::credentials(&url),
        }))
    }

    /// The value of `Proxy-Authorization`.
    pub(crate) fn authorization(&self) -> Option<String> {
        let (user, password) = self.credentials.as_ref()?;
        Some(format!(
            "Basic {}",
            BASE64.encode(format!("{user}:{password}"))
        ))
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?} proxy at {}:{}", self.kind, self.host, self.port)
    }
}

fn failed(detail: impl Into<String>) -> FetchFailure {
    FetchFailure::Proxy {
        detail: detail.into(),
    }
}

fn broken(error: &std::io::Error) -> FetchFailure {
    failed(match error.kind() {
        std::io::ErrorKind::UnexpectedEof => "it closed the connection".to_owned(),
        _ => error.to_string(),
    })
}

/// Asks an HTTP proxy for a tunnel to `host:port` (RFC 9110, 9.3.6).
pub(crate) async fn connect_http<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    proxy: &Proxy,
    host: &Host<String>,
    port: u16,
) -> Result<(), FetchFailure> {
    let mut request = format!("CONNECT {host}:{port} HTTP/1.1\r\nHost: {host}:{port}\r\n");
    if let Some(value) = proxy.authorization() {
        request.extend(["Proxy-Authorization: ", &value, "\r\n"]);
    }
    request.push_str("\r\n");
    stream
        .write_all(request.as_bytes())
        .await
        .map_err(|error| broken(&error))?;
    let mut answer = Vec::new();
    // Byte by byte: what follows the head belongs to the tunnel.
    while !answer.ends_with(b"\r\n\r\n") && !answer.ends_with(b"\n\n") {
        if answer.len() >= MAX_ANSWER {
            return Err(failed("its answer to CONNECT has no end"));
        }
        answer.push(stream.read_u8().await.map_err(|error| broken(&error))?);
    }
    let answer = String::from_utf8_lossy(&answer);
    let line = answer.lines().next().unwrap_or_default();
    let mut words = line.splitn(3, ' ');
    match (
        words.next(),
        words.next().and_then(|code| code.parse::<u16>().ok()),
    ) {
        (Some(version), Some(200..=299)) if version.starts_with("HTTP/1.") => Ok(()),
        (Some(version), Some(407)) if version.starts_with("HTTP/1.") => {
            Err(failed("it wants a user name and password"))
        }
        (Some(version), Some(status)) if version.starts_with("HTTP/1.") => Err(failed(format!(
            "it answered {status} to CONNECT {host}:{port}"
        ))),
        _ => Err(failed("it does not speak HTTP")),
    }
}

/// Asks a SOCKS5 proxy for a connection to `host:port`.
pub(crate) async fn connect_socks<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    proxy: &Proxy,
    host: &Host<String>,
    port: u16,
) -> Result<(), FetchFailure> {
    let methods: &[u8] = if proxy.credentials.is_some() {
        &[5, 2, 0, 2]
    } else {
        &[5, 1, 0]
    };
    stream
        .write_all(methods)
        .await
        .map_err(|error| broken(&error))?;
    match (read::<2>(stream).await?, &proxy.credentials) {
        ([5, 0], _) => {}
        ([5, 2], Some((user, password))) => log_in(stream, user, password).await?,
        ([5, _], _) => return Err(failed("it wants another way to log in")),
        _ => return Err(failed("it does not speak SOCKS5")),
    }
    let mut request = vec![5, 1, 0];
    match host {
        Host::Ipv4(address) => {
            request.push(1);
            request.extend(address.octets());
        }
        Host::Ipv6(address) => {
            request.push(4);
            request.extend(address.octets());
        }
        Host::Domain(name) => {
            request.push(3);
            push_short(&mut request, name)?;
        }
    }
    request.extend(port.to_be_bytes());
    stream
        .write_all(&request)
        .await
        .map_err(|error| broken(&error))?;
    let [version, reply, _, kind] = read::<4>(stream).await?;
    if version != 5 {
        return Err(failed("it does not speak SOCKS5"));
    }
    if reply != 0 {
        return Err(failed(format!(
            "it could not reach {host}:{port}: {}",
            reply_text(reply)
        )));
    }
    let length = match kind {
        1 => 4,
        4 => 16,
        _ => usize::from(read::<1>(stream).await?[0]),
    };
    let mut bound = vec![0; length + 2];
    stream
        .read_exact(&mut bound)
        .await
        .map_err(|error| broken(&error))?;
    Ok(())
}

async fn log_in<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    user: &str,
    password: &str,
) -> Result<(), FetchFailure> {
    let mut request = vec![1];
    push_short(&mut request, user)?;
    push_short(&mut request, password)?;
    stream
        .write_all(&request)
        .await
        .map_err(|error| broken(&error))?;
    match read::<2>(stream).await? {
        [_, 0] => Ok(()),
        _ => Err(failed("it refused the user name or password")),
    }
}

async fn read<const N: usize>(
    stream: &mut (impl AsyncRead + Unpin),
) -> Result<[u8; N], FetchFailure> {
    let mut bytes = [0; N];
    stream
        .read_exact(&mut bytes)
        .await
        .map_err(|error| broken(&error))?;
    Ok(bytes)
}

fn push_short(request: &mut Vec<u8>, text: &str) -> Result<(), FetchFailure> {
    let length = u8::try_from(text.len())
        .map_err(|_| failed("a host name, user name or password is longer than 255 bytes"))?;
    request.push(length);
    request.extend(text.as_bytes());
    Ok(())
}

/// RFC 1928, 6.
fn reply_text(reply: u8) -> &'static str {
    match reply {
        1 => "general failure",
        2 => "not allowed by its rules",
        3 => "network unreachable",
        4 => "host unreachable",
        5 => "connection refused",
        6 => "time to live expired",
        7 => "command not supported",
        8 => "address type not supported",
        _ => "unknown reason",
    }
}

/// The host as an address, if it is one.
pub(crate) fn literal(host: &Host<String>) -> Option<IpAddr> {
    match host {
        Host::Domain(_) => None,
        Host::Ipv4(address) => Some((*address).into()),
        Host::Ipv6(address) => Some((*address).into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn proxy_addresses_are_read_and_their_credentials_hidden() {
        let proxy = Proxy::parse("socks5h://me:s%40c@127.0.0.1:9050")
            .unwrap()
            .unwrap();
        assert_eq!((proxy.kind, proxy.port), (ProxyKind::Socks5, 9050));
        assert_eq!(literal(&proxy.host), Some("127.0.0.1".parse().unwrap()));
        assert_eq!(proxy.credentials, Some(("me".to_owned(), "s@c".to_owned())));
        assert!(!format!("{proxy:?}").contains("me"));
        assert_eq!(
            Proxy::parse("http://proxy.example").unwrap().unwrap().port,
            80
        );
        assert_eq!(Proxy::parse("direct"), Ok(None));
        for wrong in [
            "",
            "proxy:3128",
            "ftp://a",
            "https://a",
            "socks4://a",
            "http://",
        ] {
            assert_eq!(Proxy::parse(wrong), Err(ParseProxyError), "{wrong}");
        }
    }
}
