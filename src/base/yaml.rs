//! Reads YAML as a tree in which every node knows its line, within bounds whatever the text is.
//!
//! A mistake costs the document it is in, not the file. Aliases are filled in and merge keys (`<<`)
//! are resolved up to a budget, since a few lines of aliases can stand for billions of nodes. Values
//! stay text: what `yes` or `0644` mean is for the reader of the file to say. JSON is YAML as well.

use std::collections::{HashMap, HashSet};

use saphyr_parser::{Event, Parser, ScalarStyle, Tag};

use crate::base::diag::{Checked, Diagnostic, Origin, quote};

/// Bytes of a file; nobody writes more by hand.
const LONGEST: usize = 512 * 1024;
/// Nodes of one file, those that aliases stand for included.
const MOST_NODES: usize = 60_000;
/// Collections within each other.
const DEEPEST: usize = 64;
/// Documents of one file.
const MOST_DOCUMENTS: usize = 500;

/// A value and its line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Node {
    /// From 1.
    pub line: u32,
    /// The tag as it is written, such as `!reset`.
    pub tag: Option<String>,
    /// The value.
    pub value: Value,
}

/// What a node is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A text, a number, a truth value or nothing.
    Scalar {
        /// The text without its quotes.
        text: String,
        /// Whether it stood without quotes, so that it may be a number or the like.
        plain: bool,
    },
    /// A sequence.
    List(Vec<Node>),
    /// A mapping, in the order of the file.
    Map(Vec<Entry>),
}

/// An entry of a mapping.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// The key; keys that are no scalars are left out.
    pub key: String,
    /// The key's line, from 1.
    pub line: u32,
    /// The value.
    pub node: Node,
}

impl Node {
    /// The value under a key; of several the last, which is what most readers of YAML take.
    pub fn get(&self, key: &str) -> Option<&Self> {
        self.entries().iter().rev().find(|it| it.key == key).map(|it| &it.node)
    }

    /// The entries of a mapping; none of anything else.
    pub fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Map(entries) => entries,
            Value::Scalar { .. } | Value::List(_) => &[],
        }
    }

    /// The items of a sequence; none of anything else.
    pub fn items(&self) -> &[Self] {
        match &self.value {
            Value::List(items) => items,
            Value::Scalar { .. } | Value::Map(_) => &[],
        }
    }

    /// The text of a scalar that says something.
    pub fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, plain } => (!plain
                || !matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
            .then_some(text.as_str()),
            Value::List(_) | Value::Map(_) => None,
        }
    }

    /// The text under a key.
    pub fn text_of(&self, key: &str) -> Option<&str> {
        self.get(key).and_then(Self::text)
    }

    /// Whether it is a scalar that means yes.
    pub fn is_true(&self) -> bool {
        matches!(self.text(), Some("true" | "True" | "TRUE" | "yes" | "on"))
    }

    /// One text or several, as many keys take either.
    pub fn texts(&self) -> Vec<&str> {
        match &self.value {
            Value::Scalar { .. } => self.text().into_iter().collect(),
            Value::List(items) => items.iter().filter_map(Self::text).collect(),
            Value::Map(_) => Vec::new(),
        }
    }

    fn nothing(line: u32) -> Self {
        let value = Value::Scalar { text: String::new(), plain: true };
        Self { line, tag: None, value }
    }

    /// Nodes in it, itself included.
    fn size(&self) -> usize {
        1 + match &self.value {
            Value::Scalar { .. } => 0,
            Value::List(items) => items.iter().map(Self::size).sum(),
            Value::Map(entries) => entries.iter().map(|it| it.node.size()).sum(),
        }
    }

    /// Collections within each other in it.
    fn depth(&self) -> usize {
        match &self.value {
            Value::Scalar { .. } => 0,
            Value::List(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Value::Map(entries) => 1 + entries.iter().map(|it| it.node.depth()).max().unwrap_or(0),
        }
    }
}

/// Reads the documents of `text`, which came from `source`. Those with a mistake are left out.
pub fn parse(source: &str, text: &str) -> Checked<Vec<Node>> {
    let mut said = Vec::new();
    if text.len() > LONGEST {
        let fault = Diagnostic::warning("the file is larger than 512 KiB and is left out");
        return (Vec::new(), vec![fault.at(Origin::whole(source))]);
    }
    let mut documents = Vec::new();
    let mut budget = MOST_NODES;
    for (first, piece) in pieces(text).into_iter().take(MOST_DOCUMENTS) {
        match Builder::new(first, &mut budget).run(piece) {
            Ok(Some(node)) => documents.push(node),
            Ok(None) => {}
            Err(fault) => {
                let origin =
                    Origin { source: source.to_owned(), line: Some(fault.line), column: None };
                let message = format!("this is no YAML that can be read: {}", fault.why);
                said.push(Diagnostic::warning(message).at(origin));
            }
        }
    }
    (documents, said)
}

/// The documents as texts, each with the number of lines before it.
fn pieces(text: &str) -> Vec<(u32, &str)> {
    let mut out = Vec::new();
    let (mut start, mut start_line, mut at) = (0, 0u32, 0);
    for (number, line) in text.split_inclusive('\n').enumerate() {
        let marks = line.strip_prefix("---").is_some_and(|it| it.trim_start().len() < it.len())
            || line == "---";
        if marks && at > start {
            out.push((start_line, text.get(start..at).unwrap_or_default()));
            (start, start_line) = (at, number as u32);
        }
        at += line.len();
    }
    out.push((start_line, text.get(start..).unwrap_or_default()));
    out
}

/// What ended a document.
struct Fault {
    line: u32,
    why: String,
}

/// A collection that is still open.
enum Open {
    List { node: Node, anchor: usize, items: Vec<Node> },
    Map { node: Node, anchor: usize, entries: Vec<Entry>, key: Option<(Option<String>, u32)> },
}

struct Builder<'a> {
    before: u32,
    budget: &'a mut usize,
    open: Vec<Open>,
    anchors: HashMap<usize, Node>,
    root: Option<Node>,
}

impl<'a> Builder<'a> {
    fn new(before: u32, budget: &'a mut usize) -> Self {
        Self { before, budget, open: Vec::new(), anchors: HashMap::new(), root: None }
    }

    fn run(mut self, text: &str) -> Result<Option<Node>, Fault> {
        for event in Parser::new_from_str(text) {
            let (event, span) = event.map_err(|error| Fault {
                line: self.before + error.marker().line() as u32,
                why: quote(error.info()),
            })?;
            let line = self.before + span.start.line() as u32;
            self.take(event, line).map_err(|why| Fault { line, why: why.to_owned() })?;
        }
        Ok(self.root)
    }

    fn take(&mut self, event: Event<'_>, line: u32) -> Result<(), &'static str> {
        match event {
            Event::Scalar(text, style, anchor, tag) => {
                self.spend(1)?;
                let value =
                    Value::Scalar { text: text.into_owned(), plain: style == ScalarStyle::Plain };
                let node = Node { line, tag: tag.map(|it| written(&it)), value };
                self.put(node, anchor)
            }
            Event::SequenceStart(anchor, tag) => {
                let node = Node { tag: tag.map(|it| written(&it)), ..Node::nothing(line) };
                self.begin(Open::List { node, anchor, items: Vec::new() })
            }
            Event::MappingStart(anchor, tag) => {
                let node = Node { tag: tag.map(|it| written(&it)), ..Node::nothing(line) };
                self.begin(Open::Map { node, anchor, entries: Vec::new(), key: None })
            }
            Event::SequenceEnd | Event::MappingEnd => match self.open.pop() {
                Some(Open::List { mut node, anchor, items }) => {
                    node.value = Value::List(items);
                    self.put(node, anchor)
                }
                Some(Open::Map { mut node, anchor, entries, .. }) => {
                    node.value = Value::Map(self.merged(entries)?);
                    self.put(node, anchor)
                }
                None => Ok(()),
            },
            Event::Alias(anchor) => {
                let Some(node) = self.anchors.get(&anchor) else {
                    return Err("an alias stands for something that it is a part of");
                };
                if node.depth() + self.open.len() > DEEPEST {
                    return Err("it is nested too deeply");
                }
                let (size, mut node) = (node.size(), node.clone());
                node.line = line;
                self.spend(size)?;
                self.put(node, 0)
            }
            Event::Nothing
            | Event::StreamStart
            | Event::StreamEnd
            | Event::DocumentStart(_)
            | Event::DocumentEnd => Ok(()),
        }
    }

    fn begin(&mut self, open: Open) -> Result<(), &'static str> {
        self.spend(1)?;
        if self.open.len() >= DEEPEST {
            return Err("it is nested too deeply");
        }
        self.open.push(open);
        Ok(())
    }

    fn spend(&mut self, nodes: usize) -> Result<(), &'static str> {
        let left = self.budget.checked_sub(nodes);
        *self.budget = left.ok_or("it stands for more than can be looked at")?;
        Ok(())
    }

    fn put(&mut self, node: Node, anchor: usize) -> Result<(), &'static str> {
        if anchor > 0 {
            // The copy is paid for as well: anchors within anchors would double each time.
            self.spend(node.size())?;
            self.anchors.insert(anchor, node.clone());
        }
        match self.open.last_mut() {
            None => self.root = self.root.take().or(Some(node)),
            Some(Open::List { items, .. }) => items.push(node),
            Some(Open::Map { entries, key, .. }) => match key.take() {
                None => {
                    let text = match node.value {
                        Value::Scalar { text, .. } => Some(text),
                        Value::List(_) | Value::Map(_) => None,
                    };
                    *key = Some((text, node.line));
                }
                Some((Some(key), line)) => entries.push(Entry { key, line, node }),
                Some((None, _)) => {}
            },
        }
        Ok(())
    }

    /// The entries with what `<<` brings, of which the mapping's own and then the first come first.
    fn merged(&mut self, entries: Vec<Entry>) -> Result<Vec<Entry>, &'static str> {
        if !entries.iter().any(|it| it.key == "<<") {
            return Ok(entries);
        }
        let (merges, own): (Vec<_>, Vec<_>) = entries.into_iter().partition(|it| it.key == "<<");
        let mut known: HashSet<String> = own.iter().map(|it| it.key.clone()).collect();
        let mut out = Vec::new();
        for merge in merges {
            let from = match merge.node.value {
                Value::List(items) => items,
                value => vec![Node { value, ..Node::nothing(merge.line) }],
            };
            for node in from {
                let Value::Map(entries) = node.value else { continue };
                for entry in entries {
                    if known.insert(entry.key.clone()) {
                        self.spend(entry.node.size())?;
                        out.push(entry);
                    }
                }
            }
        }
        out.extend(own);
        Ok(out)
    }
}

fn written(tag: &Tag) -> String {
    format!("{}{}", tag.handle, tag.suffix)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn one(text: &str) -> Node {
        let (documents, said) = parse("x.yml", text);
        assert!(said.is_empty(), "{said:?}");
        documents.into_iter().next().unwrap()
    }

    #[test]
    fn nodes_know_their_lines() {
        let it = one("# c\na:\n  b: [1, 'two']\n  c: |\n    x\n    y\nd: ~\n");
        let a = it.get("a").unwrap();
        assert_eq!(a.get("b").unwrap().texts(), ["1", "two"]);
        assert_eq!((a.entries()[0].line, a.entries()[1].line, it.entries()[1].line), (3, 4, 7));
        assert_eq!(a.text_of("c"), Some("x\ny\n"));
        assert_eq!(it.text_of("d"), None);
    }

    #[test]
    fn json_is_read_too() {
        let it = one("{\n\t\"scripts\": {\n\t\t\"a\": \"b \\\"c\\\" \\u00e9\"\n\t}\n}\n");
        let scripts = it.get("scripts").unwrap();
        assert_eq!((scripts.text_of("a"), scripts.entries()[0].line), (Some("b \"c\" é"), 3));
    }

    #[test]
    fn anchors_merges_and_tags() {
        let it = one("x: &x {a: 1, b: 2}\ny: &y {b: 3, c: 4}\n\
                      z:\n  <<: [*x, *y]\n  a: 9\nw: *x\nr: !reset null\n");
        let z = it.get("z").unwrap();
        let all: Vec<_> = z.entries().iter().map(|it| (it.key.as_str(), it.node.text())).collect();
        assert_eq!(all, [("b", Some("2")), ("c", Some("4")), ("a", Some("9"))]);
        assert_eq!(it.get("w").unwrap().line, 6);
        assert_eq!(it.get("r").unwrap().tag.as_deref(), Some("!reset"));
    }

    #[test]
    fn a_mistake_costs_its_document() {
        let (documents, said) = parse("x.yml", "a: 1\n---\nb: [\n---\nc: 3\n");
        assert_eq!(documents.len(), 2);
        assert_eq!(documents[1].get("c").unwrap().line, 5);
        assert_eq!(said.len(), 1);
        assert!(said[0].to_string().starts_with("x.yml:"), "{}", said[0]);
    }

    #[test]
    fn a_bomb_goes_off_within_bounds() {
        let mut text = "a0: &a0 [x, x, x, x, x, x, x, x, x]\n".to_owned();
        for level in 1..12 {
            let below = format!("*a{}", level - 1);
            text += &format!("a{level}: &a{level} [{}]\n", [below.as_str(); 9].join(", "));
        }
        let (documents, said) = parse("bomb.yml", &text);
        assert!(documents.is_empty());
        assert!(said[0].message.contains("more than can be looked at"), "{}", said[0]);
        let deep = "[".repeat(10_000);
        assert!(parse("deep.yml", &deep).0.is_empty());
        assert!(parse("self.yml", "a: &a [*a]\n").0.is_empty());
    }

    proptest! {
        #[test]
        fn nothing_makes_it_fail(text in "[-a-c:&*<{}\\[\\]|>!'\"#%@,?~ \\n\\t]{0,120}") {
            let (documents, _) = parse("x", &text);
            prop_assert!(documents.iter().map(Node::size).sum::<usize>() <= MOST_NODES);
        }

        #[test]
        fn no_bytes_make_it_fail(text in any::<String>()) {
            let _ = parse("x", &text);
        }
    }
}
