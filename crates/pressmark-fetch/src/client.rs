//! The client: one fetch from its first request to its outcome.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use hyper::header::{HeaderMap, HeaderValue};
use pressmark_archive::ports::fetch::{
    Exchange, Failed, Fetch, FetchFailure, FetchOutcome, FetchRequest, FetchedPage, Message,
    NotModified, Purpose, Validators,
};
use pressmark_model::{Clock, WebUrl};
use tokio::time::Instant;

use crate::config::{ConfigError, FetchConfig};
use crate::connect::{Connection, Connector};
use crate::exchange::{Answer, Question, SizeLimit, exchange};
use crate::gate::{Gates, Lane};
use crate::guard::Guard;
use crate::headers::{self, Wanted};
use crate::plan::{Journey, Plan};
use crate::pool::{Key, Pool};
use crate::proxy::Proxy;
use crate::redirect::{self, Trail};
use crate::resolve::Resolve;
use crate::robots::{self, Rules};
use crate::robots_cache::RobotsCache;
use crate::{challenge, retry_after, tls};

/// The most redirects on the way to a robots.txt (RFC 9309, 2.3.1.2).
const ROBOTS_REDIRECTS: usize = 5;
/// So long a 503 keeps the other pages of its host waiting, at the most.
const LONGEST_HOST_PAUSE: Duration = Duration::from_mins(1);
/// The least pause after a `Retry-After`, which may well say zero.
const SHORTEST_PAUSE: Duration = Duration::from_secs(1);

/// The HTTP client behind the port [`Fetch`].
#[derive(Debug)]
pub struct Fetcher {
    config: FetchConfig,
    proxy: Option<Proxy>,
    pub(crate) clock: Arc<dyn Clock>,
    connector: Connector,
    gates: Gates,
    pool: Pool,
    robots: RobotsCache,
}

impl Fetcher {
    /// A client with these settings, which takes the time from `clock` and addresses from
    /// `resolver`.
    ///
    /// # Errors
    ///
    /// When the proxy's address, the certificates or the user agent cannot be used.
    pub fn new(
        config: FetchConfig,
        clock: Arc<dyn Clock>,
        resolver: Arc<dyn Resolve>,
    ) -> Result<Self, ConfigError> {
        let proxy = config
            .proxy
            .as_deref()
            .map(Proxy::parse)
            .transpose()?
            .flatten();
        if HeaderValue::from_str(&config.user_agent).is_err() {
            return Err(ConfigError::UserAgent(config.user_agent));
        }
        let tls = tls::client_config(config.ca_pem.as_deref(), Arc::clone(&clock))?;
        let guard = Guard::new(config.allow_networks.clone());
        Ok(Self {
            proxy,
            connector: Connector::new(guard, resolver, tls),
            gates: Gates::new(Arc::clone(&clock)),
            pool: Pool::default(),
            robots: RobotsCache::new(Arc::clone(&clock)),
            clock,
            config,
        })
    }

    /// How this request is made.
    pub(crate) fn plan<'a>(
        &'a self,
        request: &'a FetchRequest,
        message: Option<&'a Message>,
    ) -> Result<Plan<'a>, FetchFailure> {
        Plan::new(&self.config, self.proxy.as_ref(), request, message)
    }

    /// Follows the address to its end.
    async fn follow(
        &self,
        request: &FetchRequest,
        message: Option<&Message>,
        exchanges: &mut Vec<Exchange>,
    ) -> Result<FetchOutcome, FetchFailure> {
        let plan = self.plan(request, message)?;
        let mut trail = Trail::new(&request.url);
        let mut journey = Journey::new(&plan, plan.lane());
        let outcome = loop {
            let url = trail.here(&request.url).clone();
            match self.hop(&plan, &url, &mut journey).await {
                Err(failure) => break Err(failure),
                Ok(answer) if plan.redirects(answer.status) => {
                    let location = headers::value(&answer.headers, "location");
                    let followed = trail.follow(answer.status, location);
                    journey.exchanges.push(answer.exchange);
                    if let Err(failure) = followed {
                        break Err(failure);
                    }
                }
                Ok(answer) => break self.settle(&plan, &trail, &url, answer, &mut journey),
            }
        };
        if outcome.is_err() {
            *exchanges = journey.exchanges;
        }
        outcome
    }

    /// One request of the way, if robots.txt has nothing against it.
    async fn hop(
        &self,
        plan: &Plan<'_>,
        url: &WebUrl,
        journey: &mut Journey,
    ) -> Result<Answer, FetchFailure> {
        let policy = &plan.request.policy;
        journey.gap = plan.gap;
        if plan.request.purpose != Purpose::Feed && !policy.ignore_robots {
            let fetch = self.fetch_robots(plan, url);
            let rules = self.robots.rules(url.origin(), fetch).await?;
            if let Some(rule) = rules.denies(url.as_url()) {
                return Err(FetchFailure::RobotsDenied { rule });
            }
            if policy.per_host_gap.is_none() {
                journey.gap = rules.delay.map_or(plan.gap, |delay| delay.max(plan.gap));
            }
        }
        let home = url.origin() == plan.request.url.origin();
        let wanted = Wanted {
            user_agent: plan.user_agent,
            purpose: Some(plan.request.purpose),
            message: plan.message,
            validators: &plan.request.validators,
            policy: home.then_some(policy),
            referrer: policy.referrer.as_ref(),
        };
        self.ask(
            plan,
            url,
            &wanted,
            SizeLimit::Whole(plan.max_bytes),
            journey,
        )
        .await
    }

    /// Asks robots.txt of the address's origin (RFC 9309, 2.3.1). 429 counts as unreachable,
    /// unlike other refusals: it says "not now", not "no such file".
    async fn fetch_robots(&self, plan: &Plan<'_>, url: &WebUrl) -> Result<Rules, FetchFailure> {
        let start = url
            .join("/robots.txt")
            .map_err(|error| unreachable(error.to_string()))?;
        let start = redirect::public(&start);
        let wanted = Wanted {
            user_agent: plan.user_agent,
            purpose: None,
            message: None,
            validators: &Validators::default(),
            policy: None,
            referrer: None,
        };
        let mut trail = Trail::new(&start);
        let mut journey = Journey::new(plan, Lane::Begun);
        loop {
            let here = trail.here(&start).clone();
            let size = SizeLimit::Beginning(robots::READ);
            let asked = self.ask(plan, &here, &wanted, size, &mut journey).await;
            let answer = asked.map_err(robots_failure)?;
            let by = challenge::recognise(answer.status, &answer.headers, &answer.body);
            match (answer.status, by) {
                (200..=299, None) => return Ok(Rules::parse(&answer.body)),
                (429 | 500.., Some(by)) => {
                    return Err(FetchFailure::BotChallenge { by: by.to_owned() });
                }
                (status @ (429 | 500..), None) => {
                    return Err(unreachable(format!("the server answered {status}")));
                }
                (status, _) if redirect::is_redirect(status) => {
                    let location = headers::value(&answer.headers, "location");
                    if trail.len() >= ROBOTS_REDIRECTS || trail.follow(status, location).is_err() {
                        return Ok(Rules::default());
                    }
                }
                _ => return Ok(Rules::default()),
            }
        }
    }

    /// One request, at the host's gate, and again after a `Retry-After` within the patience.
    async fn ask(
        &self,
        plan: &Plan<'_>,
        url: &WebUrl,
        wanted: &Wanted<'_>,
        size: SizeLimit,
        journey: &mut Journey,
    ) -> Result<Answer, FetchFailure> {
        // The pause that this fetch was itself asked for is off its patience already.
        let mut own_pause = Duration::ZERO;
        loop {
            let patience = journey.patience + own_pause;
            let host = url.host().trim_end_matches('.');
            let entered = self
                .gates
                .enter(host, journey.lane, journey.gap, patience)
                .await;
            let permit = entered.map_err(|closed| FetchFailure::HostPaused {
                status: closed.status,
                seconds: closed.remaining.as_secs().max(1),
            })?;
            journey.lane = Lane::Begun;
            let headers = headers::request(url, wanted)?;
            let posted = wanted.message.map(|message| message.body.clone());
            let answer = self.exchange(plan, url, headers, posted, size).await?;
            let Some(pause) = self.pause(&answer) else {
                return Ok(answer);
            };
            let pause = pause.max(SHORTEST_PAUSE);
            let Some(patience) = journey.patience.checked_sub(pause) else {
                // 429 is said to this client; 503 may be true of one page only, and must not keep
                // the host's other pages waiting for hours.
                let longest = if answer.status == 503 {
                    LONGEST_HOST_PAUSE
                } else {
                    pause
                };
                permit.close_for(pause.min(longest), answer.status);
                return Ok(answer);
            };
            permit.close_for(pause, answer.status);
            tracing::debug!(%url, status = answer.status, seconds = pause.as_secs(), "asked to wait");
            (journey.patience, own_pause) = (patience, pause);
            journey.exchanges.push(answer.exchange);
        }
    }

    /// How long the server asks to be left alone.
    fn pause(&self, answer: &Answer) -> Option<Duration> {
        let asks = matches!(answer.status, 429 | 503)
            && challenge::recognise(answer.status, &answer.headers, &answer.body).is_none();
        let value = headers::value(&answer.headers, "retry-after").filter(|_| asks)?;
        retry_after::parse(value, self.clock.now())
    }

    /// One request on a connection that was kept, else on a new one. A kept connection that turns
    /// out to be closed is no failure.
    pub(crate) async fn exchange(
        &self,
        plan: &Plan<'_>,
        url: &WebUrl,
        headers: HeaderMap,
        posted: Option<Bytes>,
        size: SizeLimit,
    ) -> Result<Answer, FetchFailure> {
        let begun = Instant::now();
        let question = || Question {
            url,
            headers: headers.clone(),
            body: posted.clone(),
            size,
            time: plan.time,
            begun,
            at: self.clock.now(),
        };
        let key = (url.origin(), plan.proxy.clone());
        // What is posted is not sent twice: it goes by a connection that is open for sure.
        let kept = posted.is_none().then(|| self.pool.take(&key));
        if let Some(mut connection) = kept.flatten() {
            let question = plan.authorized(question(), connection.absolute_form);
            match exchange(&mut connection, question).await {
                Err(FetchFailure::Cut) if !connection.recorder.has_received() => {}
                answered => return self.keep(key, connection, answered),
            }
        }
        let deadline = plan.time.deadline(begun, plan.time.connect);
        let connected = self.connector.connect(url, plan.proxy.as_ref(), deadline);
        let mut connection = connected.await?;
        let question = plan.authorized(question(), connection.absolute_form);
        let answered = exchange(&mut connection, question).await;
        self.keep(key, connection, answered)
    }

    /// Keeps the connection for the next request if it can take one.
    fn keep(
        &self,
        key: Key,
        connection: Connection,
        answered: Result<Answer, FetchFailure>,
    ) -> Result<Answer, FetchFailure> {
        if answered.as_ref().is_ok_and(|answer| answer.reusable) {
            self.pool.keep(key, connection);
        }
        answered
    }

    /// What the last answer of the way comes to.
    fn settle(
        &self,
        plan: &Plan<'_>,
        trail: &Trail,
        url: &WebUrl,
        answer: Answer,
        journey: &mut Journey,
    ) -> Result<FetchOutcome, FetchFailure> {
        let Answer {
            exchange,
            status,
            headers,
            body,
            ..
        } = answer;
        let mut exchanges = std::mem::take(&mut journey.exchanges);
        exchanges.push(exchange);
        let (at, sent) = (self.clock.now(), &plan.request.validators);
        let failure = match (challenge::recognise(status, &headers, &body), status) {
            (Some(by), _) => FetchFailure::BotChallenge { by: by.to_owned() },
            (None, 206) => FetchFailure::Protocol {
                detail: "only a part was sent".to_owned(),
            },
            (None, 200..=299) => {
                return Ok(FetchOutcome::Page(FetchedPage {
                    url: plan.request.url.clone(),
                    final_url: redirect::public(url),
                    at,
                    status,
                    validators: headers::validators(&headers),
                    max_age: headers::freshness(&headers, at),
                    moved_to: trail.moved_to(),
                    headers,
                    body,
                    exchanges,
                }));
            }
            (None, 304) if *sent != Validators::default() => {
                let new = headers::validators(&headers);
                return Ok(FetchOutcome::NotModified(NotModified {
                    at,
                    validators: Validators {
                        etag: new.etag.or_else(|| sent.etag.clone()),
                        last_modified: new.last_modified.or_else(|| sent.last_modified.clone()),
                    },
                    max_age: headers::freshness(&headers, at),
                    moved_to: trail.moved_to(),
                }));
            }
            (None, 407) if plan.proxy.is_some() => FetchFailure::Proxy {
                detail: "it wants a user name and password".to_owned(),
            },
            (None, _) if challenge::is_regional(status, &body) => FetchFailure::Regional { status },
            (None, _) => FetchFailure::Status {
                status,
                retry_after: headers::value(&headers, "retry-after")
                    .and_then(|value| retry_after::parse(value, at))
                    .map(|pause| pause.as_secs()),
            },
        };
        journey.exchanges = exchanges;
        Err(failure)
    }
}

fn unreachable(detail: String) -> FetchFailure {
    FetchFailure::RobotsUnreachable { detail }
}

/// What keeps the page itself from being fetched is said as it is.
fn robots_failure(failure: FetchFailure) -> FetchFailure {
    match failure {
        FetchFailure::Dns { .. }
        | FetchFailure::Tls { .. }
        | FetchFailure::Proxy { .. }
        | FetchFailure::PrivateNetwork { .. } => failure,
        other => unreachable(other.to_string()),
    }
}

#[async_trait]
impl Fetch for Fetcher {
    async fn fetch(&self, request: FetchRequest) -> FetchOutcome {
        self.outcome(&request, None).await
    }

    async fn post(&self, request: FetchRequest, message: Message) -> FetchOutcome {
        self.outcome(&request, Some(&message)).await
    }
}

impl Fetcher {
    async fn outcome(&self, request: &FetchRequest, message: Option<&Message>) -> FetchOutcome {
        let begun = Instant::now();
        let mut exchanges = Vec::new();
        let outcome = match self.follow(request, message, &mut exchanges).await {
            Ok(outcome) => outcome,
            Err(failure) => FetchOutcome::Failed(Failed {
                at: self.clock.now(),
                failure,
                exchanges,
            }),
        };
        let result = match &outcome {
            FetchOutcome::NotModified(_) => "not-modified",
            FetchOutcome::Page(_) => "page",
            FetchOutcome::Failed(failed) => failed.failure.kind(),
        };
        let millis = u64::try_from(begun.elapsed().as_millis()).unwrap_or(u64::MAX);
        tracing::debug!(url = %request.url, purpose = ?request.purpose, result, millis, "fetched");
        outcome
    }
}
