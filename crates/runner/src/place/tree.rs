//! A text's values with the places where they stand, of JSON and of YAML.
//!
//! Nothing is judged by this: the texts were read before, by others and more strictly. Where the two
//! readers see different things, nothing is found, and nothing is marked.

use std::collections::HashSet;
use std::ops::Range;

use saphyr_parser::{Event, Parser, ScalarStyle, Span, StrInput};
use serde_json::value::RawValue;

use crate::document::{Format, Members};

/// Deeper than any document that is read.
const MAX_DEPTH: usize = 130;

/// A value and where it stands, in bytes.
#[derive(Debug)]
pub struct Node {
    /// From its first byte to after its last.
    pub span: Range<usize>,
    /// What is in it.
    pub inside: Inside,
}

/// What is in a value.
#[derive(Debug)]
pub enum Inside {
    /// Nothing that has a place of its own.
    Nothing,
    /// Elements.
    List(Vec<Node>),
    /// Members, in the order of the text.
    Map(Vec<Member>),
}

/// A member of an object.
#[derive(Debug)]
pub struct Member {
    /// Its name.
    pub key: String,
    /// Where its name stands.
    pub at: Range<usize>,
    /// Its value.
    pub node: Node,
}

/// The documents of a text. Empty ones do not count, as for those who read the text.
pub fn documents(text: &str, format: Format) -> Vec<Node> {
    match format {
        Format::Json => json_documents(text),
        Format::Yaml => Yaml::new(text).documents(),
    }
}

/// The first name that an object has twice, and where it stands the second time.
pub fn duplicate(node: &Node) -> Option<(&str, Range<usize>)> {
    match &node.inside {
        Inside::Nothing => None,
        Inside::List(elements) => elements.iter().find_map(duplicate),
        Inside::Map(members) => {
            let mut seen = HashSet::new();
            members.iter().find_map(|member| match seen.insert(member.key.as_str()) {
                true => duplicate(&member.node),
                false => Some((member.key.as_str(), member.at.clone())),
            })
        }
    }
}

fn json_documents(text: &str) -> Vec<Node> {
    let documents = serde_json::Deserializer::from_str(text).into_iter::<&RawValue>();
    documents.map_while(Result::ok).filter_map(|document| json(text, document, 0)).collect()
}

/// A value that is borrowed from the text: its address tells its place.
fn json(text: &str, value: &RawValue, depth: usize) -> Option<Node> {
    let value = value.get();
    let start = value.as_ptr().addr().checked_sub(text.as_ptr().addr())?;
    let span = start..start + value.len();
    if depth == MAX_DEPTH {
        return Some(Node { span, inside: Inside::Nothing });
    }
    let inside = match value.as_bytes().first() {
        Some(b'[') => {
            let elements: Vec<&RawValue> = serde_json::from_str(value).ok()?;
            Inside::List(elements.into_iter().map(|one| json(text, one, depth + 1)).collect::<Option<_>>()?)
        }
        Some(b'{') => {
            let mut after = start + 1;
            let Members(members) = serde_json::from_str::<Members<&RawValue>>(value).ok()?;
            let members = members.into_iter().map(|(key, value)| {
                let node = json(text, value, depth + 1)?;
                // Between two values stands nothing in quotes but a key.
                let between = text.get(after..node.span.start)?;
                let at = after + between.find('"')?..after + between.rfind('"')? + 1;
                after = node.span.end;
                Some(Member { key, at, node })
            });
            Inside::Map(members.collect::<Option<_>>()?)
        }
        _ => Inside::Nothing,
    };
    Some(Node { span, inside })
}

struct Yaml<'t> {
    text: &'t str,
    /// The byte at which each character begins: the parser counts characters.
    bytes: Vec<usize>,
    parser: Parser<'t, StrInput<'t>>,
}

impl<'t> Yaml<'t> {
    fn new(text: &'t str) -> Self {
        let bytes = text.char_indices().map(|(byte, _)| byte).chain([text.len()]).collect();
        Self { text, bytes, parser: Parser::new_from_str(text) }
    }

    fn documents(mut self) -> Vec<Node> {
        let mut documents = Vec::new();
        while let Some((event, _)) = self.next() {
            if let Event::DocumentStart(_) = event {
                let Some((first, span)) = self.next() else { break };
                let empty = is_null(&first);
                match self.node(first, span, 0) {
                    Some(_) if empty => {}
                    Some(document) => documents.push(document),
                    None => break,
                }
            }
        }
        documents
    }

    fn next(&mut self) -> Option<(Event<'t>, Span)> {
        self.parser.next_event()?.ok()
    }

    fn node(&mut self, event: Event<'t>, span: Span, depth: usize) -> Option<Node> {
        if depth == MAX_DEPTH {
            return None;
        }
        match event {
            Event::Scalar(..) | Event::Alias(_) => {
                Some(Node { span: self.span(span, span), inside: Inside::Nothing })
            }
            Event::SequenceStart(..) => {
                let mut elements = Vec::new();
                loop {
                    match self.next()? {
                        (Event::SequenceEnd, end) => {
                            let inner = elements.first().zip(elements.last());
                            let inner =
                                inner.map(|(first, last): (&Node, &Node)| first.span.start..last.span.end);
                            let span = self.collection(span, end, inner);
                            return Some(Node { span, inside: Inside::List(elements) });
                        }
                        (event, span) => elements.push(self.node(event, span, depth + 1)?),
                    }
                }
            }
            Event::MappingStart(..) => {
                let mut members: Vec<Member> = Vec::new();
                loop {
                    let (key, at) = match self.next()? {
                        (Event::MappingEnd, end) => {
                            let inner = members.first().zip(members.last());
                            let inner = inner
                                .map(|(first, last)| first.at.start..last.node.span.end.max(last.at.end));
                            let span = self.collection(span, end, inner);
                            return Some(Node { span, inside: Inside::Map(members) });
                        }
                        (Event::Scalar(key, ..), at) => (key.into_owned(), self.span(at, at)),
                        // A list or a map as a key is not read in the first place.
                        _ => return None,
                    };
                    let (event, span) = self.next()?;
                    let node = self.node(event, span, depth + 1)?;
                    members.push(Member { key, at, node });
                }
            }
            _ => None,
        }
    }

    /// A collection in brackets reaches from one to the other. One without begins and ends with what
    /// is in it: the parser notices its end only where something else begins.
    fn collection(&self, start: Span, end: Span, inner: Option<Range<usize>>) -> Range<usize> {
        let whole = self.span(start, end);
        let bracketed = self.text.get(whole.clone()).is_some_and(|text| text.starts_with(['{', '[']));
        inner.filter(|_| !bracketed).unwrap_or(whole)
    }

    fn span(&self, start: Span, end: Span) -> Range<usize> {
        let byte = |character: usize| self.bytes.get(character).copied().unwrap_or(self.text.len());
        let (start, end) = (byte(start.start.index()), byte(end.end.index()));
        let text = self.text.get(start..end).unwrap_or_default();
        start..start + quoted(text).unwrap_or(text.trim_end()).len()
    }
}

/// The part of a text that its quotes hold: the parser counts a comment behind them in.
fn quoted(text: &str) -> Option<&str> {
    let quote = text.chars().next().filter(|first| ['"', '\''].contains(first))?;
    let mut characters = text.char_indices().skip(1).peekable();
    while let Some((at, character)) = characters.next() {
        let next_is_quote = characters.peek().is_some_and(|(_, next)| *next == quote);
        if (quote == '"' && character == '\\') || (quote == '\'' && character == quote && next_is_quote) {
            characters.next();
        } else if character == quote {
            return text.get(..=at);
        }
    }
    None
}

/// Whether a document says nothing.
fn is_null(event: &Event<'_>) -> bool {
    match event {
        Event::Scalar(value, ScalarStyle::Plain, ..) => {
            ["", "~", "null", "Null", "NULL"].contains(&value.as_ref())
        }
        _ => false,
    }
}
