//! A list of findings behind pages whose tokens are offsets, which is the worst that a service can do: whatever
//! moves in the list moves under the reader.

use crate::aws::{BoxFuture, Failure, Operation, Reader};
use crate::source::{Ask, Page, Rate, Source, Taken, Walk};
use jiff::Timestamp;
use quell_core::finding::{Finding, Status, Via, read_answer};
use std::sync::{Arc, Mutex};

/// A finding of the list.
#[derive(Clone, Debug, PartialEq)]
pub struct Item {
    pub id: u32,
    pub updated: Timestamp,
    pub archived: bool,
}

/// The list, and the source that reads it, two to a page.
#[derive(Clone, Default)]
pub struct Account(pub Arc<Mutex<Vec<Item>>>);

impl Account {
    /// Answers a request as AWS would now.
    pub fn answer(&self, ask: &Ask, now: Timestamp) -> Page {
        let mut items = self.0.lock().unwrap().clone();
        items.sort_by_key(|item| std::cmp::Reverse((item.updated, item.id)));
        items.retain(|item| ask.since.map_or(!item.archived, |since| item.updated >= since));
        let offset: usize = ask.token.as_deref().unwrap_or("0").parse().unwrap();
        let page: Vec<String> = items.iter().skip(offset).take(2).map(json).collect();
        let next = match offset + 2 < items.len() {
            true => (offset + 2).to_string(),
            false => String::new(),
        };
        let body = format!(r#"{{"findings":[{}],"next":"{next}"}}"#, page.join(","));
        Page { body: Arc::from(body.into_bytes()), date: Some(now), request_id: None }
    }

    /// What stands in the list as active.
    pub fn active(&self) -> Vec<(String, Timestamp)> {
        let items = self.0.lock().unwrap().clone();
        let mut active: Vec<(String, Timestamp)> =
            items.iter().filter(|item| !item.archived).map(|item| (arn(item.id), item.updated)).collect();
        active.sort();
        active
    }
}

pub fn arn(id: u32) -> String {
    format!("arn:aws:guardduty:eu-west-1:111122223333:detector/d/finding/{id}")
}

fn json(item: &Item) -> String {
    format!(
        r#"{{"accountId":"111122223333","arn":"{}","id":"{}","region":"eu-west-1","schemaVersion":"2.0","severity":5,
        "type":"Recon:EC2/Portscan","createdAt":"2026-11-21T00:00:00Z","updatedAt":"{}","resource":{{}},
        "service":{{"archived":{}}}}}"#,
        arn(item.id),
        item.id,
        item.updated,
        item.archived
    )
}

/// What a finding says that the tests look at.
pub fn told(finding: &Finding) -> (String, Timestamp, Status) {
    (finding.id.line().into_string(), finding.updated.unwrap(), finding.status)
}

impl Source for Account {
    fn via(&self) -> Via {
        Via::Guardduty
    }

    fn operations(&self) -> &'static [Operation] {
        &[]
    }

    fn rate(&self) -> Option<Rate> {
        None
    }

    fn walk(&self, _: &str, since: Option<Timestamp>) -> Box<dyn Walk> {
        Box::new(Offsets { since, token: Some("0".to_owned()) })
    }

    fn call<'a>(&'a self, _: &'a Reader, _: &'a Ask) -> BoxFuture<'a, Result<Page, Failure>> {
        panic!("the tests carry requests themselves")
    }
}

struct Offsets {
    since: Option<Timestamp>,
    token: Option<String>,
}

impl Walk for Offsets {
    fn ask(&self) -> Option<Ask> {
        let token = Some(self.token.clone()?);
        Some(Ask { operation: "List", since: self.since, token, ..Ask::default() })
    }

    fn take(&mut self, page: &Page) -> Result<Taken, Failure> {
        let batch = read_answer(&page.body, Via::Guardduty).map_err(|e| Failure::unreadable(e.reason, None))?;
        assert_eq!(batch.errors, []);
        let value: serde_json::Value = serde_json::from_slice(&page.body).unwrap();
        self.token = value["next"].as_str().filter(|token| !token.is_empty()).map(str::to_owned);
        Ok(Taken { findings: batch.findings, bad: Vec::new() })
    }
}
