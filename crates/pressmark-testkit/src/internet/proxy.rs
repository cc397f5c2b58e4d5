//! Proxies that know the sites by name: HTTP (absolute form and CONNECT) and SOCKS5 (RFC 1928,
//! RFC 1929).

use std::io;
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

use super::Shared;
use super::server::{Next, RawRequest, respond, split_port};

/// A kind of proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ProxyKind {
    /// HTTP.
    Http,
    /// SOCKS5.
    Socks5,
}

/// What a proxy was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    /// Which proxy.
    pub proxy: ProxyKind,
    /// `host:port` as asked for.
    pub target: String,
    /// Whether for a tunnel, rather than for a page.
    pub tunnel: bool,
    /// User name and password, if they were given.
    pub login: Option<(String, String)>,
}

pub(super) async fn listen(listener: TcpListener, kind: ProxyKind, shared: Arc<Shared>) {
    let mut connections = JoinSet::new();
    loop {
        tokio::select! {
            accepted = listener.accept() => {
                let Ok((stream, _)) = accepted else { continue };
                let shared = Arc::clone(&shared);
                connections.spawn(async move {
                    match kind {
                        ProxyKind::Http => http(stream, &shared).await,
                        ProxyKind::Socks5 => socks(stream, &shared).await,
                    }
                });
            }
            Some(_) = connections.join_next() => {}
        }
    }
}

async fn http(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let connection = shared.open_connection();
    let mut buffer = Vec::new();
    while let Some(raw) = RawRequest::read(&mut stream, &mut buffer).await? {
        let tunnel = raw.method == "CONNECT";
        let (authority, path) = if tunnel {
            (raw.target.clone(), String::new())
        } else {
            let Some(rest) = raw.target.strip_prefix("http://") else {
                return stream.write_all(&refusal(400)).await;
            };
            let slash = rest.find('/').unwrap_or(rest.len());
            let (authority, path) = rest.split_at_checked(slash).unwrap_or((rest, ""));
            (
                authority.to_owned(),
                if path.is_empty() { "/" } else { path }.to_owned(),
            )
        };
        let (host, port) = split_port(&authority);
        let target = format!("{host}:{}", port.unwrap_or(80));
        let login = raw.header("proxy-authorization").and_then(basic);
        let welcome = shared.admits(login.as_ref());
        shared.asked(Asked {
            proxy: ProxyKind::Http,
            target,
            tunnel,
            login,
        });
        if !welcome {
            return stream.write_all(&refusal(407)).await;
        }
        let Ok(upstream) = connect(shared, host).await else {
            return stream.write_all(&refusal(502)).await;
        };
        if tunnel {
            stream.write_all(b"HTTP/1.1 200 Tunnel\r\n\r\n").await?;
            return relay(stream, upstream, &buffer).await;
        }
        let request = raw.into_request(&authority, path, connection, false);
        match respond(&mut stream, shared, request).await? {
            Next::Request => {}
            Next::Close => break,
            Next::Drop => return Ok(()),
        }
    }
    stream.shutdown().await
}

fn refusal(status: u16) -> Vec<u8> {
    format!(
        "HTTP/1.1 {status} Refused\r\nProxy-Authenticate: Basic realm=\"x\"\r\n\
         Content-Length: 0\r\nConnection: close\r\n\r\n"
    )
    .into_bytes()
}

fn basic(value: &str) -> Option<(String, String)> {
    let decoded = BASE64.decode(value.strip_prefix("Basic ")?).ok()?;
    let (user, password) = str::from_utf8(&decoded).ok()?.split_once(':')?;
    Some((user.to_owned(), password.to_owned()))
}

const NO_LOGIN: u8 = 0;
const PASSWORD: u8 = 2;
const NONE_ACCEPTABLE: u8 = 0xff;

const SUCCEEDED: u8 = 0;
const HOST_UNREACHABLE: u8 = 4;
const NOT_SUPPORTED: u8 = 7;

async fn socks(mut stream: TcpStream, shared: &Shared) -> io::Result<()> {
    let [_version, count] = read_array(&mut stream).await?;
    let mut offered = vec![0; usize::from(count)];
    stream.read_exact(&mut offered).await?;
    let wanted = if shared.admits(None) {
        [NO_LOGIN, PASSWORD]
    } else {
        [PASSWORD; 2]
    };
    let method = wanted.into_iter().find(|method| offered.contains(method));
    let method = method.unwrap_or(NONE_ACCEPTABLE);
    stream.write_all(&[5, method]).await?;
    if method == NONE_ACCEPTABLE {
        return stream.shutdown().await;
    }
    let mut login = None;
    if method == PASSWORD {
        let [_version] = read_array(&mut stream).await?;
        login = Some((read_text(&mut stream).await?, read_text(&mut stream).await?));
    }
    let welcome = shared.admits(login.as_ref());
    if method == PASSWORD {
        stream.write_all(&[1, u8::from(!welcome)]).await?;
    }
    if !welcome {
        return stream.shutdown().await;
    }

    let [_version, command, _reserved, kind] = read_array(&mut stream).await?;
    let host = match kind {
        1 => std::net::Ipv4Addr::from(read_array::<4>(&mut stream).await?).to_string(),
        4 => format!(
            "[{}]",
            std::net::Ipv6Addr::from(read_array::<16>(&mut stream).await?)
        ),
        _ => read_text(&mut stream).await?,
    };
    let port = stream.read_u16().await?;
    let target = format!("{host}:{port}");
    shared.asked(Asked {
        proxy: ProxyKind::Socks5,
        target,
        tunnel: true,
        login,
    });
    let upstream = if command == 1 {
        connect(shared, &host).await.map_err(|_| HOST_UNREACHABLE)
    } else {
        Err(NOT_SUPPORTED)
    };
    let reply = upstream.as_ref().err().copied().unwrap_or(SUCCEEDED);
    stream
        .write_all(&[5, reply, 0, 1, 0, 0, 0, 0, 0, 0])
        .await?;
    match upstream {
        Ok(upstream) => relay(stream, upstream, &[]).await,
        Err(_) => stream.shutdown().await,
    }
}

async fn read_array<const N: usize>(stream: &mut TcpStream) -> io::Result<[u8; N]> {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).await?;
    Ok(bytes)
}

/// A text after a byte that counts it.
async fn read_text(stream: &mut TcpStream) -> io::Result<String> {
    let mut bytes = vec![0; usize::from(stream.read_u8().await?)];
    stream.read_exact(&mut bytes).await?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

async fn connect(shared: &Shared, host: &str) -> io::Result<TcpStream> {
    TcpStream::connect(shared.resolve(host)?.as_slice()).await
}

/// Carries bytes both ways; a reset on the far side becomes one on the near side.
async fn relay(mut near: TcpStream, mut far: TcpStream, first: &[u8]) -> io::Result<()> {
    far.write_all(first).await?;
    if let Err(error) = copy_bidirectional(&mut near, &mut far).await {
        near.set_zero_linger()?;
        return Err(error);
    }
    Ok(())
}
