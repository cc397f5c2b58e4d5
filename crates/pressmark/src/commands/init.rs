//! `init`: the archive and an example configuration.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;

use crate::config;
use crate::data::{Data, Need};
use crate::output;

const EXAMPLE: &str = r#"# Pressmark's configuration. Every line here is the default; remove the `#` to change it.
# `PRESSMARK_FETCH_PROXY` and the like override this file, flags override both;
# `pressmark config` shows what is in force.

#listen = "127.0.0.1:7777"

[fetch]
#proxy = "socks5h://127.0.0.1:9050"
#ca_file = "/etc/ssl/private-authority.pem"
#per_host_gap = "2s"
#max_page_bytes = 31457280
#allow_networks = []

[git]
#enabled = true
#names = "id"          # or "id-title": the title in the names of the files
#push = "origin"

#[source."news.example"]
#interval = "30m"
"#;

/// Makes the archive.
pub(crate) async fn run(data: Data) -> anyhow::Result<ExitCode> {
    let dir = data.dir.clone();
    data.open(Need::Made).await?;
    let file = dir.join(config::FILE);
    match File::create_new(&file) {
        Ok(mut file) => file.write_all(EXAMPLE.as_bytes())?,
        // What the user wrote stays.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error).with_context(|| format!("`{}`", file.display())),
    }
    output::line(format_args!("archive: {}", dir.display()))?;
    output::line(format_args!("configuration: {}", file.display()))?;
    Ok(ExitCode::SUCCESS)
}
