//! One loopback listener, many host names.

mod page;
mod proxy;
mod request;
mod server;
mod tls;

use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::net::TcpListener;
use tokio::task::JoinSet;
use tokio::time::Instant;

pub use page::{Coding, Item, Page};
pub use proxy::{Asked, ProxyKind};
pub use request::Request;
pub use tls::Certificate;

/// A handful of sites on the loopback interface, gone when dropped.
#[derive(Debug)]
pub struct Internet {
    shared: Arc<Shared>,
    proxy: SocketAddr,
    socks: SocketAddr,
    _servers: JoinSet<()>,
}

/// A site of the tiny internet. Its methods may be called at any time, also between requests.
#[derive(Debug, Clone)]
pub struct Site {
    shared: Arc<Shared>,
    host: String,
}

#[derive(Debug)]
struct Shared {
    address: SocketAddr,
    closed: SocketAddr,
    authority: tls::Authority,
    connections: AtomicU64,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    sites: HashMap<String, SiteState>,
    requests: Vec<Request>,
    arrivals: u64,
    asked: Vec<Asked>,
    proxy_login: Option<(String, String)>,
}

#[derive(Debug, Default)]
struct SiteState {
    scripts: HashMap<String, Script>,
    visits: HashMap<String, usize>,
    certificate: Certificate,
    addresses: Option<Vec<SocketAddr>>,
}

enum Script {
    /// The page from each visit on.
    Pages(BTreeMap<usize, Page>),
    Answer(Arc<dyn Fn(&Request) -> Page + Send + Sync>),
}

impl Internet {
    /// Starts listening. Needs a tokio runtime with I/O and time.
    ///
    /// # Panics
    ///
    /// If the loopback interface has no port left.
    #[expect(clippy::expect_used, reason = "without a listener the test has failed")]
    pub async fn start() -> Self {
        let bind = || TcpListener::bind("127.0.0.1:0");
        let listener = bind().await.expect("a port for the tiny internet");
        let proxy_listener = bind().await.expect("a port for the proxy");
        let socks_listener = bind().await.expect("a port for the SOCKS proxy");
        let address_of = |listener: &TcpListener| listener.local_addr().expect("a bound address");
        let closed = address_of(&bind().await.expect("a port that is closed again"));

        let shared = Arc::new(Shared {
            address: address_of(&listener),
            closed,
            authority: tls::Authority::new().expect("a throw-away authority"),
            connections: AtomicU64::new(0),
            state: Mutex::default(),
        });
        let acceptor = tls::acceptor(&shared).expect("a TLS configuration");
        let (proxy, socks) = (address_of(&proxy_listener), address_of(&socks_listener));
        let mut servers = JoinSet::new();
        servers.spawn(server::listen(listener, acceptor, Arc::clone(&shared)));
        servers.spawn(proxy::listen(
            proxy_listener,
            ProxyKind::Http,
            Arc::clone(&shared),
        ));
        servers.spawn(proxy::listen(
            socks_listener,
            ProxyKind::Socks5,
            Arc::clone(&shared),
        ));
        Self {
            shared,
            proxy,
            socks,
            _servers: servers,
        }
    }

    /// The site of this name; it exists, and its name leads here, from now on. What it has no
    /// page for is answered 404.
    pub fn site(&self, host: &str) -> Site {
        let host = host.to_ascii_lowercase();
        self.shared.state().sites.entry(host.clone()).or_default();
        Site {
            shared: Arc::clone(&self.shared),
            host,
        }
    }

    /// Where everything listens, plain HTTP and TLS alike.
    pub fn address(&self) -> SocketAddr {
        self.shared.address
    }

    /// The addresses of a host, as a resolver would find them. Whatever the port, the one of the
    /// listener is returned; a name without a site is not found.
    pub fn resolve(&self, host: &str, _port: u16) -> io::Result<Vec<SocketAddr>> {
        self.shared.resolve(host)
    }

    /// The certificate of the authority to trust, in PEM.
    pub fn ca_pem(&self) -> String {
        self.shared.authority.pem()
    }

    /// The address of an HTTP proxy, `http://127.0.0.1:…`, that knows the sites by name.
    pub fn http_proxy(&self) -> String {
        format!("http://{}", self.proxy)
    }

    /// The address of a SOCKS5 proxy, `socks5://127.0.0.1:…`, that knows the sites by name.
    pub fn socks_proxy(&self) -> String {
        format!("socks5://{}", self.socks)
    }

    /// From now on both proxies want this user name and password.
    pub fn set_proxy_login(&self, user: &str, password: &str) {
        self.shared.state().proxy_login = Some((user.to_owned(), password.to_owned()));
    }

    /// What the proxies were asked for, in order.
    pub fn asked(&self) -> Vec<Asked> {
        self.shared.state().asked.clone()
    }

    /// Every request so far, in order of arrival.
    pub fn requests(&self) -> Vec<Request> {
        self.shared.state().requests.clone()
    }

    /// The requests to one host.
    pub fn requests_to(&self, host: &str) -> Vec<Request> {
        let state = self.shared.state();
        state
            .requests
            .iter()
            .filter(|request| request.host == host)
            .cloned()
            .collect()
    }

    /// The paths that were asked of one host, in order.
    pub fn paths(&self, host: &str) -> Vec<String> {
        self.requests_to(host)
            .into_iter()
            .map(|request| request.path)
            .collect()
    }

    /// Forgets the requests and what the proxies were asked for; the visits still count.
    pub fn forget_requests(&self) {
        let mut state = self.shared.state();
        state.requests.clear();
        state.asked.clear();
    }

    /// Connections that were opened to the listener or the HTTP proxy so far, also those without a
    /// request.
    pub fn connections(&self) -> u64 {
        self.shared.connections.load(Ordering::SeqCst)
    }

    /// The most requests to this host that were open at the same moment.
    pub fn most_at_once(&self, host: &str) -> usize {
        request::most_at_once(&self.requests_to(host))
    }

    /// From the end of each request to this host to the start of the next one.
    pub fn gaps(&self, host: &str) -> Vec<Duration> {
        request::gaps(&self.requests_to(host))
    }
}

impl Site {
    /// At this path (with query, or without one for all), always this page; at `*`, wherever else
    /// there is none.
    pub fn page(&self, path: &str, page: Page) -> &Self {
        self.script(path, Script::Pages(BTreeMap::from([(1, page)])))
    }

    /// At this path, from the n-th visit on (the first is 1), this page.
    pub fn visit(&self, path: &str, n: usize, page: Page) -> &Self {
        let mut state = self.shared.state();
        let scripts = &mut state.sites.entry(self.host.clone()).or_default().scripts;
        match scripts.get_mut(path) {
            Some(Script::Pages(pages)) => drop(pages.insert(n, page)),
            _ => drop(scripts.insert(path.to_owned(), Script::Pages(BTreeMap::from([(n, page)])))),
        }
        drop(state);
        self
    }

    /// At this path, what the function says.
    pub fn answer(
        &self,
        path: &str,
        answer: impl Fn(&Request) -> Page + Send + Sync + 'static,
    ) -> &Self {
        self.script(path, Script::Answer(Arc::new(answer)))
    }

    /// What `/robots.txt` says.
    pub fn robots(&self, text: &str) -> &Self {
        self.page("/robots.txt", Page::text(text))
    }

    /// What it shows in the TLS handshake.
    pub fn certificate(&self, certificate: Certificate) -> &Self {
        self.change(|site| site.certificate = certificate)
    }

    /// Its name leads to these addresses instead.
    pub fn resolves_to(&self, addresses: Vec<SocketAddr>) -> &Self {
        self.change(|site| site.addresses = Some(addresses))
    }

    /// Its name leads to a port where nobody listens.
    pub fn down(&self) -> &Self {
        self.resolves_to(vec![self.shared.closed])
    }

    /// Its name leads here again.
    pub fn up(&self) -> &Self {
        self.change(|site| site.addresses = None)
    }

    fn script(&self, path: &str, script: Script) -> &Self {
        self.change(|site| drop(site.scripts.insert(path.to_owned(), script)))
    }

    fn change(&self, change: impl FnOnce(&mut SiteState)) -> &Self {
        change(
            self.shared
                .state()
                .sites
                .entry(self.host.clone())
                .or_default(),
        );
        self
    }
}

impl SiteState {
    fn page_of(&self, path: &str, bare: &str) -> Option<&Script> {
        let paths = [path, bare, "*"];
        paths.iter().find_map(|path| self.scripts.get(*path))
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn resolve(&self, host: &str) -> io::Result<Vec<SocketAddr>> {
        let host = host.trim_end_matches('.').to_ascii_lowercase();
        match self.state().sites.get(&host) {
            Some(site) => Ok(site.addresses.clone().unwrap_or_else(|| vec![self.address])),
            None => Err(io::Error::new(
                io::ErrorKind::NotFound,
                format!("no such host: `{host}`"),
            )),
        }
    }

    fn certificate_of(&self, host: &str) -> Certificate {
        self.state()
            .sites
            .get(host)
            .map(|site| site.certificate.clone())
            .unwrap_or_default()
    }

    fn open_connection(&self) -> u64 {
        self.connections.fetch_add(1, Ordering::SeqCst) + 1
    }

    fn asked(&self, asked: Asked) {
        self.state().asked.push(asked);
    }

    fn admits(&self, login: Option<&(String, String)>) -> bool {
        let state = self.state();
        state.proxy_login.is_none() || state.proxy_login.as_ref() == login
    }

    /// Notes a request, numbers it, and finds the page for it.
    fn receive(&self, request: &mut Request) -> Page {
        let mut state = self.state();
        let path = request.path.clone();
        let bare = path.split('?').next().unwrap_or_default();
        let mut answer = None;
        let mut page = Page::status(404);
        if let Some(site) = state.sites.get_mut(&request.host) {
            let visits = site.visits.entry(path.clone()).or_default();
            *visits += 1;
            request.visit = *visits;
            match site.page_of(&path, bare) {
                None => {}
                Some(Script::Answer(function)) => answer = Some(Arc::clone(function)),
                Some(Script::Pages(pages)) => {
                    let from = pages.range(..=request.visit).next_back();
                    page = from.map_or(page, |(_, page)| page.clone());
                }
            }
        }
        state.arrivals += 1;
        request.number = state.arrivals;
        state.requests.push(request.clone());
        // The script may itself ask this internet something.
        drop(state);
        answer.map_or(page, |answer| answer(request))
    }

    fn ended(&self, number: u64, status: Option<u16>) {
        let mut state = self.state();
        if let Some(request) = state.requests.iter_mut().rfind(|r| r.number == number) {
            request.ended = Some(Instant::now());
            request.status = status;
        }
    }
}

impl fmt::Debug for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Pages(pages) => pages.fmt(f),
            Self::Answer(_) => f.write_str("answer"),
        }
    }
}
