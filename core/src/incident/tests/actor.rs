//! Who a writer is: certificates that OpenSSH has made, names of AWS sessions, and how long a name holds.

use super::*;

/// Made by ssh-keygen: principals ubuntu and alice, key id alice@example.com, serial 7.
const ED: &str = concat!(
    "AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAIBz664ux1+9QymPAAFcjDTcutcAl1Ynw+N+k7Whu5zd7AAAA",
    "ID4cgdR6os80BxxKycOabstb0n6WQd0MLpNiMfhN2XsGAAAAAAAAAAcAAAABAAAAEWFsaWNlQGV4YW1wbGUuY29tAAAAEwAAAAZ1",
    "YnVudHUAAAAFYWxpY2UAAAAAAAAAAP//////////AAAAAAAAAIIAAAAVcGVybWl0LVgxMS1mb3J3YXJkaW5nAAAAAAAAABdwZXJt",
    "aXQtYWdlbnQtZm9yd2FyZGluZwAAAAAAAAAWcGVybWl0LXBvcnQtZm9yd2FyZGluZwAAAAAAAAAKcGVybWl0LXB0eQAAAAAAAAAO",
    "cGVybWl0LXVzZXItcmMAAAAAAAAAAAAAADMAAAALc3NoLWVkMjU1MTkAAAAgQfKT+Ur7rFrh9ln3S9pZ35ahknw+C8Ro6Noa/cZ9",
    "YI0AAABTAAAAC3NzaC1lZDI1NTE5AAAAQG3aZfatLVkQ4W4QPdPWf4zuR/FEx2nsReBEXRq6T1F9ersqQdfYyBZ0wXGJqouLYk5d",
    "rwDt2iLlYX6Ow85IAwQ=",
);
/// The same for an ECDSA key.
const EC: &str = concat!(
    "AAAAKGVjZHNhLXNoYTItbmlzdHAyNTYtY2VydC12MDFAb3BlbnNzaC5jb20AAAAg6VV/m90M2hMbb6JgCW25vzq/oKNv/EYGMcVX",
    "8OAsF60AAAAIbmlzdHAyNTYAAABBBI3RnXO91Mr+D7Y0JfFeXhgONs2ZFh12woYQvs2PZLpiobL9S9913zQxNb0z5yuE69RcD8T1",
    "BQHAW4F5T6yWoLYAAAAAAAAABwAAAAEAAAARYWxpY2VAZXhhbXBsZS5jb20AAAATAAAABnVidW50dQAAAAVhbGljZQAAAABpVbkA",
    "AAAAAGs27IAAAAAAAAAAggAAABVwZXJtaXQtWDExLWZvcndhcmRpbmcAAAAAAAAAF3Blcm1pdC1hZ2VudC1mb3J3YXJkaW5nAAAA",
    "AAAAABZwZXJtaXQtcG9ydC1mb3J3YXJkaW5nAAAAAAAAAApwZXJtaXQtcHR5AAAAAAAAAA5wZXJtaXQtdXNlci1yYwAAAAAAAAAA",
    "AAAAMwAAAAtzc2gtZWQyNTUxOQAAACBB8pP5SvusWuH2WfdL2lnflqGSfD4LxGjo2hr9xn1gjQAAAFMAAAALc3NoLWVkMjU1MTkA",
    "AABApqBp/YNgfSzl2hkeb2DWkDbZciFIKJgOL9FEUPMztHJWGU7oaUSJ+J/7Jd0XwBakxgfyrZ7qBoO9DnzciaL4Dg==",
);
/// The same for an RSA key.
const RSA: &str = concat!(
    "AAAAHHNzaC1yc2EtY2VydC12MDFAb3BlbnNzaC5jb20AAAAggSJNdhWbwuIrQu0k5ezQ4qBxaWvM6oG6shxyv53oEKMAAAADAQAB",
    "AAABgQCm0n3aPZ2kAYvMQbA4XHMqfMYII6vr+JEwNlmqDVFf2KDXNUr8Ml71XMz+rQPiJNf5xFXuP+BsVsN45+3fbHUSyVOkDM9E",
    "rdPNExX6o138O9WUKtbG18MHiCUmoDVuPNefktWi88DJFix7Sg9S7QHHMnYjFBxFMNfAt0EvCDtKnz4hoiCW7qKUTqt9lcW43zK+",
    "IAtlx3+uTONDMp7KLzPbBZ2zvWcnclqe2c7sq61t2XJLUqJo6JxRGIroIQeOx/tFjCFYVhrln2J/F8tAS7YF7NWNn54LRT0o5roM",
    "2rYksn1wvlFd9rMkGJdbSAmC4Ymny+Ul4+rtFCPwot1yP6DhmNTIGXUsOJZBUNC7YzFz28H5WZEh+GsCWNAFwt4X/uxivhnnNyw0",
    "qusotTUWnPRVLOTbedvlmVDF1NRM9cWSbUXDeI60iSjG1kA/xdb82ogb+uxp14ikO8dw+WD9dD/sVt8TGzyl4U4SgrrqnBXrf1/0",
    "E31/dvqmHP6dwohSPq8AAAAAAAAABwAAAAEAAAARYWxpY2VAZXhhbXBsZS5jb20AAAATAAAABnVidW50dQAAAAVhbGljZQAAAABp",
    "VbkAAAAAAGs27IAAAAAAAAAAggAAABVwZXJtaXQtWDExLWZvcndhcmRpbmcAAAAAAAAAF3Blcm1pdC1hZ2VudC1mb3J3YXJkaW5n",
    "AAAAAAAAABZwZXJtaXQtcG9ydC1mb3J3YXJkaW5nAAAAAAAAAApwZXJtaXQtcHR5AAAAAAAAAA5wZXJtaXQtdXNlci1yYwAAAAAA",
    "AAAAAAAAMwAAAAtzc2gtZWQyNTUxOQAAACBB8pP5SvusWuH2WfdL2lnflqGSfD4LxGjo2hr9xn1gjQAAAFMAAAALc3NoLWVkMjU1",
    "MTkAAABAqLQ8ioxVKmyUVgkSxWjp/lghm6d+8xnfbzMf2Wf28luMUgnbDZyAfMqvHvIjNbB1sxk0bW4otGYA44GmJGITAA==",
);
/// A certificate of a host, principal bastion.
const HOST: &str = concat!(
    "AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAICXiFd/Ecgtba19VIx9y41ryrCQuF0RzZYYd7TUMUzulAAAA",
    "IMQ3f85uiKnnvHvAvfS4PKz4tgaKjUW9maSF2zNaQYDGAAAAAAAAAAAAAAACAAAABGhvc3QAAAALAAAAB2Jhc3Rpb24AAAAAAAAA",
    "AP//////////AAAAAAAAAAAAAAAAAAAAMwAAAAtzc2gtZWQyNTUxOQAAACBB8pP5SvusWuH2WfdL2lnflqGSfD4LxGjo2hr9xn1g",
    "jQAAAFMAAAALc3NoLWVkMjU1MTkAAABAKMkQpDVUqtzWZYq1gx1Rd54Sk497c2x6Y3sZJ7sNRRebMqhTRHZ+Drbh+gl12tHkyFnK",
    "PHAB9f/ZKAtYq7lLBA==",
);
/// Key id bob@example.com, no principal.
const BARE: &str = concat!(
    "AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAIJiVA/VgM/pc7f31RS5u/jDrnKGANjRD9ZcTuUQu3QXIAAAA",
    "IObyPipmgBEoiix4qLciV6YZWREW6VXE/z7Df79ZeMSnAAAAAAAAAAAAAAABAAAAD2JvYkBleGFtcGxlLmNvbQAAAAAAAAAAAAAA",
    "AP//////////AAAAAAAAAIIAAAAVcGVybWl0LVgxMS1mb3J3YXJkaW5nAAAAAAAAABdwZXJtaXQtYWdlbnQtZm9yd2FyZGluZwAA",
    "AAAAAAAWcGVybWl0LXBvcnQtZm9yd2FyZGluZwAAAAAAAAAKcGVybWl0LXB0eQAAAAAAAAAOcGVybWl0LXVzZXItcmMAAAAAAAAA",
    "AAAAADMAAAALc3NoLWVkMjU1MTkAAAAgQfKT+Ur7rFrh9ln3S9pZ35ahknw+C8Ro6Noa/cZ9YI0AAABTAAAAC3NzaC1lZDI1NTE5",
    "AAAAQGoKpb4/VI96ML+WLwDUHJQL0B+C7uTI3Bjy0S7/U9L39o5fq30ihZpaJU43wx2fBHftTiBa3OfdijOKyRYJ6A0=",
);
/// Principals root and ubuntu, key id vault-bob.
const SHARED: &str = concat!(
    "AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAIL+43X7ATtdFgxPeGQYuTXXJaRoXKQOqSn0r7gn2a2oiAAAA",
    "IG0V3p7qEACANfDLMnyvlzj5Cb3JwBHZj5rvGP98MyM1AAAAAAAAAAAAAAABAAAACXZhdWx0LWJvYgAAABIAAAAEcm9vdAAAAAZ1",
    "YnVudHUAAAAAAAAAAP//////////AAAAAAAAAIIAAAAVcGVybWl0LVgxMS1mb3J3YXJkaW5nAAAAAAAAABdwZXJtaXQtYWdlbnQt",
    "Zm9yd2FyZGluZwAAAAAAAAAWcGVybWl0LXBvcnQtZm9yd2FyZGluZwAAAAAAAAAKcGVybWl0LXB0eQAAAAAAAAAOcGVybWl0LXVz",
    "ZXItcmMAAAAAAAAAAAAAADMAAAALc3NoLWVkMjU1MTkAAAAgQfKT+Ur7rFrh9ln3S9pZ35ahknw+C8Ro6Noa/cZ9YI0AAABTAAAA",
    "C3NzaC1lZDI1NTE5AAAAQBJE0DuFNI8ekUUw+Lrta3GCOUD2Bch/fycFQruW8c3zprwxUTHvEYPrNSVi8s1KEZ89yMl3Pg0iSoaL",
    "98Qp6wc=",
);

const ED_KIND: &str = "ssh-ed25519-cert-v01@openssh.com";

fn auth(kind: &str, blob: &str) -> Vec<u8> {
    format!("publickey {kind} {blob}\n").into_bytes()
}

fn name(auth: &[u8], user: &str) -> Option<String> {
    of_certificate(auth, user).map(|named| named.actor.line().into_string())
}

#[test]
fn a_principal_of_the_certificate_is_the_name() {
    let kinds =
        [(ED_KIND, ED), ("ecdsa-sha2-nistp256-cert-v01@openssh.com", EC), ("ssh-rsa-cert-v01@openssh.com", RSA)];
    for (kind, blob) in kinds {
        let named = of_certificate(&auth(kind, blob), "ubuntu").unwrap();
        assert_eq!((named.actor, named.from), ("alice".into(), ActorFrom::SshCertificate), "{kind}");
        let detail = "principals ubuntu,alice; key id alice@example.com; serial 7";
        assert_eq!(named.detail, Some(detail.into()), "{kind}");
    }
    // One's own login is a name, where it is nobody else's too.
    assert_eq!(name(&auth(ED_KIND, ED), "alice").as_deref(), Some("alice"));
    let after = [b"keyboard-interactive/pam\n".to_vec(), auth(ED_KIND, ED)].concat();
    assert_eq!(name(&after, "root").as_deref(), Some("alice"));
}

#[test]
fn where_the_login_is_shared_the_key_id_tells_who_it_is() {
    assert_eq!(name(&auth(ED_KIND, SHARED), "root").as_deref(), Some("vault-bob"));
    assert_eq!(name(&auth(ED_KIND, BARE), "root").as_deref(), Some("bob@example.com"));
}

#[test]
fn what_is_no_certificate_of_a_user_names_nobody() {
    assert_eq!(name(&auth(ED_KIND, HOST), "root"), None);
    assert_eq!(name(&auth("ssh-ed25519", ED), "root"), None);
    assert_eq!(name(&auth("ssh-rsa-cert-v01@openssh.com", ED), "root"), None);
    assert_eq!(name(b"password\n", "root"), None);
    assert_eq!(name(b"publickey\n", "root"), None);
    assert_eq!(name(&auth(ED_KIND, "AAAA=AAA"), "root"), None);
    assert_eq!(name(&[0xff, 0xfe], "root"), None);
    // Cut anywhere before the principals' end it is none, and nothing breaks.
    let whole = data_encoding::BASE64.decode(ED.as_bytes()).unwrap();
    let last = whole.windows(9).position(|w| w == b"\0\0\0\x05alice").unwrap() + 9;
    for cut in 0..last {
        let blob = data_encoding::BASE64.encode(&whole[..cut]);
        assert_eq!(name(&auth(ED_KIND, &blob), "ubuntu"), None, "{cut}");
    }
    let blob = data_encoding::BASE64.encode(&whole[..last]);
    assert_eq!(name(&auth(ED_KIND, &blob), "ubuntu").as_deref(), Some("alice"));
}

#[test]
fn a_name_is_made_harmless_and_cut() {
    let named = WriterNamed::new(&"  a\u{202e}b\n ".into(), ActorFrom::Asked).unwrap();
    assert_eq!(named.actor, "a\\u{202e}b".into());
    assert_eq!(WriterNamed::new(&" ".into(), ActorFrom::Asked), None);
    let long = WriterNamed::new(&"x".repeat(5000).as_str().into(), ActorFrom::Asked).unwrap();
    assert_eq!(long.actor.len(), 128);
}

#[test]
fn the_session_of_a_role_is_a_name_where_a_person_gave_it() {
    let of = |session: &str| {
        let named = of_session(&format!("arn:aws:sts::111122223333:assumed-role/Responder/{session}"))?;
        assert_eq!(named.from, ActorFrom::AwsSession);
        Some(named.actor.line().into_string())
    };
    for person in ["alice", "alice@example.com", "Ivy", "i-am-alice", "jo.session"] {
        assert_eq!(of(person).as_deref(), Some(person));
    }
    let programs = ["i-0abc12345678def90", "botocore-session-1700000000", "AWSCLI-Session", "aws-sdk-js-1700000000"];
    for program in programs.into_iter().chain(["1700000000", "session-1", "web-identity-token-1700000000", ""]) {
        assert_eq!(of(program), None, "{program}");
    }
    assert_eq!(of_session("arn:aws:iam::111122223333:user/ops/jo"), None);
    assert_eq!(of_session("arn:aws:iam::111122223333:root"), None);
}

fn open(user: &str) -> SegOpen {
    SegOpen {
        format: 1,
        session: Id::new("s").unwrap(),
        salt: String::new(),
        tool: "quell".into(),
        host: "bastion".into(),
        user: user.into(),
        caller: None,
        after: None,
        aside: None,
    }
}

fn named(actor: &str, from: ActorFrom) -> WriterNamed {
    WriterNamed { actor: actor.into(), from, detail: None }
}

/// A login that two share: alice's records stay hers when bob goes on as the same writer.
#[test]
fn a_name_holds_for_its_segment_and_on() {
    let entries = [
        entry('a', 0, 1, open("ubuntu")),
        entry('a', 1, 2, opened()),
        entry('a', 2, 3, named("alice", ActorFrom::AwsSession)),
        entry('a', 3, 4, open("ubuntu")),
        entry('a', 4, 5, NoteAdded { text: "x".into(), step: None }),
        entry('a', 5, 6, named("bob", ActorFrom::Asked)),
        entry('a', 6, 7, open("ubuntu")),
    ];
    let incident = Incident::fold(&entries);
    let who: Vec<String> = (0..7).map(|n| incident.who(&writer('a'), n).line().into_string()).collect();
    assert_eq!(who, ["alice", "alice", "alice", "bob", "bob", "bob", "bob"]);
    assert_eq!(incident.who_now(&writer('a')), "bob".into());
    assert_eq!(Incident::fold(&entries[..2]).who_now(&writer('a')), "ubuntu".into());
    // A better name takes the place of the one before it in its segment.
    let better = [entry('a', 0, 1, open("u")), entry('a', 1, 2, named("al", ActorFrom::Asked))];
    let better = [&better[..], &[entry('a', 2, 3, named("alice", ActorFrom::AwsSession))]].concat();
    assert_eq!(Incident::fold(&better).who(&writer('a'), 0), "alice".into());
}

#[test]
fn a_name_is_said_once_and_a_user_that_is_known_never() {
    let mut entries = vec![entry('a', 0, 1, open("ubuntu"))];
    let says = |entries: &[Entry], actor: &str, from| {
        naming(&Incident::fold(entries), &writer('a'), &named(actor, from)).is_some()
    };
    assert!(!says(&entries, "ubuntu", ActorFrom::User));
    assert!(says(&entries, "alice", ActorFrom::Asked));
    entries.push(entry('a', 1, 2, named("alice", ActorFrom::Asked)));
    assert!(!says(&entries, "alice", ActorFrom::Asked));
    assert!(says(&entries, "alice", ActorFrom::AwsSession));
    // Whoever goes on without a name is not taken for the one before.
    assert!(says(&entries, "ubuntu", ActorFrom::User));
}
