//! Trust at work, through the workers as the screen uses them: what runs is what was seen, and what
//! has changed, was denied or may destroy does not run by a key.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Mutex};

use navi::config::TrustStore;
use navi::engine::commands::{
    Command, Consent, Discovery, Kind, Outcome, Place, Risk, RunRecord, Status, Trust, Work,
};
use navi::engine::files::FileList;
use navi::engine::repo::Repo;
use navi::protocol::{Grant, Offer, Report, Request, RunNews};
use navi::workers::{Running, Sink, Workers};

use crate::support::{Home, Tree};

/// Reads `tasks` of the repository: a name, a risk and a shell's text a line. A small source beside
/// the real ones, so that what is tested is what is done with any.
fn discover(root: &Path) -> Discovery {
    let text = fs::read_to_string(root.join("tasks")).unwrap_or_default();
    let command = |(at, line): (usize, &str)| {
        let mut parts = line.splitn(3, ' ');
        let id = format!("tasks.{}", parts.next()?);
        let risk = Risk::of(parts.next()?)?;
        Some(Command {
            title: id.clone(),
            id,
            kind: Kind::Other,
            work: Work::Shell(parts.next()?.to_owned()),
            env: Vec::new(),
            cwd: "".into(),
            place: Place { path: "tasks".into(), line: at as u32 + 1 },
            risk,
            risk_why: "its line says so".into(),
            body: String::new(),
            files: Vec::new(),
            parameters: Vec::new(),
            follows: false,
            interactive: false,
            service: None,
            judge: None,
            deadline_s: Some(60),
        })
    };
    Discovery {
        commands: text.lines().enumerate().filter_map(command).collect(),
        ..Discovery::default()
    }
}

struct Screen {
    tree: Tree,
    home: Home,
    workers: Workers,
    reports: Receiver<Report>,
    records: Arc<Mutex<Vec<RunRecord>>>,
    count: u64,
}

impl Screen {
    fn new(tasks: &str) -> Self {
        Self::with(Tree::of(&[("tasks", tasks)]), Home::new(), false)
    }

    fn with(tree: Tree, home: Home, read_only: bool) -> Self {
        let root: PathBuf = fs::canonicalize(tree.path()).unwrap();
        let state = home.folder("state").join("navi-oncall");
        let records: Arc<Mutex<Vec<RunRecord>>> = Arc::default();
        let (kept, at) = (Arc::clone(&records), root.clone());
        let running = Running {
            trust: TrustStore::new(Some(&state), &root, true),
            navi: env!("CARGO_BIN_EXE_navi").into(),
            variables: home.variables().into(),
            read_only,
            discover: Arc::new(move |_: &FileList| discover(&at)),
            record: Some(Arc::new(move |it: &RunRecord| kept.lock().unwrap().push(it.clone()))),
            ..Running::nothing(&root)
        };
        let mut options = crate::catalogue::options(&Repo::at(&root).unwrap().root);
        options.running = running;
        let (told, reports): (Sender<Report>, _) = channel();
        let sink: Sink = Arc::new(move |it| drop(told.send(it)));
        let workers = Workers::start(&options, &sink).unwrap();
        Self { tree, home, workers, reports, records, count: 0 }
    }

    fn offers(&mut self) -> Vec<Offer> {
        self.count += 1;
        self.workers.ask(Request::Commands { generation: self.count });
        loop {
            match self.reports.recv().unwrap() {
                Report::Commands { generation, offers } if generation == self.count => {
                    return offers.offers;
                }
                _ => {}
            }
        }
    }

    fn offer(&mut self, id: &str) -> Offer {
        self.offers().into_iter().find(|it| it.command.id == id).unwrap()
    }

    fn grant(&mut self, offer: &Offer, grant: Grant) {
        let seen = vec![(offer.command.clone(), offer.text.clone())];
        self.workers.ask(Request::Trust { seen, grant });
    }

    fn run(&mut self, offer: &Offer, consent: Consent) -> (String, Outcome) {
        self.count += 1;
        let run = self.count;
        let command = Box::new(offer.command.clone());
        self.workers.ask(Request::Run { run, command, values: Vec::new(), consent });
        let mut out = String::new();
        loop {
            match self.reports.recv().unwrap() {
                Report::Run { run: of, news: RunNews::Finished(outcome) } if of == run => {
                    return (out, outcome);
                }
                Report::Run { run: of, news: RunNews::Lines { lines, .. } } if of == run => {
                    out.extend(lines.iter().map(|it| format!("{}\n", it.text)));
                }
                _ => {}
            }
        }
    }

    #[track_caller]
    fn refused(&mut self, offer: &Offer, consent: Consent, why: &str) {
        let (out, outcome) = self.run(offer, consent);
        assert_eq!((out.as_str(), outcome.status), ("", Status::NotStarted));
        assert!(outcome.notes[0].contains(why), "{:?}", outcome.notes);
    }
}

#[test]
fn what_was_seen_runs_and_what_changed_is_asked_again() {
    let mut screen = Screen::new("up read-only echo fine\n");
    let offer = screen.offer("tasks.up");
    assert_eq!(offer.trust, Trust::Unknown);
    screen.refused(&offer, Consent::Trusted, "is not trusted");
    assert_eq!(screen.run(&offer, Consent::Once).0, "fine\n");
    screen.grant(&offer, Grant::Allow);
    let offer = screen.offer("tasks.up");
    assert_eq!(offer.trust, Trust::Trusted);
    let (out, outcome) = screen.run(&offer, Consent::Trusted);
    assert_eq!((out.as_str(), outcome.status), ("fine\n", Status::Ok));
    // Another navi of the same user knows it; the repository cannot say so itself.
    screen.tree.write("tasks", "up read-only touch marker\n");
    screen.refused(&offer, Consent::Trusted, "has changed since it was shown");
    screen.refused(&offer, Consent::Once, "has changed since it was shown");
    let changed = screen.offer("tasks.up");
    let Trust::Changed { before, .. } = &changed.trust else { panic!("{:?}", changed.trust) };
    assert_eq!(before, "run: sh -c 'echo fine'\n");
    screen.refused(&changed, Consent::Trusted, "is not trusted");
    // What was seen of it is no longer what it is, so the answer counts for nothing.
    screen.grant(&offer, Grant::Allow);
    screen.tree.write("tasks", "");
    screen.refused(&changed, Consent::Once, "no longer in the repository");
    assert!(!screen.tree.path().join("marker").exists());
    let records = screen.records.lock().unwrap();
    assert_eq!(records.len(), 2, "what did not start leaves none");
    assert_eq!((records[0].id.as_str(), records[0].argv[2].as_str()), ("tasks.up", "echo fine"));
}

#[test]
fn a_script_that_changes_after_it_was_shown_does_not_run() {
    let mut screen = Screen::new("up read-only sh check.sh\n");
    screen.tree.write("check.sh", "echo one\n");
    let offer = screen.offer("tasks.up");
    assert!(offer.text.contains(&"echo one".to_owned()), "{:?}", offer.text);
    assert_eq!(screen.run(&offer, Consent::Once).0, "one\n");
    screen.tree.write("check.sh", "touch marker\n");
    screen.refused(&offer, Consent::Once, "has changed since it was shown");
    assert!(!screen.tree.path().join("marker").exists());
}

#[test]
fn what_destroys_is_typed_and_what_is_denied_never_runs() {
    let mut screen = Screen::new("wipe destroys echo gone\nseed changes echo seeded\n");
    let wipe = screen.offer("tasks.wipe");
    screen.grant(&wipe, Grant::Allow);
    for said in [Consent::Trusted, Consent::Once, Consent::Typed("tasks".into())] {
        screen.refused(&wipe, said, "has to be typed");
    }
    assert_eq!(screen.run(&wipe, Consent::Typed("tasks.wipe".into())).0, "gone\n");
    let seed = screen.offer("tasks.seed");
    screen.grant(&seed, Grant::Allow);
    let seed = screen.offer("tasks.seed");
    screen.refused(&seed, Consent::Trusted, "has to be confirmed");
    assert_eq!(screen.run(&seed, Consent::Once).0, "seeded\n");
    screen.grant(&seed, Grant::Deny);
    screen.tree.write("tasks", "seed changes echo other\n");
    let seed = screen.offer("tasks.seed");
    assert_eq!(seed.trust, Trust::Denied, "whatever it becomes");
    screen.refused(&seed, Consent::Once, "was denied");
    // A risk that was raised since the command was shown is not confirmed by what was said then.
    screen.grant(&seed, Grant::Revoke);
    let shown = screen.offer("tasks.seed");
    screen.tree.write("tasks", "seed destroys echo other\n");
    screen.refused(&shown, Consent::Once, "has changed since it was shown");
}

#[test]
fn a_read_only_navi_runs_only_what_reads() {
    let tree = Tree::of(&[("tasks", "a read-only echo a\nb changes echo b\n")]);
    let mut screen = Screen::with(tree, Home::new(), true);
    let (a, b) = (screen.offer("tasks.a"), screen.offer("tasks.b"));
    assert_eq!(screen.run(&a, Consent::Once).0, "a\n");
    screen.refused(&b, Consent::Once, "navi is read-only");
    assert!(screen.home.folder("state").exists());
}

#[test]
fn several_runs_are_told_apart_and_stopped_apart() {
    let mut screen = Screen::new("a read-only echo a; exec sleep 311.27\nb read-only echo b\n");
    let (a, b) = (screen.offer("tasks.a"), screen.offer("tasks.b"));
    let command = Box::new(a.command.clone());
    let consent = Consent::Once;
    screen.workers.ask(Request::Run { run: 900, command, values: Vec::new(), consent });
    assert_eq!(screen.run(&b, Consent::Once).0, "b\n");
    screen.workers.ask(Request::StopRun { run: 900 });
    let ended = loop {
        if let Report::Run { run: 900, news: RunNews::Finished(it) } =
            screen.reports.recv().unwrap()
        {
            break it;
        }
    };
    assert_eq!(ended.status, Status::Cancelled);
}

#[test]
fn runs_end_with_the_workers() {
    let mut screen = Screen::new("a read-only echo a; trap '' TERM; sleep 312.27; sleep 312.27\n");
    let a = screen.offer("tasks.a");
    let (command, consent) = (Box::new(a.command), Consent::Once);
    screen.workers.ask(Request::Run { run: 901, command, values: Vec::new(), consent });
    let said = |it: &Report| matches!(it, Report::Run { run: 901, news: RunNews::Lines { .. } });
    while !said(&screen.reports.recv().unwrap()) {}
    drop(screen.workers);
    assert!(!crate::running::runs("312.27"));
}
