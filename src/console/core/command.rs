//! Everything that a key, the palette or a script can ask of the console, by name.

macro_rules! commands {
    ($($name:literal => $variant:ident,)*) => {
        /// A command without its arguments.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        pub enum Command {
            $($variant,)*
        }

        impl Command {
            /// All commands.
            pub const ALL: &'static [Command] = &[$(Command::$variant,)*];

            /// The name in keymap files and in the palette.
            pub fn name(self) -> &'static str {
                match self {
                    $(Command::$variant => $name,)*
                }
            }

            /// The command of a name.
            pub fn named(name: &str) -> Option<Command> {
                match name {
                    $($name => Some(Command::$variant),)*
                    _ => None,
                }
            }
        }
    };
}

commands! {
    // Everywhere.
    "help" => Help,
    "palette" => Palette,
    "filter" => Filter,
    "next-pane" => NextPane,
    "prev-pane" => PrevPane,
    "down" => Down,
    "up" => Up,
    "top" => Top,
    "bottom" => Bottom,
    "half-down" => HalfDown,
    "half-up" => HalfUp,
    "page-down" => PageDown,
    "page-up" => PageUp,
    "copy-id" => CopyId,
    "copy-arn" => CopyArn,
    "copy-command" => CopyCommand,
    "copy-line" => CopyLine,
    "calls" => Calls,
    "redraw" => Redraw,
    "suspend" => Suspend,
    "quit" => Quit,
    "dismiss" => Dismiss,
    "back" => Back,
    "cancel" => Cancel,
    "next-match" => NextMatch,
    "prev-match" => PrevMatch,
    // Findings.
    "open" => Open,
    "mark" => Mark,
    "take-new" => TakeNew,
    "sessions" => Sessions,
    "triage-notified" => TriageNotified,
    "triage-suppressed" => TriageSuppressed,
    "triage-resolved" => TriageResolved,
    "triage-archive" => TriageArchive,
    "triage-severity" => TriageSeverity,
    "triage-field" => TriageField,
    "triage-feedback" => TriageFeedback,
    // Incident.
    "do-step" => DoStep,
    "toggle-step" => ToggleStep,
    "note" => Note,
    "skip" => Skip,
    "undo" => Undo,
    "stage" => Stage,
    "strike" => Strike,
    "undo-set" => UndoSet,
    "sets" => Sets,
    "quiet" => Quiet,
    "evidence" => Evidence,
    "read-evidence" => ReadEvidence,
    "milestone" => Milestone,
    "report" => Report,
    "close" => Close,
    "reopen" => Reopen,
    "run-command" => RunCommand,
    "drift" => Drift,
    "target" => Target,
    "in-force" => InForce,
    "hand-over" => HandOver,
    "role" => Role,
    "sign" => Sign,
    "move" => Move,
    "attach" => Attach,
    "detach" => Detach,
    "verdict" => Verdict,
    "entity" => Entity,
    "runbook" => Runbook,
    "close-runbook" => CloseRunbook,
    "ready" => Ready,
    "variable" => Variable,
    "look-up" => LookUp,
    "arm" => Arm,
    "disarm" => Disarm,
    // Runbooks.
    "runbooks" => Runbooks,
    "edit" => Edit,
    "reload" => Reload,
    // Sessions.
    "resume" => Resume,
    "review" => Review,
    // Review.
    "next-record" => NextRecord,
    "prev-record" => PrevRecord,
    "next-action" => NextAction,
    "prev-action" => PrevAction,
    "next-failure" => NextFailure,
    "play" => Play,
    "jump" => Jump,
    // Report.
    "write" => Write,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_read_back() {
        for command in Command::ALL {
            assert_eq!(Command::named(command.name()), Some(*command));
        }
        assert_eq!(Command::named("terminate"), None);
    }
}
