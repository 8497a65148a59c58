//! What a call asked for, as the AWS command line would be given it.
//!
//! The thin clients say it themselves. The SDK shows an operation's input only as text for people who look for faults
//! (`Debug`): names, strings, lists, maps. That text is read here, and nothing rests on it but the line that a person
//! may copy: what can't be read is left out, with a mark that it was.

use super::wire::{HIDDEN, VARIANT};
use aws_smithy_runtime_api::client::interceptors::context::Input;
use serde_json::{Map, Value};

/// The longest text of an input that is read; what lists hundreds of ids is no line for a person.
const MOST: usize = 16 * 1024;
/// How deep values may lie in each other.
const DEPTH: usize = 16;

/// The input of a call of a thin client: its members by their names in the service model.
#[derive(Debug)]
pub(super) struct Members(pub Value);

/// What the call asks for, as far as it can be told.
pub(super) fn of(input: &Input) -> Option<Value> {
    let said = input.downcast_ref::<Members>().map(|members| members.0.clone());
    said.or_else(|| members(&format!("{input:?}")))
}

/// The members of an input that have a value, by their names in the service model: `ListAccessKeysInput { user_name:
/// Some("jo"), marker: None }` is `{"UserName": "jo"}`. `None` where the text is not of that form.
fn members(debug: &str) -> Option<Value> {
    // The box around it says first what it is.
    let text = match debug.strip_prefix("Input(TypeErasedBox[").and_then(|boxed| boxed.split_once("]:")) {
        Some((_, text)) => text.strip_suffix(')')?,
        None => debug,
    };
    let mut reader = Reader { rest: text.get(..MOST).unwrap_or(text) };
    match reader.value(0)? {
        // One without members has no braces.
        Value::String(name) if name.starts_with(VARIANT) && name.ends_with("Input") && reader.rest.is_empty() => {
            Some(Value::Object(Map::new()))
        }
        value => (reader.rest.trim().is_empty() && value.is_object()).then_some(value),
    }
}

/// What the SDK writes in the place of a sensitive value.
const REDACTED: &str = "*** Sensitive Data Redacted ***";

fn variant(word: &str) -> Value {
    Value::String(format!("{VARIANT}{word}"))
}

struct Reader<'a> {
    rest: &'a str,
}

impl Reader<'_> {
    fn eat(&mut self, token: &str) -> bool {
        self.rest = self.rest.trim_start();
        match self.rest.strip_prefix(token) {
            Some(rest) => {
                self.rest = rest;
                true
            }
            None => false,
        }
    }

    fn word(&mut self) -> &str {
        self.rest = self.rest.trim_start();
        let end = self.rest.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == '.' || c == '-'));
        let (word, rest) = self.rest.split_at(end.unwrap_or(self.rest.len()));
        self.rest = rest;
        word
    }

    /// A value; `null` where there is none.
    fn value(&mut self, depth: usize) -> Option<Value> {
        if depth > DEPTH {
            return None;
        }
        self.rest = self.rest.trim_start();
        match self.rest.chars().next()? {
            '"' => self.string().map(|text| Value::String(if text == REDACTED { HIDDEN.to_owned() } else { text })),
            '[' => self.list(depth),
            '{' => self.map(depth),
            '*' => {
                // The SDK hides what the service model calls sensitive.
                let end = self.rest.find([',', '}', ')', ']'])?;
                self.rest = self.rest.get(end..)?;
                Some(Value::String(HIDDEN.to_owned()))
            }
            _ => self.named(depth),
        }
    }

    /// What begins with a word: a number, `true`, `Some(…)`, a variant, a struct.
    fn named(&mut self, depth: usize) -> Option<Value> {
        let word = self.word().to_owned();
        match word.as_str() {
            "" => None,
            "None" => Some(Value::Null),
            "true" => Some(Value::Bool(true)),
            "false" => Some(Value::Bool(false)),
            _ if self.eat("(") => {
                let inner = self.value(depth + 1)?;
                self.eat(")").then_some(inner)
            }
            _ if self.eat("{") => self.members(depth),
            _ => Some(serde_json::from_str(&word).ok().filter(Value::is_number).unwrap_or_else(|| variant(&word))),
        }
    }

    /// The members of a struct, by names as the model writes them.
    fn members(&mut self, depth: usize) -> Option<Value> {
        let mut members = Map::new();
        while !self.eat("}") {
            let name = pascal(self.word());
            let value = self.eat(":").then(|| self.value(depth + 1)).flatten()?;
            if !value.is_null() {
                members.insert(name, value);
            }
            if !self.eat(",") {
                return self.eat("}").then_some(Value::Object(members));
            }
        }
        Some(Value::Object(members))
    }

    fn map(&mut self, depth: usize) -> Option<Value> {
        let mut members = Map::new();
        self.eat("{").then_some(())?;
        while !self.eat("}") {
            let Value::String(name) = self.value(depth + 1)? else { return None };
            let value = self.eat(":").then(|| self.value(depth + 1)).flatten()?;
            members.insert(name, value);
            if !self.eat(",") {
                return self.eat("}").then_some(Value::Object(members));
            }
        }
        Some(Value::Object(members))
    }

    fn list(&mut self, depth: usize) -> Option<Value> {
        let mut items = Vec::new();
        self.eat("[").then_some(())?;
        while !self.eat("]") {
            items.push(self.value(depth + 1)?);
            if !self.eat(",") {
                return self.eat("]").then_some(Value::Array(items));
            }
        }
        Some(Value::Array(items))
    }

    /// A string with the escapes of `Debug`.
    fn string(&mut self) -> Option<String> {
        let mut text = String::new();
        let mut chars = self.rest.char_indices().skip(1);
        while let Some((at, c)) = chars.next() {
            match c {
                '"' => {
                    self.rest = self.rest.get(at + 1..)?;
                    return Some(text);
                }
                '\\' => text.push(match chars.next()?.1 {
                    'n' => '\n',
                    'r' => '\r',
                    't' => '\t',
                    '0' => '\0',
                    'u' => {
                        let hex: String = chars.by_ref().map(|(_, c)| c).skip(1).take_while(|c| *c != '}').collect();
                        u32::from_str_radix(&hex, 16).ok().and_then(char::from_u32)?
                    }
                    other => other,
                }),
                c => text.push(c),
            }
        }
        None
    }
}

/// `access_key_id` as the models write it.
fn pascal(name: &str) -> String {
    let part = |part: &str| {
        let mut chars = part.chars();
        chars.next().map(|c| c.to_uppercase().chain(chars).collect::<String>()).unwrap_or_default()
    };
    name.split('_').map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn an_input_is_its_members_by_the_models_names() {
        let text = "Input(TypeErasedBox[!Clone]:ListAccessKeysInput { user_name: Some(\"jo\"), marker: None, max_items: Some(5) })";
        assert_eq!(members(text), Some(json!({"UserName": "jo", "MaxItems": 5})));
        assert_eq!(members("GetCallerIdentityInput"), Some(json!({})));
        assert_eq!(members("GetCallerIdentityInput {}"), Some(json!({})));
        let text = "StartInput { mode: Some(Auto), tags: Some([Tag { key: Some(\"k\"), value: Some(\"a\\\"b\\u{202e}\") }]), \
                    parameters: Some({\"InstanceId\": [\"i-1\"]}), dry: true, status: Some(Unknown(\"X\")) }";
        let expected = json!({
            "Mode": "\u{1}Auto",
            "Tags": [{"Key": "k", "Value": "a\"b\u{202e}"}],
            "Parameters": {"InstanceId": ["i-1"]},
            "Dry": true,
            "Status": "X",
        });
        assert_eq!(members(text), Some(expected));
    }

    #[test]
    fn what_the_sdk_hides_stays_hidden() {
        let text = "CreateLoginProfileInput { user_name: Some(\"jo\"), password: \"*** Sensitive Data Redacted ***\" }";
        assert_eq!(members(text), Some(json!({"Password": HIDDEN, "UserName": "jo"})));
        let text = "XInput { password: *** Sensitive Data Redacted ***, user_name: Some(\"jo\") }";
        assert_eq!(members(text), Some(json!({"Password": HIDDEN, "UserName": "jo"})));
    }

    #[test]
    fn what_can_not_be_read_is_none_and_no_panic() {
        for text in [
            "",
            "X {",
            "X { a: }",
            "X { a: Some(\"",
            "X { a: Some(1 }",
            "X { a: \"\\u{zz}\" }",
            "[1, 2]",
            "\"x\"",
            "X { a: 1 } y",
        ] {
            assert_eq!(members(text), None, "{text}");
        }
        assert_eq!(members(&format!("X {{ a: {}1{} }}", "[".repeat(99), "]".repeat(99))), None);
        assert_eq!(members(&format!("X {{ a: \"{}\" }}", "x".repeat(MOST))), None);
    }
}
