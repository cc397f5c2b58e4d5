//! The header of a record: named fields.

use std::io::{BufRead, Read as _};
use std::str::FromStr;

use crate::Fault;
use crate::read::io_fault;

/// The longest header that is read, in bytes.
pub(crate) const MAX_HEAD: u64 = 64 * 1024;

/// The fields of a header that were not asked for yet.
pub(crate) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads a version line, fields, and the blank line after them.
    pub(crate) fn read(reader: &mut impl BufRead) -> Result<Self, Fault> {
        let mut head = reader.by_ref().take(MAX_HEAD);
        let mut fields = Vec::new();
        let mut first = true;
        loop {
            let mut line = Vec::new();
            head.read_until(b'\n', &mut line).map_err(io_fault)?;
            let Some(line) = line.strip_suffix(b"\r\n") else {
                let fault = match (line.last(), head.limit()) {
                    (Some(b'\n'), _) => Fault::Line(String::from_utf8_lossy(&line).into_owned()),
                    (_, 0) => Fault::LongHeader,
                    _ => Fault::Cut,
                };
                return Err(fault);
            };
            if first {
                if !matches!(line, b"WARC/1.1" | b"WARC/1.0") {
                    return Err(Fault::NotWarc);
                }
                first = false;
            } else if line.is_empty() {
                return Ok(Self(fields));
            } else {
                let field = str::from_utf8(line)
                    .ok()
                    .and_then(|line| line.split_once(':'));
                let (name, value) =
                    field.ok_or_else(|| Fault::Line(String::from_utf8_lossy(line).into_owned()))?;
                fields.push((name.to_owned(), value.trim_matches([' ', '\t']).to_owned()));
            }
        }
    }

    /// What is left.
    pub(crate) fn into_rest(self) -> Vec<(String, String)> {
        self.0
    }

    fn take(&mut self, name: &'static str) -> Vec<String> {
        let same = |field: &mut (String, String)| field.0.eq_ignore_ascii_case(name);
        self.0
            .extract_if(.., same)
            .map(|(_, value)| value)
            .collect()
    }

    pub(crate) fn optional_by<T>(
        &mut self,
        name: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<Option<T>, Fault> {
        let mut values = self.take(name).into_iter();
        let Some(value) = values.next() else {
            return Ok(None);
        };
        if values.next().is_some() {
            return Err(Fault::Repeated(name));
        }
        read(&value).map(Some).ok_or(Fault::Invalid { name, value })
    }

    pub(crate) fn optional<T: FromStr>(&mut self, name: &'static str) -> Result<Option<T>, Fault> {
        self.optional_by(name, |value| value.parse().ok())
    }

    pub(crate) fn required_by<T>(
        &mut self,
        name: &'static str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Result<T, Fault> {
        self.optional_by(name, read)?.ok_or(Fault::Missing(name))
    }

    pub(crate) fn required<T: FromStr>(&mut self, name: &'static str) -> Result<T, Fault> {
        self.required_by(name, |value| value.parse().ok())
    }

    pub(crate) fn every<T: FromStr>(&mut self, name: &'static str) -> Result<Vec<T>, Fault> {
        let read = |value: String| value.parse().map_err(|_| Fault::Invalid { name, value });
        self.take(name).into_iter().map(read).collect()
    }
}
