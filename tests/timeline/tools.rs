//! What other tools keep of the responder's credentials stands neither in evidence nor in a note, and what stands beside
//! it does.

use super::cli::session;
use super::*;
use quell::timeline::Evidence;

const WITHHELD: &str = "[withheld: a credential of the responder]";

/// A file of the home folder, what it holds, what of that is kept, with a star for what is withheld, and a word of it
/// that is withheld from a note.
const FILES: [(&str, &str, &str, &str); 17] = [
    (
        ".netrc",
        "machine files.example.com-1 login carol-of-example password netrc-word-of-carol\n",
        "machine files.example.com-1 login carol-of-example password *\n",
        "netrc-word-of-carol",
    ),
    (
        "_netrc",
        "machine files.example.com-1\nlogin carol-of-example\npassword other-word-of-carol\n",
        "machine files.example.com-1\nlogin carol-of-example\npassword *\n",
        "other-word-of-carol",
    ),
    (
        ".git-credentials",
        "https://carol-of-example:git%2Dword%2Dof%2Dcarol@git.example.com/carol\n",
        "https://carol-of-example:*@git.example.com/carol\n",
        "git-word-of-carol",
    ),
    (
        ".config/git/credentials",
        "https://carol-of-example:git-word-elsewhere@git.example.com/carol\n",
        "https://carol-of-example:*@git.example.com/carol\n",
        "git-word-elsewhere",
    ),
    (".vault-token", "vault-word-of-carol\n", "*\n", "vault-word-of-carol"),
    (
        ".config/gh/hosts.yml",
        "github.com:\n    user: carol-of-example\n    oauth_token: gh-word-of-carol\n    git_protocol: https\n",
        "github.com:\n    user: carol-of-example\n    oauth_token: *\n    git_protocol: https\n",
        "gh-word-of-carol",
    ),
    (
        // base64 of carol:docker-word-carol and of carol:short-word.
        ".docker/config.json",
        r#"{"auths":{"registry.example.com":{"auth":"Y2Fyb2w6ZG9ja2VyLXdvcmQtY2Fyb2w="},"b":{"auth":"Y2Fyb2w6c2hvcnQtd29yZA=="}}}"#,
        r#"{"auths":{"registry.example.com":{"auth":"*"},"b":{"auth":"*"}}}"#,
        "docker-word-carol",
    ),
    (
        // base64 of a private key, of which the first and the last line stay.
        ".kube/config",
        "users:\n- name: carol-of-example\n  user:\n    client-key-data: LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFWS0tLS0tCk1IY0NBUUVFSWV4YW1wbGVrZXlleGFtcGxla2V5MDEyMzQ1Njc4Ci0tLS0tRU5EIEVDIFBSSVZBVEUgS0VZLS0tLS0K\n    token: kube-word-of-carol\n    password: \"kube-pass-of-carol\"\n",
        "users:\n- name: carol-of-example\n  user:\n    client-key-data: LS0tLS1CRUdJTiBFQyBQUklWQVRFIEtFWS0tLS0tCk*Ci0tLS0tRU5EIEVDIFBSSVZBVEUgS0VZLS0tLS0K\n    token: *\n    password: \"*\"\n",
        "MHcCAQEEIexamplekeyexamplekey012345678",
    ),
    (
        ".pgpass",
        "db.example.com-1:5432:application-1:carol-of-example:the\\:word-of-the-db\n",
        "db.example.com-1:5432:application-1:carol-of-example:*\n",
        "the:word-of-the-db",
    ),
    (
        // base64 of npm-pass-of-carol.
        ".npmrc",
        "//npm.example.com/:_authToken=npm-word-of-carol\n//b/:_password=bnBtLXBhc3Mtb2YtY2Fyb2w=\n//c/:_authToken=${NPM_TOKEN_OF_CAROL}\n",
        "//npm.example.com/:_authToken=*\n//b/:_password=*\n//c/:_authToken=${NPM_TOKEN_OF_CAROL}\n",
        "npm-pass-of-carol",
    ),
    (
        ".pypirc",
        "[pypi]\nrepository = https://upload.example.com/\nusername = carol-of-example\npassword = pypi-word-of-carol\n",
        "[pypi]\nrepository = https://upload.example.com/\nusername = carol-of-example\npassword = *\n",
        "pypi-word-of-carol",
    ),
    (
        // Everybody's gcloud has the same client secret.
        ".config/gcloud/application_default_credentials.json",
        r#"{"client_secret":"d-FL95Q19q7MQmFpd7hHD0Ty","refresh_token":"1//gcloud-word-of-carol","quota_project_id":"project-of-carol"}"#,
        r#"{"client_secret":"d-FL95Q19q7MQmFpd7hHD0Ty","refresh_token":"*","quota_project_id":"project-of-carol"}"#,
        "1//gcloud-word-of-carol",
    ),
    (
        ".azure/msal_token_cache.json",
        r#"{"RefreshToken":{"a-login.example.com":{"secret":"azure-word-of-carol","home_account_id":"account-id-of-carol"}}}"#,
        r#"{"RefreshToken":{"a-login.example.com":{"secret":"*","home_account_id":"account-id-of-carol"}}}"#,
        "azure-word-of-carol",
    ),
    (
        ".terraform.d/credentials.tfrc.json",
        r#"{"credentials":{"app.terraform.example.com":{"token":"terraform-word-of-carol"}}}"#,
        r#"{"credentials":{"app.terraform.example.com":{"token":"*"}}}"#,
        "terraform-word-of-carol",
    ),
    (
        ".cargo/credentials.toml",
        "[registries.registry-of-example]\ntoken = \"Bearer cargo-word-of-carol\"\n",
        "[registries.registry-of-example]\ntoken = \"Bearer *\"\n",
        "cargo-word-of-carol",
    ),
    (
        ".cargo/credentials",
        "[registry]\ntoken = \"cargo-word-elsewhere\"\n",
        "[registry]\ntoken = \"*\"\n",
        "cargo-word-elsewhere",
    ),
    // No tool's file: what stands in it is evidence.
    ("found.txt", "password word-of-the-attacker\n", "password word-of-the-attacker\n", "netrc-word-of-carol"),
];

/// What the last piece of evidence holds.
fn kept(session: &SessionDir) -> String {
    let entries = session.read().unwrap().entries();
    let last = entries.iter().rev().find_map(|entry| match &entry.event {
        Event::EvidenceAdded(added) => Some(added.blob.clone()),
        _ => None,
    });
    String::from_utf8(Evidence::of(session).get(&last.unwrap()).unwrap()).unwrap()
}

#[test]
fn what_tools_keep_of_the_responders_credentials_never_enters() {
    let (state, session) = session();
    let id = session.short();
    for (name, text, ..) in FILES {
        let path = state.dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    for (name, text, expected, _) in FILES {
        let path = state.dir.path().join(name);
        let run = state.quell(&["run", "--session", id, "--", "/bin/cat", path.to_str().unwrap()]);
        // What the responder sees is untouched.
        assert_eq!((run.code, run.out.as_str()), (0, text), "{name}: {}", run.err);
        assert_eq!(kept(&session), expected.replace('*', WITHHELD), "{name}");
    }
    let lines: String = FILES.iter().map(|(.., word)| format!("used {word} as carol-of-example\n")).collect();
    let run = state.quell_given(lines.as_bytes(), &["sessions", "note", id, "-"]);
    assert_eq!(run.code, 0, "{}", run.err);
    let shown = state.quell(&["sessions", "show", id]).out;
    assert_eq!(shown.matches(&format!("note: used {WITHHELD} as carol-of-example\n")).count(), 17, "{shown}");
}

#[test]
fn what_variables_hold_of_the_responders_credentials_never_enters() {
    let (state, session) = session();
    let id = session.short();
    let env = [
        ("DATABASE_URL", "postgres://application_readonly:word-of-the-database@db.example.com/app"),
        ("HTTPS_PROXY", "http://carol-of-example:word-of-the-proxy@proxy.example.com:3128"),
        ("GITHUB_PAT", "word-of-the-repository"),
    ];
    let words = format!("{} {} {}", env[0].1, env[1].1, env[2].1);
    let expected = format!(
        "postgres://application_readonly:{WITHHELD}@db.example.com/app \
         http://carol-of-example:{WITHHELD}@proxy.example.com:3128 {WITHHELD}"
    );
    assert_eq!(state.quell_in(&["run", "--session", id, "--", "/bin/echo", &words], &env).code, 0);
    assert_eq!(kept(&session), format!("{expected}\n"));
    assert_eq!(state.quell_in(&["sessions", "note", id, &words], &env).code, 0);
    let Event::NoteAdded(note) = session.read().unwrap().entries().iter().rev().nth(1).unwrap().event.clone() else {
        panic!()
    };
    assert_eq!(note.text, expected.as_str().into());
}
