//! What an action block names by its ARN, which says where it is: account and region are the ARN's, not the finding's.

use super::fields::{id, refuse, text};
use super::request::Request;
use super::target::parts;
use crate::problem::Problem;
use quell_core::incident::Target;
use quell_core::text::id::{AccountId, Arn, Partition, Region};
use quell_core::text::{Id, Untrusted};

/// What an ARN names: itself, its name, and where it is.
pub(super) struct Place {
    pub arn: Id<Arn>,
    pub name: String,
    pub target: Target,
}

/// The thing that the field names: of that service, and of that sort, which stands before its name.
pub(super) fn place(request: &Request, field: &str, (service, sort): (&str, &str)) -> Result<Place, Problem> {
    let word = text(request, field)?.ok_or_else(|| refuse(format!("{field} is not given")))?;
    let arn = id::<Arn>(field, &word.text)?;
    let other = || {
        refuse(format!("{field} is another thing's ARN: {arn}"))
            .next(format!("give {field}: arn:aws:{service}:REGION:ACCOUNT:{sort}NAME"))
    };
    let parts = parts(&arn).filter(|parts| parts.service == service).ok_or_else(other)?;
    let name = parts.resource.strip_prefix(sort).ok_or_else(other)?;
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '/');
    if name.is_empty() || name.len() > 256 || !name.chars().all(word) {
        return Err(other());
    }
    let target = Target {
        account: id::<AccountId>("the account", &parts.account.into())?.as_str().into(),
        partition: id::<Partition>("the partition", &parts.partition.into())?.as_str().into(),
        region: id::<Region>("the region", &parts.region.into())?.as_str().into(),
        resource: name.into(),
        through: None,
    };
    Ok(Place { name: name.to_owned(), target, arn })
}

/// The account and the region of the ARN that the field holds, if it is one.
pub(super) fn named(request: &Request, field: &str) -> Option<(Untrusted, Untrusted)> {
    let arn = text(request, field).ok()??.text.parse::<Arn>().ok()?;
    let parts = parts(&arn)?;
    let (account, region) = (Id::<AccountId>::new(parts.account).ok()?, Id::<Region>::new(parts.region).ok()?);
    Some((account.as_str().into(), region.as_str().into()))
}

#[cfg(test)]
mod tests {
    use super::super::kinds;
    use super::super::testing::*;
    use super::*;

    #[test]
    fn an_arn_says_where_it_is_and_nothing_else_does() {
        let ask = |arn: &str| request(kinds()[0], finding("f", "i-1"), [("topic", own(arn))]);
        let topic = |arn: &str| place(&ask(arn), "topic", ("sns", ""));
        let found = topic("arn:aws-us-gov:sns:us-gov-west-1:444455556666:on-call.fifo").unwrap();
        let target = &found.target;
        assert_eq!(
            raws([&target.partition, &target.region, &target.account, &target.resource]),
            ["aws-us-gov", "us-gov-west-1", "444455556666", "on-call.fifo"]
        );
        let named = |arn: &str| named(&ask(arn), "topic");
        assert_eq!(named(found.arn.as_str()), Some(("444455556666".into(), "us-gov-west-1".into())));
        assert_eq!(named("arn:aws:sns:eu-west-1.evil.example:111122223333:on-call"), None);
        for wrong in [
            "on-call",
            "arn:aws:sqs:eu-west-1:111122223333:on-call",
            "arn:aws:sns:eu-west-1:111122223333:",
            "arn:aws:sns:eu-west-1:111122223333:on-call:6bf5",
            "arn:aws:sns:eu-west-1::on-call",
            "arn:aws:sns::111122223333:on-call",
            "arn:aws:sns:eu-west-1.evil.example:111122223333:on-call",
        ] {
            assert!(topic(wrong).is_err(), "{wrong}");
        }
        let bus = place(&ask("arn:aws:events:eu-west-1:111122223333:event-bus/a"), "topic", ("events", "event-bus/"));
        assert_eq!(bus.unwrap().name, "a");
    }
}
