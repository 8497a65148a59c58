//! Every error that a person sees: what, where, what it means, what to do now.

use quell_core::text::{Clean, Untrusted};
use serde::Serialize;
use std::fmt;

/// An error for a person. `what` and the others are our own words; outside text enters only cleaned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What went wrong, as a lower-case fragment: "the finding could not be read".
    pub what: String,
    /// Where it went wrong.
    pub place: Place,
    /// What it means for the responder's work.
    pub meaning: String,
    /// What to do now.
    pub next: String,
    /// Whose fault it is; decides the exit code.
    pub class: Class,
}

/// Where a problem lies.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub enum Place {
    /// Nowhere in particular.
    #[default]
    Nowhere,
    /// In a file: line and column start at 1, 0 is unknown.
    File { file: String, line: usize, column: usize },
    /// In an answer of AWS; what is unknown is empty.
    Aws { account: String, region: String, operation: String, request_id: String },
}

/// The kind of a problem.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub enum Class {
    /// Bad usage or bad input: exit code 2.
    Input,
    /// AWS or the network: exit code 3.
    Aws,
    /// This machine: disk, terminal. Exit code 3.
    Local,
}

impl Problem {
    /// A problem with what was given to quell.
    pub fn input(what: impl Into<String>) -> Self {
        Self::new(Class::Input, what)
    }

    /// A problem with AWS or the network.
    pub fn aws(what: impl Into<String>) -> Self {
        Self::new(Class::Aws, what)
    }

    /// A problem with this machine.
    pub fn local(what: impl Into<String>) -> Self {
        Self::new(Class::Local, what)
    }

    fn new(class: Class, what: impl Into<String>) -> Self {
        Self { what: what.into(), place: Place::Nowhere, meaning: String::new(), next: String::new(), class }
    }

    /// Says what it means.
    #[must_use]
    pub fn meaning(mut self, meaning: impl Into<String>) -> Self {
        self.meaning = meaning.into();
        self
    }

    /// Says what to do now.
    #[must_use]
    pub fn next(mut self, next: impl Into<String>) -> Self {
        self.next = next.into();
        self
    }

    /// Says where.
    #[must_use]
    pub fn at(mut self, place: Place) -> Self {
        self.place = place;
        self
    }

    /// Says in which file, with line and column from 1 (0: unknown).
    #[must_use]
    pub fn in_file(self, file: impl AsRef<str>, line: usize, column: usize) -> Self {
        let file = clean(file.as_ref());
        self.at(Place::File { file: file.into_string(), line, column })
    }

    /// The exit code that this problem ends a command with.
    pub fn exit_code(&self) -> u8 {
        match self.class {
            Class::Input => 2,
            Class::Aws | Class::Local => 3,
        }
    }

    /// One line: where and what.
    pub fn headline(&self) -> String {
        match &self.place {
            Place::Nowhere => self.what.clone(),
            place => format!("{place}: {}", self.what),
        }
    }
}

/// Outside text made fit for a problem's words.
pub fn clean(text: &str) -> Clean {
    Untrusted::from(text).line()
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Place::Nowhere => Ok(()),
            Place::File { file, line: 0, .. } => write!(f, "{file}"),
            Place::File { file, line, column: 0 } => write!(f, "{file}:{line}"),
            Place::File { file, line, column } => write!(f, "{file}:{line}:{column}"),
            Place::Aws { account, region, operation, request_id } => {
                let parts = [operation, account, region].map(String::as_str);
                let parts: Vec<&str> = parts.into_iter().filter(|p| !p.is_empty()).collect();
                write!(f, "{}", parts.join(" "))?;
                match request_id.is_empty() {
                    true => Ok(()),
                    false => write!(f, " (request {request_id})"),
                }
            }
        }
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.headline())?;
        if !self.meaning.is_empty() {
            write!(f, "\n  meaning: {}", self.meaning)?;
        }
        if !self.next.is_empty() {
            write!(f, "\n  now: {}", self.next)?;
        }
        Ok(())
    }
}

impl std::error::Error for Problem {}
