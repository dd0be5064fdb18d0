//! Runs programs to their end, and reads what the system tells of running ones.

use std::ffi::{OsStr, OsString};
use std::fs;
use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use tempfile::TempDir;

/// Settings, state and caches of the measured programs, apart from those of whoever measures.
pub struct Home {
    dir: TempDir,
}

impl Home {
    /// An empty home.
    pub fn new() -> Self {
        let dir = TempDir::with_prefix("navi-bench-home-").unwrap();
        for name in ["home", "config", "state", "cache", "data", "tmp"] {
            fs::create_dir(dir.path().join(name)).unwrap();
        }
        Self { dir }
    }

    /// All the environment that a program gets.
    pub fn variables(&self) -> Vec<(OsString, OsString)> {
        let mut variables: Vec<(OsString, OsString)> = [
            ("HOME", "home"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_DATA_HOME", "data"),
            ("TMPDIR", "tmp"),
        ]
        .map(|(name, folder)| (name.into(), self.dir.path().join(folder).into()))
        .into();
        variables.push(("CSEARCHINDEX".into(), self.dir.path().join("csearchindex").into()));
        variables.push(("PATH".into(), std::env::var_os("PATH").unwrap_or_default()));
        for (name, value) in
            [("TERM", "xterm-256color"), ("COLORTERM", "truecolor"), ("LANG", "C.UTF-8")]
        {
            variables.push((name.into(), value.into()));
        }
        variables
    }

    /// Where `cindex` writes.
    pub fn csearch_index(&self) -> PathBuf {
        self.dir.path().join("csearchindex")
    }
}

/// What a finished program has used.
pub struct Ended {
    /// From just before its start to its end.
    pub time: Duration,
    /// Standard output.
    pub out: Vec<u8>,
    /// Peak resident memory in MiB, as last seen before the end.
    pub peak: f64,
    /// Whether its exit status was 0 or 1 (found nothing).
    pub good: bool,
}

/// Runs a program to its end in `folder`.
pub fn run<S: AsRef<OsStr>>(
    program: &Path,
    arguments: &[S],
    folder: &Path,
    home: &Home,
    watch_memory: bool,
) -> Ended {
    let started = Instant::now();
    let mut child = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .env_clear()
        .envs(home.variables())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("{} does not start: {error}", program.display()));
    let id = child.id();
    let mut stdout = child.stdout.take().unwrap();
    let reader = std::thread::spawn(move || {
        let mut out = Vec::new();
        stdout.read_to_end(&mut out).map(|_| out)
    });
    let mut peak = 0.0f64;
    if watch_memory {
        while child.try_wait().unwrap().is_none() {
            peak = peak.max(status_mib(id, "VmHWM:").unwrap_or(0.0));
            // Seldom: what looks takes processors that the program wants. The peak stays until the
            // end, so only that of the last moment is missed.
            std::thread::sleep(Duration::from_millis(50));
        }
    }
    let status = child.wait().unwrap();
    let time = started.elapsed();
    let out = reader.join().unwrap().unwrap();
    Ended { time, out, peak, good: matches!(status.code(), Some(0 | 1)) }
}

/// Runs a shell command that prepares something; it must succeed.
pub fn prepare(program: &str, arguments: &[&str], folder: &Path) {
    let output = Command::new(program)
        .args(arguments)
        .current_dir(folder)
        .stdin(Stdio::null())
        .output()
        .unwrap_or_else(|error| panic!("{program} does not start: {error}"));
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
}

/// What a program says of its version.
pub fn version(program: &Path) -> String {
    let output = Command::new(program).arg("--version").stdin(Stdio::null()).output();
    let said = output.map(|it| String::from_utf8_lossy(&it.stdout).into_owned());
    said.ok().and_then(|it| it.lines().next().map(str::to_owned)).unwrap_or_default()
}

/// A line such as `VmHWM:` or `RssAnon:` of a process's status, in MiB.
pub fn status_mib(id: u32, name: &str) -> Option<f64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix(name))?;
    line.split_whitespace().next()?.parse::<f64>().ok().map(|kib| kib / 1024.0)
}

/// The processor time of all threads of a process, in milliseconds.
pub fn processor_ms(id: u32) -> Option<f64> {
    let mut sum = 0.0;
    for thread in fs::read_dir(format!("/proc/{id}/task")).ok()?.flatten() {
        let line = fs::read_to_string(thread.path().join("schedstat")).ok()?;
        sum += line.split_whitespace().next()?.parse::<f64>().ok()?;
    }
    Some(sum / 1e6)
}

/// Bytes of all files below a folder.
pub fn bytes_below(folder: &Path) -> u64 {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    entries
        .flatten()
        .map(|entry| match entry.metadata() {
            Ok(it) if it.is_dir() => bytes_below(&entry.path()),
            Ok(it) => it.len(),
            Err(_) => 0,
        })
        .sum()
}

/// A program that runs on and tells lines on standard output.
pub struct Teller {
    child: std::process::Child,
    lines: std::sync::mpsc::Receiver<(Instant, String)>,
}

impl Teller {
    /// Starts it.
    pub fn start(program: &Path, arguments: &[&str], folder: &Path, home: &Home) -> Self {
        let mut child = Command::new(program)
            .args(arguments)
            .current_dir(folder)
            .env_clear()
            .envs(home.variables())
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let stdout = child.stdout.take().unwrap();
        let (tell, lines) = std::sync::mpsc::channel();
        std::thread::spawn(move || {
            use std::io::BufRead;
            for line in std::io::BufReader::new(stdout).lines().map_while(Result::ok) {
                if tell.send((Instant::now(), line)).is_err() {
                    return;
                }
            }
        });
        Self { child, lines }
    }

    /// The next line and when it came.
    pub fn line(&self, within: Duration) -> Option<(Instant, String)> {
        self.lines.recv_timeout(within).ok()
    }
}

impl Drop for Teller {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Writes a file as an editor saves it: beside it, then renamed over it.
pub fn replace(path: &Path, content: &[u8]) {
    let beside = path.with_extension("bench-new");
    let mut file = fs::File::create(&beside).unwrap();
    file.write_all(content).unwrap();
    drop(file);
    fs::rename(&beside, path).unwrap();
}
