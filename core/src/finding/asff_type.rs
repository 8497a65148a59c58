//! The type of a finding in ASFF: GuardDuty's type from the taxonomy, a control's id, or the product's own word.

use super::doc::Node;
use super::record::{Bad, Record};
use crate::text::Untrusted;

/// The type, by the product that found it.
pub(super) fn kind(
    record: &Record<'_>,
    source: Option<&Untrusted>,
    fields: &Node<'_>,
    provider: &Node<'_>,
) -> Result<Option<Untrusted>, Bad> {
    let types = record.get("Types")?;
    let types: Vec<&str> = [&types, provider.get("Types")].into_iter().flat_map(words).collect();
    let generator = record.get("GeneratorId")?;
    let first = types.first().copied();
    let is = |name: &str| source == Some(&Untrusted::from(name));
    if is("guardduty") || is("macie") {
        return Ok(native(&types).map(Untrusted::from).or_else(|| first.map(Untrusted::from)));
    }
    if is("securityhub") {
        let control = control(&record.get("Compliance")?, fields, generator.str());
        return Ok(control.or_else(|| generator.text()).or_else(|| first.map(Untrusted::from)));
    }
    // The generator of these products is the product itself: the taxonomy says more.
    let said = match is("inspector") || is("access-analyzer") || is("health") {
        true => first.or(generator.str()),
        false => generator.str().or(first),
    };
    Ok(said.map(Untrusted::from))
}

fn words<'n>(node: &'n Node<'_>) -> Vec<&'n str> {
    match node {
        Node::List(items) => items.iter().filter_map(Node::str).collect(),
        _ => node.str().into_iter().collect(),
    }
}

/// The id of a Security Hub control: consolidated findings name it, older ones only in passing.
fn control(compliance: &Node<'_>, fields: &Node<'_>, generator: Option<&str>) -> Option<Untrusted> {
    let named = [compliance.get("SecurityControlId"), fields.get("ControlId")];
    if let Some(id) = named.iter().find_map(|node| node.text()) {
        return Some(id);
    }
    let arn = fields.get("StandardsControlArn").str();
    let last =
        |text: Option<&str>| text.and_then(|t| t.rsplit('/').next()).filter(|t| is_control(t)).map(Untrusted::from);
    last(generator).or_else(|| last(arn))
}

/// `S3.8`, `PCI.IAM.6`, `1.3`: letters and digits in parts, and the last part a number.
fn is_control(text: &str) -> bool {
    let plain = text.chars().all(|c| c.is_ascii_alphanumeric() || c == '.');
    plain && text.rsplit_once('.').is_some_and(|(head, tail)| !head.is_empty() && tail.parse::<u32>().is_ok())
}

/// The finder's own type from ASFF's taxonomy, `Namespace/Category/Classifier`, whose classifier is that type
/// with `-` in place of its `/`.
pub(super) fn native(types: &[&str]) -> Option<String> {
    types.iter().find_map(|text| whole(text)).or_else(|| types.iter().find_map(|text| headless(text)))
}

/// `TTPs/Defense Evasion/DefenseEvasion:EC2-UnusualDNSResolver`.
fn whole(text: &str) -> Option<String> {
    let colon = text.find(':')?;
    let start = text[..colon].rfind('/').map_or(0, |slash| slash + 1);
    let (head, tail) = (&text[start..colon], &text[colon + 1..]);
    let tail = match tail.contains('/') {
        true => tail.to_owned(),
        false => tail.replacen('-', "/", 1),
    };
    (!head.is_empty() && tail.contains('/')).then(|| format!("{head}:{tail}"))
}

/// `TTPs/Discovery/IAMUser-AnomalousBehavior`: the purpose is lost, and the category takes its place.
fn headless(text: &str) -> Option<String> {
    let mut parts = text.splitn(3, '/').skip(1);
    let (category, classifier) = (parts.next()?, parts.next()?);
    let (subject, rest) = classifier.split_once('-')?;
    let purpose: String = category.split_whitespace().collect();
    let word = |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_alphanumeric());
    (word(&purpose) && word(subject) && !rest.is_empty()).then(|| format!("{purpose}:{subject}/{rest}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_finders_type_comes_back() {
        let of = |types: &[&str]| native(types);
        assert_eq!(
            of(&["TTPs/Defense Evasion/DefenseEvasion:EC2-UnusualDNSResolver"]).as_deref(),
            Some("DefenseEvasion:EC2/UnusualDNSResolver")
        );
        assert_eq!(
            of(&["TTPs/Command and Control/Backdoor:EC2-C&CActivity.B!DNS"]).as_deref(),
            Some("Backdoor:EC2/C&CActivity.B!DNS")
        );
        assert_eq!(
            of(&["TTPs/AttackSequence:IAM/CompromisedCredentials"]).as_deref(),
            Some("AttackSequence:IAM/CompromisedCredentials")
        );
        assert_eq!(
            of(&["TTPs/Initial Access/IAMUser-AnomalousBehavior"]).as_deref(),
            Some("InitialAccess:IAMUser/AnomalousBehavior")
        );
        assert_eq!(
            of(&["TTPs/Discovery/IAMUser-AnomalousBehavior", "Unusual Behaviors/User/Recon:IAMUser-UserPermissions"])
                .as_deref(),
            Some("Recon:IAMUser/UserPermissions")
        );
        assert_eq!(
            of(&["Sensitive Data Identifications/PII/SensitiveData:S3Object-Personal"]).as_deref(),
            Some("SensitiveData:S3Object/Personal")
        );
        assert_eq!(of(&["Software and Configuration Checks"]), None);
        assert_eq!(of(&[":", "/:-", "a/b/c-", "::-"]), None);
    }

    #[test]
    fn controls_are_told_from_other_words() {
        assert!(is_control("S3.8") && is_control("PCI.IAM.6") && is_control("1.3") && is_control("ELBv2.1"));
        assert!(!is_control("prowler-check11") && !is_control("7") && !is_control(".3") && !is_control("a.b"));
    }
}
