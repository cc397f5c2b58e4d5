//! A `WebSub` hub in the tiny internet.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "a hub that cannot speak has failed its test"
)]

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use ring::hmac;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::{Url, form_urlencoded};

use crate::internet::{Page, Site};

/// A hub: it notes what it is asked, and talks to callbacks when the test says so.
#[derive(Debug, Clone)]
pub struct Hub {
    asked: Arc<Mutex<Vec<BTreeMap<String, String>>>>,
    status: Arc<AtomicU16>,
}

/// What a callback answered: status and body.
pub type Said = (u16, String);

impl Hub {
    /// Opens a hub at this path of a site; it answers 202.
    pub fn open(site: &Site, path: &str) -> Self {
        let hub = Self {
            asked: Arc::default(),
            status: Arc::new(AtomicU16::new(202)),
        };
        let here = hub.clone();
        site.answer(path, move |request| {
            let form = form_urlencoded::parse(&request.body).into_owned().collect();
            if request.method == "POST" {
                here.all().push(form);
            }
            Page::status(here.status.load(Ordering::SeqCst))
        });
        hub
    }

    /// From now on it answers with this status.
    pub fn answers(&self, status: u16) {
        self.status.store(status, Ordering::SeqCst);
    }

    /// The forms that it was sent so far.
    pub fn asked(&self) -> Vec<BTreeMap<String, String>> {
        self.all().clone()
    }

    fn all(&self) -> MutexGuard<'_, Vec<BTreeMap<String, String>>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn last(&self, field: &str) -> String {
        let all = self.all();
        let form = all.iter().rev().find(|form| form.contains_key(field));
        form.and_then(|form| form.get(field).cloned()).unwrap()
    }

    /// Comes back to the latest callback with what it was asked last, and these fields in the
    /// place of its own.
    pub async fn come_back(&self, fields: &[(&str, &str)]) -> Said {
        let mut url: Url = self.last("hub.callback").parse().unwrap();
        let mut said = BTreeMap::from([
            ("hub.mode", self.last("hub.mode")),
            ("hub.topic", self.last("hub.topic")),
            ("hub.challenge", "the challenge".to_owned()),
        ]);
        said.extend(fields.iter().map(|&(name, value)| (name, value.to_owned())));
        url.query_pairs_mut().extend_pairs(&said);
        say(&url, "GET", &[], b"").await
    }

    /// Pushes a body to the latest callback, signed with the secret that it was told.
    pub async fn push(&self, body: &[u8]) -> Said {
        let key = hmac::Key::new(hmac::HMAC_SHA256, self.last("hub.secret").as_bytes());
        let tag = hmac::sign(&key, body);
        let digits = tag.as_ref().iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let digits = digits.filter_map(|digit| char::from_digit(digit.into(), 16));
        let signature: String = "sha256=".chars().chain(digits).collect();
        self.push_signed(body, &signature).await
    }

    /// Pushes a body with this signature.
    pub async fn push_signed(&self, body: &[u8], signature: &str) -> Said {
        let url: Url = self.last("hub.callback").parse().unwrap();
        say(&url, "POST", &[("X-Hub-Signature", signature)], body).await
    }
}

/// Makes one request to a callback.
async fn say(url: &Url, method: &str, headers: &[(&str, &str)], body: &[u8]) -> Said {
    let (host, port) = (url.host_str().unwrap(), url.port_or_known_default());
    let port = port.unwrap();
    let path = &url[url::Position::BeforePath..];
    let mut head = format!("{method} {path} HTTP/1.1\r\nHost: {host}:{port}\r\n");
    for (name, value) in headers {
        head.extend([name, ": ", value, "\r\n"]);
    }
    let length = body.len().to_string();
    head.extend(["Content-Length: ", &length, "\r\nConnection: close\r\n\r\n"]);
    let mut stream = TcpStream::connect((host, port)).await.unwrap();
    stream.write_all(head.as_bytes()).await.unwrap();
    // Who is refused may hear it before everything was said.
    drop(stream.write_all(body).await);
    let mut answer = Vec::new();
    drop(stream.read_to_end(&mut answer).await);
    let answer = String::from_utf8_lossy(&answer).into_owned();
    let status = answer.split(' ').nth(1).and_then(|code| code.parse().ok());
    let body = answer.split_once("\r\n\r\n").map_or("", |(_, body)| body);
    (status.unwrap_or(0), body.to_owned())
}
