//! Runs the real binary on a folder of its own.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::Arc;

use pressmark_testkit::Internet;
use serde_json::Value;
use tempfile::TempDir;

/// The program, with a data folder and the tiny internet as its proxy.
pub(crate) struct Program {
    pub(crate) folder: Arc<TempDir>,
    data: PathBuf,
    environment: Vec<(String, String)>,
}

/// What one run printed.
#[derive(Debug)]
pub(crate) struct Ran {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// A `serve` that is running; it is ended when this is dropped.
pub(crate) struct Serving {
    child: Option<Child>,
    pub(crate) address: String,
}

impl Program {
    /// A program whose requests all go to the tiny internet.
    pub(crate) fn on(net: &Internet) -> Self {
        let folder = Arc::new(tempfile::tempdir().unwrap());
        let authority = folder.path().join("authority.pem");
        std::fs::write(&authority, net.ca_pem()).unwrap();
        let environment = [
            ("PRESSMARK_FETCH_PROXY", net.http_proxy()),
            ("PRESSMARK_FETCH_CA_FILE", authority.display().to_string()),
            ("PRESSMARK_FETCH_PER_HOST_GAP", "1ms".to_owned()),
            ("PRESSMARK_PROOF_INTERVAL", "1s".to_owned()),
            (
                "XDG_CONFIG_HOME",
                folder.path().join("config").display().to_string(),
            ),
        ];
        let environment = environment
            .into_iter()
            .map(|(name, value)| (name.to_owned(), value))
            .collect();
        Self {
            data: folder.path().join("data"),
            folder,
            environment,
        }
    }

    /// The same with another data folder.
    pub(crate) fn beside(&self, data: PathBuf) -> Self {
        Self {
            folder: Arc::clone(&self.folder),
            data,
            environment: self.environment.clone(),
        }
    }

    /// The same with one more variable.
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.environment.push((name.to_owned(), value.to_owned()));
        self
    }

    pub(crate) fn data(&self) -> PathBuf {
        self.data.clone()
    }

    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.as_environment_of(Path::new(env!("CARGO_BIN_EXE_pressmark")));
        command.arg("--data").arg(self.data()).args(arguments);
        command
    }

    /// Another program with the same surroundings.
    pub(crate) fn as_environment_of(&self, executable: &Path) -> Command {
        let mut command = Command::new(executable);
        for (name, _) in std::env::vars() {
            if name.starts_with("PRESSMARK_") {
                command.env_remove(name);
            }
        }
        command
            .envs(self.environment.iter().map(|(name, value)| (name, value)))
            .current_dir(self.folder.path())
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end, away from the tiny internet's threads.
    pub(crate) async fn run(&self, arguments: &[&str]) -> Ran {
        let mut command = self.command(arguments);
        let output = tokio::task::spawn_blocking(move || command.output().unwrap())
            .await
            .unwrap();
        Ran::from(output)
    }

    /// Runs a command that must succeed; what it wrote to standard output.
    pub(crate) async fn ok(&self, arguments: &[&str]) -> String {
        let ran = self.run(arguments).await;
        assert_eq!(ran.code, 0, "{arguments:?}: {}{}", ran.stdout, ran.stderr);
        ran.stdout
    }

    /// Starts `serve` on a free port.
    pub(crate) fn serve(&self) -> Serving {
        self.serve_on("127.0.0.1:0")
    }

    /// Starts `serve` there.
    pub(crate) fn serve_on(&self, address: &str) -> Serving {
        let mut serve = self.command(&["serve", "--listen", address]);
        serve.stdout(Stdio::piped()).stderr(Stdio::null());
        Serving::of(serve.spawn().unwrap())
    }

    /// What git says of the Markdown archive.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        let output = Command::new("git")
            .arg("-C")
            .arg(self.data().join("markdown"))
            .args(arguments)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }

    /// The archive's segments.
    pub(crate) fn segments(&self) -> Vec<PathBuf> {
        let mut found = Vec::new();
        files(&self.data().join("archive"), &mut found);
        found.sort();
        found
    }
}

fn files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, found);
        } else {
            found.push(path);
        }
    }
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// It could not run, and said why and what to do.
    pub(crate) fn assert_refused(&self, sign: &str) {
        assert_eq!(self.code, 2, "{self:?}");
        assert!(
            self.stderr.contains("error: ") && self.stderr.contains(sign),
            "{self:?}"
        );
        assert!(self.stderr.contains("hint: "), "{self:?}");
    }
}

impl Serving {
    /// A `serve` that was started just now, and says where it listens.
    pub(crate) fn of(mut child: Child) -> Self {
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let address = line.trim().strip_prefix("http://").unwrap().to_owned();
        Self {
            child: Some(child),
            address,
        }
    }

    /// A `serve` that somebody else has started, and ends.
    pub(crate) fn elsewhere(address: &str) -> Self {
        Self {
            child: None,
            address: address.to_owned(),
        }
    }

    /// The whole answer to a GET: head and body.
    pub(crate) async fn get(&self, path: &str, header: &str) -> (String, String) {
        self.try_get(path, header).await.unwrap()
    }

    /// The same, or why there is none.
    pub(crate) async fn try_get(
        &self,
        path: &str,
        header: &str,
    ) -> std::io::Result<(String, String)> {
        self.send(&format!("GET {path}"), header, "").await
    }

    /// The whole answer to a form that is sent.
    pub(crate) async fn post(&self, path: &str, header: &str, form: &str) -> (String, String) {
        let header = format!(
            "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n{header}",
            form.len()
        );
        self.send(&format!("POST {path}"), &header, form)
            .await
            .unwrap()
    }

    async fn send(
        &self,
        what: &str,
        header: &str,
        body: &str,
    ) -> std::io::Result<(String, String)> {
        let request = format!(
            "{what} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n{header}\r\n{body}",
            self.address
        );
        let address = self.address.clone();
        let answer = tokio::task::spawn_blocking(move || {
            let mut stream = TcpStream::connect(address)?;
            stream.write_all(request.as_bytes())?;
            let mut answer = Vec::new();
            stream.read_to_end(&mut answer)?;
            Ok(String::from_utf8(answer).unwrap())
        });
        let answer: std::io::Result<String> = answer.await.unwrap();
        let answer = answer?;
        let (head, body) = answer.split_once("\r\n\r\n").unwrap_or((&answer, ""));
        Ok((head.to_owned(), body.to_owned()))
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

/// The JSON objects of a text, one a line.
pub(crate) fn lines(text: &str) -> Vec<Value> {
    text.lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect()
}
