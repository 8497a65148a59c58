//! Conditions of steps: `when="finding.type in (IAM.8, IAM.22)"`. Small and total: each is met, unmet or not known, and a
//! step is left out only where its condition is known to be unmet.

use super::template;
use crate::finding::fields;
use crate::text::{Id, Untrusted, id::Slug};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// How many clauses one may have.
const MOST: usize = 20;

/// When a step is for the incident.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    /// As written.
    text: Box<str>,
    /// Whether all clauses must be met, or one.
    all: bool,
    clauses: Vec<Clause>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
struct Clause {
    subject: Subject,
    /// Where the subject stands in the text, in bytes.
    at: usize,
    test: Test,
}

/// What a clause is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// A field of the finding, or `var.NAME`.
    Name(Box<str>),
    /// What was decided at a step.
    Decision(Id<Slug>),
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Test {
    /// It is one of these.
    In(Vec<Box<str>>),
    /// It is none of these.
    NotIn(Vec<Box<str>>),
    Present,
    Absent,
}

/// What is wrong, and where in the text.
pub type Bad = (usize, String);

const FORM: &str = "a condition is NAME == VALUE, NAME != VALUE, NAME in (VALUE, VALUE), NAME present, NAME absent or \
                    decision STEP = CHOICE; several are joined by and, or by or";

impl Condition {
    /// Reads one.
    ///
    /// # Errors
    /// What is no condition, a name that no finding and no variable has, `and` beside `or`: with the place.
    pub fn read(text: &str) -> Result<Self, Bad> {
        let mut words = Words { all: tokens(text)?, next: 0, end: text.len() };
        let mut clauses = vec![words.clause()?];
        let mut joined: Option<bool> = None;
        while let Some((at, token)) = words.take() {
            let all = match token {
                Token::Word("and") => true,
                Token::Word("or") => false,
                _ => return Err((at, FORM.to_owned())),
            };
            if joined.is_some_and(|before| before != all) {
                return Err((at, "and and or do not stand in one condition".to_owned()));
            }
            joined = Some(all);
            clauses.push(words.clause()?);
            if clauses.len() > MOST {
                return Err((at, format!("a condition has at most {MOST} parts")));
            }
        }
        Ok(Self { text: text.into(), all: joined.unwrap_or(true), clauses })
    }

    /// As it is written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// What it is about, with the places in the text.
    pub fn subjects(&self) -> impl Iterator<Item = (usize, &Subject)> {
        self.clauses.iter().map(|clause| (clause.at, &clause.subject))
    }

    /// The values that a decision is held against, with the place of the clause.
    pub fn choices(&self) -> impl Iterator<Item = (usize, &Id<Slug>, &str)> {
        self.clauses.iter().flat_map(|clause| {
            let (id, values) = match (&clause.subject, &clause.test) {
                (Subject::Decision(id), Test::In(values) | Test::NotIn(values)) => (Some(id), values.as_slice()),
                _ => (None, [].as_slice()),
            };
            id.into_iter().flat_map(move |id| values.iter().map(move |value| (clause.at, id, &**value)))
        })
    }

    /// Why it is not met, in words; none where it is, and where that is not known.
    pub fn unmet(&self, value: &dyn Fn(&Subject) -> Option<Untrusted>) -> Option<String> {
        let judged: Vec<(Option<bool>, &Clause, Option<Untrusted>)> = self
            .clauses
            .iter()
            .map(|clause| {
                let value = value(&clause.subject);
                (clause.holds(value.as_ref()), clause, value)
            })
            .collect();
        let unmet = |judged: &&(Option<bool>, &Clause, Option<Untrusted>)| judged.0 == Some(false);
        if !self.all && !judged.iter().all(|judged| unmet(&judged)) {
            return None;
        }
        judged.iter().find(unmet).map(|(_, clause, value)| clause.subject.stands(value.as_ref()))
    }
}

impl Clause {
    /// Whether it is met; not known where there is nothing to compare.
    fn holds(&self, value: Option<&Untrusted>) -> Option<bool> {
        let is = |wanted: &str, value: &Untrusted| match self.subject {
            Subject::Name(_) => *value == Untrusted::from(wanted),
            Subject::Decision(_) => same_choice(wanted, value),
        };
        match &self.test {
            Test::Present => Some(value.is_some()),
            Test::Absent => Some(value.is_none()),
            Test::In(wanted) => value.map(|value| wanted.iter().any(|wanted| is(wanted, value))),
            Test::NotIn(wanted) => value.map(|value| !wanted.iter().any(|wanted| is(wanted, value))),
        }
    }
}

/// Whether a condition means this choice of a decision.
pub fn same_choice(wanted: &str, choice: &Untrusted) -> bool {
    choice.line().as_str().trim().to_lowercase() == wanted.trim().to_lowercase()
}

impl Subject {
    /// How it stands, as the reason why a step is left out.
    fn stands(&self, value: Option<&Untrusted>) -> String {
        let value = value.map(Untrusted::line);
        match (self, value) {
            (Subject::Name(name), Some(value)) => format!("{name} is {value}"),
            (Subject::Name(name), None) => format!("{name} has no value"),
            (Subject::Decision(step), Some(value)) => format!("{step} was decided as {value}"),
            (Subject::Decision(step), None) => format!("{step} is not decided"),
        }
    }
}

impl Serialize for Condition {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Condition {
    /// A log of a newer quell may hold one that is not understood here: it is never unmet.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Box<str>>::deserialize(deserializer)?;
        Ok(Self::read(&text).unwrap_or_else(|_| Self { text, all: true, clauses: Vec::new() }))
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Token<'t> {
    Word(&'t str),
    /// What stood between single quotes.
    Quoted(&'t str),
    Is,
    IsNot,
    Open,
    Close,
    Comma,
}

fn tokens(text: &str) -> Result<Vec<(usize, Token<'_>)>, Bad> {
    let mut out = Vec::new();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        let sign = |sign: &str| rest.starts_with(sign);
        let (used, token) = match rest.chars().next() {
            Some(c) if c.is_whitespace() => (c.len_utf8(), None),
            Some('\'') => {
                let inner = rest.get(1..).unwrap_or_default();
                let end = inner.find('\'').ok_or_else(|| (at, "this quote is not closed".to_owned()))?;
                (end + 2, inner.get(..end).map(Token::Quoted))
            }
            Some('(') => (1, Some(Token::Open)),
            Some(')') => (1, Some(Token::Close)),
            Some(',') => (1, Some(Token::Comma)),
            _ if sign("==") => (2, Some(Token::Is)),
            _ if sign("!=") => (2, Some(Token::IsNot)),
            _ if sign("=") => (1, Some(Token::Is)),
            _ => {
                let ends = |(at, c): &(usize, char)| {
                    let not = *c == '!' && rest.get(at + 1..).is_some_and(|rest| rest.starts_with('='));
                    c.is_whitespace() || "(),='".contains(*c) || not
                };
                let end = rest.char_indices().find(ends).map_or(rest.len(), |(end, _)| end);
                (end, rest.get(..end).map(Token::Word))
            }
        };
        out.extend(token.map(|token| (at, token)));
        at += used;
    }
    Ok(out)
}

struct Words<'t> {
    all: Vec<(usize, Token<'t>)>,
    next: usize,
    end: usize,
}

impl<'t> Words<'t> {
    fn take(&mut self) -> Option<(usize, Token<'t>)> {
        let token = self.all.get(self.next).copied();
        self.next += 1;
        token
    }

    fn must(&mut self) -> Result<(usize, Token<'t>), Bad> {
        self.take().ok_or_else(|| (self.end, FORM.to_owned()))
    }

    fn clause(&mut self) -> Result<Clause, Bad> {
        let (at, subject) = match self.must()? {
            (_, Token::Word("decision")) => match self.must()? {
                (at, Token::Word(id)) => {
                    let id = Id::new(id).map_err(|_| (at, format!("{id} is no step's id")))?;
                    (at, Subject::Decision(id))
                }
                (at, _) => return Err((at, FORM.to_owned())),
            },
            (at, Token::Word(name)) => (at, named(at, name)?),
            (at, _) => return Err((at, FORM.to_owned())),
        };
        let test = match self.must()? {
            (_, Token::Word("present")) => Test::Present,
            (_, Token::Word("absent")) => Test::Absent,
            (_, Token::Word("in")) => Test::In(self.list()?),
            (_, Token::Is) => Test::In(vec![self.value()?]),
            (_, Token::IsNot) => Test::NotIn(vec![self.value()?]),
            (_, Token::Word("not")) => match self.must()? {
                (_, Token::Word("in")) => Test::NotIn(self.list()?),
                (at, _) => return Err((at, FORM.to_owned())),
            },
            (at, _) => return Err((at, FORM.to_owned())),
        };
        Ok(Clause { subject, at, test })
    }

    fn value(&mut self) -> Result<Box<str>, Bad> {
        match self.must()? {
            (_, Token::Word(text) | Token::Quoted(text)) => Ok(text.into()),
            (at, _) => Err((at, FORM.to_owned())),
        }
    }

    /// `(VALUE, VALUE)`.
    fn list(&mut self) -> Result<Vec<Box<str>>, Bad> {
        match self.must()? {
            (_, Token::Open) => {}
            (at, _) => return Err((at, FORM.to_owned())),
        }
        let mut values = vec![self.value()?];
        loop {
            match self.must()? {
                (_, Token::Comma) => values.push(self.value()?),
                (_, Token::Close) => return Ok(values),
                (at, _) => return Err((at, FORM.to_owned())),
            }
        }
    }
}

/// A name that records tell the value of.
fn named(at: usize, name: &str) -> Result<Subject, Bad> {
    let known = template::is_name(name) && name != super::each::NAME && !fields::SESSION_FIELDS.contains(&name);
    match known {
        true => Ok(Subject::Name(name.into())),
        false => Err((at, format!("{name} is neither a field of the finding nor var.NAME"))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unmet(text: &str) -> Option<String> {
        let value = |subject: &Subject| match subject {
            Subject::Name(name) if **name == *"finding.type" => Some("Trojan:EC2/Drop!DNS".into()),
            Subject::Name(name) if **name == *"var.size" => Some("two words".into()),
            Subject::Decision(id) if id.as_str() == "is-it" => Some("Still flowing".into()),
            _ => None,
        };
        Condition::read(text).unwrap().unmet(&value)
    }

    fn bad(text: &str) -> Bad {
        Condition::read(text).unwrap_err()
    }

    #[test]
    fn what_is_known_to_be_unmet_is_told() {
        let kind = Some("finding.type is Trojan:EC2/Drop!DNS".to_owned());
        assert_eq!(unmet("finding.type == IAM.3"), kind);
        assert_eq!(unmet("finding.type == Trojan:EC2/Drop!DNS"), None);
        assert_eq!(unmet("finding.type=='Trojan:EC2/Drop!DNS'"), None);
        assert_eq!(unmet("finding.type != IAM.3"), None);
        assert_eq!(unmet("finding.type!=Trojan:EC2/Drop!DNS"), kind);
        assert_eq!(unmet("finding.type in (IAM.3, Trojan:EC2/Drop!DNS)"), None);
        assert_eq!(unmet("finding.type in (IAM.3,IAM.4)"), kind);
        assert_eq!(unmet("finding.type not in (IAM.3, Trojan:EC2/Drop!DNS)"), kind);
        assert_eq!(unmet("var.size == 'two words'"), None);
        assert_eq!(unmet("var.size == 'Two words'"), Some("var.size is two words".into()));
        assert_eq!(unmet("decision is-it = 'still flowing'"), None);
        assert_eq!(unmet("decision is-it = Cut"), Some("is-it was decided as Still flowing".into()));
    }

    #[test]
    fn what_is_not_known_is_shown_but_presence_is_always_known() {
        assert_eq!(unmet("var.gone == x"), None);
        assert_eq!(unmet("var.gone != x"), None);
        assert_eq!(unmet("decision later = Cut"), None);
        assert_eq!(unmet("var.gone present"), Some("var.gone has no value".into()));
        assert_eq!(unmet("var.gone absent"), None);
        assert_eq!(unmet("var.size absent"), Some("var.size is two words".into()));
        assert_eq!(unmet("decision later present"), Some("later is not decided".into()));
    }

    #[test]
    fn several_are_joined_by_and_or_by_or() {
        let size = Some("var.size is two words".to_owned());
        assert_eq!(unmet("var.gone == x and var.size == y"), size);
        assert_eq!(unmet("var.gone == x or var.size == y"), None);
        assert_eq!(unmet("var.size == z or var.size == y"), size);
        assert_eq!(unmet("var.size present and finding.type present"), None);
        assert_eq!(unmet("var.size == y or finding.type present"), None);
        assert_eq!(bad("var.a present and var.b present or var.c present").0, 32);
        let many = vec!["var.a present"; 21].join(" and ");
        assert_eq!(bad(&many).1, "a condition has at most 20 parts");
    }

    #[test]
    fn what_is_none_is_refused_at_its_place() {
        assert_eq!(bad("").0, 0);
        assert_eq!(bad("var.a").0, 5);
        assert_eq!(bad("finding.kind == x"), (0, "finding.kind is neither a field of the finding nor var.NAME".into()));
        assert_eq!(bad("session.id present").0, 0);
        assert_eq!(bad("var.a present and x present").0, 18);
        assert_eq!(bad("var.a == 'x"), (9, "this quote is not closed".into()));
        assert_eq!(bad("var.a in x").0, 9);
        assert_eq!(bad("var.a in (x").0, 11);
        assert_eq!(bad("var.a in (x y)").0, 12);
        assert_eq!(bad("var.a == x y").0, 11);
        assert_eq!(bad("decision ../x = y"), (9, "../x is no step's id".into()));
        assert_eq!(bad("== x").0, 0);
    }

    #[test]
    fn a_record_keeps_the_text_and_one_of_a_newer_quell_leaves_nothing_out() {
        let condition = Condition::read("var.a == x").unwrap();
        assert_eq!(serde_json::to_string(&condition).unwrap(), r#""var.a == x""#);
        let newer: Condition = serde_json::from_str(r#""var.a like x""#).unwrap();
        assert_eq!((newer.text(), newer.unmet(&|_| Some("y".into()))), ("var.a like x", None));
    }
}
