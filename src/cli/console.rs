//! `quell`, `quell demo`, `quell open`: the console on an account, on the simulated one, or on a file.

use super::findings_file::{self, FindingsFile};
use super::simulator::speed;
use super::words::recorded;
use super::{Globals, Io};
use crate::action;
use crate::aws::secrets;
use crate::aws::{CallLog, ConnectOptions, Connection, StaticAccess};
use crate::console::core::input::Input;
use crate::console::core::model::{Account, Mode, Model, Screen};
use crate::console::screens::{findings, incident, sessions, text};
use crate::console::shell::{self, Connect, Own, Setup};
use crate::files::trust;
use crate::lookup;
use crate::problem::{Problem, clean};
use crate::runtime::Runtime;
use crate::simulator::{Scenario, Simulator};
use crate::source;
use crate::timeline::Who;
use quell_core::finding::{Batch, Finding, ReadError};
use quell_core::text::Untrusted;
use std::collections::BTreeMap;
use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

/// The arguments of `quell demo`.
#[derive(Debug, clap::Args)]
pub struct DemoArgs {
    /// What happens in the account
    #[arg(long, value_name = "S", default_value = "crypto-mining", value_parser = Scenario::names().to_vec())]
    scenario: String,
    /// Which findings arrive when
    #[arg(long, value_name = "N", default_value_t = 1)]
    seed: u64,
    /// How many times as fast as the clock the account's time runs, up to 3600
    #[arg(long, value_name = "X", default_value_t = 1.0, value_parser = speed, allow_negative_numbers = true)]
    speed: f64,
}

/// The arguments of `quell open`.
#[derive(Debug, clap::Args)]
pub struct OpenArgs {
    /// The finding's ARN or id, looked up in the configured sources
    #[arg(value_name = "FINDING_ID", required_unless_present_any = ["file", "new"])]
    finding: Option<String>,
    /// Findings of a file; with several the list is opened on them alone
    #[arg(long, value_name = "F", conflicts_with_all = ["finding", "new"])]
    file: Option<PathBuf>,
    /// An incident without a finding
    #[arg(long, value_name = "TITLE", conflicts_with = "finding")]
    new: Option<String>,
}

/// The console on the configured sources.
pub fn real(globals: &Globals, io: &mut Io) -> ExitCode {
    run(globals, io, Mode::Real, Start::default())
}

/// The console on the simulated account.
pub fn demo(args: &DemoArgs, globals: &Globals, io: &mut Io) -> ExitCode {
    let scenario = match Scenario::named(&args.scenario) {
        Ok(scenario) => scenario,
        Err(problem) => return refuse(io, &problem),
    };
    let simulator = Simulator::new(scenario, args.seed, args.speed, io.runtime.clone());
    let start = Start { speed: args.speed, simulator: Some(simulator), ..Start::default() };
    run(globals, io, Mode::Simulated, start)
}

/// The console straight in an incident.
pub fn open(args: &OpenArgs, globals: &Globals, io: &mut Io) -> ExitCode {
    if let Some(file) = &args.file {
        let read = match findings_file::read(file, io) {
            Ok(read) => read,
            Err(problem) => return refuse(io, &problem),
        };
        read.tell(io);
        let FindingsFile { name, batch } = read;
        if batch.findings.is_empty() {
            let problem = Problem::input("there is no finding in the file").in_file(&name, 0, 0);
            return refuse(io, &problem.next("quell findings --file F shows what is in it"));
        }
        let (damage, doubt) = (damage(&name, &batch), doubt(&name, &batch));
        let start = Start { file: Some((batch.findings, damage)), doubt, ..Start::default() };
        return run(globals, io, Mode::File { name, endpoint: None }, start);
    }
    let title = args.new.as_deref().map(|title| recorded(title, "the title", io));
    let start = Start { finding: args.finding.clone(), title, ..Start::default() };
    run(globals, io, Mode::Real, start)
}

/// What a console starts with, beside the options of all.
#[derive(Default)]
struct Start {
    simulator: Option<Simulator>,
    speed: f64,
    file: Option<(Vec<Finding>, Option<Problem>)>,
    /// What of the file is read by a guess.
    doubt: Option<Problem>,
    finding: Option<String>,
    title: Option<String>,
}

impl Start {
    /// The finding that is opened at once: the one that was asked for, or that stands alone in a file with nothing
    /// beside it that could not be read.
    fn wanted(&self) -> Option<String> {
        let lone = match &self.file {
            Some((findings, None)) if findings.len() == 1 => findings.first(),
            _ => None,
        };
        self.finding.clone().or_else(|| lone.map(|f| f.id.line().into_string()))
    }
}

/// What of a file can't be read, as one problem: the first place, and how many there are.
fn damage(name: &str, batch: &Batch) -> Option<Problem> {
    let first = batch.errors.first()?;
    let what = format!("{} record(s) can't be read, the first: {}", batch.errors.len(), clean(&first.reason));
    Some(placed(what, "the list is not all that the file holds", name, first))
}

/// What of a file is read by a guess, likewise.
fn doubt(name: &str, batch: &Batch) -> Option<Problem> {
    let first = batch.doubts.first()?;
    let count = batch.doubts.len();
    let what = format!("{count} value(s) not as the service writes them, the first: {}", clean(&first.reason));
    Some(placed(what, "what is shown of them is a guess", name, first))
}

fn placed(what: String, meaning: &str, name: &str, first: &ReadError) -> Problem {
    let problem = Problem::input(what).in_file(name, first.line, first.column).meaning(meaning);
    problem.next(format!("quell findings --file {} names each with its place", clean(name)))
}

fn refuse(io: &mut Io, problem: &Problem) -> ExitCode {
    io.show(problem);
    ExitCode::from(problem.exit_code())
}

fn run(globals: &Globals, io: &mut Io, mode: Mode, start: Start) -> ExitCode {
    if !std::io::stdout().is_terminal() {
        let problem = Problem::input("the standard output is no terminal")
            .meaning("the console draws on a terminal")
            .next("quell findings prints findings, quell sessions report ID prints a report");
        return refuse(io, &problem);
    }
    let setup = match prepare(globals, io, mode, start) {
        Ok(setup) => setup,
        Err(problem) => return refuse(io, &problem),
    };
    match shell::run(setup) {
        Ok((lines, code)) => {
            let written = lines.iter().try_for_each(|line| writeln!(io.out, "{line}"));
            io.finish(written, code)
        }
        Err(problem) => refuse(io, &problem),
    }
}

fn prepare(globals: &Globals, io: &mut Io, mode: Mode, start: Start) -> Result<Setup, Problem> {
    let who = globals.who();
    let options = globals.connection();
    let model = model(globals, io, account(mode, globals, &options), &who, &start)?;
    let first = first(&start);
    let interval = interval(globals, &start);
    let connect = connect(start, options, &io.runtime);
    Ok(Setup {
        model,
        runtime: io.runtime.clone(),
        sessions: globals.sessions()?,
        who,
        state_dir: globals
            .state_dir
            .clone()
            .filter(|dir| std::env::var_os("QUELL_STATE_DIR").is_none_or(|e| e != *dir)),
        own: Own { key: globals.signing_key(None), trust: globals.trust()?, runbooks: globals.folders() },
        connect,
        arm: globals.arm,
        interval,
        first,
    })
}

/// The machine as it stands before the first input.
fn model(globals: &Globals, io: &mut Io, account: Account, who: &Who, start: &Start) -> Result<Model, Problem> {
    let library = globals.library(io);
    let keymap = globals.keys()?;
    let begins = start.wanted().is_some() || start.title.is_some();
    Ok(Model {
        size: (80, 24),
        keymap: Arc::new(keymap),
        look: globals.look(),
        account,
        me: who.name().actor,
        named: who.actor.clone(),
        library: Arc::new(library),
        screens: vec![Screen::Findings],
        findings: findings::State::naming(globals.configured().accounts.clone()),
        incident: incident::State::default(),
        sessions: sessions::State::offering(!begins),
        review: None,
        runbooks: Default::default(),
        text: text::State::default(),
        session: None,
        prompt: None,
        chord: Vec::new(),
        toast: None,
        trouble: None,
        generation: 0,
        planning: None,
        deaf: None,
        leaving: false,
        clock: io.runtime.now(),
        variables: variables(globals, start),
        farewell: BTreeMap::new(),
        farewell_open: false,
        leaving_signed: false,
        secrets: secrets::known(),
        trusted: trust::hashes(&globals.trust()?).0,
        triage: None,
        lift: None,
        wanted: start.wanted(),
        lacking: false,
    })
}

/// What runbooks may name as a variable: what the simulated account prepared, and what the configuration gives.
fn variables(globals: &Globals, start: &Start) -> BTreeMap<String, Untrusted> {
    let simulated = start.simulator.iter().flat_map(Simulator::variables).map(|(k, v)| (k, v.into()));
    let configured = globals.configured().variables.iter().map(|(k, v)| (k.clone(), v.as_str().into()));
    simulated.chain(configured).collect()
}

/// How often the sources are asked: the simulated account's time may run faster than the clock.
fn interval(globals: &Globals, start: &Start) -> Duration {
    let interval = globals.configured().interval_seconds.map_or(source::INTERVAL, Duration::from_secs);
    match start.simulator.is_some() && start.speed > 1.0 {
        true => interval.div_f64(start.speed.min(30.0)).max(Duration::from_millis(500)),
        false => interval,
    }
}

fn account(mode: Mode, globals: &Globals, options: &ConnectOptions) -> Account {
    Account {
        mode,
        read_only: globals.read_only,
        two: globals.configured().second_approver,
        triage_limit: globals.configured().triage_limit(),
        region: options.regions.first().cloned().unwrap_or_default(),
        identity: None,
        armed_until: None,
        calls: CallLog::default(),
    }
}

fn first(start: &Start) -> Vec<Input> {
    let mut first = vec![Input::Started];
    if let Some(title) = &start.title {
        first.push(Input::Begin { title: title.as_str().into() });
    }
    first.extend(start.doubt.clone().map(Input::Trouble));
    first
}

fn connect(start: Start, options: ConnectOptions, runtime: &Runtime) -> Connect {
    let mut allow = action::allow();
    allow.read.extend(source::operations());
    allow.read.extend(lookup::allow().read);
    allow.read.push(("STS", "GetCallerIdentity"));
    allow.read.extend(action::PREFLIGHT_OPERATIONS);
    match (start.simulator, start.file) {
        (Some(simulator), _) => {
            let access = simulator.access();
            let access = StaticAccess {
                account: access.account,
                region: access.region,
                partition: access.partition,
                access_key_id: access.access_key_id,
                secret: access.secret_access_key,
            };
            // Of the options those count that say nothing of how AWS is reached.
            let ConnectOptions { never, roles, webhooks, .. } = options;
            let options = ConnectOptions { never, roles, webhooks, ..ConnectOptions::default() };
            let http = simulator.http_client();
            Connect::Ready(Connection::simulated_with(http, &access, allow, runtime.clone(), options))
        }
        (None, Some((findings, damage))) => Connect::File { findings, damage, options, allow },
        (None, None) => Connect::Load { options, allow },
    }
}
