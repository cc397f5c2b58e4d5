//! HTTPS, with good certificates and bad ones.

use std::sync::Arc;

use pressmark_testkit::{Certificate, Internet, Page};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

use crate::client::{exchange, get};

/// TLS over this stream, trusting the authority of the tiny internet alone.
pub(crate) async fn secure(
    net: &Internet,
    stream: TcpStream,
    host: &str,
) -> std::io::Result<TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    roots
        .add(CertificateDer::from_pem_slice(net.ca_pem().as_bytes()).unwrap())
        .unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(host.to_owned()).unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}

#[tokio::test]
async fn the_same_port_speaks_tls() {
    let net = Internet::start().await;
    net.site("a.test").page("/", Page::text("safe"));
    let stream = TcpStream::connect(net.address()).await.unwrap();
    let stream = secure(&net, stream, "a.test").await.unwrap();
    let answer = exchange(stream, &get("a.test", "/", "")).await.unwrap();
    assert!(answer.ends_with(b"\r\n\r\nsafe"));
    let request = &net.requests()[0];
    assert!(request.tls && request.host == "a.test");
}

#[tokio::test]
async fn bad_certificates_are_bad() {
    let net = Internet::start().await;
    for (host, certificate, said) in [
        (
            "a.test",
            Certificate::For("b.test".into()),
            "certificate not valid for name",
        ),
        ("b.test", Certificate::Expired, "certificate expired"),
        ("c.test", Certificate::SelfSigned, "UnknownIssuer"),
    ] {
        net.site(host)
            .certificate(certificate)
            .page("/", Page::text("x"));
        let stream = TcpStream::connect(net.address()).await.unwrap();
        let error = secure(&net, stream, host).await.unwrap_err().to_string();
        assert!(error.contains(said), "{host}: {error}");
    }
    assert!(net.requests().is_empty());
    assert_eq!(net.connections(), 3);
}

#[tokio::test]
async fn a_reset_goes_through_tls() {
    let net = Internet::start().await;
    net.site("a.test")
        .page("/", Page::text("body").reset_after(2));
    let stream = TcpStream::connect(net.address()).await.unwrap();
    let stream = secure(&net, stream, "a.test").await.unwrap();
    let error = exchange(stream, &get("a.test", "/", "")).await.unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::ConnectionReset);
}
