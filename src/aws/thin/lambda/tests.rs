use super::{Function, Reserved};
use crate::aws::fake::{Answer, Asked, Fake, run};
use crate::aws::{Allow, ConnectOptions, ConnectionKind, ErrorClass, Failure, Reader};
use aws_types::request_id::RequestId;
use quell_core::text::{Id, id::FunctionName};

const OPERATIONS: [(&str, &str); 4] = [
    ("Lambda", "GetFunctionConfiguration"),
    ("Lambda", "GetFunctionConcurrency"),
    ("Lambda", "PutFunctionConcurrency"),
    ("Lambda", "DeleteFunctionConcurrency"),
];

/// A client that may call all of it as reads: what is tested is what goes over the wire.
fn client(script: impl Fn(&Asked) -> Answer + Send + Sync + 'static) -> (Reader, Fake) {
    let fake = Fake::new(script);
    let allow = Allow { read: OPERATIONS.to_vec(), ..Allow::default() };
    let connection = fake.connection(ConnectionKind::Real, ConnectOptions::default(), allow);
    (connection.reader("eu-west-1"), fake)
}

fn function() -> Id<FunctionName> {
    Id::new("resize_Images-2").unwrap()
}

#[test]
fn each_operation_has_its_path_of_its_own_year() {
    let (reader, fake) = client(|asked| match asked.operation.starts_with("DELETE") {
        true => Answer::Whole(204, "", Vec::new()),
        false => Answer::ok(r#"{"FunctionName":"f","FunctionArn":"a","Role":"r","ReservedConcurrentExecutions":7}"#),
    });
    let (lambda, function) = (reader.lambda(), function());
    let (found, reserved, put, deleted) = run(async {
        (
            lambda.get_function_configuration(&function).await.unwrap(),
            lambda.get_function_concurrency(&function).await.unwrap(),
            lambda.put_function_concurrency(&function, 0).await.unwrap(),
            lambda.delete_function_concurrency(&function).await.unwrap(),
        )
    });
    let expected = Function {
        function_name: "f".into(),
        function_arn: "a".into(),
        role: "r".into(),
        state: None,
        timeout: None,
        code_sha256: None,
    };
    assert_eq!((found, reserved), (expected, Reserved { reserved_concurrent_executions: Some(7) }));
    assert_eq!((put.request_id(), deleted.request_id()), (Some("req-1"), Some("req-1")));
    assert_eq!(
        fake.operations(),
        [
            "GET /2015-03-31/functions/resize_Images-2/configuration",
            "GET /2019-09-30/functions/resize_Images-2/concurrency",
            "PUT /2017-10-31/functions/resize_Images-2/concurrency",
            "DELETE /2017-10-31/functions/resize_Images-2/concurrency",
        ]
    );
    let asked = &fake.asked()[2];
    assert_eq!(asked.body, r#"{"ReservedConcurrentExecutions":0}"#);
    assert!(asked.uri.starts_with("https://lambda.eu-west-1.amazonaws.com/2017-10-31/"), "{}", asked.uri);
    assert!(asked.authorization.contains("/eu-west-1/lambda/aws4_request"), "{}", asked.authorization);
}

#[test]
fn what_is_not_reserved_is_an_empty_document_and_nothing_else() {
    let read = |body: &'static str| {
        let (reader, _) = client(move |_| Answer::ok(body));
        run(reader.lambda().get_function_concurrency(&function())).map_err(|error| Failure::of(&error).class)
    };
    assert_eq!(read("{}"), Ok(Reserved { reserved_concurrent_executions: None }));
    for odd in ["", "[]", "{\"ReservedConcurrentExecutions\":-1}", "{\"ReservedConcurrentExecutions\":\"0\"}", "{"] {
        assert_eq!(read(odd), Err(ErrorClass::Unreadable), "{odd}");
    }
    let (reader, _) = client(|_| Answer::ok("{}"));
    assert!(run(reader.lambda().get_function_configuration(&function())).is_err());
    assert!(run(reader.lambda().delete_function_concurrency(&function())).is_err());
}

#[test]
fn refusals_keep_their_code_and_their_words() {
    for (status, code, body, class) in [
        (404, "ResourceNotFoundException", r#"{"Type":"User","Message":"No."}"#, ErrorClass::NotFound),
        (403, "AccessDeniedException", r#"{"Message":"No."}"#, ErrorClass::Denied),
        (429, "TooManyRequestsException", r#"{"message":"No."}"#, ErrorClass::Throttled),
        (400, "InvalidParameterValueException", r#"{"message":"No."}"#, ErrorClass::Validation),
        (409, "ResourceConflictException", r#"{"message":"No."}"#, ErrorClass::Conflict),
        (500, "ServiceException", r#"{"message":"No."}"#, ErrorClass::Transient),
    ] {
        let (reader, fake) = client(move |_| Answer::refused(status, code, body));
        let failure = Failure::of(&run(reader.lambda().get_function_concurrency(&function())).unwrap_err());
        assert_eq!((failure.class, failure.code, failure.message), (class, code.into(), "No.".into()));
        // What goes away by itself is tried again.
        let again = matches!(class, ErrorClass::Throttled | ErrorClass::Transient);
        assert_eq!(fake.operations().len(), if again { 3 } else { 1 }, "{code}");
    }
}
