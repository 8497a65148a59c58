//! What may stand within a secret and is none of it: line breaks, as programs make them that wrap what they print, as
//! shells and languages join words over lines, and the colours of a terminal.

/// How long what these bytes begin with is, where it says nothing; 0 where they go on with text.
pub(super) fn gap(rest: &[u8]) -> usize {
    let joined = joined(rest);
    joined + within(rest.get(joined..).unwrap_or_default())
}

/// The same without what joins quoted strings: in what was encoded it would join all that lists hold.
pub(super) fn within(rest: &[u8]) -> usize {
    let mut length = 0;
    loop {
        let behind = rest.get(length..).unwrap_or_default();
        match line_break(behind).max(colour(behind)) {
            0 => return length,
            more => length += more,
        }
    }
}

/// How long the line break is that these bytes begin with, the white space after it included; 0 where there is none.
fn line_break(rest: &[u8]) -> usize {
    let mut length = 0;
    loop {
        match (rest.get(length), rest.get(length + 1)) {
            (Some(b'\r' | b'\n'), _) => length += 1,
            // As JSON writes it.
            (Some(b'\\'), Some(b'n' | b'r')) => length += 2,
            // As shells and languages say that the line goes on.
            (Some(b'\\'), Some(b'\r' | b'\n')) => length += 1,
            (Some(b' ' | b'\t'), _) if length > 0 => length += 1,
            _ => return length,
        }
    }
}

/// How long what parts two quoted strings is that stand in two lines, as languages join or list them: `" +`, `',`, `" \`
/// before the line's end, or `+` behind it; 0 where there is none such.
fn joined(rest: &[u8]) -> usize {
    let Some(quote @ (b'"' | b'\'')) = rest.first() else { return 0 };
    let of = |from: usize, signs: &[u8], most: usize| {
        rest.iter().skip(from).take(most).take_while(|byte| signs.contains(byte)).count()
    };
    let end = 1 + of(1, b" \t+,.&\\", 8);
    let lines = of(end, b"\r\n", 2);
    let indented = end + lines + of(end + lines, b" \t", 64);
    let next = indented + of(indented, b"+.& ", 2);
    if lines > 0 && rest.get(next) == Some(quote) { next + 1 } else { 0 }
}

/// How long the control sequence is that these bytes begin with (ECMA-48), where it is one of the two that stand in
/// coloured text: the colours themselves, and what clears the rest of the line.
pub(super) fn colour(rest: &[u8]) -> usize {
    let Some(rest) = rest.strip_prefix(b"\x1b[") else { return 0 };
    let numbers = rest.iter().take(32).take_while(|byte| byte.is_ascii_digit() || b";:".contains(byte)).count();
    if matches!(rest.get(numbers), Some(b'm' | b'K')) { numbers + 3 } else { 0 }
}
