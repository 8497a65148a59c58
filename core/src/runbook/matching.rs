//! Which runbook fits a finding: exact before glob (longest literal first) before resource before one that claims no type
//! and whose text names it before generic; then the user's folder before the built-in; then id.

use super::{Match, Origin, Runbook};
use serde::{Deserialize, Serialize};
use std::cmp::Reverse;
use wildmatch::WildMatchPattern;

/// `*` alone is a wildcard; no text may hold the second one.
type Glob = WildMatchPattern<'*', '\0'>;

/// How closely a runbook fits, the closest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Specificity {
    Exact,
    Glob,
    Resource,
    /// Its text names the type, and it claims none.
    Mention,
    Generic,
}

impl Specificity {
    /// The word for it: exact, glob, resource, mention, generic.
    pub fn word(self) -> &'static str {
        match self {
            Specificity::Exact => "exact",
            Specificity::Glob => "glob",
            Specificity::Resource => "resource",
            Specificity::Mention => "mention",
            Specificity::Generic => "generic",
        }
    }
}

impl Match {
    /// Reads one line of `matches`. AWS's pages print `\!` for `!` in GuardDuty types; that is undone.
    pub fn read(text: &str) -> Option<Match> {
        let text = text.trim().replace("\\!", "!");
        Some(match text.as_str() {
            "" => return None,
            "generic" => Match::Generic,
            _ if text.contains('\0') => return None,
            _ => match text.strip_prefix("resource:").map(str::trim) {
                Some("") => return None,
                Some(kind) => Match::Resource(kind.into()),
                None if text.contains('*') => Match::Glob(text.into()),
                None => Match::Exact(text.into()),
            },
        })
    }

    /// The line as it stands in `matches`.
    pub fn text(&self) -> String {
        match self {
            Match::Exact(text) | Match::Glob(text) => text.to_string(),
            Match::Resource(kind) => format!("resource:{kind}"),
            Match::Generic => "generic".to_owned(),
        }
    }

    /// How closely this line fits, and for a glob how many of its characters are literal.
    fn fits(&self, kind: Option<&str>, resource_kind: Option<&str>) -> Option<(Specificity, usize)> {
        let fits = match self {
            Match::Exact(exact) => kind == Some(&**exact),
            Match::Glob(glob) => kind.is_some_and(|kind| Glob::new(glob).matches(kind)),
            Match::Resource(resource) => resource_kind == Some(&**resource),
            Match::Generic => true,
        };
        let (specificity, literal) = match self {
            Match::Exact(_) => (Specificity::Exact, 0),
            Match::Glob(glob) => (Specificity::Glob, glob.chars().filter(|c| *c != '*').count()),
            Match::Resource(_) => (Specificity::Resource, 0),
            Match::Generic => (Specificity::Generic, 0),
        };
        fits.then_some((specificity, literal))
    }
}

/// All runbooks that fit a finding of this type and resource class, the best first.
pub fn candidates<'a>(
    books: &'a [Runbook],
    kind: Option<&str>,
    resource_kind: Option<&str>,
) -> Vec<(&'a Runbook, Specificity)> {
    let kind = kind.map(|kind| kind.replace("\\!", "!"));
    let mut found: Vec<_> = books
        .iter()
        .filter_map(|book| {
            let fits = book.matches.iter().filter_map(|line| line.fits(kind.as_deref(), resource_kind));
            let named = book.mentions.iter().filter_map(|line| line.fits(kind.as_deref(), None));
            let fits = fits.chain(named.map(|(_, literal)| (Specificity::Mention, literal)));
            let (specificity, literal) = fits.min_by_key(|(specificity, literal)| (*specificity, Reverse(*literal)))?;
            Some(((specificity, Reverse(literal), book.origin == Origin::BuiltIn, book.id.as_str()), book))
        })
        .collect();
    found.sort_by(|(a, x), (b, y)| a.cmp(b).then_with(|| x.origin.cmp(&y.origin)));
    found.into_iter().map(|((specificity, ..), book)| (book, specificity)).collect()
}

/// The runbook that fits best.
pub fn best<'a>(
    books: &'a [Runbook],
    kind: Option<&str>,
    resource_kind: Option<&str>,
) -> Option<(&'a Runbook, Specificity)> {
    candidates(books, kind, resource_kind).into_iter().next()
}

/// The same among those that say which findings they are for: a type that a text names is no promise of cover.
pub fn claimed<'a>(
    books: &'a [Runbook],
    kind: Option<&str>,
    resource_kind: Option<&str>,
) -> Option<(&'a Runbook, Specificity)> {
    let mut found = candidates(books, kind, resource_kind).into_iter();
    found.find(|(_, specificity)| *specificity != Specificity::Mention)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_that_a_text_names_leads_there_behind_what_claims_it() {
        let named = "# Mine\n\nFor `Newish:EC2/BrandNew` no, for (Trojan:EC2/BrandNew!DNS).\n\n1. Do\n";
        let own = parse("own", named.as_bytes(), Origin::User("own.md".into())).unwrap().runbook;
        assert_eq!(own.mentions, [Match::Exact("Trojan:EC2/BrandNew!DNS".into())]);
        assert_eq!(own.matches, []);
        let books = [
            book("generic", "generic", Origin::BuiltIn),
            own,
            book("host", "\"resource:AWS::EC2::Instance\"", Origin::BuiltIn),
        ];
        let kind = Some("Trojan:EC2/BrandNew!DNS");
        let found = |class| {
            candidates(&books, kind, class).into_iter().map(|(b, how)| (b.id.as_str(), how)).collect::<Vec<_>>()
        };
        let (mention, generic) = (("own", Specificity::Mention), ("generic", Specificity::Generic));
        assert_eq!(found(Some("AWS::EC2::Instance")), [("host", Specificity::Resource), mention, generic]);
        assert_eq!(found(None), [mention, generic]);
        assert_eq!(claimed(&books, kind, None).map(|(book, _)| book.id.as_str()), Some("generic"));
        assert_eq!(candidates(&books, Some("Trojan:EC2/BrandNew"), None).len(), 1);
        assert_eq!(Specificity::Mention.word(), "mention");
    }
    use crate::runbook::parse::parse;

    fn book(id: &str, matches: &str, origin: Origin) -> Runbook {
        let text = format!("---\nid: {id}\nmatches: [{matches}]\n---\n# T\n\n1. Do\n");
        parse("f", text.as_bytes(), origin).unwrap().runbook
    }

    fn ids(books: &[Runbook], kind: &str, resource: &str) -> Vec<(String, Specificity)> {
        let kind = Some(kind).filter(|k| !k.is_empty());
        let resource = Some(resource).filter(|k| !k.is_empty());
        candidates(books, kind, resource).into_iter().map(|(b, s)| (b.id.to_string(), s)).collect()
    }

    #[test]
    fn the_closest_comes_first() {
        let books = [
            book("generic", "generic", Origin::BuiltIn),
            book("ec2", "resource:AWS::EC2::Instance", Origin::BuiltIn),
            book("wide", "'*:EC2/*'", Origin::User("w.md".into())),
            book("narrow", "'CryptoCurrency:EC2/*'", Origin::BuiltIn),
            book("exact", "'CryptoCurrency:EC2/BitcoinTool.B!DNS'", Origin::BuiltIn),
        ];
        let all = ids(&books, "CryptoCurrency:EC2/BitcoinTool.B!DNS", "AWS::EC2::Instance");
        let order: Vec<(&str, Specificity)> = all.iter().map(|(id, s)| (id.as_str(), *s)).collect();
        assert_eq!(
            order,
            [
                ("exact", Specificity::Exact),
                ("narrow", Specificity::Glob),
                ("wide", Specificity::Glob),
                ("ec2", Specificity::Resource),
                ("generic", Specificity::Generic),
            ]
        );
        assert_eq!(ids(&books, "CryptoCurrency:EC2/BitcoinTool.B\\!DNS", "")[0].0, "exact");
        assert_eq!(ids(&books, "cryptocurrency:ec2/BitcoinTool.B", "")[0].0, "generic");
        assert_eq!(ids(&books, "", "AWS::EC2::Instance")[0].0, "ec2");
        assert!(best(&[], Some("x"), None).is_none());
    }

    #[test]
    fn the_users_go_before_the_built_in_then_id() {
        let books = [
            book("a", "S3.8", Origin::BuiltIn),
            book("c", "S3.8", Origin::User("c.md".into())),
            book("b", "S3.8", Origin::User("b.md".into())),
        ];
        let order: Vec<String> = ids(&books, "S3.8", "").into_iter().map(|(id, _)| id).collect();
        assert_eq!(order, ["b", "c", "a"]);
    }

    #[test]
    fn lines_are_read_and_written() {
        assert_eq!(Match::read(" resource: AWS::S3::Bucket "), Some(Match::Resource("AWS::S3::Bucket".into())));
        assert_eq!(
            Match::read("Trojan:EC2/DNSDataExfiltration\\!DNS").unwrap().text(),
            "Trojan:EC2/DNSDataExfiltration!DNS"
        );
        assert_eq!(Match::read("a?b"), Some(Match::Exact("a?b".into())));
        assert_eq!(Match::read("  "), None);
        assert_eq!(Match::Glob("a*c?".into()).fits(Some("abcd"), None), None);
        assert_eq!(Match::Glob("*".into()).fits(Some(""), None), Some((Specificity::Glob, 0)));
    }
}
