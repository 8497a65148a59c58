//! Outside text and how it becomes harmless.
//!
//! Findings, other people's runbooks, command output, AWS errors and pastes are [`Untrusted`]. The only way to
//! draw or print one is [`Untrusted::clean`], which shows every control, bidirectional and invisible character
//! as an escape; the only way to use one as an identifier is [`Untrusted::parse`]. [`json`] writes raw text so
//! that a file is safe to print on a terminal and survives the round trip.

mod clean;
pub mod id;
pub mod json;
mod near;
pub mod secret;
// For the tests of all rooms, which may name this one.
#[cfg(test)]
#[path = "../../../tests/chance.rs"]
pub mod chance;
#[cfg(test)]
#[path = "../../../tests/shared.rs"]
pub mod shared;
#[cfg(test)]
#[path = "../../../tests/skipped.rs"]
pub mod skipped;

pub use clean::{Clean, Shape, cut_end, cut_start, is_hidden, width};
pub use id::{BadId, Grammar, Id};
pub use near::nearest;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Text that came from outside. It has no `Display`, `Deref` or `AsRef`; `Debug` prints its length and hash;
/// `Serialize` gives the raw text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Untrusted(Box<str>);

impl Untrusted {
    /// Takes text from outside as it is.
    pub fn new(text: impl Into<Box<str>>) -> Self {
        Self(text.into())
    }

    /// Takes bytes from outside; what is not UTF-8 becomes U+FFFD.
    pub fn from_bytes(bytes: &[u8]) -> Self {
        Self(String::from_utf8_lossy(bytes).into())
    }

    /// The text with everything that could act on a terminal, or hide, shown as an escape.
    pub fn clean(&self, shape: Shape) -> Clean {
        clean::clean(&self.0, shape)
    }

    /// The text as one line; short for `clean(Shape::Line)`.
    pub fn line(&self) -> Clean {
        self.clean(Shape::Line)
    }

    /// The text as an identifier of grammar `G`; nothing is trimmed or mended.
    pub fn parse<G: Grammar>(&self) -> Result<Id<G>, BadId> {
        Id::new(&self.0)
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Length in bytes.
    pub fn len(&self) -> usize {
        self.0.len()
    }
}

impl std::fmt::Debug for Untrusted {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hash = Sha256::digest(self.0.as_bytes());
        write!(f, "Untrusted({} bytes, {})", self.0.len(), data_encoding::HEXLOWER.encode(&hash[..4]))
    }
}

impl From<&str> for Untrusted {
    fn from(text: &str) -> Self {
        Self(text.into())
    }
}

impl From<String> for Untrusted {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

/// What is shown can be taken as outside text again (a cleaned text stays clean).
impl From<&Clean> for Untrusted {
    fn from(text: &Clean) -> Self {
        Self(text.as_str().into())
    }
}
