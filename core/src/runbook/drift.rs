//! A runbook whose text has changed since it was opened: which step became which, by its id, else by its words.

use super::{Field, Item, Runbook, Step};
use std::collections::{BTreeMap, HashMap, HashSet};

/// How alike two titles must be to be taken for one step's, from 0 to 1 (Sørensen-Dice over pairs of letters).
const ALIKE: f64 = 0.7;

/// So many pairs of titles are compared at most; of more the rest is gone and new.
const PAIRS: usize = 40_000;

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    /// The step of that place says the same.
    Same(usize),
    /// The step of that place has its id, and says something else.
    Reworded(usize),
    /// The step of that place has another id, and words like its own.
    Alike(usize),
    Gone,
}

impl Became {
    /// The place of the step that it became.
    pub fn place(self) -> Option<usize> {
        match self {
            Became::Same(at) | Became::Reworded(at) | Became::Alike(at) => Some(at),
            Became::Gone => None,
        }
    }
}

/// What became of each step of `old` in `new`, in the order of `old`; each step of `new` is taken once.
pub fn map(old: &Runbook, new: &Runbook) -> Vec<Became> {
    let by_id: HashMap<&str, usize> = new.steps.iter().enumerate().map(|(at, step)| (step.id.as_str(), at)).collect();
    let of_id = |step: &Step| {
        let at = *by_id.get(step.id.as_str())?;
        Some(if new.steps.get(at).is_some_and(|other| same(other, step)) {
            Became::Same(at)
        } else {
            Became::Reworded(at)
        })
    };
    let mut became: Vec<Became> = old.steps.iter().map(|step| of_id(step).unwrap_or(Became::Gone)).collect();
    let taken: HashSet<usize> = became.iter().filter_map(|one| one.place()).collect();
    let left: Vec<usize> = (0..new.steps.len()).filter(|at| !taken.contains(at)).collect();
    for (from, to) in alike(old, &became, new, &left) {
        if let Some(one) = became.get_mut(from) {
            *one = Became::Alike(to);
        }
    }
    became
}

/// The steps of `new` that nothing became, by their places.
pub fn added(became: &[Became], new: &Runbook) -> Vec<usize> {
    let taken: HashSet<usize> = became.iter().filter_map(|one| one.place()).collect();
    (0..new.steps.len()).filter(|at| !taken.contains(at)).collect()
}

/// Whether two steps ask the same of whoever does them, wherever in their files they stand.
fn same(one: &Step, other: &Step) -> bool {
    let action = match (&one.action, &other.action) {
        (None, None) => true,
        (Some(one), Some(other)) => {
            (&one.kind, &one.title, one.danger) == (&other.kind, &other.title, other.danger)
                && maps(&one.fields, &other.fields)
        }
        _ => false,
    };
    let said = |step: &Step| (step.title.clone(), step.body.clone(), step.when.clone(), step.each);
    let asked = |step: &Step| (step.note_required, step.evidence.clone(), step.lookup.clone());
    action && said(one) == said(other) && asked(one) == asked(other)
}

fn maps(one: &BTreeMap<Box<str>, Field>, other: &BTreeMap<Box<str>, Field>) -> bool {
    let pairs = || one.iter().zip(other);
    one.len() == other.len() && pairs().all(|((name, field), (own, with))| name == own && fields(field, with))
}

fn fields(one: &Field, other: &Field) -> bool {
    match (one, other) {
        (Field::Item(one), Field::Item(other)) => items(one, other),
        (Field::List(one), Field::List(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| items(one, other))
        }
        (Field::Map(one), Field::Map(other)) => maps(one, other),
        _ => false,
    }
}

fn items(one: &Item, other: &Item) -> bool {
    match (one, other) {
        (Item::Text(one), Item::Text(other)) => one == other,
        (Item::Template { name: one, .. }, Item::Template { name: other, .. }) => one == other,
        _ => false,
    }
}

/// Steps without a partner that are most alike, the most alike first.
fn alike(old: &Runbook, became: &[Became], new: &Runbook, left: &[usize]) -> Vec<(usize, usize)> {
    let gone = became.iter().enumerate().filter(|(_, one)| **one == Became::Gone).map(|(at, _)| at);
    let title = |book: &Runbook, at: usize| {
        book.steps.get(at).map(|step| step.title.line().as_str().to_lowercase()).unwrap_or_default()
    };
    let titles: Vec<(usize, String)> = left.iter().map(|at| (*at, title(new, *at))).collect();
    let mut pairs: Vec<(f64, usize, usize)> = gone
        .flat_map(|from| {
            let own = title(old, from);
            titles.iter().map(move |(to, other)| (from, own.clone(), *to, other.clone()))
        })
        .take(PAIRS)
        .map(|(from, own, to, other)| (strsim::sorensen_dice(&own, &other), from, to))
        .filter(|(how, ..)| *how >= ALIKE)
        .collect();
    pairs.sort_by(|a, b| b.0.total_cmp(&a.0).then((a.1, a.2).cmp(&(b.1, b.2))));
    let (mut from_taken, mut to_taken) = (HashSet::new(), HashSet::new());
    pairs.retain(|(_, from, to)| {
        let free = !from_taken.contains(from) && !to_taken.contains(to);
        if free {
            from_taken.insert(*from);
            to_taken.insert(*to);
        }
        free
    });
    pairs.into_iter().map(|(_, from, to)| (from, to)).collect()
}
