//! The query language: from what was typed to what is asked.
//!
//! Nothing typed is an error: what is not understood counts as words, and says so.

use crate::base::suggest::did_you_mean;
use crate::base::{Checked, Diagnostic};
use crate::engine::roles::{RoleBits, RoleSet};

/// A word that is matched loosely against paths and ranked in text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Word {
    /// As typed.
    pub text: String,
    /// In lower case.
    pub lower: String,
    /// Whether capitals were typed: then case counts.
    pub cased: bool,
}

impl Word {
    /// A word as typed.
    pub fn new(text: &str) -> Self {
        let lower = text.to_lowercase();
        Self { cased: lower != text, text: text.to_owned(), lower }
    }

    /// Whether the word is a number or a code: never matched loosely.
    pub fn is_number(&self) -> bool {
        self.text.bytes().any(|byte| byte.is_ascii_digit())
            && self.text.bytes().all(|byte| !byte.is_ascii_alphabetic())
    }
}

/// A query, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// What was typed.
    pub raw: String,
    /// The loose words.
    pub words: Vec<Word>,
    /// Texts that the content must hold as they are.
    pub literals: Vec<Word>,
    /// Texts that the content must not hold.
    pub not_literals: Vec<Word>,
    /// Beginnings of the path or of the file name.
    pub prefixes: Vec<Word>,
    /// Ends of the path.
    pub suffixes: Vec<Word>,
    /// Texts that the path must not hold.
    pub nots: Vec<Word>,
    /// Names that the file must define.
    pub symbols: Vec<String>,
    /// Roles of which the file must have one.
    pub roles: RoleBits,
    /// Extensions of which the file must have one, in lower case.
    pub extensions: Vec<String>,
    /// Texts that the path must hold, in lower case.
    pub paths: Vec<String>,
    /// Owners, each of which must own the file.
    pub owners: Vec<String>,
    /// Repositories of which the file must be in one, in lower case.
    pub repositories: Vec<String>,
    /// Repositories in which the file must not be, in lower case.
    pub not_repositories: Vec<String>,
    /// Greatest age in seconds since the last change.
    pub changed_within: Option<u64>,
    /// `:42` or `:42:7` at the end of a word.
    pub line: Option<(u64, u64)>,
}

impl Query {
    /// Whether nothing at all is asked.
    pub fn is_empty(&self) -> bool {
        *self == Self { raw: self.raw.clone(), ..Self::default() }
    }

    /// What a file must be, without the words, texts and symbols that are looked for.
    #[must_use]
    pub fn filters(&self) -> Self {
        Self {
            prefixes: self.prefixes.clone(),
            suffixes: self.suffixes.clone(),
            nots: self.nots.clone(),
            roles: self.roles,
            extensions: self.extensions.clone(),
            paths: self.paths.clone(),
            owners: self.owners.clone(),
            repositories: self.repositories.clone(),
            not_repositories: self.not_repositories.clone(),
            changed_within: self.changed_within,
            ..Self::default()
        }
    }

    /// Whether the query may be somebody's name for a file: one to three words.
    pub fn may_be_name(&self) -> bool {
        (1..=3).contains(&self.words.len())
    }

    /// Whether the query is a sentence that holds quotes, such as a message that was copied, and not
    /// a list of texts that all must be there.
    pub fn is_quoting_sentence(&self) -> bool {
        self.words.len() >= 4
            && !(self.literals.is_empty() && self.symbols.is_empty())
            && self.not_literals.is_empty()
    }

    /// The exact text, where contents are asked for one and for nothing else.
    pub fn only_text(&self) -> Option<&Word> {
        let alone =
            self.words.is_empty() && self.symbols.is_empty() && self.not_literals.is_empty();
        match self.literals.as_slice() {
            [text] if alone => Some(text),
            _ => None,
        }
    }

    /// Whether there is anything to look for in contents.
    pub fn asks_content(&self) -> bool {
        !self.words.is_empty() || !self.literals.is_empty()
    }
}

/// Languages and their extensions, for `lang:`.
const LANGUAGES: &[(&str, &[&str])] = &[
    ("python", &["py", "pyi"]),
    ("py", &["py", "pyi"]),
    ("rust", &["rs"]),
    ("rs", &["rs"]),
    ("go", &["go"]),
    ("typescript", &["ts", "tsx", "mts", "cts"]),
    ("ts", &["ts", "tsx", "mts", "cts"]),
    ("javascript", &["js", "jsx", "mjs", "cjs"]),
    ("js", &["js", "jsx", "mjs", "cjs"]),
    ("java", &["java"]),
    ("kotlin", &["kt", "kts"]),
    ("kt", &["kt", "kts"]),
    ("scala", &["scala"]),
    ("ruby", &["rb", "erb", "rake"]),
    ("rb", &["rb", "erb", "rake"]),
    ("php", &["php"]),
    ("c", &["c", "h"]),
    ("cpp", &["cpp", "cc", "cxx", "hpp", "hh", "h"]),
    ("csharp", &["cs"]),
    ("cs", &["cs"]),
    ("fsharp", &["fs", "fsx"]),
    ("elixir", &["ex", "exs", "eex", "heex"]),
    ("ex", &["ex", "exs", "eex", "heex"]),
    ("erlang", &["erl", "hrl"]),
    ("swift", &["swift"]),
    ("dart", &["dart"]),
    ("lua", &["lua"]),
    ("shell", &["sh", "bash", "zsh", "fish"]),
    ("sh", &["sh", "bash", "zsh", "fish"]),
    ("sql", &["sql"]),
    ("html", &["html", "htm"]),
    ("css", &["css", "scss", "sass", "less"]),
    ("vue", &["vue"]),
    ("svelte", &["svelte"]),
    ("yaml", &["yml", "yaml"]),
    ("json", &["json", "jsonc", "json5"]),
    ("toml", &["toml"]),
    ("xml", &["xml"]),
    ("markdown", &["md", "markdown"]),
    ("md", &["md", "markdown"]),
    ("terraform", &["tf", "tfvars"]),
    ("tf", &["tf", "tfvars"]),
    ("proto", &["proto"]),
];

/// Takes `raw` apart. `roles` are the known roles.
pub fn parse(raw: &str, roles: &RoleSet) -> Checked<Query> {
    let mut query = Query { raw: raw.to_owned(), ..Query::default() };
    let mut said = Vec::new();
    for piece in pieces(raw) {
        read_piece(&piece, roles, &mut query, &mut said);
    }
    (query, said)
}

/// One piece of the query, still with its marks.
#[derive(Debug, PartialEq, Eq)]
struct Piece {
    /// A leading `!`.
    not: bool,
    /// Written in quotes, or after a single one.
    quoted: bool,
    text: String,
}

fn pieces(raw: &str) -> Vec<Piece> {
    let mut out = Vec::new();
    let mut rest = raw.trim_start();
    while !rest.is_empty() {
        let (not, body) = match rest.strip_prefix('!') {
            Some(body) => (true, body),
            None => (false, rest),
        };
        let quote = body.chars().next().filter(|it| matches!(it, '\'' | '"'));
        let (text, quoted, left) = if let Some(mark) = quote {
            let inner = body.strip_prefix(mark).unwrap_or(body);
            // A quote closes only before a blank or the end: `'don't` is one text.
            let close =
                inner.match_indices(mark).map(|(at, _)| at).find(|&at| ends_piece(inner, at + 1));
            match close {
                Some(at) if at > 0 => {
                    let (text, left) = inner.split_at(at);
                    (text, true, left.strip_prefix(mark).unwrap_or(left))
                }
                // At the beginning it is being typed; in the middle of a message it may stand alone.
                None if mark == '"'
                    && out.is_empty()
                    && !inner.starts_with(char::is_whitespace) =>
                {
                    (inner, true, "")
                }
                _ => {
                    let (text, left) = until_blank(inner);
                    (text, true, left)
                }
            }
        } else {
            let (text, left) = until_blank(body);
            (text, false, left)
        };
        if !text.is_empty() {
            out.push(Piece { not, quoted, text: text.to_owned() });
        } else if not {
            out.push(Piece { not: false, quoted: false, text: "!".to_owned() });
        }
        rest = left.trim_start();
    }
    out
}

fn ends_piece(text: &str, at: usize) -> bool {
    text.get(at..).is_none_or(|rest| rest.chars().next().is_none_or(char::is_whitespace))
}

fn until_blank(text: &str) -> (&str, &str) {
    text.split_at(text.find(char::is_whitespace).unwrap_or(text.len()))
}

fn read_piece(piece: &Piece, roles: &RoleSet, query: &mut Query, said: &mut Vec<Diagnostic>) {
    let text = piece.text.as_str();
    if piece.quoted {
        let list = if piece.not { &mut query.not_literals } else { &mut query.literals };
        list.push(Word::new(text));
        return;
    }
    if piece.not {
        match text.strip_prefix("repo:").filter(|it| !it.is_empty()) {
            Some(label) => query.not_repositories.push(label.to_lowercase()),
            None => query.nots.push(Word::new(text)),
        }
        return;
    }
    if let Some(id) = text.strip_prefix('@').filter(|id| !id.is_empty()) {
        // While a role's name is being typed, its beginning is enough.
        let mut found = 0;
        for (place, role) in roles.roles().iter().enumerate() {
            if role.id.starts_with(id) {
                found |= 1 << place;
            }
        }
        if found != 0 {
            query.roles.0 |= found;
            return;
        }
        said.push(unknown_role(id, roles));
        query.words.push(Word::new(text));
        return;
    }
    // `#4711` is an issue, no name that code could define.
    let named = |it: &&str| !it.is_empty() && !it.bytes().all(|it| it.is_ascii_digit());
    if let Some(name) = text.strip_prefix('#').filter(named) {
        query.symbols.push(name.to_owned());
        return;
    }
    if let Some((key, value)) = text.split_once(':')
        && !value.is_empty()
        && read_filter(key, value, roles, query, said)
    {
        return;
    }
    if let Some(start) = text.strip_prefix('^').filter(|it| !it.is_empty()) {
        query.prefixes.push(Word::new(start));
        return;
    }
    if let Some(end) = text.strip_suffix('$').filter(|it| !it.is_empty()) {
        query.suffixes.push(Word::new(end));
        return;
    }
    let (name, line) = split_line(text);
    if line.is_some() {
        query.line = line;
    }
    let name = name.strip_prefix("./").unwrap_or(name);
    if !name.is_empty() {
        query.words.push(Word::new(name));
    }
}

/// Reads `key:value`; false when the key is no filter and the piece is a word.
fn read_filter(
    key: &str,
    value: &str,
    roles: &RoleSet,
    query: &mut Query,
    said: &mut Vec<Diagnostic>,
) -> bool {
    match key {
        "role" => match roles.place(value) {
            Some(place) => query.roles.0 |= 1 << place,
            None => said.push(unknown_role(value, roles)),
        },
        "lang" => {
            let wanted = value.to_lowercase();
            if let Some((_, extensions)) = LANGUAGES.iter().find(|(name, _)| *name == wanted) {
                query.extensions.extend(extensions.iter().map(|&it| it.to_owned()));
            } else {
                let near = did_you_mean(&wanted, LANGUAGES.iter().map(|(name, _)| *name));
                said.push(
                    Diagnostic::warning(format!(
                        "unknown language `{value}`, taken as an extension"
                    ))
                    .maybe_meant(near),
                );
                query.extensions.push(wanted);
            }
        }
        "ext" => {
            query.extensions.push(value.trim_start_matches('.').to_lowercase());
        }
        "path" => query.paths.push(value.trim_start_matches("./").to_lowercase()),
        "owner" => query.owners.push(value.to_lowercase()),
        "repo" => query.repositories.push(value.to_lowercase()),
        "changed" => match seconds(value) {
            Some(age) => query.changed_within = Some(age),
            None => said.push(
                Diagnostic::warning(format!("`changed:{value}` is not an age"))
                    .hint("write changed:30m, changed:6h, changed:2d or changed:1w"),
            ),
        },
        _ => return false,
    }
    true
}

fn unknown_role(id: &str, roles: &RoleSet) -> Diagnostic {
    let near = did_you_mean(id, roles.roles().iter().map(|role| role.id.as_str()));
    Diagnostic::warning(format!("unknown role `{id}`")).maybe_meant(near)
}

/// Seconds in `30m`, `6h`, `2d`, `1w`.
fn seconds(text: &str) -> Option<u64> {
    let (number, unit) = text.split_at(text.find(|it: char| !it.is_ascii_digit())?);
    let unit = match unit {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    number.parse::<u64>().ok()?.checked_mul(unit)
}

/// Splits `name:42`, `name:42:7`, `name(42)` or `name#L42` into the name and the place.
fn split_line(text: &str) -> (&str, Option<(u64, u64)>) {
    let number = |text: &str| text.parse::<u64>().ok().filter(|&it| it > 0);
    let text = text.trim_end_matches([':', ',']);
    if let Some((rest, last)) = text.rsplit_once(':')
        && let Some(last) = number(last)
    {
        if let Some((name, line)) = rest.rsplit_once(':')
            && let (Some(line), false) = (number(line), name.is_empty())
        {
            return (name, Some((line, last)));
        }
        if !rest.is_empty() {
            return (rest, Some((last, 1)));
        }
    }
    for (open, close) in [("(", ")"), ("#L", "")] {
        if let Some((name, inside)) = text.strip_suffix(close).and_then(|it| it.rsplit_once(open)) {
            let mut numbers = inside.split(',').map(str::trim);
            if let (Some(line), false) = (numbers.next().and_then(number), name.is_empty()) {
                let column = numbers.next().and_then(number).unwrap_or(1);
                return (name, Some((line, column)));
            }
        }
    }
    (text, None)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn query(raw: &str) -> Query {
        parse(raw, &RoleSet::builtin().0).0
    }

    fn texts(words: &[Word]) -> Vec<&str> {
        words.iter().map(|word| word.text.as_str()).collect()
    }

    #[test]
    fn marks_and_filters_are_told_apart() {
        let it = query(
            "auth 'exact ^pre suf$ !not role:auth @web ext:.TS path:apps/api #login changed:2d owner:@Team repo:Api !repo:web",
        );
        assert_eq!(texts(&it.words), ["auth"]);
        assert_eq!(texts(&it.literals), ["exact"]);
        assert_eq!(texts(&it.prefixes), ["pre"]);
        assert_eq!(texts(&it.suffixes), ["suf"]);
        assert_eq!(texts(&it.nots), ["not",][..]);
        assert_eq!(it.extensions, ["ts"]);
        assert_eq!(it.paths, ["apps/api"]);
        assert_eq!(it.symbols, ["login"]);
        assert_eq!(it.changed_within, Some(172_800));
        assert_eq!(it.owners, ["@team"]);
        assert_eq!(
            (it.repositories, it.not_repositories),
            (vec!["api".into()], vec!["web".into()])
        );
        assert!(it.roles.has(2));
    }

    #[test]
    fn quotes_hold_blanks_and_apostrophes() {
        assert_eq!(texts(&query("'two words' x").literals), ["two words"]);
        assert_eq!(texts(&query("\"a 'b' c\"").literals), ["a 'b' c"]);
        assert_eq!(texts(&query("'don't panic").literals), ["don't"]);
        assert_eq!(texts(&query("!'gone").not_literals), ["gone"]);
        assert_eq!(texts(&query("\"two wor").literals), ["two wor"]);
        assert_eq!(texts(&query("!\"two words ").not_literals), ["two words "]);
        let message = query("expected \"one but got");
        assert_eq!(texts(&message.literals), ["one"]);
        assert_eq!(texts(&message.words), ["expected", "but", "got"]);
        assert_eq!(texts(&query("\" in JSON").words), ["in", "JSON"]);
        assert_eq!(texts(&query("'").literals), Vec::<&str>::new());
    }

    #[test]
    fn places_are_split_off() {
        for (raw, name, line) in [
            ("login.py:42", "login.py", Some((42, 1))),
            ("src/login.py:42:7", "src/login.py", Some((42, 7))),
            ("login.ts(42,7)", "login.ts", Some((42, 7))),
            ("login.go#L42", "login.go", Some((42, 1))),
            ("localhost:", "localhost", None),
            ("a:b", "a:b", None),
            ("./src/main.rs", "src/main.rs", None),
        ] {
            let it = query(raw);
            assert_eq!((texts(&it.words), it.line), (vec![name], line), "{raw}");
        }
    }

    #[test]
    fn unknown_names_say_what_was_meant() {
        let (_, said) = parse("role:auht lang:pyton changed:soon", &RoleSet::builtin().0);
        let hints: Vec<_> = said.iter().filter_map(|it| it.hint.as_deref()).collect();
        assert_eq!(hints[..2], ["did you mean `auth`?", "did you mean `python`?"]);
        assert_eq!(said.len(), 3);
    }

    proptest! {
        #[test]
        fn anything_can_be_typed(raw in any::<String>()) {
            let it = query(&raw);
            prop_assert_eq!(it.raw, raw);
        }
    }
}
