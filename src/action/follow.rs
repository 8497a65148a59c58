//! Following what goes on at AWS to its end.

use super::progress::Progress;
use crate::aws::{BoxFuture, ErrorClass, Failure, Reader};
use crate::problem::clean;
use quell_core::incident::Outcome;
use std::time::Duration;

/// The first wait between two looks and the longest; each wait is a second longer than the one before.
const FIRST: u64 = 2;
const LONGEST: u64 = 15;
/// Looks in a row that may fail before it is given up as unknown: more than five minutes.
const LOST: u32 = 24;

/// What is followed: by which call, and under which name.
pub(super) struct Watch<'a> {
    pub reader: &'a Reader,
    pub progress: &'a Progress,
    pub operation: &'static str,
    pub name: &'a str,
}

impl<'a> Watch<'a> {
    /// Looks until it has ended, telling where it is whenever that has changed.
    pub(super) async fn follow<S>(
        &self,
        look: impl Fn() -> BoxFuture<'a, Result<S, Failure>> + Send,
        line: impl Fn(&S) -> (String, u32, u32) + Send,
        ended: impl Fn(&S) -> Option<Outcome> + Send,
    ) -> Outcome {
        let (mut wait, mut failed, mut told) = (FIRST, 0, String::new());
        loop {
            match look().await {
                Ok(seen) => {
                    failed = 0;
                    let (line, done, of) = line(&seen);
                    if line != told {
                        self.progress.step(line.as_str(), done, of);
                        told = line;
                    }
                    if let Some(outcome) = ended(&seen) {
                        return outcome;
                    }
                }
                Err(failure) => {
                    failed += 1;
                    // What a longer wait can't heal is told at once; a lost network may come back.
                    let heals = matches!(
                        failure.class,
                        ErrorClass::Transient | ErrorClass::Throttled | ErrorClass::NotFound | ErrorClass::Unreadable
                    );
                    if !heals || failed >= LOST {
                        return self.lost(&failure);
                    }
                    self.progress.step(format!("{}: can't be read, trying again", clean(self.name)), 0, 0);
                    told.clear();
                }
            }
            self.progress.sleep(Duration::from_secs(wait)).await;
            wait = (wait + 1).min(LONGEST);
        }
    }

    fn lost(&self, failure: &Failure) -> Outcome {
        let why = failure.problem(self.operation, &self.reader.scope()).headline();
        Outcome::Unknown {
            why: format!("the execution {} was started; it can't be read: {why}", clean(self.name)).into(),
        }
    }
}
