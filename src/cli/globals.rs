//! The options that every subcommand takes, and what they lead to.

use super::Io;
use super::words::recorded;
use crate::aws::{ConnectOptions, secrets};
use crate::console::core::keymap::{DEFAULT, Keymap};
use crate::console::widgets::look::Look;
use crate::files::config::{self, Config};
use crate::files::{group, read, runbooks, ssh_auth, trust};
use crate::problem::Problem;
use crate::timeline::{Sessions, Share, StateDir, Who};
use quell_core::incident::{ActorFrom, WriterNamed};
use quell_core::runbook::Runbook;
use quell_core::text::Id;
use std::path::{Path, PathBuf};

/// The options that every subcommand takes.
#[derive(Clone, Debug, Default, clap::Args)]
pub struct Globals {
    /// The folder of sessions, instead of the platform's
    #[arg(long, global = true, value_name = "DIR", env = "QUELL_STATE_DIR")]
    pub state_dir: Option<PathBuf>,
    /// The configuration file, instead of the platform's
    #[arg(long, global = true, value_name = "FILE", env = "QUELL_CONFIG")]
    pub config: Option<PathBuf>,
    /// A folder of runbooks, which go before built-in ones that fit equally well; may be repeated
    #[arg(long, id = "runbook_folders", global = true, value_name = "DIR")]
    pub runbooks: Vec<PathBuf>,
    /// The AWS profile
    #[arg(long, global = true, value_name = "P")]
    pub profile: Option<String>,
    /// An AWS region to read findings in; may be repeated, the first is home
    #[arg(long = "region", global = true, value_name = "R")]
    pub regions: Vec<String>,
    /// Forbid arming: nothing can be changed
    #[arg(long, global = true)]
    pub read_only: bool,
    /// Allow actions from the start
    #[arg(long, global = true)]
    pub arm: bool,
    /// A keymap file instead of the built-in keys
    #[arg(long, global = true, value_name = "FILE")]
    pub keymap: Option<PathBuf>,
    /// Your name in the timeline where neither an SSH certificate nor an AWS session tells it
    #[arg(long, global = true, value_name = "NAME")]
    pub responder: Option<String>,
    /// Draw with ASCII characters alone
    #[arg(long, global = true)]
    pub ascii: bool,
    /// Draw without colours
    #[arg(long, global = true)]
    pub no_color: bool,
    /// What the configuration file says, once it was read
    #[arg(skip)]
    configured: Config,
}

impl Globals {
    /// Ends the reading of the command line, before any subcommand: options that contradict each other, and the
    /// configuration file. The name that they give stands in records, so no credential may stand in it.
    pub fn settle(&mut self, io: &mut Io) -> Result<(), Problem> {
        // The parser compares only what stands on one side of the subcommand's name.
        if self.read_only && self.arm {
            return Err(Problem::input("--read-only and --arm can't be used together")
                .meaning("the one forbids what the other allows, so nothing was started")
                .next("give one of them"));
        }
        self.configured = Config::load(self.config.as_deref())?;
        if let Some(path) = &self.configured.signing_key {
            secrets::signs_with(home(path));
        }
        let given = [(&mut self.responder, "--responder"), (&mut self.configured.responder, "the key responder")];
        for (name, place) in given {
            *name = name.take().map(|name| recorded(&name, place, io));
        }
        Ok(())
    }

    /// What the configuration file says.
    pub fn configured(&self) -> &Config {
        &self.configured
    }

    /// How to connect: the command line before the configuration file.
    pub fn connection(&self) -> ConnectOptions {
        let regions = if self.regions.is_empty() { &self.configured.regions } else { &self.regions };
        ConnectOptions {
            profile: self.profile.clone().or_else(|| self.configured.profile.clone()),
            profile_alone: self.profile.is_some(),
            regions: regions.clone(),
            read_only: self.read_only,
            never: self.configured.never.clone(),
            roles: self.configured.roles.clone(),
            accounts: self.configured.accounts.keys().filter_map(|id| Id::new(id).ok()).collect(),
            webhooks: self.configured.webhooks.clone(),
        }
    }

    /// The state folder.
    pub fn state(&self) -> Result<StateDir, Problem> {
        let share = match &self.configured.group {
            Some(name) => Share::Group(group::named(name)?),
            None => Share::Own,
        };
        let mirror = self.configured.mirror.as_deref().map(home);
        if let Some(dir) = &self.state_dir {
            return Ok(StateDir::at(dir.clone()).shared(share).mirrored(mirror));
        }
        let dirs = directories::ProjectDirs::from("", "", "quell").ok_or_else(no_home)?;
        Ok(StateDir::at(dirs.state_dir().unwrap_or_else(|| dirs.data_local_dir())).shared(share).mirrored(mirror))
    }

    /// Where it is kept which of the user's runbooks may act.
    pub fn trust(&self) -> Result<PathBuf, Problem> {
        Ok(trust::path(self.state()?.path(), self.configured.group.is_some()))
    }

    /// Who writes, as far as this machine tells: by the SSH certificate, the command line, the configuration, else the
    /// user alone.
    pub fn who(&self) -> Who {
        let who = Who::here(None);
        let auth = std::env::var_os("SSH_USER_AUTH").map(PathBuf::from);
        let named = |name: &Option<String>, from| WriterNamed::new(&name.as_deref()?.into(), from);
        let actor = ssh_auth::person(auth.as_deref(), who.user.line().as_str())
            .or_else(|| named(&self.responder, ActorFrom::Given))
            .or_else(|| named(&self.configured.responder, ActorFrom::Configuration));
        Who { actor, ..who }
    }

    /// The sessions in the state folder.
    pub fn sessions(&self) -> Result<Sessions, Problem> {
        Ok(Sessions::of(&self.state()?))
    }

    /// The user's folders of runbooks: those of the command line, then those of the configuration.
    pub fn folders(&self) -> Vec<PathBuf> {
        self.runbooks.iter().chain(&self.configured.runbooks).cloned().collect()
    }

    /// All runbooks, the user's first. What can't be read is told; the others still load.
    pub fn library(&self, io: &mut Io) -> Vec<Runbook> {
        let library = runbooks::load(&self.folders());
        for problem in &library.problems {
            io.show(problem);
        }
        library.books
    }

    /// The keymap.
    pub fn keys(&self) -> Result<Keymap, Problem> {
        let Some(file) = self.keymap.as_ref().or(self.configured.keymap.as_ref()) else {
            return Keymap::read("default.toml", DEFAULT);
        };
        let name = file.to_string_lossy();
        let unread = |what: String| {
            let problem = Problem::input(what.replacen("the file", "the keymap", 1)).in_file(&name, 0, 0);
            problem.next("quell keys --toml prints the built-in one to start from")
        };
        let bytes = read::regular(file, config::MOST).map_err(|problem| unread(problem.what))?;
        let text = String::from_utf8(bytes).map_err(|_| unread("the file is no UTF-8 text".to_owned()))?;
        Keymap::read(&name, &text)
    }

    /// The key that signs timelines: the one that is given, else that of the configuration.
    pub fn signing_key(&self, given: Option<&Path>) -> Option<PathBuf> {
        given.map(Path::to_path_buf).or_else(|| self.configured.signing_key.as_deref().map(home))
    }

    /// Whose signatures count, likewise.
    pub fn allowed_signers(&self, given: Option<&Path>) -> Option<PathBuf> {
        given.map(Path::to_path_buf).or_else(|| self.configured.allowed_signers.as_deref().map(home))
    }

    /// Colours and line characters.
    pub fn look(&self) -> Look {
        Look::of(|name| std::env::var(name).ok(), self.ascii, self.no_color)
    }
}

/// A path of the configuration; `~` is the home folder there, as no shell has read it.
fn home(path: &Path) -> PathBuf {
    match (path.strip_prefix("~"), directories::BaseDirs::new()) {
        (Ok(rest), Some(dirs)) => dirs.home_dir().join(rest),
        _ => path.to_path_buf(),
    }
}

fn no_home() -> Problem {
    Problem::input("there is no home folder to keep sessions in")
        .meaning("nothing can be saved, so nothing can be done")
        .next("set HOME, or give --state-dir DIR")
}
