//! The console's sources: a task for each source and region, which carries requests and delivers what comes of them.

use super::{Health, Poller, SOURCES, SourceEvent, carry};
use crate::aws::Connection;
use crate::runtime::Runtime;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::task::JoinHandle;

/// How often a source is asked what is new, unless configured otherwise.
pub const INTERVAL: Duration = Duration::from_secs(30);

/// The running sources; dropping it ends them.
pub struct Sources {
    tasks: Vec<JoinHandle<()>>,
    nudge: Arc<Notify>,
}

impl Sources {
    /// Asks every source in every region of the connection, now and then every `interval`, until dropped. Must be
    /// called inside a tokio runtime.
    pub fn start(
        connection: Connection,
        runtime: Runtime,
        interval: Duration,
        deliver: impl Fn(SourceEvent) + Send + Sync + 'static,
    ) -> Self {
        let nudge = Arc::new(Notify::new());
        let deliver: Arc<dyn Fn(SourceEvent) + Send + Sync> = Arc::new(deliver);
        let mut tasks = Vec::new();
        for region in connection.regions() {
            for source in SOURCES {
                let poller = Poller::new(*source, region, interval);
                let (connection, nudge, deliver) = (connection.clone(), nudge.clone(), deliver.clone());
                tasks.push(runtime.task(keep_asking(poller, connection, runtime.clone(), nudge, deliver)));
            }
        }
        Self { tasks, nudge }
    }

    /// Has every source read everything again, now: after a workflow status was set, or because somebody asks.
    pub fn refresh(&self) {
        self.nudge.notify_waiters();
    }
}

impl Drop for Sources {
    fn drop(&mut self) {
        for task in &self.tasks {
            task.abort();
        }
    }
}

/// What failed is asked for again here, which nobody else who reads a source does.
fn asked_again(mut event: SourceEvent) -> SourceEvent {
    if let SourceEvent::Health { health: Health::Failing { problem, .. }, .. } = &mut event {
        problem.meaning.push_str("; quell asks again by itself");
    }
    event
}

async fn keep_asking(
    mut poller: Poller,
    connection: Connection,
    runtime: Runtime,
    nudge: Arc<Notify>,
    deliver: Arc<dyn Fn(SourceEvent) + Send + Sync>,
) {
    let mut reply = None;
    let mut now = runtime.now();
    loop {
        let step = poller.step(now, reply.take());
        step.events.into_iter().for_each(|event| deliver(asked_again(event)));
        for request in &step.requests {
            reply = Some(carry(&connection, request).await);
        }
        now = runtime.now();
        if let Some(wake) = step.wake {
            let wait = Duration::try_from(wake.duration_since(now)).unwrap_or_default();
            tokio::select! {
                () = runtime.sleep(wait) => now = runtime.now().max(wake),
                () = nudge.notified() => poller.hurry(),
            }
        }
    }
}
