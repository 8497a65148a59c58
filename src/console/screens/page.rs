//! What every screen has: the first line (where am I), the status line, the keys that are valid now.

use crate::console::core::model::{Account, Mode, Model, Screen};
use crate::console::screens::incident;
use crate::console::widgets::dialog::hints;
use crate::console::widgets::look::Look;
use crate::console::widgets::paint::{Piece, line, text};
use jiff::Timestamp;
use quell_core::incident::Life;
use quell_core::text::{cut_end, cut_start, width};
use ratatui::buffer::Buffer;
use ratatui::layout::Rect;

/// The smallest window that a screen is drawn in.
pub const SMALLEST: (u16, u16) = (60, 15);

/// Draws the first and the last two lines and gives the room between; the screen's own words follow the account.
///
/// ```text
///  SIMULATED 111122223333 eu-west-1  deploy-admin > HIGH type resource                ARMED
///  …
///  status, toast or problem
///  Enter open  Space mark  : commands  ? help
/// ```
pub fn frame(model: &Model, now: Timestamp, area: Rect, more: &[Piece], status: Vec<Piece>, buf: &mut Buffer) -> Rect {
    let look = model.look;
    first(model, now, Rect { height: 1, ..area }, more, buf);
    let keys = Rect { y: area.y + area.height - 1, height: 1, ..area };
    // A closed incident offers no key that it would refuse.
    let refused = |command| model.screen() == Screen::Incident && incident::refuses(model, command);
    let offered = model.keymap.at(model.place()).filter(|b| !refused(b.run));
    let mut bindings: Vec<(String, String)> = Vec::new();
    for binding in offered {
        let Some((first, word)) = binding.on.first().and_then(|on| Some((on.first()?, binding.foot.clone()?))) else {
            continue;
        };
        // What the screen's own table says of a key goes before what is so everywhere.
        if bindings.iter().all(|(key, _)| *key != first.to_string()) {
            bindings.push((first.to_string(), word));
        }
    }
    let pairs: Vec<(&str, &str)> = bindings.iter().map(|(k, w)| (k.as_str(), w.as_str())).collect();
    line(buf, keys, 0, &hints(&pairs, look));
    let words = messages(model, status, usize::from(area.width));
    let height = (words.len() as u16).min(area.height.saturating_sub(4)).max(1);
    let at = Rect { y: keys.y - height, height, ..area };
    for (row, pieces) in words.iter().enumerate() {
        line(buf, at, row as u16, pieces);
    }
    Rect { y: area.y + 1, height: at.y.saturating_sub(area.y + 1), ..area }
}

fn first(model: &Model, now: Timestamp, area: Rect, more: &[Piece], buf: &mut Buffer) {
    let (word, style) = leave(model, now);
    let room = usize::from(area.width).saturating_sub(width(&word) + 2);
    let mut pieces = whereabouts(&model.account, room, more, model.look);
    pieces.extend(more.iter().cloned());
    line(buf, Rect { width: room as u16, ..area }, 0, &pieces);
    let at = Rect { x: area.x + room as u16, width: area.width - room as u16, ..area };
    text(buf, at, 0, &format!(" {word}"), style);
}

fn leave(model: &Model, now: Timestamp) -> (String, ratatui::style::Style) {
    let look = model.look;
    if model.screen() == Screen::Review {
        return ("REVIEW READ ONLY".into(), look.strong());
    }
    let quiet =
        if model.saved().is_some_and(|incident| incident.quiet && incident.closed.is_none()) { "QUIET " } else { "" };
    match (model.account.armed(now), model.account.armed_until) {
        (true, Some(until)) => (format!("{quiet}ARMED until {}", until.strftime("%H:%MZ")), look.bad()),
        (true, None) => (format!("{quiet}ARMED"), look.bad()),
        _ => (format!("{quiet}READ ONLY"), look.strong()),
    }
}

/// The account as far as there is room for it beside what the screen says of itself, of which at least the beginning
/// is seen: the end of the role goes first, or else the endpoint's host, then the region too. The account always stays.
fn whereabouts(account: &Account, room: usize, more: &[Piece], look: Look) -> Vec<Piece> {
    let wanted = more.iter().map(|(words, _)| width(words)).sum::<usize>().min(20);
    let forms = [
        (true, true, 64),
        (true, true, 10),
        (false, true, 64),
        (false, false, 64),
        (false, false, 12),
        (false, false, 0),
    ];
    let mut made = forms.iter().map(|(host, region, role)| account_words(account, *host, *region, *role));
    let fits = |(mode, who): &(String, String)| width(mode) + width(who) + wanted <= room;
    let (mode, who) = made.find(fits).unwrap_or_else(|| account_words(account, false, false, 0));
    vec![(mode, look.warn()), (who, look.strong())]
}

fn account_words(account: &Account, host: bool, region: bool, role: usize) -> (String, String) {
    let mode = match &account.mode {
        Mode::Simulated => " SIMULATED".to_owned(),
        Mode::Real => String::new(),
        Mode::Endpoint(url) if host => format!(" ENDPOINT {}", host_of(url)),
        Mode::Endpoint(_) => " ENDPOINT".to_owned(),
        Mode::File { name, endpoint } => {
            // What acts matters more than where the words came from.
            let most = if endpoint.is_some() || account.identity.is_some() { 16 } else { 40 };
            let name = cut_start(crate::problem::clean(name).as_str(), most);
            match endpoint {
                Some(url) if host => format!(" FILE {name} ENDPOINT {}", host_of(url)),
                Some(_) => format!(" FILE {name} ENDPOINT"),
                None => format!(" FILE {name}"),
            }
        }
    };
    let region = if region { format!(" {}", account.region) } else { String::new() };
    let who = match &account.identity {
        Some(Ok(identity)) => {
            let arn = identity.arn.line();
            let name = arn.as_str().rsplit(['/', ':']).next().unwrap_or_default();
            let name = if role > 0 { format!("  {}", cut_end(name, role)) } else { String::new() };
            format!(" {}{region}{name}", identity.account)
        }
        Some(Err(_)) => format!(" no identity{region}"),
        None if matches!(account.mode, Mode::File { .. }) => String::new(),
        None => format!("{region} connecting"),
    };
    (mode, who)
}

/// An address as host and port.
fn host_of(url: &str) -> String {
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    let host = rest.split(['/', '?', '#']).next().unwrap_or_default();
    crate::problem::clean(host.rsplit('@').next().unwrap_or_default()).into_string()
}

/// The status line; a problem takes the lines that it needs, so that what to do now is never cut off.
fn messages(model: &Model, status: Vec<Piece>, room: usize) -> Vec<Vec<Piece>> {
    let look = model.look;
    let here = model.session.as_ref().and_then(|s| s.not_saved.as_ref());
    let lost = here.or(model.findings.not_saved.as_ref());
    if let Some(problem) = lost {
        // Where stands last: it is long, and what is cut off must be neither what happened nor what to do.
        let mark = " NOT SAVED ";
        let mut what = wrap(&problem.what, room.saturating_sub(mark.len())).into_iter();
        let first = what.next().unwrap_or_default();
        let mut lines = vec![vec![(mark.to_owned(), look.alarm()), (first, look.bad())]];
        lines.extend(what.map(|l| vec![(l, look.bad())]));
        lines.extend(say(&problem.next, room, look));
        let place = Some(problem.place.to_string()).filter(|place| !place.is_empty());
        lines.extend(place.map(|place| vec![(format!(" {place}"), look.plain())]));
        lines.extend(model.toast.iter().flat_map(|t| wrap(t, room)).map(|l| vec![(l, look.warn())]));
        return lines;
    }
    if let Some(problem) = &model.trouble {
        let mut lines: Vec<Vec<Piece>> =
            wrap(&problem.headline(), room).into_iter().map(|l| vec![(l, look.bad())]).collect();
        lines.extend(say(&problem.meaning, room, look));
        lines.extend(say(&problem.next, room, look));
        return [full_disk(model, room), lines].concat();
    }
    if model.session.as_ref().is_some_and(|s| s.low) {
        let toast = model.toast.iter().flat_map(|t| wrap(t, room)).map(|l| vec![(l, look.warn())]);
        return full_disk(model, room).into_iter().chain(toast).collect();
    }
    if !model.chord.is_empty() && model.prompt.is_none() {
        let keys = crate::console::core::keymap::spell(&model.chord);
        return vec![vec![(format!(" {keys} ..."), look.key())]];
    }
    match &model.toast {
        Some(toast) => wrap(toast, room).into_iter().map(|l| vec![(l, look.warn())]).collect(),
        None => vec![status],
    }
}

/// What stands on the screen for as long as the log writes into its reserve.
fn full_disk(model: &Model, room: usize) -> Vec<Vec<Piece>> {
    if model.session.as_ref().is_none_or(|s| !s.low) {
        return Vec::new();
    }
    let words = "notes and ticks are saved into a reserve; no action starts until there is room on the disk";
    let mut lines: Vec<Vec<Piece>> = say(words, room.saturating_sub(12), model.look);
    if let Some(first) = lines.first_mut() {
        first.insert(0, (" DISK FULL ".to_owned(), model.look.alarm()));
    }
    lines
}

fn say(words: &str, room: usize, look: Look) -> Vec<Vec<Piece>> {
    wrap(words, room).into_iter().map(|l| vec![(l, look.plain())]).collect()
}

/// A text in lines of at most so many cells, broken at its spaces; a word that is longer than a line goes on in the
/// next. What goes on stands as far in as its beginning.
pub fn broken(text: &str, room: usize) -> Vec<String> {
    let room = room.max(2);
    let inside = text.chars().take_while(|c| *c == ' ').count();
    let indent = " ".repeat(if inside < room / 2 { inside } else { 0 });
    let mut lines: Vec<String> = Vec::new();
    let mut rest = text;
    loop {
        let lead = if lines.is_empty() { "" } else { indent.as_str() };
        let (line, more) = split(rest, room - lead.len());
        lines.push(format!("{lead}{line}"));
        if more.is_empty() {
            return lines;
        }
        rest = more;
    }
}

/// The beginning of a text that fits into so many cells, to a space where there is one, and what comes after that.
fn split(text: &str, room: usize) -> (&str, &str) {
    let mut used = 0;
    let over = text.char_indices().find(|(_, c)| {
        used += width(c.encode_utf8(&mut [0; 4]));
        used > room
    });
    let Some((at, _)) = over else { return (text, "") };
    // A character that is wider than the line is put there all the same.
    let at = at.max(text.chars().next().map_or(0, char::len_utf8));
    let (head, tail) = text.split_at_checked(at).unwrap_or((text, ""));
    if let Some(tail) = tail.strip_prefix(' ') {
        return (head, tail);
    }
    let start = head.len() - head.trim_start_matches(' ').len();
    let space = head.rfind(' ').filter(|space| *space > start);
    match space.and_then(|space| text.split_at_checked(space)) {
        Some((head, tail)) => (head, tail.strip_prefix(' ').unwrap_or(tail)),
        None => (head, tail),
    }
}

/// A text in pieces of at most so many cells, none of them lost, wherever that breaks it.
pub fn pieces(text: &str, room: usize) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut used = 0;
    for c in text.chars() {
        let cells = width(c.encode_utf8(&mut [0; 4]));
        if used + cells > room.max(2) {
            parts.push(String::new());
            used = 0;
        }
        used += cells;
        parts.iter_mut().last().into_iter().for_each(|part| part.push(c));
    }
    parts
}

/// Breaks words into lines that start with a space, at most four.
pub fn wrap(words: &str, room: usize) -> Vec<String> {
    let mut lines = broken_words(words, room);
    lines.truncate(4);
    lines
}

/// Breaks words into lines that start with a space, as many as it takes.
pub fn broken_words(words: &str, room: usize) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in words.split_whitespace() {
        match lines.last_mut() {
            Some(last) if width(last) + 1 + width(word) < room => {
                last.push(' ');
                last.push_str(word);
            }
            // A path or an ARN that is longer than a line goes on in the next.
            _ => lines.extend(pieces(word, room.saturating_sub(2)).into_iter().map(|part| format!(" {part}"))),
        }
    }
    lines
}

/// The state of the log and of what runs, for the status line.
pub fn log_state(model: &Model, now: Timestamp) -> Vec<Piece> {
    let look = model.look;
    let Some(session) = &model.session else { return vec![(" no session open".into(), look.plain())] };
    let mut pieces = Vec::new();
    for action in session.saved().actions.values().filter(|a| a.life == Life::Started) {
        let since = action.started.as_ref().map_or(0, |s| now.duration_since(s.at).as_secs().max(0));
        let title = action.plan.title.line();
        let progress = match &action.progress {
            Some((text, done, of)) if *of > 0 => format!(" {done}/{of} {}", text.line()),
            Some((text, ..)) => format!(" {}", text.line()),
            None => String::new(),
        };
        pieces.push((format!(" running: {title} {since}s{progress} "), look.warn()));
    }
    let unknown = session.saved().actions.values().filter(|a| a.life == Life::Unknown).count();
    if unknown > 0 {
        pieces.push((format!(" {unknown} of unknown outcome "), look.bad()));
    }
    if session.behind {
        pieces.push((" second copy BEHIND ".into(), look.bad()));
    }
    let count = session.timeline().entries().len();
    pieces.push(match session.waiting() {
        0 => (format!(" log {count} records saved"), look.plain()),
        n => (format!(" log {count} records, saving {n}"), look.warn()),
    });
    pieces
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_broken_at_their_spaces_and_lose_nothing() {
        assert_eq!(broken("isolate the instance", 12), ["isolate the", "instance"]);
        assert_eq!(broken("isolate the instance", 11), ["isolate the", "instance"]);
        assert_eq!(broken("isolate the instance", 10), ["isolate", "the", "instance"]);
        // What goes on stands below its beginning; a word that is longer than a line is broken where it ends.
        assert_eq!(broken("  to lift it: 0123456789abcdef", 14), ["  to lift it:", "  0123456789ab", "  cdef"]);
        assert_eq!(broken("", 10), [""]);
        assert_eq!(broken("exactly ten", 11), ["exactly ten"]);
        assert_eq!(broken("0123456789", 4), ["0123", "4567", "89"]);
        // Two cells wide, in a line of one.
        assert_eq!(broken("\u{4e2d}\u{4e2d}", 1), ["\u{4e2d}", "\u{4e2d}"]);
        assert_eq!(pieces("a b c d", 3), ["a b", " c ", "d"]);
    }
}
