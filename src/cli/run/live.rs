//! A command's output on its way to the responder: as it is into a file or pipe, made harmless onto a terminal.

use quell_core::text::{Shape, Untrusted};
use std::io::{ErrorKind, Write};

/// Where one of the outputs goes.
pub(in crate::cli) struct Live<'a> {
    out: &'a mut dyn Write,
    terminal: bool,
    /// The beginning of a character, or of a line's end, that is not complete yet.
    held: Vec<u8>,
}

impl<'a> Live<'a> {
    pub fn new(out: &'a mut dyn Write, terminal: bool) -> Self {
        Self { out, terminal, held: Vec::new() }
    }

    /// Shows the next bytes; false when nobody reads them any more. A terminal that is gone is no reason to end a
    /// command: its output is kept all the same.
    pub fn show(&mut self, bytes: &[u8]) -> bool {
        if !self.terminal {
            return self.put(bytes);
        }
        self.held.extend_from_slice(bytes);
        let rest = self.held.split_off(complete(&self.held));
        let whole = std::mem::replace(&mut self.held, rest);
        self.put(Untrusted::from_bytes(&whole).clean(Shape::Block).as_str().as_bytes())
    }

    /// Shows what was held back.
    pub fn end(&mut self) {
        let rest = std::mem::take(&mut self.held);
        self.put(Untrusted::from_bytes(&rest).clean(Shape::Block).as_str().as_bytes());
    }

    fn put(&mut self, bytes: &[u8]) -> bool {
        match self.out.write_all(bytes).and_then(|()| self.out.flush()) {
            Err(error) => error.kind() != ErrorKind::BrokenPipe,
            Ok(()) => true,
        }
    }
}

/// How many bytes stand before what the next ones may complete: a character of UTF-8, or a carriage return's newline.
fn complete(bytes: &[u8]) -> usize {
    for (back, byte) in bytes.iter().rev().take(3).enumerate() {
        let needs = match byte {
            b'\r' => 2,
            0xc2..=0xdf => 2,
            0xe0..=0xef => 3,
            0xf0..=0xf4 => 4,
            0x80..=0xbf => continue,
            _ => 0,
        };
        return if needs > back + 1 { bytes.len() - back - 1 } else { bytes.len() };
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(terminal: bool, pieces: &[&[u8]]) -> Vec<u8> {
        let mut out = Vec::new();
        let mut live = Live::new(&mut out, terminal);
        assert!(pieces.iter().all(|piece| live.show(piece)));
        live.end();
        out
    }

    #[test]
    fn a_terminal_gets_harmless_text_however_it_is_cut() {
        let text = "\u{1b}[2J\u{e9}\u{4e2d}\u{1f600}\u{202e}\r\nx\ty\r".as_bytes();
        let expected = "\\u{1b}[2J\u{e9}\u{4e2d}\u{1f600}\\u{202e}\nx    y\\u{d}";
        for at in 0..=text.len() {
            let (one, two) = text.split_at(at);
            assert_eq!(String::from_utf8(shown(true, &[one, two])).unwrap(), expected, "cut at {at}");
        }
        assert_eq!(shown(true, &[b"a\xff", b"\xe4\xb8"]), "a\u{fffd}\u{fffd}".as_bytes());
    }

    #[test]
    fn a_file_gets_the_bytes() {
        assert_eq!(shown(false, &[b"\x1b[2J\xff\0", b"\r"]), b"\x1b[2J\xff\0\r");
    }
}
