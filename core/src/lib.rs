//! The pure rooms of quell: no I/O, no clock, no randomness, no AWS, no screen.
//!
//! Time, ids and bytes arrive as values. The rooms, and what each may name:
//!
//! - [`text`]: nothing. Outside text, made harmless; identifiers with a grammar; the one JSON writer.
//! - [`finding`]: text. Findings in every wire shape, merged and filtered.
//! - [`runbook`]: text, finding. Markdown runbooks with positions, matching, templates.
//! - [`incident`]: text, finding, runbook. Events, the fold, decisions, plans and outcomes.
//! - [`record`]: incident. Events as lines: chain, read, recover, merge, verify.
//! - [`export`]: all of the above. One file per format.

pub mod export;
pub mod finding;
pub mod incident;
pub mod record;
pub mod runbook;
pub mod text;
