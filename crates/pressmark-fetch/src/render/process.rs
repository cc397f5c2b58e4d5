//! The browser's process: started in a profile of its own, and killed with all its children.

use std::fs::{self, File};
use std::io;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use pressmark_archive::ports::render::RenderFailure;
use tempfile::TempDir;
use tokio::process::{Child, Command};

use super::RenderConfig;
use super::link::Link;

/// The browser reads commands from descriptor 3 and writes to 4: a shell puts its own standard
/// streams there, so that no port is opened and no library is needed to pass descriptors.
const SHELL: &str = r#"exec "$0" "$@" 3<&0 4>&1 0</dev/null 1>/dev/null"#;
/// What it says on its way, in the profile.
const LOG: &str = "log";
/// So many characters of that are told.
const LAST_WORDS: usize = 300;
/// How often, and after which time each, it is tried to remove a profile that is still written to.
const TRIES: u32 = 20;
const BETWEEN_TRIES: Duration = Duration::from_millis(50);

/// What every start says.
const SWITCHES: [&str; 36] = [
    "--headless",
    "--remote-debugging-pipe",
    "--no-startup-window",
    "--no-first-run",
    "--no-default-browser-check",
    // No network of its own: no name has an address, and the proxy has none either.
    "--proxy-server=http://nowhere.invalid:1",
    "--proxy-bypass-list=<-loopback>",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--disable-quic",
    "--webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--dns-prefetch-disable",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-client-side-phishing-detection",
    "--disable-sync",
    "--no-pings",
    "--disable-features=MediaRouter,DialMediaRouteProvider,OptimizationHints,Translate,AutofillServerCommunication,CertificateTransparencyComponentUpdater",
    // Nothing of the person's, and nothing that stays.
    "--disable-extensions",
    "--disable-component-extensions-with-background-pages",
    "--disable-default-apps",
    "--password-store=basic",
    "--use-mock-keychain",
    "--disable-breakpad",
    "--disable-crash-reporter",
    "--metrics-recording-only",
    "--deny-permission-prompts",
    "--disable-notifications",
    // A page that is not looked at runs as if it were.
    "--disable-background-timer-throttling",
    "--disable-renderer-backgrounding",
    // Bounded.
    "--disable-gpu",
    "--mute-audio",
    "--disable-dev-shm-usage",
    "--disk-cache-size=1",
    "--js-flags=--max-old-space-size=512",
];

/// A browser's process group and its profile: both end with this.
#[derive(Debug)]
pub(super) struct Process {
    child: Option<Child>,
    profile: Option<TempDir>,
}

impl Process {
    /// Starts the browser, which may still turn out not to run.
    pub(super) fn start(config: &RenderConfig) -> Result<(Self, Link), RenderFailure> {
        let unstarted = |error: io::Error| RenderFailure::Start {
            detail: format!("`{}`: {error}", config.browser.display()),
        };
        if !config.browser.is_file() {
            return Err(unstarted(io::ErrorKind::NotFound.into()));
        }
        fs::create_dir_all(&config.profiles).map_err(unstarted)?;
        let profile = tempfile::Builder::new()
            .prefix("profile-")
            .tempdir_in(&config.profiles)
            .map_err(unstarted)?;
        let mut child = command(config, profile.path())
            .and_then(|mut command| command.spawn())
            .map_err(unstarted)?;
        let (Some(to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(unstarted(io::ErrorKind::BrokenPipe.into()));
        };
        let process = Self {
            child: Some(child),
            profile: Some(profile),
        };
        Ok((process, Link::new(to, from)))
    }

    /// What the browser said last: why it did not start.
    pub(super) fn last_words(&self) -> String {
        let log = self
            .profile
            .as_ref()
            .map(|profile| profile.path().join(LOG));
        let log = log.and_then(|log| fs::read(log).ok()).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let telling = |line: &&str| !line.contains("dbus") && !line.trim().is_empty();
        let said = log.lines().rev().find(telling);
        // After the place in its source: `[123:ERROR:a/b.cc:90] what happened`.
        let said = said.map_or("it said nothing", |line| {
            line.split_once("] ").map_or(line, |(_, said)| said)
        });
        said.trim().chars().take(LAST_WORDS).collect()
    }
}

fn command(config: &RenderConfig, profile: &Path) -> io::Result<Command> {
    let mut command = Command::new("/bin/sh");
    command
        .args(["-c", SHELL])
        .arg(&config.browser)
        .args(SWITCHES)
        .arg(format!("--user-data-dir={}", profile.display()));
    if !config.sandbox {
        command.arg("--no-sandbox");
    }
    // Nothing of our environment is told; times are written in UTC wherever the machine stands.
    command
        .env_clear()
        .env("PATH", "/usr/local/bin:/usr/bin:/bin")
        .env("LANG", "C.UTF-8")
        .env("TZ", "UTC")
        .env("HOME", profile)
        .env("TMPDIR", profile)
        .current_dir(profile)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(File::create(profile.join(LOG))?)
        .process_group(0)
        .kill_on_drop(true);
    Ok(command)
}

impl Drop for Process {
    fn drop(&mut self) {
        let (child, profile) = (self.child.take(), self.profile.take());
        if let Some(group) = child.as_ref().and_then(Child::id) {
            kill_group(group);
        }
        // Its processes write until the last of them is gone.
        let ended = async move {
            if let Some(mut child) = child {
                drop(child.wait().await);
            }
            for _ in 0..TRIES {
                match &profile {
                    Some(profile) if fs::remove_dir_all(profile.path()).is_err() => {
                        tokio::time::sleep(BETWEEN_TRIES).await;
                    }
                    _ => break,
                }
            }
        };
        if let Ok(runtime) = tokio::runtime::Handle::try_current() {
            runtime.spawn(ended);
        }
    }
}

fn kill_group(group: u32) {
    let group = i32::try_from(group)
        .ok()
        .and_then(rustix::process::Pid::from_raw);
    if let Some(group) = group
        && let Err(error) =
            rustix::process::kill_process_group(group, rustix::process::Signal::KILL)
    {
        tracing::debug!(%error, "the browser was gone already");
    }
}
