//! `key`: the key that signs the ledger.

use std::process::ExitCode;

use pressmark_archive::log::Log;
use pressmark_proof::allowed_signer;
use serde_json::json;

use crate::cli::{Key, Rotate, ShowKey};
use crate::data::{Data, Need};
use crate::output::{self, hinted};

/// Runs a command on the key.
pub(super) async fn run(data: Data, key: &Key) -> anyhow::Result<ExitCode> {
    match key {
        Key::Show(form) => show(data, form).await,
        Key::Rotate(rotate) => change(data, rotate).await,
    }
}

/// Prints the public keys of the logs: what others need to verify.
async fn show(data: Data, form: &ShowKey) -> anyhow::Result<ExitCode> {
    let open = super::read(data).await?;
    let logs = open.archive.catalog().logs().await?;
    if form.json {
        let logs: Vec<_> = logs.iter().map(log_json).collect();
        output::json_pretty(&json!({ "key_file": open.key_file, "logs": logs }))?;
        return Ok(ExitCode::SUCCESS);
    }
    if logs.is_empty() {
        output::note("the ledger has no log yet\nhint: `pressmark init` makes its key");
    }
    if form.ssh {
        for key in logs.iter().flat_map(Log::public_keys) {
            output::line(allowed_signer(&key))?;
        }
        return Ok(ExitCode::SUCCESS);
    }
    for key in logs.iter().flat_map(|log| &log.keys) {
        output::line(&key.key)?;
    }
    output::note(format_args!("key file: {}", open.key_file.display()));
    Ok(ExitCode::SUCCESS)
}

fn log_json(log: &Log) -> serde_json::Value {
    let keys: Vec<_> = log
        .keys
        .iter()
        .map(|key| json!({ "key": key.key, "leaf": key.leaf }))
        .collect();
    let head = log.head.as_ref().map(|head| {
        json!({
            "size": head.size, "root": head.root, "sealed_at": head.sealed_at.to_string(),
            "checkpoint": head.checkpoint,
        })
    });
    json!({
        "origin": log.origin, "begins_at": log.begins_at, "opened_at": log.opened_at.to_string(),
        "keys": keys, "head": head,
    })
}

async fn change(data: Data, rotate: &Rotate) -> anyhow::Result<ExitCode> {
    let open = data.open(Need::Alone).await?;
    let sealed = if rotate.lost {
        open.archive.replace_log().await
    } else {
        open.archive.rotate_key().await
    };
    let sealed = sealed.map_err(|error| {
        let hint = super::sealing::hint(&error);
        hinted(format!("the key was not changed: {error}"), hint)
    })?;
    if sealed.is_continued {
        output::note(super::sealing::continued(&sealed.log));
    }
    if let Some(key) = sealed.log.keys.last() {
        output::line(&key.key)?;
    }
    if !rotate.lost {
        output::note("the key before it goes on signing beside it");
    }
    Ok(ExitCode::SUCCESS)
}
