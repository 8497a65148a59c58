//! What of a GuardDuty finding is read although the service would not write it so: told with its place, because a
//! guess stands where a fact should.
//!
//! GuardDuty's model (`Finding` in its API reference) requires ten members and gives each a type. Told is what quell
//! itself leans on: by which a finding is named, placed, ranked and ordered. Only a record that says which schema it
//! follows is held against it; one without `schemaVersion` is an extract that some tool made, and complete as such.

use super::doc::{Node, find};
use super::record::{Bad, Record, tree};
use super::time::time;

/// One doubt: the value that it is of, or none where it is of the whole record; and what it is.
pub(super) type Doubt<'a> = (Option<&'a str>, String);

/// Members of text, in the model's order.
const TEXTS: [&str; 7] = ["accountId", "arn", "createdAt", "id", "region", "type", "updatedAt"];

/// Members without which a finding can't be joined, ranked, given its runbook or held against its other copies.
const NEEDED: [(&str, &str); 4] = [
    ("arn", "copies of it from other services are not known to be the same"),
    ("severity", "it is listed below all that have one"),
    ("type", "no runbook but the generic one fits"),
    ("updatedAt", "of two copies it can't be told which is the newer"),
];

/// The doubts of a record, in the order of the text.
pub(super) fn guardduty<'a>(record: &Record<'a>) -> Result<Vec<Doubt<'a>>, Bad> {
    let mut doubts = Vec::new();
    if record.get("schemaVersion")?.is_null() {
        return Ok(doubts);
    }
    for (name, so) in NEEDED {
        if record.get(name)?.is_null() {
            doubts.push((None, format!("no {name}: {so}")));
        }
    }
    for name in TEXTS {
        let Some(raw) = find(&record.fields, name) else { continue };
        let node = tree(raw)?;
        let what = match (&node, kind(&node)) {
            (Node::Null, _) => continue,
            (Node::Text(text), _) if text.trim().is_empty() => "is empty".to_owned(),
            (Node::Text(_), _) if name.ends_with("At") && time(&node).is_none() => "is no point in time".to_owned(),
            (Node::Text(_), _) => continue,
            (_, kind) => format!("is {kind} and should be text"),
        };
        doubts.push((Some(raw.get()), format!("{name} {what}")));
    }
    if let Some(raw) = find(&record.fields, "severity") {
        let node = tree(raw)?;
        if !matches!(node, Node::Null | Node::Whole(_) | Node::Number(_)) {
            let what = format!("severity is {} and should be a number", kind(&node));
            doubts.push((Some(raw.get()), what));
        }
    }
    // In the order of the text; what is of the whole record comes first.
    doubts.sort_by_key(|(value, _)| value.map(|value| value.as_ptr() as usize));
    Ok(doubts)
}

fn kind(node: &Node<'_>) -> &'static str {
    match node {
        Node::Null => "null",
        Node::Bool(_) => "true or false",
        Node::Whole(_) | Node::Number(_) => "a number",
        Node::Text(_) => "text",
        Node::List(_) => "a list",
        Node::Map(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::super::{Via, read};

    fn told(text: &str) -> Vec<(usize, usize, Option<usize>, String)> {
        let batch = read(text.as_bytes(), Via::File);
        assert_eq!((batch.findings.len(), batch.errors.len()), (1, 0), "{text}");
        batch.doubts.into_iter().map(|d| (d.line, d.column, d.index, d.reason)).collect()
    }

    /// A finding as the service writes it, with members of it replaced.
    fn finding(change: &[(&str, &str)]) -> String {
        let mut members = vec![
            ("accountId", r#""111122223333""#),
            ("arn", r#""arn:aws:guardduty:eu-west-1:111122223333:detector/d/finding/f""#),
            ("createdAt", r#""2026-03-01T00:00:00.000Z""#),
            ("schemaVersion", r#""2.0""#),
            ("id", r#""f""#),
            ("region", r#""eu-west-1""#),
            ("resource", "{}"),
            ("service", r#"{"archived":"false","count":"1"}"#),
            ("severity", "5"),
            ("type", r#""Recon:EC2/Portscan""#),
            ("updatedAt", r#""2026-03-01T00:00:00Z""#),
        ];
        for (name, value) in change {
            members.iter_mut().find(|(known, _)| known == name).unwrap().1 = value;
        }
        let lines: Vec<String> = members.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        format!("{{\n{}\n}}", lines.join(",\n"))
    }

    #[test]
    fn what_the_service_writes_is_not_doubted() {
        assert_eq!(told(&finding(&[])), []);
        assert_eq!(told(&finding(&[("severity", "8.5"), ("createdAt", "null"), ("region", "null")])), []);
        assert_eq!(told(&finding(&[]).replace("accountId", "AccountId").replace("updatedAt", "UpdatedAt")), []);
    }

    #[test]
    fn a_wrong_type_is_told_where_the_value_stands() {
        let odd = finding(&[("severity", "\"5.0\""), ("accountId", "12"), ("id", "[]"), ("region", "\" \"")]);
        assert_eq!(
            told(&odd),
            [
                (2, 13, None, "accountId is a number and should be text".into()),
                (6, 6, None, "id is a list and should be text".into()),
                (7, 10, None, "region is empty".into()),
                (10, 12, None, "severity is text and should be a number".into()),
            ]
        );
        let odd = finding(&[("type", "true"), ("arn", "{}"), ("createdAt", "1.5"), ("updatedAt", "\"soon\"")]);
        assert_eq!(
            told(&format!("[\n{odd}]")),
            [
                (4, 7, Some(0), "arn is an object and should be text".into()),
                (5, 13, Some(0), "createdAt is a number and should be text".into()),
                (12, 8, Some(0), "type is true or false and should be text".into()),
                (13, 13, Some(0), "updatedAt is no point in time".into()),
            ]
        );
    }

    #[test]
    fn what_is_missing_is_told_of_the_record_and_says_what_follows() {
        let odd = finding(&[("arn", "null"), ("severity", "null"), ("type", "null"), ("updatedAt", "null")]);
        assert_eq!(
            told(&format!("[\n {odd}]")),
            [
                (2, 2, Some(0), "no arn: copies of it from other services are not known to be the same".into()),
                (2, 2, Some(0), "no severity: it is listed below all that have one".into()),
                (2, 2, Some(0), "no type: no runbook but the generic one fits".into()),
                (2, 2, Some(0), "no updatedAt: of two copies it can't be told which is the newer".into()),
            ]
        );
        assert_eq!(told(&finding(&[("schemaVersion", "null"), ("arn", "null"), ("updatedAt", "7")])), []);
    }

    #[test]
    fn no_more_are_listed_than_anybody_reads() {
        let odd = finding(&[("severity", "\"5\"")]);
        let batch = read(vec![odd; 1200].join("\n").as_bytes(), Via::File);
        assert_eq!((batch.findings.len(), batch.doubts.len()), (1200, 1000));
    }
}
