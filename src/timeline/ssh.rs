//! SSH signatures over checkpoints, made and checked by the stock `ssh-keygen` (`-Y`, OpenSSH's PROTOCOL.sshsig): it
//! knows agents, also forwarded ones, hardware keys and certificates, and anybody can check with it what it made.
//! Programs are run by their arguments, never through a shell; no key is ever read here.

use crate::problem::{Problem, clean};
use crate::runtime::Runtime;
use jiff::Timestamp;
use quell_core::record::{NAMESPACE, Signed};
use quell_core::text::Untrusted;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::time::Duration;
use tempfile::NamedTempFile;
use tokio::io::AsyncWriteExt;

/// How long a key's owner may take to touch it, or to confirm to the agent.
const PATIENCE: Duration = Duration::from_secs(60);

/// A key to sign with.
#[derive(Debug)]
pub struct Signer {
    /// The key, or the public half of one that an agent holds.
    path: PathBuf,
    /// Where the path is a file made for this.
    _held: Option<NamedTempFile>,
    /// Whether it may ask for a passphrase on the terminal.
    asks: bool,
}

impl Signer {
    /// A key in a file; the public half is enough where an agent holds the other.
    pub fn of_file(path: &Path, asks: bool) -> Self {
        Self { path: path.to_path_buf(), _held: None, asks }
    }

    /// The first key of the agent that the environment names; none where there is no agent, or it holds none.
    pub fn of_agent() -> Result<Option<Self>, Problem> {
        if std::env::var_os("SSH_AUTH_SOCK").is_none_or(|socket| socket.is_empty()) {
            return Ok(None);
        }
        // An agent that does not answer is as none: `ssh-add` exits with 2 then, with 1 where it holds no key.
        let Ok(listed) = Command::new("ssh-add").arg("-L").stdin(Stdio::null()).output() else { return Ok(None) };
        let keys = String::from_utf8_lossy(&listed.stdout).into_owned();
        let Some(first) = keys.lines().next().filter(|_| listed.status.success()) else { return Ok(None) };
        let problem = |e: io::Error| Problem::local(format!("the agent's key could not be written down: {e}"));
        let mut file = tempfile::Builder::new().prefix("quell-key-").suffix(".pub").tempfile().map_err(problem)?;
        writeln!(file, "{first}").map_err(problem)?;
        Ok(Some(Self { path: file.path().to_path_buf(), _held: Some(file), asks: false }))
    }

    /// Signs a checkpoint's text.
    pub async fn sign(&self, text: &str, runtime: &Runtime) -> Result<Vec<u8>, Problem> {
        let mut command = tokio::process::Command::new("ssh-keygen");
        command.args(["-q", "-Y", "sign", "-n", NAMESPACE, "-f"]).arg(&self.path);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
        if !self.asks {
            // Nothing may write over the console; what would have to ask fails instead.
            command.env("SSH_ASKPASS", "false").env("SSH_ASKPASS_REQUIRE", "force");
        }
        let mut child = command.spawn().map_err(|e| absent(&e))?;
        let work = async {
            if let Some(mut input) = child.stdin.take() {
                input.write_all(text.as_bytes()).await?;
            }
            child.wait_with_output().await
        };
        let output = tokio::select! {
            output = work => output.map_err(|e| unsigned(&format!("ssh-keygen: {e}")))?,
            () = runtime.sleep(PATIENCE) => {
                return Err(unsigned("the key was not touched, or the agent not answered, for a minute"));
            }
        };
        match output.status.success() && output.stdout.starts_with(b"-----BEGIN SSH SIGNATURE-----") {
            true => Ok(output.stdout),
            false => Err(unsigned(&last_line(&output))),
        }
    }
}

fn absent(error: &io::Error) -> Problem {
    Problem::local(format!("ssh-keygen can't be run: {error}"))
        .meaning("nothing is signed without it; the timeline itself is saved")
        .next("install OpenSSH's client (8.9 or later)")
}

fn unsigned(why: &str) -> Problem {
    Problem::local(format!("not signed: {}", clean(why)))
        .meaning("the timeline is saved, and nobody has signed it")
        .next("see that the key is there and `ssh-add -l` lists it; `quell sessions sign` may ask for a passphrase")
}

/// What a program said last: the reason, mostly.
fn last_line(output: &Output) -> String {
    let said = String::from_utf8_lossy(&output.stderr);
    said.trim().lines().next_back().unwrap_or("ssh-keygen said nothing").trim().to_owned()
}

/// What a signature over a text is worth: against a file of allowed signers (ssh-keygen's ALLOWED SIGNERS) at the time
/// that the text names, or, without one, whether it is over this text at all.
pub(super) fn look(text: &[u8], signature: &[u8], time: Option<Timestamp>, allowed: Option<&Path>) -> Signed {
    match looked(text, signature, time, allowed) {
        Ok(signed) => signed,
        Err(error) => Signed::Unchecked { why: clean(&format!("ssh-keygen can't be run: {error}")).into_string() },
    }
}

fn looked(text: &[u8], signature: &[u8], time: Option<Timestamp>, allowed: Option<&Path>) -> io::Result<Signed> {
    let mut file = tempfile::Builder::new().prefix("quell-signature-").tempfile()?;
    file.write_all(signature)?;
    let at = time.map(|time| format!("-Overify-time={}", time.strftime("%Y%m%d%H%M%SZ")));
    let ask = |what: &str, more: &[&str]| {
        let mut command = Command::new("ssh-keygen");
        command.args(["-Y", what, "-n", NAMESPACE, "-s"]).arg(file.path());
        if what != "check-novalidate" {
            command.arg("-f").args(allowed).args(at.as_deref());
        }
        run(command.args(more), text)
    };
    let intact = ask("check-novalidate", &[])?;
    if !intact.status.success() {
        return Ok(Signed::Bad);
    }
    let key = fingerprint(&intact);
    if allowed.is_none() {
        return Ok(Signed::Intact { key });
    }
    let found = ask("find-principals", &[])?;
    let principals = String::from_utf8_lossy(&found.stdout).into_owned();
    // A line may name several, or patterns: the signature counts as soon as it counts for one.
    for principal in principals.lines().flat_map(|line| line.split(',')).map(str::trim).filter(|p| !p.is_empty()) {
        if ask("verify", &["-I", principal])?.status.success() {
            return Ok(Signed::Good { principal: principal.into(), key });
        }
    }
    Ok(Signed::UnknownSigner { key })
}

/// The fingerprint in `Good "quell-timeline" signature with ED25519 key SHA256:...`.
fn fingerprint(output: &Output) -> Untrusted {
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    said.split_whitespace().find(|word| word.starts_with("SHA256:")).unwrap_or("of an unknown fingerprint").into()
}

fn run(command: &mut Command, input: &[u8]) -> io::Result<Output> {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn()?;
    if let Some(mut to) = child.stdin.take() {
        // A program that ends without reading says why by its exit code.
        let _ = to.write_all(input);
    }
    child.wait_with_output()
}
