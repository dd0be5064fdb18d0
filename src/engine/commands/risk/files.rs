//! Programs that read, write, move or remove files and processes.

use super::{Arg, Input, Judgement, Line, Walk};

/// What writing a file by `>` means.
pub(super) fn written(path: &str) -> Judgement {
    let descriptor = path
        .strip_prefix("/dev/fd/")
        .is_some_and(|it| !it.is_empty() && it.chars().all(|it| it.is_ascii_digit()));
    if matches!(path, "/dev/null" | "/dev/stdout" | "/dev/stderr" | "/dev/tty" | "-") || descriptor
    {
        return Judgement::nothing();
    }
    let shown = crate::base::diag::quote(path);
    if path.starts_with("/dev/") && !path.starts_with("/dev/tcp/") {
        return Judgement::destroys(format!("writes to the device {shown}"));
    }
    Judgement::changes(format!("writes the file {shown}"))
}

/// Folders and files that a build makes again.
const BUILT: &[&str] = &[
    "node_modules",
    "dist",
    "build",
    "out",
    "target",
    "coverage",
    "htmlcov",
    ".coverage",
    ".next",
    ".nuxt",
    ".output",
    ".turbo",
    ".cache",
    ".parcel-cache",
    ".svelte-kit",
    ".angular",
    "__pycache__",
    ".pytest_cache",
    ".mypy_cache",
    ".ruff_cache",
    ".tox",
    ".nyc_output",
    ".eggs",
    "site",
    "_build",
    ".vite",
    "storybook-static",
    "test-results",
    "playwright-report",
    ".eslintcache",
    ".DS_Store",
];
const BUILT_ENDINGS: &[&str] =
    &[".pyc", ".pyo", ".o", ".tsbuildinfo", ".egg-info", ".class", ".log", ".out", ".test"];

/// Whether only what a build makes again is meant: a name below the folder, no way out of it.
fn is_built(arg: &Arg) -> bool {
    let text = arg.text.trim_start_matches("./").trim_end_matches('/').trim_end_matches("/*");
    if !arg.known || text.starts_with(['/', '~']) || text.split('/').any(|it| it == "..") {
        return false;
    }
    let name = text.rsplit('/').next().unwrap_or(text);
    BUILT.contains(&name) || BUILT_ENDINGS.iter().any(|it| name.ends_with(it) && text != "*")
}

/// `rm`
pub(super) fn remove(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let mut what = line.operands().peekable();
    if what.peek().is_some() && line.operands().all(is_built) {
        return Judgement::changes(format!("`{}` removes what a build makes again", line.name));
    }
    let shown = what.next().map_or_else(String::new, |it| {
        format!(" {}", crate::base::text::truncate(&crate::base::text::clean(&it.text), 40))
    });
    Judgement::destroys(format!("`{}{shown}` removes files", line.name))
}

/// `find`, which can remove and run.
pub(super) fn find(walk: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let mut all = Judgement::reads(format!("`{}` only looks", line.name));
    if line.is_open() {
        all = Judgement::changes(format!("what `{}` is asked to do is not known", line.name));
    }
    if matches!(line.name, "rg" | "ag") {
        let zip = line.name == "rg" && line.has_short('z');
        if zip || line.may_have(&["--pre", "--hostname-bin", "--pager", "--search-zip"]) {
            return Judgement::changes(format!("`{}` runs another program", line.name));
        }
        return all;
    }
    let runs = ["-exec", "-execdir", "-ok", "-okdir", "-x", "-X", "--exec", "--exec-batch"];
    let mut at = 0;
    while let Some(arg) = line.args.get(at) {
        at += 1;
        match arg.text.as_str() {
            "-delete" => {
                return Judgement::destroys(format!("`{} -delete` removes files", line.name));
            }
            "-fprint" | "-fprint0" | "-fprintf" | "-fls" => {
                all = all.or_worse(Judgement::changes(format!("`{}` writes a file", line.name)));
            }
            it if runs.contains(&it) => {
                let rest = line.args.get(at..).unwrap_or_default();
                let end = rest.iter().position(|it| it.text == ";" || it.text == "+");
                let mut inner = rest.get(..end.unwrap_or(rest.len())).unwrap_or_default().to_vec();
                // The names that it finds.
                super::wrappers::replaced(&mut inner, "{}");
                let one = walk.run(&inner, &Input::None);
                all = all.or_worse(one);
            }
            // `-x`, also behind other letters, and with the program glued to it.
            it if line.name.starts_with("fd")
                && (it.starts_with("--exec")
                    || (!it.starts_with("--")
                        && it.starts_with('-')
                        && it.contains(['x', 'X']))) =>
            {
                let glued = if it.starts_with("--") {
                    it.split_once('=').map_or("", |it| it.1)
                } else {
                    it.split_once(['x', 'X']).map_or("", |it| it.1)
                };
                let mut inner = Vec::new();
                if !glued.is_empty() {
                    inner.push(Arg::of(glued));
                }
                inner.extend(line.args.get(at..).unwrap_or_default().iter().cloned());
                let own = Judgement::changes(format!("`{}` runs another program", line.name));
                all = all.or_worse(own.or_worse(walk.run(&inner, &Input::None)));
            }
            _ => {}
        }
    }
    all
}

/// `sed`, whose language can write files and run programs.
pub(super) fn sed(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    const LONG: &[&str] = &[
        "--quiet",
        "--silent",
        "--regexp-extended",
        "--null-data",
        "--zero-terminated",
        "--separate",
        "--unbuffered",
        "--posix",
        "--debug",
        "--sandbox",
        "--follow-symlinks",
    ];
    let unknown = || Judgement::changes("`sed` may write");
    if line.may_have(&["--in-place"]) || line.has_short('i') {
        return Judgement::changes("`sed -i` changes files");
    }
    let mut scripts: Vec<(&str, bool)> = Vec::new();
    let mut operands: Vec<(&str, bool)> = Vec::new();
    let mut at = 0;
    while let Some(arg) = line.args.get(at) {
        at += 1;
        if arg.open {
            return unknown();
        }
        let text = arg.text.as_str();
        if !arg.is_option() {
            operands.push((text, arg.known));
        } else if let Some(script) = text.strip_prefix("--expression=") {
            scripts.push((script, arg.known));
        } else if text == "--expression" {
            scripts.extend(line.args.get(at).map(|it| (it.text.as_str(), it.known)));
            at += 1;
        } else if text.starts_with("--") {
            if !LONG.contains(&text) {
                return unknown();
            }
        } else {
            // `-ne SCRIPT`, `-eSCRIPT`
            let rest = text
                .get(1..)
                .unwrap_or_default()
                .trim_start_matches(['n', 'E', 'r', 'z', 'u', 's']);
            if let Some(script) = rest.strip_prefix('e') {
                if script.is_empty() {
                    scripts.extend(line.args.get(at).map(|it| (it.text.as_str(), it.known)));
                    at += 1;
                } else {
                    scripts.push((script, arg.known));
                }
            } else if !rest.is_empty() {
                return unknown();
            }
        }
    }
    if scripts.is_empty() {
        scripts.extend(operands.first().copied());
    }
    let plain = scripts.iter().all(|(text, known)| *known && is_plain_sed(text));
    if plain { Judgement::reads("`sed` only prints") } else { unknown() }
}

/// Whether a script of `sed` is made of addresses with `p`, `d`, `q`, `=`, and of `s///` with
/// harmless flags.
fn is_plain_sed(script: &str) -> bool {
    let chars: Vec<char> = script.chars().collect();
    let mut at = 0;
    let delimited = |mut at: usize, end: char| -> Option<usize> {
        while let Some(&it) = chars.get(at) {
            match it {
                '\\' => at += 1,
                it if it == end => return Some(at + 1),
                '\n' => return None,
                _ => {}
            }
            at += 1;
        }
        None
    };
    loop {
        while chars
            .get(at)
            .is_some_and(|it| it.is_whitespace() || ";,!$~+".contains(*it) || it.is_ascii_digit())
        {
            at += 1;
        }
        match chars.get(at) {
            None => return true,
            Some('/') => match delimited(at + 1, '/') {
                Some(next) => at = next,
                None => return false,
            },
            Some('p' | 'd' | 'q' | '=' | 'D' | 'P' | 'N' | 'n' | 'G' | 'H' | 'h' | 'g' | 'x') => {
                at += 1;
            }
            Some('s') => {
                let Some(&mark) = chars.get(at + 1) else { return false };
                let end = delimited(at + 2, mark).and_then(|it| delimited(it, mark));
                let Some(end) = end else { return false };
                at = end;
                while chars.get(at).is_some_and(|it| "gpiI0123456789mM".contains(*it)) {
                    at += 1;
                }
                if chars.get(at).is_some_and(|it| !it.is_whitespace() && *it != ';') {
                    return false;
                }
            }
            Some(_) => return false,
        }
    }
}

/// `awk`, whose language can write files and run programs.
pub(super) fn awk(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let unknown = || Judgement::changes("`awk` may write or run programs");
    let values = ["-F", "-v", "--field-separator", "--assign"];
    let mut at = 0;
    while let Some(arg) = line.args.get(at).filter(|it| it.is_option()) {
        if arg.open {
            return unknown();
        }
        if values.contains(&arg.text.as_str()) {
            at += 2;
        } else if arg.text.starts_with("-F") || arg.text.starts_with("-v") {
            at += 1;
        } else {
            return unknown();
        }
    }
    let Some(program) = line.args.get(at).filter(|it| it.known) else { return unknown() };
    let text = program.text.replace("||", "  ");
    // `@` loads files, and calls what a variable names.
    let runs = ["system", "getline", "|", "@", "fflush", "\\\n"].iter().any(|it| text.contains(it));
    let after = text.find("print").and_then(|at| text.get(at..)).unwrap_or_default();
    let writes = after.contains('>');
    if runs || writes { unknown() } else { Judgement::reads("`awk` only prints") }
}

/// Programs that look, but for one option or another.
pub(super) fn mostly_reads(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let unsafe_options: &[&str] = match line.name {
        "sort" => &["-o", "--output", "--compress-program"],
        "yq" => &["-i", "--inplace", "--in-place", "-s", "--split-exp"],
        "date" => &["-s", "--set"],
        "hostname" => &["-F", "--file", "-b", "--boot"],
        "less" => &[
            "-o",
            "-O",
            "--log-file",
            "--LOG-FILE",
            "-k",
            "--lesskey-file",
            "--lesskey-src",
            "--lesskey-content",
        ],
        "sar" => &["-o"],
        "atop" => &["-w"],
        "pidstat" => &["-e"],
        "actionlint" => &["-shellcheck", "-pyflakes", "-init-config"],
        "file" => &["-C", "--compile"],
        "tree" => &["-o", "-R"],
        "dmesg" => &["-C", "-c", "--clear", "--read-clear", "-D", "-E", "-n", "--console-level"],
        _ => &[],
    };
    let operands = line.operands().count();
    let bundled = unsafe_options.iter().any(|it| {
        let letter =
            it.strip_prefix('-').filter(|it| it.len() == 1).and_then(|it| it.chars().next());
        letter.is_some_and(|it| line.has_short(it) && line.name != "less")
    });
    let more = match line.name {
        "uniq" | "xxd" => operands > 1,
        "date" => line.operands().any(|it| !it.text.starts_with('+') && !follows_value(line, it)),
        "hostname" => operands > 0,
        // `+!command`
        "less" => line.args.iter().any(|it| it.text.starts_with('+')),
        _ => false,
    };
    if line.may_have(unsafe_options) || bundled || more || (line.is_open() && line.name != "top") {
        return Judgement::changes(format!("`{}` with these options may write", line.name));
    }
    Judgement::reads(format!("`{}` only looks", line.name))
}

/// Whether an operand of `date` belongs to the option before it.
fn follows_value(line: &Line<'_>, operand: &Arg) -> bool {
    line.args.windows(2).any(|pair| {
        matches!(pair, [option, value]
            if std::ptr::eq(value, operand)
                && matches!(option.text.as_str(), "-d" | "--date" | "-r" | "--reference" | "-v" | "-f"))
    })
}

/// Archives: listing looks, the rest writes.
pub(super) fn archive(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let first = line.args.first().map_or("", |it| it.text.as_str());
    let modes = first.trim_start_matches('-');
    let looks = match line.name {
        "tar" => {
            let rest = line.args.get(1..).unwrap_or_default();
            let flags =
                ["-v", "-z", "-j", "-J", "-a", "-O", "--gzip", "--gunzip", "--xz", "--bzip2"];
            let plain = |it: &Arg| {
                let text = it.text.as_str();
                let file = matches!(text, "-f" | "--file") || text.starts_with("--file=");
                // An archive `HOST:NAME` is another machine's, and reached by another program.
                let away = text.split('/').next().is_some_and(|it| it.contains(':'));
                (file || flags.contains(&text) || !it.is_option()) && !away
            };
            let modes = if first == "--list" { "t" } else { modes };
            modes.contains('t')
                && modes.chars().all(|it| "tvfzjJaZ".contains(it))
                && rest.iter().all(plain)
        }
        "unzip" => line.has(&["-l", "-t", "-p", "-v", "-Z"]),
        "zip" => false,
        _ => {
            line.has(&["--stdout", "--to-stdout", "--list", "--test", "-l", "-t"])
                || line.has_short('c')
                || (line.operands().count() == 0 && *line.input != Input::None)
        }
    };
    let packs = matches!(line.name, "gzip" | "gunzip" | "bzip2" | "xz" | "zstd");
    let writes = packs
        && (line.has_short('o')
            || line.may_have(&["--rm", "--output-dir-flat", "--output-dir-mirror"]));
    if looks && !writes && !line.is_open() {
        return Judgement::reads(format!("`{}` only looks", line.name));
    }
    Judgement::changes(format!("`{}` writes files", line.name))
}

/// `tee`
pub(super) fn tee(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    line.operands().fold(Judgement::nothing(), |all, it| all.or_worse(written(&it.text)))
}

/// `rsync`
pub(super) fn sync(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let removes = line.args.iter().any(|it| {
        it.text.starts_with("--delete") || it.text.starts_with("--remove") || it.text == "--del"
    });
    let verb = line.args.first().map_or("", |it| it.text.as_str());
    if removes || matches!(verb, "sync" | "purge" | "delete" | "deletefile" | "move" | "cleanup") {
        return Judgement::destroys(format!("`{}` removes files", line.name));
    }
    Judgement::changes(format!("`{}` copies files", line.name))
}

/// `kill`
pub(super) fn kill(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let first = line.args.first().map_or("", |it| it.text.as_str());
    if matches!(first, "-0" | "-l" | "-L") && line.name != "fuser" {
        return Judgement::reads(format!("`{} {first}` only looks", line.name));
    }
    if line.name == "fuser" && !line.has_short('k') && !line.has(&["--kill"]) && !line.is_open() {
        return Judgement::reads("`fuser` only looks");
    }
    Judgement::destroys(format!("`{}` ends processes", line.name))
}

/// `crontab`
pub(super) fn crontab(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    if line.has(&["-r"]) {
        return Judgement::destroys("`crontab -r` removes the table");
    }
    if line.has(&["-l"]) && !line.is_open() {
        return Judgement::reads("`crontab -l` only looks");
    }
    Judgement::changes("`crontab` replaces the table")
}
