//! A runbook to begin with, for one finding type: quell's format, with the questions, the decision and the containment
//! that fit what such a finding is about. What only its author can know is said to be missing in plain words.

mod class;

use super::{coverage, finding_type};
use crate::text::nearest;
use class::Class;

/// The text around what the class says.
const FRAME: &str = include_str!("frame.md");

/// Characters that a finding type may have here; GuardDuty's longest has 79.
const MOST: usize = 128;

/// Why there is no scaffold for a word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NoType {
    /// The type that was perhaps meant.
    pub near: Option<&'static str>,
}

/// A scaffold, and what is to be said of its type.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scaffold {
    /// Markdown that lint has nothing against.
    pub text: String,
    /// The type has the form of GuardDuty's, but is none that is listed.
    pub unlisted: bool,
}

/// Writes a runbook for `kind`: a GuardDuty type (with `*` too), a Security Hub control such as `S3.8`, or
/// `resource:AWS::Lambda::Function`. `date` is the day of writing, as `2026-11-22`.
///
/// # Errors
/// A word that is none of these.
pub fn scaffold(kind: &str, date: &str) -> Result<Scaffold, NoType> {
    if !is_kind(kind) {
        return Err(NoType { near: nearest(kind, coverage::types()) });
    }
    let class = Class::of(kind);
    let questions: String = class.questions().iter().map(|question| format!("   - {question}\n")).collect();
    let text = FRAME
        .replace("@QUESTIONS@", questions.trim_end())
        .replace("@TARGET@", class.target())
        .replace("@LOOK@", class.look())
        .replace("@CONTAIN@", class.contain())
        .replace("@LIMITS@", class.limits())
        .replace("@ACT@", class.act())
        .replace("@VERIFY@", class.verify())
        .replace("@ID@", &id(kind))
        .replace("@DATE@", date)
        .replace("@TYPE@", kind);
    let unlisted = finding_type::is_type(kind) && !kind.contains('*') && !coverage::types().any(|known| known == kind);
    Ok(Scaffold { text, unlisted })
}

/// Whether a line of `matches` may be made of it: its letters are few, so that nothing in it is YAML or Markdown.
pub(super) fn is_kind(kind: &str) -> bool {
    kind.len() <= MOST && !kind.contains('\\') && (finding_type::is_type(kind) || is_control(kind) || is_resource(kind))
}

fn is_word(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn is_control(kind: &str) -> bool {
    kind.split_once('.')
        .is_some_and(|(service, number)| is_word(service) && number.len() <= 4 && number.parse::<u16>().is_ok())
}

fn is_resource(kind: &str) -> bool {
    let parts: Vec<&str> = kind.strip_prefix("resource:").unwrap_or_default().split("::").collect();
    matches!(parts.as_slice(), ["AWS", service, resource] if is_word(service) && is_word(resource))
}

/// A type as an id: small letters, digits and hyphens.
fn id(kind: &str) -> String {
    let letters: String =
        kind.chars().map(|c| if c.is_ascii_alphanumeric() { c.to_ascii_lowercase() } else { '-' }).collect();
    letters.split('-').filter(|part| !part.is_empty()).collect::<Vec<_>>().join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::runbook::{Origin, Parsed, Phase, StepKind, parse};

    fn book(kind: &str) -> Parsed {
        let text = scaffold(kind, "2026-11-22").unwrap().text;
        parse("x", text.as_bytes(), Origin::BuiltIn).unwrap()
    }

    #[test]
    fn a_scaffold_has_every_phase_a_decision_and_the_types_own_questions() {
        let parsed = book("Trojan:Lambda/DropPoint");
        assert_eq!(parsed.warnings, []);
        let book = parsed.runbook;
        assert_eq!(book.id.as_str(), "trojan-lambda-droppoint");
        assert_eq!(book.reviewed, Some("2026-11-22".into()));
        assert_eq!(book.matches, [crate::runbook::Match::Exact("Trojan:Lambda/DropPoint".into())]);
        let ids: Vec<&str> = book.steps.iter().map(|step| step.id.as_str()).collect();
        assert_eq!(ids, ["read", "questions", "decide", "keep", "contain", "verify", "way-in", "hand-back", "close"]);
        let phases: Vec<Option<Phase>> = book.steps.iter().map(|step| step.phase).collect();
        for phase in [Phase::Contain, Phase::Eradicate, Phase::Recover, Phase::Post] {
            assert!(phases.contains(&Some(phase)), "{phase:?}");
        }
        let decision = &book.steps[2];
        assert_eq!(decision.kind, StepKind::Decision);
        let to: Vec<&str> = decision.choices.iter().map(|choice| choice.to.as_ref().unwrap().as_str()).collect();
        assert_eq!(to, ["close", "keep", "keep"]);
        assert_eq!(book.steps[4].action.as_ref().unwrap().kind.as_str(), "lambda-concurrency");
    }

    #[test]
    fn the_class_follows_the_type() {
        for (kind, action) in [
            ("Backdoor:EC2/Spambot", Some("ec2-isolate")),
            ("EC2.19", Some("ec2-isolate")),
            ("Recon:IAMUser/*", Some("iam-access-key")),
            ("AttackSequence:IAM/CompromisedCredentials", Some("iam-access-key")),
            ("resource:AWS::S3::Bucket", Some("s3-block-public")),
            ("Lambda.1", Some("lambda-concurrency")),
            ("CredentialAccess:RDS/MaliciousIPCaller.FailedLogin", None),
            ("Impact:Runtime/CryptoMinerExecuted", None),
            ("Execution:Kubernetes/ExecInKubeSystemPod", None),
            ("AttackSequence:ECS/CompromisedCluster", None),
            ("resource:AWS::SQS::Queue", None),
        ] {
            let parsed = book(kind);
            assert_eq!(parsed.warnings, [], "{kind}");
            let found: Vec<&str> = parsed
                .runbook
                .steps
                .iter()
                .filter_map(|step| step.action.as_ref())
                .map(|spec| spec.kind.as_str())
                .collect();
            assert_eq!(found, action.into_iter().collect::<Vec<_>>(), "{kind}");
        }
    }

    #[test]
    fn what_is_no_type_is_refused_with_what_was_perhaps_meant() {
        assert_eq!(
            scaffold("Trojan:Lambda/DropPont", "2026-11-22").map(|made| made.unlisted),
            Ok(true),
            "it may be newer than the list"
        );
        assert!(!scaffold("Trojan:Lambda/DropPoint", "2026-11-22").unwrap().unlisted);
        assert_eq!(scaffold("Trojan-Lambda/DropPoint", "x"), Err(NoType { near: Some("Trojan:Lambda/DropPoint") }));
        for bad in ["", "generic", "S3", "S3.x", "resource:AWS::S3", "Trojan:EC2/A\"\n# B", "Trojan:EC2/A\\!B", "a b.1"]
        {
            assert!(scaffold(bad, "x").is_err(), "{bad}");
        }
        assert!(scaffold(&format!("Trojan:EC2/{}", "A".repeat(200)), "x").is_err());
    }
}
