//! YAML as a tree with positions, of what a cluster file needs of it: one document, no anchors, no tags, few levels.
//!
//! Scalars stay the text that they are written as: nothing here turns `no` into a boolean or `01` into a number.

use std::borrow::Cow;

use saphyr_parser::{Event, Marker, Parser, ScalarStyle, ScanError, Span};

use super::fault::{FaultKind, Faults, Found, Position, Syntax};

/// How deep lists and mappings may stand in each other. The form of the file has four levels.
const MAX_DEPTH: usize = 16;

/// A value with the place where it stands.
#[derive(Debug)]
pub(super) struct Node<'a> {
    pub(super) position: Position,
    pub(super) content: Content<'a>,
}

#[derive(Debug)]
pub(super) enum Content<'a> {
    Mapping(Vec<(Node<'a>, Node<'a>)>),
    /// An alias, which has been reported.
    Refused,
    /// A plain one has no quotes.
    Scalar {
        text: Cow<'a, str>,
        plain: bool,
    },
    Sequence(Vec<Node<'a>>),
}

impl Node<'_> {
    /// Says what it is, as far as nothing is known of what it should be.
    pub(super) fn found(&self) -> Found {
        match &self.content {
            Content::Mapping(_) => Found::Mapping,
            Content::Refused => Found::Refused,
            Content::Scalar { .. } if self.is_nothing() => Found::Nothing,
            Content::Scalar { .. } => Found::Text,
            Content::Sequence(_) => Found::List,
        }
    }

    /// Says whether there is no value at all: a key with nothing behind its colon.
    pub(super) fn is_nothing(&self) -> bool {
        matches!(&self.content, Content::Scalar { text, plain: true } if text.is_empty())
    }
}

impl From<Marker> for Position {
    fn from(marker: Marker) -> Self {
        Self { line: marker.line(), column: marker.col() + 1 }
    }
}

/// A list or mapping that is not complete yet.
enum Open<'a> {
    Mapping { position: Position, key: Option<Node<'a>>, pairs: Vec<(Node<'a>, Node<'a>)> },
    Sequence { position: Position, items: Vec<Node<'a>> },
}

/// Reads the only document of a file; `None` if there is none, or if what is wrong with it has been reported as a whole.
pub(super) fn read<'a>(text: &'a str, faults: &mut Faults) -> Option<Node<'a>> {
    let mut tree = Tree { faults, open: Vec::new(), root: None };
    let mut parser = Parser::new_from_str(text);
    let mut documents = 0;
    while let Some(event) = parser.next_event() {
        let (event, span) = match event {
            Ok(event) => event,
            Err(error) => {
                let position = Position::from(*error.marker());
                tree.faults.push(position, FaultKind::Syntax(syntax_of(&error, text)));
                return None;
            }
        };
        if matches!(event, Event::DocumentStart(_)) {
            documents += 1;
            if documents > 1 {
                tree.faults.push(span.start.into(), FaultKind::SecondDocument);
                break;
            }
        }
        if !tree.take(event, span) {
            return None;
        }
    }
    tree.root
}

struct Tree<'a, 'f> {
    faults: &'f mut Faults,
    open: Vec<Open<'a>>,
    root: Option<Node<'a>>,
}

impl<'a> Tree<'a, '_> {
    /// Takes what comes next, and says whether to go on.
    fn take(&mut self, event: Event<'a>, span: Span) -> bool {
        let position = Position::from(span.start);
        let (anchor, is_tagged) = match &event {
            Event::Scalar(_, _, anchor, tag) | Event::SequenceStart(anchor, tag) | Event::MappingStart(anchor, tag) => {
                (*anchor, tag.is_some())
            }
            _ => (0, false),
        };
        if anchor != 0 {
            self.faults.push(position, FaultKind::Anchor);
        }
        if is_tagged {
            self.faults.push(position, FaultKind::Tag);
        }
        match event {
            Event::Alias(_) => {
                self.faults.push(position, FaultKind::Alias);
                self.add(Node { position, content: Content::Refused });
            }
            Event::Scalar(text, style, ..) => {
                let plain = style == ScalarStyle::Plain;
                self.add(Node { position, content: Content::Scalar { text, plain } });
            }
            Event::SequenceStart(..) | Event::MappingStart(..) if self.open.len() == MAX_DEPTH => {
                self.faults.push(position, FaultKind::TooDeep);
                return false;
            }
            Event::SequenceStart(..) => self.open.push(Open::Sequence { position, items: Vec::new() }),
            Event::MappingStart(..) => self.open.push(Open::Mapping { position, key: None, pairs: Vec::new() }),
            Event::SequenceEnd | Event::MappingEnd => {
                if let Some(open) = self.open.pop() {
                    self.add(open.close());
                }
            }
            Event::Nothing | Event::StreamStart | Event::StreamEnd | Event::DocumentStart(_) | Event::DocumentEnd => {}
        }
        true
    }

    fn add(&mut self, node: Node<'a>) {
        match self.open.last_mut() {
            None => self.root = Some(node),
            Some(Open::Sequence { items, .. }) => items.push(node),
            Some(Open::Mapping { key, pairs, .. }) => match key.take() {
                None => *key = Some(node),
                Some(key) => pairs.push((key, node)),
            },
        }
    }
}

impl<'a> Open<'a> {
    fn close(self) -> Node<'a> {
        match self {
            Self::Mapping { position, pairs, .. } => Node { position, content: Content::Mapping(pairs) },
            Self::Sequence { position, items } => Node { position, content: Content::Sequence(items) },
        }
    }
}

/// Says in plain words what the parser does not like. Its own words hold nothing of the text but the one character that is
/// left out here.
fn syntax_of(error: &ScanError, text: &str) -> Syntax {
    let info = error.info();
    let has = |words: &str| info.contains(words);
    if has("unknown anchor") || has("did not find expected alphabetic or numeric") {
        return Syntax::Star;
    }
    if touches_bracket(text, error.marker().index()) {
        return Syntax::Range;
    }
    match () {
        () if has("unexpected character") => Syntax::FirstCharacter,
        () if has("tab") && !has("unacceptable") && (has("tabs") || has(" tab")) => Syntax::Tab,
        () if has("expected ',' or") => Syntax::Comma,
        () if has("mapping values are not allowed") || has("illegal placement of ':'") => Syntax::Colon,
        () if has("simple key") || has("expected key") || has("mapping keys are not allowed") => Syntax::Key,
        () if has("quoted scalar, found unexpected") => Syntax::Quote,
        () if has("trailing content after double-quoted") => Syntax::AfterQuote,
        () if has("escape") && has("quoted") || has("hexadecimal number") => Syntax::Escape,
        () if has("indentation") || has("indented") || has("expected '-'") => Syntax::Indentation,
        () if has("unprintable") => Syntax::Unprintable,
        () if has("tag") || has("TAG") || has("handle") => Syntax::Tag,
        () if has("misplaced bracket") => Syntax::Bracket,
        () if has("comment intercepting") => Syntax::Comment,
        () => Syntax::Other,
    }
}

/// Says whether a bracket or brace that belongs to a name stands where the parser stopped, as in `[broker[1-3]]`.
fn touches_bracket(text: &str, index: usize) -> bool {
    let mut around = text.chars().skip(index.saturating_sub(1));
    let before = if index == 0 { None } else { around.next() };
    let at = around.next();
    let is_name = |c: Option<char>| c.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | '-' | '_' | '*'));
    let opens = matches!(at, Some('[' | '{')) && (is_name(before) || matches!(before, Some(']' | '}')));
    let closes = matches!(before, Some(']' | '}')) && (is_name(at) || matches!(at, Some('[' | '{')));
    opens || closes
}
