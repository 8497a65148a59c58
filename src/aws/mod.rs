//! The only room that builds SDK clients: who quell is to AWS, and what its clients may call.
//!
//! A [`Connection`] hands out [`Reader`]s, whose clients may only read, and, for one approved plan at a time, a
//! [`Writer`]. Every client carries a guard ([`guard`]) that refuses an operation which is not on the list for its
//! class before anything is serialised, and a request that is signed for another region or goes to another host
//! than the one it was pinned to. All calls are noted in a bounded [`CallLog`], never with credentials.

mod allow;
mod arm;
mod calls;
mod capture;
mod class;
mod clients;
mod connection;
mod endpoint;
mod errors;
mod guard;
mod handed;
mod identity;
mod input;
mod load;
mod permission;
mod pin;
mod profile;
mod reader;
mod role;
pub mod secrets;
mod sent;
mod ssh_keys;
mod thin;
mod through;
mod tools;
mod variables;
mod webhook;
mod wire;
mod writer;

#[cfg(test)]
pub mod fake;
#[cfg(test)]
pub mod published;
#[cfg(test)]
mod tests;

pub use allow::{Allow, Operation};
pub use arm::{ARMED_FOR, Armed, Refused};
pub use calls::{Call, CallLog};
pub(crate) use capture::captured;
pub use capture::{Capture, Captured};
pub use class::ErrorClass;
pub use connection::{Connection, ConnectionKind};
pub use errors::{Failure, Scope, fail_class};
pub use handed::{Handed, handed};
pub use identity::Identity;
pub use load::{ConnectOptions, StaticAccess};
pub use permission::{permission, permission_named};
pub use pin::global_region;
pub use reader::Reader;
pub use role::{Bearer, NotTaken, Session};
pub use thin::{
    Answered, ServiceError, autoscaling, config, ec2, elb, events, lambda, resolver, s3, s3control, sfn, sns, sso,
};
pub use webhook::{Hook, Posted};
pub use writer::Writer;

/// What an SDK operation fails with.
pub type SdkError<E> =
    aws_smithy_runtime_api::client::result::SdkError<E, aws_smithy_runtime_api::client::orchestrator::HttpResponse>;

/// A boxed future that may cross threads: what an object-safe trait answers with.
pub type BoxFuture<'a, T> = std::pin::Pin<Box<dyn Future<Output = T> + Send + 'a>>;
