//! As much of DER (ITU-T X.690) as a time stamp needs.

/// Bytes that are not in the form that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is not in the form of a time stamp: {0}")]
pub struct DerError(pub(super) &'static str);

pub(super) const BOOLEAN: u8 = 0x01;
pub(super) const INTEGER: u8 = 0x02;
pub(super) const BIT_STRING: u8 = 0x03;
pub(super) const OCTET_STRING: u8 = 0x04;
pub(super) const NULL: u8 = 0x05;
pub(super) const OID: u8 = 0x06;
pub(super) const GENERALIZED_TIME: u8 = 0x18;
pub(super) const SEQUENCE: u8 = 0x30;
pub(super) const SET: u8 = 0x31;

/// The tag of a field `[number]` that holds others.
pub(super) const fn context(number: u8) -> u8 {
    0xa0 | number
}

/// One value with its tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Value<'a> {
    pub(super) tag: u8,
    pub(super) content: &'a [u8],
    /// Tag and length included.
    pub(super) whole: &'a [u8],
}

/// Values, one after the other.
#[derive(Debug, Clone, Copy)]
pub(super) struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    pub(super) const fn of(bytes: &'a [u8]) -> Self {
        Self(bytes)
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The next value.
    pub(super) fn value(&mut self) -> Result<Value<'a>, DerError> {
        const SHORT: DerError = DerError("it ends too early");
        let (&tag, rest) = self.0.split_first().ok_or(SHORT)?;
        let (&first, mut rest) = rest.split_first().ok_or(SHORT)?;
        let mut length = usize::from(first);
        if first >= 0x80 {
            let count = usize::from(first & 0x7f);
            if !(1..=4).contains(&count) {
                return Err(DerError("a length is not in the distinguished encoding"));
            }
            let (digits, after) = rest.split_at_checked(count).ok_or(SHORT)?;
            length = digits
                .iter()
                .fold(0, |number, &digit| number << 8 | usize::from(digit));
            rest = after;
        }
        let (content, after) = rest.split_at_checked(length).ok_or(SHORT)?;
        let (whole, _) = self
            .0
            .split_at_checked(self.0.len() - after.len())
            .ok_or(SHORT)?;
        self.0 = after;
        Ok(Value {
            tag,
            content,
            whole,
        })
    }

    /// The next value, which has this tag.
    pub(super) fn expect(&mut self, tag: u8) -> Result<Value<'a>, DerError> {
        match self.value()? {
            value if value.tag == tag => Ok(value),
            _ => Err(DerError("a field is of another kind")),
        }
    }

    /// The next value if it has this tag.
    pub(super) fn optional(&mut self, tag: u8) -> Result<Option<Value<'a>>, DerError> {
        if self.0.first() == Some(&tag) {
            self.value().map(Some)
        } else {
            Ok(None)
        }
    }

    /// What is inside of the next value, which has this tag.
    pub(super) fn inside(&mut self, tag: u8) -> Result<Self, DerError> {
        Ok(Self(self.expect(tag)?.content))
    }

    /// All values that are left.
    pub(super) fn all(mut self) -> Result<Vec<Value<'a>>, DerError> {
        let mut values = Vec::new();
        while !self.is_empty() {
            values.push(self.value()?);
        }
        Ok(values)
    }
}

/// A value of these pieces.
pub(super) fn encode(tag: u8, pieces: &[&[u8]]) -> Vec<u8> {
    let content = pieces.concat();
    let mut bytes = vec![tag];
    if let Ok(short @ 0..0x80) = u8::try_from(content.len()) {
        bytes.push(short);
    } else {
        let length = content.len().to_be_bytes();
        let digits: Vec<u8> = length.into_iter().skip_while(|&digit| digit == 0).collect();
        bytes.push(0x80 | u8::try_from(digits.len()).unwrap_or(8));
        bytes.extend(digits);
    }
    bytes.extend(content);
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_can_be_read() {
        for length in [0, 1, 127, 128, 255, 256, 70_000] {
            let content = vec![7; length];
            let bytes = encode(SEQUENCE, &[&content, &[1]]);
            let mut reader = Reader::of(&bytes);
            let value = reader.expect(SEQUENCE).unwrap();
            assert_eq!(value.content.len(), length + 1);
            assert_eq!(value.whole, bytes);
            assert!(reader.is_empty());
            assert!(Reader::of(&bytes[..bytes.len() - 1]).value().is_err());
        }
        assert!(Reader::of(&[SEQUENCE, 0x80, 0, 0]).value().is_err());
        assert!(
            Reader::of(&[SEQUENCE, 0x89, 1, 1, 1, 1, 1, 1, 1, 1, 1])
                .value()
                .is_err()
        );
    }
}
