//! Signed notes, as `c2sp.org/signed-note` has them, with Ed25519 keys.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use pressmark_model::Digest;
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair as _, UnparsedPublicKey};

/// The type of a key and of its signatures: Ed25519.
const ED25519_TYPE: u8 = 1;
const PRIVATE: &str = "PRIVATE+KEY+";
/// A note may carry so many signatures; others are refused unread.
const MOST_SIGNATURES: usize = 64;

/// Bytes that are no note, or one that must not be believed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoteError {
    /// Not in the form of a note.
    #[error("not a signed note: {0}")]
    Form(&'static str),
    /// Not in the form of a key.
    #[error("not a key: {0}")]
    Key(&'static str),
    /// None of the known keys has signed it.
    #[error("it is not signed by a key that is known")]
    Unsigned,
    /// A known key's signature is wrong.
    #[error("the signature of `{name}` (key {id:08x}) is wrong")]
    Signature {
        /// The key's name.
        name: String,
        /// The key's id.
        id: u32,
    },
}

/// A signature on a note, as it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signature {
    /// The name of the key.
    pub name: String,
    /// The id of the key.
    pub id: u32,
    /// What the key made of the text; whether it is right, [`Note::verify`] tells.
    pub bytes: Vec<u8>,
}

/// A text with signatures. It is as good as its signatures are: see [`Note::verify`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// The text, to its last line feed.
    pub text: String,
    /// The signatures, in their order.
    pub signatures: Vec<Signature>,
}

impl Note {
    /// The text, signed by these keys.
    pub fn sign(text: String, keys: &[SigningKey]) -> Result<Self, NoteError> {
        if !text.ends_with('\n') || text.chars().any(is_control) {
            return Err(NoteError::Form(
                "the text does not end its last line, or has control characters",
            ));
        }
        let signatures = keys.iter().map(|key| key.sign(&text)).collect();
        Ok(Self { text, signatures })
    }

    /// Verifies the signatures of these keys: there must be one at least, and none may be wrong.
    pub fn verify(&self, keys: &[VerifyingKey]) -> Result<(), NoteError> {
        let mut is_signed = false;
        for signature in &self.signatures {
            let known = keys
                .iter()
                .filter(|key| key.id == signature.id && key.name == signature.name);
            for key in known {
                if !key.verifies(self.text.as_bytes(), &signature.bytes) {
                    return Err(NoteError::Signature {
                        name: key.name.clone(),
                        id: key.id,
                    });
                }
                is_signed = true;
            }
        }
        if is_signed {
            Ok(())
        } else {
            Err(NoteError::Unsigned)
        }
    }
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.text)?;
        for Signature { name, id, bytes } in &self.signatures {
            let mut blob = id.to_be_bytes().to_vec();
            blob.extend_from_slice(bytes);
            writeln!(f, "— {name} {}", STANDARD.encode(blob))?;
        }
        Ok(())
    }
}

impl FromStr for Note {
    type Err = NoteError;

    fn from_str(note: &str) -> Result<Self, NoteError> {
        if note.chars().any(is_control) {
            return Err(NoteError::Form("it has control characters"));
        }
        let (text, lines) = note.rsplit_once("\n\n").ok_or(NoteError::Form(
            "no empty line stands before the signatures",
        ))?;
        let lines = lines
            .strip_suffix('\n')
            .ok_or(NoteError::Form("the last line is not ended"))?;
        let signatures: Vec<_> = lines
            .split('\n')
            .take(MOST_SIGNATURES + 1)
            .map(signature)
            .collect::<Result<_, _>>()?;
        if signatures.len() > MOST_SIGNATURES {
            return Err(NoteError::Form("there are too many signatures"));
        }
        let text = format!("{text}\n");
        Ok(Self { text, signatures })
    }
}

fn signature(line: &str) -> Result<Signature, NoteError> {
    let wrong = NoteError::Form("a signature line is malformed");
    let parts = line
        .strip_prefix("— ")
        .and_then(|rest| rest.split_once(' '));
    let (name, blob) = parts.ok_or_else(|| wrong.clone())?;
    let blob = STANDARD.decode(blob).map_err(|_| wrong.clone())?;
    match blob.split_first_chunk::<4>() {
        Some((id, bytes)) if is_name(name) && !bytes.is_empty() => Ok(Signature {
            name: name.to_owned(),
            id: u32::from_be_bytes(*id),
            bytes: bytes.to_vec(),
        }),
        _ => Err(wrong),
    }
}

fn is_control(character: char) -> bool {
    character < ' ' && character != '\n'
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.contains(|c: char| c.is_whitespace() || c == '+')
}

fn key_id(name: &str, key: &[u8; 32]) -> u32 {
    let digest = Digest::of_pieces([name.as_bytes(), &[b'\n', ED25519_TYPE], key]);
    let [a, b, c, d, ..] = *digest.as_bytes();
    u32::from_be_bytes([a, b, c, d])
}

/// A public key, written `name+id+key` ("vkey").
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VerifyingKey {
    name: String,
    id: u32,
    key: [u8; 32],
}

impl VerifyingKey {
    /// The key's name: the origin of the log that it signs.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first bytes of a hash of the key, which stand before its signatures.
    pub const fn id(&self) -> u32 {
        self.id
    }

    /// The 32 bytes of the Ed25519 key (RFC 8032).
    pub const fn bytes(&self) -> &[u8; 32] {
        &self.key
    }

    fn verifies(&self, text: &[u8], signature: &[u8]) -> bool {
        let key = UnparsedPublicKey::new(&ED25519, self.key);
        key.verify(text, signature).is_ok()
    }
}

impl fmt::Display for VerifyingKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { name, id, key } = self;
        write!(f, "{name}+{id:08x}+{}", STANDARD.encode(typed(key)))
    }
}

impl FromStr for VerifyingKey {
    type Err = NoteError;

    fn from_str(text: &str) -> Result<Self, NoteError> {
        let (name, id, key) = parts(text)?;
        if id != key_id(&name, &key) {
            return Err(NoteError::Key("its id is not that of its name and key"));
        }
        Ok(Self { name, id, key })
    }
}

/// A private key, written `PRIVATE+KEY+name+id+seed` by [`SigningKey::to_secret`]. Nothing else
/// shows it.
#[derive(Clone)]
pub struct SigningKey {
    seed: [u8; 32],
    public: VerifyingKey,
}

impl SigningKey {
    /// The key of this name from 32 random bytes.
    pub fn new(name: &str, seed: [u8; 32]) -> Result<Self, NoteError> {
        if !is_name(name) {
            return Err(NoteError::Key("its name is empty or has spaces or a plus"));
        }
        let key: [u8; 32] = pair(&seed)?
            .public_key()
            .as_ref()
            .try_into()
            .map_err(|_| NoteError::Key("it is no Ed25519 key"))?;
        let public = VerifyingKey {
            name: name.to_owned(),
            id: key_id(name, &key),
            key,
        };
        Ok(Self { seed, public })
    }

    /// The public half.
    pub const fn public(&self) -> &VerifyingKey {
        &self.public
    }

    /// The key as it is stored: who has this text can sign.
    pub fn to_secret(&self) -> String {
        let VerifyingKey { name, id, .. } = &self.public;
        format!(
            "{PRIVATE}{name}+{id:08x}+{}",
            STANDARD.encode(typed(&self.seed))
        )
    }

    /// Reads what [`SigningKey::to_secret`] wrote.
    pub fn from_secret(text: &str) -> Result<Self, NoteError> {
        let rest = text
            .strip_prefix(PRIVATE)
            .ok_or(NoteError::Key("it does not begin as private keys do"))?;
        let (name, id, seed) = parts(rest)?;
        let key = Self::new(&name, seed)?;
        if key.public.id == id {
            Ok(key)
        } else {
            Err(NoteError::Key("its id is not that of its name and key"))
        }
    }

    /// The Ed25519 signature of these bytes, 64 bytes (RFC 8032).
    pub fn sign_bytes(&self, bytes: &[u8]) -> Vec<u8> {
        pair(&self.seed).map_or_else(|_| Vec::new(), |pair| pair.sign(bytes).as_ref().to_vec())
    }

    fn sign(&self, text: &str) -> Signature {
        Signature {
            name: self.public.name.clone(),
            id: self.public.id,
            bytes: self.sign_bytes(text.as_bytes()),
        }
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SigningKey({})", self.public)
    }
}

fn pair(seed: &[u8; 32]) -> Result<Ed25519KeyPair, NoteError> {
    Ed25519KeyPair::from_seed_unchecked(seed).map_err(|_| NoteError::Key("it is no Ed25519 key"))
}

fn typed(key: &[u8; 32]) -> Vec<u8> {
    let mut bytes = vec![ED25519_TYPE];
    bytes.extend_from_slice(key);
    bytes
}

/// `name+id+key` in its parts.
fn parts(text: &str) -> Result<(String, u32, [u8; 32]), NoteError> {
    let wrong = NoteError::Key("it is not of the form name+id+key");
    let mut parts = text.splitn(3, '+');
    let (Some(name), Some(id), Some(key)) = (parts.next(), parts.next(), parts.next()) else {
        return Err(wrong);
    };
    let blob = STANDARD.decode(key).map_err(|_| wrong.clone())?;
    let number = u32::from_str_radix(id, 16).map_err(|_| wrong.clone())?;
    match blob.split_first() {
        Some((&ED25519_TYPE, key)) if is_name(name) && id.len() == 8 => {
            let key = key.try_into().map_err(|_| wrong)?;
            Ok((name.to_owned(), number, key))
        }
        Some(_) if is_name(name) && id.len() == 8 => Err(NoteError::Key("it is no Ed25519 key")),
        _ => Err(wrong),
    }
}
