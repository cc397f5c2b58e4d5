//! The log's keys in the form of OpenSSH, so that `git verify-commit` and `ssh-keygen -Y verify`
//! can verify what they sign (PROTOCOL.sshsig, RFC 8709).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::digest::{SHA512, digest};

use crate::note::{SigningKey, VerifyingKey};

const KIND: &[u8] = b"ssh-ed25519";
const MAGIC: &[u8] = b"SSHSIG";
const HASH: &[u8] = b"sha512";
/// So many characters of base64 stand in a line.
const LINE: usize = 70;

/// The public key as OpenSSH writes it: `ssh-ed25519 AAAA…`.
pub fn ssh_public_key(key: &VerifyingKey) -> String {
    format!("ssh-ed25519 {}", STANDARD.encode(public(key)))
}

/// The signature of a key on a message in a namespace, such as `git`, in armour. What is signed
/// begins as no note does, so that it is never taken for a checkpoint.
pub fn ssh_signature(key: &SigningKey, namespace: &str, message: &[u8]) -> String {
    let hash = digest(&SHA512, message);
    let mut signed = MAGIC.to_vec();
    for text in [namespace.as_bytes(), b"", HASH, hash.as_ref()] {
        put(&mut signed, text);
    }
    let mut signature = Vec::new();
    put(&mut signature, KIND);
    put(&mut signature, &key.sign_bytes(&signed));

    let mut blob = MAGIC.to_vec();
    blob.extend(1_u32.to_be_bytes());
    let public = public(key.public());
    for text in [&public, namespace.as_bytes(), b"", HASH, &signature] {
        put(&mut blob, text);
    }
    let mut armour = "-----BEGIN SSH SIGNATURE-----".to_owned();
    for (place, character) in STANDARD.encode(blob).char_indices() {
        if place % LINE == 0 {
            armour.push('\n');
        }
        armour.push(character);
    }
    armour.push_str("\n-----END SSH SIGNATURE-----\n");
    armour
}

/// A line of an `allowed_signers` file (ssh-keygen(1)): the key may sign commits.
pub fn allowed_signer(key: &VerifyingKey) -> String {
    format!("{} namespaces=\"git\" {}", key.name(), ssh_public_key(key))
}

fn public(key: &VerifyingKey) -> Vec<u8> {
    let mut blob = Vec::new();
    put(&mut blob, KIND);
    put(&mut blob, key.bytes());
    blob
}

/// A string with its length before it (RFC 4251, 5).
fn put(blob: &mut Vec<u8>, text: &[u8]) {
    blob.extend(u32::try_from(text.len()).unwrap_or(u32::MAX).to_be_bytes());
    blob.extend(text);
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_written_as_openssh_does() {
        let key = SigningKey::new("pressmark/a", [3; 32]).unwrap();
        let line = allowed_signer(key.public());
        let start = "pressmark/a namespaces=\"git\" ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI";
        assert!(
            line.starts_with(start) && line.len() == start.len() + 43,
            "{line}"
        );
        let signature = ssh_signature(&key, "git", b"text");
        assert!(signature.lines().all(|line| line.len() <= LINE));
        assert_eq!(signature, ssh_signature(&key, "git", b"text"));
        assert_ne!(signature, ssh_signature(&key, "file", b"text"));
    }
}
