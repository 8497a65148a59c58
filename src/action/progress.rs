//! What a running action is given, and what it tells while it runs.

use crate::runtime::Runtime;
use quell_core::text::Untrusted;

/// How far an action is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProgressStep {
    pub text: Untrusted,
    pub done: u32,
    /// 0 when it is not known how many there are.
    pub of: u32,
}

/// What a running action tells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Report {
    Step(ProgressStep),
    /// Full bytes to keep as evidence: a command's output, an automation's answer.
    Output {
        name: Untrusted,
        bytes: Vec<u8>,
    },
}

/// The run of one action: the time it may wait by, and where its reports go.
pub struct Progress {
    runtime: Runtime,
    sink: Box<dyn Fn(Report) + Send + Sync>,
}

impl Progress {
    /// A run that waits by `runtime` and whose reports go to `sink`.
    pub fn new(runtime: Runtime, sink: impl Fn(Report) + Send + Sync + 'static) -> Self {
        Self { runtime, sink: Box::new(sink) }
    }

    pub(super) fn runtime(&self) -> &Runtime {
        &self.runtime
    }

    pub(super) fn step(&self, text: impl Into<Untrusted>, done: u32, of: u32) {
        (self.sink)(Report::Step(ProgressStep { text: text.into(), done, of }));
    }

    pub(super) fn output(&self, name: impl Into<Untrusted>, bytes: Vec<u8>) {
        (self.sink)(Report::Output { name: name.into(), bytes });
    }
}
