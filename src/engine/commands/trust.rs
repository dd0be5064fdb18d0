//! What of a command a person has to have seen before it runs, as one fingerprint.
//!
//! A command is trusted by what it would do, not by its name: the argument array or the shell's
//! text, the environment, the folder, the recipe, and the content of every file of the repository
//! that decides what it does. When one of these changes it is asked again, with the difference.
//! The model is direnv's; a repository has no say in it.

use std::fmt::Write;
use std::fs::{self, File};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use super::{Command, Parameter, Passing, Work};
use crate::base::{RepoPath, text};
use crate::engine::index::is_secret;
use crate::engine::regular;

/// A larger file is no script: a command that depends on it cannot be trusted, only run once.
const LARGEST_FILE: u64 = 16 << 20;

/// Bytes of a file that are kept to show a difference later.
const SHOWN_OF_FILE: usize = 64 << 10;

/// SHA-256 of what a command would do, as hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Fingerprint(String);

impl Fingerprint {
    /// Its digits.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a command would do, as it is trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    /// Of all of it.
    pub fingerprint: Fingerprint,
    /// The same to read: what is shown on the card and compared after a change. Cleaned, with line
    /// ends.
    pub text: String,
    /// The files whose content counts, as they were found.
    pub files: Vec<RepoPath>,
    /// Why it cannot be trusted beyond one run: a file that cannot be read.
    pub fault: Option<String>,
}

/// What a person decides about a command beyond one run.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    /// As it was seen, it may run from now on.
    Allow,
    /// It never runs, whatever becomes of it.
    Deny,
    /// Neither any longer.
    Revoke,
}

/// How much a command is trusted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Trust {
    /// A person has seen exactly this.
    Trusted,
    /// A person has trusted it, and it has changed since.
    Changed {
        /// When it was trusted, in seconds since 1970.
        since: u64,
        /// What it was then, as [`Subject::text`].
        before: String,
    },
    /// Nobody has decided.
    Unknown,
    /// A person has forbidden it, whatever it becomes.
    Denied,
}

impl Trust {
    /// Its name on the command line and in JSON.
    pub fn id(&self) -> &'static str {
        match self {
            Self::Trusted => "trusted",
            Self::Changed { .. } => "changed",
            Self::Unknown => "unknown",
            Self::Denied => "denied",
        }
    }
}

/// Reads what a command would do in the repository at this canonical root.
pub fn subject(root: &Path, command: &Command) -> Subject {
    // Writing to a String cannot fail.
    let mut digest = Framed::default();
    let mut shown = String::new();
    let mut fault = None;
    digest.part(b"navi trust 1");
    digest.part(root.as_os_str().as_encoded_bytes());
    digest.part(command.id.as_bytes());
    let kind = match &command.work {
        Work::Program(_) => "program",
        Work::Shell(_) => "shell",
        Work::Http { .. } => "http",
        Work::Tcp { .. } => "tcp",
    };
    digest.part(kind.as_bytes());
    let argv = command.work.argv();
    digest.list(argv.iter().map(String::as_bytes));
    let _ = writeln!(shown, "run: {}", crate::engine::output::shown(&argv));
    digest.part(command.cwd.as_bytes());
    if !command.cwd.as_bytes().is_empty() {
        let _ = writeln!(shown, "in: {}", command.cwd.display());
    }
    digest.list(command.env.iter().flat_map(|(name, value)| [name.as_bytes(), value.as_bytes()]));
    for (name, value) in &command.env {
        let _ = writeln!(shown, "env: {}={}", text::clean(name), text::clean(value));
    }
    // A parameter's place decides what a value does; its default is a part of what runs.
    for it in &command.parameters {
        let Parameter { name, default, passing, says: _ } = it;
        let way = match passing {
            Passing::Argument => "argument",
            Passing::Assignment => "assignment",
            Passing::Environment => "environment",
        };
        let default = default.as_deref();
        digest.list([name, way, default.unwrap_or_default()].map(str::as_bytes));
        digest.part(if default.is_some() { b"with default" } else { b"without" });
        let _ = write!(shown, "{way}: {}", text::clean(name));
        shown.push_str(&default.map_or_else(String::new, |it| format!("={}", text::clean(it))));
        shown.push('\n');
    }
    digest.part(&[u8::from(command.interactive), u8::from(command.follows)]);
    digest.part(command.body.as_bytes());
    if !command.body.trim().is_empty() {
        let _ = writeln!(shown, "{}", text::clean_lines(command.body.trim_end()));
    }
    let mut files = command.files.clone();
    files.extend(programs(root, command));
    files.sort_unstable();
    files.dedup();
    for path in &files {
        digest.part(path.as_bytes());
        match content(root, path) {
            Ok(bytes) => {
                digest.part(&bytes);
                // What is secret is compared and neither shown nor kept.
                let most = if is_secret(path.as_bytes()) { 0 } else { SHOWN_OF_FILE };
                let end = bytes.len().min(most);
                let part = String::from_utf8_lossy(bytes.get(..end).unwrap_or_default());
                let _ = write!(shown, "--- {}\n{}", path.display(), text::clean_lines(&part));
                if !part.is_empty() && !part.ends_with('\n') {
                    shown.push('\n');
                }
                if end < bytes.len() {
                    // What is not shown is compared all the same.
                    let rest = hex(&Sha256::digest(&bytes));
                    let _ = writeln!(shown, "… {} bytes, SHA-256 {rest}", bytes.len());
                }
            }
            Err(error) => {
                digest.part(b"unreadable");
                let _ = writeln!(shown, "--- {}: {error}", path.display());
                // That it is not there is known; when it comes, that is a change.
                if error.kind() == io::ErrorKind::NotFound {
                    continue;
                }
                fault.get_or_insert_with(|| format!("{} cannot be read: {error}", path.display()));
            }
        }
    }
    Subject { fingerprint: Fingerprint(digest.end()), text: shown, files, fault }
}

/// The content of a regular file inside the repository, as a whole.
fn content(root: &Path, path: &RepoPath) -> io::Result<Vec<u8>> {
    let real = fs::canonicalize(path.on_disk(root))?;
    if !real.starts_with(root) {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "a link out of the repository"));
    }
    let file: File = regular::open(&real)?;
    let mut bytes = Vec::new();
    file.take(LARGEST_FILE + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > LARGEST_FILE {
        return Err(io::Error::new(io::ErrorKind::FileTooLarge, "longer than 16 MiB"));
    }
    Ok(bytes)
}

/// Programs that run the file they are given.
const INTERPRETERS: &[&str] = &[
    "sh", "bash", "dash", "zsh", "ksh", "fish", "python", "python3", "node", "deno", "bun", "tsx",
    "ts-node", "ruby", "perl", "php", "lua", "Rscript", "pwsh", "awk", "env", "sudo", "exec",
    "source", ".", "nohup", "time",
];

/// The files of the repository that run because the command names them.
fn programs(root: &Path, command: &Command) -> Vec<RepoPath> {
    let folder = command.cwd.on_disk(root);
    let mut found = Vec::new();
    let mut look = |words: &[&str]| {
        let mut words = words.iter();
        for word in words.by_ref() {
            let path = Path::new(word);
            if word.contains('/') || named_alone(&folder, word) {
                found.extend(inside(root, &folder, path));
            }
            let name = word.rsplit('/').next().unwrap_or(word);
            let name = name.trim_end_matches(|it: char| it.is_ascii_digit() || it == '.');
            let runs = INTERPRETERS.contains(&name) || INTERPRETERS.contains(word);
            // What an interpreter is told before the file: options and variables.
            if !runs && !word.starts_with('-') && !word.contains('=') {
                break;
            }
        }
    };
    match &command.work {
        Work::Program(argv) => look(&argv.iter().map(String::as_str).collect::<Vec<_>>()),
        Work::Shell(text) => {
            for simple in text.split([';', '|', '&', '(', ')', '\n', '`', '{', '}']) {
                look(&simple.split_ascii_whitespace().collect::<Vec<_>>());
            }
        }
        Work::Http { .. } | Work::Tcp { .. } => {}
    }
    found
}

/// Whether a word without a folder is a script: `python manage.py`. The program itself, which comes
/// first, is looked for in PATH instead.
fn named_alone(folder: &Path, word: &str) -> bool {
    !word.starts_with('-') && word.contains('.') && folder.join(word).is_file()
}

/// A file on disk as a path below the root, if it is there and inside.
fn inside(root: &Path, folder: &Path, path: &Path) -> Option<RepoPath> {
    let path: PathBuf = fs::canonicalize(folder.join(path)).ok()?;
    RepoPath::below(root, &path).filter(|_| path.is_file())
}

/// A digest over parts, each with its length, so that no two lists of parts read the same.
#[derive(Default)]
struct Framed(Sha256);

impl Framed {
    fn part(&mut self, bytes: &[u8]) {
        self.0.update((bytes.len() as u64).to_le_bytes());
        self.0.update(bytes);
    }

    fn list<'a>(&mut self, parts: impl IntoIterator<Item = &'a [u8]>) {
        let parts: Vec<&[u8]> = parts.into_iter().collect();
        self.0.update((parts.len() as u64).to_le_bytes());
        for it in parts {
            self.part(it);
        }
    }

    fn end(self) -> String {
        hex(&self.0.finalize())
    }
}

/// Bytes as hexadecimal digits.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut out, byte| {
        // Writing to a String cannot fail.
        let _ = write!(out, "{byte:02x}");
        out
    })
}

#[cfg(test)]
mod tests {
    use super::super::tests::command;
    use super::*;

    fn print(root: &Path, change: impl FnOnce(&mut Command)) -> Fingerprint {
        let mut it = command("a.b", &["make", "test"]);
        it.body = "test:\n\tpytest\n".into();
        it.env = vec![("A".into(), "b".into())];
        change(&mut it);
        subject(root, &it).fingerprint
    }

    #[test]
    fn whatever_changes_what_runs_changes_the_fingerprint() {
        let dir = tempfile::tempdir().unwrap();
        let root = &fs::canonicalize(dir.path()).unwrap();
        fs::write(root.join("inc.mk"), "A = 1\n").unwrap();
        let plain = print(root, |_| {});
        assert_eq!(plain, print(root, |it| it.title = "another title".into()));
        let parameter = |passing, default: Option<&str>| Parameter {
            name: "X".into(),
            default: default.map(str::to_owned),
            passing,
            says: None,
        };
        let all = [
            plain.clone(),
            print(Path::new("/elsewhere"), |_| {}),
            print(root, |it| it.work = Work::Program(vec!["make test".into()])),
            print(root, |it| it.work = Work::Shell("make test".into())),
            print(root, |it| it.body.push_str("\trm -rf x\n")),
            print(root, |it| it.env = vec![("A".into(), "c".into())]),
            print(root, |it| it.env = vec![("Ab".into(), String::new())]),
            print(root, |it| it.cwd = "sub".into()),
            print(root, |it| it.files = vec!["inc.mk".into()]),
            print(root, |it| it.files = vec!["gone.mk".into()]),
            print(root, |it| it.parameters = vec![parameter(Passing::Argument, None)]),
            print(root, |it| it.parameters = vec![parameter(Passing::Argument, Some(""))]),
            print(root, |it| it.parameters = vec![parameter(Passing::Environment, Some(""))]),
        ];
        for (at, one) in all.iter().enumerate() {
            assert!(all.iter().skip(at + 1).all(|other| one != other), "{at}");
        }
        let before = print(root, |it| it.files = vec!["inc.mk".into()]);
        fs::write(root.join("inc.mk"), "A = 2\n").unwrap();
        assert_ne!(before, print(root, |it| it.files = vec!["inc.mk".into()]));
    }

    #[test]
    fn scripts_that_a_command_names_are_a_part_of_it() {
        let dir = tempfile::tempdir().unwrap();
        let root = &fs::canonicalize(dir.path()).unwrap();
        fs::create_dir(root.join("bin")).unwrap();
        for name in ["bin/check", "manage.py", "data.csv", "bin/env.sh"] {
            fs::write(root.join(name), "x").unwrap();
        }
        let named = |work: Work| {
            let mut it = command("a", &[]);
            it.work = work;
            let files = subject(root, &it).files;
            files.iter().map(RepoPath::display).collect::<Vec<_>>().join(" ")
        };
        let program = |argv: &[&str]| Work::Program(argv.iter().map(|it| (*it).into()).collect());
        assert_eq!(named(program(&["./bin/check", "data.csv"])), "bin/check");
        assert_eq!(named(program(&["python3", "-u", "manage.py", "check"])), "manage.py");
        assert_eq!(named(program(&["env", "A=b", "bash", "bin/check"])), "bin/check");
        assert_eq!(named(program(&["tail", "data.csv"])), "");
        assert_eq!(
            named(Work::Shell(". bin/env.sh && ./bin/check | tee x".into())),
            "bin/check bin/env.sh"
        );
    }

    #[test]
    fn a_link_out_is_a_fault() {
        let dir = tempfile::tempdir().unwrap();
        let root = &fs::canonicalize(dir.path()).unwrap();
        let mut it = command("a", &["x"]);
        assert_eq!(subject(root, &it).fault, None);
        it.files = vec!["gone".into()];
        assert_eq!(subject(root, &it).fault, None);
        #[cfg(unix)]
        {
            std::os::unix::fs::symlink("/etc/hostname", root.join("out")).unwrap();
            it.files = vec!["out".into()];
            assert!(subject(root, &it).fault.unwrap().contains("a link out of the repository"));
        }
    }

    #[test]
    fn a_file_of_secrets_counts_and_is_not_shown() {
        let dir = tempfile::tempdir().unwrap();
        let root = &fs::canonicalize(dir.path()).unwrap();
        let mut it = command("a", &["x"]);
        it.files = vec![".env".into()];
        let with = |text: &str| {
            fs::write(root.join(".env"), text).unwrap();
            subject(root, &it)
        };
        let (one, two) = (with("PASSWORD=hunter2\n"), with("PASSWORD=hunter3\n"));
        assert_ne!(one.fingerprint, two.fingerprint);
        assert_ne!(one.text, two.text);
        assert!(!one.text.contains("hunter") && one.text.contains(".env"), "{}", one.text);
    }

    #[test]
    fn the_card_shows_what_runs_and_steers_nothing() {
        let dir = tempfile::tempdir().unwrap();
        let root = &fs::canonicalize(dir.path()).unwrap();
        fs::write(root.join("a.mk"), "x\x1b[2J\n").unwrap();
        let mut it = command("a", &["make", "x y\x1b[2J"]);
        it.body = "x:\n\techo \x1b]0;t\x07\n".into();
        it.env = vec![("A".into(), "\u{202e}".into())];
        it.files = vec!["a.mk".into()];
        assert_eq!(
            subject(root, &it).text,
            "run: make 'x y␛[2J'\nenv: A=<U+202E>\nx:\n\techo ␛]0;t␇\n--- a.mk\nx␛[2J\n"
        );
    }
}
