//! From an address to a connection that speaks HTTP/1.1: names resolved, every address judged by
//! the guard just before it is connected to, proxy and TLS on top, what passes recorded.

use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use pressmark_archive::ports::fetch::FetchFailure;
use pressmark_model::WebUrl;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::task::{JoinHandle, JoinSet};
use tokio::time::Instant;
use tokio_rustls::TlsConnector;
use url::Host;

use crate::guard::{Guard, is_of_another_service};
use crate::proxy::{self, Proxy, ProxyKind};
use crate::resolve::Resolve;
use crate::tee::{Recorder, Tee};
use crate::tls;

/// The longest head of an answer, in bytes.
const MAX_HEAD: usize = 256 << 10;
/// The most header fields of an answer.
const MAX_HEADER_FIELDS: usize = 512;
/// The most addresses of a host that are tried.
const MAX_ADDRESSES: usize = 6;
/// How long an address is tried before the next one is tried too.
const HEAD_START: Duration = Duration::from_millis(250);

/// Opens connections.
#[derive(Debug)]
pub(crate) struct Connector {
    guard: Guard,
    resolver: Arc<dyn Resolve>,
    tls: Arc<ClientConfig>,
}

/// A connection to a server or proxy, of which nothing is left when it is dropped.
#[derive(Debug)]
pub(crate) struct Connection {
    pub(crate) sender: SendRequest<Full<Bytes>>,
    pub(crate) recorder: Recorder,
    pub(crate) remote: SocketAddr,
    /// Whether requests name the whole address: to an HTTP proxy without a tunnel.
    pub(crate) absolute_form: bool,
    driver: JoinHandle<()>,
}

impl Drop for Connection {
    fn drop(&mut self) {
        self.driver.abort();
    }
}

impl Connector {
    pub(crate) fn new(guard: Guard, resolver: Arc<dyn Resolve>, tls: ClientConfig) -> Self {
        Self {
            guard,
            resolver,
            tls: Arc::new(tls),
        }
    }

    /// Connects to the address's origin, directly or through a proxy, before `deadline`.
    pub(crate) async fn connect(
        &self,
        url: &WebUrl,
        proxy: Option<&Proxy>,
        deadline: Instant,
    ) -> Result<Connection, FetchFailure> {
        let connected = async {
            let port = url.as_url().port_or_known_default().unwrap_or(80);
            if is_of_another_service(port) {
                let detail = format!("port {port} is not a web server's");
                return Err(FetchFailure::Protocol { detail });
            }
            let host = url
                .as_url()
                .host()
                .map_or(Host::Domain(String::new()), |h| h.to_owned());
            match proxy {
                None => {
                    let addresses = self.judged_addresses(&host, port).await?;
                    let stream = dial(&addresses).await?;
                    self.secure(stream, url, &host, false).await
                }
                Some(proxy) => self.connect_through(proxy, url, &host, port).await,
            }
        };
        let late = |_| FetchFailure::Timeout {
            phase: "connect".to_owned(),
        };
        tokio::time::timeout_at(deadline, connected)
            .await
            .map_err(late)?
    }

    /// The proxy's own address is the user's choice and not judged; what it is asked for is.
    async fn connect_through(
        &self,
        proxy: &Proxy,
        url: &WebUrl,
        host: &Host<String>,
        port: u16,
    ) -> Result<Connection, FetchFailure> {
        let permitted = match (proxy::literal(host), host) {
            (Some(address), _) => self.guard.permits(address),
            (None, Host::Domain(name)) => self.guard.permits_name(name),
            (None, _) => false,
        };
        if !permitted {
            return Err(FetchFailure::PrivateNetwork {
                address: host.to_string(),
            });
        }
        let unreached = |failure: FetchFailure| match failure {
            FetchFailure::Dns { host } => FetchFailure::Proxy {
                detail: format!("its name `{host}` has no address"),
            },
            FetchFailure::Connect { detail } => FetchFailure::Proxy { detail },
            other => other,
        };
        let addresses = self
            .addresses(&proxy.host, proxy.port)
            .await
            .map_err(unreached)?;
        let mut stream = dial(&addresses).await.map_err(unreached)?;
        let absolute_form = proxy.kind == ProxyKind::Http && !is_secure(url);
        match proxy.kind {
            ProxyKind::Http if absolute_form => {}
            ProxyKind::Http => proxy::connect_http(&mut stream, proxy, host, port).await?,
            ProxyKind::Socks5 => proxy::connect_socks(&mut stream, proxy, host, port).await?,
        }
        self.secure(stream, url, host, absolute_form).await
    }

    /// The addresses of a target. One that is not permitted forbids the host: a name that leads
    /// to both the public and a private network is no accident.
    async fn judged_addresses(
        &self,
        host: &Host<String>,
        port: u16,
    ) -> Result<Vec<SocketAddr>, FetchFailure> {
        let addresses = self.addresses(host, port).await?;
        if let Some(address) = addresses.iter().find(|a| !self.guard.permits(a.ip())) {
            let address = match host {
                Host::Domain(name) => format!("{name} ({})", address.ip()),
                Host::Ipv4(_) | Host::Ipv6(_) => address.ip().to_string(),
            };
            return Err(FetchFailure::PrivateNetwork { address });
        }
        Ok(addresses)
    }

    async fn addresses(
        &self,
        host: &Host<String>,
        port: u16,
    ) -> Result<Vec<SocketAddr>, FetchFailure> {
        if let Some(address) = proxy::literal(host) {
            return Ok(vec![SocketAddr::new(address, port)]);
        }
        let name = host.to_string();
        match self.resolver.resolve(&name, port).await {
            Ok(addresses) if !addresses.is_empty() => Ok(addresses),
            Ok(_) => Err(FetchFailure::Dns { host: name }),
            Err(error) => {
                tracing::debug!(host = name, %error, "no address found");
                Err(FetchFailure::Dns { host: name })
            }
        }
    }

    async fn secure(
        &self,
        stream: TcpStream,
        url: &WebUrl,
        host: &Host<String>,
        absolute_form: bool,
    ) -> Result<Connection, FetchFailure> {
        let remote = stream
            .peer_addr()
            .map_err(|error| unconnected(&error, None))?;
        if !is_secure(url) {
            return speak_http(stream, remote, absolute_form).await;
        }
        let name = match host {
            Host::Domain(name) => {
                ServerName::try_from(name.clone()).map_err(|_| FetchFailure::Tls {
                    detail: format!("`{name}` is no name for a certificate"),
                })?
            }
            Host::Ipv4(address) => ServerName::IpAddress((*address).into()),
            Host::Ipv6(address) => ServerName::IpAddress((*address).into()),
        };
        let connector = TlsConnector::from(Arc::clone(&self.tls));
        let stream = connector
            .connect(name, stream)
            .await
            .map_err(|error| insecure(&error))?;
        speak_http(stream, remote, absolute_form).await
    }
}

fn is_secure(url: &WebUrl) -> bool {
    url.as_url().scheme() == "https"
}

/// Connects to the first address that answers. Each gets a head start on the next one, so that a
/// dead IPv6 route costs little (RFC 8305, 5).
async fn dial(addresses: &[SocketAddr]) -> Result<TcpStream, FetchFailure> {
    let mut waiting = addresses.iter().copied().take(MAX_ADDRESSES);
    let mut attempts = JoinSet::new();
    let mut failure = None;
    loop {
        if let Some(address) = waiting.next() {
            attempts.spawn(async move { (address, TcpStream::connect(address).await) });
        }
        let attempt = tokio::select! {
            attempt = attempts.join_next() => attempt,
            () = tokio::time::sleep(HEAD_START), if waiting.len() > 0 => continue,
        };
        match attempt {
            Some(Ok((_, Ok(stream)))) => {
                if let Err(error) = stream.set_nodelay(true) {
                    tracing::trace!(%error, "no TCP_NODELAY");
                }
                return Ok(stream);
            }
            Some(Ok((address, Err(error)))) => failure = Some(unconnected(&error, Some(address))),
            Some(Err(error)) => tracing::trace!(%error, "an attempt to connect ended"),
            None if waiting.len() == 0 => {
                let none = || FetchFailure::Connect {
                    detail: "no address".to_owned(),
                };
                return Err(failure.unwrap_or_else(none));
            }
            None => {}
        }
    }
}

fn unconnected(error: &io::Error, address: Option<SocketAddr>) -> FetchFailure {
    let what = match error.kind() {
        io::ErrorKind::ConnectionRefused => "connection refused".to_owned(),
        io::ErrorKind::NetworkUnreachable => "network unreachable".to_owned(),
        io::ErrorKind::HostUnreachable => "host unreachable".to_owned(),
        io::ErrorKind::TimedOut => "no answer".to_owned(),
        io::ErrorKind::ConnectionReset => "connection reset".to_owned(),
        _ => error.to_string(),
    };
    let by = address.map_or(String::new(), |address| format!(" ({address})"));
    FetchFailure::Connect { detail: what + &by }
}

fn insecure(error: &io::Error) -> FetchFailure {
    let tls_error = error
        .get_ref()
        .and_then(|inner| inner.downcast_ref::<rustls::Error>());
    let detail = match (tls_error, error.kind()) {
        (Some(error), _) => tls::describe(error),
        (None, io::ErrorKind::UnexpectedEof | io::ErrorKind::ConnectionReset) => {
            "the server closed the connection while it was being secured".to_owned()
        }
        (None, _) => error.to_string(),
    };
    FetchFailure::Tls { detail }
}

async fn speak_http<S>(
    stream: S,
    remote: SocketAddr,
    absolute_form: bool,
) -> Result<Connection, FetchFailure>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let recorder = Recorder::default();
    let io = TokioIo::new(Tee::new(stream, recorder.clone()));
    let (sender, connection) = http1::Builder::new()
        .title_case_headers(true)
        .max_headers(MAX_HEADER_FIELDS)
        .max_buf_size(MAX_HEAD)
        .allow_obsolete_multiline_headers_in_responses(true)
        .allow_spaces_after_header_name_in_responses(true)
        .ignore_invalid_headers_in_responses(true)
        .handshake(io)
        .await
        .map_err(|error| FetchFailure::Connect {
            detail: error.to_string(),
        })?;
    let driver = tokio::spawn(async move {
        if let Err(error) = connection.await {
            tracing::trace!(%remote, %error, "connection ended");
        }
    });
    Ok(Connection {
        sender,
        recorder,
        remote,
        absolute_form,
        driver,
    })
}
