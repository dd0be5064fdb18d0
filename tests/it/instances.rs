//! Several navis on one repository: one writes, the others read along, and one takes over.

use std::fs;

use rustix::process::Signal;

use crate::support::{Cli, Keys, Pty, Tree, Watching, eventually};

#[test]
fn of_ten_one_writes_and_when_it_is_killed_another_does() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    let mut navis: Vec<Watching> =
        (0..10).map(|_| Watching::start(&cli.home, tree.path())).collect();
    for navi in &mut navis {
        navi.wait("live or reader", |it| it["state"] == "live" || it["state"] == "reader");
    }
    for (round, word) in ["tapir", "genet", "coati", "civet"].into_iter().enumerate() {
        let writers: Vec<usize> = eventually(&"one writer", || {
            let writing: Vec<usize> = (0..navis.len())
                .filter(|&it| navis[it].drain().last().is_some_and(|it| it["state"] == "live"))
                .collect();
            (writing.len() == 1).then_some(writing)
        });
        // All list a new file, and its content is found through the one that writes.
        let files = 7 + round;
        tree.write(&format!("api/new{round}.py"), &format!("{word} = 1\n"));
        for navi in &mut navis {
            navi.wait_files(files);
        }
        eventually(&"the new content", || {
            let said = cli.run(&["find", "--json", word]);
            (said.paths() == [format!("api/new{round}.py")]).then_some(())
        });
        let mut writer = navis.remove(writers[0]);
        writer.signal(if round % 2 == 0 { Signal::KILL } else { Signal::TERM });
        writer.end();
    }
    for navi in navis {
        navi.signal(Signal::TERM);
    }
}

#[test]
fn a_screen_reads_along_says_so_and_takes_over() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    let mut writer = Watching::start(&cli.home, tree.path());
    writer.wait_state("live");
    let mut screen = Pty::navi(&cli.home, tree.path(), (100, 20), &["-q", "numbat_word"]);
    screen.wait_for("reader of another navi");
    tree.write("docs/numbats.md", "All about numbat_word here.\n");
    screen.wait_for("docs/numbats.md");
    writer.signal(Signal::KILL);
    writer.end();
    screen.wait_for("live");
    fs::remove_file(tree.path().join("docs/numbats.md")).unwrap();
    screen.wait_gone("docs/numbats.md");
    screen.send(Keys::CTRL_C);
    screen.wait_exit();
    screen.assert_restored();
    let index = cli.run(&["index", "--json"]).exit(0).json();
    assert_eq!(index["state"], "unchanged", "{index}");
}

#[test]
fn a_command_beside_a_writer_is_fresh_or_says_that_it_is_not() {
    let tree = Tree::service();
    let cli = Cli::new(tree.path());
    let mut writer = Watching::start(&cli.home, tree.path());
    writer.wait_state("live");
    for number in 0..10 {
        tree.write("api/cache.py", &format!("dugong_{number} = 1\n"));
        let query = format!("'dugong_{number}");
        let said = cli.run(&["find", "--json", &query]).exit(0);
        assert_eq!(said.paths(), ["api/cache.py"], "exact text is always that on disk");
    }
    // One that does nothing any more does not keep others waiting.
    writer.signal(Signal::STOP);
    tree.write("api/cache.py", "manatee_word = 1\n");
    let said = cli.run(&["find", "--json", "manatee_word"]);
    let json = said.json();
    assert_eq!(json["index"]["state"], "reader");
    assert!(json["diagnostics"].to_string().contains("another navi is writing"), "{json}");
    assert_eq!(cli.run(&["find", "--json", "'manatee_word"]).paths(), ["api/cache.py"]);
    writer.signal(Signal::CONT);
    eventually(&"the ranked word", || {
        (cli.run(&["find", "--json", "manatee_word"]).paths() == ["api/cache.py"]).then_some(())
    });
}
