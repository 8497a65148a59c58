//! The head of a writer: the last acknowledged record as its own small file remembers it. It shows what a chain
//! can't: that a log was cut at the end of a record.

use super::chain::Hash;
use crate::text::json;
use serde::{Deserialize, Serialize};

/// What `<writer>.head` holds, as one line of JSON with its keys in this order.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Head {
    /// The segment's file name.
    pub file: String,
    /// Bytes of the segment up to the end of the record.
    pub bytes: u64,
    pub n: u64,
    pub h: Hash,
}

impl Head {
    /// The file's content.
    pub fn encode(&self) -> Result<Vec<u8>, serde_json::Error> {
        let mut line = json::to_string(self)?.into_bytes();
        line.push(b'\n');
        Ok(line)
    }

    /// Reads what [`Head::encode`] wrote, and nothing else.
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let head: Self = serde_json::from_slice(bytes).ok()?;
        (head.encode().ok()? == bytes).then_some(head)
    }
}
