//! Exact search is complete: it names the files that ripgrep names, no fewer and no others.
//!
//! Not searched, and so taken out of ripgrep's answer:
//! - files whose names say that they hold secrets (`.env`, keys, certificates, password stores):
//!   their content must not lie in a second place on the disk;
//! - binary files (a NUL byte near the beginning), in which a text match opens nothing;
//! - symbolic links: the file they lead to has its own entry;
//! - what lies beyond `index.max-file-bytes` of a file; none of the files here is that long.
//!
//! Ignored files are left out by both. One known difference: without capitals in the query, navi
//! takes `a` for `A` but not `é` for `É`, so no such text is among the chosen cases.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use navi::engine::files::FileKeeper;
use navi::engine::index::{Index, Snapshot, Update, bring_up_to_date, is_secret, read_raw};
use navi::engine::owners::Owners;
use navi::engine::roles::RoleSet;
use navi::engine::search::{Ask, Finder, Results, Session};
use navi::engine::walk::walk;

use crate::support::{Cli, Home, Tree};

/// How many texts are drawn.
const DRAWN: usize = 200;
/// How much of a file is searched, as in the default settings.
const LIMIT: u64 = 1 << 20;

/// The sample and navi's own source in one tree, with files that must not be searched.
fn forest() -> Tree {
    let tree = Tree::of(&[
        ("sample/.env", "PAYMENT_KEY=never-in-the-index\n"),
        ("deploy/server.key", "never-in-the-index\n"),
        ("docs/.hidden/notes.txt", "Straße, naïve café — ‘quoted’ … 日本語のログ\n"),
        ("docs/wide.txt", &format!("{}needle{}\n", "x".repeat(400), "y".repeat(400))),
    ]);
    let target = tree.path().join("sample/unpacked");
    let then = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_700_000_000);
    navi::sample::unpack(&target, then).unwrap();
    // Its own repository inside would bring ignore rules of its own; the outer one decides here.
    fs::remove_dir_all(target.join(".git")).unwrap();
    fs::create_dir(tree.path().join(".git")).unwrap();
    fs::write(tree.path().join(".git/HEAD"), "ref: refs/heads/main\n").unwrap();
    for folder in ["src/base", "src/engine", "src/config", "keymaps", "themes"] {
        copy(
            &Path::new(env!("CARGO_MANIFEST_DIR")).join(folder),
            &tree.path().join("own").join(folder),
        );
    }
    fs::write(tree.path().join("own/picture.bin"), b"needle\0needle").unwrap();
    #[cfg(unix)]
    std::os::unix::fs::symlink("wide.txt", tree.path().join("docs/link.txt")).unwrap();
    tree
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

/// An index of the tree, opened for searching.
struct Searched {
    finder: Finder,
    snapshot: Snapshot,
}

impl Searched {
    fn new(root: &Path, cache: &Path) -> Self {
        Self::open(root, cache, true)
    }

    /// With an index that is brought up to date, or as it was left.
    fn open(root: &Path, cache: &Path, fresh: bool) -> Self {
        let roles = Arc::new(RoleSet::builtin().0);
        let keeper = Mutex::new(FileKeeper::default());
        walk(root, 1, None, &|batch| {
            let mut keeper = keeper.lock().unwrap();
            for found in &batch {
                keeper.put(found, &roles);
            }
            true
        });
        let keeper = keeper.into_inner().unwrap();
        let (index, _) = Index::open(cache).unwrap();
        let files = keeper.list();
        let update = Update {
            root,
            files: &files,
            roles: &roles,
            limit: LIMIT,
            crew: navi::workers::crew,
            threads: 2,
        };
        if fresh {
            bring_up_to_date(&index, &keeper, &update, &|_, _| {}).unwrap();
        }
        let snapshot = index.snapshots().unwrap().take(&keeper, true).unwrap();
        let finder = Finder {
            root: root.to_owned(),
            roles,
            owners: Arc::new(Owners::default()),
            habits: std::sync::Arc::default(),
            file_limit: LIMIT,
            crew: navi::workers::crew,
            threads: 2,
        };
        Self { finder, snapshot }
    }

    fn find(&self, query: &str) -> BTreeSet<String> {
        let mut last = Results::default();
        let ask = Ask { limit: 100_000, unfinished: false, count_all: true, now: 0 };
        self.finder.find(&self.snapshot, query, ask, &|| false, &mut |it| last = it);
        assert!(last.finished && last.said.is_empty(), "{query}: {:?}", last.said);
        last.hits.iter().map(|hit| hit.path.to_text().into_owned()).collect()
    }
}

/// What a person sees who types: the answers to one key, the last one whole.
fn typed(it: &Searched, session: &mut Session, query: &str, limit: usize) -> Vec<Results> {
    let mut answers = Vec::new();
    let ask = Ask { limit, unfinished: true, count_all: false, now: 0 };
    it.finder.find_again(session, &it.snapshot, query, ask, &|| false, &mut |it| answers.push(it));
    answers
}

/// A person with three rows.
fn quick() -> Session {
    let mut session = Session::default();
    session.rows = 3;
    session
}

/// What ripgrep names for a text, without the files that are not searched.
fn ripgrep(root: &Path, home: &Home, literal: &str) -> BTreeSet<String> {
    let output = Command::new("rg")
        .args(["--no-config", "--hidden", "--glob", "!.git", "--files-with-matches"])
        .args(["--fixed-strings", "--smart-case", "--regexp", literal])
        .current_dir(root)
        .env_clear()
        .envs(home.variables())
        .output()
        .expect("these tests compare with ripgrep: install `rg`");
    assert!(output.stderr.is_empty(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(str::to_owned)
        .filter(|path| is_searched(root, path))
        .collect()
}

fn is_searched(root: &Path, path: &str) -> bool {
    !is_secret(path.as_bytes())
        && !root.join(path).is_symlink()
        && read_raw(root, &path.into(), LIMIT).unwrap().is_some()
}

/// The quoted form of a text in a query; `None` when it holds both quotes.
fn quoted(literal: &str) -> Option<String> {
    if !literal.contains('\'') {
        Some(format!("'{literal}'"))
    } else if !literal.contains('"') {
        Some(format!("\"{literal}\""))
    } else {
        None
    }
}

/// Numbers that are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        // Steele and Vigna's SplitMix64.
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % limit as u64) as usize
    }
}

/// Texts of 3 to 24 characters from anywhere in the files: within words, across punctuation.
fn draw(root: &Path, count: usize) -> Vec<String> {
    let mut texts: Vec<Vec<char>> = Vec::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        let mut entries: Vec<_> = fs::read_dir(&folder).unwrap().map(Result::unwrap).collect();
        entries.sort_by_key(fs::DirEntry::file_name);
        for entry in entries {
            let kind = entry.file_type().unwrap();
            if kind.is_dir() && entry.file_name() != ".git" {
                folders.push(entry.path());
            } else if let (true, Ok(text)) = (kind.is_file(), fs::read_to_string(entry.path())) {
                texts.push(text.chars().collect());
            }
        }
    }
    let mut dice = Dice(11);
    let mut out = Vec::new();
    while out.len() < count {
        let text = &texts[dice.below(texts.len())];
        let length = 3 + dice.below(22);
        if text.len() <= length {
            continue;
        }
        let start = dice.below(text.len() - length);
        let literal: String = text[start..start + length].iter().collect();
        let usable = !literal.contains(['\n', '\r', '\0']) && !literal.trim().is_empty();
        if usable && quoted(&literal).is_some() {
            out.push(literal);
        }
    }
    out
}

#[test]
fn exact_texts_are_found_where_ripgrep_finds_them() {
    let tree = forest();
    let home = Home::new();
    let searched = Searched::new(tree.path(), &home.folder("cache").join("index"));
    let mut drawn = draw(tree.path(), DRAWN);
    // Cases that chance may miss: no word at all, other alphabets, the middle of a long run, a
    // text of a file that is not searched.
    drawn.extend(
        [
            "});",
            "--",
            "\u{65e5}\u{672c}",
            "caf\u{e9} \u{2014}",
            "xneedley",
            "needle",
            "xxx",
            "yyyy",
        ]
        .map(str::to_owned),
    );
    drawn.push("never-in-the-index".to_owned());
    let mut wrong = Vec::new();
    let mut found = 0;
    for literal in &drawn {
        let want = ripgrep(tree.path(), &home, literal);
        let have = searched.find(&quoted(literal).unwrap());
        found += want.len();
        if want != have {
            let missing: Vec<_> = want.difference(&have).collect();
            let extra: Vec<_> = have.difference(&want).collect();
            wrong.push(format!("{literal:?}: missing {missing:?}, extra {extra:?}"));
        }
    }
    assert!(found > drawn.len(), "the comparison compares something: {found}");
    assert!(wrong.is_empty(), "{} of {} differ:\n{}", wrong.len(), drawn.len(), wrong.join("\n"));
}

#[test]
fn the_command_line_is_as_complete() {
    let tree = forest();
    let cli = Cli::new(tree.path());
    for literal in draw(tree.path(), 12) {
        let query = quoted(&literal).unwrap();
        let said = cli.run(&["find", "--json", "--limit", "100000", "--", &query]);
        let have: BTreeSet<String> = said.paths().into_iter().collect();
        assert_eq!(have, ripgrep(tree.path(), &cli.home, &literal), "{literal:?}");
    }
}

#[test]
fn counts_that_are_told_before_files_are_read_are_right() {
    let tree = forest();
    let home = Home::new();
    let cache = home.folder("cache").join("index");
    let indexed = Searched::new(tree.path(), &cache);
    for number in 0..9 {
        tree.write(&format!("new/{number}.txt"), "the Error is not in the index: retry_all\n");
    }
    let partly = Searched::open(tree.path(), &cache, false);
    let mut texts = draw(tree.path(), 4);
    texts.extend(["Error", "error", "retry_al", "self.query", "});"].map(str::to_owned));
    let (mut early, mut open) = (0, 0);
    for (searched, limit) in [(&indexed, 30), (&indexed, 1000), (&partly, 30)] {
        for text in &texts {
            let mut session = quick();
            for (end, _) in text.char_indices().skip(1).chain([(text.len(), ' ')]) {
                let Some(query) = quoted(&text[..end]).filter(|_| !text[..end].trim().is_empty())
                else {
                    continue;
                };
                let answers = typed(searched, &mut session, &query, limit);
                let all = searched.find(&query).len();
                let last = answers.last().unwrap();
                let at_once = typed(searched, &mut Session::default(), &query, limit);
                assert_eq!(last.hits, at_once.last().unwrap().hits, "{query}");
                for told in answers.iter().filter(|it| it.finished) {
                    assert_eq!((told.total, told.open_ended), (last.total, last.open_ended));
                    if told.open_ended {
                        open += 1;
                        assert!(
                            told.total == limit && all >= limit,
                            "{query}: {}, {all}",
                            told.total
                        );
                    } else {
                        assert_eq!(told.total, all, "{query}");
                    }
                }
                early +=
                    usize::from(answers[0].finished && answers[0].hits.len() < last.hits.len());
            }
        }
    }
    assert!(early > 50 && open > 10, "{early} early, {open} open-ended");
    // Of up to three letters the index knows, but for the few files that it has not read.
    for query in ["'er'", "'err'"] {
        let answers = typed(&partly, &mut quick(), query, 30);
        let first = &answers[0];
        assert!(first.finished && first.hits.len() == 3, "{query}: {}", first.hits.len());
        assert_eq!((first.total, first.open_ended), (partly.find(query).len(), false), "{query}");
        assert!(first.total > 60, "{query}: {}", first.total);
    }
}
