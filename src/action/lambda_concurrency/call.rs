//! The one call of a plan: so much concurrency reserved for the function, or none any more.

use super::super::calls;
use crate::aws::Writer;
use quell_core::incident::{Outcome, Plan, PlannedRequest};
use quell_core::text::id::FunctionName;
use quell_core::text::{Id, Untrusted};
use serde_json::json;

const PUT: &str = "PutFunctionConcurrency";
const DELETE: &str = "DeleteFunctionConcurrency";

/// What is reserved for a function; that nothing is reserved is another thing than that nought is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct State(pub Option<u32>);

impl State {
    pub(super) const STOPPED: Self = Self(Some(0));

    pub(super) fn words(self) -> String {
        self.0.map_or("none is reserved".to_owned(), |n| format!("{n} reserved"))
    }

    /// The state that these words stand for, and no others.
    pub(super) fn of(words: &Untrusted) -> Option<Self> {
        let line = words.line().into_string();
        let number = line.strip_suffix(" reserved").and_then(|n| n.parse().ok());
        let state = Self(number);
        (Untrusted::from(state.words()) == *words).then_some(state)
    }
}

/// Brings the function's reserved concurrency into a state.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Call {
    pub function: Id<FunctionName>,
    pub wanted: State,
}

impl Call {
    pub(super) fn request(&self) -> PlannedRequest {
        let name = self.function.as_str();
        let (operation, input) = match self.wanted.0 {
            Some(n) => (PUT, json!({ "FunctionName": name, "ReservedConcurrentExecutions": n })),
            None => (DELETE, json!({ "FunctionName": name })),
        };
        PlannedRequest { service: "lambda".to_owned(), operation: operation.to_owned(), input }
    }

    /// The plan's call; none where it can't be read.
    pub(super) fn of(plan: &Plan) -> Option<Self> {
        let [request] = plan.requests.as_slice() else { return None };
        let wanted = match request.input.get("ReservedConcurrentExecutions") {
            Some(n) => Some(u32::try_from(n.as_u64()?).ok()?),
            None => None,
        };
        let function = Id::new(request.input.get("FunctionName")?.as_str()?).ok()?;
        let call = Self { function, wanted: State(wanted) };
        // What is sent is what stands in the plan, and nothing that was only taken for it.
        (call.request() == *request).then_some(call)
    }

    /// Sends it, once; the request ids, or how it ended otherwise.
    pub(super) async fn send(&self, writer: &Writer) -> Result<Vec<Untrusted>, Outcome> {
        let lambda = writer.lambda();
        match self.wanted.0 {
            Some(n) => match lambda.put_function_concurrency(&self.function, n).await {
                Ok(answer) => Ok(calls::request_ids(&answer)),
                Err(error) => Err(writer.outcome("lambda:PutFunctionConcurrency", &error)),
            },
            None => match lambda.delete_function_concurrency(&self.function).await {
                Ok(answer) => Ok(calls::request_ids(&answer)),
                Err(error) => Err(writer.outcome("lambda:DeleteFunctionConcurrency", &error)),
            },
        }
    }
}
