//! `init`: the archive and an example configuration.

use std::fs::File;
use std::io::{ErrorKind, Write as _};
use std::process::ExitCode;

use anyhow::Context as _;

use crate::config;
use crate::data::{Data, Need};
use crate::output::{self, hinted};

const EXAMPLE: &str = r#"# Pressmark's configuration. Nothing needs to be set; remove the `#` of what you want to set.
# `PRESSMARK_FETCH_PROXY` and the like override this file, flags override both;
# `pressmark config` shows what is in force.

#listen = "127.0.0.1:7777"             # the default
#base_url = "https://press.example/"   # an example: where others reach the reader

[fetch]
#proxy = "socks5h://127.0.0.1:9050"    # an example, as are those marked so below
#ca_file = "/etc/ssl/private-ca.pem"   # an example
#timeout = "2m"                        # an example: of a whole request
#per_host_gap = "2s"                   # the default
#max_page_bytes = 31457280             # the default
#allow_networks = ["192.168.0.0/16"]   # an example

[git]
#enabled = true                        # the default
#names = "id"                          # the default; or "id-title": the title too
#push = "origin"                       # an example

[revisit]
#schedule = ["20m until 1h", "3h until 1d", "1d until 7d", "7d until 60d", "365d"] # the default
#confirm_after = "6h"                  # the default: before a deletion is believed
#proxy = "socks5h://127.0.0.1:9050"    # an example: a second route to confirm deletions by

[websub]
#enabled = false                       # the default; or true: hubs push what is new to `base_url`

[proof]
#key_file = "/etc/pressmark/key"       # an example: keep it apart from the data folder
#interval = "5s"                       # the default

[rules]
#impersonate = false                   # the default: no rule makes a request pose as a crawler

#[source."news.example"]               # an example
#interval = "15m"
"#;

/// Makes the archive.
pub(crate) async fn run(data: Data) -> anyhow::Result<ExitCode> {
    let dir = data.dir.clone();
    let open = data.open(Need::Made).await?;
    let sealed = open.archive.seal().await;
    sealed.map_err(|error| hinted(error.to_string(), super::sealing::hint(&error)))?;
    let file = dir.join(config::FILE);
    match File::create_new(&file) {
        Ok(mut file) => file.write_all(EXAMPLE.as_bytes())?,
        // What the user wrote stays.
        Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
        Err(error) => return Err(error).with_context(|| format!("`{}`", file.display())),
    }
    output::line(format_args!("archive: {}", dir.display()))?;
    output::line(format_args!("configuration: {}", file.display()))?;
    output::line(format_args!("key: {}", open.key_file.display()))?;
    Ok(ExitCode::SUCCESS)
}
