//! Points in time as findings write them: ISO 8601 in many dresses, and epochs in four units.

use super::doc::Node;
use jiff::civil::DateTime;
use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// A point in time; `None` where there is none or where it can't be told.
pub(super) fn time(node: &Node<'_>) -> Option<Timestamp> {
    match node {
        Node::Text(text) => written(text.trim()),
        Node::Whole(_) | Node::Number(_) => epoch(node.number()?),
        Node::Map(_) => parts(node),
        _ => None,
    }
}

/// Text with an offset, or without one: the services mean UTC then.
fn written(text: &str) -> Option<Timestamp> {
    if let Ok(at) = text.parse::<Timestamp>() {
        return Some(at);
    }
    if let Ok(at) = text.parse::<DateTime>() {
        return at.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp());
    }
    match text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        true => text.parse().ok().and_then(epoch),
        false => spoken(text),
    }
}

/// `Mar 4, 2026, 5:06:07 AM`, in UTC: the events of Inspector. Some of its versions put a narrow space before the
/// last word.
fn spoken(text: &str) -> Option<Timestamp> {
    let text = text.replace('\u{202f}', " ");
    let at = DateTime::strptime("%b %d, %Y, %I:%M:%S %p", &text).ok()?;
    at.to_zoned(TimeZone::UTC).ok().map(|zoned| zoned.timestamp())
}

/// A count from 1970. AWS's JSON protocol counts seconds, OCSF milliseconds, and some exporters finer units; no
/// finding is older than 1973 or younger than 5138, so the magnitude tells the unit.
fn epoch(n: f64) -> Option<Timestamp> {
    let millis = match n.abs() {
        a if a < 1e11 => n * 1e3,
        a if a < 1e14 => n,
        a if a < 1e17 => n / 1e3,
        a if a < 1e20 => n / 1e6,
        _ => return None,
    };
    // In range: less than 1e14 in size.
    Timestamp::from_millisecond(millis.round() as i64).ok()
}

/// The fields of a Python datetime, as recorded answers of AWS (placebo files) keep it.
fn parts(node: &Node<'_>) -> Option<Timestamp> {
    let part = |name: &str, most: u64| node.get(name).whole().filter(|n| *n <= most).map(|n| n as i64);
    let year = i16::try_from(part("year", 9999)?).ok()?;
    let month = i8::try_from(part("month", 12)?).ok()?;
    let day = i8::try_from(part("day", 31)?).ok()?;
    let date = DateTime::new(year, month, day, 0, 0, 0, 0).ok()?;
    let seconds = part("hour", 23).unwrap_or(0) * 3600 + part("minute", 59).unwrap_or(0) * 60;
    let seconds = seconds + part("second", 59).unwrap_or(0);
    let micros = part("microsecond", 999_999).unwrap_or(0);
    let since = SignedDuration::from_secs(seconds).checked_add(SignedDuration::from_micros(micros))?;
    let start = date.to_zoned(TimeZone::UTC).ok()?.timestamp();
    start.checked_add(since).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(json: &str) -> Option<String> {
        let node: Node<'_> = serde_json::from_str(json).unwrap();
        time(&node).map(|t| t.to_string())
    }

    #[test]
    fn text_with_and_without_offset() {
        assert_eq!(of(r#""2026-03-04T05:06:07.891Z""#).as_deref(), Some("2026-03-04T05:06:07.891Z"));
        assert_eq!(of(r#""2026-03-04T05:06:07Z""#).as_deref(), Some("2026-03-04T05:06:07Z"));
        assert_eq!(of(r#""2026-03-04T05:06:07.891234567Z""#).as_deref(), Some("2026-03-04T05:06:07.891234567Z"));
        assert_eq!(of(r#""2026-03-04T05:06:07.891234+02:30""#).as_deref(), Some("2026-03-04T02:36:07.891234Z"));
        assert_eq!(of(r#""2026-03-04 05:06:07.100000+01:00""#).as_deref(), Some("2026-03-04T04:06:07.1Z"));
        assert_eq!(of(r#""2026-03-04 05:06:07.100""#).as_deref(), Some("2026-03-04T05:06:07.1Z"));
        assert_eq!(of(r#""2200-12-31T23:59:59.000Z""#).as_deref(), Some("2200-12-31T23:59:59Z"));
        assert_eq!(of(r#""Mar 4, 2026, 5:06:07 PM""#).as_deref(), Some("2026-03-04T17:06:07Z"));
        assert_eq!(of(r#""Mar 4, 2026, 12:06:07\u202fAM""#).as_deref(), Some("2026-03-04T00:06:07Z"));
        assert_eq!(of(r#""yesterday""#), None);
        assert_eq!(of(r#""""#), None);
    }

    #[test]
    fn epochs_by_magnitude() {
        // 1772600767 is 2026-03-04T05:06:07Z.
        assert_eq!(of("1772600767").as_deref(), Some("2026-03-04T05:06:07Z"));
        assert_eq!(of("1772600767.25").as_deref(), Some("2026-03-04T05:06:07.25Z"));
        assert_eq!(of("1772600767250").as_deref(), Some("2026-03-04T05:06:07.25Z"));
        assert_eq!(of("1772600767250000").as_deref(), Some("2026-03-04T05:06:07.25Z"));
        assert_eq!(of("1772600767250000000").as_deref(), Some("2026-03-04T05:06:07.25Z"));
        assert_eq!(of(r#""1772600767""#).as_deref(), Some("2026-03-04T05:06:07Z"));
        assert_eq!(of("1e30"), None);
        assert_eq!(of("true"), None);
    }

    #[test]
    fn recorded_datetimes() {
        let at = r#"{"__class__":"datetime","year":2026,"month":3,"day":4,"hour":5,"minute":6,"second":7,
            "microsecond":250000}"#;
        assert_eq!(of(at).as_deref(), Some("2026-03-04T05:06:07.25Z"));
        assert_eq!(of(r#"{"year":2026,"month":13,"day":4}"#), None);
        assert_eq!(of(r#"{"year":2026,"month":2,"day":30}"#), None);
        assert_eq!(of("{}"), None);
    }
}
