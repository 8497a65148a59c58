//! Whose credentials are used, against the simulated account over HTTP.

use super::*;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpListener;
use std::process::Child;

/// `quell simulator`, ended with this value, and the environment that it says to use.
pub(super) struct Served {
    child: Child,
    first: String,
    words: String,
    env: Vec<(String, String)>,
}

impl Served {
    pub(super) fn start(home: &Home) -> Self {
        let mut command = home.command(&["simulator"], &[]);
        let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut first = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut first).unwrap();
        let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
        let words = lines.next().unwrap();
        let pair = |line: String| {
            let (name, value) = line.strip_prefix("export ").unwrap().split_once('=').unwrap();
            (name.to_owned(), value.to_owned())
        };
        let env = lines.take(4).map(pair).collect();
        Self { child, first, words, env }
    }

    pub(super) fn env(&self) -> Vec<(&str, &str)> {
        self.env.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }

    pub(super) fn value(&self, name: &str) -> &str {
        self.env.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str()).unwrap()
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The machine's metadata service, absent.
const NO_ROLE: (&str, &str) = ("AWS_EC2_METADATA_DISABLED", "true");

#[test]
fn the_environment_that_the_simulator_prints_works() {
    let home = Home::new();
    let served = Served::start(&home);
    assert_eq!(served.first, format!("listening {}\n", served.value("AWS_ENDPOINT_URL")));
    assert!(served.words.contains("simulated: no secret"), "{}", served.words);
    let names: Vec<&str> = served.env().iter().map(|(name, _)| *name).collect();
    assert_eq!(names, ["AWS_ENDPOINT_URL", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_REGION"]);
    let run = home.run(&["findings", "--json"], &served.env());
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert_eq!(run.out.lines().count(), 14);
}

#[test]
fn a_profile_that_is_named_wins_over_keys_in_the_environment() {
    let home = Home::new();
    let served = Served::start(&home);
    let (key, secret) = (served.value("AWS_ACCESS_KEY_ID"), served.value("AWS_SECRET_ACCESS_KEY"));
    let profile = format!("[ir]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n");
    home.write(".aws/credentials", &profile);
    home.write(".config/quell/config.toml", "profile = \"ir\"\n");
    let strange = [
        ("AWS_ENDPOINT_URL", served.value("AWS_ENDPOINT_URL")),
        ("AWS_REGION", "eu-west-1"),
        ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
        ("AWS_SECRET_ACCESS_KEY", "of somebody else"),
        NO_ROLE,
    ];
    let run = home.run(&["findings", "--json", "--profile", "ir"], &strange);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert_eq!(run.out.lines().count(), 14);
    // A profile of the configuration file is a habit, not an order: the environment is nearer.
    let run = home.run(&["findings", "--json"], &strange);
    assert_eq!((run.code, run.out.as_str()), (3, ""));
    assert!(run.err.contains("The security token included in the request is invalid"), "{}", run.err);
    assert_eq!(home.run(&["findings", "--json"], &[&strange[..2], &[NO_ROLE]].concat()).code, 0);
}

#[test]
fn a_profile_that_is_nowhere_is_told_with_the_files() {
    let home = Home::new();
    let config = home.write("aws.conf", "[profile incident]\nregion = eu-west-1\n");
    let env = [("AWS_CONFIG_FILE", config.as_str()), ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"), NO_ROLE];
    let run = home.run(&["findings", "--region", "eu-west-1", "--profile", "nosuch"], &env);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(
        run.err.starts_with(&format!("quell: no profile nosuch in {config} or ~/.aws/credentials\n")),
        "{}",
        run.err
    );
    let run = home.run(&["findings", "--region", "eu-west-1", "--profile", "incidnet"], &env);
    assert!(run.err.contains("now: did you mean incident?"), "{}", run.err);
    // The environment's own profile is looked up too, unless keys stand beside it.
    let named = [("AWS_CONFIG_FILE", config.as_str()), ("AWS_PROFILE", "nosuch\u{1b}"), NO_ROLE];
    let run = home.run(&["findings", "--region", "eu-west-1"], &named);
    assert_eq!(run.code, 2);
    assert!(run.err.starts_with("quell: no profile nosuch\\u{1b} in "), "{}", run.err);
    let broken = home.write("broken.conf", "[profile x\n");
    let run = home.run(&["findings", "--profile", "x"], &[("AWS_CONFIG_FILE", &broken)]);
    assert_eq!(run.code, 2);
    assert!(run.err.starts_with(&format!("quell: the AWS configuration in {broken} or ")), "{}", run.err);
}

#[test]
fn no_credentials_at_all_are_told_in_good_words() {
    let home = Home::new();
    // A metadata service that answers, and gives nothing: inside a sandbox, or a hop too far.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let at = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let mut stream = stream;
            let _ = stream.read(&mut [0; 4096]);
            let _ = stream.write_all(b"HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        }
    });
    let env = [("AWS_EC2_METADATA_SERVICE_ENDPOINT", at.as_str())];
    for env in [&env[..], &[NO_ROLE]] {
        let run = home.run(&["findings", "--region", "eu-west-1"], env);
        assert_eq!((run.code, run.out.as_str()), (3, ""));
        let what = "failed: no credentials were found: not in the environment, the profile, nor this machine's role\n  \
                    meaning: quell can't ask AWS anything\n  now: log in, for SSO with: aws sso login --profile P ";
        assert!(run.err.contains(what), "{}", run.err);
        assert!(!run.err.contains("IMDS"), "{}", run.err);
    }
}
