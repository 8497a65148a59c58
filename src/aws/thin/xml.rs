//! An XML answer as a tree: bounded, whole to its last element, and read by name. What is missing or of another form
//! than the service's model is an error, never "nothing".

use quick_xml::events::{BytesRef, BytesStart, Event};
use quick_xml::{Reader, escape};
use std::fmt;

/// So many bytes has an answer at most that quell reads: a page of a thousand interfaces has about three million.
const LONGEST: usize = 16 << 20;
/// So many elements.
const MOST: usize = 400_000;
/// So deep they lie in one another.
const DEEPEST: usize = 32;

/// An answer that is not what the service's model says.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::aws) struct Odd(String);

impl Odd {
    pub(super) fn new(why: impl Into<String>) -> Self {
        Self(why.into())
    }
}

impl fmt::Display for Odd {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the answer can't be read: {}", self.0)
    }
}

impl std::error::Error for Odd {}

/// An element: its name without prefix, its text, and the elements in it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Node {
    name: String,
    text: String,
    children: Vec<Node>,
}

impl Node {
    /// Its name without prefix.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The element of that name, if it is there; twice is an error.
    pub(super) fn child(&self, name: &str) -> Result<Option<&Node>, Odd> {
        let mut named = self.children.iter().filter(|child| child.name == name);
        match (named.next(), named.next()) {
            (_, Some(_)) => Err(Odd::new(format!("{} has {name} twice", self.name))),
            (found, None) => Ok(found),
        }
    }

    /// The text of the element of that name; none where it is not there.
    pub(super) fn text(&self, name: &str) -> Result<Option<&str>, Odd> {
        match self.child(name)? {
            Some(child) => child.value().map(Some),
            None => Ok(None),
        }
    }

    /// Its own text, where it has no elements.
    pub(super) fn value(&self) -> Result<&str, Odd> {
        match self.children.is_empty() {
            true => Ok(&self.text),
            false => Err(Odd::new(format!("{} is no text", self.name))),
        }
    }

    /// The text of an element that must be there, and must say something.
    pub(super) fn need(&self, name: &str) -> Result<&str, Odd> {
        let text = self.text(name)?.filter(|text| !text.is_empty());
        text.ok_or_else(|| Odd::new(format!("{} has no {name}", self.name)))
    }

    /// A boolean; false where it is not there.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Odd> {
        match self.text(name)? {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Odd::new(format!("{name} is neither true nor false"))),
        }
    }

    /// A whole number, if it is there.
    pub(super) fn number(&self, name: &str) -> Result<Option<i64>, Odd> {
        let number = |text: &str| text.parse().map_err(|_| Odd::new(format!("{name} is no number")));
        self.text(name)?.map(number).transpose()
    }

    /// The items of a list that must be there.
    pub(super) fn list(&self, name: &str) -> Result<&[Node], Odd> {
        match self.child(name)? {
            Some(list) => list.items(),
            None => Err(Odd::new(format!("{} has no {name}", self.name))),
        }
    }

    /// The items of a list that may be left out when it is empty.
    pub(super) fn any(&self, name: &str) -> Result<&[Node], Odd> {
        self.child(name)?.map_or(Ok(&[]), Node::items)
    }

    /// The members of a list, as the Query protocol calls them; one that is left out is empty.
    pub(super) fn members(&self, name: &str) -> Result<&[Node], Odd> {
        self.child(name)?.map_or(Ok(&[]), |list| list.all("member"))
    }

    /// The entries of a map that must be there, each a key and a value.
    pub(super) fn map(&self, name: &str) -> Result<Vec<(&str, &str)>, Odd> {
        let map = self.child(name)?.ok_or_else(|| Odd::new(format!("{} has no {name}", self.name)))?;
        map.all("entry")?.iter().map(|one| Ok((one.need("key")?, one.text("value")?.unwrap_or_default()))).collect()
    }

    fn items(&self) -> Result<&[Node], Odd> {
        self.all("item")
    }

    fn all(&self, item: &str) -> Result<&[Node], Odd> {
        match self.children.iter().all(|one| one.name == item) && self.text.is_empty() {
            true => Ok(&self.children),
            false => Err(Odd::new(format!("{} is no list", self.name))),
        }
    }
}

/// Reads a whole document.
pub(super) fn parse(body: &[u8]) -> Result<Node, Odd> {
    if body.len() > LONGEST {
        return Err(Odd::new(format!("it has {} bytes", body.len())));
    }
    let text = std::str::from_utf8(body).map_err(|_| Odd::new("it is no UTF-8"))?;
    let mut reader = Reader::from_str(text);
    let mut tree = Tree::default();
    loop {
        let event = reader.read_event().map_err(|error| Odd::new(error.to_string()))?;
        match event {
            Event::Start(start) => tree.open(&start)?,
            Event::Empty(start) => tree.open(&start).and_then(|()| tree.close())?,
            Event::End(_) => tree.close()?,
            Event::Text(text) => tree.say(&text.decode().map_err(|_| Odd::new("it is no UTF-8"))?)?,
            Event::CData(text) => tree.say(&text.decode().map_err(|_| Odd::new("it is no UTF-8"))?)?,
            Event::GeneralRef(name) => tree.say(&character(&name)?)?,
            Event::DocType(_) => return Err(Odd::new("it declares a type of its own")),
            Event::Decl(_) | Event::PI(_) | Event::Comment(_) => {}
            Event::Eof => return tree.end(),
        }
    }
}

/// The character that a reference stands for; a document has none of its own.
fn character(name: &BytesRef<'_>) -> Result<String, Odd> {
    let unknown = || Odd::new("it has a reference to nothing known");
    if let Some(one) = name.resolve_char_ref().map_err(|_| unknown())? {
        return Ok(one.to_string());
    }
    let name = name.decode().map_err(|_| unknown())?;
    escape::resolve_xml_entity(&name).map(str::to_owned).ok_or_else(unknown)
}

/// The elements that are open, outermost first, and the one that has been closed last of all.
#[derive(Default)]
struct Tree {
    open: Vec<Node>,
    root: Option<Node>,
    elements: usize,
}

impl Tree {
    fn open(&mut self, start: &BytesStart<'_>) -> Result<(), Odd> {
        self.elements += 1;
        if self.root.is_some() || self.open.len() >= DEEPEST || self.elements > MOST {
            return Err(Odd::new("it has too many elements"));
        }
        let name = String::from_utf8_lossy(start.local_name().as_ref()).into_owned();
        self.open.push(Node { name, ..Node::default() });
        Ok(())
    }

    fn close(&mut self) -> Result<(), Odd> {
        let mut node = self.open.pop().ok_or_else(|| Odd::new("it closes what is not open"))?;
        // White space between elements lays them out, and says nothing.
        if !node.children.is_empty() && node.text.trim().is_empty() {
            node.text.clear();
        }
        match self.open.last_mut() {
            Some(parent) => parent.children.push(node),
            None => self.root = Some(node),
        }
        Ok(())
    }

    fn say(&mut self, text: &str) -> Result<(), Odd> {
        match self.open.last_mut() {
            Some(node) => node.text.push_str(text),
            None if text.trim().is_empty() => {}
            None => return Err(Odd::new("it has text outside its elements")),
        }
        Ok(())
    }

    fn end(self) -> Result<Node, Odd> {
        match (self.open.is_empty(), self.root) {
            (true, Some(root)) => Ok(root),
            _ => Err(Odd::new("it was cut off")),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn why(body: &[u8]) -> String {
        parse(body).unwrap_err().0
    }

    #[test]
    fn a_document_is_read_by_name() {
        let text = "<?xml version=\"1.0\"?>\n<a:R xmlns:a=\"x\">\n <n>1 &amp; &#x32;<![CDATA[<3>]]></n>\n <l>\n  <item><k>v</k>\
                    </item>\n  <item/>\n </l><e/><t>true</t><p>-1</p>\n</a:R>\n";
        let root = parse(text.as_bytes()).unwrap();
        assert_eq!((root.name(), root.need("n")), ("R", Ok("1 & 2<3>")));
        assert_eq!(root.list("l").unwrap().len(), 2);
        assert_eq!(root.list("l").unwrap()[0].text("k"), Ok(Some("v")));
        assert_eq!((root.list("e").unwrap().len(), root.any("no").unwrap().len()), (0, 0));
        assert_eq!((root.flag("t"), root.flag("no"), root.number("p")), (Ok(true), Ok(false), Ok(Some(-1))));
    }

    #[test]
    fn what_is_not_as_the_model_says_is_an_error() {
        let root = parse(b"<R><a>x</a><a>y</a><l><item/><other/></l><s><k/></s><t>yes</t><v/></R>").unwrap();
        assert_eq!(root.text("a").unwrap_err().to_string(), "the answer can't be read: R has a twice");
        assert_eq!(root.list("l").unwrap_err().0, "l is no list");
        assert_eq!(root.list("none").unwrap_err().0, "R has no none");
        assert_eq!(root.text("s").unwrap_err().0, "s is no text");
        assert_eq!(root.flag("t").unwrap_err().0, "t is neither true nor false");
        assert_eq!(root.number("t").unwrap_err().0, "t is no number");
        assert_eq!(root.need("v").unwrap_err().0, "R has no v");
    }

    #[test]
    fn hostile_documents_are_refused() {
        assert_eq!(why(b""), "it was cut off");
        assert_eq!(why(b"<a><b></b>"), "it was cut off");
        assert_eq!(why(b"<a/><b/>"), "it has too many elements");
        assert_eq!(why(b"<a/>more"), "it has text outside its elements");
        assert_eq!(why(b"\xff<a/>"), "it is no UTF-8");
        assert_eq!(why(b"<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>"), "it declares a type of its own");
        assert_eq!(why(b"<a>&x;</a>"), "it has a reference to nothing known");
        assert_eq!(why(b"<a>&#xD800;</a>"), "it has a reference to nothing known");
        assert!(parse(b"<a><b></a></b>").is_err() && parse(b"<a").is_err() && parse(b"\x1b[31m<<<{").is_err());
        assert_eq!(why("<a>".repeat(100_000).as_bytes()), "it has too many elements");
        assert_eq!(why(format!("<a>{}</a>", "<b/>".repeat(400_000)).as_bytes()), "it has too many elements");
        assert_eq!(why(&vec![b' '; LONGEST + 1]), "it has 16777217 bytes");
    }
}
