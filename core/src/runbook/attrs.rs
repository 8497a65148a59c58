//! A step's attributes, in a comment that GitHub hides: `<!-- step: id=isolate role=handler target=15m note=required -->`.

use super::Level;
use super::condition::Condition;
use super::each::List;
use crate::text::{Id, Untrusted, id::Slug};

/// What the comment says.
#[derive(Default)]
pub(super) struct Attributes {
    pub id: Option<Id<Slug>>,
    pub role: Option<Untrusted>,
    /// In minutes.
    pub target: Option<u32>,
    pub note_required: bool,
    /// What must be attached before it is done, in the author's words.
    pub evidence: Option<Untrusted>,
    /// The look-up that it is about.
    pub lookup: Option<Box<str>>,
    pub lookup_at: usize,
    pub decision: bool,
    pub when: Option<Condition>,
    /// Where its text starts in the comment that holds it.
    pub when_at: usize,
    /// The list for each value of which it is done.
    pub each: Option<List>,
    /// The names that were set, also in another comment of the step.
    set: Vec<Box<str>>,
}

/// Something that is wrong in the comment: how bad, offset in the comment, and what.
pub(super) type Complaint = (Level, usize, String);

/// Whether an HTML comment holds attributes.
pub(super) fn is_attributes(comment: &str) -> bool {
    comment.strip_prefix("<!--").is_some_and(|rest| rest.trim_start().starts_with("step:"))
}

/// Reads a comment for which [`is_attributes`] holds.
pub(super) fn read(comment: &str, into: &mut Attributes) -> Vec<Complaint> {
    let start = comment.find("step:").map_or(0, |at| at + "step:".len());
    let end = comment.rfind("-->").unwrap_or(comment.len()).max(start);
    let mut complaints = Vec::new();
    let text = comment.get(start..end).unwrap_or_default();
    for (at, name, value) in pairs(text) {
        // The first of two counts: records may name the step by it.
        if into.set.iter().any(|known| &**known == name) {
            complaints.push((Level::Error, start + at, format!("the step's {name} stands here twice")));
        } else if let ("lookup", Some(value)) = (name, value) {
            (into.lookup, into.lookup_at) = (Some(value.into()), start + at);
            into.set.push(name.into());
        } else if let ("when", Some(value)) = (name, value) {
            let quoted = text.get(at + "when=".len()..).is_some_and(|rest| rest.starts_with('"'));
            let value_at = start + at + "when=".len() + usize::from(quoted);
            match Condition::read(value) {
                Ok(condition) => (into.when, into.when_at) = (Some(condition), value_at),
                Err((within, what)) => complaints.push((Level::Error, value_at + within, what)),
            }
            into.set.push(name.into());
        } else if let ("each", Some(value)) = (name, value) {
            match List::named(value) {
                Ok(list) => into.each = Some(list),
                Err(what) => complaints.push((Level::Error, start + at, what)),
            }
            into.set.push(name.into());
        } else if let Err(what) = set(into, name, value) {
            complaints.push((Level::Warning, start + at, what));
        } else {
            into.set.push(name.into());
        }
    }
    complaints
}

fn set(into: &mut Attributes, name: &str, value: Option<&str>) -> Result<(), String> {
    let Some(value) = value else { return Err(format!("{name} is no name=value")) };
    match name {
        "id" => {
            let id = Id::new(value).map_err(|_| {
                format!(
                    "the step id {value} is refused: letters, digits, - _ . only, at most 140, a letter or digit first"
                )
            })?;
            if id.as_str().len() > 140 {
                return Err("the step id is longer than 140 characters".into());
            }
            into.id = Some(id);
        }
        "role" => into.role = Some(value.into()),
        "target" => {
            into.target =
                Some(minutes(value).ok_or_else(|| format!("{value} is no time target; write 15m, 2h or 1d"))?);
        }
        "note" if value == "required" => into.note_required = true,
        "note" => return Err(format!("note={value} is not known; only note=required is")),
        "evidence" if value.trim().is_empty() => {
            return Err("evidence says what is to be attached, as in evidence=\"memory image\"".into());
        }
        "evidence" => into.evidence = Some(value.trim().into()),
        "kind" if value == "decision" => into.decision = true,
        "kind" if value == "manual" => {}
        _ => {
            return Err(format!(
                "the attribute {name} is not known (id, role, target, note, evidence, lookup, when, each)"
            ));
        }
    }
    Ok(())
}

/// A duration in minutes: `15m`, `2h`, `1d`.
fn minutes(text: &str) -> Option<u32> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let per = match text.get(digits.len()..)? {
        "m" | "min" => 1,
        "h" => 60,
        "d" => 24 * 60,
        _ => return None,
    };
    digits.parse::<u32>().ok()?.checked_mul(per)
}

/// The `name=value` pairs of a text with their offsets; a value may stand in double quotes.
fn pairs(text: &str) -> Vec<(usize, &str, Option<&str>)> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..) {
        let skipped = rest.len() - rest.trim_start_matches(|c: char| c.is_whitespace() || c == ',').len();
        at += skipped;
        let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) else { break };
        let name_end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (name, after) = rest.split_at(name_end);
        let (value, used) = match after.strip_prefix('=') {
            Some(quoted) if quoted.starts_with('"') => {
                let inner = quoted.get(1..).unwrap_or_default();
                let end = inner.find('"').unwrap_or(inner.len());
                (inner.get(..end), name_end + 2 + end + 1)
            }
            Some(bare) => {
                let end = bare.find(char::is_whitespace).unwrap_or(bare.len());
                (bare.get(..end), name_end + 1 + end)
            }
            None => (None, name_end),
        };
        out.push((at, name, value));
        at = (at + used.max(1)).min(text.len());
        while !text.is_char_boundary(at) {
            at += 1;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn attributes_are_read_and_the_unknown_is_named() {
        let mut a = Attributes::default();
        let text = "<!-- step: id=isolate role=\"incident lead\" target=2h note=required colour=red -->";
        assert!(is_attributes(text));
        let complaints = read(text, &mut a);
        assert_eq!(a.id.unwrap().as_str(), "isolate");
        assert_eq!(a.role, Some("incident lead".into()));
        assert_eq!(a.target, Some(120));
        assert!(a.note_required);
        let what =
            "the attribute colour is not known (id, role, target, note, evidence, lookup, when, each)".to_owned();
        assert_eq!(complaints, [(Level::Warning, 67, what)]);
        assert_eq!(text.find("colour"), Some(67));
    }

    #[test]
    fn what_must_be_attached_stands_in_the_authors_words() {
        let mut a = Attributes::default();
        assert_eq!(read("<!-- step: id=x evidence=\"memory image\" -->", &mut a), []);
        assert_eq!(a.evidence, Some("memory image".into()));
        let mut a = Attributes::default();
        let complaints = read("<!-- step: id=x evidence=\" \" -->", &mut a);
        let what = "evidence says what is to be attached, as in evidence=\"memory image\"".to_owned();
        assert_eq!((complaints, a.evidence), (vec![(Level::Warning, 16, what)], None));
    }

    #[test]
    fn the_second_of_two_is_an_error_and_does_not_count() {
        let mut a = Attributes::default();
        let complaints = read("<!-- step: id=first target=5m id=second -->", &mut a);
        assert_eq!(complaints, [(Level::Error, 30, "the step's id stands here twice".to_owned())]);
        let complaints = read("<!-- step: target=2h role=lead -->", &mut a);
        assert_eq!(complaints, [(Level::Error, 11, "the step's target stands here twice".to_owned())]);
        assert_eq!((a.id.unwrap().as_str(), a.target, a.role), ("first", Some(5), Some("lead".into())));
    }

    #[test]
    fn a_list_is_read_and_an_unknown_one_is_an_error() {
        let mut a = Attributes::default();
        assert_eq!(read("<!-- step: each=incident.hosts -->", &mut a), []);
        assert_eq!(a.each, Some(List::Hosts));
        let mut a = Attributes::default();
        let complaints = read("<!-- step: id=x each=\"incident.host\" -->", &mut a);
        let what = "there is no list incident.host; did you mean incident.hosts?".to_owned();
        assert_eq!((complaints, a.each), (vec![(Level::Error, 16, what)], None));
        let complaints = read("<!-- step: each=finding.resources -->", &mut Attributes::default());
        let lists =
            "incident.findings, incident.hosts, incident.keys, incident.principals, incident.buckets, incident.ips";
        let what = format!("there is no list finding.resources; the lists are {lists}");
        assert_eq!(complaints, [(Level::Error, 11, what)]);
    }

    #[test]
    fn ids_that_are_no_slugs_are_refused() {
        for bad in ["id=../x", "id=-x", "id=\"a b\"", "id="] {
            let mut a = Attributes::default();
            assert_eq!(read(&format!("<!--step: {bad}-->"), &mut a).len(), 1, "{bad}");
            assert!(a.id.is_none());
        }
        assert!(!is_attributes("<!-- a step: -->"));
        assert_eq!(minutes("99999999999m"), None);
        assert_eq!(minutes("15"), None);
    }
}
