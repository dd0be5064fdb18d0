//! Fills in the variables of a Makefile as text, without ever running what `$(shell …)` asks for.

use std::cell::Cell;
use std::collections::BTreeMap;

/// Bytes that one text may grow to.
const LONGEST: usize = 32 * 1024;
/// Variables filled in for one Makefile: a few of ten within each other stand for billions.
pub const MOST: usize = 100_000;
/// Variables within each other.
const DEEPEST: usize = 12;

/// Variables that make sets itself, and its programs.
pub const BUILT_IN: &[&str] = &[
    "MAKE",
    "MAKEFILE_LIST",
    "MAKEFLAGS",
    "MAKECMDGOALS",
    "CURDIR",
    "SHELL",
    "CC",
    "CXX",
    "LD",
    "AR",
    "RM",
    "CFLAGS",
    "CXXFLAGS",
    "LDFLAGS",
    "PWD",
    "HOME",
    "PATH",
    "USER",
    "OS",
    "MAKELEVEL",
    "GOPATH",
    "GOBIN",
    "TMPDIR",
];

/// Functions whose value is text made of text, which may stand for anything but commands.
const HARMLESS: &[&str] = &[
    "wildcard",
    "notdir",
    "dir",
    "patsubst",
    "subst",
    "addprefix",
    "addsuffix",
    "sort",
    "filter",
    "filter-out",
    "strip",
    "word",
    "words",
    "firstword",
    "lastword",
    "basename",
    "suffix",
    "abspath",
    "realpath",
    "join",
    "findstring",
    "wordlist",
    "origin",
    "flavor",
    "info",
    "warning",
    "error",
    "value",
    "or",
    "and",
];

/// A variable.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Variable {
    /// Its first value.
    pub value: String,
    /// Other values that it may have.
    pub several: Vec<String>,
    /// Whether the value is only taken when nobody gives another.
    pub default: bool,
    /// Whether it is made to be called.
    pub function: bool,
}

/// See the module.
pub struct Expander<'a> {
    /// What is set.
    pub variables: &'a BTreeMap<String, Variable>,
    /// How many variables may still be filled in.
    pub left: Cell<usize>,
}

impl<'a> Expander<'a> {
    /// For these variables.
    pub fn new(variables: &'a BTreeMap<String, Variable>) -> Self {
        Self { variables, left: Cell::new(MOST) }
    }

    /// A list of names, with what is not known left out.
    pub fn text(&self, text: &str) -> String {
        let shown = self.fill(text, "", &[], 0);
        shown.split_whitespace().filter(|it| !it.contains('$')).collect::<Vec<_>>().join(" ")
    }

    /// Whether something of a text outside recipes is known only when make runs.
    pub fn is_open(&self, text: &str) -> bool {
        self.fill(text, "", &[], 0).contains('$')
    }

    /// A line of a recipe as the shell gets it: what is not known is a variable of the shell, and
    /// what `$(shell …)` would run is a substitution.
    pub fn shell(&self, line: &str, target: &str, needs: &[String]) -> String {
        let line = line.replace("\\\n\t", "\\\n");
        let line = line.trim_start().trim_start_matches(['@', '-', '+', ' ']);
        let mut out = self.fill(line, target, needs, 0);
        // A variable that may have other values runs each of them, as far as anybody can tell.
        let other: Vec<&String> = names_in(line)
            .iter()
            .filter_map(|it| self.variables.get(it))
            .flat_map(|it| &it.several)
            .take(8)
            .collect();
        for value in other {
            out.push_str("\n: or\n");
            out.push_str(&self.fill(value, target, needs, 0));
        }
        out
    }

    /// Whether a recipe uses what this cannot follow.
    pub fn is_unsure(&self, recipe: &[String]) -> bool {
        recipe.iter().any(|line| {
            uses(line).iter().any(|inside| {
                let name = inside.split([' ', ',']).next().unwrap_or_default();
                let called = inside.contains(' ') && name != "shell" && !HARMLESS.contains(&name);
                called || self.variables.get(name).is_some_and(|it| it.function)
            })
        })
    }

    fn fill(&self, text: &str, target: &str, needs: &[String], depth: usize) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(rest.get(..at).unwrap_or_default());
            rest = rest.get(at + 1..).unwrap_or_default();
            let Some(next) = rest.chars().next() else {
                out.push('$');
                break;
            };
            if out.len() > LONGEST {
                out.push_str("${too_long}");
                return out;
            }
            if !matches!(next, '(' | '{') {
                rest = rest.get(next.len_utf8()..).unwrap_or_default();
                match next {
                    '$' => out.push('$'),
                    '@' => out.push_str(target),
                    '<' => out.push_str(needs.first().map_or("${first}", String::as_str)),
                    '^' | '+' | '?' => out.push_str(&needs.join(" ")),
                    '*' => out.push_str("${stem}"),
                    it => out.push_str(&self.variable(&it.to_string(), target, needs, depth)),
                }
                continue;
            }
            let inside_from = rest.get(1..).unwrap_or_default();
            let Some(end) = closing(inside_from) else {
                out.push_str("${unclosed}");
                return out;
            };
            let inside = inside_from.get(..end).unwrap_or_default();
            rest = inside_from.get(end + 1..).unwrap_or_default();
            if let Some(command) = inside.strip_prefix("shell ") {
                out.push_str("$(");
                out.push_str(&self.fill(command, target, needs, depth + 1));
                out.push(')');
            } else if inside.contains([' ', ',']) {
                // What is inside a function may ask a shell as well.
                out.push_str("${of_make}");
                for asked in uses(inside) {
                    if let Some(command) = asked.strip_prefix("shell ") {
                        out.push_str("$(");
                        out.push_str(&self.fill(command, target, needs, depth + 1));
                        out.push(')');
                    }
                }
            } else {
                out.push_str(&self.variable(inside, target, needs, depth));
            }
        }
        out.push_str(rest);
        out
    }

    fn variable(&self, name: &str, target: &str, needs: &[String], depth: usize) -> String {
        let name = name.split(':').next().unwrap_or(name);
        match name {
            "MAKE" => return "make".to_owned(),
            "@" => return target.to_owned(),
            "CURDIR" => return ".".to_owned(),
            "RM" if !self.variables.contains_key("RM") => return "rm -f".to_owned(),
            _ => {}
        }
        let plain = name.chars().all(|it| it == '_' || it.is_ascii_alphanumeric());
        match self.variables.get(name) {
            Some(it) if depth < DEEPEST && self.left.get() > 0 => {
                self.left.set(self.left.get() - 1);
                self.fill(&it.value, target, needs, depth + 1)
            }
            _ if plain && !name.is_empty() => format!("${{{name}}}"),
            _ => "${of_make}".to_owned(),
        }
    }
}

/// Where the bracket closes that was opened just before `text`.
pub fn closing(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, it) in text.char_indices() {
        match it {
            '(' | '{' => depth += 1,
            ')' | '}' if depth == 0 => return Some(at),
            ')' | '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

/// The insides of all `$(…)` of a line, also within each other.
fn uses(line: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let bytes = line.as_bytes();
    let mut at = 0;
    while let Some(step) = line.get(at..).and_then(|it| it.find('$')) {
        at += step + 1;
        match bytes.get(at) {
            Some(b'$') => at += 1,
            Some(b'(' | b'{') => {
                let rest = line.get(at + 1..).unwrap_or_default();
                if let Some(inside) = closing(rest).and_then(|end| rest.get(..end)) {
                    out.push(inside);
                }
                at += 1;
            }
            _ => {}
        }
        if out.len() > 200 {
            break;
        }
    }
    out
}

/// The variables that a line names.
pub fn names_in(line: &str) -> Vec<String> {
    let plain =
        |it: &&str| !it.is_empty() && it.chars().all(|it| it == '_' || it.is_ascii_alphanumeric());
    uses(line).into_iter().filter(plain).map(str::to_owned).collect()
}
