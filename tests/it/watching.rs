//! Watching: what changes on disk is found, what does not matter wakes nobody, and where changes
//! cannot be heard of they are looked for, visibly.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::{Path, PathBuf};

use rustix::process::Signal;

use crate::support::{Cli, Keys, Pty, Tree, Watching, can_unshare, eventually};

/// The paths that `query` finds.
fn found(cli: &Cli, query: &str) -> Vec<String> {
    let said = cli.run(&["find", "--json", query]);
    assert!(said.status <= 1, "{}\n{}", said.out, said.err);
    said.paths()
}

#[track_caller]
fn wait_found(cli: &Cli, query: &str, paths: &[&str]) {
    let last = std::cell::RefCell::new(Vec::new());
    let done = || {
        *last.borrow_mut() = found(cli, query);
        (*last.borrow() == paths).then_some(())
    };
    eventually(&|| format!("`{query}` in {paths:?}, found {:?}", last.borrow()), done);
}

/// A git folder without git.
fn git_folder(tree: &Tree) {
    tree.write(".git/HEAD", "ref: refs/heads/main\n");
    tree.write(".git/info/exclude", "");
}

#[test]
fn saved_moved_and_removed_files_are_followed() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    let mut navi = Watching::start(&cli.home, tree.path());
    navi.wait_state("live");
    let files = navi.said.last().unwrap()["files"].as_u64().unwrap() as usize;
    tree.write("api/cache.py", "def zebra_stripes():\n    pass\n");
    wait_found(&cli, "'zebra_stripes", &["api/cache.py"]);
    // As vim and VS Code save: another file takes its place.
    tree.write("api/.cache.py.swp", "def okapi_stripes():\n    pass\n");
    fs::rename(tree.path().join("api/.cache.py.swp"), tree.path().join("api/cache.py")).unwrap();
    wait_found(&cli, "'okapi_stripes", &["api/cache.py"]);
    wait_found(&cli, "'zebra_stripes", &[]);
    // A folder with files that was made elsewhere, and one that grows here.
    let elsewhere = Tree::of(&[("new/deep/one.py", "walrus_one = 1\n")]);
    fs::rename(elsewhere.path().join("new"), tree.path().join("new")).unwrap();
    for number in 0..20 {
        tree.write(&format!("grown/{number}/deeper/two.py"), &format!("walrus_two = {number}\n"));
    }
    navi.wait_files(files + 21);
    tree.write("grown/7/deeper/two.py", "walrus_seven = 7\n");
    wait_found(&cli, "'walrus_seven", &["grown/7/deeper/two.py"]);
    fs::rename(tree.path().join("grown/7"), tree.path().join("seventh")).unwrap();
    wait_found(&cli, "'walrus_seven", &["seventh/deeper/two.py"]);
    // What is watched goes by its new name.
    tree.write("seventh/deeper/two.py", "walrus_eight = 8\n");
    wait_found(&cli, "'walrus_eight", &["seventh/deeper/two.py"]);
    fs::remove_dir_all(tree.path().join("grown")).unwrap();
    navi.wait_files(files + 2);
    wait_found(&cli, "'walrus_two", &[]);
}

#[test]
fn an_equal_stamp_does_not_hide_another_content() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    let path = tree.path().join("api/cache.py");
    tree.write("api/cache.py", "gnu_one = 1\n");
    assert_eq!(found(&cli, "'gnu_one"), ["api/cache.py"]);
    let before = fs::metadata(&path).unwrap().modified().unwrap();
    tree.write("api/cache.py", "gnu_two = 2\n");
    fs::File::options().write(true).open(&path).unwrap().set_modified(before).unwrap();
    assert_eq!(found(&cli, "'gnu_two"), ["api/cache.py"]);
    assert_eq!(found(&cli, "gnu_two"), ["api/cache.py"]);
}

#[test]
fn other_rules_list_other_files() {
    let tree = Tree::service();
    git_folder(&tree);
    tree.write("build/out.js", "ocelot = 1\n");
    let cli = Cli::new(tree.path());
    let mut navi = Watching::start(&cli.home, tree.path());
    let files = navi.wait_state("live")["files"].as_u64().unwrap() as usize;
    tree.write(".gitignore", "build/\n");
    navi.wait_files(files);
    wait_found(&cli, "'ocelot", &[]);
    tree.write(".git/info/exclude", "*.md\n");
    navi.wait_files(files - 2);
    fs::remove_file(tree.path().join(".gitignore")).unwrap();
    navi.wait_files(files - 2);
    wait_found(&cli, "'ocelot", &["build/out.js"]);
    tree.write("api/.ignore", "auth.py\n");
    navi.wait_files(files - 2);
    wait_found(&cli, "'ValueError(", &[]);
}

#[test]
fn neither_reads_nor_ignored_files_nor_git_nor_navi_itself_wake_it() {
    let tree = Tree::service();
    git_folder(&tree);
    tree.write(".gitignore", "target/\n");
    tree.write("target/debug/a.o", "x");
    let cli = Cli::new(tree.path());
    // Another navi has built the index, so that nothing is left to be done.
    cli.run(&["index"]).exit(0);
    let mut navi = Watching::start(&cli.home, tree.path());
    navi.wait_state("live");
    for name in ["README.md", "api/auth.py", "web/src/routes.ts"] {
        fs::read(tree.path().join(name)).unwrap();
    }
    fs::read_dir(tree.path().join("api")).unwrap().count();
    for number in 0..50 {
        tree.write(&format!("target/debug/{number}/b.o"), "y");
        tree.write(".git/index.lock", "z");
        fs::rename(tree.path().join(".git/index.lock"), tree.path().join(".git/index")).unwrap();
    }
    cli.run(&["find", "login"]).exit(0);
    tree.write("last.py", "done = 1\n");
    navi.wait("the last file", |it| it["files"] == 8);
    let lines = navi.drain();
    assert_eq!(lines.len(), 2, "woken for nothing: {lines:?}");
}

#[test]
fn only_what_the_walk_enters_is_watched() {
    let tree = Tree::service();
    git_folder(&tree);
    tree.write(".gitignore", "node_modules/\n");
    for number in 0..200 {
        tree.write(&format!("node_modules/m{number}/index.js"), "x");
        tree.write(&format!(".git/objects/{number:02x}/x"), "x");
    }
    let cli = Cli::new(tree.path());
    let mut navi = Watching::start(&cli.home, tree.path());
    navi.wait_state("live");
    let count = watches(navi.id());
    // The root, api, web, web/src, docs, docs/runbooks, the branch, the rules, the index.
    assert!((6..=10).contains(&count), "{count} watches");
}

/// The watches that a process has.
fn watches(id: u32) -> usize {
    let folder = format!("/proc/{id}/fdinfo");
    let handles = fs::read_dir(folder).unwrap().filter_map(Result::ok);
    let texts = handles.filter_map(|it| fs::read_to_string(it.path()).ok());
    texts.map(|it| it.lines().filter(|line| line.starts_with("inotify ")).count()).sum()
}

#[test]
fn an_index_inside_the_tree_is_left_alone() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    // The cache is a part of what is searched, as when navi looks at the home folder.
    let home = cli.home.folder("cache").parent().unwrap().to_owned();
    fs::rename(tree.path().join("api"), home.join("api")).unwrap();
    let mut navi = Watching::start(&cli.home, &home);
    navi.wait_state("live");
    fs::write(home.join("api/zorilla.py"), "zorilla = 1\n").unwrap();
    let files = navi.said.last().unwrap()["files"].as_u64().unwrap() as usize;
    navi.wait_files(files + 1);
    fs::write(home.join("api/zorilla2.py"), "zorilla2 = 1\n").unwrap();
    navi.wait_files(files + 2);
    let lines = navi.drain();
    assert_eq!(lines.len(), 3, "woken by its own writes: {lines:?}");
}

#[test]
fn a_build_leaves_one_segment_of_each_kind() {
    let tree = Tree::of(&[]);
    // More than is committed at first, so that there are several for a while.
    for number in 0..260 {
        let line = format!("def handler_{number}(request):\n    return answer_{number}\n\n");
        tree.write(&format!("src/handler{number}.py"), &line.repeat(26_000 / line.len()));
    }
    let count = |folder: &Path| {
        let names = fs::read_dir(folder).unwrap().map(|it| it.unwrap().file_name());
        let names: Vec<_> = names.map(|it| it.into_string().unwrap()).collect();
        ["term", "exact"].map(|kind| names.iter().filter(|it| it.ends_with(kind)).count())
    };
    let cli = Cli::new(tree.path());
    let said = cli.run(&["index", "--json"]).exit(0).json();
    let folder = PathBuf::from(said["location"].as_str().unwrap());
    assert_eq!(count(&folder), [1, 1]);
    assert_eq!(found(&cli, "'answer_217"), ["src/handler217.py"]);
    cli.run(&["index", "--clear"]).exit(0);
    let mut navi = Watching::start(&cli.home, tree.path());
    navi.wait_state("live");
    let one = || (count(&folder) == [1, 1]).then_some(());
    eventually(&|| format!("one segment of each kind, not {:?}", count(&folder)), one);
    tree.write("src/late.py", "answer_218 again\n");
    wait_found(&cli, "'answer_218", &["src/late.py", "src/handler218.py"]);
    drop(navi);
    // Nothing has to be checked or read again.
    let said = cli.run(&["index", "--json"]).exit(0).json();
    assert_eq!(said["state"], "unchanged", "{said}");
}

#[test]
fn many_changes_at_once_are_all_there() {
    let tree = Tree::of(&[("README.md", "x\n")]);
    for number in 0..1500 {
        tree.write(&format!("src/{}/{number}.py", number % 40), &format!("before_{number} = 1\n"));
    }
    let cli = Cli::new(tree.path());
    let mut navi = Watching::start(&cli.home, tree.path());
    navi.wait_state("live");
    // As a checkout does: some are replaced, some removed, some new, in new folders too.
    for number in 0..1500 {
        let path = format!("src/{}/{number}.py", number % 40);
        fs::remove_file(tree.path().join(&path)).unwrap();
        if number % 3 != 0 {
            tree.write(&path, &format!("after_{number} = 1\n"));
        }
        if number % 3 == 1 {
            tree.write(&format!("lib/{}/{number}.py", number % 90), &format!("new_{number} = 1\n"));
        }
    }
    navi.wait_files(1501);
    wait_found(&cli, "'before_", &[]);
    wait_found(&cli, "'after_1499 ", &["src/19/1499.py"]);
    wait_found(&cli, "'new_1498 ", &["lib/58/1498.py"]);
    // Exact texts are found before all is in the index.
    eventually(&"all to be indexed", || {
        let status = cli.run(&["index", "--status", "--json"]).json();
        (status["state"] == "live" && status["unchanged"] == 1501).then_some(())
    });
}

#[test]
fn the_branch_on_the_screen_follows_a_checkout() {
    let tree = Tree::service();
    git_folder(&tree);
    let cli = Cli::new(tree.path());
    let mut navi = Pty::navi(&cli.home, tree.path(), (100, 20), &[]);
    navi.wait_for("main");
    navi.wait_for("live");
    for branch in ["hotfix-one", "hotfix-two"] {
        tree.write(".git/HEAD.lock", &format!("ref: refs/heads/{branch}\n"));
        fs::rename(tree.path().join(".git/HEAD.lock"), tree.path().join(".git/HEAD")).unwrap();
        navi.wait_for(branch);
    }
    navi.send(Keys::CTRL_C);
    navi.wait_exit();
}

#[test]
fn signals_end_it_with_their_status_and_give_the_lock_back() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    for (signal, status) in [(Signal::INT, 130), (Signal::TERM, 0), (Signal::HUP, 0)] {
        let mut navi = Watching::start(&cli.home, tree.path());
        navi.wait_state("live");
        navi.signal(signal);
        let (code, err) = navi.end();
        assert_eq!((code, err.as_str()), (status, ""));
        let index = cli.run(&["index", "--json"]).exit(0).json();
        assert_eq!(index["state"], "unchanged", "{index}");
    }
}

#[test]
fn without_enough_watches_it_polls_and_says_so() {
    if !can_unshare("the limit of watches", &["--user", "--map-root-user"]) {
        return;
    }
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    let through = [
        "unshare",
        "--user",
        "--map-root-user",
        "sh",
        "-c",
        "echo 3 > /proc/sys/user/max_inotify_watches && exec \"$@\"",
        "sh",
    ];
    let mut navi = Watching::start_by(&cli.home, tree.path(), &through);
    let line = navi.wait_state("polling");
    assert!(line["why"].as_str().unwrap().contains("watches"), "{line}");
    tree.write("api/polled.py", "quokka = 1\n");
    navi.wait_files(7);
    wait_found(&cli, "'quokka", &["api/polled.py"]);
    assert_eq!(watches(navi.id()), 0, "what is left is for others");
    navi.signal(Signal::TERM);
    let (status, err) = navi.end();
    assert_eq!(status, 0);
    assert!(err.contains("sysctl fs.inotify.max_user_watches"), "{err}");
}

#[test]
fn rights_links_and_odd_names_are_followed() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    let mut navi = Watching::start(&cli.home, tree.path());
    let files = navi.wait_state("live")["files"].as_u64().unwrap() as usize;
    let odd = "odd \u{1b}[31mname\n.py";
    tree.write(odd, "fossa = 1\n");
    navi.wait_files(files + 1);
    symlink(tree.path().join("api/auth.py"), tree.path().join("link.py")).unwrap();
    symlink(tree.path(), tree.path().join("loop")).unwrap();
    navi.wait_files(files + 2);
    // Root reads everything; others see the file come and go.
    let path = tree.path().join("api/auth.py");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o000)).unwrap();
    navi.wait_state("live");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o644)).unwrap();
    wait_found(&cli, "'no form was sent", &["api/auth.py"]);
    fs::remove_file(tree.path().join("link.py")).unwrap();
    navi.wait_files(files + 1);
}
