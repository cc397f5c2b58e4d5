//! What hubs do not do, in the language of the page.

use pressmark_archive::failure::Failure;
use pressmark_archive::websub::Trouble;

use super::Language;
use super::failure::english_sentence;

impl Language {
    /// Why a hub does not push, as a sentence.
    pub(crate) fn trouble(self, trouble: &Trouble) -> String {
        match (self, trouble) {
            (Self::English, _) => english_sentence(&trouble.to_string()),
            (Self::Chinese, Trouble::Unasked { failure }) => {
                let failure = Failure::Fetch {
                    failure: failure.clone(),
                };
                format!("无法联系推送中心。{}", self.failure(&failure))
            }
            (Self::Chinese, Trouble::Unconfirmed) => "推送中心没有回来确认。".to_owned(),
            (Self::Chinese, Trouble::Denied { reason: None }) => "推送中心拒绝了申请。".to_owned(),
            (
                Self::Chinese,
                Trouble::Denied {
                    reason: Some(reason),
                },
            ) => format!("推送中心拒绝了申请：{reason}"),
        }
    }

    /// What the person can do about it, as a sentence.
    pub(crate) fn trouble_hint(self, trouble: &Trouble) -> String {
        match (self, trouble) {
            (Self::English, _) => english_sentence(trouble.hint()),
            (Self::Chinese, Trouble::Unasked { failure }) => self.hint(&Failure::Fetch {
                failure: failure.clone(),
            }),
            (Self::Chinese, Trouble::Unconfirmed) => {
                "推送中心必须能从外部访问 `base_url` 之下的 `websub/`；此来源照常抓取。".to_owned()
            }
            (Self::Chinese, Trouble::Denied { .. }) => {
                "此来源照常抓取，一周后再次申请。".to_owned()
            }
        }
    }
}
