use super::*;

/// Every subcommand, each so that it would end by itself.
const ALL: [&[&str]; 11] = [
    &[],
    &["demo"],
    &["doctor", "--actions"],
    &["open", "--new", "x"],
    &["findings", "--file", "/dev/null"],
    &["runbooks", "list"],
    &["sessions", "list"],
    &["simulator", "--listen", "0.0.0.0:1"],
    &["keys"],
    &["completions", "bash"],
    &["man"],
];

#[test]
fn an_unknown_key_of_the_configuration_stops_every_subcommand() {
    let home = Home::new();
    let config = home.write("team.toml", "regoins = [\"eu-west-1\"]\n");
    let expected = format!("quell: {config}:1:1: the configuration has no key regoins; did you mean regions?\n");
    for args in ALL {
        let run = home.run(&[args, &["--config", &config]].concat(), &[]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{args:?}");
        assert!(run.err.starts_with(&expected), "{args:?} {}", run.err);
        assert!(run.err.contains("now: the keys are profile, regions, runbooks"), "{}", run.err);
    }
    // The usual file counts in the same way, and so does the environment's.
    home.write(".config/quell/config.toml", "colour = 1\n");
    assert!(home.run(&["sessions", "list"], &[]).err.contains("has no key colour\n"));
    assert_eq!(home.run(&["sessions", "list"], &[("QUELL_CONFIG", &config)]).code, 2);
}

#[test]
fn a_configuration_that_is_not_there_stops_every_subcommand() {
    let home = Home::new();
    let config = home.path("none.toml");
    for args in ALL {
        let run = home.run(&[args, &["--config", &config]].concat(), &[]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{args:?}");
        assert!(run.err.starts_with(&format!("quell: {config}: the configuration can't be read: ")), "{}", run.err);
    }
    // Without a name there need be none.
    assert_eq!(home.run(&["sessions", "list"], &[]).code, 0);
}

#[test]
fn read_only_and_arm_contradict_each_other_on_any_side() {
    let home = Home::new();
    for args in [
        &["--read-only", "--arm", "keys"][..],
        &["--read-only", "keys", "--arm"],
        &["--arm", "keys", "--read-only"],
        &["keys", "--arm", "--read-only"],
    ] {
        let run = home.run(args, &[]);
        assert_eq!((run.code, run.out.as_str()), (2, ""), "{args:?}");
        assert!(run.err.contains("--read-only and --arm can't be used together"), "{args:?} {}", run.err);
    }
    assert_eq!(home.run(&["--arm", "keys"], &[]).code, 0);
}

#[test]
fn a_speed_that_is_none_is_bad_usage() {
    let home = Home::new();
    for speed in ["nan", "inf", "0", "-3", "1e308", "3601", "fast"] {
        // Neither would end by itself with a speed that is taken.
        for args in [&["demo", "--speed", speed][..], &["simulator", "--listen", "0.0.0.0:1", "--speed", speed]] {
            let run = home.run(args, &[]);
            assert_eq!(run.code, 2, "{args:?}");
            assert!(run.err.contains("give a number above 0, up to 3600"), "{args:?} {}", run.err);
        }
    }
}

#[test]
fn the_simulator_listens_on_this_machine_alone() {
    let run = Home::new().run(&["simulator", "--listen", "0.0.0.0:1"], &[]);
    assert_eq!((run.code, run.out.as_str()), (2, ""));
    assert!(run.err.contains("the simulator listens on loopback addresses only"), "{}", run.err);
    assert!(run.err.contains("signatures are not checked"), "{}", run.err);
}

#[test]
fn completions_and_the_manual_name_the_subcommands() {
    let home = Home::new();
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let run = home.run(&["completions", shell], &[]);
        assert_eq!((run.code, run.err.as_str()), (0, ""), "{shell}");
        assert!(run.out.contains("runbooks") && run.out.contains("simulator"), "{shell}: {}", run.out);
    }
    assert_eq!(home.run(&["completions", "tcsh"], &[]).code, 2);
    let run = home.run(&["man"], &[]);
    assert_eq!((run.code, run.err.as_str()), (0, ""));
    assert!(run.out.contains("quell\\-simulator"), "{}", run.out);
}

#[test]
fn a_filter_that_means_nothing_asks_nobody() {
    let home = Home::new();
    // Asked, AWS would be the trouble: there is no region, and no such file.
    for more in [&[][..], &["--file", "no/such/file"], &["--profile", "nosuch"]] {
        let run = home.run(&[&["findings", "--filter", "colour>3"], more].concat(), &[]);
        assert_eq!((run.code, run.out.as_str()), (2, ""));
        assert!(run.err.starts_with("quell: the filter can't be understood at column 1: "), "{}", run.err);
    }
}

#[test]
fn what_is_no_file_is_not_read_for_ever() {
    let home = Home::new();
    let pipe = home.path("pipe");
    rustix::fs::mknodat(rustix::fs::CWD, &*pipe, rustix::fs::FileType::Fifo, 0o600.into(), 0).unwrap();
    for file in [pipe.as_str(), "/dev/zero"] {
        for args in
            [&["findings", "--file", file][..], &["open", "--file", file], &["runbooks", "match", "--file", file]]
        {
            let run = home.run(args, &[]);
            assert_eq!((run.code, run.out.as_str()), (2, ""), "{args:?}");
            let what = format!("quell: {file}: the file can't be read: it is no regular file\n");
            assert!(run.err.starts_with(&what), "{args:?} {}", run.err);
            assert!(run.err.contains("read with --file -"), "{}", run.err);
        }
        assert_eq!(home.run(&["keys", "--keymap", file], &[]).code, 2);
        assert_eq!(home.run(&["keys", "--config", file], &[]).code, 2);
    }
}
