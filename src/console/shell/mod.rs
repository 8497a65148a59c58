//! The shell around the machine: the loop, the terminal, signals, and everything that touches the world.

mod asks;
mod beside;
pub mod clipboard;
mod desk;
mod edit;
mod farewell;
mod headless;
mod keys;
mod rival;
mod runner;
mod serve;
pub mod terminal;

use super::core::input::Input;
use super::core::model::{Ctx, Model};
use super::core::update::update;
use super::core::witness;
use super::draw;
use crate::aws::{Allow, ConnectOptions, Connection};
use crate::problem::Problem;
use crate::runtime::Runtime;
use crate::timeline::{Sessions, Who};
use desk::{Deliver, Message};
use quell_core::finding::Finding;
use serve::Shell;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};
use terminal::Screen;
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};

/// How the console comes to its findings.
pub enum Connect {
    /// Over a connection that stands already: the simulated account.
    Ready(Connection),
    /// As the user's AWS configuration says; loaded after the first frame.
    Load { options: ConnectOptions, allow: Allow },
    /// A file's findings; what of it can't be read is told as a source's failure is. The account is connected when
    /// it is armed.
    File { findings: Vec<Finding>, damage: Option<Problem>, options: ConnectOptions, allow: Allow },
}

/// What a console starts with.
pub struct Setup {
    pub model: Model,
    pub runtime: Runtime,
    pub sessions: Sessions,
    pub who: Who,
    /// The state folder, where the command line alone names it.
    pub state_dir: Option<PathBuf>,
    pub own: Own,
    pub connect: Connect,
    /// Arm as soon as the connection stands.
    pub arm: bool,
    /// How often the sources are asked.
    pub interval: Duration,
    /// What happens first, as if it had been asked for.
    pub first: Vec<Input>,
}

/// Where files of the responder's own are.
#[derive(Clone, Debug)]
pub struct Own {
    /// The key that the configuration names to sign timelines with.
    pub key: Option<PathBuf>,
    /// What is kept of which runbooks may act.
    pub trust: PathBuf,
    /// The folders of runbooks.
    pub runbooks: Vec<PathBuf>,
}

/// The longest time that a hang-up waits for the disk.
const LAST_WORDS: Duration = Duration::from_secs(2);

/// Runs the console until it is left; gives the lines to print afterwards and the exit code: 2 when the finding that
/// was asked for by its id is nowhere.
pub fn run(setup: Setup) -> Result<(Vec<String>, u8), Problem> {
    let tokio = Runtime::tokio()?;
    terminal::on_panic();
    terminal::enter()?;
    let result = tokio.block_on(main_loop(setup));
    terminal::restore();
    // A call to AWS that still waits must not hold the process.
    tokio.shutdown_timeout(Duration::from_millis(100));
    result
}

struct Signals {
    hangup: Signal,
    terminate: Signal,
    interrupt: Signal,
    quit: Signal,
}

impl Signals {
    fn new() -> Result<Self, Problem> {
        let on = |kind| signal(kind).map_err(|e| Problem::local(format!("no signals: {e}")));
        Ok(Self {
            hangup: on(SignalKind::hangup())?,
            terminate: on(SignalKind::terminate())?,
            interrupt: on(SignalKind::interrupt())?,
            quit: on(SignalKind::quit())?,
        })
    }
}

/// What woke the loop.
enum Event {
    Inputs(Vec<Input>),
    Message(Message),
    /// The process is asked to end, for this reason.
    End(&'static str),
    /// Likewise, by a key of the terminal where another program has that.
    Interrupt,
}

const GONE: &str = "the terminal went away";
const ASKED: &str = "a signal asked quell to end";

async fn main_loop(setup: Setup) -> Result<(Vec<String>, u8), Problem> {
    let Setup { mut model, runtime, sessions, who, state_dir, own, connect, arm, interval, first } = setup;
    model.size = crossterm::terminal::size().unwrap_or((80, 24));
    let mut screen = Screen::new(model.size)?;
    let (keys, mut typed) = unbounded_channel();
    let keyboard = keys::start(&runtime, keys)?;
    let (sender, mut messages) = unbounded_channel();
    let deliver: Deliver = Arc::new(move |message| {
        // After the loop has ended nobody listens.
        let _ = sender.send(message);
    });
    let mut signals = Signals::new()?;
    let mut shell = Shell::new(runtime, sessions, who, own, deliver);
    shell.moved = state_dir;
    shell.keys = Some(keyboard);
    draw_frame(&mut screen, &model, &shell)?;
    shell.connect(&mut model, connect, arm, interval);
    shell.take(&mut model, first);
    loop {
        if shell.dirty && draw_frame(&mut screen, &model, &shell).is_err() {
            headless::finish(&mut model, &mut shell, &mut messages, &mut signals).await;
            hang_up(&mut model, shell, GONE);
        }
        shell.dirty = false;
        match next(&shell.runtime, &mut typed, &mut messages, &mut signals, shell.wake).await {
            Event::Inputs(inputs) => shell.take(&mut model, inputs),
            Event::Message(message) => shell.message(&mut model, message),
            Event::Interrupt if edit::meant_for_it(&shell) => {}
            Event::Interrupt => hang_up(&mut model, shell, ASKED),
            Event::End(why) => {
                if why == GONE {
                    headless::finish(&mut model, &mut shell, &mut messages, &mut signals).await;
                }
                hang_up(&mut model, shell, why)
            }
        }
        while let Ok(message) = messages.try_recv() {
            shell.message(&mut model, message);
        }
        if std::mem::take(&mut shell.back) {
            edit::end(&mut shell, &mut model)?;
        }
        if shell.ended {
            let code = if model.lacking { 2 } else { 0 };
            return Ok((farewell::lines(shell.last.as_ref(), shell.moved.as_deref(), &model), code));
        }
        if shell.suspend {
            shell.suspend = false;
            suspend(&mut model, &mut shell)?;
        }
        if std::mem::take(&mut shell.redraw) {
            screen.renew(model.size)?;
        }
    }
}

async fn next(
    runtime: &Runtime,
    typed: &mut UnboundedReceiver<Vec<Input>>,
    messages: &mut UnboundedReceiver<Message>,
    signals: &mut Signals,
    wake: Option<Instant>,
) -> Event {
    let timer = async {
        match wake {
            Some(at) => runtime.sleep(at.saturating_duration_since(runtime.instant())).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        biased;
        _ = signals.hangup.recv() => Event::End(GONE),
        _ = signals.terminate.recv() => Event::End(ASKED),
        _ = signals.interrupt.recv() => Event::Interrupt,
        _ = signals.quit.recv() => Event::Interrupt,
        inputs = typed.recv() => match inputs {
            Some(inputs) => Event::Inputs(inputs),
            None => Event::End(GONE),
        },
        Some(message) = messages.recv() => Event::Message(message),
        () = timer => Event::Inputs(vec![Input::Wake]),
    }
}

fn draw_frame(screen: &mut Screen, model: &Model, shell: &Shell) -> Result<(), Problem> {
    let now = shell.runtime.now();
    screen.draw(|frame| {
        let area = frame.area();
        if let Some(cursor) = draw(model, now, area, frame.buffer_mut()) {
            frame.set_cursor_position(cursor);
        }
    })
}

/// The terminal is gone, or the process is asked to end: the terminal is given back if it is still there, and the last
/// record is written.
fn hang_up(model: &mut Model, mut shell: Shell, why: &'static str) -> ! {
    // A disk that does not answer must not keep the process spinning on a dead terminal.
    let _ = shell.runtime.thread("last words", || {
        std::thread::sleep(LAST_WORDS);
        std::process::exit(1);
    });
    terminal::restore();
    let ctx = Ctx { now: shell.runtime.now(), instant: shell.runtime.instant() };
    let mut out = super::core::effect::Reaction::default();
    model.leave(why, &ctx, &mut out);
    shell.write(out.entries, out.blobs);
    shell.close();
    std::process::exit(0);
}

/// Stops the process group as the shell's ^Z does, and takes the terminal over again afterwards.
fn suspend(model: &mut Model, shell: &mut Shell) -> Result<(), Problem> {
    let me = rustix::process::getpid();
    if rustix::process::getsid(None).is_ok_and(|leader| leader == me) {
        model.say("there is no shell to come back to: this console leads its session");
        shell.dirty = true;
        return Ok(());
    }
    terminal::restore();
    let stopped = rustix::process::kill_current_process_group(rustix::process::Signal::STOP);
    terminal::enter()?;
    model.size = crossterm::terminal::size().unwrap_or(model.size);
    if stopped.is_err() {
        model.say("the system does not let quell stop itself");
    }
    shell.take(model, vec![Input::Resumed]);
    Ok(())
}

/// Takes in one input, for whoever drives the machine.
fn step(model: &mut Model, input: Input, runtime: &Runtime) -> super::core::effect::Reaction {
    let ctx = Ctx { now: runtime.now(), instant: runtime.instant() };
    model.clock = ctx.now;
    let jumped = witness::tick(model, &ctx);
    let mut reaction = update(model, input, &ctx);
    witness::jumped(model, jumped, &ctx, &mut reaction);
    reaction
}
