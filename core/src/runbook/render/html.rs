//! Blocks of HTML as text.

use crate::runbook::inline::{self, Html};

/// HTML without comments and the tags that GitHub renders; other tags stay.
pub(super) fn strip(html: &str) -> String {
    let mut out = String::new();
    let mut rest = html;
    while let Some((before, after)) = rest.split_once('<') {
        out.push_str(before);
        let (end, close) = match after.starts_with("!--") {
            true => (after.find("-->"), "-->".len()),
            false => (after.find('>'), 1),
        };
        let Some(end) = end else {
            // A comment without end hides the rest; without another `>` no tag ends.
            let hidden = after.starts_with("!--");
            rest = if hidden { "" } else { rest.get(before.len()..).unwrap_or_default() };
            break;
        };
        let tag = format!("<{}", after.get(..end + close).unwrap_or_default());
        match inline::html(&tag) {
            Html::Nothing => {}
            Html::Break => out.push('\n'),
            Html::Literal(text) => out.push_str(text),
        }
        rest = after.get(end + close..).unwrap_or_default();
    }
    out + rest
}
