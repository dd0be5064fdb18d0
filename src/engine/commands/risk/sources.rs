//! git and the tools of languages.

use super::programs::Verbs;
use super::{Judgement, Line, Walk, by_words, split_verb};

/// `go`
pub(super) const GO: Verbs = Verbs {
    values: &["-C"],
    flags: &[],
    reads: &["version", "env", "list", "doc", "help"],
    destroys: &[],
    writes: &[
        "-w",
        "-u",
        "-toolexec",
        "-mod",
        "-exec",
        "-export",
        "-compiled",
        "-overlay",
        "-modfile",
        "-test",
    ],
};

const GIT: Verbs = Verbs {
    values: &["-C", "--work-tree", "--namespace"],
    flags: &[
        "--no-pager",
        "-P",
        "--no-optional-locks",
        "--bare",
        "--no-replace-objects",
        "--literal-pathspecs",
        "-p",
        "--paginate",
    ],
    reads: &[
        "status",
        "log",
        "show",
        "diff",
        "blame",
        "annotate",
        "describe",
        "rev-parse",
        "ls-files",
        "ls-tree",
        "ls-remote",
        "cat-file",
        "shortlog",
        "rev-list",
        "name-rev",
        "merge-base",
        "for-each-ref",
        "grep",
        "count-objects",
        "check-ignore",
        "version",
        "help",
        "whatchanged",
        "show-ref",
        "diff-tree",
        "diff-index",
        "diff-files",
        "cherry",
        "range-diff",
        "show-branch",
        "verify-commit",
        "verify-tag",
        "var",
        "stash list",
        "stash show",
        "remote show",
        "remote get-url",
        "remote -v",
        "reflog show",
        "worktree list",
        "submodule status",
        "notes list",
        "notes show",
        "bisect log",
        "config get",
        "config list",
        "tag list",
    ],
    destroys: &[
        "clean",
        "rm",
        "filter-branch",
        "filter-repo",
        "stash drop",
        "stash clear",
        "reflog expire",
        "reflog delete",
        "worktree remove",
        "prune",
        "restore",
        "submodule deinit",
        "remote remove",
        "remote rm",
    ],
    writes: &[
        "--upload-pack",
        "--exec",
        "--filters",
        "--output",
        "--ext-diff",
        "-O",
        "--open-files-in-pager",
        "--textconv",
    ],
};

/// `git`
pub(super) fn git(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let Some((_, rest)) = split_verb(line.args, GIT.values, GIT.flags) else {
        return by_words("`git` with settings of its own", line.args);
    };
    let verb = rest.first().map_or("", |it| it.text.as_str());
    let after = rest.get(1..).unwrap_or_default();
    let has = |texts: &[&str]| {
        after.iter().any(|it| {
            texts.contains(&it.text.as_str())
                || texts
                    .iter()
                    .any(|text| text.starts_with("--") && it.text.starts_with(&format!("{text}=")))
        })
    };
    let short = |letter: char| {
        after.iter().any(|it| {
            it.text.starts_with('-') && !it.text.starts_with("--") && it.text.contains(letter)
        })
    };
    let looks = || Judgement::reads(format!("`git {verb}` only looks"));
    let operands = after.iter().filter(|it| !it.is_option()).count();
    let open = after.iter().any(|it| it.open);
    match verb {
        "push" => {
            let removes = has(&[
                "--force",
                "--force-with-lease",
                "--delete",
                "--mirror",
                "--prune",
                "--force-if-includes",
            ]) || short('f')
                || short('d')
                || after.iter().any(|it| it.text.starts_with('+') || it.text.starts_with(':'));
            if removes {
                return Judgement::destroys("`git push` overwrites or removes what others have");
            }
            Judgement::changes("`git push` publishes")
        }
        "reset" if has(&["--hard", "--merge", "--keep"]) => {
            Judgement::destroys("`git reset --hard` throws changes away")
        }
        "checkout" | "switch"
            if has(&["--", ".", "--force", "--discard-changes", "-f", "-B", "-C"]) =>
        {
            Judgement::destroys(format!("`git {verb}` throws changes away"))
        }
        "branch" | "tag" => {
            if has(&["--delete", "--force"]) || ['d', 'D', 'f', 'M'].into_iter().any(short) {
                return Judgement::destroys(format!("`git {verb}` removes a name"));
            }
            let listing = has(&[
                "--list",
                "-l",
                "--contains",
                "--merged",
                "--no-merged",
                "--points-at",
                "--show-current",
                "-n",
            ]);
            let harmless = !has(&[
                "-m",
                "-c",
                "--move",
                "--copy",
                "-a",
                "-s",
                "--set-upstream-to",
                "-u",
                "--unset-upstream",
                "--edit-description",
            ]) || verb == "branch" && has(&["-a"]) && operands == 0;
            if (operands == 0 || listing) && harmless && !open {
                looks()
            } else {
                Judgement::changes(format!("`git {verb}` changes names"))
            }
        }
        // `ext::COMMAND` is a place to git.
        "ls-remote" | "remote" if after.iter().any(|it| it.text.contains("::")) => {
            Judgement::changes(format!("`git {verb}` may run another program"))
        }
        "remote" | "reflog" | "notes" if operands == 0 && !open => looks(),
        "config" => {
            let reads =
                has(&["--get", "--list", "-l", "--get-all", "--get-regexp", "--show-origin"])
                    || matches!(after.first().map(|it| it.text.as_str()), Some("get" | "list"));
            if reads && !open && !has(&["--unset", "--add", "--replace-all", "--edit", "-e"]) {
                return looks();
            }
            Judgement::changes("`git config` changes settings")
        }
        "gc" | "update-ref" if has(&["--prune", "-d"]) => {
            Judgement::destroys(format!("`git {verb}` removes objects or names"))
        }
        "stash" if operands == 0 => Judgement::changes("`git stash` puts changes aside"),
        _ => GIT.judge_verb(line, rest),
    }
}

/// `cargo`: a toolchain or a compiler that the project names runs with each of its verbs.
pub(super) fn cargo(_: &mut Walk<'_>, line: &Line<'_>) -> Judgement {
    let mut words = line.args.iter().filter(|it| !it.text.starts_with('+') && !it.is_option());
    let verb = words.next().map_or("", |it| it.text.as_str()).to_owned();
    match verb.as_str() {
        "clean" => Judgement::changes("`cargo clean` removes what a build makes again"),
        "yank" | "uninstall" => Judgement::destroys(format!("`cargo {verb}` takes something away")),
        "test" | "nextest" | "bench" => Judgement::changes("runs the project's tests"),
        "tree" | "metadata" | "version" | "pkgid" => {
            Judgement::changes(format!("`cargo {verb}` runs the compiler that the project names"))
        }
        _ => by_words(&format!("`cargo {}`", crate::base::text::clean(&verb)), line.args),
    }
}
