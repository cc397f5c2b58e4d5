//! PostgreSQL for tests: a throw-away server, or the one that `PRESSMARK_TEST_PG` names.
//!
//! ```no_run
//! if let Some(database) = pressmark_testkit::postgres::fresh_database() {
//!     println!("{}", database.url());
//! }
//! ```
#![expect(
    clippy::unwrap_used,
    clippy::print_stderr,
    clippy::missing_panics_doc,
    reason = "it is a part of tests, which fail by panicking and say aloud what they skip"
)]

use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, Weak};

/// Starts a server in a new folder, prints the folder, waits for the end of its input, and stops
/// the server. So it ends with the test, however that ends.
const SUPERVISE: &str = r#"
trap '' INT
bin=$1
dir=$(mktemp -d) || exit 1
stop() { "$bin/pg_ctl" -D "$dir/data" -m immediate -w stop >/dev/null 2>&1; rm -rf "$dir"; }
"$bin/initdb" -D "$dir/data" -A trust -U pressmark -E UTF8 --locale=C --no-sync >"$dir/log" 2>&1 &&
"$bin/pg_ctl" -D "$dir/data" -l "$dir/log" -w \
    -o "-c listen_addresses= -c unix_socket_directories=$dir -c fsync=off" \
    start </dev/null >/dev/null 2>&1 || { cat "$dir/log" >&2; stop; exit 1; }
echo "$dir"
cat >/dev/null
stop
"#;

/// An empty database of its own.
#[derive(Debug)]
pub struct Database {
    server: Arc<Server>,
    name: String,
}

impl Database {
    /// Its address, `postgres://…`.
    pub fn url(&self) -> String {
        match &self.server.place {
            Place::Started { folder, .. } => {
                let name = &self.name;
                format!(
                    "postgres://pressmark@localhost/{name}?host={}",
                    folder.display()
                )
            }
            Place::Given(url) => {
                let mut url = url.clone();
                url.set_path(&self.name);
                url.into()
            }
        }
    }
}

impl Drop for Database {
    fn drop(&mut self) {
        if let Place::Given(_) = self.server.place {
            self.server
                .tool("dropdb", &["--if-exists", "--force", &self.name]);
        }
    }
}

#[derive(Debug)]
struct Server {
    bin: PathBuf,
    place: Place,
}

#[derive(Debug)]
enum Place {
    Started { supervisor: Child, folder: PathBuf },
    Given(url::Url),
}

/// An empty database, on a server that the tests of this process share and that stops with the
/// last of them. `None`, said on standard error, where there is no PostgreSQL; a panic instead if
/// `PRESSMARK_REQUIRE_PG` is `1`.
pub fn fresh_database() -> Option<Database> {
    static SHARED: Mutex<Weak<Server>> = Mutex::new(Weak::new());
    static COUNT: AtomicU32 = AtomicU32::new(0);

    let mut shared = SHARED.lock().unwrap();
    let server = shared.upgrade().or_else(|| Server::find().map(Arc::new));
    let Some(server) = server else {
        assert!(
            setting("PRESSMARK_REQUIRE_PG").as_deref() != Some("1"),
            "PRESSMARK_REQUIRE_PG is set, and there is no PostgreSQL"
        );
        eprintln!("SKIP: no PostgreSQL; install `postgresql`, or set PRESSMARK_TEST_PG");
        return None;
    };
    *shared = Arc::downgrade(&server);
    drop(shared);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    let name = format!("pressmark_test_{}_{count}", std::process::id());
    server.tool("createdb", &[&name]);
    Some(Database { server, name })
}

#[expect(
    clippy::disallowed_methods,
    reason = "the switches of the tests themselves"
)]
fn setting(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

impl Server {
    fn find() -> Option<Self> {
        let bin = bin()?;
        let place = match setting("PRESSMARK_TEST_PG") {
            Some(url) => Place::Given(url.parse().unwrap()),
            None => start(&bin),
        };
        Some(Self { bin, place })
    }

    /// Runs one of PostgreSQL's own tools on the server.
    fn tool(&self, tool: &str, arguments: &[&str]) {
        let mut command = Command::new(self.bin.join(tool));
        match &self.place {
            Place::Started { folder, .. } => {
                command
                    .arg("--host")
                    .arg(folder)
                    .args(["--username", "pressmark"]);
            }
            Place::Given(url) => {
                command.args(["--maintenance-db", url.as_str()]);
            }
        }
        let status = command.args(arguments).status().unwrap();
        assert!(status.success(), "`{tool}` failed: {status}");
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        if let Place::Started { supervisor, .. } = &mut self.place {
            drop(supervisor.stdin.take());
            if let Err(error) = supervisor.wait() {
                eprintln!("the throw-away PostgreSQL: {error}");
            }
        }
    }
}

/// The folder of the newest installed server's programs.
fn bin() -> Option<PathBuf> {
    let version = |bin: &PathBuf| -> Option<u32> {
        let name = bin.parent()?.file_name()?;
        name.to_str()?.parse().ok()
    };
    let installed = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten();
    installed
        .filter_map(|folder| Some(folder.ok()?.path().join("bin")))
        .chain(["/usr/local/bin".into(), "/usr/bin".into()])
        .filter(|bin| bin.join("initdb").exists())
        .max_by_key(version)
}

fn start(bin: &Path) -> Place {
    let user = Command::new("id").arg("-u").output().unwrap().stdout;
    // The server refuses to run as root.
    let mut command = if user.trim_ascii() == b"0" {
        let mut command = Command::new("runuser");
        command.args(["-u", "postgres", "--", "sh"]);
        command
    } else {
        Command::new("sh")
    };
    let mut supervisor = command
        .args(["-c", SUPERVISE, "sh"])
        .arg(bin)
        .current_dir("/")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut folder = String::new();
    let output = supervisor.stdout.take().unwrap();
    BufReader::new(output).read_line(&mut folder).unwrap();
    let folder = PathBuf::from(folder.trim());
    assert!(
        folder.is_absolute(),
        "the throw-away PostgreSQL did not start"
    );
    Place::Started { supervisor, folder }
}
