//! AWS Lambda (API version 2015-03-31): functions, runs of them, and the concurrency that is reserved for them. Functions stand in the
//! path, by their names.

#[cfg(test)]
mod tests;

use super::account::FunctionState;
use super::call::Call;
use super::wire::{Failure, Reply};
use super::world::World;
use serde::Deserialize;
use serde_json::{Value, json};

/// What an account may run at a time, and what must stay for functions without a reservation (Lambda quotas).
const CONCURRENT: u64 = 1000;
const LEFT: u64 = 100;
/// The end of a run's log, in base64: where it started and where it ended.
const LOG: &str = "U1RBUlQgUmVxdWVzdElkOiA4ZjViMGE1MiBWZXJzaW9uOiAkTEFURVNUCkVORCBSZXF1ZXN0SWQ6IDhmNWIwYTUyCg==";

/// The operation that a method and path stand for, and the function in the path.
pub(super) fn route<'a>(method: &str, path: &'a str) -> Option<(&'static str, &'a str)> {
    let parts: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
    Some(match (method, parts.as_slice()) {
        ("GET", ["2015-03-31", "functions", name, "configuration"]) => ("GetFunctionConfiguration", name),
        ("GET", ["2019-09-30", "functions", name, "concurrency"]) => ("GetFunctionConcurrency", name),
        ("PUT", ["2017-10-31", "functions", name, "concurrency"]) => ("PutFunctionConcurrency", name),
        ("DELETE", ["2017-10-31", "functions", name, "concurrency"]) => ("DeleteFunctionConcurrency", name),
        ("POST", ["2015-03-31", "functions", name, "invocations"]) => ("Invoke", name),
        _ => return None,
    })
}

/// The ARN that a call is about: a function's, or that of a version of it.
pub(super) fn resource(world: &World, call: &Call) -> String {
    let version = call.query("Qualifier").map(|version| format!(":{version}"));
    arn(world, call) + &version.unwrap_or_default()
}

/// The ARN of a function.
fn arn(world: &World, call: &Call) -> String {
    format!("arn:aws:lambda:{}:{}:function:{}", call.region, world.scenario.account, call.argument)
}

/// Answers an operation.
pub(super) fn answer(world: &mut World, call: &Call) -> Result<Reply, Failure> {
    let arn = arn(world, call);
    let word = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
    if call.argument.len() > 64 || !call.argument.chars().all(word) {
        let message = "1 validation error detected: the value at 'functionName' failed to satisfy constraint: Member must \
                       satisfy its pattern";
        return Err(Failure::new("ValidationException", 400, message));
    }
    let here = call.region == world.scenario.region;
    let spare: u64 = world.account.functions.iter().filter(|(name, _)| **name != call.argument).map(reservation).sum();
    let role = |name: &str| format!("arn:aws:iam::{}:role/{name}", world.scenario.account);
    let function = world.account.functions.get_mut(&call.argument).filter(|_| here);
    let missing = || Failure::new("ResourceNotFoundException", 404, format!("Function not found: {arn}"));
    let function = function.ok_or_else(missing)?;
    let known = matches!(call.query("Qualifier"), None | Some("$LATEST"));
    if !known {
        return Err(missing());
    }
    let answer = match call.operation {
        "GetFunctionConfiguration" => configuration(&call.argument, &arn, &role(&function.role), function),
        "GetFunctionConcurrency" => match function.reserved {
            Some(n) => json!({ "ReservedConcurrentExecutions": n }),
            None => json!({}),
        },
        "PutFunctionConcurrency" => {
            let wanted = wanted(call, spare)?;
            function.reserved = Some(wanted);
            json!({ "ReservedConcurrentExecutions": wanted })
        }
        "Invoke" => return invoke(call, function),
        _ => {
            function.reserved = None;
            Value::Null
        }
    };
    Ok(Reply::Json(answer))
}

fn reservation((_, function): (&String, &FunctionState)) -> u64 {
    function.reserved.unwrap_or_default()
}

/// Runs the function: it gives back what it was given.
fn invoke(call: &Call, function: &FunctionState) -> Result<Reply, Failure> {
    let invalid = |code: &str, message: &str| Failure::new(code, 400, message);
    let payload: Value = match call.body.as_slice() {
        [] => json!({}),
        body => serde_json::from_slice(body)
            .map_err(|_| invalid("InvalidRequestContentException", "Could not parse request body into json"))?,
    };
    let version = ("x-amz-executed-version", "$LATEST".to_owned());
    let bare = |status, headers, body| Ok(Reply::Bare { status, headers, body });
    match call.header("x-amz-invocation-type") {
        Some("DryRun") => return bare(204, Vec::new(), Vec::new()),
        None | Some("RequestResponse") | Some("Event") => {}
        Some(_) => return Err(invalid("InvalidParameterValueException", "The invocation type is not known")),
    }
    if function.reserved == Some(0) {
        return Err(Failure::new("TooManyRequestsException", 429, "Rate Exceeded."));
    }
    if call.header("x-amz-invocation-type") == Some("Event") {
        return bare(202, Vec::new(), Vec::new());
    }
    let mut headers = vec![version];
    if call.header("x-amz-log-type") == Some("Tail") {
        headers.push(("x-amz-log-result", LOG.to_owned()));
    }
    let answer = match function.fails {
        true => {
            headers.push(("x-amz-function-error", "Unhandled".to_owned()));
            json!({ "errorMessage": "nobody is on call", "errorType": "RuntimeError" })
        }
        false => json!({ "handled": payload }),
    };
    bare(200, headers, answer.to_string().into_bytes())
}

fn configuration(name: &str, arn: &str, role: &str, function: &FunctionState) -> Value {
    json!({
        "FunctionName": name,
        "FunctionArn": arn,
        "Runtime": "python3.13",
        "Role": role,
        "Handler": "main.handler",
        "CodeSize": 48_213,
        "CodeSha256": "g1dWfP2J6h7jGkZJqZ8Zc5eJ0Ov9tX9Zq2k3m4n5p6s=",
        "Timeout": 30,
        "MemorySize": 256,
        "LastModified": function.changed,
        "Version": "$LATEST",
        "State": "Active",
        "LastUpdateStatus": "Successful",
        "PackageType": "Zip",
        "Architectures": ["arm64"],
    })
}

/// How much is to be reserved; the account must keep some for all others.
fn wanted(call: &Call, spare: u64) -> Result<u64, Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Body {
        reserved_concurrent_executions: i64,
    }
    let refused = |message: String| Failure::new("InvalidParameterValueException", 400, message);
    let body: Body =
        serde_json::from_slice(&call.body).map_err(|_| refused("Could not parse request body into json".to_owned()))?;
    let wanted = u64::try_from(body.reserved_concurrent_executions)
        .map_err(|_| refused("ReservedConcurrentExecutions must be at least 0".to_owned()))?;
    match wanted.saturating_add(spare) <= CONCURRENT - LEFT {
        true => Ok(wanted),
        false => Err(refused(format!(
            "Specified ReservedConcurrentExecutions for function decreases account's UnreservedConcurrentExecution below \
             its minimum value of [{LEFT}]."
        ))),
    }
}
