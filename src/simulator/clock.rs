//! Arithmetic on moments that stops at the ends of time instead of panicking.

use jiff::{SignedDuration, Timestamp};

/// The moment so much later, or the last one there is.
pub(super) fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

/// The moment so much earlier, or the first one there is.
pub(super) fn earlier(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_sub(by).unwrap_or(Timestamp::MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn time_ends_without_a_panic() {
        let hour = SignedDuration::from_hours(1);
        assert_eq!(later(Timestamp::UNIX_EPOCH, hour).as_second(), 3600);
        assert_eq!(earlier(Timestamp::UNIX_EPOCH, hour).as_second(), -3600);
        assert_eq!(later(Timestamp::MAX, hour), Timestamp::MAX);
        assert_eq!(earlier(Timestamp::MIN, hour), Timestamp::MIN);
    }
}
