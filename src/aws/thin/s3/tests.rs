use super::{Bucket, PublicAccessBlock};
use crate::aws::fake::{Answer, Asked, Fake, run};
use crate::aws::{Allow, ConnectOptions, ConnectionKind, ErrorClass, Failure, Reader};
use aws_types::request_id::RequestId;
use quell_core::text::Id;

const OPERATIONS: [(&str, &str); 5] = [
    ("S3", "GetBucketLocation"),
    ("S3", "GetBucketPolicyStatus"),
    ("S3", "GetPublicAccessBlock"),
    ("S3", "PutPublicAccessBlock"),
    ("S3", "DeletePublicAccessBlock"),
];
const MIXED: PublicAccessBlock = PublicAccessBlock {
    block_public_acls: true,
    ignore_public_acls: false,
    block_public_policy: true,
    restrict_public_buckets: false,
};

/// A client that may call all of it as reads: what is tested is what goes over the wire.
fn client(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> (Reader, Fake) {
    let fake = Fake::new(script);
    let allow = Allow { read: OPERATIONS.to_vec(), ..Allow::default() };
    let connection = fake.connection(ConnectionKind::Real, ConnectOptions::default(), allow);
    (connection.reader("eu-west-1"), fake)
}

fn bucket() -> Bucket {
    Bucket { name: Id::new("customer.exports-2").unwrap(), owner: Id::new("111122223333").unwrap() }
}

fn refused(status: u16, code: &str) -> Answer {
    let error = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>Said so.</Message>\
         <BucketName>customer.exports-2</BucketName><RequestId>R</RequestId><HostId>H</HostId></Error>"
    );
    Answer::Whole(status, "", error.into_bytes())
}

#[test]
fn every_call_names_the_bucket_in_the_path_and_the_account_that_must_own_it() {
    let (reader, fake) = client(|_| refused(403, "AccessDenied"));
    let (s3, bucket) = (reader.s3(), bucket());
    run(async {
        assert!(s3.get_bucket_location(&bucket).await.is_err());
        assert!(s3.get_bucket_policy_status(&bucket).await.is_err());
        assert!(s3.get_public_access_block(&bucket).await.is_err());
        assert!(s3.put_public_access_block(&bucket, MIXED).await.is_err());
        assert!(s3.delete_public_access_block(&bucket).await.is_err());
    });
    let asked = fake.asked();
    let operations: Vec<&str> = asked.iter().map(|asked| asked.operation.as_str()).collect();
    let place = "/customer.exports-2";
    assert_eq!(
        operations,
        [
            format!("GET {place}?location"),
            format!("GET {place}?policyStatus"),
            format!("GET {place}?publicAccessBlock"),
            format!("PUT {place}?publicAccessBlock"),
            format!("DELETE {place}?publicAccessBlock"),
        ]
    );
    for asked in &asked {
        assert!(asked.uri.starts_with("https://s3.eu-west-1.amazonaws.com/customer.exports-2?"), "{}", asked.uri);
        assert!(asked.authorization.contains("/eu-west-1/s3/aws4_request"), "{}", asked.authorization);
        assert_eq!(asked.header("x-amz-expected-bucket-owner"), Some("111122223333"));
        // Both are signed: nobody on the way can take them off.
        let signed = asked.authorization.split("SignedHeaders=").nth(1).unwrap().split(',').next().unwrap();
        let signed: Vec<&str> = signed.split(';').collect();
        assert!(signed.contains(&"x-amz-expected-bucket-owner") && signed.contains(&"x-amz-content-sha256"));
    }
    // SHA-256 of nothing.
    let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(asked[0].header("x-amz-content-sha256"), Some(nothing));
}

#[test]
fn what_is_put_says_all_four_with_a_checksum() {
    let (reader, fake) = client(|_| Answer::ok(""));
    let done = run(reader.s3().put_public_access_block(&bucket(), MIXED)).unwrap();
    assert_eq!(done.request_id(), Some("req-1"));
    let asked = &fake.asked()[0];
    assert_eq!(
        asked.body,
        "<PublicAccessBlockConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
         <BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>false</IgnorePublicAcls>\
         <BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>false</RestrictPublicBuckets>\
         </PublicAccessBlockConfiguration>"
    );
    // By hand: `printf BODY | sha256sum`, and the same in base64.
    assert_eq!(
        asked.header("x-amz-content-sha256"),
        Some("858a1bc3f5341dc4a0db9f24cb2267e499152c0a70b892725ef07ed27bdd85cb")
    );
    assert_eq!(asked.header("x-amz-checksum-sha256"), Some("hYobw/U0HcSg258kyyJn5JkVLApwuJJyXvB+0nvdhcs="));
    assert_eq!(asked.header("content-type"), Some("application/xml"));
    assert!(run(reader.s3().delete_public_access_block(&bucket())).is_ok());
    assert_eq!((fake.asked()[1].body.as_str(), fake.asked()[1].header("x-amz-checksum-sha256")), ("", None));
}

#[test]
fn answers_are_read_as_s3_and_as_its_reference_write_them() {
    let root = |name: &str, inner: &str| {
        let xml = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n";
        Answer::ok(format!("{xml}<{name} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{inner}</{name}>"))
    };
    let read = move |inner: &'static str| {
        let (reader, _) = client(move |_| root("PublicAccessBlockConfiguration", inner));
        run(reader.s3().get_public_access_block(&bucket())).map_err(|error| Failure::of(&error).class)
    };
    let small = "<BlockPublicAcls>true</BlockPublicAcls><IgnorePublicAcls>false</IgnorePublicAcls>\
                 <BlockPublicPolicy>true</BlockPublicPolicy><RestrictPublicBuckets>false</RestrictPublicBuckets>";
    assert_eq!(read(small), Ok(MIXED));
    let large = "<BlockPublicAcls>TRUE</BlockPublicAcls><IgnorePublicAcls>FALSE</IgnorePublicAcls>\
                 <BlockPublicPolicy>TRUE</BlockPublicPolicy>";
    assert_eq!(read(large), Ok(MIXED));
    assert_eq!(read("<BlockPublicAcls>yes</BlockPublicAcls>"), Err(ErrorClass::Unreadable));
    for (text, region) in [("", "us-east-1"), ("EU", "eu-west-1"), ("ap-south-1", "ap-south-1")] {
        let (reader, _) = client(move |_| root("LocationConstraint", text));
        assert_eq!(run(reader.s3().get_bucket_location(&bucket())).unwrap(), region.into());
    }
    let (reader, _) = client(move |_| root("PolicyStatus", "<IsPublic>true</IsPublic>"));
    assert!(run(reader.s3().get_bucket_policy_status(&bucket())).unwrap());
    // The answer to another question is none to this one.
    let class = run(reader.s3().get_public_access_block(&bucket())).map_err(|error| Failure::of(&error).class);
    assert_eq!(class, Err(ErrorClass::Unreadable));
}

#[test]
fn refusals_keep_their_code_and_a_change_that_says_something_is_not_done() {
    for (status, code, class) in [
        (404, "NoSuchPublicAccessBlockConfiguration", ErrorClass::NotFound),
        (404, "NoSuchBucket", ErrorClass::NotFound),
        (403, "AccessDenied", ErrorClass::Denied),
        (301, "PermanentRedirect", ErrorClass::Validation),
        (409, "OperationAborted", ErrorClass::Conflict),
        (503, "SlowDown", ErrorClass::Throttled),
    ] {
        let (reader, _) = client(move |_| refused(status, code));
        let failure = Failure::of(&run(reader.s3().get_public_access_block(&bucket())).unwrap_err());
        assert_eq!((failure.class, failure.code), (class, code.into()));
    }
    let (reader, _) = client(|_| Answer::ok("<Error><Code>InternalError</Code></Error>"));
    let failure = Failure::of(&run(reader.s3().put_public_access_block(&bucket(), MIXED)).unwrap_err());
    assert_eq!(failure.class, ErrorClass::Unreadable);
}
