use super::*;
use std::collections::BTreeMap;

fn sorted(mut values: Vec<String>) -> Vec<String> {
    values.sort();
    values.dedup();
    values
}

/// How a shape may be written, and what of it is a secret.
const SHAPES: [(Reader, &str, &[&str]); 24] = [
    (of_netrc, "machine a\n login password\n password one\n", &["one"]),
    (of_netrc, "machine password login carol password \"one\" default password two", &["one", "two"]),
    (of_netrc, "password", &[]),
    (of_urls, "https://carol:one%40two@a.example.com\nhttps://carol@b\nhttps://c/d:e@f", &["one%40two", "one@two"]),
    (of_urls, "https://carol:${WORD}@a https://carol:$words@b", &["$words"]),
    (whole, " hvs.one\n", &["hvs.one"]),
    (of_json, r#"{"auths":{"a":{"auth":"c2hvcnQ6b25l","identitytoken":"two"}}}"#, &["c2hvcnQ6b25l", "one", "two"]),
    // base64 of carol:the-word-of-carol, and of a name and {"private_key":"one"}.
    (
        of_json,
        r#"{"auth":"Y2Fyb2w6dGhlLXdvcmQtb2YtY2Fyb2w="}"#,
        &["Y2Fyb2w6dGhlLXdvcmQtb2YtY2Fyb2w=", "the-word-of-carol"],
    ),
    (of_json, r#"{"auth":"X2pzb25fa2V5OnsicHJpdmF0ZV9rZXkiOiJvbmUifQ=="}"#, &["one"]),
    // Cut in the middle, no string, an escape, a key of another name.
    (of_json, r#"{"token" : "o\u006ee", "secret":{"token":2}, "secret_name":"x", "password":"tw"#, &["one"]),
    (of_json, r#"{"client_secret":"d-FL95Q19q7MQmFpd7hHD0Ty","refresh_token":"one"}"#, &["one"]),
    (of_yaml, "a:\n  user: carol\n  oauth_token: one # two\n", &["one"]),
    (of_yaml, "- password: 'it''s'\n- token: \"o\\u006ee\" # x\n", &["it's", "one"]),
    (of_yaml, "users:\n- user:\n    token: |-\n      one\n      two\n    name: x\n", &["onetwo"]),
    (of_yaml, "user: {}\n{\"token\":\"one\"}\n", &["one"]),
    // base64 of no key.
    (of_yaml, "client-key-data: DATA+OMITTED\nclient-certificate-data: AAAA\n", &["DATA+OMITTED"]),
    (of_pgpass, "#a:b:c:d:e\nh:1:d:carol:one\nh:1:d:c\\:d:t\\:w\\\\o\nh:1:d:c\n", &["one", "t:w\\o", "t\\:w\\\\o"]),
    (of_npmrc, "//a/:_authToken=one\n//b/:_authToken=${TOKEN}\nregistry=https://a\n", &["one"]),
    // base64 of one and of a:b.
    (of_npmrc, "//a/:_password = \"b25l\"\n_auth=YTpi\n//a/:username=carol\n", &["YTpi", "b", "b25l", "one"]),
    (of_pypirc, "[pypi]\nusername = __token__\npassword = one\n", &["one"]),
    (of_pypirc, "[pypi]\nrepository: x\npassword: ${WORD}\n", &[]),
    (of_toml, "[registry]\ntoken = \"Bearer one\"\n[registries.a]\ntoken = 'two'\nindex = \"x\"\n", &["one", "two"]),
    (of_toml, "[registries]\na = { secret-key = \"one\" }\ntoken = 2\n", &["one"]),
    (of_toml, "no TOML", &[]),
];

#[test]
fn each_shape_is_read_however_it_is_written() {
    for (reader, text, expected) in SHAPES {
        assert_eq!(sorted(reader(text)), expected, "{text}");
    }
}

/// Each of these holds the word that its name says.
#[test]
fn files_are_found_where_variables_say() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    for (name, text) in [
        ("a.netrc", "password one"),
        ("xdg/git/credentials", "https://c:two@h"),
        ("xdg/gh/hosts.yml", "oauth_token: three"),
        ("gh/hosts.yml", "oauth_token: four"),
        ("docker/config.json", r#"{"identitytoken":"five"}"#),
        ("kube1", "token: six"),
        ("kube2", "token: seven"),
        ("pgpass", "h:1:d:u:eight"),
        ("npmrc", "_authToken=nine"),
        ("gcloud/application_default_credentials.json", r#"{"refresh_token":"ten"}"#),
        ("key.json", r#"{"private_key":"eleven"}"#),
        ("azure/msal_token_cache.json", r#"{"secret":"twelve"}"#),
        ("cargo/credentials.toml", "[registry]\ntoken = \"thirteen\""),
        ("cargo/credentials", "[registry]\ntoken = \"fourteen\""),
    ] {
        std::fs::create_dir_all(at(name).parent().unwrap()).unwrap();
        std::fs::write(at(name), text).unwrap();
    }
    let kube = std::env::join_paths([at("kube1"), at("nowhere"), at("kube2")]).unwrap();
    let environment: BTreeMap<&str, PathBuf> = BTreeMap::from([
        ("NETRC", "~/a.netrc".into()),
        ("XDG_CONFIG_HOME", at("xdg")),
        ("GH_CONFIG_DIR", at("gh")),
        ("DOCKER_CONFIG", at("docker")),
        ("KUBECONFIG", kube.into()),
        ("PGPASSFILE", at("pgpass")),
        ("NPM_CONFIG_USERCONFIG", at("npmrc")),
        ("CLOUDSDK_CONFIG", at("gcloud")),
        ("GOOGLE_APPLICATION_CREDENTIALS", at("key.json")),
        ("AZURE_CONFIG_DIR", at("azure")),
        ("CARGO_HOME", at("cargo")),
    ]);
    let found = sorted(values(&|name| environment.get(name).cloned(), Some(folder.path())));
    let expected = [
        "eight", "eleven", "five", "four", "fourteen", "nine", "one", "seven", "six", "ten", "thirteen", "three",
        "twelve", "two",
    ];
    assert_eq!(found, expected);
    assert_eq!(values(&|_| None, Some(&at("nowhere"))), Vec::<String>::new());
    assert_eq!(values(&|_| None, None), Vec::<String>::new());
}
