//! A command's words: what is run, exactly, with which words and in which environment. No shell ever reads them.

use super::super::fields::{plain, refuse, shown};
use super::super::request::Word;
use crate::problem::{Problem, clean};
use std::path::{Path, PathBuf};

/// Where programs are looked for; the caller's own PATH, which others may have set, is not asked.
pub(super) const PATH: &str =
    "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/opt/homebrew/bin:/snap/bin";

/// The longest word, in characters.
const LONGEST: usize = 2048;
const MOST: usize = 256;

/// What a tool may take for more than text: an option, or the name of a file or page to read instead.
const TRICKS: [&str; 6] = ["-", "@", "file://", "fileb://", "http://", "https://"];

/// The words, each one argument: nothing hidden in any, and none that came through a template can pass for an
/// option or a reference, unless the runbook has ended the options with `--` before it.
pub(super) fn words(given: &[&Word]) -> Result<Vec<String>, Problem> {
    if given.is_empty() {
        return Err(refuse("the command is empty"));
    }
    if given.len() > MOST {
        return Err(refuse(format!("the command has more than {MOST} words")));
    }
    let mut options_end = false;
    let mut all = Vec::with_capacity(given.len());
    for (at, word) in given.iter().enumerate() {
        let name = format!("word {at} of the command");
        let text = plain(&name, &word.text, LONGEST)?;
        match word.filled {
            true => filled(at, &name, &text, options_end, word)?,
            false => options_end |= at > 0 && text == "--",
        }
        all.push(text);
    }
    Ok(all)
}

fn filled(at: usize, name: &str, text: &str, options_end: bool, word: &Word) -> Result<(), Problem> {
    if at == 0 {
        return Err(refuse("the program's name comes through a template")
            .next("write the program's name in the runbook itself"));
    }
    let trick = TRICKS.iter().find(|trick| text.starts_with(**trick));
    match trick {
        Some(&"-") if options_end => Ok(()),
        Some(trick) => Err(refuse(format!("{name} starts with {trick}: {}", shown(&word.text)))
            .meaning("the program could take it for an option or read a file or page of that name; nothing was run")),
        None if text.is_empty() => Err(refuse(format!("{name} is empty"))),
        None => Ok(()),
    }
}

/// The program's absolute path: the first of that name on [`PATH`], or the absolute path that is given.
pub(super) fn locate(program: &str, is_program: &dyn Fn(&Path) -> bool) -> Result<PathBuf, Problem> {
    let given = Path::new(program);
    let found = match program.contains('/') {
        true if given.is_absolute() => Some(given.to_owned()).filter(|path| is_program(path)),
        true => {
            return Err(refuse(format!("{} is a path that depends on the current folder", clean(program)))
                .next("give the absolute path, or the name alone"));
        }
        false => PATH.split(':').map(|folder| Path::new(folder).join(program)).find(|path| is_program(path)),
    };
    found.ok_or_else(|| {
        refuse(format!("there is no program {}", clean(program)))
            .next(format!("install it, or give its absolute path; programs are looked for in {PATH}"))
    })
}

/// The environment of a command: who it is and where its files are, out of quell's own; the profile that quell itself
/// uses and the region of the plan's target, whatever the environment says; never credentials.
pub(super) fn environment(
    own: impl Fn(&str) -> Option<String>,
    profile: Option<&str>,
    region: &str,
) -> Result<Vec<(String, String)>, Problem> {
    let safe = |value: &str| {
        let plain = |c: char| c.is_ascii_alphanumeric() || "/._-+@ =,".contains(c);
        !value.is_empty() && value.len() <= LONGEST && value.chars().all(plain)
    };
    let mut all = vec![("PATH".to_owned(), PATH.to_owned())];
    // The names of the two files say where the profile stands; they hold no secret themselves.
    for name in ["HOME", "LANG", "AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"] {
        if let Some(value) = own(name).filter(|value| safe(value)) {
            all.push((name.to_owned(), value));
        }
    }
    // Without its profile the program would work with another one, perhaps on another account.
    if let Some(profile) = profile.filter(|profile| !profile.is_empty()) {
        if !safe(profile) {
            return Err(refuse(format!("the profile {} can't be handed to a program", clean(profile)))
                .next("use a profile whose name has letters, digits and ._-+@ alone"));
        }
        all.push(("AWS_PROFILE".to_owned(), profile.to_owned()));
    }
    // Version 1 of the AWS CLI reads the second alone.
    all.extend(["AWS_REGION", "AWS_DEFAULT_REGION"].map(|name| (name.to_owned(), region.to_owned())));
    Ok(all)
}

#[cfg(test)]
mod tests {
    use super::*;
    use quell_core::text::Untrusted;

    fn own(text: &str) -> Word {
        Word::own(text)
    }
    fn filled(text: &str) -> Word {
        Word { text: Untrusted::from(text), filled: true }
    }
    fn run(all: &[Word]) -> Result<Vec<String>, Problem> {
        words(&all.iter().collect::<Vec<_>>())
    }

    #[test]
    fn hostile_values_stay_one_word_or_are_refused() {
        let kept = ["; rm -rf /", "$(id)", "`id`", "a b", "*", "{a,b}", "~", "a\"b'c", "|cat", "&&x", "%s", "\\n"];
        for value in kept {
            assert_eq!(run(&[own("echo"), filled(value)]), Ok(vec!["echo".to_owned(), value.to_owned()]), "{value}");
        }
        let refused = ["--profile=x", "-x", "@/etc/passwd", "file:///etc/passwd", "fileb://x", "https://x/", "a\nb"];
        for value in refused.into_iter().chain(["a\0b", "a\u{202e}b", "a\u{1b}[2Jb", "", "http://169.254.169.254/"]) {
            assert!(run(&[own("echo"), filled(value)]).is_err(), "{value:?}");
        }
    }

    #[test]
    fn after_the_end_of_options_a_dash_is_no_option() {
        let all = [own("rm"), own("--"), filled("-rf")];
        assert_eq!(run(&all), Ok(vec!["rm".to_owned(), "--".to_owned(), "-rf".to_owned()]));
        assert!(run(&[own("rm"), filled("--"), filled("-rf")]).is_err());
        assert!(run(&[own("rm"), own("--"), filled("file:///etc/passwd")]).is_err());
        assert_eq!(run(&[own("ls"), own("-l")]), Ok(vec!["ls".to_owned(), "-l".to_owned()]));
    }

    #[test]
    fn no_template_names_the_program() {
        assert!(run(&[filled("ls")]).is_err());
        assert!(run(&[]).is_err());
    }

    #[test]
    fn the_program_is_found_on_the_fixed_path_alone() {
        let has =
            |path: &Path| [Path::new("/usr/bin/aws"), Path::new("/bin/aws"), Path::new("/opt/x/y")].contains(&path);
        assert_eq!(locate("aws", &has).unwrap(), Path::new("/usr/bin/aws"));
        assert_eq!(locate("/opt/x/y", &has).unwrap(), Path::new("/opt/x/y"));
        assert!(locate("y", &has).is_err());
        assert!(locate("./aws", &has).is_err());
        assert!(locate("../bin/aws", &has).is_err());
        assert!(locate("", &has).is_err());
    }

    #[test]
    fn the_environment_holds_the_plans_profile_and_region_and_no_credentials() {
        let own = |name: &str| match name {
            "HOME" => Some("/home/jo".to_owned()),
            "LANG" => Some("C.UTF-8\u{1b}".to_owned()),
            "AWS_CONFIG_FILE" => Some("/home/jo/aws.conf".to_owned()),
            "AWS_SHARED_CREDENTIALS_FILE" => Some(String::new()),
            other => Some(format!("secret of {other}")),
        };
        let named = |all: &[(&str, &str)]| -> Vec<(String, String)> {
            all.iter().map(|(k, v)| ((*k).to_owned(), (*v).to_owned())).collect()
        };
        let place = [("PATH", PATH), ("HOME", "/home/jo"), ("AWS_CONFIG_FILE", "/home/jo/aws.conf")];
        let region = [("AWS_REGION", "eu-west-1"), ("AWS_DEFAULT_REGION", "eu-west-1")];
        let profile = [("AWS_PROFILE", "ir-prod")];
        let expected = named(&[&place[..], &profile, &region].concat());
        assert_eq!(environment(own, Some("ir-prod"), "eu-west-1"), Ok(expected));
        assert_eq!(environment(own, None, "eu-west-1"), Ok(named(&[&place[..], &region].concat())));
        // A profile that can't be handed on is not left out: the program would use another one.
        assert!(environment(own, Some("a\u{1b}b"), "eu-west-1").is_err());
    }
}
