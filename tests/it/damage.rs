//! Damage: whatever happens to the index or to the repository, navi goes on, says what happened
//! and finds the same as with a new index.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use rustix::process::Signal;

use crate::support::{Cli, Keys, Pty, Tree, Watching, can_unshare, eventually};

/// Enough files for several kinds of terms.
fn tree() -> Tree {
    let tree = Tree::service();
    for number in 0..90 {
        let text = format!("def handler_{number}(request):\n    return answer_{}\n", number % 9);
        tree.write(&format!("src/m{}/handler{number}.py", number % 5), &text);
    }
    tree
}

/// What a few queries find: all kinds of search.
fn answers(cli: &Cli) -> Vec<Vec<String>> {
    ["answer_3", "'answer_4", "handler", "#login", "redis client", "'no form was sent"]
        .iter()
        .map(|query| {
            let said = cli.run(&["find", "--json", "--limit", "100", query]);
            assert!(said.status <= 1, "{query}: {}\n{}", said.out, said.err);
            // Their order depends on how often words occur in files that are gone, until merged.
            let mut paths = said.paths();
            paths.sort();
            paths
        })
        .collect()
}

/// The one index folder of this home.
fn index_folder(cli: &Cli) -> PathBuf {
    let status = cli.run(&["index", "--status", "--json"]);
    PathBuf::from(status.json()["location"].as_str().unwrap())
}

/// Every file of the index but locks and the sign against walks.
fn parts(folder: &Path) -> Vec<PathBuf> {
    let mut parts: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|it| it.unwrap().path())
        .filter(|it| it.extension().is_none_or(|it| it != "lock") && !it.ends_with(".ignore"))
        .collect();
    parts.sort();
    assert!(parts.len() > 8, "{parts:?}");
    parts
}

/// Changes the byte in the middle of a file; false where there is none.
fn flip_a_byte(file: &Path) -> bool {
    let mut bytes = fs::read(file).unwrap();
    let middle = bytes.len() / 2;
    let Some(byte) = bytes.get_mut(middle) else { return false };
    *byte ^= 0x15;
    fs::write(file, bytes).unwrap();
    true
}

#[test]
fn a_flipped_byte_in_any_file_is_noticed_and_mended() {
    let tree = tree();
    let cli = Cli::new(tree.path());
    let good = answers(&cli);
    let folder = index_folder(&cli);
    let count = parts(&folder).len();
    for number in 0..count {
        let parts = parts(&folder);
        let Some(part) = parts.get(number) else { break };
        if !flip_a_byte(part) {
            continue;
        }
        assert_eq!(answers(&cli), good, "after {}", part.display());
        let status = cli.run(&["index", "--status", "--json"]).exit(0).json();
        assert_eq!(status["state"], "live", "after {}: {status}", part.display());
    }
}

#[test]
fn a_file_that_the_list_of_files_no_longer_names_is_checked_all_the_same() {
    let tree = tree();
    let cli = Cli::new(tree.path());
    let good = answers(&cli);
    let folder = index_folder(&cli);
    for part in ["fast", "term", "idx"] {
        let list = folder.join(".managed.json");
        let named = fs::read_to_string(&list).unwrap();
        fs::write(&list, named.replace(&format!(".{part}\""), ".gone\"")).unwrap();
        let said = cli.run(&["find", "-v", "login"]).exit(0);
        assert!(said.err.contains("its list of files does not name"), "{part}: {}", said.err);
        for file in parts(&folder).iter().filter(|it| it.extension().is_some_and(|it| it == part)) {
            assert!(flip_a_byte(file), "{}", file.display());
        }
        assert_eq!(answers(&cli), good, "after {part}");
        let status = cli.run(&["index", "--status", "--json"]).exit(0).json();
        assert_eq!(status["state"], "live", "after {part}: {status}");
    }
}

#[test]
fn cut_and_missing_files_are_mended() {
    let tree = tree();
    let cli = Cli::new(tree.path());
    let good = answers(&cli);
    let folder = index_folder(&cli);
    for number in 0..parts(&folder).len() {
        let parts = parts(&folder);
        let Some(part) = parts.get(number) else { break };
        let bytes = fs::read(part).unwrap();
        match number % 3 {
            0 => fs::write(part, &bytes[..bytes.len() / 2]).unwrap(),
            1 => fs::write(part, []).unwrap(),
            _ => fs::remove_file(part).unwrap(),
        }
        assert_eq!(answers(&cli), good, "after {}", part.display());
    }
    let said = cli.run(&["find", "-v", "login"]).exit(0);
    assert!(!said.err.contains("damaged"), "{}", said.err);
    fs::write(folder.join("meta.json"), "{").unwrap();
    let said = cli.run(&["find", "-v", "login"]).exit(0);
    assert!(said.err.contains("the index was damaged and is built anew"), "{}", said.err);
}

#[test]
fn other_schemas_and_foreign_files_are_no_harm() {
    let tree = tree();
    let cli = Cli::new(tree.path());
    let good = answers(&cli);
    let folder = index_folder(&cli);
    fs::write(folder.join("0123456789abcdef0123456789abcdef.term"), "not a segment").unwrap();
    fs::write(folder.join("notes.txt"), "mine").unwrap();
    fs::write(folder.join("x.exact"), "no segment").unwrap();
    fs::create_dir(folder.join("folder")).unwrap();
    for name in ["v0", "v1", "v99999"] {
        let other = folder.with_file_name(name);
        fs::create_dir_all(&other).unwrap();
        fs::write(other.join("meta.json"), "of another time").unwrap();
    }
    assert_eq!(answers(&cli), good);
    // The folder of a schema that is older is of no use to anyone; a newer one is.
    let mut navi = Watching::start(&cli.home, tree.path());
    navi.wait_state("live");
    eventually(&"the sweep", || (!folder.with_file_name("v0").exists()).then_some(()));
    assert!(folder.with_file_name("v99999").join("meta.json").exists());
    assert!(folder.join("folder").is_dir());
}

#[test]
fn an_index_that_is_removed_meanwhile_is_built_anew() {
    let tree = tree();
    let cli = Cli::new(tree.path());
    let good = answers(&cli);
    let mut navi = Watching::start(&cli.home, tree.path());
    navi.wait_state("live");
    let mut reader = Watching::start(&cli.home, tree.path());
    reader.wait_state("reader");
    fs::remove_dir_all(cli.home.folder("cache").join("navi-oncall")).unwrap();
    eventually(&"another index", || {
        let status = cli.run(&["index", "--status", "--json"]);
        (status.json()["state"] == "live").then_some(())
    });
    tree.write("src/later.py", "caracal = 1\n");
    eventually(&"what comes later", || {
        (cli.run(&["find", "--json", "caracal"]).paths() == ["src/later.py"]).then_some(())
    });
    fs::remove_file(tree.path().join("src/later.py")).unwrap();
    let last = std::cell::RefCell::new(Vec::new());
    let words = || format!("the answers of before: {:?} and not {good:?}", last.borrow());
    eventually(&words, || {
        last.replace(answers(&cli));
        (*last.borrow() == good).then_some(())
    });
    for navi in [navi, reader] {
        navi.signal(Signal::TERM);
    }
}

#[test]
fn without_a_place_for_the_index_all_is_found_all_the_same() {
    let tree = tree();
    let good = answers(&Cli::new(tree.path()));
    let cli = Cli::new(tree.path());
    fs::remove_dir(cli.home.folder("cache")).unwrap();
    fs::write(cli.home.folder("cache"), "a file in its place").unwrap();
    assert_eq!(answers(&cli), good);
    let said = cli.run(&["find", "login"]).exit(0);
    assert!(said.err.contains("the index is kept in memory only"), "{}", said.err);
    let mut screen = Pty::navi(&cli.home, tree.path(), (100, 20), &["-q", "'no form was sent"]);
    screen.wait_for("api/auth.py");
    screen.send(Keys::CTRL_C);
    screen.wait_exit();
    screen.assert_restored();
}

#[test]
fn a_full_disk_keeps_names_fresh_and_says_so() {
    if !can_unshare("a full disk", &["--user", "--map-root-user", "--mount"]) {
        return;
    }
    let tree = tree();
    let cli = Cli::new(tree.path());
    let cache = cli.home.folder("cache").join("navi-oncall");
    fs::create_dir(&cache).unwrap();
    let script = format!(
        "mount -t tmpfs -o size=6m none '{0}' && \"$1\" index >&2 && \
         head -c 100m /dev/zero > '{0}/filler'; exec \"$@\"",
        cache.display()
    );
    let through = ["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", &script, "sh"];
    let mut navi = Watching::start_by(&cli.home, tree.path(), &through);
    navi.wait_state("live");
    tree.write("src/new.py", "serval = 1\n");
    let line = navi.wait_state("behind");
    assert_eq!(line["files"], 97, "{line}");
    let inside = PathBuf::from(format!("/proc/{}/root", navi.id()));
    fs::remove_file(inside.join(cache.strip_prefix("/").unwrap()).join("filler")).unwrap();
    navi.wait_state("live");
    navi.signal(Signal::TERM);
    let (status, err) = navi.end();
    assert_eq!(status, 0);
    assert!(err.contains("No space left"), "{err}");
}

#[test]
fn times_that_jump_are_only_times() {
    let tree = tree();
    let cli = Cli::new(tree.path());
    answers(&cli);
    let path = tree.path().join("api/cache.py");
    let set = |time: SystemTime| {
        fs::File::options().write(true).open(&path).unwrap().set_modified(time).unwrap();
    };
    let day = Duration::from_secs(86_400);
    let times = [
        SystemTime::now() + day * 4000,
        SystemTime::UNIX_EPOCH,
        SystemTime::UNIX_EPOCH - day * 365,
        SystemTime::now() - day,
    ];
    for (number, time) in times.into_iter().enumerate() {
        tree.write("api/cache.py", &format!("aardvark_{number} = 1\n"));
        set(time);
        let query = format!("aardvark_{number}");
        assert_eq!(cli.run(&["find", "--json", &query]).paths(), ["api/cache.py"], "{number}");
        let quoted = format!("'{query}");
        assert_eq!(cli.run(&["find", "--json", &quoted]).paths(), ["api/cache.py"], "{number}");
    }
}

#[test]
fn a_repository_that_goes_comes_back_or_is_replaced_is_followed() {
    let place = Tree::of(&[("repo/a.py", "one = 1\n"), ("repo/b.py", "two = 2\n")]);
    let root = place.path().join("repo");
    let cli = Cli::new(&root);
    let mut navi = Watching::start(&cli.home, &root);
    navi.wait_state("live");
    fs::rename(&root, place.path().join("away")).unwrap();
    let line = navi.wait_state("gone");
    assert_eq!(line["files"], 2, "{line}");
    fs::rename(place.path().join("away"), &root).unwrap();
    navi.wait_state("live");
    // Another folder in its place.
    place.write("other/a.py", "one = 1\n");
    place.write("other/deep/c.py", "three = 3\n");
    place.write("other/deep/d.py", "four = 4\n");
    fs::rename(&root, place.path().join("old")).unwrap();
    fs::rename(place.path().join("other"), &root).unwrap();
    navi.wait_files(3);
    place.write("repo/deep/e.py", "jerboa = 5\n");
    navi.wait_files(4);
    place.write("old/not-mine.py", "six = 6\n");
    place.write("repo/f.py", "seven = 7\n");
    navi.wait_files(5);
    fs::remove_dir_all(&root).unwrap();
    navi.wait_state("gone");
    place.write("repo/again.py", "eight = 8\n");
    navi.wait_files(1);
    navi.signal(Signal::TERM);
    assert_eq!(navi.end().0, 0);
}

#[test]
fn a_screen_whose_repository_and_index_go_keeps_its_terminal() {
    let place = Tree::of(&[("repo/a.py", "one = 1\n"), ("repo/b.py", "two = 2\n")]);
    let root = place.path().join("repo");
    let cli = Cli::new(&root);
    let mut screen = Pty::navi(&cli.home, &root, (100, 20), &[]);
    screen.wait_for("live");
    fs::rename(&root, place.path().join("away")).unwrap();
    screen.wait_for("folder gone");
    fs::remove_dir_all(cli.home.folder("cache")).unwrap();
    screen.send("a");
    screen.wait_for("a.py");
    fs::rename(place.path().join("away"), &root).unwrap();
    screen.wait_for("live");
    screen.send(Keys::CTRL_C);
    screen.wait_exit();
    screen.assert_restored();
}
