//! What a running action is given, and what it tells while it runs.

use crate::aws::BoxFuture;
use crate::runtime::Runtime;
use quell_core::text::Untrusted;
use std::time::Duration;

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

type Sleep = dyn Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync;

/// The run of one action: how it waits, and where its reports go.
pub struct Progress {
    sleep: Box<Sleep>,
    sink: Box<dyn Fn(Report) + Send + Sync>,
}

impl Progress {
    /// A run that waits by `runtime` and whose reports go to `sink`.
    pub fn new(runtime: Runtime, sink: impl Fn(Report) + Send + Sync + 'static) -> Self {
        let sleep = move |time| -> BoxFuture<'static, ()> {
            let runtime = runtime.clone();
            Box::pin(async move { runtime.sleep(time).await })
        };
        Self { sleep: Box::new(sleep), sink: Box::new(sink) }
    }

    /// A run whose waits are over at once; each is told to `wait`.
    #[cfg(test)]
    pub(super) fn waiting(
        wait: impl Fn(Duration) + Send + Sync + 'static,
        sink: impl Fn(Report) + Send + Sync + 'static,
    ) -> Self {
        let sleep = move |time| -> BoxFuture<'static, ()> {
            wait(time);
            Box::pin(std::future::ready(()))
        };
        Self { sleep: Box::new(sleep), sink: Box::new(sink) }
    }

    /// A run that waits as `sleep` says.
    #[cfg(test)]
    pub(super) fn pacing(
        sleep: impl Fn(Duration) -> BoxFuture<'static, ()> + Send + Sync + 'static,
        sink: impl Fn(Report) + Send + Sync + 'static,
    ) -> Self {
        Self { sleep: Box::new(sleep), sink: Box::new(sink) }
    }

    pub(super) async fn sleep(&self, time: Duration) {
        (self.sleep)(time).await;
    }

    pub(super) fn step(&self, text: impl Into<Untrusted>, done: u32, of: u32) {
        (self.sink)(Report::Step(ProgressStep { text: text.into(), done, of }));
    }

    pub(super) fn output(&self, name: impl Into<Untrusted>, bytes: Vec<u8>) {
        (self.sink)(Report::Output { name: name.into(), bytes });
    }
}
