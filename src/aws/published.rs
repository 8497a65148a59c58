//! The answers that AWS publishes as examples of its command line, in the wire form of their services: what
//! `tests/outside/aws_examples.py` prints. It needs a Python with `tests/outside/requirements.txt` and `examples.txt`;
//! `QUELL_PYTHON` names it. Without it the tests say SKIPPED, and fail when `CI` is true.

#[path = "../../tests/skipped.rs"]
pub mod skipped;

use super::fake::{Answer, Asked};
use serde::Deserialize;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::OnceLock;

/// One published answer.
#[derive(Debug, Deserialize)]
pub struct Published {
    pub service: String,
    pub operation: String,
    pub status: u16,
    pub method: String,
    pub path: String,
    pub body: String,
}

impl Published {
    /// Whether this request asks for it: by method and path, or by the operation's name where the path says nothing.
    pub fn fits(&self, asked: &Asked) -> bool {
        if self.path == "/" {
            return asked.operation == self.operation;
        }
        let Some((method, path)) = asked.operation.split_once(' ') else { return false };
        let ((path, query), (pattern, their_query)) = (apart(path), apart(&self.path));
        let (ours, theirs): (Vec<&str>, Vec<&str>) = (path.split('/').collect(), pattern.split('/').collect());
        let same = |(a, b): (&&str, &&str)| b.starts_with('{') || a == b;
        method == self.method
            && query == their_query
            && ours.len() == theirs.len()
            && ours.iter().zip(&theirs).all(same)
    }

    /// The answer as it is sent.
    pub fn answer(&self) -> Answer {
        Answer::Whole(self.status, "", self.body.clone().into_bytes())
    }
}

/// Path and query; no query is an empty one.
fn apart(at: &str) -> (&str, &str) {
    at.split_once('?').unwrap_or((at, ""))
}

/// All of them, in the order of the operations; none, said aloud, where the tools are not there.
pub fn published() -> Option<&'static [Published]> {
    static ALL: OnceLock<Option<Vec<Published>>> = OnceLock::new();
    ALL.get_or_init(read).as_deref()
}

fn read() -> Option<Vec<Published>> {
    let named = std::env::var_os("QUELL_PYTHON");
    let program = named.clone().unwrap_or_else(|| "python3".into());
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/outside");
    let run = Command::new(&program).args(["-B", "aws_examples.py"]).current_dir(folder).stdin(Stdio::null()).output();
    let why = match run {
        Ok(output) if output.status.success() => {
            let text = String::from_utf8(output.stdout).unwrap();
            return Some(text.lines().map(|line| serde_json::from_str(line).unwrap()).collect());
        }
        Ok(output) => String::from_utf8_lossy(&output.stderr).lines().last().unwrap_or("it says nothing").to_owned(),
        Err(error) => format!("{} does not start: {error}", program.display()),
    };
    assert!(named.is_none(), "QUELL_PYTHON: {why}");
    skipped::skipped(&format!("AWS's published examples: {why}; see tests/outside/examples.txt"));
    None
}
