//! The terminal's modes in one place: entered once, restored on every way out; and one write a frame.

use crate::problem::Problem;
use ratatui::backend::CrosstermBackend;
use ratatui::{Terminal, TerminalOptions, Viewport};
use std::cell::RefCell;
use std::io::{self, Write};
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

/// Restores the terminal before a panic's message is printed.
pub fn on_panic() {
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |info| {
        restore();
        before(info);
    }));
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

/// Bytes to the terminal past any buffer of the standard library, so that one frame is one write.
pub fn write_once(bytes: &[u8]) -> io::Result<()> {
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
