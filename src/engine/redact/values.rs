//! The values of a repository's `.env` files, which are looked for and never kept.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use super::names::{self, Weight};
use crate::engine::regular;

/// Folders that are looked into.
const MOST_FOLDERS: usize = 3000;
/// How deep.
const DEEPEST: usize = 6;
/// Values that are known.
const MOST: usize = 4000;
/// Shorter values would blank out words of every text.
const SHORTEST: usize = 6;
/// Longer values are certificates and the like.
const LONGEST: usize = 1024;

/// Folders that hold nothing of the repository's own.
const SKIPPED: &[&str] =
    &["node_modules", "target", "vendor", "dist", "build", "__pycache__", "venv"];

/// Words that stand in such files as passwords and everywhere else as words.
const WORDS: &[&str] = &[
    "postgres",
    "postgresql",
    "password",
    "changeme",
    "change-me",
    "secret",
    "admin",
    "administrator",
    "example",
    "development",
    "production",
    "staging",
    "localhost",
    "default",
    "testing",
    "minioadmin",
    "rabbitmq",
    "guest",
    "mysecret",
    "placeholder",
    "your-secret-key",
    "redis",
    "mariadb",
    "mongodb",
];

/// See the module.
#[derive(Clone, Default)]
pub struct Values {
    all: Vec<Vec<u8>>,
}

impl std::fmt::Debug for Values {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(out, "Values({})", self.all.len())
    }
}

impl Values {
    /// The values that the text of an `.env` file gives, added to those that are known.
    pub fn read(&mut self, text: &str) {
        let mut known: BTreeSet<Vec<u8>> = std::mem::take(&mut self.all).into_iter().collect();
        for (name, value) in pairs(text) {
            for secret in secrets(&name, &value) {
                if known.len() >= MOST {
                    break;
                }
                let coded = percent(&secret);
                known.extend([secret, coded].into_iter().map(String::into_bytes));
            }
        }
        self.all = known.into_iter().collect();
    }

    /// They, as bytes without line breaks.
    pub(super) fn all(&self) -> &[Vec<u8>] {
        &self.all
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.all.is_empty()
    }
}

/// The values of all `.env` files below `root`: such files are mostly ignored by git, so they are
/// looked for in the folders themselves. Examples hold none.
pub fn values_of(root: &Path) -> Values {
    values_of_all([root])
}

/// The same of several roots together.
pub fn values_of_all<'a>(roots: impl IntoIterator<Item = &'a Path>) -> Values {
    let mut values = Values::default();
    roots.into_iter().for_each(|root| values.read_below(root));
    values
}

impl Values {
    fn read_below(&mut self, root: &Path) {
        let mut folders = vec![(root.to_path_buf(), 0)];
        let mut seen = 0;
        while let Some((folder, depth)) = folders.pop() {
            seen += 1;
            if seen > MOST_FOLDERS {
                break;
            }
            let Ok(entries) = fs::read_dir(&folder) else { continue };
            for entry in entries.flatten() {
                let name = entry.file_name();
                let Some(name) = name.to_str() else { continue };
                let Ok(kind) = entry.file_type() else { continue };
                if kind.is_dir() {
                    if depth < DEEPEST && !name.starts_with('.') && !SKIPPED.contains(&name) {
                        folders.push((entry.path(), depth + 1));
                    }
                } else if is_env(name) {
                    let path: PathBuf = entry.path();
                    // What cannot be read cannot have been shown either.
                    if let Ok(text) = regular::read_below(root, &path) {
                        self.read(&text);
                    }
                }
            }
        }
    }
}

fn is_env(name: &str) -> bool {
    let named =
        name == ".envrc" || name == ".env" || name.starts_with(".env.") || name.ends_with(".env");
    let example = ["example", "sample", "template", "dist", "defaults", "schema"];
    named && !example.iter().any(|it| name.contains(it))
}

/// The names with their values: `NAME=value`, with `export`, quotes, values over several lines.
fn pairs(text: &str) -> Vec<(String, String)> {
    let mut out = Vec::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        if line.starts_with('#') {
            continue;
        }
        let Some((name, value)) = line.split_once('=') else { continue };
        let value = value.trim();
        let quote = value.chars().next().filter(|it| matches!(it, '"' | '\''));
        let value = match quote {
            None => value.split(" #").next().unwrap_or_default().trim().to_owned(),
            Some(quote) => {
                let mut inside = value.get(1..).unwrap_or_default().to_owned();
                // A quoted value may go on over lines; a quote that is never closed does not.
                while !inside.contains(quote) && inside.len() < LONGEST {
                    let Some(next) = lines.next() else { break };
                    inside.push_str(next.trim());
                }
                inside.split(quote).next().unwrap_or_default().to_owned()
            }
        };
        out.push((name.trim().to_owned(), value.replace("\\n", "")));
    }
    out
}

/// What of a value is to be hidden: all of it, or the password of an address.
fn secrets(name: &str, value: &str) -> Vec<String> {
    let mut out = Vec::new();
    if let Some((_, rest)) = value.split_once("://") {
        let user = rest.rsplit_once('@').map(|(user, _)| user);
        out.extend(user.and_then(|it| it.split_once(':')).map(|it| it.1.to_owned()));
    } else {
        let weight = names::weigh(name.as_bytes());
        let named = weight.is_some();
        let whole = value.as_bytes();
        let mixed = value.len() >= 16
            && names::may_be_secret(whole, Weight::Weak, true)
            && !value.contains(['/', ' ', ':', ','])
            && value.matches('.').count() < 2;
        if (named && names::may_be_secret(whole, Weight::Strong, true)) || mixed {
            out.push(value.to_owned());
        }
    }
    out.retain(|it| {
        let lower = it.to_lowercase();
        let word = WORDS.contains(&lower.as_str()) || lower.contains("redacted");
        let number = it.len() < 8 && it.bytes().all(|byte| byte.is_ascii_digit());
        (SHORTEST..=LONGEST).contains(&it.len())
            && !(word || number)
            && !it.contains(['\n', '[', ']'])
    });
    out
}

/// As it stands in an address.
fn percent(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') {
            out.push(char::from(byte));
        } else {
            // Writing to a String cannot fail.
            let _ = write!(out, "%{byte:02X}");
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<String> {
        let mut values = Values::default();
        values.read(text);
        values.all.into_iter().map(|it| String::from_utf8(it).unwrap()).collect()
    }

    #[test]
    fn values_of_secrets_are_known_and_words_are_not() {
        let text = "# DB_PASSWORD=commented1\nexport DB_PASSWORD=\"hunter2 hunter2\"\n\
                    PASSWORD=postgres\nLOG_LEVEL=production\nAPI_URL=http://localhost:8000\n\
                    DATABASE_URL=postgres://app:s3cr3t-pw@db/app\nX=1\nTOKEN='two\nlines'\n\
                    RANDOM=aB3dE5fG7hI9jK1l # comment\nAPP=tech-platform\n";
        let all = found(text);
        for value in
            ["hunter2 hunter2", "hunter2%20hunter2", "s3cr3t-pw", "twolines", "aB3dE5fG7hI9jK1l"]
        {
            assert!(all.iter().any(|it| it == value), "{value}: {all:?}");
        }
        assert_eq!(all.len(), 5, "{all:?}");
    }

    #[test]
    fn files_are_found_where_git_does_not_look() {
        let dir = tempfile::tempdir().unwrap();
        let inner = dir.path().join("apps/api");
        fs::create_dir_all(&inner).unwrap();
        fs::create_dir_all(dir.path().join("node_modules")).unwrap();
        fs::write(inner.join(".env.local"), "API_KEY=abcdef123456\n").unwrap();
        fs::write(dir.path().join("prod.env"), "JWT_SECRET=zyxwvu654321\n").unwrap();
        fs::write(dir.path().join(".env.example"), "API_KEY=not-a-secret-1\n").unwrap();
        fs::write(dir.path().join("node_modules/.env"), "API_KEY=elsewhere-1234\n").unwrap();
        let all = values_of(dir.path());
        assert_eq!(all.all, [b"abcdef123456".to_vec(), b"zyxwvu654321".to_vec()]);
        assert!(values_of(&dir.path().join("none")).is_empty());
    }
}
