use crate::simulator::testing::Bench;

const FUNCTION: &str = "nightly-report";
const GET: &str = "/2019-09-30/functions/nightly-report/concurrency";
const SET: &str = "/2017-10-31/functions/nightly-report/concurrency";

#[test]
fn concurrency_is_reserved_read_and_given_up_and_nought_is_not_none() {
    let mut bench = Bench::new("crypto-mining");
    let found = bench.json("lambda", "GET", "/2015-03-31/functions/nightly-report/configuration", "");
    assert_eq!(found["FunctionArn"], "arn:aws:lambda:eu-west-1:111122223333:function:nightly-report");
    assert_eq!(
        (&found["State"], found["Role"].as_str().unwrap().starts_with("arn:aws:iam::111122223333:role/")),
        (&"Active".into(), true)
    );
    assert_eq!(bench.json("lambda", "GET", GET, ""), serde_json::json!({}));
    for n in [0, 7] {
        let body = format!("{{\"ReservedConcurrentExecutions\":{n}}}");
        assert_eq!(bench.json("lambda", "PUT", SET, &body)["ReservedConcurrentExecutions"], n);
        assert_eq!(bench.json("lambda", "GET", GET, "")["ReservedConcurrentExecutions"], n);
    }
    for _ in 0..2 {
        let response = bench.send("lambda", "DELETE", SET, &[], "");
        assert_eq!((response.status, response.body.len()), (204, 0));
    }
    assert!(bench.account().functions[FUNCTION].reserved.is_none());
}

#[test]
fn what_is_wrong_is_named_as_lambda_names_it() {
    let mut bench = Bench::new("crypto-mining");
    for (method, path, body, status, code) in [
        ("GET", "/2019-09-30/functions/none/concurrency", "", 404, "ResourceNotFoundException"),
        ("GET", "/2019-09-30/functions/a%2Fb/concurrency", "", 400, "ValidationException"),
        ("PUT", SET, "{", 400, "InvalidParameterValueException"),
        ("PUT", SET, "{\"ReservedConcurrentExecutions\":-1}", 400, "InvalidParameterValueException"),
        ("PUT", SET, "{\"ReservedConcurrentExecutions\":901}", 400, "InvalidParameterValueException"),
        ("GET", "/2017-10-31/functions/nightly-report/concurrency", "", 404, "UnknownOperationException"),
    ] {
        let (found, header, text) = bench.refused("lambda", method, path, body);
        assert_eq!((found, header.as_str()), (status, code), "{path} {text}");
    }
    bench.region = "eu-west-2".to_owned();
    assert_eq!(bench.refused("lambda", "GET", GET, "").1, "ResourceNotFoundException");
}
