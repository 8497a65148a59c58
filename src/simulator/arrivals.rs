//! Findings over time: those that are there at the start, those that arrive, their repeats, and ever new ones.
//!
//! Each finding of the scenario has its own stream of moments, drawn from the seed and its label: the moments do not
//! depend on how often anybody looks.

use super::clock::{earlier, later};
use super::finding::Held;
use super::scenario::Finding;
use super::world::World;
use jiff::{SignedDuration, Timestamp};

/// The next moment of each finding's stream.
#[derive(Clone, Debug, Default)]
pub(super) struct Schedule {
    streams: Vec<Stream>,
}

#[derive(Clone, Debug)]
struct Stream {
    due: Option<Timestamp>,
    /// How many moments came before.
    n: u64,
    /// The finding that a repeat is one of.
    finding: Option<String>,
}

impl Schedule {
    pub fn next_due(&self) -> Option<Timestamp> {
        self.streams.iter().filter_map(|s| s.due).min()
    }

    /// The stream that is due first; on a tie, the scenario's order decides.
    fn first(&self) -> Option<(usize, Stream)> {
        let due = self.streams.iter().enumerate().filter(|(_, s)| s.due.is_some());
        due.min_by_key(|(_, s)| s.due).map(|(i, s)| (i, s.clone()))
    }

    fn set(&mut self, index: usize, next: Stream) {
        if let Some(stream) = self.streams.get_mut(index) {
            *stream = next;
        }
    }
}

/// Puts the findings in place that are there at the start, and sets every stream to its first moment.
pub(super) fn begin(world: &mut World) {
    let start = world.now;
    for index in 0..world.scenario.findings.len() {
        let Some(spec) = world.scenario.findings.get(index).cloned() else { continue };
        let mut first_id = None;
        let held = spec
            .began
            .zip(spec.seen)
            .and_then(|(began, seen)| Some((start.checked_sub(began).ok()?, start.checked_sub(seen).ok()?)));
        if let Some((first, last)) = held {
            let mut finding = Held::new(world, index, 0, first, first);
            finding.seen_again(world, last, publish(world, &spec, 0, last).min(start), spec.count);
            finding.archived = spec.archived;
            first_id = Some(finding.id.clone());
            world.findings.insert(finding.id.clone(), finding);
        }
        let gap = spec.spawn.or(spec.arrives).or(spec.repeat);
        let due = gap.and_then(|gap| start.checked_add(jitter(world, &spec, 0, gap)).ok());
        world.schedule.streams.push(Stream { due, n: 0, finding: first_id });
    }
}

/// Lets the next moment happen.
pub(super) fn happen(world: &mut World) {
    let Some((index, stream)) = world.schedule.first() else { return };
    let (Some(at), Some(spec)) = (stream.due, world.scenario.findings.get(index).cloned()) else { return };
    let n = stream.n + 1;
    let gap = spec.spawn.or(spec.repeat);
    let due = gap.and_then(|gap| at.checked_add(jitter(world, &spec, n, gap)).ok());
    let mut next = Stream { due, n, finding: stream.finding };
    if !world.account.stops(&spec.resource, &spec.action, spec.process.is_some()) {
        let seen = earlier(at, lag(world, &spec, n));
        use_key(world, &spec, seen);
        let known = next.finding.take().filter(|_| spec.spawn.is_none()).and_then(|id| world.findings.remove(&id));
        let mut finding = known.unwrap_or_else(|| Held::new(world, index, n, seen, at));
        let (last, count) = (seen.max(finding.last), finding.count + 1);
        finding.seen_again(world, last, at, count);
        next.finding = Some(finding.id.clone());
        world.findings.insert(finding.id.clone(), finding);
    }
    world.schedule.set(index, next);
}

/// GuardDuty keeps a finding for 90 days.
pub(super) fn forget(world: &mut World) {
    let oldest = earlier(world.now, SignedDuration::from_hours(90 * 24));
    world.findings.retain(|_, finding| finding.updated >= oldest);
}

/// Whoever calls with a key is the last who used it.
fn use_key(world: &mut World, spec: &Finding, seen: Timestamp) {
    let service = spec.action.service.as_deref().and_then(|s| s.split('.').next());
    let (Some(service), region) = (service, world.scenario.region.clone()) else { return };
    let target = (spec.resource.user.as_ref(), spec.resource.key.as_ref());
    let (Some(user), Some(id)) = target else { return };
    let keys = world.account.users.get_mut(user).map(|u| u.keys.as_mut_slice()).unwrap_or_default();
    if let Some(key) = keys.iter_mut().find(|k| k.id == *id) {
        key.used = Some((seen, service.to_owned(), region));
    }
}

/// A time around the mean: 0.7 to 1.3 of it, at least a second.
fn jitter(world: &World, spec: &Finding, n: u64, mean: SignedDuration) -> SignedDuration {
    let factor = 0.7 + 0.6 * world.chance.unit(&format!("gap {}", spec.label), n);
    SignedDuration::from_millis((mean.as_millis() as f64 * factor) as i64).max(SignedDuration::from_secs(1))
}

/// How long GuardDuty took to publish what it saw: one to four minutes.
fn lag(world: &World, spec: &Finding, n: u64) -> SignedDuration {
    SignedDuration::from_millis((60_000.0 + 180_000.0 * world.chance.unit(&format!("lag {}", spec.label), n)) as i64)
}

fn publish(world: &World, spec: &Finding, n: u64, seen: Timestamp) -> Timestamp {
    later(seen, lag(world, spec, n))
}
