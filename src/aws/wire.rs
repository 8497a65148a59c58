//! What of a call's input is on the wire. The SDK's text for people names the values of enumerations as Rust does
//! (`Notified`), and hides a member that the model calls sensitive even where it is not there; the request that is sent
//! knows better (`NOTIFIED`). What is sensitive there and no credential, such as a comment, is shown as it is sent.

use serde_json::{Map, Value};

/// What a value begins with whose word is Rust's name of an enumeration's value.
pub(super) const VARIANT: char = '\u{1}';
/// What stands for a member that the SDK hides.
pub(super) const HIDDEN: &str = "\u{2}";
/// What a person is shown in its place.
const SHOWN: &str = "(hidden)";

/// What the name of a member says that is a credential, whatever the request carries.
const SECRET: [&str; 10] =
    ["secret", "password", "passphrase", "token", "credential", "key", "code", "assertion", "certificate", "parameter"];

/// The values of a request, each with the name that it goes under, in small letters; the text of one that is a string.
#[derive(Default)]
pub(super) struct Wire(Vec<(String, Option<String>)>);

impl Wire {
    /// Of a body in JSON or as a form, and the URI's query and path, whose parts have no name.
    pub fn of(body: Option<&[u8]>, uri: &str) -> Self {
        let mut wire = Self::default();
        let (path, query) = uri.split_once('?').unwrap_or((uri, ""));
        wire.form(query.as_bytes());
        for part in path.split('/') {
            let part = percent_encoding::percent_decode_str(part).decode_utf8_lossy();
            wire.0.push((String::new(), Some(part.into_owned())));
        }
        match body.map(serde_json::from_slice::<Value>) {
            Some(Ok(value)) => wire.json("", &value),
            _ => body.into_iter().for_each(|body| wire.form(body)),
        }
        wire
    }

    fn form(&mut self, text: &[u8]) {
        for (name, value) in form_urlencoded::parse(text) {
            // Of `Tags.member.1.Key` the last word that is no number; the others hold something, but no text.
            let mut parts = name.rsplit('.').filter(|part| part.parse::<u32>().is_err() && *part != "member");
            self.0.push((parts.next().unwrap_or_default().to_lowercase(), Some(value.into_owned())));
            self.0.extend(parts.map(|part| (part.to_lowercase(), None)));
        }
    }

    fn json(&mut self, name: &str, value: &Value) {
        match value {
            Value::Object(members) => {
                self.0.push((name.to_owned(), None));
                members.iter().for_each(|(name, value)| self.json(&name.to_lowercase(), value));
            }
            Value::Array(items) => items.iter().for_each(|item| self.json(name, item)),
            Value::String(text) => self.0.push((name.to_owned(), Some(text.clone()))),
            Value::Null => {}
            Value::Bool(_) | Value::Number(_) => self.0.push((name.to_owned(), None)),
        }
    }

    /// The value as it is sent under that name, else under any other.
    fn value(&self, name: &str, variant: &str) -> Option<&str> {
        let texts = || self.0.iter().filter_map(|(under, text)| Some((under, text.as_deref()?)));
        let fits = |(_, text): &(&String, &str)| letters(text) == letters(variant);
        let named = texts().filter(|(under, _)| **under == name.to_lowercase()).find(fits);
        named.or_else(|| texts().find(fits)).map(|(_, text)| text)
    }

    /// What is shown of a member that the SDK hides; None where it is not sent. Of several under one name it is not
    /// known which it is.
    fn hidden(&self, name: &str) -> Option<&str> {
        let name = name.to_lowercase();
        let secret = SECRET.iter().any(|word| name.contains(word));
        let mut under = self.0.iter().filter(|(under, _)| *under == name).map(|(_, text)| text.as_deref());
        match (under.next()?, under.next()) {
            (Some(text), None) if !secret => Some(text),
            _ => Some(SHOWN),
        }
    }
}

/// Rust's names have none of the signs that stand between the words of AWS's.
fn letters(text: &str) -> String {
    text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// The input with what stands on the wire; with no request there is nothing to hold it against.
pub(super) fn as_sent(input: Value, wire: Option<&Wire>) -> Value {
    held("", input, wire).unwrap_or(Value::Null)
}

/// None where a member is not sent.
fn held(name: &str, value: Value, wire: Option<&Wire>) -> Option<Value> {
    Some(match value {
        Value::String(text) if text == HIDDEN => {
            Value::String(wire.map_or(Some(SHOWN), |wire| wire.hidden(name))?.to_owned())
        }
        Value::String(text) => match text.strip_prefix(VARIANT) {
            Some(variant) => {
                Value::String(wire.and_then(|wire| wire.value(name, variant)).unwrap_or(variant).to_owned())
            }
            None => Value::String(text),
        },
        Value::Array(items) => Value::Array(items.into_iter().filter_map(|item| held(name, item, wire)).collect()),
        Value::Object(members) => {
            let member = |(name, value): (String, Value)| held(&name, value, wire).map(|value| (name, value));
            Value::Object(members.into_iter().filter_map(member).collect::<Map<_, _>>())
        }
        other => other,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn variant(word: &str) -> String {
        format!("{VARIANT}{word}")
    }

    #[test]
    fn an_enumerations_value_is_what_is_sent_and_not_rusts_name() {
        let wire = Wire::of(Some(br#"{"workflow":{"status":"NOTIFIED"},"note":{"text":"notified"}}"#), "/findings");
        let input = json!({ "Note": { "Text": "notified" }, "Workflow": { "Status": variant("Notified") } });
        let sent = json!({ "Note": { "Text": "notified" }, "Workflow": { "Status": "NOTIFIED" } });
        assert_eq!(as_sent(input, Some(&wire)), sent);
        for (rust, aws) in [("InProgress", "IN_PROGRESS"), ("AwsKms", "aws:kms"), ("X8664", "x86_64"), ("Auto", "Auto")]
        {
            let wire = Wire::of(Some(json!({ "Modes": ["other", aws] }).to_string().as_bytes()), "/");
            assert_eq!(as_sent(json!({ "Modes": [variant(rust)] }), Some(&wire)), json!({ "Modes": [aws] }));
        }
        // Under its own name before any other.
        let wire = Wire::of(Some(br#"{"a":"USEFUL","feedback":"Useful"}"#), "/");
        assert_eq!(as_sent(json!({ "Feedback": variant("Useful") }), Some(&wire)), json!({ "Feedback": "Useful" }));
        // Where it is not found, or nothing is sent, it stays.
        for wire in [Some(&wire), None] {
            assert_eq!(as_sent(json!({ "Mode": variant("Auto") }), wire), json!({ "Mode": "Auto" }));
        }
    }

    #[test]
    fn forms_and_queries_are_read_too() {
        let wire = Wire::of(Some(b"Action=UpdateAccessKey&Status=Inactive&Tags.member.1.Key=a%20b"), "/?mode=FAST-one");
        let input =
            json!({ "Status": variant("Inactive"), "Mode": variant("FastOne"), "Tags": [{ "Key": variant("AB") }] });
        let sent = json!({ "Status": "Inactive", "Mode": "FAST-one", "Tags": [{ "Key": "a b" }] });
        assert_eq!(as_sent(input, Some(&wire)), sent);
    }

    #[test]
    fn what_is_hidden_is_named_only_where_it_is_sent() {
        let input = || json!({ "Comments": HIDDEN, "Feedback": variant("Useful") });
        let without = Wire::of(Some(br#"{"feedback":"USEFUL"}"#), "/");
        assert_eq!(as_sent(input(), Some(&without)), json!({ "Feedback": "USEFUL" }));
        let with = Wire::of(Some(br#"{"feedback":"USEFUL","comments":"seen before"}"#), "/");
        assert_eq!(as_sent(input(), Some(&with)), json!({ "Comments": "seen before", "Feedback": "USEFUL" }));
        // Of two it is not known which it is, and of what is no text there is nothing to show.
        for body in [r#"{"comments":"a","b":{"comments":"c"}}"#, r#"{"comments":{"a":"b"}}"#, r#"{"comments":7}"#] {
            let wire = Wire::of(Some(body.as_bytes()), "/");
            assert_eq!(
                as_sent(json!({ "Comments": HIDDEN }), Some(&wire)),
                json!({ "Comments": "(hidden)" }),
                "{body}"
            );
        }
        assert_eq!(as_sent(json!({ "Comments": HIDDEN }), None), json!({ "Comments": "(hidden)" }));
    }

    #[test]
    fn a_credential_is_never_shown() {
        for name in ["Password", "NewPassword", "SecretAccessKey", "SessionToken", "WebIdentityToken", "PrivateKey"] {
            for body in [json!({ name: "hunter2" }).to_string(), format!("Action=A&{name}=hunter2")] {
                let wire = Wire::of(Some(body.as_bytes()), "/");
                assert_eq!(as_sent(json!({ name: HIDDEN }), Some(&wire)), json!({ name: "(hidden)" }), "{body}");
            }
        }
    }

    #[test]
    fn a_value_in_the_path_is_found() {
        let wire = Wire::of(None, "https://x.example/modes/aws%3Akms/x?y=z");
        assert_eq!(as_sent(json!({ "Mode": variant("AwsKms") }), Some(&wire)), json!({ "Mode": "aws:kms" }));
    }
}
