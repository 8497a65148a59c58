//! The REST-JSON protocol (GuardDuty, Security Hub, Lambda): the error's code stands in a header and in the body.

use super::{Failure, Reply, Response};
use crate::simulator::caller::Service;
use serde_json::{Value, json};

pub(in crate::simulator) fn success(reply: &Reply) -> Response {
    let body = match reply {
        // Lambda says nothing where it has deleted something.
        Reply::Json(Value::Null) => return response(204, Vec::new()),
        Reply::Json(value) => value.to_string().into_bytes(),
        Reply::Bare { status, headers, body } => {
            let mut response = response(*status, body.clone());
            response.headers.extend(headers.iter().cloned());
            return response;
        }
        Reply::Xml(_) | Reply::Text(_) | Reply::Nothing => Vec::new(),
    };
    response(200, body)
}

pub(in crate::simulator) fn failure(service: Service, failure: &Failure) -> Response {
    // GuardDuty's body calls its bad requests by an older name than the header; Security Hub repeats the code.
    let body: Value = match service {
        Service::SecurityHub => json!({ "Message": failure.message, "Code": failure.code }),
        Service::Lambda => {
            json!({ "Type": if failure.status < 500 { "User" } else { "Service" }, "message": failure.message })
        }
        _ if failure.code == "BadRequestException" => {
            json!({ "message": failure.message, "__type": "InvalidInputException" })
        }
        _ => json!({ "message": failure.message, "__type": failure.code }),
    };
    let mut response = response(failure.status, body.to_string().into_bytes());
    response.headers.push(("x-amzn-errortype", failure.code.clone()));
    response
}

fn response(status: u16, body: Vec<u8>) -> Response {
    Response { status, headers: vec![("content-type", "application/json".to_owned())], body, cut: None }
}
