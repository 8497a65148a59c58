//! Colours and line characters by role, resolved once per start.
//!
//! Words and positions carry the meaning; colour only repeats it. Sixteen colours and no painted background: it
//! costs half the bytes of true colour on a slow line. Selection is reversed video, which every terminal has.

use quell_core::finding::Label;
use quell_core::incident::Mark;
use ratatui::style::{Color, Modifier, Style};

/// Which colours and which line characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Look {
    pub colour: bool,
    pub ascii: bool,
}

impl Look {
    /// What the environment asks for: NO_COLOR (no-color.org), TERM, and the locale's character set.
    pub fn of(env: impl Fn(&str) -> Option<String>, ascii: bool, no_color: bool) -> Self {
        let term = env("TERM").unwrap_or_default();
        let plain_term = ["linux", "vt100", "vt220", "dumb"].contains(&term.as_str());
        let named = ["LC_ALL", "LC_CTYPE", "LANG"].iter().find_map(|n| env(n).filter(|v| !v.is_empty()));
        let utf8 = named.is_some_and(|l| {
            let l = l.to_ascii_lowercase();
            l.contains("utf-8") || l.contains("utf8")
        });
        let mono = no_color || env("NO_COLOR").is_some_and(|v| !v.is_empty()) || term.starts_with("vt");
        Self { colour: !mono, ascii: ascii || !utf8 || plain_term }
    }

    fn fg(self, color: Color) -> Style {
        if self.colour { Style::new().fg(color) } else { Style::new() }
    }

    pub fn plain(self) -> Style {
        Style::new()
    }

    pub fn strong(self) -> Style {
        Style::new().add_modifier(Modifier::BOLD)
    }

    pub fn selected(self) -> Style {
        Style::new().add_modifier(Modifier::REVERSED)
    }

    pub fn rule(self, focused: bool) -> Style {
        match focused {
            true => self.fg(Color::Cyan).add_modifier(Modifier::BOLD),
            false => self.fg(Color::Cyan),
        }
    }

    pub fn key(self) -> Style {
        self.fg(Color::Cyan).add_modifier(Modifier::BOLD)
    }

    pub fn code(self) -> Style {
        self.fg(Color::Cyan)
    }

    /// Words that must be seen: NOT SAVED, failures.
    pub fn alarm(self) -> Style {
        self.fg(Color::Red).add_modifier(Modifier::BOLD | Modifier::REVERSED)
    }

    pub fn bad(self) -> Style {
        self.fg(Color::Red).add_modifier(Modifier::BOLD)
    }

    pub fn warn(self) -> Style {
        self.fg(Color::Yellow)
    }

    pub fn good(self) -> Style {
        self.fg(Color::Green)
    }

    pub fn severity(self, label: Option<Label>) -> Style {
        match label {
            Some(Label::Critical) => self.fg(Color::Magenta).add_modifier(Modifier::BOLD),
            Some(Label::High) => self.fg(Color::Red),
            Some(Label::Medium) => self.fg(Color::Yellow),
            Some(Label::Low) => self.fg(Color::Blue),
            _ => Style::new(),
        }
    }

    pub fn mark(self, mark: Mark) -> Style {
        match mark {
            Mark::Todo => Style::new(),
            Mark::Running => self.warn().add_modifier(Modifier::BOLD),
            Mark::Done => self.good(),
            Mark::Failed | Mark::Unknown => self.bad(),
            Mark::Skipped => self.fg(Color::Blue),
        }
    }

    /// The character of horizontal rules.
    pub fn dash(self) -> &'static str {
        if self.ascii { "-" } else { "─" }
    }

    /// The character of vertical lines.
    pub fn bar(self) -> &'static str {
        if self.ascii { "|" } else { "│" }
    }

    /// Top left, top right, bottom left and bottom right corner.
    pub fn corners(self) -> [&'static str; 4] {
        if self.ascii { ["+"; 4] } else { ["┌", "┐", "└", "┘"] }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn look(vars: &[(&str, &str)]) -> Look {
        Look::of(|n| vars.iter().find(|(k, _)| *k == n).map(|(_, v)| (*v).to_owned()), false, false)
    }

    #[test]
    fn the_environment_decides() {
        assert_eq!(look(&[("TERM", "xterm-256color"), ("LANG", "en_US.UTF-8")]), Look { colour: true, ascii: false });
        assert_eq!(look(&[("TERM", "xterm"), ("LANG", "C")]), Look { colour: true, ascii: true });
        assert!(look(&[("TERM", "xterm"), ("LC_ALL", "C"), ("LANG", "en_US.UTF-8")]).ascii);
        assert_eq!(look(&[("TERM", "linux"), ("LANG", "C.UTF-8")]), Look { colour: true, ascii: true });
        assert!(!look(&[("NO_COLOR", "1"), ("LANG", "C.UTF-8")]).colour);
        assert!(look(&[("NO_COLOR", ""), ("LANG", "C.UTF-8")]).colour);
        assert_eq!(look(&[("TERM", "vt100")]), Look { colour: false, ascii: true });
    }
}
