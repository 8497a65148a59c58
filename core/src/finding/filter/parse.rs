//! The text of a filter, cut into terms.

use super::{Field, FilterError, Label, Level, Order, Pattern, State, Term, Test};
use crate::text::Untrusted;
use wildmatch::WildMatchPattern;

/// All terms of a filter.
pub(super) fn terms(text: &str) -> Result<Vec<Term>, FilterError> {
    let chars: Vec<char> = text.chars().collect();
    let mut terms = Vec::new();
    let mut at = 0;
    while let Some(c) = chars.get(at) {
        if c.is_whitespace() {
            at += 1;
            continue;
        }
        let end = token_end(&chars, at);
        terms.push(term(chars.get(at..end).unwrap_or_default(), at + 1)?);
        at = end;
    }
    Ok(terms)
}

/// The end of the token at an offset: a space ends it, unless inside quotes. A quote that is not closed yet reaches
/// to the end, for a filter is held against the list while it is typed.
fn token_end(chars: &[char], at: usize) -> usize {
    let mut quoted = false;
    let mut end = at;
    while let Some(c) = chars.get(end) {
        match c {
            '\\' if quoted && chars.get(end + 1).is_some() => end += 1,
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => break,
            _ => {}
        }
        end += 1;
    }
    end.min(chars.len())
}

/// A term, whose first character stands at `column`.
fn term(token: &[char], column: usize) -> Result<Term, FilterError> {
    let (negated, token, column) = match token {
        ['-', rest @ ..] if !rest.is_empty() => (true, rest, column + 1),
        _ => (false, token, column),
    };
    let test = match operator(token) {
        Some((name, order, value)) => {
            field(&name, order, value, column, column + token.len() - value.len())?.unwrap_or_else(|| words(token))
        }
        None => words(token),
    };
    Ok(Term { negated, test })
}

fn words(token: &[char]) -> Test {
    Test::Words(alternatives(token))
}

/// The name before the first operator, the operator, and the value after it.
fn operator(token: &[char]) -> Option<(String, Option<Order>, &[char])> {
    let at = token.iter().position(|c| matches!(c, ':' | '<' | '>' | '"'))?;
    let name: String = token.get(..at)?.iter().collect();
    let (order, width) = match token.get(at..)? {
        [':', ..] => (None, 1),
        ['<', '=', ..] => (Some(Order::AtMost), 2),
        ['<', ..] => (Some(Order::Less), 1),
        ['>', '=', ..] => (Some(Order::AtLeast), 2),
        ['>', ..] => (Some(Order::More), 1),
        _ => return None,
    };
    (!name.is_empty()).then_some((name, order, token.get(at + width..)?))
}

/// The test of a field; none where the name is unknown and the token is a plain word.
fn field(
    name: &str,
    order: Option<Order>,
    value: &[char],
    column: usize,
    value_column: usize,
) -> Result<Option<Test>, FilterError> {
    let lower = name.to_lowercase();
    let values = || alternatives(value);
    let is_text = text_field(&lower);
    let test = match (lower.as_str(), order) {
        ("sev", _) => severity(order, values(), value_column)?,
        ("age", Some(order)) => Test::Age(order, age(&values(), value_column)?),
        ("age", None) => return Err(wrong(column, "age is compared by < <= > or >=, as in age<2h")),
        ("is", None) => Test::Is(states(&values(), value_column)?),
        _ if is_text.is_some() && order.is_none() => match is_text {
            Some(field) => Test::Field(field, values().into_iter().map(|value| pattern(field, value)).collect()),
            None => return Ok(None),
        },
        (_, None) => return Ok(None),
        ("is", Some(_)) => return Err(wrong(column, "`is` has no order: write it with a colon")),
        (_, Some(_)) if is_text.is_some() => {
            return Err(wrong(column, format!("`{lower}` has no order: write it with a colon; sev and age have one")));
        }
        (_, Some(_)) => {
            let name = Untrusted::from(name).line();
            return Err(wrong(column, format!("there is no field `{name}`; sev and age have an order")));
        }
    };
    Ok(Some(test))
}

fn text_field(name: &str) -> Option<Field> {
    Some(match name {
        "id" => Field::Id,
        "type" => Field::Type,
        "title" => Field::Title,
        "account" => Field::Account,
        "region" => Field::Region,
        "resource" => Field::Resource,
        "actor" => Field::Actor,
        "source" => Field::Source,
        "status" => Field::Status,
        "workflow" => Field::Workflow,
        _ => return None,
    })
}

fn pattern(field: Field, value: String) -> Pattern {
    let part = matches!(field, Field::Type | Field::Title | Field::Resource | Field::Actor);
    match value {
        value if value.is_empty() => Pattern::Any,
        value if value.contains('*') => Pattern::Glob(Box::new(WildMatchPattern::new(&value))),
        value if part => Pattern::Part(value),
        value => Pattern::Equal(value),
    }
}

fn severity(order: Option<Order>, values: Vec<String>, column: usize) -> Result<Test, FilterError> {
    let one = values.len() == 1;
    let Some(order) = order else {
        let levels: Result<_, _> = values.iter().filter(|v| !v.is_empty()).map(|v| level(v, column)).collect();
        let levels: Vec<Level> = levels?;
        // Nothing typed yet lets everything through.
        return Ok(match levels.is_empty() {
            true => Test::Words(vec![String::new()]),
            false => Test::Severity(levels.into_iter().map(|level| (Order::Equal, level)).collect()),
        });
    };
    match values.first() {
        Some(value) if one => Ok(Test::Severity(vec![(order, level(value, column)?)])),
        _ => Err(wrong(column, "an order takes one value")),
    }
}

fn level(value: &str, column: usize) -> Result<Level, FilterError> {
    let score = || value.parse().ok().filter(|n: &f64| n.is_finite()).map(Level::Score);
    Label::parse(value).map(Level::Label).or_else(score).ok_or_else(|| {
        wrong(column, "a severity is critical, high, medium, low, informational, or a number from 0 to 100")
    })
}

/// Seconds from `90s`, `30m`, `2h`, `1d`, `1w`, and several of them in a row.
fn age(values: &[String], column: usize) -> Result<i64, FilterError> {
    let [value] = values else { return Err(wrong(column, "an order takes one value")) };
    duration(value).ok_or_else(|| wrong(column, "an age is a number with a unit: 90s, 30m, 2h, 1d or 1w"))
}

fn duration(value: &str) -> Option<i64> {
    let (mut total, mut number) = (0i64, None);
    for c in value.chars() {
        if let Some(digit) = c.to_digit(10) {
            number = Some(number.unwrap_or(0i64).checked_mul(10)?.checked_add(i64::from(digit))?);
            continue;
        }
        let unit = match c {
            's' => 1,
            'm' => 60,
            'h' => 3600,
            'd' => 86_400,
            'w' => 604_800,
            _ => return None,
        };
        total = total.checked_add(number.take()?.checked_mul(unit)?)?;
    }
    (number.is_none() && !value.is_empty()).then_some(total)
}

fn states(values: &[String], column: usize) -> Result<Vec<State>, FilterError> {
    let state = |value: &String| match value.as_str() {
        "archived" => Ok(State::Archived),
        "active" => Ok(State::Active),
        "new" => Ok(State::New),
        "attached" => Ok(State::Attached),
        "marked" => Ok(State::Marked),
        _ => Err(wrong(column, "`is:` takes archived, active, new, attached or marked")),
    };
    values.iter().map(state).collect()
}

/// The alternatives of a value, without their quotes, cleaned and in lower case as what they are held against.
fn alternatives(value: &[char]) -> Vec<String> {
    let mut all = vec![String::new()];
    let (mut quoted, mut chars) = (false, value.iter());
    while let Some(c) = chars.next() {
        match c {
            '"' => quoted = !quoted,
            '|' if !quoted => all.push(String::new()),
            _ => {
                let c = if *c == '\\' && quoted { chars.next().unwrap_or(c) } else { c };
                if let Some(last) = all.last_mut() {
                    last.push(*c);
                }
            }
        }
    }
    let mut all: Vec<String> = all.into_iter().map(|one| Untrusted::from(one).line().as_str().to_lowercase()).collect();
    if all.iter().any(|one| !one.is_empty()) {
        all.retain(|one| !one.is_empty());
    } else {
        all.truncate(1);
    }
    all
}

fn wrong(column: usize, what: impl Into<String>) -> FilterError {
    FilterError { column, what: what.into() }
}
