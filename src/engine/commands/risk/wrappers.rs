//! Programs that run other programs, and what a shell does by itself.

use super::{Arg, Input, Judgement, Line, Tool, Walk, by_words};

/// `cd`: what follows happens elsewhere.
pub(super) fn cd(walk: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let to = line.args.iter().find(|it| !it.is_option());
    walk.change_folder(to);
    Judgement::nothing()
}

/// `read`, `printf -v` and the like: a variable holds something new.
pub(super) fn sets_variables(walk: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    for arg in line.args {
        walk.forget(&arg.text);
        if super::walk::steers(&arg.text) {
            return Judgement::changes(format!("`{}` decides what else is run", arg.text));
        }
    }
    // `mapfile -C PROGRAM`
    if matches!(line.name, "mapfile" | "readarray") && line.has_short('C') {
        return Judgement::changes(format!("`{} -C` runs a text", line.name));
    }
    // `printf` alone prints what it is given.
    if line.name == "printf" && !line.has(&["-v"]) {
        return Judgement::nothing();
    }
    walk.builtin(line)
}

/// `sudo X`, `env A=b X`, `timeout 5 X`: judged by X.
pub(super) fn wrapped(walk: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let values: &[&str] = match line.name {
        "sudo" => &["-u", "-g", "-h", "-p", "-C", "-r", "-t", "-U", "-D", "--user", "--group"],
        "doas" => &["-u", "-C"],
        "env" => &["-u", "--unset", "-C", "--chdir"],
        "nice" => &["-n", "--adjustment"],
        "ionice" => &["-c", "-n", "-p", "--class", "--classdata"],
        "timeout" | "gtimeout" => &["-k", "-s", "--signal", "--kill-after"],
        "stdbuf" => &["-i", "-o", "-e"],
        "exec" => &["-a"],
        "flock" => &["-w", "-E", "--timeout"],
        "time" => &["-f", "--format"],
        "dotenv" => &["-e", "-f", "-v"],
        _ => &[],
    };
    let mut at = 0;
    let mut steered = Judgement::nothing();
    while let Some(arg) = line.args.get(at) {
        let text = arg.text.as_str();
        if line.name == "env" && splits(text) {
            // A text of words in one argument.
            let glued = text.split_once(['S', '=']).map_or("", |it| it.1).trim_start_matches('=');
            let mut all = vec![Arg { text: glued.to_owned(), ..arg.clone() }];
            all.extend(line.args.iter().skip(at + 1).cloned());
            let own = Judgement::changes("`env -S` takes a text apart");
            return own.or_worse(walk.typed(&all));
        }
        if line.name == "sudo"
            && matches!(text, "-e" | "-i" | "-s" | "--edit" | "--login" | "--shell")
        {
            return Judgement::changes("`sudo` opens a session");
        }
        if line.name == "time"
            && (line
                .args
                .get(at)
                .is_some_and(|it| it.text.starts_with("-o") || it.text.starts_with("-a"))
                || text.starts_with("--o")
                || text.starts_with("--a"))
        {
            return Judgement::changes("`time -o` writes a file");
        }
        // What the command calls lies somewhere else then.
        let moves = match line.name {
            "env" => text.starts_with("-C") || text.starts_with("--c"),
            "sudo" => text.starts_with("-D") || text.starts_with("-R") || text.starts_with("--ch"),
            _ => false,
        };
        if moves {
            steered = steered
                .or_worse(Judgement::changes(format!("`{}` runs it in another folder", line.name)));
        }
        if line.name == "command" && matches!(text, "-v" | "-V") {
            return Judgement::nothing();
        }
        if text == "--" {
            at += 1;
            break;
        }
        let assignment = !arg.is_option()
            && text.split_once('=').is_some_and(|(name, _)| {
                !name.is_empty() && name.chars().all(|it| it == '_' || it.is_ascii_alphanumeric())
            });
        if assignment && matches!(line.name, "env" | "sudo" | "doas") {
            let again = walk.text(&format!("{} :", shell_quoted(text)));
            steered = steered.or_worse(again);
            at += 1;
        } else if arg.is_option() {
            at += if values.contains(&text) { 2 } else { 1 };
        } else {
            break;
        }
    }
    // The duration, the file that is locked.
    if matches!(line.name, "timeout" | "gtimeout" | "flock") {
        at += 1;
    }
    let rest = line.args.get(at..).unwrap_or_default();
    if rest.is_empty() {
        return steered.or_worse(match line.name {
            "env" => Judgement::reads("`env` only looks"),
            "exec" => Judgement::nothing(),
            "sudo" | "doas" if line.args.is_empty() => Judgement::changes("opens a session"),
            _ => Judgement::nothing(),
        });
    }
    if line.name == "flock"
        && rest.first().is_some_and(|it| it.text == "-c" || it.text == "--command")
    {
        return walk.typed(rest.get(1..).unwrap_or_default());
    }
    let inner = walk.run(rest, line.input);
    steered.or_worse(inner)
}

/// Whether an option of `env` is a text to be taken apart.
fn splits(option: &str) -> bool {
    option.starts_with("--s")
        || (!option.starts_with("--") && option.starts_with('-') && option.contains('S'))
}

/// `NAME=VALUE` as it would stand before a command.
fn shell_quoted(text: &str) -> String {
    match text.split_once('=') {
        Some((name, value)) => format!("{name}='{}'", value.replace('\'', "")),
        None => String::new(),
    }
}

/// `xargs X`: X with arguments that nobody knows.
pub(super) fn xargs(walk: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let values = [
        "-I",
        "-n",
        "-P",
        "-L",
        "-d",
        "-a",
        "-s",
        "-E",
        "-i",
        "-l",
        "-j",
        "--max-args",
        "--max-procs",
        "--delimiter",
        "--arg-file",
        "--replace",
        "--jobs",
    ];
    let mut at = 0;
    let mut mark: Option<String> = None;
    while let Some(arg) = line.args.get(at).filter(|it| it.is_option()) {
        let text = arg.text.as_str();
        if text.starts_with("--pr") {
            return Judgement::changes("`xargs` sets a variable for what it runs");
        }
        if text == "-I" {
            mark = line.args.get(at + 1).map(|it| it.text.clone());
        } else if let Some(glued) =
            ["-I", "-i", "--replace="].iter().find_map(|it| text.strip_prefix(it))
        {
            mark = Some(if glued.is_empty() { "{}".to_owned() } else { glued.to_owned() });
        } else if text.starts_with("--r") {
            mark = Some("{}".to_owned());
        }
        at += if values.contains(&text) && !matches!(text, "-i" | "-l") { 2 } else { 1 };
    }
    let mut rest = line.args.get(at..).unwrap_or_default().to_vec();
    if let Some(mark) = mark.filter(|it| !it.is_empty()) {
        replaced(&mut rest, &mark);
    }
    if rest.is_empty() {
        rest.push(Arg::of(if line.name == "xargs" { "echo" } else { "sh" }));
    }
    if line.name == "parallel" {
        let judged = walk.typed(&rest);
        return judged.or_worse(Judgement::changes("`parallel` runs what it is given"));
    }
    rest.push(Arg::unknown());
    walk.run(&rest, &Input::Unknown)
}

/// Marks arguments that stand for something that nobody knows.
pub(super) fn replaced(args: &mut [Arg], mark: &str) {
    for arg in args.iter_mut().filter(|it| it.text.contains(mark)) {
        arg.known = false;
        arg.open |= arg.text.starts_with(mark);
    }
}

/// `watch X`: a shell runs X again and again.
pub(super) fn watch(walk: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let mut at = 0;
    while let Some(arg) = line.args.get(at).filter(|it| it.is_option()) {
        at += if matches!(arg.text.as_str(), "-n" | "--interval" | "-q") { 2 } else { 1 };
    }
    walk.typed(line.args.get(at..).unwrap_or_default())
}

/// `eval X`, `trap X SIGNAL`.
pub(super) fn evaluated(walk: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let args = if line.name == "trap" { line.args.get(..1).unwrap_or_default() } else { line.args };
    if args.iter().all(|it| it.text == "-" || it.text == "-p" || it.text == "-l") {
        return Judgement::nothing();
    }
    walk.typed(args)
}

/// `sh -c X`, `bash script`, `… | sh`.
pub(super) fn shell(walk: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let mut at = 0;
    let mut texts = false;
    while let Some(arg) = line.args.get(at).filter(|it| it.is_option() || it.text == "-") {
        let text = arg.text.as_str();
        texts |= text == "--command" || (!text.starts_with("--") && text.contains('c'));
        let value = matches!(text, "-o" | "-O" | "--rcfile" | "--init-file" | "-s");
        if matches!(text, "--rcfile" | "--init-file")
            || (line.name == "fish" && !matches!(text, "-c" | "--command"))
        {
            return Judgement::changes("a shell reads another file first");
        }
        at += if value && line.name != "su" && text != "-s" { 2 } else { 1 };
        if text == "--" {
            break;
        }
    }
    let mut rest = line.args.get(at..).unwrap_or_default();
    if line.name == "su" {
        // `su [-] USER -c TEXT`
        let place = line.args.iter().position(|it| matches!(it.text.as_str(), "-c" | "--command"));
        let Some(place) = place else { return Judgement::changes("`su` opens a session") };
        if line.has_short('s') || line.may_have(&["--shell"]) {
            return Judgement::changes("`su` with another shell");
        }
        rest = line.args.get(place + 1..).unwrap_or_default();
        texts = true;
    }
    if texts {
        let Some(text) = rest.first() else { return Judgement::changes("a shell is opened") };
        return walk.typed(std::slice::from_ref(text));
    }
    if let Some(script) = rest.first() {
        let name = if line.name == "fish" { None } else { script.known.then_some(&script.text) };
        let found = name.and_then(|it| walk.script_file(it, rest.get(1..).unwrap_or_default()));
        let shown = crate::base::text::clean(&script.text).into_owned();
        return found.unwrap_or_else(|| by_words(&format!("the script `{shown}`"), rest));
    }
    match line.input {
        Input::Text(text) => walk.text(text),
        Input::Unknown => Judgement::changes("a shell runs what another program prints"),
        Input::None => Judgement::changes("a shell is opened"),
    }
}

/// `source X`: as if the text of X stood here.
pub(super) fn sourced(walk: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let Some(file) = line.args.first() else { return Judgement::nothing() };
    if file.known && file.text.ends_with("/bin/activate") && !file.text.starts_with('/') {
        // Python's own; which programs it finds is judged by their names.
        let inside = walk.script_file(&file.text, &[]);
        return inside.unwrap_or_else(|| Judgement::changes("another Python is used from here on"));
    }
    if file.known
        && let Some(found) = walk.script_file(&file.text, &[])
    {
        return found;
    }
    Judgement::changes("runs a file that is not looked at")
}

/// `ssh HOST X`: judged by X.
pub(super) fn ssh(walk: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    /// Letters without and with a value that change neither what runs nor anything here.
    const FLAGS: &str = "46ACTtqvxXn";
    const VALUES: &str = "bciJlmp";
    /// Settings that do not either.
    const SETTINGS: &[&str] = &[
        "batchmode",
        "connecttimeout",
        "connectionattempts",
        "stricthostkeychecking",
        "userknownhostsfile",
        "loglevel",
        "serveraliveinterval",
        "serveralivecountmax",
        "requesttty",
        "identitiesonly",
        "identityfile",
        "port",
        "user",
        "passwordauthentication",
        "compression",
    ];
    let odd = || Judgement::changes("`ssh` does more than run a command");
    let mut at = 0;
    while let Some(arg) = line.args.get(at).filter(|it| it.is_option()) {
        at += 1;
        let mut letters = arg.text.chars().skip(1);
        while let Some(letter) = letters.next() {
            let glued: String = letters.clone().collect();
            if FLAGS.contains(letter) {
                continue;
            }
            let value = if glued.is_empty() {
                at += 1;
                line.args.get(at - 1).map_or_else(String::new, |it| it.text.clone())
            } else {
                glued
            };
            let setting = value.split(['=', ' ']).next().unwrap_or_default().to_ascii_lowercase();
            let setting = letter == 'o' && SETTINGS.contains(&setting.as_str());
            if !setting && !VALUES.contains(letter) {
                return odd();
            }
            break;
        }
    }
    // `"$HOST"` may turn out as an option.
    if line.args.get(at).is_some_and(|it| it.open) {
        return odd();
    }
    let rest = line.args.get(at + 1..).unwrap_or_default();
    if rest.is_empty() || line.name != "ssh" {
        return Judgement::changes("opens a session on another machine");
    }
    let before = rest.iter().all(|it| !it.open);
    let mut judged = walk.elsewhere(rest);
    if judged.risk == super::Risk::ReadOnly && !before {
        judged = Judgement::changes("what runs on the other machine is not known");
    }
    judged.why = format!("on another machine: {}", judged.why);
    judged
}

/// `poetry run X`, `npx X`: what runs X may fetch it first.
pub(super) fn runs_another(walk: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let own = Judgement::changes(format!("`{}` runs what the project brings", line.name));
    let args = line.args;
    let shown = format!("`{}`", line.name);
    let rest: &[Arg] = match line.name {
        "npx" | "bunx" | "tsx" | "cross-env" => {
            let at = args.iter().position(|it| {
                !it.is_option() && (line.name != "cross-env" || !it.text.contains('='))
            });
            at.and_then(|at| args.get(at..)).unwrap_or_default()
        }
        "concurrently" => {
            let mut all = own;
            for arg in args.iter().filter(|it| it.known && !it.is_option()) {
                let one = walk.typed(std::slice::from_ref(arg));
                all = all.or_worse(one);
            }
            return all;
        }
        _ => {
            let at = args.iter().position(|it| {
                matches!(it.text.as_str(), "run" | "exec" | "--" | "--run" | "--command")
            });
            let Some(at) = at else { return own.or_worse(by_words(&shown, args)) };
            let mut rest = args.get(at + 1..).unwrap_or_default();
            while rest.first().is_some_and(super::Arg::is_option) {
                let takes = matches!(
                    rest.first().map_or("", |it| it.text.as_str()),
                    "--with"
                        | "--python"
                        | "-p"
                        | "--package"
                        | "--extra"
                        | "--group"
                        | "-e"
                        | "--env-file"
                );
                rest = rest.get(if takes { 2 } else { 1 }..).unwrap_or_default();
            }
            rest
        }
    };
    if rest.is_empty() {
        return own;
    }
    if line.name == "nix-shell" {
        return own.or_worse(walk.typed(rest));
    }
    if matches!(line.name, "pdm" | "hatch" | "poetry" | "uv" | "rye" | "pipenv")
        && let Some(name) = rest.first()
        && let Some(found) = walk.call(Tool::Python, None, &name.text)
    {
        return own.or_worse(found);
    }
    let inner = walk.run(rest, line.input);
    own.or_worse(inner)
}

/// `make X`, `npm run X`: judged by the recipe, where the repository has it.
pub(super) fn recipe(walk: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    if super::programs::asks_version(line) {
        return Judgement::reads(format!("`{}` tells its version", line.name));
    }
    match line.name {
        "make" | "gmake" => {
            runner(walk, line, Tool::Make, &["-C", "-f", "-j", "-I", "-o", "-W", "-l"])
        }
        "just" => {
            runner(walk, line, Tool::Just, &["-f", "--justfile", "-d", "--working-directory"])
        }
        "task" | "go-task" => runner(walk, line, Tool::Task, &["-t", "--taskfile", "-d", "--dir"]),
        "composer" => after_run(walk, line, Tool::Composer, &["run", "run-script"]),
        "mise" => after_run(walk, line, Tool::Mise, &["run", "r"]),
        "poe" => runner(walk, line, Tool::Python, &["-C"]),
        "rake" => runner(walk, line, Tool::Rake, &["-f"]),
        _ => node(walk, line),
    }
}

fn runner(walk: &mut Walk<'_>, line: &Line<'_>, tool: Tool, values: &[&str]) -> Judgement {
    let shown = format!("`{}`", line.name);
    let mut folder = None;
    let mut names = Vec::new();
    let mut all = Judgement::nothing();
    let mut at = 0;
    while let Some(arg) = line.args.get(at) {
        let text = arg.text.as_str();
        if arg.open || !arg.known && !text.contains('=') {
            all =
                all.or_worse(Judgement::changes(format!("what {shown} is asked for is not known")));
        } else if values.contains(&text) {
            let next = line.args.get(at + 1).map(|it| it.text.clone());
            if matches!(text, "-C" | "-d" | "--dir" | "--working-directory") {
                folder = next;
            } else if !matches!(text, "-j" | "-I" | "-o" | "-W" | "-l") {
                let why = format!("{shown} is given another file");
                all = all.or_worse(Judgement::changes(why));
            }
            at += usize::from(text != "-j" || next_is_number(line.args.get(at + 1)));
        } else if let Some(to) = text.strip_prefix("-C").filter(|_| tool == Tool::Make) {
            folder = Some(to.to_owned());
        } else if arg.is_option() {
            // Another file, other rules, another shell: all but what changes nothing of what runs.
            let quiet = [
                "-s",
                "--silent",
                "--quiet",
                "-k",
                "--keep-going",
                "-B",
                "--always-make",
                "-n",
                "--dry-run",
                "--no-print-directory",
                "-v",
                "--verbose",
                "--yes",
                "-y",
                "-q",
            ];
            let jobs =
                text.strip_prefix("-j").is_some_and(|it| it.chars().all(|it| it.is_ascii_digit()));
            if !quiet.contains(&text) && !jobs && !text.starts_with("--jobs") {
                let why = format!("{shown} is given an option that may change what runs");
                all = all.or_worse(Judgement::changes(why));
            }
        } else if text.contains('=') {
            // A variable may stand for anything in the recipe.
            all = all.or_worse(Judgement::changes(format!("{shown} is given other values")));
        } else {
            names.push(arg.text.clone());
        }
        at += 1;
    }
    if names.is_empty() {
        names.push(String::new());
    }
    if matches!(tool, Tool::Just | Tool::Python | Tool::Rake) {
        // What follows are the recipe's arguments.
        names.truncate(1);
    }
    for name in &names {
        let asked = format!("`{} {}`", line.name, crate::base::text::clean(name));
        let one = walk
            .call(tool, folder.as_deref(), name)
            .unwrap_or_else(|| by_words(&asked, &[Arg::of(name)]));
        all = all.or_worse(one);
    }
    all
}

fn next_is_number(arg: Option<&Arg>) -> bool {
    arg.is_some_and(|it| it.text.chars().all(|it| it.is_ascii_digit()))
}

fn after_run(walk: &mut Walk<'_>, line: &Line<'_>, tool: Tool, verbs: &[&str]) -> Judgement {
    let shown = format!("`{}`", line.name);
    let mut words = line.operands();
    let first = words.next().map_or("", |it| it.text.as_str());
    let name =
        if verbs.contains(&first) { words.next().map_or("", |it| it.text.as_str()) } else { first };
    let name = name.to_owned();
    walk.call(tool, None, &name).unwrap_or_else(|| by_words(&shown, line.args))
}

/// npm and its like: some verbs look, some are scripts, the rest installs.
fn node(walk: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    const READS: &[&str] = &[
        "ls", "list", "ll", "la", "view", "info", "show", "why", "explain", "root", "prefix",
        "ping", "whoami", "search", "help", "fund",
    ];
    let shown = format!("`{}`", line.name);
    if line.name.starts_with("run-") || line.name == "npm-run-all" {
        let mut all = Judgement::changes(format!("{shown} runs scripts"));
        for arg in line.operands() {
            let one = walk.call(Tool::Node, None, &arg.text);
            all = all.or_worse(one.unwrap_or_else(Judgement::nothing));
        }
        return all;
    }
    let values = ["-w", "--workspace", "-C", "--dir", "--cwd", "--prefix", "--filter", "-F"];
    let mut folder: Option<String> = None;
    let mut elsewhere = false;
    let mut words: Vec<&Arg> = Vec::new();
    let mut at = 0;
    while let Some(arg) = line.args.get(at) {
        let (name, value) = match arg.text.split_once('=') {
            Some((name, value)) if arg.is_option() => (name, Some(value.to_owned())),
            _ => (arg.text.as_str(), None),
        };
        if name == "--" && !words.is_empty() {
            break;
        }
        if values.contains(&name) {
            let inline = value.is_some();
            let value = value.or_else(|| line.args.get(at + 1).map(|it| it.text.clone()));
            at += usize::from(!inline);
            // A workspace by its name or its folder; a name is not resolved here.
            match value {
                Some(it) if !it.starts_with('@') => folder = Some(it),
                _ => elsewhere = true,
            }
        } else if matches!(name, "--workspaces" | "-ws" | "-r" | "--recursive" | "-W") {
            elsewhere = true;
        } else if !arg.is_option() {
            words.push(arg);
        }
        at += 1;
    }
    let first = words.first().map_or("", |it| it.text.as_str());
    if line.args.iter().any(|it| {
        it.text.starts_with("--script")
            || it.text.contains("config")
            || it.text.starts_with("--node")
    }) {
        return by_words(&format!("{shown} with settings of its own"), line.args);
    }
    // The others run whichever version of themselves the project names.
    let reads = line.name == "npm" && READS.contains(&first);
    if reads || (line.name == "npm" && first == "audit" && !line.has(&["--fix", "fix"])) {
        return Judgement::reads(format!("`{} {first}` only looks", line.name));
    }
    if matches!(first, "exec" | "dlx" | "x") {
        let rest: Vec<Arg> = words.iter().skip(1).map(|it| (*it).clone()).collect();
        let own = Judgement::changes(format!("{shown} runs what the project brings"));
        let inner = walk.run(&rest, line.input);
        return own.or_worse(inner);
    }
    let mut name = match first {
        "run" | "run-script" | "rum" | "urn" => words.get(1).map_or("", |it| it.text.as_str()),
        "t" | "tst" => "test",
        first => first,
    };
    if name == "workspace" || name == "workspaces" {
        elsewhere = true;
        name = words.last().map_or("", |it| it.text.as_str());
    }
    let name = name.to_owned();
    let found = walk.call(Tool::Node, folder.as_deref(), &name);
    let asked = format!("`{} {}`", line.name, crate::base::text::clean(&name));
    let unknown = || by_words(&asked, line.args);
    match found {
        Some(it) if elsewhere => {
            it.or_worse(Judgement::changes(format!("{shown} runs scripts of other packages")))
        }
        // Which shell that is, and what else runs, is for files of the project to say.
        Some(it) => it.or_worse(Judgement::changes(format!("{shown} runs what the project sets"))),
        None => unknown(),
    }
}
