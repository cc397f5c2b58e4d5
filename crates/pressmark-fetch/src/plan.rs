//! How one fetch is made, and how far it has come.

use std::time::Duration;

use hyper::header::{HeaderValue, PROXY_AUTHORIZATION};
use pressmark_archive::ports::fetch::{Exchange, FetchFailure, FetchRequest, Message, Purpose};

use crate::config::FetchConfig;
use crate::exchange::{Question, TimeLimits};
use crate::gate::Lane;
use crate::proxy::Proxy;
use crate::redirect;

/// No time that is set is longer, so that every deadline is one that can be told.
const LONGEST: Duration = Duration::from_hours(24);

/// What the source wants, else what the configuration says.
#[derive(Debug)]
pub(crate) struct Plan<'a> {
    pub(crate) request: &'a FetchRequest,
    /// What is posted, if anything is.
    pub(crate) message: Option<&'a Message>,
    pub(crate) proxy: Option<Proxy>,
    pub(crate) proxy_authorization: Option<HeaderValue>,
    pub(crate) user_agent: &'a str,
    pub(crate) gap: Duration,
    pub(crate) time: TimeLimits,
    pub(crate) max_bytes: usize,
}

/// How far a fetch, or the one of its robots.txt, has come.
#[derive(Debug)]
pub(crate) struct Journey {
    pub(crate) lane: Lane,
    pub(crate) gap: Duration,
    pub(crate) patience: Duration,
    pub(crate) exchanges: Vec<Exchange>,
}

impl<'a> Plan<'a> {
    /// The plan for a request; `proxy` is the configured one.
    pub(crate) fn new(
        config: &'a FetchConfig,
        proxy: Option<&Proxy>,
        request: &'a FetchRequest,
        message: Option<&'a Message>,
    ) -> Result<Self, FetchFailure> {
        let policy = &request.policy;
        let proxy = match &policy.proxy {
            None => proxy.cloned(),
            Some(text) => Proxy::parse(text).map_err(|error| FetchFailure::Proxy {
                detail: error.to_string(),
            })?,
        };
        let authorization = proxy.as_ref().and_then(Proxy::authorization);
        let proxy_authorization = authorization.and_then(|text| HeaderValue::try_from(text).ok());
        let max_bytes = policy.max_bytes.unwrap_or(match request.purpose {
            Purpose::Feed => config.max_feed_bytes,
            Purpose::Article | Purpose::Listing | Purpose::Revisit | Purpose::Image => {
                config.max_page_bytes
            }
        });
        Ok(Self {
            request,
            message,
            proxy,
            proxy_authorization,
            user_agent: policy.user_agent.as_deref().unwrap_or(&config.user_agent),
            gap: policy
                .per_host_gap
                .unwrap_or(config.per_host_gap)
                .min(LONGEST),
            time: TimeLimits {
                connect: config.connect_timeout.min(LONGEST),
                headers: config.headers_timeout.min(LONGEST),
                body: config.body_timeout.min(LONGEST),
                total: policy
                    .timeout
                    .or(config.timeout)
                    .map(|total| total.min(LONGEST)),
            },
            max_bytes: usize::try_from(max_bytes).unwrap_or(usize::MAX),
        })
    }

    /// Whether an answer with this status leads elsewhere. What is posted is not turned into a
    /// question (RFC 9110, 15.4).
    pub(crate) fn redirects(&self, status: u16) -> bool {
        redirect::is_redirect(status) && (self.message.is_none() || matches!(status, 307 | 308))
    }

    /// Where the request queues.
    pub(crate) fn lane(&self) -> Lane {
        match self.request.purpose {
            Purpose::Feed => Lane::Feed,
            Purpose::Article | Purpose::Listing => Lane::First,
            Purpose::Revisit => Lane::Revisit,
            Purpose::Image => Lane::Image,
        }
    }

    /// A proxy that passes requests on without a tunnel is told who asks in each of them.
    pub(crate) fn authorized<'q>(
        &self,
        mut question: Question<'q>,
        absolute_form: bool,
    ) -> Question<'q> {
        if let Some(value) = self.proxy_authorization.clone().filter(|_| absolute_form) {
            question.headers.insert(PROXY_AUTHORIZATION, value);
        }
        question
    }
}

impl Journey {
    pub(crate) fn new(plan: &Plan<'_>, lane: Lane) -> Self {
        Self {
            lane,
            gap: plan.gap,
            patience: plan.request.patience,
            exchanges: Vec::new(),
        }
    }
}
