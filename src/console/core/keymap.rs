//! Keys are data: the table from which keys, which-key, palette, footer, help and README come.

use super::command::Command;
use super::key::Key;
use crate::problem::Problem;
use serde::Deserialize;

/// The keymap that is built in; another file may be given.
pub const DEFAULT: &str = include_str!("../../../keymaps/default.toml");

/// Where a binding holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Where {
    Everywhere,
    Findings,
    Incident,
    Sessions,
    Review,
    Runbooks,
    /// Report, help and call log.
    Text,
    /// A report, which is a text too.
    Report,
    /// What containment stands, which is a text too.
    InForce,
}

impl Where {
    /// The heading in the help.
    pub fn title(self) -> &'static str {
        match self {
            Where::Everywhere => "everywhere",
            Where::Findings => "findings",
            Where::Incident => "incident",
            Where::Sessions => "sessions",
            Where::Review => "review",
            Where::Runbooks => "runbooks",
            Where::Text => "text",
            Where::Report => "report",
            Where::InForce => "in force",
        }
    }
}

impl Where {
    /// The parts of the table that hold here, the own one first.
    pub fn scopes(self) -> &'static [Where] {
        match self {
            Where::Everywhere => &[Where::Everywhere],
            Where::Findings => &[Where::Findings, Where::Everywhere],
            Where::Incident => &[Where::Incident, Where::Everywhere],
            Where::Sessions => &[Where::Sessions, Where::Everywhere],
            Where::Review => &[Where::Review, Where::Everywhere],
            Where::Runbooks => &[Where::Runbooks, Where::Everywhere],
            Where::Text => &[Where::Text, Where::Everywhere],
            Where::Report => &[Where::Report, Where::Text, Where::Everywhere],
            Where::InForce => &[Where::InForce, Where::Text, Where::Everywhere],
        }
    }
}

/// One line of the table.
#[derive(Clone, Debug)]
pub struct Binding {
    /// Key sequences; none: in the palette alone.
    pub on: Vec<Vec<Key>>,
    pub run: Command,
    pub desc: String,
    pub place: Where,
    /// The word for the last line of the screen; none: not shown there.
    pub foot: Option<String>,
}

impl Binding {
    /// The first key sequence, as written.
    pub fn keys(&self) -> String {
        self.on.iter().map(|seq| spell(seq)).collect::<Vec<_>>().join("  ")
    }
}

/// A key sequence as written: `g g`.
pub fn spell(keys: &[Key]) -> String {
    keys.iter().map(Key::to_string).collect::<Vec<_>>().join(" ")
}

/// The table.
#[derive(Clone, Debug)]
pub struct Keymap {
    pub bindings: Vec<Binding>,
}

/// What a sequence of keys means so far.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Found {
    Run(Command),
    /// More keys are needed.
    Prefix,
    Nothing,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    key: Vec<Line>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Line {
    on: Vec<String>,
    run: String,
    desc: String,
    #[serde(rename = "where")]
    places: Vec<Where>,
    foot: Option<String>,
}

impl Keymap {
    /// Reads a keymap file; `name` is what a problem calls it.
    pub fn read(name: &str, text: &str) -> Result<Self, Problem> {
        let file: File = toml::from_str(text).map_err(|e| {
            let (line, column) = e.span().map_or((0, 0), |span| place(text, span.start));
            Problem::input(crate::problem::clean(e.message()).into_string()).in_file(name, line, column)
        })?;
        let lines: Vec<Vec<Binding>> =
            file.key.into_iter().map(|line| bindings(name, line)).collect::<Result<_, _>>()?;
        Ok(Self { bindings: lines.into_iter().flatten().collect() })
    }

    /// What `keys` mean at `place`; a screen's own binding goes before the general one.
    pub fn find(&self, place: Where, keys: &[Key]) -> Found {
        let mut prefix = false;
        for wanted in place.scopes() {
            for binding in self.bindings.iter().filter(|b| b.place == *wanted) {
                for on in &binding.on {
                    if on == keys {
                        return Found::Run(binding.run);
                    }
                    prefix |= on.starts_with(keys);
                }
            }
        }
        if prefix { Found::Prefix } else { Found::Nothing }
    }

    /// The bindings that hold at `place`, the screen's own first.
    pub fn at(&self, place: Where) -> impl Iterator<Item = &Binding> {
        place.scopes().iter().flat_map(|wanted| self.bindings.iter().filter(move |b| b.place == *wanted))
    }
}

/// A line stands for each of its places.
fn bindings(name: &str, line: Line) -> Result<Vec<Binding>, Problem> {
    let run = Command::named(&line.run).ok_or_else(|| {
        let what = format!("no command is called {}", crate::problem::clean(&line.run));
        Problem::input(what).in_file(name, 0, 0).next("quell keys lists the commands")
    })?;
    let on = line
        .on
        .iter()
        .map(|seq| seq.split(' ').map(Key::parse).collect::<Option<Vec<_>>>().ok_or(seq))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|seq| {
            let what = format!("{} is no key", crate::problem::clean(seq));
            Problem::input(what).in_file(name, 0, 0).next("write keys as j, G, C-d, S-Tab, PgDn, Enter or g g")
        })?;
    let one = |place: Where| Binding { on: on.clone(), run, desc: line.desc.clone(), place, foot: line.foot.clone() };
    Ok(line.places.into_iter().map(one).collect())
}

fn place(text: &str, byte: usize) -> (usize, usize) {
    let before = text.get(..byte).unwrap_or(text);
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    (line, column)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashMap;

    fn default() -> Keymap {
        Keymap::read("default.toml", DEFAULT).unwrap()
    }

    fn keys(text: &str) -> Vec<Key> {
        text.split(' ').map(|k| Key::parse(k).unwrap()).collect()
    }

    #[test]
    fn the_built_in_keys_do_what_the_design_says() {
        let map = default();
        for (place, on, run) in [
            (Where::Findings, "Enter", Command::Open),
            (Where::Findings, "Space", Command::Mark),
            (Where::Incident, "Enter", Command::DoStep),
            (Where::Incident, "a", Command::Note),
            (Where::Review, "!", Command::NextFailure),
            (Where::Incident, "?", Command::Help),
            (Where::Findings, "g g", Command::Top),
            (Where::Findings, "C-d", Command::HalfDown),
        ] {
            assert_eq!(map.find(place, &keys(on)), Found::Run(run), "{on}");
        }
        assert_eq!(map.find(Where::Findings, &keys("g")), Found::Prefix);
        assert_eq!(map.find(Where::Findings, &keys("g x")), Found::Nothing);
    }

    #[test]
    fn no_sequence_means_two_things_and_none_hides_behind_a_prefix() {
        let map = default();
        let mut seen: HashMap<(Where, String), Command> = HashMap::new();
        for binding in &map.bindings {
            for on in &binding.on {
                let old = seen.insert((binding.place, spell(on)), binding.run);
                assert_eq!(old, None, "{} at {:?}", spell(on), binding.place);
                for other in map.bindings.iter().filter(|b| b.place == binding.place) {
                    assert!(!other.on.iter().any(|o| o.len() > on.len() && o.starts_with(on)), "{}", spell(on));
                }
            }
        }
    }

    #[test]
    fn a_bad_keymap_says_where() {
        let bad = "[[key]]\non = [\"j\"]\nrun = \"down\"\ndesc = \"d\"\nwhere = [\"nowhere\"]\n";
        let problem = Keymap::read("my.toml", bad).unwrap_err();
        assert!(problem.headline().starts_with("my.toml:5:10"), "{}", problem.headline());
        let unknown = bad.replace("nowhere", "everywhere").replace("down", "dwon");
        assert!(Keymap::read("my.toml", &unknown).unwrap_err().what.contains("dwon"));
        let key = bad.replace("nowhere", "everywhere").replace("\"j\"", "\"jj\"");
        assert!(Keymap::read("my.toml", &key).unwrap_err().what.contains("jj is no key"));
    }
}
