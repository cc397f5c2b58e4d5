//! Alarms, in the language of the page.

use std::time::Duration;

use pressmark_archive::alarm::{AlarmCause, AlarmKind};
use pressmark_archive::span;

use super::Language;
use super::failure::english_sentence;

impl Language {
    /// Why an alarm was raised, as a sentence.
    pub(crate) fn alarm(self, cause: &AlarmCause) -> String {
        match self {
            Self::English => english_sentence(&cause.to_string()),
            Self::Chinese => chinese(cause),
        }
    }

    /// What the person can do about it, as a sentence; commands stand in backticks.
    pub(crate) fn alarm_hint(self, cause: &AlarmCause) -> String {
        match (self, cause) {
            (_, AlarmCause::Failing { failure, .. }) => self.hint(failure),
            (Self::English, _) => english_sentence(cause.hint()),
            (Self::Chinese, AlarmCause::Silent { .. }) => {
                "请查看网站：订阅源可能已换地址，可用 `pressmark add` 重新查找。".to_owned()
            }
            (Self::Chinese, AlarmCause::Quality { .. }) => {
                "网站可能改版或设置了付费墙：请打开一篇最近的文章看看。".to_owned()
            }
        }
    }

    /// What kind of alarm, as the end of a title after the source's name.
    pub(crate) fn alarm_kind(self, kind: AlarmKind) -> &'static str {
        let words = self.words();
        match kind {
            AlarmKind::Failing => words.alarm_failing,
            AlarmKind::Silent => words.alarm_silent,
            AlarmKind::Quality => words.alarm_quality,
        }
    }
}

fn chinese(cause: &AlarmCause) -> String {
    match cause {
        AlarmCause::Failing { failure, times } => {
            format!(
                "连续 {times} 次无法抓取。{}",
                Language::Chinese.failure(failure)
            )
        }
        AlarmCause::Silent {
            last,
            usual_seconds,
        } => {
            let hours = Duration::from_secs((usual_seconds / 3600).max(1) * 3600);
            let usual = span::format(hours);
            format!("自 {last} 起没有新文章；平时约每 {usual} 一篇。")
        }
        AlarmCause::Quality {
            poor,
            of,
            length_percent,
            confidence,
        } => {
            let texts = format!(
                "最近 {of} 篇中有 {poor} 篇没有正文或正文不完整，长度为以前的 {length_percent}%"
            );
            match confidence {
                Some((before, now)) => format!("{texts}，正文的可信度由 {before}% 降到 {now}%。"),
                None => format!("{texts}。"),
            }
        }
    }
}
