//! stub
use crate::text::{Clean, Shape, Untrusted};
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Style {
    Plain,
    Strong,
    Emphasis,
    Code,
    Quote,
    Link,
    Heading,
}
pub struct Line {
    pub spans: Vec<(Style, Clean)>,
}
pub fn lines(body: &Untrusted, _width: usize) -> Vec<Line> {
    body.clean(Shape::Block)
        .as_str()
        .lines()
        .map(|l| Line { spans: vec![(Style::Plain, Untrusted::from(l).line())] })
        .collect()
}
