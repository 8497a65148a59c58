//! A bucket's own block of public access: how it stands, in words that can be read back.

use crate::aws::s3::PublicAccessBlock;
use quell_core::text::Untrusted;
use serde_json::{Map, Value as Json};

/// What blocks all there is to block.
pub(in crate::action) const ALL: PublicAccessBlock = PublicAccessBlock {
    block_public_acls: true,
    ignore_public_acls: true,
    block_public_policy: true,
    restrict_public_buckets: true,
};

const NONE: &str = "no configuration";

/// How the block is configured; that none is configured is a state of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::action) struct State(pub Option<PublicAccessBlock>);

impl State {
    /// Every state there is.
    fn every() -> impl Iterator<Item = Self> {
        let of = |n: u8| PublicAccessBlock {
            block_public_acls: n & 8 != 0,
            ignore_public_acls: n & 4 != 0,
            block_public_policy: n & 2 != 0,
            restrict_public_buckets: n & 1 != 0,
        };
        std::iter::once(Self(None)).chain((0..16).map(move |n| Self(Some(of(n)))))
    }

    /// The state that these words stand for, and no others.
    pub(in crate::action) fn of(words: &Untrusted) -> Option<Self> {
        Self::every().find(|state| Untrusted::from(state.words()) == *words)
    }

    pub(in crate::action) fn words(self) -> String {
        let switch = |(name, on): (&str, bool)| format!("{name} {}", if on { "on" } else { "off" });
        self.0.map_or(NONE.to_owned(), |block| block.named().map(switch).join(", "))
    }

    /// The configuration as a call's input has it.
    pub(in crate::action) fn input(self) -> Option<Json> {
        let switches = self.0?.named().map(|(name, on)| (name.to_owned(), Json::Bool(on)));
        Some(Json::Object(Map::from_iter(switches)))
    }

    /// The configuration of a call's input.
    pub(in crate::action) fn of_input(input: &Json) -> Option<Self> {
        Self::every().find(|state| state.input().as_ref() == Some(input))
    }

    /// Whether everything is blocked.
    pub(in crate::action) fn blocks_all(self) -> bool {
        self.0 == Some(ALL)
    }
}
