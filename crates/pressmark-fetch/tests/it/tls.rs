//! Certificates: trusted authorities only, faults in words.

use pressmark_archive::ports::fetch::FetchFailure;
use pressmark_fetch::{ConfigError, FetchConfig, Fetcher, SystemResolver};
use pressmark_testkit::{Certificate, Page};

use crate::support::{world, world_with};

async fn fault(world: &crate::support::World, url: &str) -> String {
    match world.failure(url).await {
        FetchFailure::Tls { detail } => detail,
        other => panic!("{other}"),
    }
}

#[tokio::test]
async fn faults_of_certificates_are_said_in_words() {
    let world = world().await;
    for (host, certificate, words) in [
        ("old.test", Certificate::Expired, "has expired"),
        ("self.test", Certificate::SelfSigned, "not trusted"),
        (
            "wrong.test",
            Certificate::For("other.test".to_owned()),
            "another name",
        ),
    ] {
        world
            .net
            .site(host)
            .certificate(certificate)
            .page("/", Page::html("x"));
        let detail = fault(&world, &format!("https://{host}/")).await;
        assert!(detail.contains(words), "{host}: {detail}");
    }
    world.net.site("good.test").page("/", Page::html("x"));
    assert_eq!(world.page("https://good.test/").await.body, "x");
}

#[tokio::test]
async fn only_the_authorities_that_were_named_are_trusted_besides_the_public_ones() {
    let world = world_with(|config, _| config.ca_pem = None).await;
    world.net.site("a.test").page("/", Page::html("x"));
    assert!(
        fault(&world, "https://a.test/")
            .await
            .contains("not trusted")
    );
    assert!(world.net.requests().is_empty());
}

#[tokio::test]
async fn a_port_without_tls_is_said_so() {
    let world = world().await;
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    world
        .net
        .site("plain.test")
        .resolves_to(vec![listener.local_addr().unwrap()]);
    let server = tokio::spawn(async move {
        use tokio::io::AsyncWriteExt as _;
        let (mut stream, _) = listener.accept().await.unwrap();
        stream
            .write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n")
            .await
            .unwrap();
        stream
    });
    assert!(
        fault(&world, "https://plain.test/")
            .await
            .contains("does not speak TLS")
    );
    server.await.unwrap();
}

#[test]
fn settings_that_cannot_be_used_are_refused() {
    let new = |change: fn(&mut FetchConfig)| {
        let mut config = FetchConfig::default();
        change(&mut config);
        let clock = std::sync::Arc::new(pressmark_testkit::ManualClock::at(crate::support::NOW));
        Fetcher::new(config, clock, std::sync::Arc::new(SystemResolver)).map(drop)
    };
    assert!(new(|_| {}).is_ok());
    let wrong = new(|config| config.ca_pem = Some(b"no certificate".to_vec()));
    assert!(matches!(wrong, Err(ConfigError::Authorities { .. })));
    let wrong = new(|config| config.proxy = Some("127.0.0.1:8080".to_owned()));
    assert!(matches!(wrong, Err(ConfigError::Proxy(_))));
    let wrong = new(|config| config.user_agent = "a\nb".to_owned());
    assert!(matches!(wrong, Err(ConfigError::UserAgent(_))));
}
