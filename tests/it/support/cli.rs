//! Runs the real binary as a shell script would, cut off from the developer's own settings.

use std::ffi::OsString;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;
use tempfile::TempDir;

/// A home of its own for settings, state and indexes.
pub struct Home {
    dir: TempDir,
}

impl Home {
    /// An empty home.
    pub fn new() -> Self {
        let dir = TempDir::with_prefix("navi-home-").unwrap();
        for name in ["home", "config", "state", "cache", "tmp"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        Self { dir }
    }

    /// A folder of this home: `home`, `config`, `state`, `cache` or `tmp`.
    pub fn folder(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    /// Writes the settings file.
    pub fn settings(&self, text: &str) -> PathBuf {
        let folder = self.folder("config").join("navi-oncall");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("config.toml"), text).unwrap();
        folder.join("config.toml")
    }

    /// All the environment that the program gets.
    pub fn variables(&self) -> Vec<(OsString, OsString)> {
        let mut variables: Vec<(OsString, OsString)> = [
            ("HOME", "home"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_CACHE_HOME", "cache"),
            ("TMPDIR", "tmp"),
        ]
        .map(|(name, folder)| (name.into(), self.folder(folder).into()))
        .into();
        variables.push(("PATH".into(), std::env::var_os("PATH").unwrap_or_default()));
        variables.push(("TERM".into(), "xterm-256color".into()));
        variables.push(("LANG".into(), "C.UTF-8".into()));
        variables
    }
}

/// The binary in a folder, with a home of its own.
pub struct Cli {
    /// Its home, which runs share.
    pub home: Home,
    folder: PathBuf,
}

/// What a run said.
pub struct Said {
    /// Standard output as text.
    pub out: String,
    /// Standard error as text.
    pub err: String,
    /// The exit status.
    pub status: i32,
}

impl Cli {
    /// The binary, to be run in `folder`.
    pub fn new(folder: &Path) -> Self {
        Self { home: Home::new(), folder: folder.to_owned() }
    }

    /// The same, with a home that is there.
    pub fn with(home: Home, folder: &Path) -> Self {
        Self { home, folder: folder.to_owned() }
    }

    /// Runs it without any input.
    pub fn run<S: AsRef<std::ffi::OsStr>>(&self, arguments: &[S]) -> Said {
        self.run_with("", arguments)
    }

    /// Runs it with this text on standard input.
    pub fn run_with<S: AsRef<std::ffi::OsStr>>(&self, input: &str, arguments: &[S]) -> Said {
        let mut child = Command::new(env!("CARGO_BIN_EXE_navi"))
            .args(arguments)
            .current_dir(&self.folder)
            .env_clear()
            .envs(self.home.variables())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        // A program that ends without reading closes the pipe: nothing of interest here.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        Said {
            out: String::from_utf8_lossy(&output.stdout).into_owned(),
            err: String::from_utf8_lossy(&output.stderr).into_owned(),
            status: output.status.code().unwrap_or(-1),
        }
    }
}

impl Said {
    /// The same run, once its exit status is the expected one.
    #[track_caller]
    pub fn exit(self, status: i32) -> Self {
        assert_eq!(
            self.status, status,
            "exit status\n--- stdout\n{}\n--- stderr\n{}",
            self.out, self.err
        );
        self
    }

    /// Standard output as the one JSON object it has to be.
    #[track_caller]
    pub fn json(&self) -> Value {
        let value: Value = serde_json::from_str(&self.out)
            .unwrap_or_else(|error| panic!("{error}\n{}\n{}", self.out, self.err));
        assert_eq!(value["version"], 1, "{value}");
        value
    }

    /// The paths of `results`, in their order.
    #[track_caller]
    pub fn paths(&self) -> Vec<String> {
        let value = self.json();
        let results = value["results"].as_array().unwrap_or_else(|| panic!("no results: {value}"));
        results.iter().map(|it| it["path"].as_str().unwrap().to_owned()).collect()
    }
}
