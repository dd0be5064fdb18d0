//! The language families that content rules speak of, told by a file's name.

use crate::base::path::extension_of;

/// Languages that share their frameworks' words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum Language {
    /// Python.
    Python,
    /// JavaScript and TypeScript, with the files that hold them (Vue, Svelte, Astro).
    JavaScript,
    /// Java, Kotlin, Scala, Groovy.
    Java,
    /// Ruby.
    Ruby,
    /// PHP.
    Php,
    /// Elixir and Erlang.
    Elixir,
    /// C# and its neighbours.
    CSharp,
    /// Go.
    Go,
    /// Rust.
    Rust,
    /// C, C++, Objective-C.
    C,
    /// Shells.
    Shell,
    /// Configuration and data: YAML, JSON, TOML, XML, SQL, schemas.
    Data,
}

/// All of them, by the name that role files use.
pub const LANGUAGES: &[(&str, Language)] = &[
    ("python", Language::Python),
    ("javascript", Language::JavaScript),
    ("java", Language::Java),
    ("ruby", Language::Ruby),
    ("php", Language::Php),
    ("elixir", Language::Elixir),
    ("csharp", Language::CSharp),
    ("go", Language::Go),
    ("rust", Language::Rust),
    ("c", Language::C),
    ("shell", Language::Shell),
    ("data", Language::Data),
];

impl Language {
    /// The language of a file with this lower-case name.
    pub fn of(name: &[u8]) -> Option<Self> {
        Some(match extension_of(name) {
            b"py" | b"pyi" | b"pyx" => Self::Python,
            b"js" | b"jsx" | b"ts" | b"tsx" | b"mjs" | b"cjs" | b"mts" | b"cts" | b"vue"
            | b"svelte" | b"astro" | b"coffee" => Self::JavaScript,
            b"java" | b"kt" | b"kts" | b"scala" | b"groovy" => Self::Java,
            b"rb" | b"ru" | b"rake" => Self::Ruby,
            b"php" => Self::Php,
            b"ex" | b"exs" | b"erl" => Self::Elixir,
            b"cs" | b"fs" | b"vb" | b"razor" => Self::CSharp,
            b"go" => Self::Go,
            b"rs" => Self::Rust,
            b"c" | b"h" | b"cc" | b"cpp" | b"cxx" | b"hpp" | b"hh" | b"m" | b"mm" => Self::C,
            b"sh" | b"bash" | b"zsh" => Self::Shell,
            b"yml" | b"yaml" | b"json" | b"toml" | b"xml" | b"properties" | b"ini" | b"conf"
            | b"cfg" | b"sql" | b"prisma" | b"graphql" | b"proto" | b"neon" => Self::Data,
            _ => return None,
        })
    }

    /// Its bit in a set of languages.
    pub fn bit(self) -> u32 {
        1 << (self as u8)
    }
}
