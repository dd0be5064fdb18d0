//! Files that a person keeps of what a command has said. Nothing that is there is written over.

use std::fs::{DirBuilder, OpenOptions};
use std::io::{ErrorKind, Write};
use std::os::unix::fs::{DirBuilderExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

/// The folder in the state directory.
const FOLDER: &str = "outputs";
/// Names that are tried: `x.md`, `x-2.md` and so on.
const MOST: usize = 1000;

/// Where outputs are kept.
#[derive(Debug, Clone, Default)]
pub struct Outputs {
    /// Where a file goes when nobody says otherwise.
    folder: Option<PathBuf>,
    home: Option<PathBuf>,
}

impl Outputs {
    /// Below this state directory; without one, in the user's home.
    pub fn new(state: Option<&Path>, home: Option<&Path>) -> Self {
        let folder = state.map(|it| it.join(FOLDER));
        Self { folder, home: home.map(Path::to_owned) }
    }

    /// The folder as it is shown and typed, with `~` for the user's home.
    pub fn shown(&self) -> String {
        match (&self.folder, &self.home) {
            (Some(folder), _) => self.short(folder),
            (None, Some(_)) => "~".to_owned(),
            (None, None) => ".".to_owned(),
        }
    }

    /// Writes a text into a new file at a path as somebody typed it: below the home with `~`, or
    /// else from the folder that navi was started in. Answers with the path as it is shown.
    pub fn write(&self, typed: &str, text: &str) -> Result<String, String> {
        let path = self.path(typed)?;
        let folder = path.parent().filter(|it| !it.as_os_str().is_empty());
        if let (Some(folder), Some(own)) = (folder, &self.folder)
            && folder == own
        {
            // What a command says may be secret.
            let made = DirBuilder::new().recursive(true).mode(0o700).create(own);
            made.map_err(|error| format!("cannot make {}: {error}", own.display()))?;
        }
        if path.is_dir() {
            return Err(format!("{} is a folder: add the name of a file", self.short(&path)));
        }
        if let Some(folder) = folder.filter(|it| !it.is_dir()) {
            return Err(format!("there is no folder {}", self.short(folder)));
        }
        for number in 1..=MOST {
            let path = numbered(&path, number);
            let file = OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
            let written = file.and_then(|mut file| {
                file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).inspect_err(|_| {
                    // Half a file says something else than the whole.
                    let _ = std::fs::remove_file(&path);
                })
            });
            match written {
                Ok(()) => {
                    let whole = std::path::absolute(&path).unwrap_or(path);
                    return Ok(self.short(&whole));
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(error) => return Err(format!("cannot write {}: {error}", self.short(&path))),
            }
        }
        Err(format!("{MOST} files of this name are there already: {}", self.short(&path)))
    }

    fn path(&self, typed: &str) -> Result<PathBuf, String> {
        let typed = typed.trim();
        if typed.is_empty() {
            return Err("no file was named".to_owned());
        }
        match (typed.strip_prefix("~/"), &self.home) {
            (Some(rest), Some(home)) => Ok(home.join(rest)),
            (Some(_), None) => Err("HOME is not set, so `~` is nowhere".to_owned()),
            (None, _) => Ok(PathBuf::from(typed)),
        }
    }

    fn short(&self, path: &Path) -> String {
        let below = self.home.as_ref().and_then(|home| path.strip_prefix(home).ok());
        match below {
            Some(rest) => format!("~/{}", rest.display()),
            None => path.display().to_string(),
        }
    }
}

/// The path with a number before its ending, from the second on.
fn numbered(path: &Path, number: usize) -> PathBuf {
    if number < 2 {
        return path.to_owned();
    }
    let mut name = path.file_stem().unwrap_or_default().to_owned();
    name.push(format!("-{number}"));
    if let Some(ending) = path.extension() {
        name.push(".");
        name.push(ending);
    }
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::{PermissionsExt, symlink};

    use super::*;

    #[test]
    fn nothing_is_written_over_and_only_its_owner_reads_it() {
        let home = tempfile::tempdir().unwrap();
        let state = home.path().join(".local/state");
        let outputs = Outputs::new(Some(&state), Some(home.path()));
        assert_eq!(outputs.shown(), "~/.local/state/outputs");
        let name = format!("{}/a.b.md", outputs.shown());
        assert_eq!(outputs.write(&name, "1").unwrap(), "~/.local/state/outputs/a.b.md");
        assert_eq!(outputs.write(&name, "2").unwrap(), "~/.local/state/outputs/a.b-2.md");
        let read = |name: &str| fs::read_to_string(state.join("outputs").join(name)).unwrap();
        assert_eq!((read("a.b.md").as_str(), read("a.b-2.md").as_str()), ("1", "2"));
        let mode = |path: PathBuf| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(state.join("outputs")), 0o700);
        assert_eq!(mode(state.join("outputs/a.b.md")), 0o600);
        // Nor through a link, whether it leads somewhere or not.
        let there = home.path().join("there");
        symlink(home.path().join("nowhere"), &there).unwrap();
        assert_eq!(outputs.write("~/there", "3").unwrap(), "~/there-2");
        assert!(!home.path().join("nowhere").exists());
    }

    #[test]
    fn what_cannot_be_written_says_why() {
        let home = tempfile::tempdir().unwrap();
        let outputs = Outputs::new(None, Some(home.path()));
        assert_eq!(outputs.shown(), "~");
        for (typed, why) in [
            ("  ", "no file was named"),
            ("~/", "is a folder"),
            ("~/no/such/x.md", "there is no folder ~/no/such"),
            ("/dev/null/x", "there is no folder /dev/null"),
        ] {
            let said = outputs.write(typed, "x").unwrap_err();
            assert!(said.contains(why), "{typed}: {said}");
        }
        let homeless = Outputs::new(None, None);
        assert_eq!(homeless.shown(), ".");
        assert!(homeless.write("~/x", "").unwrap_err().contains("HOME"));
    }
}
