//! Running in several accounts and Regions, by the service's own engine: where, as which role, what came of it in each.
//!
//! Out of the user guide ("Running automations in multiple AWS Regions and accounts") and the API reference
//! ("TargetLocation"): the execution that is started follows one in each account and Region, which acts as the role of
//! one name in each of the accounts; the role that starts them is the execution's AutomationAssumeRole.

use super::super::fields::{id, list, plain, refuse, text};
use super::super::kind::Parameter;
use super::super::request::{Request, Word};
use crate::aws::{Failure, Reader};
use crate::problem::{Problem, clean};
use aws_sdk_ssm::types::{
    AutomationExecutionFilter, AutomationExecutionFilterKey, AutomationExecutionMetadata, TargetLocation,
};
use quell_core::incident::{Fact, Target};
use quell_core::text::id::{AccountId, Region, UnitId};
use quell_core::text::{Grammar, Id, Untrusted};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// The role that AWS takes on in each account where none is named.
const ROLE: &str = "AWS-SystemsManager-AutomationExecutionRole";
/// The most accounts, and the most Regions, of a location (service model).
const MOST: usize = 50;
/// Pages of fifty executions that are read.
const PAGES: usize = 20;

pub(super) const ACCOUNTS: Parameter = Parameter {
    name: "accounts",
    required: false,
    what: "the accounts, or organizational units, in each of which it runs; with regions",
};
pub(super) const REGIONS: Parameter =
    Parameter { name: "regions", required: false, what: "the regions in each of which it runs; with accounts" };
pub(super) const EXECUTION_ROLE: Parameter = Parameter {
    name: "execution_role",
    required: false,
    what: "the name of the role that it acts as in each account; AWS-SystemsManager-AutomationExecutionRole when not given",
};
pub(super) const MAX_CONCURRENCY: Parameter = Parameter {
    name: "max_concurrency",
    required: false,
    what: "in how many places it runs at once, as a number or in percent; 1 when not given",
};
pub(super) const MAX_ERRORS: Parameter = Parameter {
    name: "max_errors",
    required: false,
    what: "how many places may fail before no further one is begun, as a number or in percent; 0 when not given",
};
pub(super) const FROM_ACCOUNT: Parameter = Parameter {
    name: "from_account",
    required: false,
    what: "the account that it is started from; the finding's when not given",
};
pub(super) const FROM_REGION: Parameter = Parameter {
    name: "from_region",
    required: false,
    what: "the region that it is started from; the finding's when not given",
};

/// The fact that says in which order the places come.
const RATE: &str = "how many at once";

/// A rate of the service model: a number, or percents.
#[derive(Debug)]
enum Rate {}

impl Grammar for Rate {
    const NAME: &'static str = "a number or percents";
    fn fits(text: &str) -> bool {
        let (digits, percent) = text.strip_suffix('%').map_or((text, false), |digits| (digits, true));
        let plain = digits == "0" || !digits.starts_with('0');
        let number = plain && !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
        let fits = if percent { digits.len() <= 2 || digits == "100" } else { text.len() <= 7 };
        number && fits
    }
}

/// The name of the role, with its path where it has one, by the service model.
#[derive(Debug)]
enum ExecutionRole {}

impl Grammar for ExecutionRole {
    const NAME: &'static str = "a role's name";
    fn fits(text: &str) -> bool {
        let letter = |c: char| c.is_ascii_alphanumeric() || "_+=,.@/-".contains(c);
        (1..=64).contains(&text.len()) && text.chars().all(letter)
    }
}

/// Where a document runs, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Locations {
    /// Accounts and organizational units.
    accounts: Vec<String>,
    regions: Vec<String>,
    role: String,
    at_once: String,
    errors: String,
}

/// How it stands in one place.
pub(super) struct Place {
    pub name: String,
    pub status: String,
    pub well: bool,
    pub why: Option<String>,
    /// The id of the execution there.
    pub child: Option<String>,
}

/// The account and the region that the execution is started from, where the request names them.
pub(super) fn from(request: &Request) -> Option<(Untrusted, Untrusted)> {
    let word = |name| text(request, name).ok().flatten().map(|word| word.text.clone());
    let finding = request.finding.as_ref();
    let account = word(FROM_ACCOUNT.name);
    let region = word(FROM_REGION.name);
    if account.is_none() && region.is_none() {
        return None;
    }
    let account = account.or_else(|| request.account.clone()).or_else(|| finding?.account.clone())?;
    let region = region.or_else(|| request.region.clone()).or_else(|| finding?.region.clone())?;
    let (account, region) = (account.parse::<AccountId>().ok()?, region.parse::<Region>().ok()?);
    Some((account.as_str().into(), region.as_str().into()))
}

fn each<T>(name: &str, words: Vec<&Word>, read: impl Fn(&Word) -> Result<T, Problem>) -> Result<Vec<T>, Problem>
where
    T: Ord,
{
    let all = words.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
    if all.len() > MOST {
        return Err(refuse(format!("{name} has more than {MOST} values")));
    }
    match all.iter().collect::<BTreeSet<_>>().len() == all.len() {
        true => Ok(all),
        false => Err(refuse(format!("{name} names one twice"))),
    }
}

impl Locations {
    /// Where a request says that it runs; none where it runs in its target alone.
    pub(super) fn given(request: &Request) -> Result<Option<Self>, Problem> {
        let accounts = each(ACCOUNTS.name, list(request, ACCOUNTS.name)?, account)?;
        let region = |word: &Word| Ok(id::<Region>("a region", &word.text)?.as_str().to_owned());
        let regions = each(REGIONS.name, list(request, REGIONS.name)?, region)?;
        let word = |name| text(request, name);
        if accounts.is_empty() || regions.is_empty() {
            let all = [ACCOUNTS, REGIONS, EXECUTION_ROLE, MAX_CONCURRENCY, MAX_ERRORS, FROM_ACCOUNT, FROM_REGION];
            return match all.iter().find(|p| request.fields.contains_key(p.name)) {
                Some(lone) => Err(refuse(format!("{} without accounts and regions", lone.name))
                    .next("give both accounts and regions, or none of these fields")),
                None => Ok(None),
            };
        }
        let role = match word(EXECUTION_ROLE.name)? {
            Some(word) if word.filled => {
                return Err(refuse("execution_role comes through a template")
                    .next("write the role's name in the runbook itself"));
            }
            Some(word) => id::<ExecutionRole>(EXECUTION_ROLE.name, &word.text)?.as_str().to_owned(),
            None => ROLE.to_owned(),
        };
        let rate = |name: &str, otherwise: &str| match text(request, name)? {
            Some(word) => Ok::<_, Problem>(id::<Rate>(name, &word.text)?.as_str().to_owned()),
            None => Ok(otherwise.to_owned()),
        };
        let (at_once, errors) = (rate(MAX_CONCURRENCY.name, "1")?, rate(MAX_ERRORS.name, "0")?);
        if at_once.trim_end_matches('%') == "0" {
            return Err(refuse("max_concurrency is 0: it would run nowhere"));
        }
        start(request)?;
        Ok(Some(Self { accounts, regions, role, at_once, errors }))
    }

    /// Back from a planned call; none where it has no locations. The error is a call that can't be read.
    pub(super) fn read(input: &Value) -> Result<Option<Self>, ()> {
        let Some(all) = input.get("TargetLocations") else { return Ok(None) };
        let Some([one]) = all.as_array().map(Vec::as_slice) else { return Err(()) };
        let texts = |name: &str| serde_json::from_value(one.get(name).cloned().unwrap_or_default()).map_err(drop);
        let text = |name: &str| one.get(name).and_then(Value::as_str).map(str::to_owned).ok_or(());
        Ok(Some(Self {
            accounts: texts("Accounts")?,
            regions: texts("Regions")?,
            role: text("ExecutionRoleName")?,
            at_once: text("TargetLocationMaxConcurrency")?,
            errors: text("TargetLocationMaxErrors")?,
        }))
    }

    /// As the call has it.
    pub(super) fn input(&self) -> Value {
        json!([{
            "Accounts": self.accounts, "Regions": self.regions, "ExecutionRoleName": self.role,
            "TargetLocationMaxConcurrency": self.at_once, "TargetLocationMaxErrors": self.errors,
            "IncludeChildOrganizationUnits": false,
        }])
    }

    pub(super) fn sent(&self) -> TargetLocation {
        TargetLocation::builder()
            .set_accounts(Some(self.accounts.clone()))
            .set_regions(Some(self.regions.clone()))
            .execution_role_name(&self.role)
            .target_location_max_concurrency(&self.at_once)
            .target_location_max_errors(&self.errors)
            .include_child_organization_units(false)
            .build()
    }

    /// Whether an execution was told these very ones.
    pub(super) fn same(&self, told: &[TargetLocation]) -> bool {
        let [one] = told else { return false };
        one.accounts() == self.accounts
            && one.regions() == self.regions
            && one.execution_role_name() == Some(self.role.as_str())
    }

    /// How many places there are; none where an organizational unit hides it.
    pub(super) fn count(&self) -> Option<usize> {
        let units = self.accounts.iter().any(|account| Id::<AccountId>::new(account).is_err());
        (!units).then(|| self.accounts.len() * self.regions.len())
    }

    /// What the responder types: the count, or the first unit of which nobody can tell it.
    pub(super) fn confirm(&self) -> String {
        let unit = self.accounts.iter().find(|account| Id::<AccountId>::new(account).is_err());
        match (self.count(), unit) {
            (Some(count), _) => count.to_string(),
            (None, unit) => unit.cloned().unwrap_or_default(),
        }
    }

    /// Every place, and as whom it acts there.
    pub(super) fn facts(&self, target: &Target) -> Vec<Fact> {
        let partition = target.partition.line();
        let place = |account: &String, region: &String| {
            let acts = match Id::<AccountId>::new(account) {
                Ok(_) => format!("as arn:{partition}:iam::{account}:role/{}", self.role),
                Err(_) => format!(
                    "each account of it, but of no unit in it, which quell can't list, as the role {} there",
                    self.role
                ),
            };
            Fact::new(format!("in {account} {region}"), acts)
        };
        let places = self.accounts.iter().flat_map(|account| self.regions.iter().map(move |region| (account, region)));
        let mut facts: Vec<Fact> = places.map(|(account, region)| place(account, region)).collect();
        let rate = format!("{}; no further one once more than {} failed", self.at_once, self.errors);
        facts.push(Fact::new(RATE, rate));
        facts
    }

    pub(super) fn warning(&self, target: &Target) -> String {
        let (account, region) = (target.account.line(), target.region.line());
        let many = self.count().map_or("every place".to_owned(), |count| format!("{count} place(s)"));
        format!(
            "It runs in {many}, started from {account} {region}: in each it acts as that account's role, which no session \
             policy of quell limits, and it goes on there when this console is gone."
        )
    }
}

/// Refuses a start from a place that is not exactly named: the finding's must not stand in for it.
fn start(request: &Request) -> Result<(), Problem> {
    let [account, region] = [text(request, FROM_ACCOUNT.name)?, text(request, FROM_REGION.name)?];
    account.map(|word| id::<AccountId>(FROM_ACCOUNT.name, &word.text)).transpose()?;
    region.map(|word| id::<Region>(FROM_REGION.name, &word.text)).transpose()?;
    match (account.is_some() || region.is_some()) && from(request).is_none() {
        true => Err(refuse("it is not known from which account and region it is started")
            .next("give both from_account and from_region")),
        false => Ok(()),
    }
}

/// An account, or an organizational unit, by its grammar.
fn account(word: &Word) -> Result<String, Problem> {
    if let Ok(unit) = word.text.parse::<UnitId>() {
        // Which accounts it holds is not seen: nobody but the runbook's author may name one.
        return match word.filled {
            true => Err(refuse("an organizational unit comes through a template")
                .next("write the unit's id in the runbook itself")),
            false => Ok(unit.as_str().to_owned()),
        };
    }
    let plain = plain("an account", &word.text, 68)?;
    match Id::<AccountId>::new(&plain) {
        Ok(account) => Ok(account.as_str().to_owned()),
        Err(_) => {
            Err(refuse(format!("accounts names {}, which is no account and no organizational unit", clean(&plain)))
                .next("an account is 12 digits, a unit ou-ROOT-ID"))
        }
    }
}

/// A location of an execution, or of one of its steps, in words.
pub(super) fn words(location: &TargetLocation) -> String {
    clean(&format!("{} {}", location.accounts().join(", "), location.regions().join(", "))).into_string()
}

/// What came of it in all places, in words: those that did not end well by name.
pub(super) fn told(places: &[Place]) -> String {
    let well = places.iter().filter(|place| place.well).count();
    let bad = places.iter().filter(|place| !place.well).map(|place| {
        let why = place.why.as_ref().map(|why| format!(", {why}")).unwrap_or_default();
        format!("; {}: {}{why}", place.name, place.status)
    });
    let stands = if well == 0 { "" } else { "; what it did in the others stands" };
    format!("{well} of {} places ended well{}{stands}", places.len(), bad.collect::<String>())
}

/// The executions that follow from one, as far as the account lists them.
pub(super) async fn children(reader: &Reader, parent: &str) -> Result<Vec<AutomationExecutionMetadata>, Failure> {
    let key = AutomationExecutionFilterKey::ParentExecutionId;
    let filter = AutomationExecutionFilter::builder().key(key).values(parent).build();
    let filter = filter.map_err(|error| Failure::unreadable(error.to_string(), None))?;
    let (mut all, mut next) = (Vec::new(), None);
    for _ in 0..PAGES {
        let call = reader.ssm().describe_automation_executions().filters(filter.clone());
        let page = call.max_results(50).set_next_token(next).send().await.map_err(|error| Failure::of(&error))?;
        all.extend_from_slice(page.automation_execution_metadata_list());
        next = page.next_token().map(str::to_owned);
        if next.is_none() {
            break;
        }
    }
    Ok(all)
}
