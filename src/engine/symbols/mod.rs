//! What a file defines: functions, methods, classes, types, constants, with their lines.
//!
//! One lexer for all languages (`lexer.rs`, `texts.rs`), which leaves out comments and sees texts as
//! texts, and one scanner for each family, which knows the shapes that definitions have. No grammar
//! is needed for that, and no tree is made: a scanner goes over the tokens once, which costs little
//! beside reading the file. Files of other languages are read line by line (`line.rs`).
//!
//! A language is its file here and its line in [`LANGUAGES`]. How much the scanners find and how
//! often they are wrong is measured by `examples/symbol_truth.rs`.

mod c;
mod code;
mod csharp;
mod dart;
mod elixir;
mod go;
mod java;
mod kotlin;
mod lexer;
mod line;
mod markup;
mod php;
mod python;
mod ruby;
mod rust;
mod scala;
mod schema;
mod script;
mod shell;
mod sql;
mod swift;
mod terraform;
#[cfg(test)]
mod tests;
mod texts;

use crate::base::path::{extension_of, name_of};

use code::{Code, Out};
use lexer::{Rules, Token, tokens_of};

pub use line::{definition, definition_in};

/// What is defined.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Kind {
    /// A function of its own.
    Function,
    /// A function of a class or the like.
    Method,
    /// A class, a structure, an object.
    Class,
    /// An interface, a trait, a protocol, a service.
    Interface,
    /// An enumeration.
    Enum,
    /// Any other type: an alias, a union, a table.
    Type,
    /// A module or a namespace.
    Module,
    /// A constant, or one value of an enumeration.
    Constant,
    /// A property of a class.
    Property,
    /// A macro.
    Macro,
    /// Something else with a name: a resource, a trigger.
    Thing,
}

/// All kinds, by their numbers in the index.
const KINDS: &[Kind] = &[
    Kind::Function,
    Kind::Method,
    Kind::Class,
    Kind::Interface,
    Kind::Enum,
    Kind::Type,
    Kind::Module,
    Kind::Constant,
    Kind::Property,
    Kind::Macro,
    Kind::Thing,
];

impl Kind {
    /// The word for it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Function => "function",
            Self::Method => "method",
            Self::Class => "class",
            Self::Interface => "interface",
            Self::Enum => "enum",
            Self::Type => "type",
            Self::Module => "module",
            Self::Constant => "constant",
            Self::Property => "property",
            Self::Macro => "macro",
            Self::Thing => "definition",
        }
    }

    /// How likely it is what a bare name means: higher is likelier.
    pub fn rank(self) -> u8 {
        match self {
            Self::Class | Self::Interface | Self::Enum | Self::Type | Self::Module => 3,
            Self::Function | Self::Method | Self::Macro => 2,
            Self::Thing => 1,
            Self::Constant | Self::Property => 0,
        }
    }

    /// Its number, below 16.
    pub fn number(self) -> u8 {
        self as u8
    }

    /// The kind of this number.
    pub fn of_number(number: u8) -> Option<Self> {
        KINDS.get(usize::from(number)).copied()
    }
}

/// One definition.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Definition<'a> {
    /// Its name as written.
    pub name: &'a [u8],
    /// 1-based line of the name.
    pub line: u32,
    /// What it is.
    pub kind: Kind,
    /// The class or the like that it is in; empty where there is none.
    pub container: &'a [u8],
}

impl Definition<'_> {
    /// "method of Users".
    pub fn describe(&self) -> String {
        let kind = self.kind.name();
        if self.container.is_empty() {
            return kind.to_owned();
        }
        format!("{kind} of {}", String::from_utf8_lossy(self.container))
    }
}

/// A scanner: goes over the code and puts out what it defines.
type Scan = for<'a> fn(Code<'a, '_>, &mut Out<'a, '_, '_>);

/// A language: the endings of its files, how it writes what is no code, and its scanner.
struct Language {
    endings: &'static [&'static [u8]],
    rules: &'static Rules,
    scan: Scan,
}

/// The languages whose definitions are found exactly.
const LANGUAGES: &[Language] = &[
    Language { endings: &[b"py", b"pyi", b"pyw"], rules: &python::RULES, scan: python::scan },
    Language { endings: &[b"ts", b"mts", b"cts"], rules: &script::TYPED, scan: script::scan },
    Language {
        endings: &[b"js", b"jsx", b"mjs", b"cjs", b"tsx"],
        rules: &script::MARKUP,
        scan: script::scan,
    },
    Language { endings: &[b"java"], rules: &java::RULES, scan: java::scan },
    Language { endings: &[b"kt", b"kts"], rules: &kotlin::RULES, scan: kotlin::scan },
    Language { endings: &[b"cs"], rules: &csharp::RULES, scan: csharp::scan },
    Language { endings: &[b"go"], rules: &go::RULES, scan: go::scan },
    Language { endings: &[b"rs"], rules: &rust::RULES, scan: rust::scan },
    Language {
        endings: &[b"rb", b"rake", b"ru", b"gemspec"],
        rules: &ruby::RULES,
        scan: ruby::scan,
    },
    Language { endings: &[b"php", b"phtml"], rules: &php::RULES, scan: php::scan },
    Language {
        endings: &[
            b"c", b"h", b"cc", b"cpp", b"cxx", b"c++", b"hh", b"hpp", b"hxx", b"inl", b"ipp",
            b"cu", b"cuh", b"ino",
        ],
        rules: &c::RULES,
        scan: c::scan,
    },
    Language { endings: &[b"swift"], rules: &swift::RULES, scan: swift::scan },
    Language { endings: &[b"scala", b"sc"], rules: &scala::RULES, scan: scala::scan },
    Language { endings: &[b"ex", b"exs"], rules: &elixir::RULES, scan: elixir::scan },
    Language { endings: &[b"dart"], rules: &dart::RULES, scan: dart::scan },
    Language { endings: &[b"sql", b"psql", b"pgsql"], rules: &sql::RULES, scan: sql::scan },
    Language { endings: &[b"graphql", b"gql"], rules: &schema::GRAPHQL, scan: schema::graphql },
    Language { endings: &[b"proto"], rules: &schema::PROTO, scan: schema::proto },
    Language {
        endings: &[b"sh", b"bash", b"zsh", b"ksh", b"bats"],
        rules: &shell::RULES,
        scan: shell::scan,
    },
    Language {
        endings: &[b"tf", b"tofu", b"hcl"],
        rules: &terraform::RULES,
        scan: terraform::scan,
    },
];

/// What runs a file without an ending, by its first line.
const PROGRAMS: &[(&[u8], &[u8])] = &[
    (b"python", b"py"),
    (b"node", b"js"),
    (b"deno", b"ts"),
    (b"ruby", b"rb"),
    (b"php", b"php"),
    (b"elixir", b"exs"),
    (b"bash", b"sh"),
    (b"zsh", b"sh"),
    (b"ksh", b"sh"),
    (b"dash", b"sh"),
    (b"sh", b"sh"),
];

/// The most of a file that is looked at, in bytes: what lies behind is data, or a program wrote it.
const MOST: usize = 4 << 20;

/// Finds definitions; keeps its room from file to file.
#[derive(Default)]
pub struct Scanner {
    tokens: Vec<Token>,
}

impl Scanner {
    /// Calls `take` with each definition in the `text` of the file at `path`.
    pub fn for_each<'a>(
        &mut self,
        path: &[u8],
        text: &'a [u8],
        take: &mut dyn FnMut(Definition<'a>),
    ) {
        let text = text.get(..MOST).unwrap_or(text);
        let ending = extension_of(name_of(path)).to_ascii_lowercase();
        if markup::ENDINGS.contains(&ending.as_slice()) {
            for part in markup::scripts(text) {
                let rules = if part.typed { &script::TYPED } else { &script::MARKUP };
                self.scan(part.text, part.lines, rules, script::scan, take);
            }
            return;
        }
        match language_of(&ending, text) {
            Some(it) => self.scan(text, 0, it.rules, it.scan, take),
            None => line::for_each(text, take),
        }
    }

    fn scan<'a>(
        &mut self,
        text: &'a [u8],
        lines: u32,
        rules: &Rules,
        scan: Scan,
        take: &mut dyn FnMut(Definition<'a>),
    ) {
        let tokens = tokens_of(text, rules, std::mem::take(&mut self.tokens));
        let code = Code::new(text, &tokens);
        scan(code, &mut Out::new(code, lines, take));
        self.tokens = tokens;
        if self.tokens.capacity() > KEPT {
            self.tokens = Vec::new();
        }
    }

    /// All definitions of a file, in the order of the text.
    pub fn all<'a>(&mut self, path: &[u8], text: &'a [u8]) -> Vec<Definition<'a>> {
        let mut all = Vec::new();
        self.for_each(path, text, &mut |it| all.push(it));
        all.sort_by_key(|it| it.line);
        all
    }
}

/// Tokens whose room is kept for the next file.
const KEPT: usize = 1 << 17;

fn language_of(ending: &[u8], text: &[u8]) -> Option<&'static Language> {
    let known = |ending: &[u8]| LANGUAGES.iter().find(|it| it.endings.contains(&ending));
    if !ending.is_empty() {
        return known(ending);
    }
    let first = text.strip_prefix(b"#!")?;
    let first = first.split(|it| *it == b'\n').next()?;
    let first = first.get(..first.len().min(120))?;
    let words = first.split(|it| matches!(it, b' ' | b'/' | b'\t' | b'\r'));
    let ending = words.rev().find_map(|word| {
        PROGRAMS.iter().find(|(program, _)| word.starts_with(program)).map(|it| it.1)
    })?;
    known(ending)
}
