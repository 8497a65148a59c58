//! What a file says about itself (P1, P2): YAML or TOML front matter, else a blockquote of `**Key:** value` lines; the finding
//! types in a table.

use super::blocks::{Block, Kind, What};
use super::finding_type::is_type;
use super::inline::plain;
use super::source::Source;
use super::toml_front;
use super::variables::{self, Declared};
use super::yaml::{self, Entry, Node, Value};
use super::{Level, Match};
use crate::text::{Id, Untrusted, id::Slug};

/// What is known of a runbook beside its text.
#[derive(Default)]
pub(super) struct Meta {
    pub id: Option<Id<Slug>>,
    /// Where the id's value starts.
    pub id_at: Option<usize>,
    pub title: Option<String>,
    /// Where the title's value starts.
    pub title_at: Option<usize>,
    pub version: Option<Untrusted>,
    pub owner: Option<Untrusted>,
    pub reviewed: Option<Untrusted>,
    pub matches: Vec<Match>,
    /// Types that the text of a file names which claims none.
    pub mentions: Vec<Match>,
    /// What another team's `finding_types` names.
    types: Vec<Match>,
    /// Whether it declares its variables, and which.
    pub declares: bool,
    pub variables: Vec<Declared>,
    /// Front matter with lines that quell does not know, or that can't be read: shown as it stands.
    pub shown: Option<String>,
    /// Where the Markdown starts.
    pub body_at: usize,
    /// Problems with their offset.
    pub problems: Vec<(Level, usize, String)>,
}

/// So many types lead to a file that is not in quell's own format.
const MOST: usize = 500;

const KEYS: &str = "id, title, version, owner, reviewed, matches, variables";

/// Reads the front matter of a file, if it has one.
pub(super) fn front_matter(source: &Source) -> Meta {
    let mut meta = Meta::default();
    let text = &*source.text;
    let Some(Bounds { toml, start, end, after }) = bounds(text) else { return meta };
    let raw = text.get(start..end).unwrap_or_default();
    meta.body_at = after;
    let read = if toml { toml_front::read(raw).map(Some) } else { yaml::read(raw) };
    match read {
        Ok(Some(Node { value: Value::Map(entries), .. })) => {
            let (declared, entries): (Vec<_>, Vec<_>) = entries.into_iter().partition(|e| e.key == "variables");
            for entry in entries {
                meta.entry(entry, start);
            }
            declared.into_iter().for_each(|entry| meta.declared(entry, start));
        }
        Ok(None) => {}
        Ok(Some(node)) => meta.broken(start + node.at, "the front matter is no list of name: value lines".into()),
        Err(bad) => meta.broken(start + bad.at, bad.what),
    }
    if !meta.problems.is_empty() {
        meta.shown = Some(raw.lines().map(|line| format!("    {line}\n")).collect());
    }
    meta
}

/// Where the front matter stands.
struct Bounds {
    /// TOML, not YAML.
    toml: bool,
    start: usize,
    end: usize,
    /// Where the text after it starts.
    after: usize,
}

fn bounds(text: &str) -> Option<Bounds> {
    let mut open = 0;
    // AWS's template has a comment before all else.
    if text.starts_with("<!--") {
        let end = text.find("-->")? + "-->".len();
        open = end + text.get(end..)?.find(|c: char| !c.is_whitespace())?;
    }
    let rest = text.get(open..)?;
    let first = rest.lines().next()?;
    let start = open + first.len() + 1;
    let body = text.get(start..)?;
    let toml = first.trim_end() == "+++";
    // A rule across the page is followed by an empty line.
    if !toml && (first.trim_end() != "---" || body.lines().next()?.trim().is_empty()) {
        return None;
    }
    let ends: &[&str] = if toml { &["+++"] } else { &["---", "..."] };
    let mut at = start;
    for line in body.split_inclusive('\n') {
        if ends.contains(&line.trim_end()) {
            return Some(Bounds { toml, start, end: at, after: at + line.len() });
        }
        at += line.len();
    }
    None
}

impl Meta {
    fn broken(&mut self, at: usize, what: String) {
        self.problems.push((Level::Error, at, what));
    }

    fn entry(&mut self, Entry { key, at, value }: Entry, start: usize) {
        let place = start + value.at;
        match (key.as_str(), value.value) {
            ("matches", Value::List(nodes)) => {
                for node in nodes {
                    self.line_of_matches(node, start);
                }
            }
            ("finding_types", Value::List(nodes)) => nodes.into_iter().for_each(|node| self.line_of_types(node, start)),
            ("finding_types", value @ Value::Text(_)) => {
                self.line_of_types(Node { at: place - start, value }, start);
            }
            ("matches", value @ Value::Text(_)) => self.line_of_matches(Node { at: place - start, value }, start),
            ("id" | "title" | "version" | "owner" | "reviewed", Value::Text(text)) if text.trim().is_empty() => {}
            ("id", Value::Text(text)) => match Id::new(&text) {
                Ok(id) => (self.id, self.id_at) = (Some(id), Some(place)),
                Err(_) => self.broken(place, format!("the id {text} is refused: letters, digits, - _ . only")),
            },
            ("title", Value::Text(text)) => (self.title, self.title_at) = (Some(text), Some(place)),
            ("version", Value::Text(text)) => self.version = Some(text.into()),
            ("owner", Value::Text(text)) => self.owner = Some(text.into()),
            ("reviewed", Value::Text(text)) => self.reviewed = Some(text.into()),
            ("id" | "title" | "version" | "owner" | "reviewed", _) => {
                self.broken(place, format!("{key} is one line of text"))
            }
            ("matches", Value::Map(_)) => self.broken(place, "matches is a list of types".into()),
            _ => {
                let what = format!("{key} is not used by quell ({KEYS} are)");
                self.problems.push((Level::Warning, start + at, what));
            }
        }
    }

    /// The variables of a file in quell's own format; what others write there is not quell's.
    fn declared(&mut self, Entry { at, value, .. }: Entry, start: usize) {
        if self.matches.is_empty() {
            let what = format!("variables is not used by quell in a file without matches ({KEYS} are)");
            return self.problems.push((Level::Warning, start + at, what));
        }
        let found = variables::read(value, start);
        self.declares = true;
        self.variables = found.all;
        self.problems.extend(found.problems);
    }

    fn line_of_matches(&mut self, node: Node, start: usize) {
        match node.value {
            Value::Text(text) if let Some(line) = Match::read(&text) => self.matches.push(line),
            _ => self
                .broken(start + node.at, "a line of matches is a type, a type with *, resource:KIND or generic".into()),
        }
    }

    /// What others call it: their files stay theirs, and findings lead there all the same.
    fn line_of_types(&mut self, node: Node, start: usize) {
        let line = match &node.value {
            Value::Text(text) => Match::read(text).filter(|line| matches!(line, Match::Exact(_) | Match::Glob(_))),
            _ => None,
        };
        match line {
            Some(line) if self.types.len() < MOST => self.types.push(line),
            Some(_) => {}
            None => {
                let what = "a line of finding_types is a type, or a type with *".to_owned();
                self.problems.push((Level::Warning, start + node.at, what));
            }
        }
    }

    /// Takes what the front matter left open from the blocks: a blockquote of metadata, a table of finding types.
    pub fn complete(&mut self, blocks: &[Block<'_>]) {
        let quotes = blocks.iter().take(12).filter(|block| matches!(block.kind, Kind::Quote));
        for (key, value) in quotes.flat_map(quoted) {
            let slot = match key.as_str() {
                "version" | "playbook version" | "runbook version" => &mut self.version,
                "last reviewed" | "reviewed" | "last review" | "last updated" => &mut self.reviewed,
                "owner" | "playbook owner" | "author" | "maintainer" => &mut self.owner,
                _ => continue,
            };
            if slot.is_none() {
                *slot = Some(value.into());
            }
        }
        if self.matches.is_empty() {
            self.matches = std::mem::take(&mut self.types);
        }
        if self.matches.is_empty() {
            for block in blocks.iter().filter(|block| matches!(block.kind, Kind::Table)) {
                self.types_of_table(block);
            }
        }
    }

    /// Takes the types that the text names, where nothing says which findings it is for.
    pub fn mentioned(&mut self, text: &str) {
        if !self.matches.is_empty() {
            return;
        }
        // All that a type is made of is ASCII; what stands around a colon is looked at, and nothing else.
        let part = |c: char| c.is_ascii_alphanumeric() || "/._!&-*\\".contains(c);
        for (at, _) in text.match_indices(':') {
            let (before, after) = (text.get(..at).unwrap_or_default(), text.get(at + 1..).unwrap_or_default());
            let purpose = before.len() - before.trim_end_matches(|c: char| c.is_ascii_alphabetic()).len();
            let rest = after.find(|c| !part(c)).unwrap_or(after.len());
            let word = text.get(at - purpose..at + 1 + rest).unwrap_or_default().trim_end_matches('.');
            if purpose > 0
                && is_type(word)
                && let Some(line) = Match::read(word)
                && !self.mentions.contains(&line)
                && self.mentions.len() < MOST
            {
                self.mentions.push(line);
            }
        }
    }

    fn types_of_table(&mut self, table: &Block<'_>) {
        let mut rows = table.children.iter();
        let Some(head) = rows.next() else { return };
        let named = |cell: &Block<'_>| {
            let text = plain(&cell.inline).text.to_lowercase();
            text.contains("finding") || text.contains("event type")
        };
        let columns: Vec<bool> = head.children.iter().map(named).collect();
        for row in rows {
            for (cell, _) in row.children.iter().zip(&columns).filter(|(_, named)| **named) {
                let text = plain(&cell.inline).text;
                for word in text.split(|c: char| c.is_whitespace() || "`,;()".contains(c)).filter(|w| is_type(w)) {
                    if let Some(line) = Match::read(word)
                        && !self.matches.contains(&line)
                        && self.matches.len() < MOST
                    {
                        self.matches.push(line);
                    }
                }
            }
        }
    }
}

/// The `**Key:** value` lines of a blockquote, keys in lower case.
fn quoted(quote: &Block<'_>) -> Vec<(String, String)> {
    let paragraphs = quote.children.iter().filter(|block| matches!(block.kind, Kind::Paragraph));
    let lines = paragraphs.flat_map(|paragraph| super::inline::lines(&paragraph.inline));
    lines
        .filter(|line| matches!(line.first().map(|piece| &piece.what), Some(What::Strong)))
        .filter_map(|line| {
            let text = plain(line).text;
            let (key, value) = text.split_once(':')?;
            let value = value.trim();
            (!value.is_empty()).then(|| (key.trim().to_lowercase(), value.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (Meta, Source) {
        let source = Source::new(text);
        (front_matter(&source), source)
    }

    #[test]
    fn front_matter_is_read() {
        let (meta, source) = read(
            "---\nid: ec2\ntitle: \"A: b\"\nversion: 1.0\nowner: secops\nreviewed: 2026-07-01\n\
             matches:\n  - CryptoCurrency:EC2/*\n  - resource:AWS::EC2::Instance\n---\n# X\n",
        );
        assert_eq!(meta.id.unwrap().as_str(), "ec2");
        assert_eq!(meta.title.as_deref(), Some("A: b"));
        assert_eq!(meta.version, Some("1.0".into()));
        assert_eq!(meta.reviewed, Some("2026-07-01".into()));
        assert_eq!(
            meta.matches,
            [Match::Glob("CryptoCurrency:EC2/*".into()), Match::Resource("AWS::EC2::Instance".into())]
        );
        assert!(meta.problems.is_empty());
        assert_eq!(source.slice(meta.body_at..source.text.len()), "# X\n");
    }

    #[test]
    fn another_team_s_finding_types_lead_there_and_the_file_stays_theirs() {
        let (mut meta, source) = read(
            "---\ntitle: T\nfinding_types:\n  - Recon:EC2/Portscan\n  - \"UnauthorizedAccess:EC2/*\"\n  - a: b\n---\n# T\n",
        );
        assert!(meta.matches.is_empty());
        let told: Vec<_> = meta.problems.iter().map(|(level, at, what)| (*level, source.place(*at), &**what)).collect();
        assert_eq!(told, [(Level::Warning, (6, 5), "a line of finding_types is a type, or a type with *")]);
        meta.complete(&[]);
        let types = [Match::Exact("Recon:EC2/Portscan".into()), Match::Glob("UnauthorizedAccess:EC2/*".into())];
        assert_eq!(meta.matches, types);
        let (mut meta, _) = read("---\nfinding_types: S3.8\n---\n# T\n");
        meta.complete(&[]);
        assert_eq!(meta.matches, [Match::Exact("S3.8".into())]);
        // What is said in quell's own words goes before it.
        let (mut meta, _) = read("---\nmatches: S3.1\nfinding_types: S3.8\n---\n# T\n");
        meta.complete(&[]);
        assert_eq!(meta.matches, [Match::Exact("S3.1".into())]);
    }

    #[test]
    fn unknown_and_broken_lines_have_their_place_and_stay_visible() {
        let (meta, source) = read("---\nid: a/b\ncolour: red\n---\nx\n");
        let places: Vec<_> = meta.problems.iter().map(|(level, at, _)| (*level, source.place(*at))).collect();
        assert_eq!(places, [(Level::Error, (2, 5)), (Level::Warning, (3, 1))]);
        assert_eq!(meta.shown.as_deref(), Some("    id: a/b\n    colour: red\n"));
        let (meta, source) = read("---\na: 1\nid: x\nid: y\n---\nx\n");
        assert_eq!(source.place(meta.problems[0].1), (4, 1));
        assert_eq!(meta.problems[0].2, "the key id stands here twice");
    }

    #[test]
    fn front_matter_of_hugo_is_read() {
        let (meta, source) = read(
            "+++\ntitle = \"A: b\"\nmatches = [\n  'CryptoCurrency:EC2/*', \"S3.8\",\n]\nid = \"ec2\"\nversion = 1.0\n\
             reviewed = 2026-07-01\nweight = 3\n+++\n# X\n",
        );
        assert_eq!((meta.id.unwrap().as_str(), meta.title.as_deref()), ("ec2", Some("A: b")));
        assert_eq!((meta.version, meta.reviewed), (Some("1.0".into()), Some("2026-07-01".into())));
        assert_eq!(meta.matches, [Match::Glob("CryptoCurrency:EC2/*".into()), Match::Exact("S3.8".into())]);
        assert_eq!(source.place(meta.id_at.unwrap()), (6, 6));
        assert_eq!(source.slice(meta.body_at..source.text.len()), "# X\n");
        // What quell does not know stays visible, and is told where it stands.
        let places: Vec<_> = meta.problems.iter().map(|(level, at, _)| (*level, source.place(*at))).collect();
        assert_eq!(places, [(Level::Warning, (9, 1))]);
        assert!(meta.shown.unwrap().contains("    weight = 3\n"));
    }

    #[test]
    fn broken_toml_says_where_and_stays_visible() {
        let (meta, source) = read("+++\nid = \"a\"\nid = \"b\"\n+++\nx\n");
        assert_eq!(source.place(meta.problems[0].1), (3, 1));
        assert_eq!(meta.problems[0].2, "this is no TOML: duplicate key");
        assert_eq!(meta.shown.as_deref(), Some("    id = \"a\"\n    id = \"b\"\n"));
        assert_eq!(source.slice(meta.body_at..source.text.len()), "x\n");
        let deep = format!("+++\na = {}\n+++\n", "[".repeat(5000));
        assert_eq!(read(&deep).0.problems.len(), 1);
        // Without its end it is text.
        assert_eq!(read("+++\nid = \"a\"\n").0.body_at, 0);
    }

    #[test]
    fn a_rule_across_the_page_is_no_front_matter() {
        assert_eq!(read("---\n\nPLEASE NOTE\n\n---\n# X\n").0.body_at, 0);
        assert_eq!(read("---\nno end\n").0.body_at, 0);
        assert!(read("<!-- note -->\n\n---\nid: a\n---\nx").0.id.is_some());
    }

    #[test]
    fn types_are_told_from_placeholders() {
        assert!(is_type("UnauthorizedAccess:IAMUser/InstanceCredentialExfiltration.OutsideAWS"));
        assert!(is_type("CryptoCurrency:EC2/BitcoinTool.B!DNS"));
        assert!(!is_type("GuardDuty:FindingType/Example"));
        assert!(!is_type("https://x/y"));
    }
}
