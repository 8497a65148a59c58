//! The product that found a finding, in short: `guardduty`, `securityhub`, `inspector`, `prowler`, …

use crate::text::Untrusted;

/// From the product's ARN (`…:product/COMPANY/PRODUCT`, `…::productv2/aws/PRODUCT`), else from its name.
pub(super) fn source(product_arn: Option<&str>, name: Option<&str>) -> Option<Untrusted> {
    let tail = product_arn.and_then(|arn| arn.rsplit_once('/')).map(|(_, tail)| tail).filter(|t| !t.is_empty());
    match (tail, name.map(short).filter(|n| !n.is_empty())) {
        // The product that BatchImportFindings gives to everyone's own findings; a name says more.
        (Some("default"), Some(name)) if name != "default" => Some(name.into()),
        (Some(tail), _) => Some(tail.to_ascii_lowercase().into()),
        (None, name) => name.map(Untrusted::from),
    }
}

/// A product's name as its ARN would have it.
fn short(name: &str) -> String {
    let name = name.trim().to_lowercase();
    let name = name.strip_prefix("amazon ").or_else(|| name.strip_prefix("aws ")).unwrap_or(&name);
    match name {
        "security hub" => "securityhub".to_owned(),
        "iam access analyzer" | "access analyzer" => "access-analyzer".to_owned(),
        _ => name.split_whitespace().collect::<Vec<_>>().join("-"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(arn: &str, name: &str) -> Option<Untrusted> {
        source(Some(arn).filter(|a| !a.is_empty()), Some(name))
    }

    #[test]
    fn by_arn_then_by_name() {
        let arn = "arn:aws:securityhub:eu-west-1::product/aws/guardduty";
        assert_eq!(of(arn, ""), Some("guardduty".into()));
        assert_eq!(of("arn:aws:securityhub:eu-west-1::productv2/aws/inspector", "Inspector"), Some("inspector".into()));
        assert_eq!(of("arn:aws:securityhub:eu-west-1:1:product/1/default", "My Scanner"), Some("my-scanner".into()));
        assert_eq!(of("arn:aws:securityhub:eu-west-1:1:product/1/default", "Default"), Some("default".into()));
        assert_eq!(of("", "AWS Security Hub"), Some("securityhub".into()));
        assert_eq!(of("prowler", "Prowler"), Some("prowler".into()));
        assert_eq!(of("", ""), None);
    }
}
