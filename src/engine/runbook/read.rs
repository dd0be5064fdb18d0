//! Markdown to a [`Document`]: pulldown-cmark takes it apart, here it becomes blocks in a row.

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Options, Parser, Tag, TagEnd};

use super::link::{mention, resolve};
use super::{Block, Document, Kind, Piece, Target, Within};
use crate::base::{RepoPath, text};

/// Lists and quotations in each other that are shown as such. What is deeper is shown at this
/// depth: a screen has no room for more.
const DEEPEST: usize = 8;
/// Blocks that are read.
const MOST_BLOCKS: usize = 50_000;
/// Columns of a table that are read.
const MOST_COLUMNS: usize = 32;

/// Reads a document that lies at `from`; `exists` tells which files there are.
pub fn read(markdown: &str, from: &RepoPath, exists: &dyn Fn(&RepoPath) -> bool) -> Document {
    let options = Options::ENABLE_TABLES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS;
    let starts: Vec<usize> = std::iter::once(0)
        .chain(memchr::memchr_iter(b'\n', markdown.as_bytes()).map(|it| it + 1))
        .collect();
    let mut reader = Reader { from, exists, starts, ..Reader::new(from, exists) };
    for (event, range) in Parser::new_ext(markdown, options).into_offset_iter() {
        if reader.blocks.len() >= MOST_BLOCKS {
            break;
        }
        reader.take(event, &range);
    }
    let blocks = reader.blocks;
    let title = blocks.iter().find_map(|it| match &it.kind {
        Kind::Heading(_, pieces) => Some(super::plain(pieces)),
        _ => None,
    });
    Document { title, blocks }
}

struct Reader<'a> {
    from: &'a RepoPath,
    exists: &'a dyn Fn(&RepoPath) -> bool,
    /// Where each line begins.
    starts: Vec<usize>,
    blocks: Vec<Block>,
    /// The pieces of what is being read.
    pieces: Vec<Piece>,
    range: (usize, usize),
    look: Piece,
    within: Vec<Option<Within>>,
    /// The next number of each list around; `None` for lists without.
    lists: Vec<Option<u64>>,
    table: Vec<Vec<Vec<Piece>>>,
    code: Option<(String, String)>,
    /// What is passed over: the head of a file that a generator reads.
    skipping: bool,
}

impl<'a> Reader<'a> {
    fn new(from: &'a RepoPath, exists: &'a dyn Fn(&RepoPath) -> bool) -> Self {
        Self {
            from,
            exists,
            starts: Vec::new(),
            blocks: Vec::new(),
            pieces: Vec::new(),
            range: (0, 0),
            look: Piece::default(),
            within: Vec::new(),
            lists: Vec::new(),
            table: Vec::new(),
            code: None,
            skipping: false,
        }
    }

    fn take(&mut self, event: Event<'_>, range: &std::ops::Range<usize>) {
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.end(tag),
            Event::Text(it) => {
                if let Some((_, code)) = &mut self.code {
                    code.push_str(&it);
                } else if !self.skipping {
                    self.say(&it, range);
                }
            }
            Event::Code(it) => {
                let link = self.look.link.clone();
                let link = link.or_else(|| mention(&it, self.from, self.exists));
                let text = text::clean_line(&it);
                self.touch(range);
                self.pieces.push(Piece { text, code: true, link, ..self.look.clone() });
            }
            Event::SoftBreak => self.say(" ", range),
            Event::HardBreak => self.say("\n", range),
            Event::Rule => {
                self.flush();
                self.touch(range);
                self.push(Kind::Rule);
            }
            Event::TaskListMarker(done) => {
                if let Some(Some(Within::Item { sign, .. })) = self.within.last_mut() {
                    if done { "[x]" } else { "[ ]" }.clone_into(sign);
                }
            }
            Event::Html(it) | Event::InlineHtml(it) => self.html(&it, range),
            Event::FootnoteReference(it) => self.say(&format!("[{it}]"), range),
            Event::InlineMath(it) | Event::DisplayMath(it) => self.say(&it, range),
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: &std::ops::Range<usize>) {
        match tag {
            Tag::Paragraph | Tag::Heading { .. } => {
                self.flush();
                self.range = (range.start, range.end);
            }
            Tag::BlockQuote(_) => {
                self.flush();
                self.enter(Within::Quote);
            }
            Tag::CodeBlock(kind) => {
                self.flush();
                self.range = (range.start, range.end);
                let language = match kind {
                    CodeBlockKind::Fenced(info) => {
                        let word = info.split([' ', ',', '{']).next().unwrap_or_default();
                        text::clean_line(word)
                    }
                    CodeBlockKind::Indented => String::new(),
                };
                self.code = Some((language, String::new()));
            }
            Tag::List(number) => {
                self.flush();
                self.lists.push(number);
            }
            Tag::Item => {
                self.flush();
                let sign = match self.lists.last_mut() {
                    Some(Some(number)) => {
                        *number = number.saturating_add(1);
                        format!("{}.", *number - 1)
                    }
                    _ => "•".to_owned(),
                };
                self.enter(Within::Item { sign, first: true });
            }
            Tag::FootnoteDefinition(name) => {
                self.flush();
                self.enter(Within::Item {
                    sign: format!("[{}]", text::clean_line(&name)),
                    first: true,
                });
            }
            Tag::Table(_) => {
                self.flush();
                self.range = (range.start, range.end);
                self.table.clear();
            }
            Tag::TableHead | Tag::TableRow => self.table.push(Vec::new()),
            Tag::Strong => self.look.strong = true,
            Tag::Emphasis => self.look.emphasis = true,
            Tag::Strikethrough => self.look.struck = true,
            Tag::Link { dest_url, .. } => {
                self.look.link = Some(resolve(&dest_url, self.from, self.exists));
            }
            Tag::Image { dest_url, .. } => {
                self.say("image: ", range);
                self.look.link = Some(resolve(&dest_url, self.from, self.exists));
            }
            Tag::MetadataBlock(_) => self.skipping = true,
            _ => {}
        }
    }

    fn end(&mut self, tag: TagEnd) {
        match tag {
            TagEnd::Paragraph => self.flush(),
            TagEnd::Heading(level) => {
                let pieces = self.taken();
                self.push(Kind::Heading(level_of(level), pieces));
            }
            TagEnd::BlockQuote(_) | TagEnd::Item | TagEnd::FootnoteDefinition => {
                self.flush();
                // An empty item is one all the same.
                if let Some(Some(Within::Item { first: true, .. })) = self.within.last() {
                    self.push(Kind::Text(Vec::new()));
                }
                self.within.pop();
            }
            TagEnd::List(_) => {
                self.flush();
                self.lists.pop();
            }
            TagEnd::CodeBlock => {
                let (language, code) = self.code.take().unwrap_or_default();
                let lines = code.lines().map(text::clean_line).collect();
                self.push(Kind::Code { language, lines });
            }
            TagEnd::TableCell => {
                let cell = self.taken();
                if let Some(row) = self.table.last_mut().filter(|it| it.len() < MOST_COLUMNS) {
                    row.push(cell);
                }
            }
            TagEnd::Table => {
                let table = std::mem::take(&mut self.table);
                self.push(Kind::Table(table));
            }
            TagEnd::Strong => self.look.strong = false,
            TagEnd::Emphasis => self.look.emphasis = false,
            TagEnd::Strikethrough => self.look.struck = false,
            TagEnd::Link | TagEnd::Image => self.look.link = None,
            TagEnd::MetadataBlock(_) => self.skipping = false,
            _ => {}
        }
    }

    /// HTML is shown as what it says: comments and tags are left out.
    fn html(&mut self, html: &str, range: &std::ops::Range<usize>) {
        let mut rest = html;
        while !rest.is_empty() {
            let Some(at) = rest.find('<') else { break };
            let (before, tag) = rest.split_at(at);
            self.say_html(before, range);
            let end = if tag.starts_with("<!--") {
                tag.find("-->").map(|it| it + 3)
            } else {
                tag.find('>').map(|it| it + 1)
            };
            rest = tag.get(end.unwrap_or(tag.len())..).unwrap_or_default();
        }
        self.say_html(rest, range);
    }

    fn say_html(&mut self, said: &str, range: &std::ops::Range<usize>) {
        let said = said.trim();
        if !said.is_empty() {
            self.say(&format!("{said} "), range);
        }
    }

    fn enter(&mut self, within: Within) {
        let deep = self.within.iter().flatten().count() >= DEEPEST;
        self.within.push((!deep).then_some(within));
    }

    fn touch(&mut self, range: &std::ops::Range<usize>) {
        if self.pieces.is_empty() {
            self.range = (range.start, range.end);
        }
        self.range.1 = self.range.1.max(range.end);
    }

    fn say(&mut self, said: &str, range: &std::ops::Range<usize>) {
        self.touch(range);
        let mut parts = said.split('\n');
        let mut text = text::clean_line(parts.next().unwrap_or_default());
        for part in parts {
            text.push('\n');
            text.push_str(&text::clean_line(part));
        }
        let same = |it: &&mut Piece| Piece { text: String::new(), ..(**it).clone() } == self.look;
        if self.pieces.len() > 10_000 {
            // Pieces are joined where there are very many: their looks matter no more.
            if let Some(last) = self.pieces.last_mut() {
                last.text.push_str(&text);
            }
            return;
        }
        let last = self.pieces.last_mut().filter(|it| it.text.len() < 4096);
        match last.filter(same) {
            Some(last) => last.text.push_str(&text),
            None => self.pieces.push(Piece { text, ..self.look.clone() }),
        }
    }

    fn taken(&mut self) -> Vec<Piece> {
        std::mem::take(&mut self.pieces)
    }

    /// What has been said so far becomes a paragraph.
    fn flush(&mut self) {
        if !self.pieces.is_empty() {
            let pieces = self.taken();
            self.push(Kind::Text(pieces));
        }
    }

    fn push(&mut self, kind: Kind) {
        let within = self.within.iter().flatten().cloned().collect();
        for around in self.within.iter_mut().flatten() {
            if let Within::Item { first, .. } = around {
                *first = false;
            }
        }
        let line = |at: usize| self.starts.partition_point(|it| *it <= at) as u32;
        let (start, end) = self.range;
        let block = Block {
            line: line(start).max(1),
            last: line(end.saturating_sub(1)).max(1),
            within,
            kind,
        };
        self.blocks.push(block);
    }
}

fn level_of(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

/// Whether a target can be followed.
impl Target {
    /// Whether something is there to go to.
    pub fn leads(&self) -> bool {
        !matches!(self, Self::Missing(_))
    }
}
