//! JSON as it lies in the file: a borrowed tree that forgives wrong types and either case of a key.
//!
//! The same finding comes in camelCase from the service and in PascalCase from the command line, with numbers as
//! strings and strings as numbers; so a lookup compares keys without case, and a reading says what is there.

use crate::text::Untrusted;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::value::RawValue;
use std::borrow::Cow;
use std::fmt;

/// A value of a record, borrowed from the text it was read from.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Node<'a> {
    Null,
    Bool(bool),
    Whole(u64),
    Number(f64),
    Text(Cow<'a, str>),
    List(Vec<Node<'a>>),
    Map(Vec<(Cow<'a, str>, Node<'a>)>),
}

static NULL: Node<'static> = Node::Null;

impl<'a> Node<'a> {
    /// The value at `name`, without regard to case; of keys that occur twice the last, as most readers do.
    pub(super) fn get(&self, name: &str) -> &Node<'a> {
        match self {
            Node::Map(pairs) => find(pairs, name).unwrap_or(&NULL),
            _ => &NULL,
        }
    }

    /// The value at the end of a path of names.
    pub(super) fn at(&self, path: &[&str]) -> &Node<'a> {
        path.iter().fold(self, |node, name| node.get(name))
    }

    /// Text that is not empty.
    pub(super) fn str(&self) -> Option<&str> {
        match self {
            Node::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// Text that is not empty, or a number in digits.
    pub(super) fn text(&self) -> Option<Untrusted> {
        match self {
            Node::Whole(n) => Some(n.to_string().into()),
            _ => self.str().map(Untrusted::from),
        }
    }

    /// A number, also where it stands in a string.
    pub(super) fn number(&self) -> Option<f64> {
        match self {
            Node::Whole(n) => Some(*n as f64),
            Node::Number(n) => Some(*n),
            Node::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
        .filter(|n: &f64| n.is_finite())
    }

    /// A whole number, also where it stands in a string.
    pub(super) fn whole(&self) -> Option<u64> {
        match self {
            Node::Whole(n) => Some(*n),
            Node::Number(n) if n.fract() == 0.0 && (0.0..9e15).contains(n) => Some(*n as u64),
            Node::Text(text) => text.trim().parse().ok(),
            _ => None,
        }
    }

    /// Whether it says true, also where it stands in a string.
    pub(super) fn is_true(&self) -> bool {
        match self {
            Node::Bool(yes) => *yes,
            Node::Text(text) => text.trim().eq_ignore_ascii_case("true"),
            _ => false,
        }
    }

    /// The items of a list; a lone map counts as a list of one.
    pub(super) fn items(&self) -> &[Node<'a>] {
        match self {
            Node::List(items) => items,
            Node::Map(_) => std::slice::from_ref(self),
            _ => &[],
        }
    }

    /// The pairs of a map.
    pub(super) fn pairs(&self) -> &[(Cow<'a, str>, Node<'a>)] {
        match self {
            Node::Map(pairs) => pairs,
            _ => &[],
        }
    }

    pub(super) fn is_null(&self) -> bool {
        matches!(self, Node::Null)
    }
}

/// Looks a name up without regard to case; the last of equal keys counts.
pub(super) fn find<'p, T>(pairs: &'p [(Cow<'_, str>, T)], name: &str) -> Option<&'p T> {
    pairs.iter().rev().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// The first level of a value: its children are still raw, so that only what is asked for is read.
#[derive(Debug)]
pub(super) enum Top<'a> {
    List(Vec<&'a RawValue>),
    Map(Vec<(Cow<'a, str>, &'a RawValue)>),
    Other,
}

impl<'de: 'a, 'a> Deserialize<'de> for Node<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Tree;
        impl<'de> Visitor<'de> for Tree {
            type Value = Node<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Node::Null)
            }
            fn visit_bool<E>(self, yes: bool) -> Result<Self::Value, E> {
                Ok(Node::Bool(yes))
            }
            fn visit_u64<E>(self, n: u64) -> Result<Self::Value, E> {
                Ok(Node::Whole(n))
            }
            fn visit_i64<E>(self, n: i64) -> Result<Self::Value, E> {
                Ok(Node::Number(n as f64))
            }
            fn visit_f64<E>(self, n: f64) -> Result<Self::Value, E> {
                Ok(Node::Number(n))
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Node::Text(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Node::Text(Cow::Owned(text.to_owned())))
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Node::List(items))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::new();
                while let Some((Key(key), value)) = map.next_entry()? {
                    pairs.push((key, value));
                }
                Ok(Node::Map(pairs))
            }
        }
        deserializer.deserialize_any(Tree)
    }
}

impl<'de: 'a, 'a> Deserialize<'de> for Top<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Level;
        impl<'de> Visitor<'de> for Level {
            type Value = Top<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("JSON")
            }
            fn visit_unit<E>(self) -> Result<Self::Value, E> {
                Ok(Top::Other)
            }
            fn visit_bool<E>(self, _: bool) -> Result<Self::Value, E> {
                Ok(Top::Other)
            }
            fn visit_u64<E>(self, _: u64) -> Result<Self::Value, E> {
                Ok(Top::Other)
            }
            fn visit_i64<E>(self, _: i64) -> Result<Self::Value, E> {
                Ok(Top::Other)
            }
            fn visit_f64<E>(self, _: f64) -> Result<Self::Value, E> {
                Ok(Top::Other)
            }
            fn visit_str<E>(self, _: &str) -> Result<Self::Value, E> {
                Ok(Top::Other)
            }
            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Self::Value, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Top::List(items))
            }
            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
                let mut pairs = Vec::with_capacity(24);
                while let Some((Key(key), value)) = map.next_entry()? {
                    pairs.push((key, value));
                }
                Ok(Top::Map(pairs))
            }
        }
        deserializer.deserialize_any(Level)
    }
}

struct Key<'a>(Cow<'a, str>);

impl<'de: 'a, 'a> Deserialize<'de> for Key<'a> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Name;
        impl<'de> Visitor<'de> for Name {
            type Value = Key<'de>;
            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a key")
            }
            fn visit_borrowed_str<E>(self, text: &'de str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Borrowed(text)))
            }
            fn visit_str<E>(self, text: &str) -> Result<Self::Value, E> {
                Ok(Key(Cow::Owned(text.to_owned())))
            }
        }
        deserializer.deserialize_str(Name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(text: &str) -> Node<'_> {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn keys_are_found_in_either_case_and_the_last_counts() {
        let it = node(r#"{"Service":{"eventFirstSeen":"a"},"id":1,"id":2}"#);
        assert_eq!(it.at(&["service", "EventFirstSeen"]).str(), Some("a"));
        assert_eq!(it.get("Id").whole(), Some(2));
        assert!(it.at(&["service", "eventFirstSeen", "deeper"]).is_null());
    }

    #[test]
    fn wrong_types_are_read_as_what_they_say() {
        let it = node(r#"{"a":"5.0","b":"true","c":123456789012,"d":"","e":{"x":1},"f":null,"g":-2,"h":"7"}"#);
        assert_eq!(it.get("a").number(), Some(5.0));
        assert!(it.get("b").is_true());
        assert_eq!(it.get("c").text(), Some("123456789012".into()));
        assert_eq!(it.get("d").text(), None);
        assert_eq!(it.get("e").items().len(), 1);
        assert_eq!(it.get("f").number(), None);
        assert_eq!(it.get("g").number(), Some(-2.0));
        assert_eq!(it.get("h").whole(), Some(7));
    }

    #[test]
    fn a_number_in_words_that_is_none_is_none() {
        let it = node(r#"["NaN","inf","12x"]"#);
        assert!(it.items().iter().all(|n| n.number().is_none()));
    }

    #[test]
    fn depth_is_limited() {
        let deep = "[".repeat(200) + &"]".repeat(200);
        assert!(serde_json::from_str::<Node<'_>>(&deep).is_err());
    }
}
