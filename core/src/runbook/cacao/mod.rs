//! Runbooks as CACAO 2.0 playbooks (OASIS, "CACAO Security Playbooks Version 2.0") and back: JSON that other teams'
//! tools read and write.

mod export;
mod ids;
mod import;

pub use export::{NotExported, export};
pub use import::{Imported, NotImported, import, is_type};
