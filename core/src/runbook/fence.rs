//! What a fenced block is (P9): an action, commands, or text to read; and its commands without prompts.

use super::blocks::Code;
use super::words;

/// What a fenced block is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// An `action` block.
    Action,
    /// Commands of a shell.
    Command,
    /// A decision drawn as a tree.
    Tree,
    /// A list of steps in a fence.
    Steps,
    /// Queries, output, data, diagrams: read and copied as text.
    Text,
}

const SHELLS: &[&str] = &[
    "bash",
    "sh",
    "shell",
    "console",
    "zsh",
    "fish",
    "powershell",
    "pwsh",
    "ps1",
    "terminal",
    "shell-session",
    "sh-session",
    "shellsession",
    "bat",
    "cmd",
    "ksh",
    "batch",
    "8sh",
];

/// Sorts a code block.
pub(super) fn class(code: &Code<'_>) -> Class {
    let Some(language) = code.language() else { return Class::Text };
    match language.as_str() {
        "action" => Class::Action,
        shell if SHELLS.contains(&shell) => Class::Command,
        "" | "text" | "txt" | "plain" | "plaintext" if is_tree(&code.text) => Class::Tree,
        "" if is_list(&code.text) => Class::Steps,
        "" if code.text.lines().any(is_command_line) => Class::Command,
        _ => Class::Text,
    }
}

fn is_command_line(line: &str) -> bool {
    let line = line.trim_start();
    words::is_command(line.strip_prefix("$ ").unwrap_or(line))
}

/// Whether a text is a tree with at least two branches at its root.
fn is_tree(text: &str) -> bool {
    branches(text).count() >= 2
}

/// The texts of the branches at a tree's root.
pub(super) fn branches(text: &str) -> impl Iterator<Item = &str> {
    text.lines()
        .filter_map(|line| line.strip_prefix(['├', '└', '+', '|', '`']))
        .filter(|rest| rest.starts_with(['─', '-']))
        .map(|rest| rest.trim_start_matches(['─', '-', '>', ' ']))
        .filter(|rest| !rest.is_empty())
}

/// Whether most lines of a text are items of a list: `1.`, `a.`, `(P) …`.
pub(super) fn is_list(text: &str) -> bool {
    let (mut items, mut numbered, mut lines) = (0, 0, 0);
    for line in text.lines().map(str::trim_start).filter(|line| !line.is_empty()) {
        lines += 1;
        let label = line.find(['.', ')']).filter(|at| (1..=3).contains(at)).and_then(|at| line.get(..at));
        let digits = label.is_some_and(|label| label.bytes().all(|b| b.is_ascii_digit()));
        let letter = label.is_some_and(|l| l.trim_start_matches('(').len() == 1 && !l.contains('-'));
        numbered += usize::from(digits);
        items += usize::from(digits || letter);
    }
    numbered >= 2 && items * 10 >= lines * 6
}

/// The commands of a block, ready to copy: prompts stripped; where lines have prompts, the others are output.
/// Lines continued by `\` stay with theirs. Without prompts the block is one command.
pub(super) fn commands(code: &Code<'_>) -> Vec<String> {
    let root = matches!(code.language().as_deref(), Some("console" | "shell-session" | "shellsession" | "sh-session"));
    let prompts: Vec<&str> = ["$ ", "% ", "PS> ", "> ", "# "]
        .into_iter()
        .filter(|prompt| match *prompt {
            "$ " => true,
            "# " => root && !has_prompt(&code.text, "$ "),
            "> " => false,
            _ => root,
        })
        .filter(|prompt| has_prompt(&code.text, prompt))
        .collect();
    if prompts.is_empty() {
        let text = code.text.trim_matches('\n').trim_end();
        return if text.is_empty() { Vec::new() } else { vec![text.to_owned()] };
    }
    let mut commands: Vec<String> = Vec::new();
    let mut open = false;
    let mut here: Option<&str> = None;
    for line in code.text.lines() {
        if let (Some(end), Some(last)) = (here, commands.last_mut()) {
            last.push('\n');
            last.push_str(line);
            here = Some(end).filter(|end| line.trim() != *end);
            continue;
        }
        let stripped = prompts.iter().find_map(|prompt| line.trim_start().strip_prefix(prompt));
        match (stripped, open) {
            (Some(command), _) => commands.push(command.trim_end().to_owned()),
            (None, true) => {
                if let Some(last) = commands.last_mut() {
                    last.push('\n');
                    last.push_str(line.trim_start().strip_prefix("> ").unwrap_or(line).trim_end());
                }
            }
            (None, false) => continue,
        }
        open = line.trim_end().ends_with('\\');
        here = stripped.and_then(here_document);
    }
    commands.retain(|command| !command.is_empty());
    commands
}

/// The line that ends what a command reads from the lines below it: `EOF` of `cat <<'EOF'`.
fn here_document(command: &str) -> Option<&str> {
    let (_, after) = command.split_once("<<").filter(|(_, after)| !after.starts_with('<'))?;
    let word = after.trim_start_matches('-').trim_start().trim_start_matches(['\'', '"', '\\']);
    let end = word.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_')).unwrap_or(word.len());
    word.get(..end).filter(|word| !word.is_empty())
}

fn has_prompt(text: &str, prompt: &str) -> bool {
    text.lines().any(|line| line.trim_start().starts_with(prompt))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(info: &str, text: &str) -> Code<'static> {
        Code { info: Some(info.to_owned().into()), text: text.to_owned(), map: vec![(0, 0)] }
    }

    #[test]
    fn prompts_are_stripped_and_output_left_out() {
        let console =
            code("console", "$ aws sts get-caller-identity\n{\n  \"Account\": \"1\"\n}\n$ ls -l \\\n    /tmp\n");
        assert_eq!(commands(&console), ["aws sts get-caller-identity", "ls -l \\\n    /tmp"]);
        assert_eq!(commands(&code("bash", "a=1\necho $a\n\n")), ["a=1\necho $a"]);
        assert_eq!(commands(&code("bash", "# a comment\nls\n")), ["# a comment\nls"]);
        assert_eq!(commands(&code("console", "# id -u\n0\n")), ["id -u"]);
        assert_eq!(commands(&code("bash", "\n")), Vec::<String>::new());
        let here = code("console", "$ cat <<'EOF' > a.json\n{\n  $ x\nEOF\nwritten\n$ tr a b <<< abc\nbbc\n");
        assert_eq!(commands(&here), ["cat <<'EOF' > a.json\n{\n  $ x\nEOF", "tr a b <<< abc"]);
    }

    #[test]
    fn blocks_are_sorted() {
        assert_eq!(class(&code("action", "")), Class::Action);
        assert_eq!(class(&code("bash {name=x}", "x")), Class::Command);
        assert_eq!(class(&code("", "aws iam list-users\n")), Class::Command);
        assert_eq!(class(&code("", "{\"a\": 1}\n")), Class::Text);
        assert_eq!(class(&code("", "1. one\n2. two\n(P) Preparation\n")), Class::Steps);
        assert_eq!(class(&code("text", "Used?\n├── YES\n│     └── Proceed to 3.2\n└── NO\n")), Class::Tree);
        assert_eq!(class(&code("sql", "SELECT 1")), Class::Text);
        assert_eq!(class(&Code { info: None, text: "aws s3 ls".into(), map: vec![] }), Class::Text);
        assert_eq!(branches("Used?\n├── YES (sure)\n│   └── x\n└── NO\n").collect::<Vec<_>>(), ["YES (sure)", "NO"]);
    }
}
