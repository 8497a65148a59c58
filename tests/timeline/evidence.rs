use super::*;
use quell::timeline::Evidence;
use quell::timeline::disk::LocalDisk;
use std::fs;
use std::os::unix::fs::PermissionsExt;

/// SHA-256 of `abc`, from FIPS 180-2.
const ABC: &str = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

#[test]
fn bytes_are_kept_by_their_hash_and_once() {
    let state = state();
    let session = state.session();
    let evidence = Evidence::of(&session);
    assert_eq!(evidence.put(&mut LocalDisk, b"abc").unwrap(), ABC);
    assert_eq!(evidence.put(&mut LocalDisk, b"abc").unwrap(), ABC);
    let files: Vec<_> = fs::read_dir(session.path().join("evidence")).unwrap().map(Result::unwrap).collect();
    assert_eq!(files.len(), 1);
    assert_eq!(files[0].metadata().unwrap().permissions().mode() & 0o777, 0o600);
    assert_eq!(evidence.get(ABC).unwrap(), b"abc");
}

#[test]
fn changed_missing_and_misnamed_evidence_is_refused() {
    let state = state();
    let session = state.session();
    let evidence = Evidence::of(&session);
    evidence.put(&mut LocalDisk, b"abc").unwrap();
    fs::write(session.path().join("evidence").join(ABC), "abd").unwrap();
    assert_eq!(evidence.get(ABC).unwrap_err().what, "the evidence is not what was stored: its hash is another");
    // It is not put right in silence either.
    assert!(evidence.put(&mut LocalDisk, b"abc").is_err());
    assert!(evidence.get(&"0".repeat(64)).is_err());
    assert!(evidence.get("../log").is_err());
}
