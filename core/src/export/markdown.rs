//! stub
use crate::incident::{Entry, Incident};
pub fn report(_incident: &Incident, _entries: &[Entry], session: &str, chain: &str) -> String {
    format!("# Report {session} {chain}")
}
