//! What a command may do, judged from its text and from what that calls in the repository.
//!
//! Three answers and one rule: what is on no list changes something. `programs.rs` is the table of
//! programs; `wrappers.rs` is for those that run others, `containers.rs`, `clouds.rs`, `services.rs`,
//! `sources.rs`, `files.rs`, `network.rs`, `data.rs` and `stores.rs` judge those whose arguments matter;
//! `sql.rs` judges what a database is told. `walk.rs` goes through a
//! text, and through the scripts and recipes that it calls. Nothing is run and nothing is expanded
//! but what is plain text.

mod clouds;
mod containers;
mod data;
mod files;
mod network;
mod programs;
mod services;
mod sources;
mod sql;
mod stores;
mod walk;
mod wrappers;

#[cfg(test)]
mod tests;

use super::Risk;
use super::shell::{Part, Word};
use crate::base::{RepoPath, text};

pub use walk::{Walk, joined, steers};

/// A risk and why it is that, as a phrase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Judgement {
    /// How much may happen.
    pub risk: Risk,
    /// Why.
    pub why: String,
    /// Whether it is nothing worth naming, such as `cd`.
    quiet: bool,
}

impl Judgement {
    /// What somebody else has judged; the phrase is cleaned for the screen.
    pub fn known(risk: Risk, why: impl Into<String>) -> Self {
        // Names of programs and their words come from the repository.
        Self { risk, why: text::clean_line(&why.into()), quiet: false }
    }

    /// It only looks.
    pub fn reads(why: impl Into<String>) -> Self {
        Self::known(Risk::ReadOnly, why)
    }

    /// It does nothing outside the shell that it runs in.
    fn nothing() -> Self {
        Self { risk: Risk::ReadOnly, why: "does nothing by itself".into(), quiet: true }
    }

    /// It changes something, or may.
    pub fn changes(why: impl Into<String>) -> Self {
        Self::known(Risk::Changes, why)
    }

    /// It may lose data or take a service away.
    pub fn destroys(why: impl Into<String>) -> Self {
        Self::known(Risk::Destroys, why)
    }

    /// The worse of the two; of equals the first that is worth naming.
    #[must_use]
    pub fn or_worse(self, other: Self) -> Self {
        if other.risk > self.risk || (other.risk == self.risk && self.quiet) { other } else { self }
    }
}

/// A risk and why it is that.
pub type Risky = (Risk, String);

/// Whether an argument array begins with something that only a shell knows.
pub fn needs_shell(argv: &[String]) -> bool {
    argv.first().is_none_or(|it| {
        matches!(
            it.as_str(),
            "cd" | "export"
                | "source"
                | "."
                | "eval"
                | "trap"
                | "read"
                | "set"
                | "unset"
                | "alias"
                | "[["
                | "command"
                | "exec"
                | "builtin"
                | "wait"
                | "ulimit"
                | "umask"
                | "type"
                | "local"
                | "declare"
                | "pushd"
                | "popd"
                | "exit"
                | "return"
                | ":"
                | "shopt"
        )
    })
}

/// A recipe of a task runner: what runs under a name.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Recipe {
    /// What a shell runs.
    pub text: String,
    /// The folder it runs in, below the root; `None` where that is not known.
    pub folder: Option<String>,
    /// Other recipes of the same book that run with it.
    pub needs: Vec<String>,
    /// The files that it is written in.
    pub files: Vec<RepoPath>,
    /// What it may do at the least, whatever its text says.
    pub least: Option<(Risk, String)>,
}

/// Who keeps recipes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Tool {
    /// make and its like.
    Make,
    /// npm, pnpm, yarn, bun.
    Node,
    /// just.
    Just,
    /// Task.
    Task,
    /// composer.
    Composer,
    /// poe, pdm, hatch.
    Python,
    /// mise.
    Mise,
    /// rake.
    Rake,
}

/// What a text may call that lies in the repository.
pub trait Around {
    /// The text of a file, by its path below the root, when it is one of the repository's.
    fn file(&self, path: &str) -> Option<String>;

    /// The recipe of this name that a tool would take in this folder. An empty name is the default.
    fn recipe(&self, tool: Tool, folder: &str, name: &str) -> Option<(String, Recipe)>;
}

/// Nothing around: a text is judged by itself.
#[derive(Debug, Clone, Copy, Default)]
pub struct Alone;

impl Around for Alone {
    fn file(&self, _: &str) -> Option<String> {
        None
    }

    fn recipe(&self, _: Tool, _: &str, _: &str) -> Option<(String, Recipe)> {
        None
    }
}

/// An argument as far as it is known.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Arg {
    /// Its text, with `…` or the variable's name for what is not known.
    text: String,
    /// Whether the text is all of it.
    known: bool,
    /// Whether it may turn out as several words, or as an option.
    open: bool,
    /// Whether it may turn out as several words.
    wide: bool,
    /// Whether it is a pattern of file names.
    glob: bool,
}

impl Arg {
    fn of(text: &str) -> Self {
        Self { text: text.to_owned(), known: true, open: false, wide: false, glob: false }
    }

    fn unknown() -> Self {
        Self { text: "…".to_owned(), known: false, open: true, wide: true, glob: false }
    }

    fn from_word(word: &Word) -> Self {
        let known = word.known();
        // What a repository ships as a file name may be an option.
        let glob = word.has_bare(&['*', '?', '[']);
        let leads = matches!(word.parts.first(),
            Some(Part::Text { text, quoted: false }) if text.starts_with(['*', '?', '[']));
        Self {
            open: word.is_open() || leads,
            wide: word.is_wide() || leads,
            text: known.clone().unwrap_or_else(|| word.shown()),
            known: known.is_some(),
            glob,
        }
    }

    fn is_option(&self) -> bool {
        self.text.starts_with('-') && self.text.len() > 1
    }
}

/// What a command reads from its standard input.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Input {
    /// The terminal, or nothing.
    None,
    /// This text.
    Text(String),
    /// Something that nobody knows beforehand.
    Unknown,
}

/// A command as it is judged: the program by its bare name, its arguments, its input.
struct Line<'a> {
    name: &'a str,
    args: &'a [Arg],
    input: &'a Input,
}

impl Line<'_> {
    /// Whether an argument may turn out as an option or as several words.
    fn is_open(&self) -> bool {
        self.args.iter().any(|it| it.open)
    }

    /// Whether one of these stands among the arguments, also as `--option=value`.
    fn has(&self, options: &[&str]) -> bool {
        self.args.iter().any(|arg| {
            options.iter().any(|it| {
                arg.text == *it
                    || (it.starts_with("--")
                        && arg.text.strip_prefix(it).is_some_and(|rest| rest.starts_with('=')))
            })
        })
    }

    /// Whether one of these may stand among the arguments: as it is, cut short as most programs
    /// allow for long options, or with its value glued to it.
    fn may_have(&self, options: &[&str]) -> bool {
        self.args.iter().any(|arg| {
            let name = arg.text.split('=').next().unwrap_or(&arg.text);
            options.iter().any(|it| {
                name == *it
                    || (it.starts_with("--") && name.len() > 2 && it.starts_with(name))
                    || (it.len() == 2 && !name.starts_with("--") && name.starts_with(it))
            })
        })
    }

    /// Whether a short option stands among the arguments, also together with others.
    fn has_short(&self, letter: char) -> bool {
        self.args.iter().any(|it| {
            it.text.starts_with('-') && !it.text.starts_with("--") && it.text.contains(letter)
        })
    }

    /// Arguments that are no options. Without knowing which options take values, these are in it.
    fn operands(&self) -> impl Iterator<Item = &Arg> {
        self.args.iter().filter(|it| !it.is_option())
    }

    /// The program with its first words, for a phrase.
    fn shown(&self, words: &[&str]) -> String {
        let mut out = format!("`{}", self.name);
        for word in words {
            out.push(' ');
            out.push_str(word);
        }
        out.push('`');
        out
    }
}

/// Splits arguments at the first that is no option. `values` are the options that take one more
/// argument, `flags` those that do not; any other option makes the split unsafe.
fn split_verb<'a>(
    args: &'a [Arg],
    values: &[&str],
    flags: &[&str],
) -> Option<(&'a [Arg], &'a [Arg])> {
    let mut at = 0;
    while let Some(arg) = args.get(at) {
        if !arg.is_option() {
            return (arg.known && !arg.open).then(|| args.split_at(at));
        }
        if !arg.known && !arg.text.contains('=') {
            return None;
        }
        let name = arg.text.split('=').next().unwrap_or(&arg.text);
        if values.contains(&name) {
            at += if arg.text.contains('=') { 1 } else { 2 };
        } else if flags.contains(&name) {
            at += 1;
        } else if !name.starts_with("--")
            && values.iter().any(|it| it.len() == 2 && name.starts_with(it))
        {
            // `-fcompose.yml`
            at += 1;
        } else {
            return None;
        }
    }
    Some((args, &[]))
}

/// What an unknown text may do: the word in it that says most.
fn by_words(what: &str, args: &[Arg]) -> Judgement {
    const WORDS: &[&str] = &[
        "delete",
        "destroy",
        "drop",
        "dropdb",
        "flush",
        "fresh",
        "kill",
        "nuke",
        "obliterate",
        "prune",
        "purge",
        "remove",
        "reset",
        "rm",
        "terminate",
        "truncate",
        "uninstall",
        "wipe",
        "downgrade",
        "shutdown",
        "clean",
        "rollback",
        "dropall",
        "flushall",
        "flushdb",
        "teardown",
    ];
    for arg in args {
        let lower = arg.text.to_ascii_lowercase();
        let parts = lower.split(|it: char| !it.is_ascii_alphanumeric());
        // `pruneusers`, `delete_all`: beginnings that no other word has.
        let begins = ["prune", "purge", "destroy", "truncate", "wipe", "delete"];
        let mut said =
            parts.filter(|it| WORDS.contains(it) || begins.iter().any(|word| it.starts_with(word)));
        // `--rm` takes away what the same command made; file names say nothing.
        if let Some(word) = said.next().filter(|_| lower != "--rm" && !lower.contains('/')) {
            return Judgement::destroys(format!("{what} with `{word}` may take something away"));
        }
    }
    Judgement::changes(format!("what {what} does is not known"))
}

/// Judges a text for a shell by itself, without a repository around it.
pub fn of_text(text: &str) -> Judgement {
    Walk::new(&Alone).script(text, Some(""))
}

/// Judges an argument array by itself.
pub fn of_argv(argv: &[String]) -> Judgement {
    Walk::new(&Alone).argv(argv, Some(""))
}
