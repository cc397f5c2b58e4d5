//! The keys of the configuration.

/// How a value is written in the environment.
#[derive(Debug, Clone, Copy)]
pub(super) enum Kind {
    Text,
    Number,
    Flag,
    /// Items with commas between them.
    List,
}

/// Every key outside `[source.…]`, how the environment writes it, and its default as shown.
pub(super) const KEYS: [(&str, Kind, &str); 42] = [
    ("listen", Kind::Text, super::DEFAULT_LISTEN),
    ("base_url", Kind::Text, ""),
    ("fetch.proxy", Kind::Text, ""),
    ("fetch.ca_file", Kind::Text, ""),
    (
        "fetch.user_agent",
        Kind::Text,
        concat!("Pressmark/", env!("CARGO_PKG_VERSION")),
    ),
    ("fetch.per_host_gap", Kind::Text, "2s"),
    (
        "fetch.timeout",
        Kind::Text,
        "30s until the answer, 60s for its body",
    ),
    ("fetch.connect_timeout", Kind::Text, "15s"),
    ("fetch.max_page_bytes", Kind::Number, "31457280"),
    ("fetch.max_feed_bytes", Kind::Number, "15728640"),
    ("fetch.allow_networks", Kind::List, ""),
    ("catalog.url", Kind::Text, "sqlite in the data folder"),
    ("git.enabled", Kind::Flag, "true"),
    ("git.dir", Kind::Text, "`markdown` in the data folder"),
    ("git.names", Kind::Text, "id"),
    ("git.media", Kind::Text, "link"),
    ("git.push", Kind::Text, ""),
    ("media.images", Kind::Flag, "true"),
    ("media.max_width", Kind::Number, "2048"),
    ("media.max_bytes", Kind::Number, "10485760"),
    ("media.max_article_bytes", Kind::Number, "52428800"),
    ("media.max_count", Kind::Number, "60"),
    ("media.max_audio_bytes", Kind::Number, "0"),
    ("media.hot_link", Kind::Flag, "false"),
    ("media.feeds", Kind::Flag, "false"),
    (
        "revisit.schedule",
        Kind::List,
        "20m until 1h, 3h until 1d, 1d until 7d, 7d until 60d, 365d",
    ),
    ("revisit.confirm_after", Kind::Text, "6h"),
    ("revisit.proxy", Kind::Text, ""),
    ("web.add", Kind::Flag, "true"),
    ("web.admin_token", Kind::Text, ""),
    ("websub.enabled", Kind::Flag, "false"),
    ("proof.key_file", Kind::Text, "in the config folder"),
    ("proof.interval", Kind::Text, "5s"),
    ("proof.tsa", Kind::List, ""),
    ("proof.anchor_interval", Kind::Text, "1d"),
    ("render.enabled", Kind::Flag, "false"),
    ("render.browser", Kind::Text, "the Chromium in `PATH`"),
    ("render.sandbox", Kind::Flag, "true"),
    ("render.timeout", Kind::Text, "15s"),
    ("storage.low_space", Kind::Number, "1073741824"),
    ("storage.floor", Kind::Number, "67108864"),
    ("rules.impersonate", Kind::Flag, "false"),
];
