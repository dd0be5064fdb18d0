//! Where a function stands in a text, and where a place of an older version has moved to.
//!
//! Text is looked at, not a syntax tree: a trace names functions of a dozen languages, and a line
//! near the right one is worth more than none. A definition ends where the indentation returns.

use std::cell::OnceCell;

use crate::engine::symbols::{self, Definition, Scanner};
use crate::engine::tokens;

/// Lines of a definition, 1-based and both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// The line with the name.
    pub first: u64,
    /// The last line of the body.
    pub last: u64,
}

impl Span {
    /// Whether a line lies in it.
    pub fn holds(self, line: u64) -> bool {
        (self.first..=self.last).contains(&line)
    }
}

/// What stands before the name of a method that no keyword introduces, if anything does.
const NOT_BEFORE: &[&str] = &[
    "return", "await", "new", "throw", "yield", "if", "while", "for", "else", "in", "of", "case",
    "not", "and", "or", "assert", "raise", "delete", "typeof", "match", "import", "from", "del",
    "go", "defer",
];

/// The lines of a text.
pub struct Lines<'a> {
    path: &'a [u8],
    text: &'a [u8],
    each: Vec<&'a [u8]>,
    /// What the text defines, once that was asked for.
    definitions: OnceCell<Vec<Definition<'a>>>,
}

impl<'a> Lines<'a> {
    /// Splits the text of the file at `path`.
    pub fn of(path: &'a [u8], text: &'a [u8]) -> Self {
        let each = text.split(|&it| it == b'\n').collect();
        Self { path, text, each, definitions: OnceCell::new() }
    }

    /// How many there are.
    pub fn len(&self) -> u64 {
        self.each.len() as u64
    }

    /// Where functions, methods or types of this name are defined; where none is, what looks like a
    /// definition of it.
    pub fn defining(&self, name: &str) -> Vec<Span> {
        let definitions =
            self.definitions.get_or_init(|| Scanner::default().all(self.path, self.text));
        let exact: Vec<Span> = definitions
            .iter()
            .filter(|it| it.name == name.as_bytes())
            .map(|it| self.span(it.line.saturating_sub(1) as usize))
            .collect();
        if !exact.is_empty() {
            return exact;
        }
        let finder = memchr::memmem::Finder::new(name.as_bytes());
        let mut found = Vec::new();
        for (at, line) in self.each.iter().enumerate() {
            if line.len() > 2000 || finder.find(line).is_none() || !defines(line, name) {
                continue;
            }
            // A line that ends a statement and opens nothing only declares or calls.
            let closed = line.trim_ascii_end().ends_with(b";")
                && !line.contains(&b'{')
                && !line.contains(&b'=');
            if closed {
                continue;
            }
            found.push(self.span(at));
        }
        found
    }

    fn span(&self, at: usize) -> Span {
        let Some(line) = self.each.get(at) else {
            return Span { first: at as u64 + 1, last: at as u64 + 1 };
        };
        let indent = indent_of(line);
        let mut last = at;
        for (place, line) in self.each.iter().enumerate().skip(at + 1) {
            let trimmed = line.trim_ascii();
            if trimmed.is_empty() {
                continue;
            }
            if indent_of(line) <= indent {
                // The rest of a heading over several lines, then the body, then its end.
                let opens = [b"{".as_slice(), b":", b"=>", b"="];
                let heading = (trimmed.starts_with(b")")
                    && opens.iter().any(|it| trimmed.ends_with(it)))
                    || trimmed == b"{"
                    || trimmed.starts_with(b"where");
                if heading {
                    last = place;
                    continue;
                }
                let closes = trimmed.starts_with(b"}")
                    || trimmed.starts_with(b"end")
                    || trimmed.starts_with(b")");
                let goes_on =
                    [b"rescue".as_slice(), b"ensure", b"else", b"catch", b"finally", b"#", b"//"]
                        .iter()
                        .any(|it| trimmed.starts_with(it));
                if goes_on {
                    continue;
                }
                if closes {
                    last = place;
                }
                break;
            }
            last = place;
        }
        Span { first: at as u64 + 1, last: last as u64 + 1 }
    }

    /// The line nearest to `near` that says exactly this, blanks at its ends aside.
    pub fn saying(&self, code: &str, near: u64) -> Option<u64> {
        let code = code.trim().as_bytes();
        if code.len() < 3 {
            return None;
        }
        let all = self.each.iter().enumerate().filter(|(_, line)| line.trim_ascii() == code);
        all.map(|(at, _)| at as u64 + 1).min_by_key(|line| line.abs_diff(near))
    }
}

fn indent_of(line: &[u8]) -> usize {
    line.iter()
        .take_while(|it| matches!(it, b' ' | b'\t'))
        .map(|it| if *it == b'\t' { 4 } else { 1 })
        .sum()
}

/// Whether a line looks like the definition of `name`, with a keyword or without.
fn defines(line: &[u8], name: &str) -> bool {
    let Ok(text) = std::str::from_utf8(line) else { return false };
    let trimmed = text.trim_start();
    // Ruby and Elixir: `check?` is another method than `check`.
    let marked = |mark: char| trimmed.contains(&format!("{name}{mark}"));
    if trimmed.starts_with("def") && !name.ends_with(['?', '!']) && (marked('?') || marked('!')) {
        return false;
    }
    let bare = name.trim_end_matches(['?', '!', '=']);
    if symbols::definition_in(line).is_some_and(|it| it == bare.as_bytes()) {
        return true;
    }
    if trimmed.starts_with("//") || trimmed.starts_with('#') || trimmed.starts_with('*') {
        return false;
    }
    let mut from = 0;
    while let Some(at) = trimmed.get(from..).and_then(|it| it.find(name)) {
        let at = from + at;
        from = at + name.len();
        let before = trimmed.get(..at).unwrap_or_default();
        let after = trimmed.get(from..).unwrap_or_default();
        let bordered = |it: Option<u8>| it.is_none_or(|it| !tokens::is_word_byte(it));
        if !bordered(before.bytes().last()) || !bordered(after.bytes().next()) {
            continue;
        }
        // name(…) {   type name(…)   name: function(…)   name = async (…) =>
        let after = after.trim_start();
        let generic = if after.starts_with('<') {
            after.find('>').and_then(|it| after.get(it + 1..)).unwrap_or(after)
        } else {
            after
        };
        let called = generic.starts_with('(');
        let value = after.trim_start_matches('?');
        let assigned = (value.starts_with('=') || value.starts_with(':'))
            && (value.contains("=>") || value.contains("function") || value.contains("lambda"));
        let before = before.trim_end();
        let words_only =
            before.bytes().all(|it| tokens::is_word_byte(it) || b" <>,[]?&*.@:\\".contains(&it));
        let last_word = before.rsplit(|it: char| it.is_whitespace()).next().unwrap_or_default();
        let dotted =
            before.ends_with('.') || before.ends_with("->") || before.ends_with("::") && !called;
        if !words_only
            || dotted
            || NOT_BEFORE.contains(&last_word)
            || before.ends_with(',')
            || before.ends_with(':')
        {
            continue;
        }
        if assigned {
            return true;
        }
        if called {
            // A call stands alone on its line and ends there; a definition opens a body.
            let rest = generic.trim_end();
            let opens = rest.ends_with('{')
                || rest.ends_with("=>")
                || rest.ends_with('(')
                || rest.ends_with(',')
                || rest.ends_with(':')
                || rest.ends_with('=');
            if opens || (!before.is_empty() && !rest.ends_with(';')) {
                return true;
            }
        }
    }
    false
}

/// Where to look in a text: the line, and why it is not the one that was named.
#[derive(Debug, Clone, PartialEq)]
pub struct Anchor {
    /// 1-based.
    pub line: Option<u64>,
    /// Whether the text confirms the place: the function or the source line is there.
    pub confirmed: bool,
    /// What was done, when the line is another than was named.
    pub moved: Option<String>,
}

/// Finds the place of `line`, `function` and `code` in a text that may be newer or older.
pub fn anchor(
    lines: &Lines<'_>,
    line: Option<u64>,
    function: Option<&str>,
    code: Option<&str>,
) -> Anchor {
    let named = line.filter(|it| *it <= lines.len());
    if let Some(code) = code
        && let Some(there) = lines.saying(code, line.unwrap_or(1))
    {
        let moved = (Some(there) != line).then(|| moved_from(line));
        return Anchor { line: Some(there), confirmed: true, moved };
    }
    let spans = function.map(|it| lines.defining(it)).unwrap_or_default();
    if let Some(line) = named
        && (spans.is_empty()
            || spans.iter().any(|it| it.holds(line) || it.first.abs_diff(line) <= 3))
    {
        return Anchor { line: Some(line), confirmed: !spans.is_empty(), moved: None };
    }
    let nearest = spans.iter().min_by_key(|it| line.map_or(0, |line| it.first.abs_diff(line)));
    match (nearest, line) {
        (Some(span), Some(_)) => {
            Anchor { line: Some(span.first), confirmed: true, moved: Some(moved_from(line)) }
        }
        (Some(span), None) => Anchor { line: Some(span.first), confirmed: true, moved: None },
        (None, Some(line)) => Anchor {
            line: None,
            confirmed: false,
            moved: Some(format!("line {line} is beyond the end of the file")),
        },
        (None, None) => Anchor { line: None, confirmed: false, moved: None },
    }
}

fn moved_from(line: Option<u64>) -> String {
    line.map_or_else(|| "found by its text".to_owned(), |it| format!("moved from line {it}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    const TYPESCRIPT: &[u8] = b"export class PortfolioService {\n  public async getPositions(\n    id: string\n  ): Promise<Position[]> {\n    return this.find(id);\n  }\n\n  private find(id) {\n    this.getPositions(id);\n  }\n}\n";
    const RUBY: &[u8] = b"class A\n  def check(x)\n    x.each do |y|\n      y\n    end\n  rescue\n    1\n  end\n\n  def model\n  end\nend\n";

    #[test]
    fn methods_are_found_with_their_bodies() {
        let lines = Lines::of(b"a.ts", TYPESCRIPT);
        assert_eq!(lines.defining("getPositions"), [Span { first: 2, last: 6 }]);
        assert_eq!(lines.defining("find"), [Span { first: 8, last: 10 }]);
        assert_eq!(Lines::of(b"a.rb", RUBY).defining("check"), [Span { first: 2, last: 8 }]);
    }

    #[test]
    fn a_line_that_moved_is_found_again() {
        let lines = Lines::of(b"a.rb", RUBY);
        let at = |line, function, code| anchor(&lines, line, function, code);
        assert_eq!(at(Some(4), Some("check"), None).line, Some(4));
        assert_eq!(at(Some(10), Some("check"), None).line, Some(2));
        assert_eq!(at(Some(1), None, Some("x.each do |y|")).line, Some(3));
        assert_eq!(at(Some(400), Some("check"), None).line, Some(2));
        assert_eq!(at(Some(400), None, None).line, None);
    }
}
