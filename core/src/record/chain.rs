//! What ties lines together: SHA-256 over their bytes, without canonicalisation, so that `sha256sum` can check it.

use crate::incident::Aside;
use data_encoding::HEXLOWER;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};
use std::fmt;

/// The longest line, its newline included. Whatever is bigger belongs into a blob.
pub const MAX_LINE: usize = 64 * 1024;

/// What stands between the hashed bytes of a line and its hash.
pub(super) const HASH_KEY: &[u8] = b",\"h\":\"";
/// What stands after the hash, the newline included.
pub(super) const HASH_END: &[u8] = b"\"}\n";
/// Bytes of a line that its hash does not cover.
pub(super) const SUFFIX: usize = HASH_KEY.len() + 64 + HASH_END.len();

/// A SHA-256, shown and written as 64 lower-case hexadecimal digits.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hash([u8; 32]);

impl Hash {
    /// What the first record of a writer names as its predecessor.
    pub const ZERO: Hash = Hash([0; 32]);

    /// The hash of some bytes.
    pub fn of(bytes: &[u8]) -> Self {
        Self(Sha256::digest(bytes).into())
    }

    /// Reads 64 lower-case hexadecimal digits.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let mut hash = [0; 32];
        match HEXLOWER.decode_len(text.len()) {
            Ok(32) => HEXLOWER.decode_mut(text, &mut hash).ok().map(|_| Self(hash)),
            _ => None,
        }
    }
}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&HEXLOWER.encode(&self.0))
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        Self::parse(text.as_bytes()).ok_or_else(|| serde::de::Error::custom("not a SHA-256"))
    }
}

/// Length and hash of bytes that come in parts: what a new segment declares as set aside.
#[derive(Clone, Debug, Default)]
pub struct Running {
    bytes: u64,
    sha256: Sha256,
}

impl Running {
    /// Takes the next bytes.
    pub fn add(&mut self, bytes: &[u8]) {
        self.bytes += bytes.len() as u64;
        self.sha256.update(bytes);
    }

    /// How many there were so far.
    pub fn bytes(&self) -> u64 {
        self.bytes
    }

    /// The hash of all of them so far.
    pub fn hash(&self) -> Hash {
        Hash(self.sha256.clone().finalize().into())
    }

    /// What a segment that follows these bytes declares; `None` when there were none.
    pub fn aside(&self) -> Option<Aside> {
        (self.bytes > 0).then(|| Aside { bytes: self.bytes, sha256: self.hash().to_string() })
    }
}
