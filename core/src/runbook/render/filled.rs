//! Values in place of names in what is read. They come after Markdown was understood, so that none is read as Markdown.

use super::Style;
use crate::runbook::template::fill_words;
use crate::text::Untrusted;

/// What a name stands for.
pub type Lookup<'a> = &'a dyn Fn(&str) -> Option<Untrusted>;

/// The runs of a paragraph with values; code stays as it is, since who draws it fills and quotes it as it is copied.
pub(super) fn filled(runs: Vec<(Style, String)>, lookup: Lookup<'_>) -> Vec<(Style, String)> {
    if !runs.iter().any(|(_, text)| text.contains('{')) {
        return runs;
    }
    // The parser cuts a text where a mark could have stood, such as at the `_` of a name.
    let mut whole: Vec<(Style, String)> = Vec::with_capacity(runs.len());
    for (style, text) in runs {
        match whole.last_mut() {
            Some((last, said)) if *last == style => said.push_str(&text),
            _ => whole.push((style, text)),
        }
    }
    let value = |(style, text): (Style, String)| match style {
        Style::Code => (style, text),
        _ => (style, fill_words(&text, lookup)),
    };
    whole.into_iter().map(value).collect()
}
