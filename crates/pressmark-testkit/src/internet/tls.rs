//! A throw-away authority, and the certificates that it gives to sites.

use std::fmt;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use rustls::ServerConfig;
use rustls::crypto::{CryptoProvider, ring};
use rustls::pki_types::PrivateKeyDer;
use rustls::server::{ClientHello, ResolvesServerCert};
use rustls::sign::CertifiedKey;
use tokio_rustls::TlsAcceptor;

use super::Shared;

/// What a site shows for itself in the TLS handshake.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Certificate {
    /// A good one.
    #[default]
    Good,
    /// One for another name.
    For(String),
    /// One that has expired.
    Expired,
    /// One that it signed itself.
    SelfSigned,
}

/// The throw-away authority.
pub(super) struct Authority {
    issuer: CertifiedIssuer<'static, KeyPair>,
    key: KeyPair,
    provider: Arc<CryptoProvider>,
}

impl Authority {
    pub(super) fn new() -> Result<Self, rcgen::Error> {
        let mut params = CertificateParams::new(Vec::new())?;
        params
            .distinguished_name
            .push(DnType::CommonName, "The tiny internet");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        Ok(Self {
            issuer: CertifiedIssuer::self_signed(params, KeyPair::generate()?)?,
            key: KeyPair::generate()?,
            provider: Arc::new(ring::default_provider()),
        })
    }

    pub(super) fn pem(&self) -> String {
        self.issuer.pem()
    }

    fn certify(&self, host: &str, kind: &Certificate) -> Result<CertifiedKey, rcgen::Error> {
        let name = match kind {
            Certificate::For(other) => other,
            _ => host,
        };
        let mut params = CertificateParams::new(vec![name.to_owned()])?;
        if *kind == Certificate::Expired {
            params.not_before = rcgen::date_time_ymd(2000, 1, 1);
            params.not_after = rcgen::date_time_ymd(2001, 1, 1);
        }
        let certificate = match kind {
            Certificate::SelfSigned => params.self_signed(&self.key)?,
            _ => params.signed_by(&self.key, &self.issuer)?,
        };
        let key = PrivateKeyDer::Pkcs8(self.key.serialize_der().into());
        CertifiedKey::from_der(vec![certificate.der().clone()], key, &self.provider)
            .map_err(|_| rcgen::Error::KeyGenerationUnavailable)
    }
}

impl fmt::Debug for Authority {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authority")
    }
}

/// Makes a certificate for whatever name a client asks for.
#[derive(Debug)]
struct ByName(Arc<Shared>);

impl ResolvesServerCert for ByName {
    fn resolve(&self, hello: ClientHello<'_>) -> Option<Arc<CertifiedKey>> {
        let host = hello.server_name()?.to_ascii_lowercase();
        let kind = self.0.certificate_of(&host);
        self.0.authority.certify(&host, &kind).ok().map(Arc::new)
    }
}

pub(super) fn acceptor(shared: &Arc<Shared>) -> Result<TlsAcceptor, rustls::Error> {
    let provider = Arc::clone(&shared.authority.provider);
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(ByName(Arc::clone(shared))));
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsAcceptor::from(Arc::new(config)))
}
