//! The token that makes an action one and the same however often it is asked about.

use super::link::Link;
use crate::text::{Id, id::Slug};
use uuid::Uuid;

/// The name space of the tokens: these sixteen bytes, for ever, or an action of an old session is not found again.
const NAMESPACE: Uuid = Uuid::from_bytes(*b"quell.action.tok");

/// The client token of an action: UUIDv5 (RFC 9562) of its session's id and its planned record's name. The started
/// record carries it, and so do the call and the tag by which the work is looked up after an unknown outcome.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Token(Box<str>);

impl Token {
    /// The token of the action that `action` planned in `session`.
    pub fn new(session: &Id<Slug>, action: &Link) -> Self {
        let name = format!("{session}/{}/{}", action.0, action.1);
        Self(Uuid::new_v5(&NAMESPACE, name.as_bytes()).hyphenated().to_string().into())
    }

    /// In lower case with hyphens, as Systems Manager takes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_its_session_writer_and_number() {
        let session = Id::new("20260102T030405Z-demo-abcdef").unwrap();
        let link = |n| Link(Id::new("aaaaaaaaaaaaaaaaaaaaaaaaaa").unwrap(), n);
        assert_eq!(Token::new(&session, &link(7)).as_str(), "da722aa1-16f5-5153-b017-820a0c8deb76");
        assert_eq!(Token::new(&session, &link(8)).as_str(), "6d5139a8-40d2-56ce-8730-05f57a7c1f94");
        assert!(Id::<crate::text::id::Uuid>::new(Token::new(&session, &link(7)).as_str()).is_ok());
    }
}
