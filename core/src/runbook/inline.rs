//! The text of a line of Markdown without its markup.

use super::blocks::{Piece, What};
use std::ops::Range;

/// Text without markup, and whether something that a reader needs did not fit into it (a link's address, an image).
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Plain {
    pub text: String,
    pub lossy: bool,
}

/// HTML elements that GitHub renders; any other tag, such as `<instance-id>`, is a placeholder and stays.
const HTML: &[&str] = &[
    "a",
    "abbr",
    "b",
    "blockquote",
    "br",
    "center",
    "code",
    "dd",
    "del",
    "details",
    "div",
    "dl",
    "dt",
    "em",
    "font",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "hr",
    "i",
    "img",
    "ins",
    "kbd",
    "li",
    "ol",
    "p",
    "picture",
    "pre",
    "s",
    "samp",
    "source",
    "span",
    "strike",
    "strong",
    "sub",
    "summary",
    "sup",
    "table",
    "tbody",
    "td",
    "th",
    "thead",
    "tr",
    "u",
    "ul",
];

/// What to show in place of a piece of inline HTML.
pub(super) enum Html<'a> {
    Nothing,
    Break,
    Literal(&'a str),
}

/// Sorts a tag: comments and known elements go, `<br>` is a line break, all else is shown as it stands.
pub(super) fn html(tag: &str) -> Html<'_> {
    if tag.starts_with("<!--") {
        return Html::Nothing;
    }
    let name = tag.trim_start_matches(['<', '/']);
    let end = name.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(name.len());
    let (name, rest) = name.split_at(end);
    let known = HTML.iter().any(|known| known.eq_ignore_ascii_case(name)) && !rest.starts_with(['-', '_', ':']);
    match known {
        true if name.eq_ignore_ascii_case("br") => Html::Break,
        true => Html::Nothing,
        false => Html::Literal(tag),
    }
}

/// The text of pieces, white space collapsed.
pub(super) fn plain(pieces: &[Piece<'_>]) -> Plain {
    let mut out = Plain::default();
    for piece in pieces {
        match &piece.what {
            What::Text(text) | What::Code(text) => out.text.push_str(text),
            What::Break => out.text.push(' '),
            What::Html(tag) => match html(tag) {
                Html::Literal(tag) => out.text.push_str(tag),
                Html::Break => out.text.push(' '),
                Html::Nothing => out.lossy |= !super::attrs::is_attributes(tag) && !is_bare(tag),
            },
            What::Link(_) | What::Image => out.lossy = true,
            What::Strong | What::EndStrong | What::Other => {}
        }
    }
    if !is_squeezed(&out.text) {
        out.text = squeeze(&out.text);
    }
    out
}

/// The start of the text of pieces, as [`plain`] gives it: enough for the first words.
pub(super) fn start(pieces: &[Piece<'_>]) -> String {
    const PIECES: usize = 12;
    plain(pieces.get(..PIECES).unwrap_or(pieces)).text
}

/// A tag without attributes: nothing but a name is lost with it.
fn is_bare(tag: &str) -> bool {
    !tag.starts_with("<!--") && !tag.contains(char::is_whitespace)
}

/// Whether there is nothing to squeeze, as in most lines; of other scripts than ASCII it is not asked.
fn is_squeezed(text: &str) -> bool {
    let mut last = b' ';
    let lone = text.bytes().all(|byte| {
        let (before, space) = (std::mem::replace(&mut last, byte), byte == b' ');
        byte.is_ascii() && (space || byte.is_ascii_graphic()) && !(space && before == b' ')
    });
    lone && (last != b' ' || text.is_empty())
}

/// White space at the ends removed, inside collapsed to single spaces.
pub(super) fn squeeze(text: &str) -> String {
    if is_squeezed(text) {
        return text.to_owned();
    }
    let mut out = String::with_capacity(text.len());
    for word in text.split_whitespace() {
        if !out.is_empty() {
            out.push(' ');
        }
        out.push_str(word);
    }
    out
}

/// The pieces of each line of a paragraph.
pub(super) fn lines<'p, 'a>(pieces: &'p [Piece<'a>]) -> Vec<&'p [Piece<'a>]> {
    pieces.split(|piece| matches!(piece.what, What::Break)).filter(|line| !line.is_empty()).collect()
}

/// Where pieces stand in the source.
pub(super) fn range(pieces: &[Piece<'_>]) -> Option<Range<usize>> {
    let start = pieces.first()?.range.start;
    Some(start..pieces.iter().map(Piece::end).max().unwrap_or(start))
}

/// Whether all of the text is bold, as in a paragraph that stands for a heading.
pub(super) fn is_bold(pieces: &[Piece<'_>]) -> bool {
    let mut depth = 0usize;
    let mut any = false;
    for piece in pieces {
        match &piece.what {
            What::Strong => depth += 1,
            What::EndStrong => depth = depth.saturating_sub(1),
            What::Break => return false,
            What::Text(text) | What::Code(text) => {
                if depth == 0 && !matches!(text.trim(), "" | ":") {
                    return false;
                }
                any |= depth > 0;
            }
            What::Html(tag) if matches!(html(tag), Html::Literal(_)) => return false,
            _ => {}
        }
    }
    any
}

/// The bold text at the start, if the line starts with bold text.
pub(super) fn bold_lead(pieces: &[Piece<'_>]) -> Option<String> {
    matches!(pieces.first()?.what, What::Strong).then_some(())?;
    let end = pieces.iter().position(|piece| matches!(piece.what, What::EndStrong))?;
    Some(plain(pieces.get(..end)?).text).filter(|text| !text.is_empty())
}
