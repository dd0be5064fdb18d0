//! The repository's history, read from real repositories of every shape.

use std::fs;
use std::path::Path;

use navi::engine::history::{self, Git, History, HistoryError, Kind, Step};
use navi::engine::repo::Repo;

use crate::support::{Cli, GitTree, START, git_in};
#[cfg(unix)]
use crate::support::{Keys, Pty, Watching};

fn read_from(folder: &Path, known: &History) -> (History, usize) {
    let git = Git::open(&Repo::at(folder).unwrap()).unwrap().unwrap();
    let mut new = 0;
    let read = history::read(&git, known, &|| false, &mut |step: Step| new = step.new).unwrap();
    (read, new)
}

fn read(folder: &Path) -> History {
    read_from(folder, &History::default()).0
}

fn subjects(history: &History) -> Vec<&str> {
    history.commits().map(|it| it.subject()).collect()
}

/// The subjects of the commits that touched a file.
fn of<'h>(history: &'h History, path: &str) -> Vec<&'h str> {
    let numbers = history.of(path.as_bytes()).iter();
    numbers.map(|it| history.commit(*it).unwrap().subject()).collect()
}

fn changes(history: &History, number: u32) -> Vec<(String, Kind)> {
    let files = history.commit(number).unwrap().changed_files();
    files.map(|(path, kind)| (String::from_utf8_lossy(path).into_owned(), kind)).collect()
}

#[test]
fn commits_come_newest_first_with_what_they_changed() {
    let git = GitTree::new();
    git.commit("Start", &[("a/one.py", Some("1\n")), ("two.py", Some("2\n"))]);
    let second = git.commit(
        "Fix the first\n\nIt was wrong.\nReviewed-by: Cy <c@x>",
        &[("a/one.py", Some("one\n")), ("two.py", None), ("a/three.py", Some("3\n"))],
    );
    let history = read(git.path());
    assert_eq!(subjects(&history), ["Fix the first", "Start"]);
    let newest = history.commit(0).unwrap();
    assert_eq!((newest.hex(), newest.time()), (second, START + 60));
    assert_eq!((newest.body(), newest.author().as_ref()), ("It was wrong.", "Ada"));
    assert!(newest.is_fix() && !newest.is_merge() && newest.is_known());
    assert_eq!(newest.files_total(), 3);
    assert_eq!(
        changes(&history, 0),
        [
            ("a/one.py".to_owned(), Kind::Modified),
            ("a/three.py".to_owned(), Kind::Added),
            ("two.py".to_owned(), Kind::Deleted)
        ]
    );
    assert_eq!(changes(&history, 1).len(), 2, "the first commit adds all its files");
    assert_eq!(of(&history, "a/one.py"), ["Fix the first", "Start"]);
    assert_eq!(of(&history, "a/three.py"), ["Fix the first"]);
    assert!(history.of(b"a").is_empty() && history.of(b"none").is_empty());
}

#[test]
fn a_folder_in_place_of_a_file_is_seen() {
    let git = GitTree::new();
    git.commit("File", &[("a", Some("1\n")), ("a.b", Some("2\n")), ("a0", Some("3\n"))]);
    git.commit("Folder", &[("a", None), ("a/x", Some("4\n")), ("a0", Some("5\n"))]);
    let history = read(git.path());
    assert_eq!(
        changes(&history, 0),
        [
            ("a".to_owned(), Kind::Deleted),
            ("a/x".into(), Kind::Added),
            ("a0".into(), Kind::Modified)
        ]
    );
}

#[test]
fn a_moved_file_keeps_its_past() {
    let git = GitTree::new();
    git.commit("Add login", &[("login.py", Some("def login\n")), ("keep.py", Some("1\n"))]);
    git.commit("Change login", &[("login.py", Some("def login v2\n"))]);
    git.commit("Move it", &[("login.py", None), ("api/login.py", Some("def login v2\n"))]);
    git.commit("Mend it", &[("api/login.py", Some("def login v3\n"))]);
    git.commit("Move again", &[("api/login.py", None), ("api/auth.py", Some("def login v3\n"))]);
    git.commit("Another login", &[("login.py", Some("other\n"))]);
    let history = read(git.path());
    let all = ["Move again", "Mend it", "Move it", "Change login", "Add login"];
    assert_eq!(of(&history, "api/auth.py"), all);
    assert_eq!(of(&history, "login.py"), ["Another login", "Move it"]);
}

#[test]
fn a_folder_of_many_files_that_moves_keeps_their_past() {
    let git = GitTree::new();
    let name = |folder: &str, number: usize| format!("{folder}/{number}.py");
    let content = |number: usize| format!("file {number}\n");
    for number in 0..250 {
        git.tree.write(&name("old", number), &content(number));
        git.tree.write(&format!("old/{number}/__init__.py"), "");
    }
    git.commit("Add all", &[]);
    git.commit("Mend one", &[("old/7.py", Some("mended\n"))]);
    fs::rename(git.path().join("old"), git.path().join("new")).unwrap();
    git.commit("Move all", &[]);
    let history = read(git.path());
    let moving = history.commit(0).unwrap();
    assert_eq!((moving.files_total(), moving.changed_files().len()), (1000, history::LISTED));
    assert_eq!(of(&history, "new/7.py"), ["Mend one"], "the large ones say nothing of one file");
}

#[test]
fn merges_are_marked_and_do_not_count_for_a_file() {
    let git = GitTree::new();
    git.commit("Start", &[("a", Some("1\n"))]);
    git.git(&["checkout", "-q", "-b", "side"]);
    git.commit("On the side", &[("side.py", Some("1\n"))]);
    git.git(&["checkout", "-q", "main"]);
    git.commit("On main", &[("main.py", Some("1\n"))]);
    git.merge("side");
    let history = read(git.path());
    assert_eq!(subjects(&history), ["Merge side", "On main", "On the side", "Start"]);
    let merge = history.commit(0).unwrap();
    assert!(merge.is_merge() && merge.parents().len() == 2);
    assert_eq!(changes(&history, 0), [("side.py".to_owned(), Kind::Added)]);
    assert_eq!(of(&history, "side.py"), ["On the side"]);
}

#[test]
fn what_is_kept_comes_back_and_only_what_is_new_is_read() {
    let git = GitTree::new();
    for number in 0..5 {
        git.commit(&format!("Commit {number}"), &[("a", Some(&format!("{number}\n")))]);
    }
    git.git(&["tag", "light", "HEAD~1"]);
    git.git(&["tag", "-a", "-m", "v1", "v1.0", "HEAD~2"]);
    let folder = tempfile::tempdir().unwrap();
    let (first, new) = read_from(git.path(), &History::default());
    assert_eq!(new, 5);
    history::save(folder.path(), &first).unwrap();
    let kept = history::load(folder.path()).unwrap();
    assert_eq!(subjects(&kept), subjects(&first));
    assert_eq!((kept.tags(), kept.head(), kept.is_whole()), (first.tags(), first.head(), true));
    let tags: Vec<&str> = kept.tags().iter().map(|it| it.name.as_str()).collect();
    assert_eq!(tags, ["light", "v1.0"]);
    assert_eq!(kept.find(&kept.tags()[1].commit), Some(2));
    assert_eq!(of(&kept, "a").len(), 5);
    let (again, new) = read_from(git.path(), &kept);
    assert!(new == 0 && again.is_same(&kept));
    git.commit("New one", &[("b", Some("b\n"))]);
    let (more, new) = read_from(git.path(), &kept);
    assert_eq!((new, more.len(), of(&more, "b")), (1, 6, vec!["New one"]));
}

#[test]
fn damage_of_the_kept_one_is_seen() {
    let git = GitTree::new();
    git.commit("Start", &[("a", Some("1\n"))]);
    let folder = tempfile::tempdir().unwrap();
    history::save(folder.path(), &read(git.path())).unwrap();
    let file = folder.path().join(history::NAME);
    let good = fs::read(&file).unwrap();
    for at in 0..good.len() {
        let mut bad = good.clone();
        bad[at] ^= 0x10;
        fs::write(&file, &bad).unwrap();
        assert!(history::load(folder.path()).is_none(), "byte {at}");
        fs::write(&file, &good[..at]).unwrap();
        assert!(history::load(folder.path()).is_none(), "cut at {at}");
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        history::save(folder.path(), &read(git.path())).unwrap();
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    }
}

#[test]
fn a_rewritten_head_and_other_branches_show_only_their_own_past() {
    let git = GitTree::new();
    git.commit("Start", &[("a", Some("1\n"))]);
    git.commit("Wrong mesage", &[("a", Some("2\n"))]);
    let before = read(git.path());
    git.git(&["commit", "-q", "--amend", "-m", "Right message"]);
    let (amended, new) = read_from(git.path(), &before);
    assert_eq!((subjects(&amended), new), (vec!["Right message", "Start"], 1));
    assert_eq!(of(&amended, "a"), ["Right message", "Start"]);
    git.git(&["checkout", "-q", "-b", "side", "HEAD~1"]);
    git.commit("On the side", &[("b", Some("1\n"))]);
    let (side, new) = read_from(git.path(), &amended);
    assert_eq!((subjects(&side), new), (vec!["On the side", "Start"], 1));
    git.git(&["checkout", "-q", "--detach", "main"]);
    let (back, new) = read_from(git.path(), &side);
    assert_eq!((subjects(&back), new), (vec!["Right message", "Start"], 0), "known already");
}

#[test]
fn packed_objects_and_references_and_linked_work_trees() {
    let git = GitTree::new();
    for number in 0..20 {
        let content = format!("{}{number}\n", "line\n".repeat(50));
        git.commit(&format!("Commit {number}"), &[("deep/er/a", Some(&content))]);
    }
    git.git(&["tag", "-a", "-m", "r", "release"]);
    git.git(&["gc", "-q"]);
    assert!(git.path().join(".git/packed-refs").exists());
    let history = read(git.path());
    assert_eq!((history.len(), of(&history, "deep/er/a").len()), (20, 20));
    assert_eq!(history.tags()[0].name, "release");
    let other = tempfile::tempdir().unwrap();
    let linked = other.path().join("linked");
    git.git(&["worktree", "add", "-q", "-b", "other", linked.to_str().unwrap(), "HEAD~5"]);
    assert_eq!(subjects(&read(&linked))[0], "Commit 14");
    let shared = other.path().join("shared");
    let from = git.path().to_str().unwrap();
    git.git(&["clone", "-q", "--shared", from, shared.to_str().unwrap()]);
    assert_eq!(read(&shared).len(), 20, "through alternates");
}

#[test]
fn a_shallow_clone_ends_where_it_ends_and_goes_on_when_it_is_deepened() {
    let git = GitTree::new();
    for number in 0..6 {
        git.commit(&format!("Commit {number}"), &[(&format!("f{number}"), Some("x\n"))]);
    }
    let other = tempfile::tempdir().unwrap();
    let clone = other.path().join("clone");
    let from = format!("file://{}", git.path().display());
    git.git(&["clone", "-q", "--depth", "3", &from, clone.to_str().unwrap()]);
    let (history, _) = read_from(&clone, &History::default());
    assert_eq!(subjects(&history), ["Commit 5", "Commit 4", "Commit 3"]);
    let last = history.commit(2).unwrap();
    assert!(!last.is_known() && last.files_total() == 0, "it did not add all files");
    let (again, new) = read_from(&clone, &history);
    assert!(new == 0 && again.is_same(&history));
    git_in(&clone, START, &["fetch", "-q", "--unshallow"]);
    let (deep, _) = read_from(&clone, &history);
    assert_eq!(deep.len(), 6);
    assert!(deep.commits().all(|it| it.is_known()));
    assert_eq!(of(&deep, "f3"), ["Commit 3"]);
}

#[test]
fn missing_and_damaged_objects_cost_what_they_held() {
    let git = GitTree::new();
    git.commit("One", &[("a", Some("1\n"))]);
    git.commit("Two", &[("a", Some("2\n"))]);
    git.commit("Three", &[("a", Some("3\n"))]);
    let tree = git.git(&["rev-parse", "HEAD~1^{tree}"]);
    let file = git.object(&tree);
    let good = fs::read(&file).unwrap();
    fs::remove_file(&file).unwrap();
    let history = read(git.path());
    assert_eq!(subjects(&history), ["Three", "Two", "One"]);
    let known: Vec<bool> = history.commits().map(|it| it.is_known()).collect();
    assert_eq!(known, [false, false, true], "the tree belongs to two comparisons");
    fs::write(&file, &good[..good.len() / 2]).unwrap();
    assert_eq!(read(git.path()).len(), 3);
    let parent = git.git(&["rev-parse", "HEAD~1"]);
    let file = git.object(&parent);
    fs::remove_file(&file).unwrap();
    fs::write(&file, b"nonsense").unwrap();
    let history = read(git.path());
    assert_eq!(subjects(&history), ["Three"], "what is before it cannot be reached");
}

#[test]
fn a_damaged_pack_costs_commits_and_nothing_else() {
    let git = GitTree::new();
    for number in 0..12 {
        let content = format!("{}{number}\n", "a line of text\n".repeat(30));
        git.commit(&format!("Commit {number}"), &[("deep/er/a", Some(&content))]);
    }
    git.git(&["gc", "-q"]);
    let packs = git.path().join(".git/objects/pack");
    for kind in ["pack", "idx"] {
        let found = fs::read_dir(&packs).unwrap().map(|it| it.unwrap().path());
        let file =
            found.into_iter().find(|it| it.extension().is_some_and(|it| it == kind)).unwrap();
        let good = fs::read(&file).unwrap();
        fs::remove_file(&file).unwrap();
        for round in 0..150 {
            let mut bad = good.clone();
            // Spread over the file, from its head on.
            let at = (round * 7919) % bad.len();
            bad[if round < 40 { round } else { at }] ^= 1 << (round % 8);
            if round % 10 == 9 {
                bad.truncate(at);
            }
            fs::write(&file, &bad).unwrap();
            if let Ok(Some(source)) = Git::open(&Repo::at(git.path()).unwrap()) {
                let read = history::read(&source, &History::default(), &|| false, &mut |_| {});
                assert!(read.map_or(0, |it| it.len()) <= 12);
            }
        }
        fs::write(&file, &good).unwrap();
    }
    assert_eq!(read(git.path()).len(), 12);
}

#[test]
fn without_commits_without_git_and_in_forms_that_cannot_be_read() {
    let git = GitTree::new();
    assert!(read(git.path()).is_empty());
    let plain = tempfile::tempdir().unwrap();
    assert!(Git::open(&Repo::at(plain.path()).unwrap()).unwrap().is_none());
    git_in(plain.path(), START, &["init", "-q", "--object-format=sha256"]);
    let opened = Git::open(&Repo::at(plain.path()).unwrap());
    assert_eq!(opened.err(), Some(HistoryError::Sha256));
    fs::write(git.path().join(".git/config"), "[core\n").unwrap();
    let opened = Git::open(&Repo::at(git.path()).unwrap());
    assert!(matches!(opened.err(), Some(HistoryError::Unreadable(_)) | None));
}

#[test]
fn reading_can_be_stopped_and_goes_on_where_it_was() {
    let git = GitTree::new();
    for number in 0..10 {
        git.commit(&format!("Commit {number}"), &[("a", Some(&format!("{number}\n")))]);
    }
    let source = Git::open(&Repo::at(git.path()).unwrap()).unwrap().unwrap();
    let done = std::cell::Cell::new(0);
    let part = history::read(&source, &History::default(), &|| done.get() >= 4, &mut |step| {
        done.set(step.done);
    })
    .unwrap();
    assert!(part.len() == 4 && !part.is_whole());
    assert_eq!(part.commit(0).unwrap().subject(), "Commit 9", "the newest are there first");
    let folder = tempfile::tempdir().unwrap();
    history::save(folder.path(), &part).unwrap();
    let kept = history::load(folder.path()).unwrap();
    assert!(!kept.is_whole());
    let (all, new) = read_from(git.path(), &kept);
    assert_eq!((all.len(), all.is_whole(), new), (10, true, 6));
    assert_eq!(of(&all, "a").len(), 10);
}

#[test]
#[cfg(unix)]
fn a_navi_reads_it_in_the_background_keeps_it_and_hears_of_new_commits() {
    let git = GitTree::new();
    git.commit("Start", &[("a", Some("1\n"))]);
    let cli = Cli::new(git.path());
    let mut navi = Watching::start(&cli.home, git.path());
    navi.wait("the first commit", |it| it["history"] == 1);
    git.commit("Second", &[("a", Some("2\n"))]);
    navi.wait("the second commit", |it| it["history"] == 2);
    git.git(&["checkout", "-q", "-b", "side", "HEAD~1"]);
    navi.wait("another branch", |it| it["history"] == 1);
    git.git(&["checkout", "-q", "main"]);
    navi.wait("back again", |it| it["history"] == 2);
    let mut screen = Pty::navi(&cli.home, git.path(), (100, 20), &[]);
    screen.wait_for("reader of another navi");
    screen.send(Keys::CTRL_C);
    screen.wait_exit();
    navi.signal(rustix::process::Signal::TERM);
    navi.end();
    let index = cli.run(&["index", "--json"]).exit(0).json();
    assert_eq!(index["state"], "unchanged", "what is kept of it is no damage: {index}");
}
