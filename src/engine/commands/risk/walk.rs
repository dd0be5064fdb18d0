//! Goes through a text command by command, and through the scripts and recipes that it calls.

use std::collections::{HashMap, HashSet};

use super::programs::{self, Rule};
use super::{Arg, Around, Input, Judgement, Line, Recipe, Tool, by_words};
use crate::base::RepoPath;
use crate::engine::commands::Risk;
use crate::engine::commands::shell::{Part, Redirect, Simple, Word, read};

/// Calls within each other that are followed.
const DEEPEST: usize = 24;
/// Texts that are looked at for one command.
const MOST: usize = 200;
/// Bytes of what is kept of them, to be shown and trusted.
const KEPT: usize = 64 * 1024;

/// Folders whose programs are those of the system.
const SYSTEM: &[&str] = &[
    "/bin",
    "/sbin",
    "/usr/bin",
    "/usr/sbin",
    "/usr/local/bin",
    "/usr/local/sbin",
    "/opt/homebrew/bin",
    "/snap/bin",
];

/// Variables by which a program is made to run another.
pub fn steers(name: &str) -> bool {
    name.starts_with("LD_")
        || name.starts_with("DYLD_")
        || name.starts_with("GIT_")
        || name.starts_with("BASH_FUNC")
        || name.ends_with("PAGER")
        || name.ends_with("EDITOR")
        || name.ends_with("OPTS")
        || name.ends_with("_OPTIONS")
        || [
            "PYTHON",
            "PERL",
            "RUBY",
            "CARGO",
            "RUST",
            "CLOUDSDK_",
            "HELM_",
            "npm_config_",
            "NPM_CONFIG_",
        ]
        .iter()
        .any(|it| name.starts_with(it))
        || matches!(
            name,
            "PATH"
                | "IFS"
                | "ENV"
                | "BASH_ENV"
                | "PS4"
                | "SHELLOPTS"
                | "BASHOPTS"
                | "SHELL"
                | "PROMPT_COMMAND"
                | "NODE_PATH"
                | "NODE_REPL_EXTERNAL_MODULE"
                | "HOME"
                | "XDG_CONFIG_HOME"
                | "GCONV_PATH"
                | "GOFLAGS"
                | "GOENV"
                | "GOTOOLCHAIN"
                | "GREP_OPTIONS"
                | "LESS"
                | "LESSKEY"
                | "LESSKEYIN"
                | "RIPGREP_CONFIG_PATH"
                | "WGETRC"
                | "SSLKEYLOGFILE"
                | "OPENSSL_CONF"
                | "OPENSSL_MODULES"
                | "OPENSSL_ENGINES"
                | "AWS_CONFIG_FILE"
                | "AWS_SHARED_CREDENTIALS_FILE"
                | "DOCKER_CLI_PLUGIN_EXTRA_DIRS"
                | "PGSYSCONFDIR"
                | "MYSQL_HOME"
                | "REDISCLI_RCFILE"
                | "MAKEFLAGS"
                | "MAKEFILES"
                | "LESSOPEN"
                | "LESSCLOSE"
                | "BROWSER"
                | "CURL_HOME"
                | "KUBECTL_EXTERNAL_DIFF"
                | "PSQLRC"
                | "DOCKER_CONFIG"
                | "MANPATH"
                | "KUBECONFIG"
        )
}

/// What a variable is known to hold.
#[derive(Debug, Clone)]
enum Held {
    Words(Vec<Arg>),
    /// More than one value, or one that nobody knows.
    Anything,
}

/// What holds while a text is gone through.
#[derive(Debug, Clone, Default)]
struct State {
    /// The folder below the root, where it is known.
    folder: Option<String>,
    /// The folder at the beginning: `cd` in a subshell or on one line of a recipe is undone.
    start: Option<String>,
    /// Whether the folder is a guess.
    guessed: bool,
    /// The script that this is, when it is one.
    script: Option<String>,
    held: HashMap<String, Held>,
    functions: HashSet<String>,
}

/// Judges texts, and collects what else decides what they do.
pub struct Walk<'a> {
    around: &'a dyn Around,
    seen: HashSet<String>,
    depth: usize,
    state: State,
    /// Files of the repository that were read on the way, or would run.
    pub files: Vec<RepoPath>,
    /// What was called, as text, each piece under its name.
    pub called: String,
}

impl<'a> Walk<'a> {
    /// A walk in a repository.
    pub fn new(around: &'a dyn Around) -> Self {
        Self {
            around,
            seen: HashSet::new(),
            depth: 0,
            state: State::default(),
            files: Vec::new(),
            called: String::new(),
        }
    }

    /// Judges an argument array that runs in this folder below the root.
    pub fn argv(&mut self, argv: &[String], folder: Option<&str>) -> Judgement {
        let args: Vec<Arg> = argv.iter().map(|it| Arg::of(it)).collect();
        self.inside(folder, None, |walk| walk.run(&args, &Input::None))
    }

    /// Judges a text that a shell runs in this folder below the root.
    pub fn script(&mut self, text: &str, folder: Option<&str>) -> Judgement {
        self.inside(folder, None, |walk| walk.text(text))
    }

    /// Judges a recipe with what it needs.
    pub fn recipe(&mut self, tool: Tool, folder: &str, name: &str) -> Option<Judgement> {
        let (key, recipe) = self.around.recipe(tool, folder, name)?;
        Some(self.enter(tool, folder, &key, &recipe, false))
    }

    fn enter(
        &mut self,
        tool: Tool,
        folder: &str,
        name: &str,
        recipe: &Recipe,
        show: bool,
    ) -> Judgement {
        let key = format!("{tool:?}\0{:?}\0{name}", recipe.files);
        if let Some(stop) = self.stop(key) {
            return stop;
        }
        for file in &recipe.files {
            self.note(file);
        }
        let mut all = Judgement::nothing();
        self.depth += 1;
        for need in &recipe.needs {
            if let Some((key, it)) = self.around.recipe(tool, folder, need) {
                let one = self.enter(tool, folder, &key, &it, true);
                all = all.or_worse(one);
            }
        }
        if show {
            self.keep(name, &recipe.text);
        }
        let one = self.inside(recipe.folder.as_deref(), None, |walk| walk.text(&recipe.text));
        self.depth -= 1;
        all = all.or_worse(one);
        if let Some((risk, why)) = &recipe.least {
            all = all.or_worse(Judgement::known(*risk, why.clone()));
        }
        all
    }

    /// Whether this was looked at before, or is one call too many.
    fn stop(&mut self, key: String) -> Option<Judgement> {
        if self.depth >= DEEPEST || self.seen.len() >= MOST {
            return Some(Judgement::changes("it calls more than can be followed"));
        }
        (!self.seen.insert(key)).then(Judgement::nothing)
    }

    fn note(&mut self, file: &RepoPath) {
        if !self.files.contains(file) {
            self.files.push(file.clone());
        }
    }

    fn keep(&mut self, name: &str, text: &str) {
        if text.trim().is_empty() || self.called.len() + text.len() > KEPT {
            return;
        }
        self.called.push_str("# ");
        self.called.push_str(name);
        self.called.push('\n');
        self.called.push_str(text.trim_end());
        self.called.push('\n');
    }

    fn inside<T>(
        &mut self,
        folder: Option<&str>,
        script: Option<&str>,
        what: impl FnOnce(&mut Self) -> T,
    ) -> T {
        let state = State {
            folder: folder.map(str::to_owned),
            start: folder.map(str::to_owned),
            script: script.map(str::to_owned),
            ..State::default()
        };
        let before = std::mem::replace(&mut self.state, state);
        let out = what(self);
        self.state = before;
        out
    }

    /// Judges a text with what holds now.
    pub(super) fn text(&mut self, text: &str) -> Judgement {
        if self.depth >= DEEPEST {
            return Judgement::changes("it calls more than can be followed");
        }
        self.depth += 1;
        let script = read(text);
        let mut all = Judgement::nothing();
        if let Some(why) = script.odd {
            all = all.or_worse(Judgement::changes(format!("it is not understood: {why}")));
        }
        // What stands before the first function is in none, and runs before any is known.
        let first = script.functions.iter().map(|it| it.before).min().unwrap_or_default();
        let (before, after) = script.simples.split_at(first.min(script.simples.len()));
        for simple in before {
            all = all.or_worse(self.simple(simple, &script.simples));
        }
        self.state.functions.extend(script.functions.iter().map(|it| it.name.clone()));
        for simple in after {
            all = all.or_worse(self.simple(simple, &script.simples));
        }
        self.depth -= 1;
        all
    }

    fn simple(&mut self, simple: &Simple, all: &[Simple]) -> Judgement {
        let mut worst = Judgement::nothing();
        for redirect in &simple.redirects {
            worst = worst.or_worse(self.redirect(redirect));
        }
        for (name, words) in &simple.sets {
            if steers(name) {
                let why = format!("`{name}` decides what else is run");
                worst = worst.or_worse(Judgement::changes(why));
            }
            // Arithmetic takes a text as a program once more: `x='a[$(…)]'; echo $((x))`.
            let hides =
                |it: &Word| it.known().is_some_and(|it| it.contains("$(") || it.contains('`'));
            if let Some(hidden) = words.iter().find(|it| hides(it)) {
                let inner = self.text(&format!("echo {}", hidden.known().unwrap_or_default()));
                let why = format!("`{name}` holds a text that may be expanded");
                worst = worst.or_worse(inner).or_worse(Judgement::changes(why));
            }
        }
        // `declare -n` gives a variable another name.
        let first = simple.words.first().and_then(Word::known);
        if matches!(first.as_deref(), Some("declare" | "local" | "typeset"))
            && simple
                .words
                .iter()
                .skip(1)
                .filter_map(Word::known)
                .any(|it| it.starts_with('-') && it.contains('n'))
        {
            worst = worst.or_worse(Judgement::changes("a variable stands for another"));
        }
        let args = self.args(&simple.words);
        if !args.is_empty() {
            let input = self.input(simple, all);
            let known = args.first().is_some_and(|it| {
                it.known && (it.text.contains('/') || programs::rule(&it.text).is_some())
            });
            // Only another shell than bash would take this for a command.
            if !simple.maybe || known {
                let one = self.run(&args, &input);
                worst = worst.or_worse(one);
            }
        }
        for (name, words) in &simple.sets {
            let value = self.args(words);
            self.set(name, value, words);
        }
        worst
    }

    fn set(&mut self, name: &str, value: Vec<Arg>, words: &[Word]) {
        let whole = value.iter().all(|it| it.known && !it.open);
        let same = |held: &Held| matches!(held, Held::Words(it) if *it == value);
        let known = whole && words.len() <= 40 && self.state.held.get(name).is_none_or(same);
        let held = if known { Held::Words(value) } else { Held::Anything };
        self.state.held.insert(name.to_owned(), held);
    }

    /// A variable may hold anything from here on.
    pub(super) fn forget(&mut self, name: &str) {
        self.state.held.insert(name.to_owned(), Held::Anything);
    }

    fn redirect(&self, redirect: &Redirect) -> Judgement {
        let Redirect::Write(word) = redirect else { return Judgement::nothing() };
        let arg = self.args(std::slice::from_ref(word)).into_iter().next();
        let text = arg.map(|it| it.text).unwrap_or_default();
        super::files::written(&text)
    }

    fn input(&self, simple: &Simple, all: &[Simple]) -> Input {
        for redirect in simple.redirects.iter().rev() {
            match redirect {
                Redirect::Text(word) => {
                    return word.known().map_or(Input::Unknown, Input::Text);
                }
                Redirect::Read(word) => {
                    let empty = word.known().is_some_and(|it| it == "/dev/null");
                    return if empty { Input::None } else { Input::Unknown };
                }
                Redirect::Write(_) | Redirect::Copy => {}
            }
        }
        let Some(from) = simple.reads.and_then(|at| all.get(at)) else { return Input::None };
        let args = self.args(&from.words);
        let Some((program, rest)) = args.split_first() else { return Input::Unknown };
        match program.text.as_str() {
            "echo" | "printf" if rest.iter().all(|it| it.known) => {
                let words: Vec<&str> = rest.iter().map(|it| it.text.as_str()).collect();
                Input::Text(words.join(" ").replace("\\n", "\n").replace("\\r", ""))
            }
            "cat" if rest.is_empty() => self.input(from, &[]),
            _ => Input::Unknown,
        }
    }

    /// The words as arguments, with the variables whose value is known.
    fn args(&self, words: &[Word]) -> Vec<Arg> {
        let mut out = Vec::new();
        for word in words {
            if let [Part::Variable { name, quoted, all }] = word.parts.as_slice()
                && let Some(Held::Words(value)) = self.state.held.get(name)
            {
                match value.as_slice() {
                    [one] if !quoted && !all => {
                        out.extend(one.text.split_whitespace().map(Arg::of));
                    }
                    several if *all => out.extend(several.iter().cloned()),
                    several => out.extend(several.first().cloned()),
                }
                continue;
            }
            let parts = word.parts.iter().map(|part| match part {
                Part::Variable { name, quoted, all: false } => match self.state.held.get(name) {
                    Some(Held::Words(value))
                        if value.len() == 1
                            && (*quoted
                                || !value.iter().any(|it| it.text.contains([' ', '*', '?']))) =>
                    {
                        let text = value.iter().map(|it| it.text.as_str()).collect();
                        Part::Text { text, quoted: true }
                    }
                    _ => part.clone(),
                },
                _ => part.clone(),
            });
            out.push(Arg::from_word(&Word { parts: parts.collect() }));
        }
        out
    }

    /// Judges a program with its arguments.
    pub(super) fn run(&mut self, args: &[Arg], input: &Input) -> Judgement {
        let Some((program, rest)) = args.split_first() else { return Judgement::nothing() };
        if program.text.is_empty() && program.known {
            return Judgement::nothing();
        }
        let test = matches!(program.text.as_str(), "[" | "[[");
        let fixed = program.known && (test || (!program.open && !program.glob));
        if !fixed {
            let why = "which program runs is known only when it runs";
            return Judgement::changes(why).or_worse(by_words("it", rest));
        }
        if self.depth >= DEEPEST {
            return Judgement::changes("it calls more than can be followed");
        }
        self.depth += 1;
        let out = self.program(&program.text, rest, input);
        self.depth -= 1;
        out
    }

    fn program(&mut self, path: &str, args: &[Arg], input: &Input) -> Judgement {
        if self.state.functions.contains(path) && programs::rule(path).is_none() {
            // What it does has been judged where it is written. A program of that name may still be
            // what runs: before it is defined, or where it never is.
            return Judgement::nothing();
        }
        let (folder, name) = path.rsplit_once('/').map_or((None, path), |it| (Some(it.0), it.1));
        let foreign = folder.is_some_and(|it| !SYSTEM.contains(&it));
        // They fetch the build tool and tidy up behind themselves; what matters is what they are told.
        let wrapper = matches!(name, "mvnw" | "gradlew");
        if foreign
            && !wrapper
            && let Some(found) = self.script_file(path, args)
        {
            return found;
        }
        let line = Line { name, args, input };
        let judged = match programs::rule(name) {
            Some(Rule::Reads) => Judgement::reads(format!("`{name}` only looks")),
            Some(Rule::Nothing) => self.builtin(&line),
            Some(Rule::Changes(why)) => Judgement::changes(format!("`{name}` {why}")),
            Some(Rule::Destroys(why)) => Judgement::destroys(format!("`{name}` {why}")),
            Some(Rule::Verbs(verbs)) => verbs.judge(&line),
            Some(Rule::By(judge)) => judge(self, &line),
            None if programs::asks_version(&line) => {
                Judgement::reads(format!("`{name}` tells its version"))
            }
            None => by_words(&format!("`{name}`"), args),
        };
        if foreign {
            let why = format!("`{name}` is not the system's own");
            return judged.or_worse(Judgement::changes(why));
        }
        judged
    }

    /// What a shell does by itself. In arithmetic and in names of variables it expands once more,
    /// also what was quoted.
    pub(super) fn builtin(&mut self, line: &Line<'_>) -> Judgement {
        let mut all = Judgement::nothing();
        if matches!(line.name, "echo" | ":" | "true" | "false" | "sleep") {
            return all;
        }
        for arg in line.args.iter().filter(|it| it.text.contains("$(") || it.text.contains('`')) {
            if arg.known {
                let inner = self.text(&format!("echo {}", arg.text));
                all = all.or_worse(inner);
            }
            all = all.or_worse(Judgement::changes(format!("`{}` expands a text", line.name)));
        }
        all
    }

    /// Judges a file of the repository that is run, sourced or handed to a shell.
    pub(super) fn script_file(&mut self, path: &str, args: &[Arg]) -> Option<Judgement> {
        let guessed = self.state.guessed || self.state.folder.is_none();
        let from = [self.state.folder.clone().unwrap_or_default()];
        let folders = from.into_iter().chain(self.state.start.clone());
        let mut places = folders.filter_map(|it| joined(&it, path));
        let (place, text) = places.find_map(|it| self.around.file(&it).map(|text| (it, text)))?;
        let file = RepoPath::from(place.as_str());
        if let Some(stop) = self.stop(format!("file\0{place}")) {
            return Some(stop);
        }
        self.note(&file);
        self.keep(&place, &text);
        let shown = format!("`{}`", crate::base::text::clean(&place));
        let mut all = if is_shell(&place, &text) {
            let folder = self.state.folder.clone();
            let unsure = guessed;
            self.inside(folder.as_deref(), Some(&place), |walk| {
                walk.state.guessed = unsure;
                walk.text(&text)
            })
        } else {
            by_words(&shown, args)
        };
        if all.risk > Risk::ReadOnly && !all.why.contains(&shown) {
            all.why = format!("{} in {}", all.why, crate::base::text::clean(&place));
        }
        if guessed {
            all = all.or_worse(Judgement::changes(format!("runs {shown}")));
        }
        Some(all)
    }

    /// Judges a recipe that a tool is asked for.
    pub(super) fn call(
        &mut self,
        tool: Tool,
        folder: Option<&str>,
        name: &str,
    ) -> Option<Judgement> {
        let from = [self.state.folder.clone().unwrap_or_default()];
        let folders = from.into_iter().chain(self.state.start.clone());
        let mut places = folders.filter_map(|it| joined(&it, folder.unwrap_or_default()));
        let (folder, (key, recipe)) =
            places.find_map(|it| self.around.recipe(tool, &it, name).map(|found| (it, found)))?;
        let judged = self.enter(tool, &folder, &key, &recipe, true);
        let unsure = self.state.folder.is_none() || self.state.guessed;
        if unsure {
            return Some(judged.or_worse(Judgement::changes(format!("runs `{key}`"))));
        }
        Some(judged)
    }

    /// Goes to another folder, as `cd` does.
    pub(super) fn change_folder(&mut self, to: Option<&Arg>) {
        let Some(to) = to else {
            self.state.folder = None;
            return;
        };
        if to.known {
            let here = self.state.folder.clone();
            self.state.folder = here.and_then(|it| joined(&it, &to.text));
            return;
        }
        // `cd "$(dirname "$0")/.."`: beside the script, which is where most go.
        let script = self.state.script.as_deref();
        let beside = script.map(|it| it.rsplit_once('/').map_or("", |it| it.0).to_owned());
        let rest = to.text.strip_prefix('…').unwrap_or("");
        self.state.folder = beside.and_then(|it| joined(&it, rest.trim_start_matches('/')));
        self.state.guessed = true;
    }

    /// Whether a text is to be judged as if somebody had typed it here.
    pub(super) fn typed(&mut self, args: &[Arg]) -> Judgement {
        if args.iter().all(|it| it.known) {
            let words: Vec<&str> = args.iter().map(|it| it.text.as_str()).collect();
            return self.text(&words.join(" "));
        }
        Judgement::changes("what it runs is known only when it runs").or_worse(by_words("it", args))
    }
}

/// Whether a file is for a shell.
fn is_shell(path: &str, text: &str) -> bool {
    if let Some(first) = text.strip_prefix("#!") {
        let first = first.lines().next().unwrap_or_default();
        return first
            .split(['/', ' '])
            .any(|it| matches!(it, "sh" | "bash" | "dash" | "ash" | "zsh" | "ksh" | "bats"));
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    let ending = name.rsplit_once('.').map(|it| it.1);
    matches!(ending, None | Some("sh" | "bash" | "zsh" | "ksh" | "env"))
}

/// A path below the root from a folder below it; `None` when it leaves the root.
pub fn joined(folder: &str, path: &str) -> Option<String> {
    if path.starts_with('/') || path.starts_with('~') {
        return None;
    }
    let mut parts: Vec<&str> = folder.split('/').filter(|it| !it.is_empty()).collect();
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

impl Walk<'_> {
    /// The text of a file of the repository that decides what a program does.
    pub(super) fn read_file(&mut self, path: &str) -> Option<String> {
        let folders = self.state.folder.clone().into_iter().chain(self.state.start.clone());
        let mut places = folders.filter_map(|it| joined(&it, path));
        let (place, text) = places.find_map(|it| self.around.file(&it).map(|text| (it, text)))?;
        self.note(&RepoPath::from(place.as_str()));
        self.keep(&place, &text);
        Some(text)
    }

    /// Judges what runs where nothing of this repository is: on another machine, in a container.
    pub(super) fn elsewhere(&mut self, args: &[Arg]) -> Judgement {
        let away = self.around;
        self.around = &super::Alone;
        let judged = self.inside(None, None, |walk| walk.typed(args));
        self.around = away;
        judged
    }

    /// The same for an argument array.
    pub(super) fn elsewhere_run(&mut self, args: &[Arg], input: &Input) -> Judgement {
        let away = self.around;
        self.around = &super::Alone;
        let judged = self.inside(None, None, |walk| walk.run(args, input));
        self.around = away;
        judged
    }
}
