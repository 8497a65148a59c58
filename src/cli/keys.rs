//! `quell keys`: the table of keys, as the console reads it.

use super::{Globals, Io};
use crate::console::core::keymap::{DEFAULT, Keymap, Where};
use std::io::Write;
use std::process::ExitCode;

/// The arguments of `quell keys`.
#[derive(Debug, clap::Args)]
pub struct Args {
    /// Print the built-in keymap file, to start one's own from
    #[arg(long)]
    toml: bool,
}

/// Prints the keys.
pub fn run(args: &Args, globals: &Globals, io: &mut Io) -> ExitCode {
    if args.toml {
        let written = io.out.write_all(DEFAULT.as_bytes());
        return io.finish(written, 0);
    }
    match globals.keys() {
        Ok(keymap) => {
            let written = io.out.write_all(table(&keymap).as_bytes());
            io.finish(written, 0)
        }
        Err(problem) => {
            io.show(&problem);
            ExitCode::from(problem.exit_code())
        }
    }
}

/// The table in Markdown, as it stands in the README.
fn table(keymap: &Keymap) -> String {
    let mut text = String::from("| where | keys | what |\n|---|---|---|\n");
    let places = [
        Where::Everywhere,
        Where::Findings,
        Where::Incident,
        Where::Sessions,
        Where::Review,
        Where::Runbooks,
        Where::Text,
        Where::Report,
        Where::InForce,
    ];
    for place in places {
        for binding in keymap.bindings.iter().filter(|b| b.place == place) {
            let keys = match binding.on.is_empty() {
                true => format!("`:{}`", binding.run.name()),
                false => binding.keys().split("  ").map(|k| format!("`{k}`")).collect::<Vec<_>>().join(" "),
            };
            text.push_str(&format!("| {} | {keys} | {} |\n", place.title(), binding.desc));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_readme_has_the_table_as_it_is() {
        let keymap = Keymap::read("default.toml", DEFAULT).unwrap();
        let readme = include_str!("../../README.md");
        assert!(readme.contains(&table(&keymap)), "quell keys prints another table than the README has");
    }
}
