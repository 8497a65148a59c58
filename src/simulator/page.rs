//! Pages of a list. A token holds a position, not a snapshot: the list moves under it, as AWS's lists do.

/// The page at the token, and the token of the next one; None when the token is not one of this list.
pub(super) fn of<'a, T>(
    all: &'a [T],
    token: Option<&str>,
    size: usize,
    list: &str,
) -> Option<(&'a [T], Option<String>)> {
    let from = match token {
        Some(token) => read(token, list)?,
        None => 0,
    };
    let rest = all.get(from..).unwrap_or_default();
    let page = rest.get(..size).unwrap_or(rest);
    let next = (rest.len() > page.len()).then(|| write(from + page.len(), list));
    Some((page, next))
}

/// Opaque to a client: hexadecimal, with the list's name, so that a token of another list is refused.
fn write(at: usize, list: &str) -> String {
    format!("{list}:{at}").bytes().map(|b| format!("{b:02x}")).collect()
}

fn read(token: &str, list: &str) -> Option<usize> {
    let pairs = token.as_bytes().chunks(2);
    let bytes: Option<Vec<u8>> = pairs.map(|p| u8::from_str_radix(std::str::from_utf8(p).ok()?, 16).ok()).collect();
    String::from_utf8(bytes?).ok()?.strip_prefix(list)?.strip_prefix(':')?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_follow_one_another_and_end() {
        let all = [1, 2, 3, 4, 5];
        let (page, next) = of(&all, None, 2, "x").unwrap();
        assert_eq!(page, [1, 2]);
        let (page, next) = of(&all, next.as_deref(), 2, "x").unwrap();
        assert_eq!(page, [3, 4]);
        let (page, next) = of(&all, next.as_deref(), 2, "x").unwrap();
        assert_eq!((page, next), (&[5][..], None));
    }

    #[test]
    fn tokens_of_other_lists_are_refused() {
        let (_, next) = of(&[1, 2], None, 1, "x").unwrap();
        assert!(of(&[1, 2], next.as_deref(), 1, "y").is_none());
        assert!(of(&[1, 2], Some("zz"), 1, "x").is_none());
        assert!(of(&[1, 2], Some("\u{e9}"), 1, "x").is_none());
    }
}
