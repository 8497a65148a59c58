//! The terminal's modes in one place: entered once, restored on every way out; and one write a frame.

use crate::problem::{Place, Problem, clean};
use crate::runtime::Runtime;
use ratatui::backend::CrosstermBackend;
use ratatui::{Terminal, TerminalOptions, Viewport};
use std::backtrace::{Backtrace, BacktraceStatus};
use std::cell::RefCell;
use std::io::{self, Write};
use std::panic::PanicHookInfo;
use std::rc::Rc;
use std::sync::atomic::{AtomicBool, Ordering};

/// Whether the terminal is in the console's modes; so that restoring twice does no harm.
static ENTERED: AtomicBool = AtomicBool::new(false);

/// Begin and end of synchronized output (DEC private mode 2026): a terminal that knows it shows the frame at once,
/// any other ignores it.
const BEGIN: &[u8] = b"\x1b[?2026h";
const END: &[u8] = b"\x1b[?2026l";

/// Alternate screen, bracketed paste, hidden keypad modes are left alone.
const ENTER: &[u8] = b"\x1b[?1049h\x1b[?2004h\x1b[2J";
/// End of a frame that was cut off, no attributes, cursor, no paste mode, a cleared screen for those without an
/// alternate one (mosh), the main screen.
const LEAVE: &[u8] = b"\x1b[?2026l\x1b[0m\x1b[?25h\x1b[?2004l\x1b[2J\x1b[?1049l";

/// Takes the terminal over.
pub fn enter() -> Result<(), Problem> {
    crossterm::terminal::enable_raw_mode().map_err(|e| lost(&e))?;
    ENTERED.store(true, Ordering::SeqCst);
    let mut out = io::stdout().lock();
    let entered = out.write_all(ENTER).and_then(|()| out.flush());
    drop(out);
    entered.map_err(|e| {
        restore();
        lost(&e)
    })
}

/// Gives the terminal back as it was; the second time nothing.
pub fn restore() {
    if ENTERED.swap(false, Ordering::SeqCst) {
        let mut out = io::stdout().lock();
        // The terminal may be gone; then there is nothing to restore.
        let _ = out.write_all(LEAVE).and_then(|()| out.flush());
        let _ = crossterm::terminal::disable_raw_mode();
    }
}

/// Gives the terminal back when a thread breaks, and says so in cleaned words: a panic may quote what an attacker wrote.
/// Where it is not the thread of the console's loop, which calls this, the process ends too: a console without its log,
/// its keys or its calls would go on drawing into the shell.
pub fn on_panic() {
    let own = Runtime::this_thread();
    std::panic::set_hook(Box::new(move |info| {
        restore();
        let mut err = io::stderr().lock();
        // Where it can't be said there is no one to tell.
        let _ = writeln!(err, "quell: {}", broken(info));
        let trace = Backtrace::capture();
        if trace.status() == BacktraceStatus::Captured {
            let _ = writeln!(err, "{trace}");
        }
        if !own() {
            std::process::exit(BROKEN);
        }
    }));
}

/// The exit code of a process that panicked, as Rust's own is.
const BROKEN: i32 = 101;

fn broken(info: &PanicHookInfo) -> Problem {
    let words = clean(info.payload_as_str().unwrap_or("without words"));
    let place = info.location().map(|at| Place::File {
        file: at.file().to_owned(),
        line: at.line() as usize,
        column: at.column() as usize,
    });
    Problem::local(format!("quell itself broke: {words}"))
        .at(place.unwrap_or_default())
        .meaning("the fault is quell's, not the account's; what the screen showed as done is saved")
        .next("start quell again and resume the session; an action that ran then can be looked up")
}

fn lost(error: &io::Error) -> Problem {
    Problem::local(format!("the terminal can't be used: {error}"))
        .meaning("the console needs an interactive terminal")
        .next("run it in a terminal, over SSH with ssh -t")
}

/// Collects a frame's bytes, so that it reaches the terminal in one write.
#[derive(Clone, Debug, Default)]
pub struct Frame(Rc<RefCell<Vec<u8>>>);

impl Write for Frame {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The screen: draws into memory and writes what changed.
pub struct Screen {
    frame: Frame,
    terminal: Terminal<CrosstermBackend<Frame>>,
    synchronized: bool,
}

impl Screen {
    /// A screen of the given size.
    pub fn new(size: (u16, u16)) -> Result<Self, Problem> {
        let frame = Frame::default();
        let area = ratatui::layout::Rect::new(0, 0, size.0, size.1);
        let options = TerminalOptions { viewport: Viewport::Fixed(area) };
        let backend = CrosstermBackend::new(frame.clone());
        let terminal = Terminal::with_options(backend, options).map_err(|e| lost(&e))?;
        // Old consoles print garbage for private modes that they don't know.
        let term = std::env::var("TERM").unwrap_or_default();
        let synchronized = !["linux", "vt100", "vt220"].contains(&term.as_str());
        Ok(Self { frame, terminal, synchronized })
    }

    /// The window has another size, or what stands on it can't be trusted: the next frame draws everything.
    pub fn renew(&mut self, size: (u16, u16)) -> Result<(), Problem> {
        *self = Self::new(size)?;
        self.frame.0.borrow_mut().extend_from_slice(b"\x1b[0m\x1b[2J");
        Ok(())
    }

    /// Draws a frame in one write.
    pub fn draw(&mut self, draw: impl FnOnce(&mut ratatui::Frame)) -> Result<(), Problem> {
        self.terminal.draw(draw).map_err(|e| lost(&e))?;
        let body = std::mem::take(&mut *self.frame.0.borrow_mut());
        let mut bytes = Vec::with_capacity(body.len() + BEGIN.len() + END.len());
        if self.synchronized {
            bytes.extend_from_slice(BEGIN);
        }
        bytes.extend_from_slice(&body);
        if self.synchronized {
            bytes.extend_from_slice(END);
        }
        write_once(&bytes).map_err(|e| lost(&e))
    }
}

/// Bytes to the terminal past any buffer of the standard library, so that one frame is one write. None once it was
/// given back: the loop may still run for a moment while another thread breaks.
pub fn write_once(bytes: &[u8]) -> io::Result<()> {
    if !ENTERED.load(Ordering::SeqCst) {
        return Ok(());
    }
    let out = io::stdout();
    let mut rest = bytes;
    while !rest.is_empty() {
        match rustix::io::write(&out, rest) {
            Ok(n) => rest = rest.get(n..).unwrap_or_default(),
            Err(rustix::io::Errno::INTR) => {}
            Err(e) => return Err(e.into()),
        }
    }
    Ok(())
}
