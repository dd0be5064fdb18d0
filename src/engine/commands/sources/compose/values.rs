//! Variables in Compose files, filled in to be read: from `.env` beside the first file, never from
//! navi's own environment, and never where a value looks like a secret.
//!
//! Compose specification, "Interpolation": `$V`, `${V}`, `${V:-d}`, `${V-d}`, `${V:?e}`, `${V?e}`,
//! `${V:+x}`, `${V+x}`, `$$`.

use std::collections::HashMap;

use crate::engine::commands::tree::{Tree, below};

/// Variables within the defaults of others.
const DEEPEST: usize = 6;
/// Bytes that one value may grow to.
const LONGEST: usize = 8 * 1024;

/// Names whose values are not shown.
const SECRET: &[&str] = &["pass", "secret", "token", "key", "credential", "dsn", "auth", "private"];

/// The variables that hold where a stack lies.
#[derive(Debug, Clone, Default)]
pub struct Values {
    all: HashMap<String, String>,
}

/// Whether a variable of this name holds something that is not for everybody.
pub fn is_secret_name(name: &str) -> bool {
    let lower = name.to_ascii_lowercase();
    SECRET.iter().any(|it| lower.contains(it))
}

impl Values {
    /// Those of `.env` in a folder.
    pub fn beside(tree: &Tree<'_>, folder: &str) -> Self {
        let mut all = HashMap::new();
        let Some(text) = tree.settings(&below(folder, ".env")) else { return Self { all } };
        for line in text.lines() {
            let line = line.trim().trim_start_matches("export ").trim_start();
            let Some((name, value)) = line.split_once('=').filter(|_| !line.starts_with('#'))
            else {
                continue;
            };
            let value = value.trim();
            let value = match value.chars().next() {
                Some(mark @ ('"' | '\'')) => {
                    value.trim_start_matches(mark).split(mark).next().unwrap_or_default()
                }
                _ => value.split(" #").next().unwrap_or(value).trim(),
            };
            all.insert(name.trim().to_owned(), value.to_owned());
        }
        Self { all }
    }

    /// The value of a variable.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.all.get(name).map(String::as_str)
    }

    /// The text with its variables filled in.
    pub fn fill(&self, text: &str) -> String {
        self.fill_in(text, 0)
    }

    fn fill_in(&self, text: &str, depth: usize) -> String {
        let mut out = String::new();
        let mut rest = text;
        while let Some(at) = rest.find('$') {
            out.push_str(rest.get(..at).unwrap_or_default());
            rest = rest.get(at + 1..).unwrap_or_default();
            if out.len() > LONGEST {
                return out;
            }
            if let Some(after) = rest.strip_prefix('$') {
                out.push('$');
                rest = after;
            } else if let Some(after) = rest.strip_prefix('{') {
                let Some(end) = end_of(after) else {
                    out.push_str("${");
                    rest = after;
                    continue;
                };
                out.push_str(&self.braced(after.get(..end).unwrap_or_default(), depth));
                rest = after.get(end + 1..).unwrap_or_default();
            } else {
                let length = name_length(rest);
                let name = rest.get(..length).unwrap_or_default();
                if let Some(value) =
                    self.get(name).filter(|_| !name.is_empty() && !is_secret_name(name))
                {
                    out.push_str(value);
                } else {
                    out.push('$');
                    out.push_str(name);
                }
                rest = rest.get(length..).unwrap_or_default();
            }
        }
        out.push_str(rest);
        out
    }

    fn braced(&self, inside: &str, depth: usize) -> String {
        let length = name_length(inside);
        let name = inside.get(..length).unwrap_or_default();
        let rest = inside.get(length..).unwrap_or_default();
        if is_secret_name(name) || depth >= DEEPEST {
            return format!("${{{name}}}");
        }
        let value = self.get(name);
        let filled = value.filter(|it| !it.is_empty());
        let default = |text: &str| self.fill_in(text, depth + 1);
        let out = if let Some(text) = rest.strip_prefix(":-") {
            filled.map_or_else(|| default(text), str::to_owned)
        } else if let Some(text) = rest.strip_prefix('-') {
            value.map_or_else(|| default(text), str::to_owned)
        } else if let Some(text) = rest.strip_prefix(":+") {
            filled.map_or_else(String::new, |_| default(text))
        } else if let Some(text) = rest.strip_prefix('+') {
            value.map_or_else(String::new, |_| default(text))
        } else {
            value.map_or_else(|| format!("${{{name}}}"), str::to_owned)
        };
        out.chars().take(LONGEST).collect()
    }

    /// A value of the environment under its name: what looks like a secret stays a variable.
    pub fn of_environment(&self, name: &str, raw: &str) -> String {
        if is_secret_name(name) {
            return format!("${{{name}}}");
        }
        without_password(&self.fill(raw))
    }
}

/// An address without the password in it.
fn without_password(text: &str) -> String {
    let Some((scheme, rest)) = text.split_once("://") else { return text.to_owned() };
    let host = rest.find('/').unwrap_or(rest.len());
    let Some(at) = rest.get(..host).and_then(|it| it.rfind('@')) else { return text.to_owned() };
    let (user, after) = rest.split_at(at);
    match user.split_once(':') {
        Some((user, _)) => format!("{scheme}://{user}:${{PASSWORD}}{after}"),
        None => text.to_owned(),
    }
}

fn name_length(text: &str) -> usize {
    text.find(|it: char| !(it == '_' || it.is_ascii_alphanumeric())).unwrap_or(text.len())
}

/// Where the brace closes.
fn end_of(text: &str) -> Option<usize> {
    let mut depth = 0usize;
    for (at, it) in text.char_indices() {
        match it {
            '{' => depth += 1,
            '}' if depth == 0 => return Some(at),
            '}' => depth -= 1,
            _ => {}
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn variables_are_filled_in_and_secrets_are_not() {
        let texts = [(".env", "A=1\nexport B='two'\nEMPTY=\nDB_PASSWORD=hunter2\n# C=3\n")];
        let tree = Tree::of_texts(&texts);
        let values = Values::beside(&tree, "");
        for (text, wanted) in [
            ("$A-${B}", "1-two"),
            ("${X:-d}${X-e}${EMPTY:-f}${EMPTY-g}", "def"),
            ("${A:+yes}${X:+no}${X+no}", "yes"),
            ("${X:-${A}}", "1"),
            ("${X:?must be set}", "${X}"),
            ("$$HOME $", "$HOME $"),
            ("${DB_PASSWORD}", "${DB_PASSWORD}"),
            ("${unclosed", "${unclosed"),
        ] {
            assert_eq!(values.fill(text), wanted, "{text}");
        }
        assert_eq!(values.of_environment("API_TOKEN", "abc"), "${API_TOKEN}");
        assert_eq!(
            values.of_environment("DATABASE_URL", "postgres://u:p@db:5432/x"),
            "postgres://u:${PASSWORD}@db:5432/x"
        );
    }
}
