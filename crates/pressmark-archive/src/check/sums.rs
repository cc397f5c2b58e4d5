//! Rows against the sums that were taken when they were sealed.

use super::Check;
use crate::log::{SumFault, SummedRows};
use crate::ports::catalog::{CatalogError, Result};

/// So many rows are compared at a time.
const PAGE: u32 = 500;

impl Check<'_> {
    /// Compares every row that has a sum.
    pub(super) async fn sums(&mut self) -> Result<()> {
        for rows in SummedRows::ALL {
            let name = match rows {
                SummedRows::Versions => "version at leaf",
                SummedRows::Captures => "capture",
                SummedRows::Changes => "change at leaf",
                SummedRows::Redactions => "redaction at leaf",
            };
            let mut next = Some(0);
            while let Some(from) = next.take() {
                let compared = self.archive.catalog.compare_sums(rows, from, PAGE).await;
                let (wrong, more) = match compared {
                    Err(CatalogError::Damaged(problem)) => {
                        self.find(format!("sums of {}s", rows.as_str()), problem);
                        break;
                    }
                    compared => compared?,
                };
                for row in wrong {
                    let problem = match row.fault {
                        SumFault::NoRow => "it was sealed, and is not there",
                        SumFault::NoSum => "its sum was taken out",
                        SumFault::Differs => "a column of it is not what it was when it was sealed",
                    };
                    self.find(format!("{name} {}", row.id), problem);
                }
                next = more;
            }
        }
        Ok(())
    }
}
