//! Who a writer is: the name of the person, and how it came to be known. A name is a claim as good as its source, so
//! the source is recorded beside it.

use super::event::{Event, WriterNamed};
use super::link::WriterId;
use super::state::Incident;
use crate::text::{Shape, Untrusted};
use serde::{Deserialize, Serialize};

/// Where a name comes from, the best first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ActorFrom {
    /// A principal of the certificate that sshd took.
    SshCertificate,
    /// The session's name of an assumed role, as AWS tells it.
    AwsSession,
    /// The command line.
    Given,
    /// The configuration file.
    Configuration,
    /// The person, asked by the console.
    Asked,
    /// The operating system's user, for want of anything better.
    User,
}

impl ActorFrom {
    /// The words that people read.
    pub fn word(self) -> &'static str {
        match self {
            ActorFrom::SshCertificate => "the SSH certificate",
            ActorFrom::AwsSession => "the AWS session",
            ActorFrom::Given => "the command line",
            ActorFrom::Configuration => "the configuration",
            ActorFrom::Asked => "the answer given",
            ActorFrom::User => "the user name",
        }
    }
}

/// The longest name that is kept; more would be no name.
const LONGEST: usize = 128;

impl WriterNamed {
    /// A name; `None` where there is nothing in it.
    pub fn new(name: &Untrusted, from: ActorFrom) -> Option<Self> {
        let clean = name.clean(Shape::Line);
        let name: String = clean.as_str().trim().chars().take(LONGEST).collect();
        (!name.is_empty()).then(|| Self { actor: name.as_str().into(), from, detail: None })
    }
}

/// The name in the ARN of an assumed role's session, where a person gave it: what programs make up names nobody.
pub fn of_session(arn: &str) -> Option<WriterNamed> {
    let rest = arn.split_once(":assumed-role/")?.1;
    let (_, session) = rest.rsplit_once('/')?;
    if made_up(session) {
        return None;
    }
    let named = WriterNamed::new(&session.into(), ActorFrom::AwsSession)?;
    Some(WriterNamed { detail: Some(arn.into()), ..named })
}

/// Whether a session's name is an instance's id, or what an SDK makes of the time.
fn made_up(session: &str) -> bool {
    const PROGRAMS: [&str; 10] = [
        "botocore-session-",
        "aws-cli-",
        "awscli-",
        "aws-sdk-",
        "aws-go-sdk-",
        "aws-java-sdk-",
        "web-identity-token-",
        "assume-role-",
        "terraform-",
        "session-",
    ];
    let name = session.to_ascii_lowercase();
    let hex = |text: &str| text.len() >= 8 && text.bytes().all(|b| b.is_ascii_hexdigit());
    let numbers = name.bytes().all(|b| b.is_ascii_digit() || b == b'-' || b == b'.' || b == b'_');
    numbers || name.strip_prefix("i-").is_some_and(hex) || PROGRAMS.iter().any(|p| name.starts_with(p))
}

/// The event by which a writer says who it is; none where its records say the same already.
pub fn naming(incident: &Incident, writer: &WriterId, named: &WriterNamed) -> Option<Event> {
    let known = incident.writers.get(writer).and_then(|known| known.named.last());
    match known {
        Some(known) if known.named == *named => None,
        None if named.from == ActorFrom::User => None,
        _ => Some(named.clone().into()),
    }
}
