//! The signed log beside the archive: it follows what is committed.

use std::error::Error as _;

use pressmark_archive::SealError;

use crate::data::Open;
use crate::output;

/// Seals what an open archive has committed.
#[derive(Debug)]
pub(super) struct Sealing<'a> {
    open: &'a Open,
    /// The problem that was told last.
    told: Option<String>,
}

impl<'a> Sealing<'a> {
    pub(super) fn of(open: &'a Open) -> Self {
        Self { open, told: None }
    }

    /// Brings the log up to the ledger. A fault of it is told and does not end the command: what
    /// is committed stays, and is sealed later.
    pub(super) async fn follow(&mut self) {
        let problem = match self.open.archive.seal().await {
            Ok(sealed) => {
                if sealed.is_continued {
                    output::note(continued(&sealed.log));
                }
                None
            }
            Err(error) => Some(describe(&error)),
        };
        // A problem that lasts is not told again with every article.
        if problem == self.told {
            return;
        }
        if let Some(problem) = &problem {
            output::note(problem);
        }
        self.told = problem;
    }
}

/// That a new log was opened, for the user to know.
pub(super) fn continued(log: &pressmark_archive::log::Log) -> String {
    format!(
        "the ledger goes on in a new log, `{}`, from leaf {}: its key had signed what is not in \
         this archive, as after an older backup was restored\n\
         hint: `pressmark key show` prints the public key to give to those who verify",
        log.origin, log.begins_at
    )
}

/// What to do about a ledger that cannot be sealed.
pub(super) fn hint(error: &SealError) -> &'static str {
    match error {
        SealError::KeyMissing(_) => {
            "bring the key file back and name it by `[proof] key_file`; if it is lost, \
             `pressmark key rotate --lost` goes on in a new log"
        }
        SealError::Log(_) | SealError::WrongRoot(_) => {
            "`pressmark check` names what is damaged; `pressmark rebuild tiles` computes tiles again"
        }
        SealError::Keys(_) => "check who may read and write the key file and its folder",
        _ => "it is tried again with the next article",
    }
}

fn describe(error: &SealError) -> String {
    let cause = error.source().map(|cause| format!(": {cause}"));
    format!(
        "the ledger was not sealed: {error}{}\nhint: {}",
        cause.unwrap_or_default(),
        hint(error)
    )
}
