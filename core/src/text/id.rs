//! The one place where outside text becomes an identifier.
//!
//! Each grammar is AWS's own where AWS publishes one (the service models' patterns, the ARN format of the IAM
//! user guide). What does not fit is refused, never mended: a target is either exactly named or not named.

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::marker::PhantomData;

/// The rule that an identifier of one kind obeys.
pub trait Grammar {
    /// What a person calls it, with article: "an EC2 instance id".
    const NAME: &'static str;
    /// Whether `text` is one.
    fn fits(text: &str) -> bool;
}

/// Text that obeys the grammar `G`: ASCII without anything that hides, safe to show and to send.
pub struct Id<G: Grammar>(Box<str>, PhantomData<fn() -> G>);

/// The text is not an identifier of the kind.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not {0}")]
pub struct BadId(pub &'static str);

impl<G: Grammar> Id<G> {
    /// The identifier, if `text` is one.
    pub fn new(text: &str) -> Result<Self, BadId> {
        match text.len() <= 2048 && G::fits(text) {
            true => Ok(Self(text.into(), PhantomData)),
            false => Err(BadId(G::NAME)),
        }
    }

    /// The identifier as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl<G: Grammar> Clone for Id<G> {
    fn clone(&self) -> Self {
        Self(self.0.clone(), PhantomData)
    }
}
impl<G: Grammar> PartialEq for Id<G> {
    fn eq(&self, other: &Self) -> bool {
        self.0 == other.0
    }
}
impl<G: Grammar> Eq for Id<G> {}
impl<G: Grammar> PartialOrd for Id<G> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<G: Grammar> Ord for Id<G> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.0.cmp(&other.0)
    }
}
impl<G: Grammar> std::hash::Hash for Id<G> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        self.0.hash(state);
    }
}
impl<G: Grammar> std::fmt::Debug for Id<G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:?}", &self.0)
    }
}
impl<G: Grammar> std::fmt::Display for Id<G> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.pad(&self.0)
    }
}
impl<G: Grammar> Serialize for Id<G> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.0)
    }
}
impl<'de, G: Grammar> Deserialize<'de> for Id<G> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = <Box<str>>::deserialize(deserializer)?;
        Self::new(&text).map_err(serde::de::Error::custom)
    }
}

macro_rules! grammars {
    ($($(#[$doc:meta])* $name:ident, $what:literal, $fits:expr;)*) => {$(
        $(#[$doc])*
        #[derive(Debug)]
        pub enum $name {}
        impl Grammar for $name {
            const NAME: &'static str = $what;
            fn fits(text: &str) -> bool {
                let fits: fn(&str) -> bool = $fits;
                fits(text)
            }
        }
    )*};
}

fn hex(text: &str, lengths: std::ops::RangeInclusive<usize>) -> bool {
    lengths.contains(&text.len()) && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'))
}

fn word(text: &str, lengths: std::ops::RangeInclusive<usize>, more: &str) -> bool {
    lengths.contains(&text.len()) && text.chars().all(|c| c.is_ascii_alphanumeric() || more.contains(c))
}

grammars! {
    /// Twelve digits.
    AccountId, "an AWS account id", |t| t.len() == 12 && t.bytes().all(|b| b.is_ascii_digit());
    /// `eu-west-1`, `us-gov-east-1`.
    Region, "an AWS region", |t| {
        let parts: Vec<&str> = t.split('-').collect();
        (3..=4).contains(&parts.len())
            && parts.iter().all(|p| !p.is_empty() && p.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit()))
            && parts.last().is_some_and(|p| p.len() <= 2 && p.bytes().all(|b| b.is_ascii_digit()))
    };
    /// `aws`, `aws-cn`, `aws-us-gov`.
    Partition, "an AWS partition", |t| t == "aws" || (t.starts_with("aws-") && word(t, 5..=16, "-"));
    /// `i-` and 8 or 17 hexadecimal digits.
    InstanceId, "an EC2 instance id", |t| t.strip_prefix("i-").is_some_and(|h| hex(h, 8..=8) || hex(h, 17..=17));
    /// `eni-` and 8 or 17 hexadecimal digits.
    InterfaceId, "a network interface id", |t| t.strip_prefix("eni-").is_some_and(|h| hex(h, 8..=8) || hex(h, 17..=17));
    /// `sg-` and 8 or 17 hexadecimal digits.
    SecurityGroupId, "a security group id", |t| t.strip_prefix("sg-").is_some_and(|h| hex(h, 8..=8) || hex(h, 17..=17));
    /// `snap-` and 8 or 17 hexadecimal digits.
    SnapshotId, "a snapshot id", |t| t.strip_prefix("snap-").is_some_and(|h| hex(h, 8..=8) || hex(h, 17..=17));
    /// `iip-assoc-` and 8 or 17 hexadecimal digits.
    ProfileAssociationId, "the id of an instance profile's association", |t| {
        t.strip_prefix("iip-assoc-").is_some_and(|h| hex(h, 8..=8) || hex(h, 17..=17))
    };
    /// What EC2 can tag: small letters and hyphens, then 8 or 17 hexadecimal digits (`vol-`, `tgw-attach-`).
    Ec2ResourceId, "the id of an EC2 resource", |t| {
        t.rsplit_once('-').is_some_and(|(kind, h)| {
            !kind.is_empty()
                && !kind.starts_with('-')
                && kind.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')
                && (hex(h, 8..=8) || hex(h, 17..=17))
        })
    };
    /// Organizations' pattern for an organizational unit's id.
    UnitId, "the id of an organizational unit", |t| {
        let mut parts = t.split('-');
        let part = |part: Option<&str>, least: usize| {
            part.is_some_and(|p| {
                (least..=32).contains(&p.len()) && p.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            })
        };
        parts.next() == Some("ou") && part(parts.next(), 4) && part(parts.next(), 8) && parts.next().is_none()
    };
    /// IAM's pattern for AccessKeyId: 16 to 128 word characters; long-term keys start with AKIA, sessions with ASIA.
    AccessKeyId, "an access key id", |t| {
        (t.starts_with("AKIA") || t.starts_with("ASIA"))
            && (16..=128).contains(&t.len())
            && t.bytes().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit())
    };
    /// A user's or group's id in an identity store: a UUID, before which ten hexadecimal digits and a hyphen may stand.
    IdentityId, "the id of a user or group in an identity store", |t| {
        let uuid = |t: &str| {
            let parts: Vec<&str> = t.split('-').collect();
            let hex = |part: &str| part.bytes().all(|b| b.is_ascii_hexdigit());
            parts.iter().map(|part| part.len()).eq([8, 4, 4, 4, 12]) && parts.into_iter().all(hex)
        };
        uuid(t) || t.split_once('-').is_some_and(|(store, rest)| hex(store, 10..=10) && uuid(rest))
    };
    /// IAM's pattern for UserName: 1 to 64 of word characters and `+=,.@-`.
    UserName, "an IAM user name", |t| word(t, 1..=64, "_+=,.@-");
    /// IAM's pattern for RoleName: 1 to 64 of word characters and `+=,.@-`.
    RoleName, "an IAM role name", |t| word(t, 1..=64, "_+=,.@-");
    /// STS's pattern for RoleSessionName and SourceIdentity: 2 to 64 of word characters and `+=,.@-`.
    SessionName, "a role session's name", |t| word(t, 2..=64, "_+=,.@-");
    /// Lambda's rule for function names, without account or version: 1 to 64 of letters, digits and `-_`.
    FunctionName, "a Lambda function name", |t| word(t, 1..=64, "-_");
    /// A resource type as CloudFormation and Config name it: `AWS::S3::Bucket`.
    ConfigType, "a resource type such as AWS::S3::Bucket", |t| {
        let parts: Vec<&str> = t.split("::").collect();
        t.len() <= 128 && parts.len() == 3 && parts.first() == Some(&"AWS") && parts.iter().all(|p| word(p, 1..=64, ""))
    };
    /// Lambda's rule for a version or an alias: `$LATEST`, or 1 to 128 of letters, digits and `-_`.
    Qualifier, "a version or alias of a Lambda function", |t| t == "$LATEST" || word(t, 1..=128, "-_");
    /// S3's rules for bucket names.
    BucketName, "an S3 bucket name", |t| {
        (3..=63).contains(&t.len())
            && t.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'-' | b'.'))
            && t.starts_with(|c: char| c.is_ascii_alphanumeric())
            && t.ends_with(|c: char| c.is_ascii_alphanumeric())
    };
    /// `arn:partition:service:region:account:resource`.
    Arn, "an ARN", |t| {
        let parts: Vec<&str> = t.splitn(6, ':').collect();
        parts.len() == 6
            && parts[0] == "arn"
            && parts[1].starts_with("aws")
            && !parts[2].is_empty()
            && !parts[5].is_empty()
            && t.bytes().all(|b| b.is_ascii_graphic() || b == b' ')
    };
    /// GuardDuty's finding and detector ids: 32 hexadecimal digits in practice, up to 300 word characters by model.
    GuardDutyId, "a GuardDuty id", |t| word(t, 1..=300, "-");
    /// SSM's pattern for document names and ARNs.
    DocumentName, "an SSM document name", |t| word(t, 3..=128, "_-.:/");
    /// `https://host/path`: a host by its name, never by its address, and nobody's password in it.
    WebhookUrl, "an https:// address whose host is a name with a dot in it: no IP address, no login, no #", |t| {
        let Some(rest) = t.strip_prefix("https://") else { return false };
        let (at, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
        let (host, port) = at.split_once(':').unwrap_or((at, "443"));
        let labels: Vec<&str> = host.split('.').collect();
        labels.len() > 1
            && host.len() <= 253
            && labels.iter().all(|l| word(l, 1..=63, "-") && !l.starts_with('-') && !l.ends_with('-'))
            && labels.last().is_some_and(|l| l.starts_with(|c: char| c.is_ascii_alphabetic()))
            && port.bytes().all(|b| b.is_ascii_digit())
            && port.parse::<u16>().is_ok_and(|port| port > 0)
            && path.chars().all(|c| c.is_ascii_alphanumeric() || "/-._~!$&'()*+,;=:@%?".contains(c))
    };
    /// A UUID in lower case with hyphens: SSM's automation execution ids.
    Uuid, "an automation execution id", |t| {
        t.len() == 36 && t.bytes().enumerate().all(|(i, b)| match i {
            8 | 13 | 18 | 23 => b == b'-',
            _ => matches!(b, b'0'..=b'9' | b'a'..=b'f'),
        })
    };
    /// quell's own slugs: step ids, runbook ids, file-name parts. Letters, digits, `-`, `_` and `.`, not first.
    Slug, "a slug", |t| word(t, 1..=160, "-_.") && t.starts_with(|c: char| c.is_ascii_alphanumeric());
    /// 128 random bits in lower-case base32 without padding: a writer, for ever.
    WriterName, "a writer id", |t| t.len() == 26 && t.bytes().all(|b| matches!(b, b'a'..=b'z' | b'2'..=b'7'));
    /// A SHA-256 in lower-case hexadecimal.
    Sha256Hex, "a SHA-256", |t| hex(t, 64..=64);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fits<G: Grammar>(text: &str) -> bool {
        Id::<G>::new(text).is_ok()
    }

    #[test]
    fn grammars_take_the_real_and_refuse_the_near() {
        assert!(fits::<InstanceId>("i-0abc12d34e5f67890"));
        assert!(fits::<InstanceId>("i-99999999"));
        assert!(!fits::<InstanceId>("i-0abc12d34e5f6789"));
        assert!(!fits::<InstanceId>("i-0ABC12D34E5F67890"));
        assert!(!fits::<InstanceId>("i-0abc12d34e5f67890\n"));
        assert!(fits::<InterfaceId>("eni-0abc12d34e5f67890") && !fits::<InterfaceId>("i-0abc12d34e5f67890"));
        assert!(fits::<SecurityGroupId>("sg-903004f8") && !fits::<SecurityGroupId>("sg-903004f8,sg-1"));
        assert!(fits::<SnapshotId>("snap-066877671789bd71b") && !fits::<SnapshotId>("snap-*"));
        assert!(
            fits::<Ec2ResourceId>("vol-0abc12d34e5f67890") && fits::<Ec2ResourceId>("tgw-attach-0abc12d34e5f67890")
        );
        assert!(!fits::<Ec2ResourceId>("-0abc12d34e5f67890") && !fits::<Ec2ResourceId>("vol-0abc12d3*"));
        assert!(fits::<ProfileAssociationId>("iip-assoc-0abc12d34e5f67890") && !fits::<ProfileAssociationId>("iip-1"));
        assert!(fits::<AccountId>("111122223333"));
        assert!(!fits::<AccountId>("1234567890123"));
        assert!(!fits::<AccountId>("11112222333\u{663}"));
        assert!(fits::<AccessKeyId>("AKIAIOSFODNN7EXAMPLE"));
        assert!(!fits::<AccessKeyId>("AKIAIOSFODNN7EXAMPL\u{415}"));
        assert!(!fits::<AccessKeyId>("GENERATED"));
        assert!(fits::<Region>("eu-west-1"));
        assert!(fits::<Region>("us-gov-east-1"));
        assert!(!fits::<Region>("eu-west-1a"));
        assert!(!fits::<Region>("global"));
        assert!(fits::<UnitId>("ou-1a2b-3c4d5e6f"));
        for unit in
            ["ou-1a2b-3c4d5e6", "ou-1a2-3c4d5e6f", "ou-1A2b-3c4d5e6f", "ou-1a2b", "ou-1a2b-3c4d5e6f-x", "r-1a2b"]
        {
            assert!(!fits::<UnitId>(unit), "{unit}");
        }
        assert!(fits::<Arn>("arn:aws:iam::111122223333:user/deploy"));
        assert!(!fits::<Arn>("arn:aws:iam::111122223333"));
        assert!(fits::<FunctionName>("resize_Images-2"));
        assert!(!fits::<FunctionName>("resize:live"));
        assert!(!fits::<FunctionName>("../x"));
        assert!(fits::<BucketName>("customer-exports"));
        assert!(!fits::<BucketName>("Customer"));
        assert!(!fits::<BucketName>("-ab"));
        assert!(!fits::<BucketName>("ab"));
        assert!(fits::<Slug>("contain-1a2b3c4d"));
        assert!(!fits::<Slug>("../etc"));
        assert!(fits::<Uuid>("12345678-90ab-4cde-8f01-234567890abc"));
        assert!(!fits::<Uuid>("1234567890ab-4cde-8f01-234567890abc-"));
        assert!(fits::<UserName>("jdoe@example.com"));
        assert!(!fits::<UserName>("a/b"));
        for url in ["https://hooks.example.com", "https://a.example:8443/T0/B0?x=1&y=%20"] {
            assert!(fits::<WebhookUrl>(url), "{url}");
        }
        for url in [
            "http://hooks.example.com/",
            "https://localhost/",
            "https://10.0.0.1/",
            "https://0x7f.0x1/",
            "https://[::1]/",
            "https://me@hooks.example.com/",
            "https://hooks.example.com:0/",
            "https://hooks.example.com:+1/",
            "https://hooks.example.com./",
            "https://hooks.example.com/#x",
            "https://hooks.example.com/a b",
            "https://hooks.example.com\\@evil.example/",
        ] {
            assert!(!fits::<WebhookUrl>(url), "{url}");
        }
        assert!(fits::<Partition>("aws-cn"));
        assert!(!fits::<Partition>("gcp"));
    }
}
