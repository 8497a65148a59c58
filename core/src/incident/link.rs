//! How records are named: by writer and number, everywhere, for ever.

use crate::text::{BadId, Id, id::WriterName};
use serde::{Deserialize, Serialize};

/// One console's attachment to a session: 128 random bits in lower-case base32, unique for ever.
pub type WriterId = Id<WriterName>;

/// The name of a record: `[w,n]`.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Link(pub WriterId, pub u64);

/// A writer id out of 16 random bytes.
pub fn writer_id(random: &[u8; 16]) -> Result<WriterId, BadId> {
    Id::new(&data_encoding::BASE32_NOPAD.encode(random).to_ascii_lowercase())
}

/// The first ten characters, enough for a person to tell writers apart.
pub fn short(writer: &WriterId) -> &str {
    writer.as_str().get(..10).unwrap_or_default()
}
