//! What can be said on the command line of the benchmarks.

use std::path::PathBuf;

/// What to measure, and on what.
pub struct Options {
    /// The repository to look at; a generated one when none is given.
    pub tree: Option<PathBuf>,
    /// The navi that is measured.
    pub navi: PathBuf,
    /// How often each thing is repeated.
    pub runs: usize,
    /// Where generated and copied trees are put; the system's temporary folder when not given.
    pub scratch: PathBuf,
    parts: Vec<String>,
}

const USAGE: &str = "cargo bench -- [--tree DIR] [--navi FILE] [--scratch DIR] [--runs N] [PART…]";

impl Options {
    /// Reads this process's arguments; the error is what to tell.
    pub fn read<T>(parts: &[(&str, &str, T)]) -> Result<Self, String> {
        let mut options = Self {
            tree: std::env::var_os("NAVI_BENCH_TREE").map(PathBuf::from),
            navi: PathBuf::from(env!("CARGO_BIN_EXE_navi")),
            runs: 9,
            scratch: std::env::temp_dir(),
            parts: Vec::new(),
        };
        let list: Vec<String> =
            parts.iter().map(|(name, what, _)| format!("  {name:9} {what}")).collect();
        let usage = format!("{USAGE}\n\nparts, all when none is named:\n{}", list.join("\n"));
        let mut arguments = std::env::args().skip(1);
        while let Some(argument) = arguments.next() {
            let mut value = || arguments.next().ok_or_else(|| format!("{argument} what?\n{usage}"));
            match argument.as_str() {
                // Cargo says so to every benchmark.
                "--bench" => {}
                "--tree" => options.tree = Some(value()?.into()),
                "--navi" => {
                    let file = value()?;
                    options.navi =
                        std::fs::canonicalize(&file).map_err(|it| format!("{file}: {it}"))?;
                }
                "--scratch" => options.scratch = value()?.into(),
                "--runs" => {
                    let runs = value()?;
                    options.runs = runs.parse().map_err(|_| format!("--runs {runs}?\n{usage}"))?;
                    options.runs = options.runs.max(1);
                }
                part if parts.iter().any(|(name, _, _)| *name == part) => {
                    options.parts.push(argument);
                }
                _ => return Err(usage),
            }
        }
        Ok(options)
    }

    /// Whether a part was asked for.
    pub fn wants(&self, part: &str) -> bool {
        self.parts.is_empty() || self.parts.iter().any(|it| it == part)
    }
}
