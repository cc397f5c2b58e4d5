//! From a host name to socket addresses.

use std::fmt;
use std::io;
use std::net::SocketAddr;

use async_trait::async_trait;

/// Finds the addresses of a host. What it returns is judged before anything is connected to, so
/// a resolver cannot lead around the guard.
#[async_trait]
pub trait Resolve: Send + Sync + fmt::Debug {
    /// The socket addresses of `host` for `port`, best first. Address literals are not asked for.
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>>;
}

/// The system's resolver (`getaddrinfo`), which knows `/etc/hosts` and the machine's name servers.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemResolver;

#[async_trait]
impl Resolve for SystemResolver {
    async fn resolve(&self, host: &str, port: u16) -> io::Result<Vec<SocketAddr>> {
        Ok(tokio::net::lookup_host((host, port)).await?.collect())
    }
}
