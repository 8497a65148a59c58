//! What a containing document is refused for, what is said of it, and where its backup is found.

use super::*;

const EXECUTION: &str = "4105a4fc-f944-11e6-9d32-0a1b2c3d495h";
const KEY: &str = "2026/06/12/20/59/4105a4fc-f944-11e6-9d32-0a1b2c3d495h.json";

fn given(pairs: &[(&str, &str)]) -> Parameters {
    pairs.iter().map(|(k, v)| ((*k).to_owned(), vec![(*v).to_owned()])).collect()
}

/// What a Restore does not bring back is said with it, not with what it undoes alone.
#[test]
fn a_principal_that_is_restored_keeps_its_keys_switched_off() {
    let told = |action: &str, of: &str, document: &str| {
        let all = given(&[("Action", action), ("DryRun", "false"), ("PrincipalType", of)]);
        (warnings(document, &all).iter().any(|words| words.contains("STAY INACTIVE")), undo_words(document, &all))
    };
    assert!(told("Restore", "IAM user", IAM).0 && !told("Contain", "IAM user", IAM).0);
    assert!(!told("Restore", "IAM user", EC2).0);
    let keys = |of: &str| told("Contain", of, IAM).1.is_some_and(|words| words.contains("access keys"));
    assert!(keys("IAM user") && !keys("IAM role"));
}

/// A run about a bucket without anybody who keeps it fails: it is not planned.
#[test]
fn a_bucket_is_contained_for_somebody() {
    let mut all = given(&[("Action", "Contain"), ("DryRun", "false")]);
    assert!(explicit(S3, &all).unwrap_err().what.ends_with("Contain needs BucketRestrictAccess"));
    assert!(explicit(EC2, &all).is_ok());
    let names = ["arn:aws:iam::111122223333:role/a", "arn:aws:iam::111122223333:role/b"].map(str::to_owned);
    all.insert(KEEPS.to_owned(), names.to_vec());
    assert!(explicit(S3, &all).is_ok());
    all.insert(KEEPS.to_owned(), vec![String::new()]);
    assert!(explicit(S3, &all).is_err());
}

#[test]
fn the_backup_is_found_where_the_report_names_it() {
    let report = format!("### Contained\n### (Amazon S3) Bucket : my-backups\n### Amazon S3 prefix : {KEY}\n");
    let found = backup(EXECUTION, &given(&[("BackupS3BucketName", "other-bucket")]), &[report]);
    assert_eq!(found, Some(Backup { bucket: "my-backups".to_owned(), key: KEY.to_owned() }));
}

#[test]
fn the_backup_is_found_in_a_url_and_with_the_given_bucket() {
    let url = format!("Saved to s3://my-backups/{KEY}.");
    let found = backup(EXECUTION, &Parameters::new(), &["other".to_owned(), url]);
    assert_eq!(found, Some(Backup { bucket: "my-backups".to_owned(), key: KEY.to_owned() }));
    let found = backup(EXECUTION, &given(&[("BackupS3BucketName", "given-bucket")]), &[KEY.to_owned()]);
    assert_eq!(found, Some(Backup { bucket: "given-bucket".to_owned(), key: KEY.to_owned() }));
}

#[test]
fn the_backup_is_found_in_named_members() {
    let json =
        format!("{{\"State\":\"contained\",\"BackupS3BucketName\":\"made-1a2b\",\"BackupS3KeyName\":\"{KEY}\"}}");
    let found = backup(EXECUTION, &Parameters::new(), &[json]);
    assert_eq!(found, Some(Backup { bucket: "made-1a2b".to_owned(), key: KEY.to_owned() }));
}

#[test]
fn no_other_text_passes_for_a_backup() {
    let bucket = given(&[("BackupS3BucketName", "given-bucket")]);
    let other = "2026/06/12/20/59/ffffffff-f944-11e6-9d32-0a1b2c3d495h.json".to_owned();
    assert_eq!(backup(EXECUTION, &bucket, &[other]), None);
    assert_eq!(backup(EXECUTION, &bucket, &[format!("2026/6x/12/20/59/{EXECUTION}.json")]), None);
    assert_eq!(backup(EXECUTION, &bucket, &[format!("{EXECUTION}.json")]), None);
    assert_eq!(backup(EXECUTION, &Parameters::new(), &[KEY.to_owned()]), None);
}

#[test]
fn only_a_user_loses_its_password_and_only_when_it_is_contained() {
    let lost = |action: &str, dry: &str, kind: &str| {
        destroys(IAM, &given(&[("Action", action), ("DryRun", dry), ("PrincipalType", kind)]))
    };
    let password = "the user's console password, if it has one: Restore can't bring it back";
    assert_eq!(lost("Contain", "false", "IAM user"), Some(password));
    assert_eq!(lost("Contain", "true", "IAM user"), None);
    assert_eq!(lost("Restore", "false", "IAM user"), None);
    assert_eq!(lost("Contain", "false", "IAM role"), None);
    assert_eq!(lost("Contain", "false", "Identity Center user"), None);
    // What is no other kind for certain may be a user.
    assert_eq!(lost("Contain", "false", "iam role"), Some(password));
}

#[test]
fn a_principal_is_of_one_of_the_documents_own_kinds() {
    let of = |kind: &str| explicit(IAM, &given(&[("Action", "Contain"), ("DryRun", "true"), ("PrincipalType", kind)]));
    for kind in ["IAM user", "IAM role", "Identity Center user"] {
        assert_eq!(of(kind), Ok(()));
    }
    let problem = of("banana").unwrap_err();
    assert_eq!(problem.what, "AWSSupport-ContainIAMPrincipal: PrincipalType is not banana");
    assert_eq!(problem.meaning, "it is IAM user, IAM role or Identity Center user, in these very words");
}

#[test]
fn what_is_not_verified_of_objects_is_said_before_the_run() {
    let said = |turn: &str, more: &[(&str, &str)]| {
        let mut all = given(&[("Action", turn), ("DryRun", "false"), ("BucketName", "b")]);
        all.extend(given(more));
        warnings(S3, &all).contains(&OBJECTS)
    };
    for turn in ["Contain", "Restore"] {
        assert!(said(turn, &[("BucketKeyName", "a/b.txt")]) && said(turn, &[("ResourceType", "S3_OBJECT")]));
        assert!(!said(turn, &[]) && !said(turn, &[("BucketKeyName", "")]));
    }
}

#[test]
fn a_run_must_say_whether_it_is_dry() {
    let contain = |dry: &[(&str, &str)]| {
        let mut all = given(&[("Action", "Contain"), ("InstanceId", "i-0abc12d34e5f67890")]);
        all.extend(given(dry));
        explicit(EC2, &all)
    };
    let refused = contain(&[]).unwrap_err();
    assert_eq!(refused.what, "AWSSupport-ContainEC2Instance without DryRun contains nothing");
    assert!(contain(&[("DryRun", "False")]).is_err());
    assert!(contain(&[("DryRun", "false")]).is_ok());
    assert!(contain(&[("DryRun", "true")]).is_ok());
    assert!(explicit("AWS-CreateSnapshot", &Parameters::new()).is_ok());
    let reserved = given(&[("DryRun", "false"), ("Action", "Contain"), ("PrincipalName", "AWSReservedSSO_Admin_1a")]);
    assert!(explicit(IAM, &reserved).is_err());
    assert!(explicit(S3, &given(&[("DryRun", "false"), ("Action", "Restore")])).is_err());
    assert!(explicit(S3, &given(&[("DryRun", "false"), ("Action", "contain")])).is_err());
}
