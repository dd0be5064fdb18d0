//! Fenced blocks of runbooks and READMEs: each statement is a command, under its comment or heading.
//!
//! What sets a machine up (cloning, installing) is left out, and so is what holds a placeholder: it
//! would not run as it stands. The page shows both.

use std::collections::{HashMap, HashSet};

use super::{Draft, Found, Source, id, place, tidy, work_of};
use crate::engine::commands::risk::joined;
use crate::engine::commands::tree::{Item, Tree, below};
use crate::engine::commands::{Kind, Work, kind, shell};
use crate::engine::standing::Standing;

/// See the module.
pub const SOURCE: Source = Source { takes, find };

/// Pages that are read, and commands of one page and of all.
const MOST_PAGES: usize = 60;
const MOST_OF_PAGE: usize = 40;
/// The same of a page that is not for emergencies.
const MOST_OF_OTHERS: usize = 12;
const MOST: usize = 150;

/// Words of paths that say that a page is for emergencies.
const EMERGENCY: &[&str] = &[
    "runbook",
    "playbook",
    "troubleshoot",
    "incident",
    "oncall",
    "on-call",
    "on_call",
    "operations",
    "ops",
    "debug",
    "disaster",
    "recovery",
    "emergency",
    "maintenance",
    "sre",
];
/// The same of pages that are worth reading as well.
const NEAR: &[&str] =
    &["deploy", "admin", "develop", "contribut", "backup", "upgrade", "monitoring", "faq"];

/// Files beside which a page tells how to work in its own folder.
const MANIFESTS: &[&str] = &[
    "package.json",
    "Makefile",
    "pyproject.toml",
    "Cargo.toml",
    "go.mod",
    "mix.exs",
    "Gemfile",
    "composer.json",
    "docker-compose.yml",
    "docker-compose.yaml",
    "compose.yaml",
    "compose.yml",
    "justfile",
    "Taskfile.yml",
    "pom.xml",
    "build.gradle",
    "requirements.txt",
    "manage.py",
];

fn ending(item: &Item) -> bool {
    let name = item.name().to_ascii_lowercase();
    name.ends_with(".md") || name.ends_with(".markdown") || name.ends_with(".mdx")
}

/// How much a page is about emergencies; `None` when it is not read.
fn weight(item: &Item) -> Option<u32> {
    let lower = item.path.to_ascii_lowercase();
    let words = |list: &[&str]| {
        lower
            .split(['/', '-', '_', '.', ' '])
            .any(|part| list.iter().any(|it| part.starts_with(it)))
    };
    if item.runbook || words(EMERGENCY) {
        return Some(0);
    }
    let depth = item.path.matches('/').count();
    let readme = item.name().to_ascii_lowercase().starts_with("readme");
    if words(NEAR) && depth <= 2 {
        return Some(1);
    }
    (readme && depth <= 2).then_some(2)
}

fn takes(item: &Item) -> bool {
    ending(item)
        && !matches!(
            item.standing,
            Standing::Vendored | Standing::Generated | Standing::Test | Standing::Example
        )
        && weight(item).is_some()
}

fn find(tree: &Tree<'_>, items: &[&Item], found: &mut Found) {
    let mut pages: Vec<(u32, &Item)> =
        items.iter().filter_map(|it| Some((weight(it)?, *it))).collect();
    pages.sort_by_key(|(weight, item)| (*weight, item.path.matches('/').count()));
    // The same line stands in many pages; the first is the most telling one.
    let mut seen: HashSet<String> = HashSet::new();
    for draft in &found.drafts {
        let folder = draft.command.cwd.to_text();
        seen.insert(format!("{folder}\0{}", draft.command.work.argv().join(" ")));
    }
    let mut left = MOST;
    for (weight, item) in pages.into_iter().take(MOST_PAGES) {
        let Some(text) = tree.text(&item.path) else { continue };
        let mut of_page = 0;
        let most = if weight == 0 { MOST_OF_PAGE } else { MOST_OF_OTHERS };
        // What stands beside a manifest is meant to run there.
        let whole = MANIFESTS.iter().any(|it| tree.has(&below(item.folder(), it)));
        let start = if whole { item.folder() } else { "" };
        let page = slug(item);
        let mut titles: HashMap<String, usize> = HashMap::new();
        let from = found.drafts.len();
        for block in blocks(&text) {
            for step in steps(tree, &block, start, weight == 0) {
                let work = work_of(&step.text);
                let key = format!("{}\0{}", step.folder, work.argv().join(" "));
                if left == 0 || of_page >= most || !seen.insert(key) {
                    continue;
                }
                let line = block.line + step.line - 1;
                let words = step.text.split_whitespace().filter(|it| !it.starts_with('-'));
                let words: Vec<&str> = words.take(4).collect();
                // `git log` shows commits.
                let named =
                    (words.first() != Some(&"git")).then(|| kind::of_name(&words.join(" ")));
                let told = kind::of_text(&step.text).or_else(|| named.flatten());
                // Away from runbooks only what is plainly for this is of use.
                if told.is_none() && weight > 0 {
                    continue;
                }
                let kind = told.or_else(|| kind::of_name(&step.title)).unwrap_or(Kind::Other);
                // By what it is for: a number would change with every command above it.
                let mut draft = Draft::new(
                    id(&["docs", &page, &words_of(&step.title)]),
                    &step.title,
                    kind,
                    work,
                    place(&item.path, line),
                )
                .within(&step.folder)
                .ranked([48, 62, 68][weight.min(2) as usize]);
                draft.command.follows = super::make::follows(&step.text);
                draft.command.interactive = super::make::interactive(&step.text);
                *titles.entry(draft.command.title.clone()).or_default() += 1;
                found.drafts.push(draft);
                of_page += 1;
                left -= 1;
            }
        }
        // Of several below one heading, each is told by what it is.
        for draft in found.drafts.iter_mut().skip(from) {
            if titles.get(&draft.command.title).is_some_and(|it| *it > 1) {
                let shown = match &draft.command.work {
                    Work::Shell(text) => text.clone(),
                    work => work.argv().join(" "),
                };
                draft.command.title = tidy(&gist(&shown));
            }
        }
    }
}

/// A command without its options: what is left fits a row, and tells it from its neighbours.
fn gist(text: &str) -> String {
    /// Options that take a word.
    const TAKE: &[&str] = &[
        "-f",
        "--file",
        "-n",
        "--namespace",
        "--context",
        "--kube-context",
        "--max-time",
        "-m",
        "-H",
        "--header",
        "--tail",
        "--since",
        "-o",
        "-w",
        "-U",
        "-d",
        "-p",
        "--profile",
        "--request",
        "-X",
    ];
    let mut out: Vec<&str> = Vec::new();
    let mut words = text.split_whitespace();
    while let Some(word) = words.next() {
        if TAKE.contains(&word) {
            // What is quoted goes on to its end.
            let value = words.next().unwrap_or_default();
            let mark = value.chars().next().filter(|it| matches!(it, '\'' | '"'));
            if let Some(mark) = mark.filter(|it| value.len() < 2 || !value.ends_with(*it)) {
                words.by_ref().find(|it| it.ends_with(mark));
            }
        } else if !word.starts_with('-') {
            out.push(word.strip_prefix("http://").unwrap_or(word));
        }
    }
    out.join(" ")
}

/// The page's name for ids.
fn slug(item: &Item) -> String {
    let stem = item.path.rsplit_once('.').map_or(item.path.as_str(), |it| it.0);
    let lower = stem.to_ascii_lowercase();
    let short =
        lower.strip_prefix("docs/").or_else(|| lower.strip_prefix("doc/")).unwrap_or(&lower);
    short.replace(['/', ' '], "-")
}

/// The first words of a title, for ids.
fn words_of(title: &str) -> String {
    let lower = title.to_lowercase();
    let words = lower.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty());
    let out: Vec<&str> = words.take(5).collect();
    if out.is_empty() { "command".to_owned() } else { out.join("-") }
}

/// A fenced block that is for a shell.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
struct Block {
    /// The line of its first line of text, from 1.
    line: u32,
    /// The heading above it.
    heading: String,
    text: String,
}

fn blocks(page: &str) -> Vec<Block> {
    let mut out = Vec::new();
    let mut heading = String::new();
    let mut open: Option<(char, usize, bool, usize, Block)> = None;
    for (at, line) in page.lines().enumerate() {
        let trimmed = line.trim_start();
        let indent = line.len() - trimmed.len();
        if let Some((mark, length, wanted, indent, block)) = &mut open {
            let closes = trimmed.chars().take_while(|it| it == mark).count();
            if closes >= *length && trimmed.trim_end().chars().all(|it| it == *mark) {
                if *wanted {
                    out.push(std::mem::take(block));
                }
                open = None;
                continue;
            }
            // A block within a list is indented as the list is.
            let rest = line.char_indices().take_while(|it| it.0 < *indent && it.1 == ' ').count();
            block.text.push_str(line.get(rest..).unwrap_or_default());
            block.text.push('\n');
            continue;
        }
        let mark = trimmed.chars().next().unwrap_or(' ');
        let length = trimmed.chars().take_while(|it| *it == mark).count();
        if matches!(mark, '`' | '~') && length >= 3 {
            let info = trimmed.get(length..).unwrap_or_default().trim();
            if info.contains('`') {
                continue;
            }
            let language =
                info.split([' ', ',', '{', ':']).next().unwrap_or_default().to_ascii_lowercase();
            let wanted = matches!(
                language.as_str(),
                "sh" | "bash"
                    | "shell"
                    | "console"
                    | "zsh"
                    | "shell-session"
                    | "sh-session"
                    | "terminal"
                    | "shellsession"
            );
            let block =
                Block { line: at as u32 + 2, heading: heading.clone(), text: String::new() };
            open = Some((mark, length, wanted, indent, block));
        } else if let Some(title) = trimmed.strip_prefix('#') {
            let title = title.trim_start_matches('#');
            if title.starts_with(' ') {
                title.trim().trim_end_matches('#').trim().clone_into(&mut heading);
            }
        }
    }
    out
}

/// A statement of a block.
struct Step {
    line: u32,
    title: String,
    text: String,
    folder: String,
}

/// The command behind a prompt such as `$`, `>`, `user@host:~$`.
fn behind_prompt(line: &str) -> Option<&str> {
    let line = line.trim_start();
    let line = line.strip_prefix("(venv)").map_or(line, str::trim_start);
    let (prompt, rest) = line.split_once(' ')?;
    let sign = matches!(prompt, "$" | ">" | "%" | "❯");
    let long = prompt.len() <= 60
        && prompt.ends_with('$')
        && prompt.chars().all(|it| it.is_alphanumeric() || "@:~/.-_$".contains(it));
    (sign || long).then_some(rest)
}

/// The statements of a block that are worth running, within the folders that it goes to.
fn steps(tree: &Tree<'_>, block: &Block, start: &str, all: bool) -> Vec<Step> {
    let mut text = String::new();
    let first = block.text.lines().find(|it| {
        let it = it.trim_start();
        !it.is_empty() && !it.starts_with('#')
    });
    let prompted = first.is_some_and(|it| behind_prompt(it).is_some());
    let mut continued = false;
    for line in block.text.lines() {
        // Among prompts, lines without one are what was printed; they stay as empty lines.
        match behind_prompt(line).filter(|_| prompted) {
            Some(command) => text.push_str(command),
            None if prompted && !continued && !line.trim_start().starts_with('#') => {}
            None => text.push_str(line),
        }
        continued = text.ends_with('\\');
        text.push('\n');
    }
    let script = shell::read(&text);
    if script.odd.is_some() {
        return Vec::new();
    }
    // What sets a variable for what follows belongs together.
    let sets: Vec<&str> = script
        .simples
        .iter()
        .filter(|it| it.words.first().and_then(shell::Word::known).is_none_or(|it| it == "export"))
        .flat_map(|it| it.sets.iter().map(|it| it.0.as_str()))
        .collect();
    let used = sets
        .iter()
        .any(|it| text.contains(&format!("${it}")) || text.contains(&format!("${{{it}")));
    let lines: Vec<&str> = text.lines().collect();
    let comment = |line: u32| -> Option<String> {
        let mut at = line as usize - 1;
        while at > 0 {
            at -= 1;
            let above = lines.get(at)?.trim();
            if let Some(says) = above.strip_prefix('#') {
                return Some(says.trim_start_matches('#').trim().to_owned())
                    .filter(|it| !it.is_empty());
            }
            if above.is_empty() {
                return None;
            }
        }
        None
    };
    let mut out = Vec::new();
    if used {
        let first = script.statements.first().map_or(1, |it| it.line);
        let bad = is_placeholder(&text) || !worth(&text, all);
        if !bad {
            let title = comment(first).unwrap_or_else(|| block.heading.clone());
            out.push(Step {
                line: first,
                title,
                text: text.trim().to_owned(),
                folder: start.to_owned(),
            });
        }
        return out;
    }
    let exists = |it: &String| {
        let inside = format!("{it}/");
        it.is_empty() || tree.items().iter().any(|item| item.path.starts_with(&inside))
    };
    let mut folder = Some(start.to_owned());
    for statement in script.statements {
        if let Some(to) = plain_cd(&statement.text) {
            let here = folder.as_deref().and_then(|it| joined(it, &to)).filter(exists);
            folder = here.or_else(|| joined("", &to).filter(exists));
            continue;
        }
        // Behind a folder that is not here nobody knows where one is.
        let Some(folder) = folder.clone() else { continue };
        if is_placeholder(&statement.text) || !worth(&statement.text, all) {
            continue;
        }
        let behind = statement.text.rsplit_once(" # ").map(|it| it.1.to_owned());
        let title = comment(statement.line)
            .or(behind.filter(|it| !it.contains(['\'', '"', '\n'])))
            .unwrap_or_else(|| block.heading.clone());
        let title = if title.is_empty() { tidy(&statement.text) } else { title };
        out.push(Step { line: statement.line, title, text: statement.text, folder });
    }
    out
}

/// `cd FOLDER` and nothing else.
fn plain_cd(text: &str) -> Option<String> {
    let argv = shell::read(text).plain()?;
    match argv.as_slice() {
        [cd, to] if cd == "cd" => Some(to.clone()),
        _ => None,
    }
}

/// Whether something in the text is to be replaced by whoever reads it.
fn is_placeholder(text: &str) -> bool {
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let after = rest.get(at + 1..).unwrap_or_default();
        let end = after.find('>').filter(|end| {
            let inside = after.get(..*end).unwrap_or_default();
            !inside.is_empty() && !inside.contains(['\n', '<', '(', '&', '|'])
        });
        if end.is_some() {
            return true;
        }
        rest = after;
    }
    let lower = text.to_ascii_lowercase();
    [
        "your-",
        "your_",
        "<your",
        "xxx",
        "...",
        "…",
        "path/to/",
        "example.com",
        "{{",
        "changeme",
        "my-",
    ]
    .iter()
    .any(|it| lower.contains(it))
        || text.contains("[OPTIONS]")
}

/// Whether a command begins as commands do, and not as a sentence or a table.
fn is_likely(simple: &shell::Simple) -> bool {
    let Some(program) = simple.words.first().and_then(shell::Word::known) else { return true };
    let name = program.rsplit('/').next().unwrap_or(&program);
    let plain = name.starts_with(|it: char| it.is_ascii_lowercase() || it == '.')
        && !name.contains([':', '=', '{', ']', ','])
        && !program.contains("://");
    plain || matches!(name, "[[" | "[" | ":")
}

/// Whether a statement is worth having at hand: what sets a machine up is not.
fn worth(text: &str, all: bool) -> bool {
    const SET_UP: &[&str] = &[
        "git",
        "brew",
        "apt",
        "apt-get",
        "yum",
        "dnf",
        "apk",
        "pip",
        "pip3",
        "gem",
        "cp",
        "mv",
        "mkdir",
        "chmod",
        "chown",
        "export",
        "source",
        ".",
        "nvm",
        "pyenv",
        "rbenv",
        "asdf",
        "virtualenv",
        "echo",
        "touch",
        "cat",
        "ls",
        "vim",
        "vi",
        "nano",
        "code",
        "open",
        "choco",
        "winget",
        "scoop",
        "snap",
        "pacman",
        "wget",
        "tar",
        "unzip",
        "ssh-keygen",
        "cd",
        "rm",
        "uv",
        "pipx",
        "conda",
        "rustup",
        "exit",
        "sed",
        "tree",
        "sudo",
        "clear",
    ];
    let script = shell::read(text);
    let mut looked = false;
    if !script.simples.iter().all(is_likely) {
        return false;
    }
    for simple in &script.simples {
        let Some(program) = simple.words.first().and_then(shell::Word::known) else { continue };
        let name = program.rsplit('/').next().unwrap_or(&program);
        let verb = simple.words.get(1).and_then(shell::Word::known).unwrap_or_default();
        let installs = matches!(
            (name, verb.as_str()),
            (
                "npm" | "pnpm" | "yarn" | "bun",
                "install" | "i" | "ci" | "add" | "" | "link" | "init"
            ) | ("go", "install" | "get")
                | ("cargo", "install" | "add")
                | (
                    "composer" | "bundle" | "poetry" | "helm",
                    "install" | "require" | "update" | "repo"
                )
                | ("docker", "pull" | "run" | "login" | "push" | "tag" | "build")
                | ("python" | "python3", "-m")
                | ("corepack", _)
        );
        // In a runbook even these are there for a reason.
        let wanted = if all {
            !matches!(name, "cd" | "export" | "echo" | "vim" | "vi" | "nano" | "exit" | "clear")
                && !matches!((name, verb.as_str()), ("git", "clone"))
        } else {
            !SET_UP.contains(&name) && !installs
        };
        looked |= wanted;
        if !wanted && !all {
            return false;
        }
    }
    looked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::commands::Work;

    fn found(texts: &[(&str, &str)]) -> Vec<(String, String, u32, bool)> {
        let tree = Tree::of_texts(texts);
        let items: Vec<&Item> = tree.items().iter().filter(|it| takes(it)).collect();
        let mut found = Found::default();
        find(&tree, &items, &mut found);
        found
            .drafts
            .iter()
            .map(|it| {
                let it = &it.command;
                (
                    it.title.clone(),
                    it.work.argv().join(" "),
                    it.place.line,
                    matches!(it.work, Work::Shell(_)),
                )
            })
            .collect()
    }

    #[test]
    fn a_gist_tells_commands_apart() {
        for (text, wanted) in [
            ("docker compose -f tools/docker/docker-compose.yml ps", "docker compose ps"),
            ("kubectl --context a-production -n a get pods", "kubectl get pods"),
            (
                "curl --silent --max-time 5 http://localhost:8000/health",
                "curl localhost:8000/health",
            ),
            ("curl -H 'Origin: http://a' -X GET http://b/c", "curl b/c"),
            ("docker logs x | tail", "docker logs x | tail"),
        ] {
            assert_eq!(gist(text), wanted);
        }
    }

    #[test]
    fn blocks_of_a_runbook() {
        let page = "# Help\n\n## Queue is full\n\n1. Look:\n\n   ```sh\n   # How deep is it?\n   \
                    redis-cli llen q\n\n   docker logs x | tail\n   ```\n\n```console\n$ kubectl get pods \\\n  -o wide\n\
                    NAME READY\napi 1/1\n```\n\n```python\nimport os\n```\n\n```bash\nkubectl delete pod <pod>\n\
                    cd api\nmake test   # run them\nURL=http://x\ncurl $URL\n```\n";
        let all = found(&[("docs/runbooks/queue.md", page), ("api/Makefile", "")]);
        assert_eq!(
            all,
            [
                ("How deep is it?".into(), "redis-cli llen q".into(), 9, false),
                ("docker logs x | tail".into(), "sh -c docker logs x | tail".into(), 11, true),
                ("kubectl get pods".into(), "kubectl get pods -o wide".into(), 15, false),
            ]
        );
    }

    #[test]
    fn a_readme_tells_what_runs_and_not_how_to_install() {
        let page = "# App\n```sh\ngit clone x\nnpm install\nmake dev    # all services\nmake test\n```\n\
                    ```sh\nnpx create-thing my-app\n```\n```\nplain\n```\n";
        let all = found(&[("README.md", page)]);
        let shown: Vec<_> = all.iter().map(|it| (it.0.as_str(), it.2)).collect();
        assert_eq!(shown, [("all services", 5), ("App", 6)]);
    }
}
