//! `quell doctor --actions`: what actions need, looked at before the night on which they are wanted.

use super::runbooks::library;
use super::{Globals, Io};
use crate::action::{
    self, BlockNeeds, Caller, KindNeeds, Need, PREFLIGHT_OPERATIONS, Preflight, State, allow, preflight,
};
use crate::aws::{Allow, Bearer, ConnectOptions, Connection};
use crate::console::screens::page::broken_words;
use crate::problem::Problem;
use crate::runtime::Runtime;
use quell_core::text::{Untrusted, json};
use serde::Serialize;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::process::ExitCode;

/// Cells of a line.
const WIDTH: usize = 80;
/// Cells before what follows a state's word.
const INDENT: usize = 10;
/// What nobody should read out of it.
const LIMITS: &str = "Permissions are what IAM's policy simulator says for all resources (*), at this time and in the \
     Region of the call: identity policies, the permissions boundary and the organization's service control policies \
     count. It does not see session policies, policies of resources or resource control policies; a permission that \
     is given for some resources alone counts as missing. In an account of [roles] the role's permissions are looked at, \
     in a session of it. Not looked at: what the role of an automation may do, accounts that neither [roles] nor \
     [accounts] names, and values that come with the finding.";

/// The arguments of `quell doctor`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Look at what actions need: permissions, documents, roles, security groups, programs, values
    #[arg(long)]
    actions: bool,
    /// Print one JSON object a line
    #[arg(long)]
    json: bool,
}

/// Runs the subcommand: exit code 1 when something is missing, 3 when something could not be asked.
pub fn run(args: &Args, globals: &Globals, io: &mut Io) -> ExitCode {
    match answer(args, globals, io) {
        Ok(code) => code,
        Err(problem) => io.refuse(&problem),
    }
}

fn answer(args: &Args, globals: &Globals, io: &mut Io) -> Result<ExitCode, Problem> {
    if !args.actions {
        return Err(Problem::input("it is not said what is to be looked at").next("give --actions"));
    }
    let (library, unread) = library(&globals.folders(), io);
    let given = globals.configured().variables.iter();
    let variables: BTreeMap<String, Untrusted> = given.map(|(k, v)| (k.clone(), v.as_str().into())).collect();
    let options = ConnectOptions { read_only: true, ..globals.connection() };
    let mut allow = Allow { read: allow().read, ..Allow::default() };
    allow.read.extend(PREFLIGHT_OPERATIONS);
    let (runtime, bearer) = (io.runtime.clone(), Bearer::new(Some("doctor"), Some(&globals.who().name().actor)));
    let found = Runtime::tokio()?.block_on(async {
        let connection = Connection::load(options, allow, runtime).await?;
        preflight(&connection, &library.books, &variables, &bearer).await
    })?;
    if let Some(problem) = &found.problem {
        io.show(problem);
    }
    let text = match args.json {
        true => lines(&found).map_err(|error| Problem::local(format!("the output could not be made: {error}")))?,
        false => page(&found),
    };
    let written = io.out.write_all(text.as_bytes());
    Ok(io.finish(written, code(&found).max(unread)))
}

fn code(found: &Preflight) -> u8 {
    match () {
        () if found.any(State::NotKnown) => 3,
        () if found.any(State::Missing) => 1,
        () => 0,
    }
}

/// A line of the JSON output; its keys are a contract.
#[derive(Serialize)]
#[serde(tag = "about", rename_all = "lowercase")]
enum Line<'a> {
    Caller(&'a Caller),
    Role(&'a Need),
    Kind(&'a KindNeeds),
    Action(&'a BlockNeeds),
}

fn lines(found: &Preflight) -> Result<String, serde_json::Error> {
    let all = std::iter::once(Line::Caller(&found.caller))
        .chain(found.roles.iter().map(Line::Role))
        .chain(found.kinds.iter().map(Line::Kind))
        .chain(found.blocks.iter().map(Line::Action));
    let lines: Result<Vec<String>, _> = all.map(|line| Ok(json::to_string(&line)? + "\n")).collect();
    Ok(lines?.concat())
}

fn page(found: &Preflight) -> String {
    let caller = &found.caller;
    let mut regions: Vec<&str> = Vec::new();
    for kind in &found.kinds {
        if !regions.contains(&kind.region.as_str()) {
            regions.push(&kind.region);
        }
    }
    let accounts = found.kinds.iter().map(|kind| kind.account.as_str()).collect::<BTreeSet<_>>().len();
    let mut page = Page { text: String::new(), places: regions.len() * accounts, accounts };
    page.row("CALLER", &caller.arn);
    page.row("", &format!("account {}, {}", caller.account, regions.join(", ")));
    match &caller.source {
        Some(source) if *source != caller.arn => page.row("", &format!("permissions of {source}")),
        Some(_) => {}
        None => page.row("", &caller.why),
    }
    if !found.roles.is_empty() {
        page.line("\nROLES");
        found.roles.iter().for_each(|role| page.role(role));
    }
    page.line("\nKINDS");
    for kind in action::kinds().iter().map(|kind| kind.info().name) {
        page.kind(kind, found.kinds.iter().filter(|one| one.kind == kind));
    }
    page.line("\nRUNBOOKS");
    // The user's own may bear the id of a built-in one: then each stands for itself.
    for blocks in found.blocks.chunk_by(|a, b| (&a.runbook, &a.file) == (&b.runbook, &b.file)) {
        page.book(blocks);
    }
    page.line("");
    for line in broken_words(LIMITS, WIDTH) {
        page.line(line.trim_start());
    }
    page.text
}

/// The text as it grows.
struct Page {
    text: String,
    /// How many places were looked at, and in how many accounts.
    places: usize,
    accounts: usize,
}

/// An account and a region.
type Spot<'a> = (&'a str, &'a str);

impl KindNeeds {
    fn spot(&self) -> Spot<'_> {
        (&self.account, &self.region)
    }
}

impl BlockNeeds {
    fn spot(&self) -> Spot<'_> {
        (&self.account, &self.region)
    }
}

/// The names of needs that are alike: in the same state, for the same reason, in the same places.
type Alike<'a> = BTreeMap<(Reverse<State>, &'a str, Vec<Spot<'a>>), Vec<&'a str>>;

fn alike<'a>(needs: impl Iterator<Item = (Spot<'a>, &'a Need)>) -> Alike<'a> {
    let mut places: BTreeMap<(&str, State, &str), Vec<Spot>> = BTreeMap::new();
    for (spot, need) in needs {
        let spots = places.entry((&need.name, need.state, &need.why)).or_default();
        if !spots.contains(&spot) {
            spots.push(spot);
        }
    }
    let mut alike = Alike::new();
    for ((name, state, why), spots) in places {
        alike.entry((Reverse(state), why, spots)).or_default().push(name);
    }
    alike
}

fn word(state: State) -> &'static str {
    match state {
        State::Ok => "  ok",
        State::Asked => "  asked",
        State::ByHand => "  by hand",
        State::NotKnown => "  ?",
        State::Missing => "  MISSING",
    }
}

impl Page {
    fn line(&mut self, line: &str) {
        self.text.push_str(line);
        self.text.push('\n');
    }

    /// A word, and beside it what is said, in as many lines as it takes.
    fn row(&mut self, word: &str, said: &str) {
        for (n, line) in broken_words(said, WIDTH - INDENT).into_iter().enumerate() {
            let word = if n == 0 { word } else { "" };
            self.line(&format!("{word:INDENT$}{line}"));
        }
    }

    fn kind<'a>(&mut self, name: &str, regions: impl Iterator<Item = &'a KindNeeds>) {
        let needs = regions.flat_map(|one| one.needs.iter().map(|need| (one.spot(), need)));
        let alike = alike(needs);
        let worst = alike.keys().next().map_or(State::Ok, |(Reverse(state), ..)| *state);
        match alike.is_empty() {
            true => self.row(word(worst), &format!("{name} (it calls nothing of AWS)")),
            false => self.row(word(worst), name),
        }
        self.reasons(&alike);
    }

    fn role(&mut self, need: &Need) {
        self.row(word(need.state), need.name.strip_prefix("role ").unwrap_or(&need.name));
        if !need.why.is_empty() {
            self.row("", &format!("- {}", need.why));
        }
    }

    /// What is not simply there, and why.
    fn reasons(&mut self, alike: &Alike) {
        for ((Reverse(state), why, spots), names) in alike {
            if why.is_empty() {
                continue;
            }
            let prefix = if *state == State::NotKnown { "not known, " } else { "" };
            let spot = |(account, region): &Spot| match self.accounts {
                1 => (*region).to_owned(),
                _ => format!("{account} {region}"),
            };
            let place = match spots.len() == self.places {
                true => String::new(),
                false => format!(" ({})", spots.iter().map(spot).collect::<Vec<_>>().join(", ")),
            };
            self.row("", &format!("- {}: {prefix}{why}{place}", names.join(", ")));
        }
    }

    fn book(&mut self, blocks: &[BlockNeeds]) {
        let Some(BlockNeeds { runbook, file, .. }) = blocks.first() else { return };
        let head = file.as_ref().map_or_else(|| runbook.clone(), |file| format!("{runbook} ({file})"));
        for line in broken_words(&head, WIDTH) {
            self.line(line.trim_start());
        }
        let (mut asked, mut by_hand, mut fine) = (BTreeSet::new(), 0, 0);
        for here in blocks.chunk_by(|a, b| a.step == b.step) {
            let needs = || here.iter().flat_map(|one| one.needs.iter().map(move |need| (one.spot(), need)));
            asked.extend(needs().filter(|(_, need)| need.state == State::Asked).map(|(_, need)| need.name.as_str()));
            let alike = alike(needs().filter(|(_, need)| need.state > State::Asked));
            match (alike.keys().next(), here.first()) {
                (Some((Reverse(State::ByHand), ..)), _) => by_hand += 1,
                (Some((Reverse(worst), ..)), Some(block)) => {
                    let BlockNeeds { number, title, kind, .. } = block;
                    self.row(word(*worst), &format!("step {number}, {title} ({kind})"));
                    self.reasons(&alike);
                }
                _ => fine += 1,
            }
        }
        if !asked.is_empty() {
            self.row(word(State::Asked), &asked.into_iter().collect::<Vec<_>>().join(", "));
        }
        if by_hand > 0 {
            let count = if by_hand == 1 { "1 action".to_owned() } else { format!("{by_hand} actions") };
            self.row(word(State::ByHand), &format!("{count}: the solution that brings the document is not deployed"));
        }
        match fine {
            0 => {}
            1 => self.row(word(State::Ok), "1 action"),
            _ => self.row(word(State::Ok), &format!("{fine} actions")),
        }
    }
}
