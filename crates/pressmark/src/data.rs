//! The data folder: where it is, who may work in it, and the archive that is opened from it.

use std::fs::{File, TryLockError};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use etcetera::BaseStrategy as _;
use object_store::local::LocalFileSystem;
use pressmark_archive::knowledge::SiteKnowledge;
use pressmark_archive::ports::catalog::CatalogError;
use pressmark_archive::ports::fetch::Fetch;
use pressmark_archive::ports::render::Render;
use pressmark_archive::{Archive, Leftovers, Parts};
use pressmark_fetch::{FetchConfig, Fetcher, Renderer, Resolve, SystemResolver};
use pressmark_model::Clock;
use pressmark_proof::ArchiveId;

use crate::cli::Global;
use crate::config::{self, Config, Loaded};
use crate::keys::FileKeys;
use crate::machine::{self, SystemClock};
use crate::output::{self, hinted};
use crate::rules;

/// The folder in the data folder for the profiles of running browsers.
const PROFILES: &str = "browser";

/// What a command needs of the data folder.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Need {
    /// An archive that is there.
    Existing,
    /// An archive, made if it is not there.
    Made,
    /// The same, and to be the only process that works on it.
    Alone,
}

/// A data folder with its configuration.
#[derive(Debug)]
pub(crate) struct Data {
    /// The folder.
    pub(crate) dir: PathBuf,
    /// What is configured.
    pub(crate) loaded: Loaded,
}

/// An open archive. The lock is held as long as this lives.
#[derive(Debug)]
pub(crate) struct Open {
    pub(crate) archive: Archive,
    pub(crate) data: Data,
    pub(crate) clock: Arc<dyn Clock>,
    /// Where the key that signs the ledger is.
    pub(crate) key_file: PathBuf,
    _lock: Option<File>,
}

impl Data {
    /// Finds the folder and reads the configuration.
    pub(crate) fn locate(global: &Global, listen: Option<SocketAddr>) -> anyhow::Result<Self> {
        let dir = match &global.data {
            Some(dir) => dir.clone(),
            None => etcetera::choose_base_strategy()
                .context("the platform's data folder is unknown")?
                .data_dir()
                .join("pressmark"),
        };
        let file = match &global.config {
            Some(file) => Some(file.clone()),
            None => [dir.join(config::FILE), PathBuf::from(config::FILE)]
                .into_iter()
                .find(|file| file.is_file()),
        };
        let environment: Vec<(String, String)> = std::env::vars_os()
            .filter_map(|(name, value)| Some((name.into_string().ok()?, value.into_string().ok()?)))
            .collect();
        let loaded = config::load(file.as_deref(), &environment, listen)?;
        Ok(Self { dir, loaded })
    }

    /// The configuration in force.
    pub(crate) fn config(&self) -> &Config {
        &self.loaded.config
    }

    /// The Markdown repository.
    pub(crate) fn markdown_dir(&self) -> PathBuf {
        self.config()
            .git
            .dir
            .clone()
            .unwrap_or_else(|| self.dir.join("markdown"))
    }

    /// Where the key is: outside of the data folder, so that no backup of that has it.
    fn key_file(&self, archive: ArchiveId) -> anyhow::Result<PathBuf> {
        if let Some(file) = &self.config().proof.key_file {
            return Ok(file.clone());
        }
        let name = format!("{:032x}.key", u128::from_be_bytes(archive.0));
        Ok(etcetera::choose_base_strategy()
            .context("the platform's configuration folder is unknown")?
            .config_dir()
            .join("pressmark")
            .join(name))
    }

    /// The user's rules for sites: of this folder or file, else of the data folder. What is wrong
    /// with them is told, and left out.
    pub(crate) fn knowledge(&self, place: Option<&Path>) -> anyhow::Result<SiteKnowledge> {
        let (rules, issues) = rules::load(&self.dir, place)?;
        for issue in &issues {
            output::note(format_args!("warning: {}", rules::told(issue)));
        }
        Ok(SiteKnowledge {
            rules: Arc::new(rules),
            impersonate: self.config().rules.impersonate,
        })
    }

    fn catalog_file(&self) -> PathBuf {
        self.dir.join("catalog.sqlite")
    }

    /// Opens the archive with the system's resolver.
    pub(crate) async fn open(self, need: Need) -> anyhow::Result<Open> {
        self.open_with(need, Arc::new(SystemResolver)).await
    }

    /// Opens the archive.
    pub(crate) async fn open_with(
        self,
        need: Need,
        resolver: Arc<dyn Resolve>,
    ) -> anyhow::Result<Open> {
        let made = self.catalog_file().exists() || self.config().catalog.url.is_some();
        if need == Need::Existing && !made {
            return Err(hinted(
                format!("there is no archive in `{}`", self.dir.display()),
                "make one with `pressmark add URL`, or name another folder with `--data`",
            ));
        }
        std::fs::create_dir_all(&self.dir)
            .with_context(|| format!("the data folder `{}` cannot be made", self.dir.display()))?;
        let lock = if need == Need::Alone {
            Some(lock(&self.dir)?)
        } else {
            None
        };

        let place = match &self.config().catalog.url {
            Some(url) => url.clone(),
            None => self.catalog_file().display().to_string(),
        };
        let catalog = pressmark_catalog::open(&place).await.map_err(unopened)?;
        if need == Need::Alone && self.config().catalog.url.is_none() {
            // Nobody else holds the lock: the claims are those of a process that died.
            catalog.break_leases().await?;
        }
        let clock: Arc<dyn Clock> = Arc::new(SystemClock);
        let blobs = self.dir.join("archive");
        std::fs::create_dir_all(&blobs)
            .with_context(|| format!("the folder `{}` cannot be made", blobs.display()))?;
        if need == Need::Alone {
            remove_unnamed(&blobs)
                .with_context(|| format!("the folder `{}` cannot be tidied", blobs.display()))?;
        }
        let entropy = machine::entropy();
        let id = catalog
            .archive_id(ArchiveId(entropy.bytes()), clock.now())
            .await?;
        let keys = FileKeys::new(self.key_file(id)?);
        let key_file = keys.path().to_owned();
        let fetcher = Arc::new(fetcher(self.config(), Arc::clone(&clock), resolver)?);
        let profiles = self.dir.join(PROFILES);
        let render = self.config().render.config(&profiles)?;
        if need == Need::Alone && profiles.exists() {
            // Nobody else holds the lock: what is there was left by a process that died.
            drop(std::fs::remove_dir_all(&profiles));
        }
        let renderer =
            |config| -> Arc<dyn Render> { Arc::new(Renderer::new(config, Arc::clone(&fetcher))) };
        let parts = Parts {
            catalog,
            render: render.map(renderer),
            fetch: Arc::clone(&fetcher) as Arc<dyn Fetch>,
            store: Arc::new(LocalFileSystem::new_with_prefix(&blobs)?.with_fsync(true)),
            keys: Arc::new(keys),
            clock: Arc::clone(&clock),
            entropy,
            overrides: self.config().source.clone(),
            revisits: self.config().revisit.revisits(),
            knowledge: self.knowledge(None)?,
            callbacks: self.config().callbacks()?,
            media: self.config().media.rules(),
        };
        let archive = Archive::open(parts).await?;
        if need == Need::Alone {
            // Nothing was stored yet, and nobody else stores here, whoever shares the catalog: what
            // is left over is nobody's.
            let leftovers = archive.leftovers().await?;
            tokio::spawn(sweep(archive.clone(), leftovers));
        }
        Ok(Open {
            archive,
            data: self,
            clock,
            key_file,
            _lock: lock,
        })
    }
}

/// Removes the files that a process was writing when it died: none has its name yet, and nothing
/// refers to it. Nobody else holds the lock.
fn remove_unnamed(folder: &Path) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let path = entry.path();
        if entry.file_type()?.is_dir() {
            remove_unnamed(&path)?;
        } else if entry.file_name().to_string_lossy().contains(".warc.gz#") {
            std::fs::remove_file(path)?;
        }
    }
    Ok(())
}

/// Takes away what a crash left behind. That it could not harms nothing.
async fn sweep(archive: Archive, leftovers: Leftovers) {
    match archive.sweep(leftovers).await {
        Ok(0) => {}
        Ok(swept) => tracing::info!("{swept} segments that a crash left behind were taken away"),
        Err(error) => tracing::warn!(%error, "segments that a crash left behind stay"),
    }
}

/// A client as the configuration wants it.
pub(crate) fn fetcher(
    config: &Config,
    clock: Arc<dyn Clock>,
    resolver: Arc<dyn Resolve>,
) -> anyhow::Result<Fetcher> {
    let section = &config.fetch;
    let defaults = FetchConfig::default();
    let ca_pem = match &section.ca_file {
        Some(file) => Some(std::fs::read(file).map_err(|error| {
            hinted(
                format!(
                    "the certificates in `{}` cannot be read: {error}",
                    file.display()
                ),
                "correct `[fetch] ca_file`",
            )
        })?),
        None => None,
    };
    let mut allow_networks = Vec::new();
    for network in &section.allow_networks {
        allow_networks.push(network.parse().map_err(|error| {
            hinted(
                format!("`{network}` in `[fetch] allow_networks` is no network: {error}"),
                "write networks as `192.168.0.0/16` or `fd00::/8`, in the variable with commas between them",
            )
        })?);
    }
    let config = FetchConfig {
        proxy: section.proxy.clone(),
        ca_pem,
        user_agent: section.user_agent.clone().unwrap_or(defaults.user_agent),
        per_host_gap: section.per_host_gap.unwrap_or(defaults.per_host_gap),
        connect_timeout: section.connect_timeout.unwrap_or(defaults.connect_timeout),
        timeout: section.timeout.or(defaults.timeout),
        max_page_bytes: section.max_page_bytes.unwrap_or(defaults.max_page_bytes),
        max_feed_bytes: section.max_feed_bytes.unwrap_or(defaults.max_feed_bytes),
        allow_networks,
        ..defaults
    };
    Fetcher::new(config, clock, resolver)
        .map_err(|error| hinted(error.to_string(), "correct the section `[fetch]`"))
}

fn lock(dir: &Path) -> anyhow::Result<File> {
    let path = dir.join("lock");
    let file = File::options()
        .create(true)
        .truncate(false)
        .write(true)
        .open(&path)
        .with_context(|| format!("the lock `{}` cannot be opened", path.display()))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(hinted(
            format!(
                "another process is working on the archive in `{}`",
                dir.display()
            ),
            "`pressmark serve` polls by itself: stop it first, or name another folder with `--data`",
        )),
        Err(TryLockError::Error(error)) => {
            Err(anyhow::Error::from(error).context(format!("the lock `{}`", path.display())))
        }
    }
}

fn unopened(error: CatalogError) -> anyhow::Error {
    match error {
        CatalogError::NewerSchema { .. } => hinted(
            error.to_string(),
            "run the newer program that wrote this archive, or restore a backup",
        ),
        other => anyhow::Error::from(other).context("the catalog cannot be opened"),
    }
}
