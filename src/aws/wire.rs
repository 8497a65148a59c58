//! What of a call's input is on the wire. The SDK's text for people names the values of enumerations as Rust does
//! (`Notified`), and hides a member that the model calls sensitive even where it is not there; the request that is sent
//! knows better (`NOTIFIED`).

use serde_json::{Map, Value};

/// What a value begins with whose word is Rust's name of an enumeration's value.
pub(super) const VARIANT: char = '\u{1}';
/// What stands for a member that the SDK hides.
pub(super) const HIDDEN: &str = "\u{2}";
/// What a person is shown in its place.
const SHOWN: &str = "(hidden)";

/// The values of a request, each with the name that it goes under, in small letters.
#[derive(Debug, Default)]
pub(super) struct Wire(Vec<(String, String)>);

impl Wire {
    /// Of a body in JSON or as a form, and the URI's query.
    pub fn of(body: Option<&[u8]>, uri: &str) -> Self {
        let mut wire = Self::default();
        if let Some((_, query)) = uri.split_once('?') {
            wire.form(query.as_bytes());
        }
        match body.map(serde_json::from_slice::<Value>) {
            Some(Ok(value)) => wire.json("", &value),
            _ => body.into_iter().for_each(|body| wire.form(body)),
        }
        wire
    }

    fn form(&mut self, text: &[u8]) {
        for (name, value) in form_urlencoded::parse(text) {
            // Of `Tags.member.1.Key` the last word that is no number.
            let last = name.rsplit('.').find(|part| part.parse::<u32>().is_err() && *part != "member");
            self.0.push((last.unwrap_or_default().to_lowercase(), value.into_owned()));
        }
    }

    fn json(&mut self, name: &str, value: &Value) {
        match value {
            Value::Object(members) => members.iter().for_each(|(name, value)| self.json(&name.to_lowercase(), value)),
            Value::Array(items) => items.iter().for_each(|item| self.json(name, item)),
            Value::String(text) => self.0.push((name.to_owned(), text.clone())),
            _ => {}
        }
    }

    /// The value as it is sent under that name, else under any other.
    fn value(&self, name: &str, variant: &str) -> Option<&str> {
        let fits = |(_, value): &&(String, String)| letters(value) == letters(variant);
        let named = self.0.iter().filter(|(under, _)| under == &name.to_lowercase()).find(fits);
        named.or_else(|| self.0.iter().find(fits)).map(|(_, value)| value.as_str())
    }

    fn has(&self, name: &str) -> bool {
        self.0.iter().any(|(under, _)| *under == name.to_lowercase())
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
            wire.is_none_or(|wire| wire.has(name)).then(|| Value::String(SHOWN.to_owned()))?
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
        let with = Wire::of(Some(br#"{"feedback":"USEFUL","comments":"a secret"}"#), "/");
        assert_eq!(as_sent(input(), Some(&with)), json!({ "Comments": "(hidden)", "Feedback": "USEFUL" }));
        assert_eq!(as_sent(json!({ "Password": HIDDEN }), None), json!({ "Password": "(hidden)" }));
    }
}
