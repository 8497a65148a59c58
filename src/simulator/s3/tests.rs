use crate::simulator::testing::{Bench, between, text};

const BUCKET: &str = "orchard-customer-exports";
/// SHA-256 of nothing.
const NOTHING: (&str, &str) =
    ("x-amz-content-sha256", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

fn ask(bench: &mut Bench, method: &str, resource: &str, extra: &[(&str, &str)], body: &str) -> (u16, String) {
    let headers = [extra, &[NOTHING]].concat();
    let response = bench.send("s3", method, &format!("/{BUCKET}?{resource}"), &headers, body);
    (response.status, text(&response))
}

/// Puts a body whose hash is not looked at.
fn put(bench: &mut Bench, extra: &[(&str, &str)], body: &str) -> (u16, String) {
    let headers = [extra, &[("x-amz-content-sha256", "UNSIGNED-PAYLOAD")]].concat();
    let response = bench.send("s3", "PUT", &format!("/{BUCKET}?publicAccessBlock"), &headers, body);
    (response.status, text(&response))
}

fn body(switches: &str) -> String {
    let root = "PublicAccessBlockConfiguration";
    format!("<{root} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{switches}</{root}>")
}

#[test]
fn a_block_is_put_read_and_deleted_and_none_is_a_state_of_its_own() {
    let mut bench = Bench::new("public-bucket");
    let (status, text) = ask(&mut bench, "GET", "publicAccessBlock", &[], "");
    assert_eq!((status, between(&text, "<Code>", "</Code>")), (404, "NoSuchPublicAccessBlockConfiguration"));
    let restrict = body("<RestrictPublicBuckets>TRUE</RestrictPublicBuckets>");
    assert_eq!(put(&mut bench, &[("content-md5", "x")], &restrict), (200, String::new()));
    assert!(bench.account().buckets[BUCKET].closed());
    let (status, text) = ask(&mut bench, "GET", "publicAccessBlock", &[], "");
    assert_eq!(status, 200);
    assert!(
        text.ends_with(
            "<PublicAccessBlockConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><BlockPublicAcls>false\
             </BlockPublicAcls><IgnorePublicAcls>false</IgnorePublicAcls><BlockPublicPolicy>false</BlockPublicPolicy>\
             <RestrictPublicBuckets>true</RestrictPublicBuckets></PublicAccessBlockConfiguration>"
        ),
        "{text}"
    );
    for _ in 0..2 {
        assert_eq!(ask(&mut bench, "DELETE", "publicAccessBlock", &[], ""), (204, String::new()));
    }
    assert!(!bench.account().buckets[BUCKET].closed() && bench.account().buckets[BUCKET].block.is_none());
}

#[test]
fn a_policy_is_public_or_not_there_and_a_bucket_has_one_region() {
    let mut bench = Bench::new("public-bucket");
    assert!(ask(&mut bench, "GET", "policyStatus", &[], "").1.contains("<IsPublic>true</IsPublic>"));
    assert!(ask(&mut bench, "GET", "location", &[], "").1.contains(">eu-west-2</LocationConstraint>"));
    let other = bench.send("s3", "GET", "/orchard-etl-staging?policyStatus", &[NOTHING], "");
    assert_eq!((other.status, between(&text(&other), "<Code>", "</Code>")), (404, "NoSuchBucketPolicy"));
    bench.region = "us-east-1".to_owned();
    assert!(ask(&mut bench, "GET", "location", &[], "").1.contains(">eu-west-2</LocationConstraint>"));
    let (status, text) = ask(&mut bench, "GET", "publicAccessBlock", &[], "");
    assert_eq!((status, between(&text, "<Code>", "</Code>")), (301, "PermanentRedirect"));
}

#[test]
fn another_owner_than_the_caller_says_gets_nothing() {
    let mut bench = Bench::new("public-bucket");
    let owner = |bench: &mut Bench, method: &str, owner: &str| {
        let (status, text) = ask(bench, method, "publicAccessBlock", &[("x-amz-expected-bucket-owner", owner)], "");
        (status, text.split("<Code>").nth(1).map(|rest| rest.split('<').next().unwrap().to_owned()))
    };
    assert_eq!(owner(&mut bench, "DELETE", "777788889999"), (204, None));
    assert_eq!(owner(&mut bench, "DELETE", "111122223333"), (403, Some("AccessDenied".to_owned())));
    assert_eq!(owner(&mut bench, "GET", "orchard"), (400, Some("InvalidBucketOwnerAWSAccountID".to_owned())));
}

#[test]
fn what_is_wrong_is_named_as_s3_names_it() {
    let mut bench = Bench::new("public-bucket");
    let md5 = [("content-md5", "x")];
    let good = body("<RestrictPublicBuckets>true</RestrictPublicBuckets>");
    for (extra, body, code) in [
        (&md5[..0], good.as_str(), "InvalidRequest"),
        (&[("x-amz-checksum-sha256", "AAAA")][..], &good, "BadDigest"),
        (&md5, "", "MissingRequestBodyError"),
        (&md5, "<Other/>", "MalformedXML"),
        (&md5, "<PublicAccessBlockConfiguration", "MalformedXML"),
        (&md5, &body("<RestrictPublicBuckets>yes</RestrictPublicBuckets>"), "MalformedXML"),
        (&md5, &body("<Colour>true</Colour>"), "MalformedXML"),
    ] {
        let (status, text) = put(&mut bench, extra, body);
        assert_eq!((status, between(&text, "<Code>", "</Code>")), (400, code), "{body}");
    }
    let (status, text) = ask(&mut bench, "PUT", "publicAccessBlock", &md5, &good);
    assert_eq!((status, between(&text, "<Code>", "</Code>")), (400, "XAmzContentSHA256Mismatch"));
    for (method, path, status, code) in [
        ("GET", "/nobody-has-this?publicAccessBlock", 404, "NoSuchBucket"),
        ("PUT", "/orchard-customer-exports?acl", 405, "MethodNotAllowed"),
        ("GET", "/orchard-customer-exports/key?publicAccessBlock", 405, "MethodNotAllowed"),
    ] {
        let response = bench.send("s3", method, path, &[NOTHING], "");
        let text = crate::simulator::testing::text(&response);
        assert_eq!((response.status, between(&text, "<Code>", "</Code>")), (status, code), "{path}");
    }
    let bare = bench.send("s3", "GET", &format!("/{BUCKET}?location"), &[], "");
    assert_eq!(bare.status, 400);
}

/// RFC 4648, section 10, and one whose sum was made by another tool.
#[test]
fn base64_is_that_of_the_rfc() {
    for (bytes, text) in [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")] {
        assert_eq!(super::base64(bytes.as_bytes()), text);
    }
    assert_eq!(super::base64(&[0xfb, 0xff, 0xfe]), "+//+");
}
