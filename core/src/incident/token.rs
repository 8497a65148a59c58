//! The token that makes an action happen at most once.

use super::Link;
use uuid::Uuid;

/// ClientToken of an action: UUIDv5 of the session's id, the writer and the number of its planned event. SSM takes
/// only tokens in the form of a UUID (StartAutomationExecution, ClientToken).
pub fn client_token(session: &str, action: &Link) -> String {
    let session = Uuid::new_v5(&Uuid::NAMESPACE_OID, session.as_bytes());
    Uuid::new_v5(&session, format!("{}/{}", action.0, action.1).as_bytes()).hyphenated().to_string()
}
