//! Findings over time: those that are there at the start, those that arrive, their repeats, and ever new ones.
//!
//! Each finding of the scenario has its own stream of moments, drawn from the seed and its label: the moments do not
//! depend on how often anybody looks.

use super::finding::Held;
use super::scenario::Finding;
use super::world::World;
use jiff::{SignedDuration, Timestamp};

/// The next moment of each finding's stream.
#[derive(Clone, Debug, Default)]
pub(super) struct Schedule {
    streams: Vec<Stream>,
}

#[derive(Clone, Copy, Debug)]
struct Stream {
    due: Option<Timestamp>,
    /// How many moments came before.
    n: u64,
}

impl Schedule {
    pub fn next_due(&self) -> Option<Timestamp> {
        self.streams.iter().filter_map(|s| s.due).min()
    }

    /// The stream that is due first; on a tie, the scenario's order decides.
    fn first(&self) -> Option<(usize, Stream)> {
        let due = self.streams.iter().enumerate().filter(|(_, s)| s.due.is_some());
        due.min_by_key(|(_, s)| s.due).map(|(i, s)| (i, *s))
    }

    fn set(&mut self, index: usize, due: Option<Timestamp>, n: u64) {
        if let Some(stream) = self.streams.get_mut(index) {
            *stream = Stream { due, n };
        }
    }
}

/// Puts the findings in place that are there at the start, and sets every stream to its first moment.
pub(super) fn begin(world: &mut World) {
    let start = world.now;
    for index in 0..world.scenario.findings.len() {
        let Some(spec) = world.scenario.findings.get(index).cloned() else { continue };
        let held = spec
            .began
            .zip(spec.seen)
            .and_then(|(began, seen)| Some((start.checked_sub(began).ok()?, start.checked_sub(seen).ok()?)));
        if let Some((first, last)) = held {
            let mut finding = Held::new(world, index, 0, first);
            finding.seen_again(world, last, publish(world, &spec, 0, last).min(start), spec.count);
            finding.archived = spec.archived;
            world.findings.push(finding);
        }
        let gap = spec.spawn.or(spec.arrives).or(spec.repeat);
        let due = gap.map(|gap| start + jitter(world, &spec, 0, gap));
        world.schedule.streams.push(Stream { due, n: 0 });
    }
}

/// Lets the next moment happen.
pub(super) fn happen(world: &mut World) {
    let Some((index, stream)) = world.schedule.first() else { return };
    let (Some(at), Some(spec)) = (stream.due, world.scenario.findings.get(index).cloned()) else { return };
    let n = stream.n + 1;
    let gap = spec.spawn.or(spec.repeat);
    world.schedule.set(index, gap.map(|gap| at + jitter(world, &spec, n, gap)), n);
    if world.account.stops(&spec.resource, &spec.action, spec.process.is_some()) {
        return;
    }
    let seen = at - lag(world, &spec, n);
    use_key(world, &spec, seen);
    let known = world.findings.iter().position(|f| f.spec == index && spec.spawn.is_none());
    match known.map(|i| world.findings.remove(i)) {
        Some(mut finding) => {
            let count = finding.count + 1;
            finding.seen_again(world, seen.max(finding.last), at, count);
            world.findings.push(finding);
        }
        None => {
            let mut finding = Held::new(world, index, n, seen);
            finding.seen_again(world, seen, at, 1);
            finding.created = at;
            world.findings.push(finding);
        }
    }
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
    seen + lag(world, spec, n)
}
