//! Running commands, with real processes: what comes out, how it ends, and that nothing stays.

use std::cell::RefCell;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use navi::engine::commands::{
    Command, Kind, Parameter, Passing, Place, Risk, RunRecord, Status, Work,
};
use navi::engine::output::{LONGEST_LINE, Limits, Ring, Stream};
use navi::workers::runner::{Lines, Piece, RunOptions, RunPlan, Tools, hand_over, run};

use crate::support::{Home, Tree, eventually};

fn command(work: Work) -> Command {
    Command {
        id: "test.it".into(),
        title: "a test".into(),
        kind: Kind::Other,
        work,
        env: Vec::new(),
        cwd: "".into(),
        place: Place { path: "Makefile".into(), line: 1 },
        risk: Risk::ReadOnly,
        risk_why: "only reads".into(),
        body: String::new(),
        files: Vec::new(),
        parameters: Vec::new(),
        follows: false,
        interactive: false,
        service: None,
        judge: None,
        deadline_s: Some(60),
    }
}

fn program(argv: &[&str]) -> Command {
    command(Work::Program(argv.iter().map(|it| (*it).into()).collect()))
}

fn shell(text: &str) -> Command {
    command(Work::Shell(text.into()))
}

/// A run that has ended, with all that was told.
struct Ran {
    record: RunRecord,
    pieces: Vec<Piece>,
}

impl Ran {
    fn lines(&self) -> impl Iterator<Item = &navi::engine::output::Line> {
        let lines = self.pieces.iter().filter_map(|it| match it {
            Piece::Lines(it) => Some(&it.lines),
            Piece::Started { .. } => None,
        });
        lines.flatten()
    }

    fn text(&self, stream: Stream) -> String {
        let lines = self.lines().filter(|it| it.stream == stream);
        lines.flat_map(|it| [it.text.as_str(), "\n"]).collect()
    }

    fn out(&self) -> String {
        self.text(Stream::Out)
    }

    fn notes(&self) -> String {
        self.record.outcome.notes.join("; ")
    }

    fn started(&self) -> (String, String) {
        match &self.pieces[0] {
            Piece::Started { argv, notes } => (argv.join(" "), notes.join("; ")),
            Piece::Lines(_) => panic!("it did not start first"),
        }
    }
}

/// A repository, a home, and what runs in them.
struct Stage {
    tree: Tree,
    home: Home,
    path: Option<OsString>,
    grace: Duration,
}

impl Stage {
    fn new() -> Self {
        let grace = Duration::from_millis(300);
        Self { tree: Tree::of(&[("Makefile", "")]), home: Home::new(), path: None, grace }
    }

    fn root(&self) -> PathBuf {
        fs::canonicalize(self.tree.path()).unwrap()
    }

    fn variables(&self) -> Vec<(OsString, OsString)> {
        let mut all = self.home.variables();
        if let Some(path) = &self.path {
            all.retain(|(name, _)| name != "PATH");
            all.push(("PATH".into(), path.clone()));
        }
        all
    }

    fn with<R>(&self, work: impl FnOnce(&RunOptions<'_>) -> R) -> R {
        let (root, variables) = (self.root(), self.variables());
        work(&RunOptions {
            root: &root,
            navi: Path::new(env!("CARGO_BIN_EXE_navi")),
            variables: &variables,
            deadline: None,
            grace: self.grace,
            tools: &Tools::default(),
            ready: &|| true,
        })
    }

    fn run(&self, command: &Command) -> Ran {
        self.run_until(command, &[], &|_| false)
    }

    /// Runs it until what was told satisfies `enough`.
    fn run_until(
        &self,
        command: &Command,
        values: &[(&str, &str)],
        enough: &dyn Fn(&[Piece]) -> bool,
    ) -> Ran {
        let values: Vec<(String, String)> =
            values.iter().map(|(name, value)| ((*name).into(), (*value).into())).collect();
        let pieces = RefCell::new(Vec::new());
        let record = self.with(|options| {
            let plan = RunPlan { command, values: &values };
            let stop = || enough(&pieces.borrow());
            run(plan, options, &stop, &mut |piece| pieces.borrow_mut().push(piece))
        });
        Ran { record, pieces: pieces.into_inner() }
    }
}

fn said(pieces: &[Piece], text: &str) -> bool {
    let lines = pieces.iter().filter_map(|it| match it {
        Piece::Lines(it) => Some(it.lines.iter().chain(&it.open)),
        Piece::Started { .. } => None,
    });
    lines.flatten().any(|it| it.text.contains(text))
}

/// Whether a process runs whose command line has this text.
pub fn runs(mark: &str) -> bool {
    let all = fs::read_dir("/proc").unwrap().filter_map(Result::ok);
    all.filter(|it| it.file_name().to_string_lossy().bytes().all(|it| it.is_ascii_digit())).any(
        |it| {
            let line = fs::read(it.path().join("cmdline")).unwrap_or_default();
            String::from_utf8_lossy(&line).contains(mark)
        },
    )
}

#[test]
fn streams_are_apart_and_the_exit_status_is_the_commands() {
    let stage = Stage::new();
    let ran = stage.run(&shell("echo out; echo err >&2; exit 3"));
    assert_eq!((ran.out(), ran.text(Stream::Err)), ("out\n".into(), "err\n".into()));
    let outcome = &ran.record.outcome;
    assert_eq!((outcome.status, outcome.exit), (Status::Failed, Some(3)));
    assert_eq!(outcome.notes, Vec::<String>::new());
    let fine = stage.run(&program(&["true"]));
    assert_eq!((fine.record.outcome.status, fine.record.outcome.exit), (Status::Ok, Some(0)));
    let killed = stage.run(&shell("kill -SEGV $$"));
    assert_eq!(killed.record.outcome.exit, Some(128 + 11));
    assert_eq!(ran.record.argv, ["sh", "-c", "echo out; echo err >&2; exit 3"]);
    assert_eq!(ran.record.digest.len(), 64);
    let again = stage.run(&shell("echo out; echo err >&2; exit 3"));
    assert_eq!(ran.record.digest, again.record.digest);
    assert_ne!(ran.record.digest, fine.record.digest);
}

#[test]
fn what_cannot_start_says_why() {
    let stage = Stage::new();
    let missing = stage.run(&program(&["navi-no-such-program"]));
    assert_eq!(missing.record.outcome.status, Status::NotStarted);
    assert!(missing.notes().contains("not installed"), "{}", missing.notes());
    stage.tree.write("bad", "no program");
    let bad = stage.run(&program(&["./bad"]));
    assert!(bad.notes().contains("chmod +x"), "{}", bad.notes());
    let mut away = program(&["true"]);
    away.cwd = "gone".into();
    assert!(stage.run(&away).notes().contains("its folder gone"));
    away.cwd = "../".into();
    assert!(stage.run(&away).notes().contains("not in the repository"));
    let mut needs = program(&["echo"]);
    needs.parameters.push(Parameter {
        name: "X".into(),
        default: None,
        passing: Passing::Argument,
        says: None,
    });
    assert!(stage.run(&needs).notes().contains("it needs a value for `X`"));
}

#[test]
fn a_script_without_an_interpreter_is_told_by_the_system() {
    use std::os::unix::fs::PermissionsExt;
    let stage = Stage::new();
    stage.tree.write("odd", "#!/no/such/interpreter\n");
    let odd = stage.tree.path().join("odd");
    fs::set_permissions(odd, fs::Permissions::from_mode(0o755)).unwrap();
    let ran = stage.run(&program(&["./odd"]));
    assert_eq!(ran.record.outcome.status, Status::NotStarted);
    assert!(ran.notes().contains("could not be started"), "{}", ran.notes());
}

#[test]
fn folder_environment_and_input_are_as_said() {
    let stage = Stage::new();
    stage.tree.write("sub/x", "");
    let mut it = shell("pwd; echo \"$A $PAGER $FORCE_COLOR $PYTHONUNBUFFERED\"; cat; tty");
    it.cwd = "sub".into();
    it.env = vec![("A".into(), "b; c".into())];
    let ran = stage.run(&it);
    let place = stage.root().join("sub");
    assert_eq!(ran.out(), format!("{}\nb; c cat 1 1\nnot a tty\n", place.display()));
}

#[test]
fn values_are_never_read_as_a_program() {
    let stage = Stage::new();
    let parameter =
        |name: &str, passing| Parameter { name: name.into(), default: None, passing, says: None };
    let hostile = "$(touch marker); rm -rf . `touch marker` && touch marker";
    let mut it = shell("printf '%s|' \"$1\" \"$VALUE\"");
    it.parameters =
        vec![parameter("FIRST", Passing::Argument), parameter("VALUE", Passing::Environment)];
    let ran = stage.run_until(&it, &[("FIRST", hostile), ("VALUE", hostile)], &|_| false);
    assert_eq!(ran.out(), format!("{hostile}|{hostile}|\n"));
    it.work = Work::Program(vec!["printf".into(), "%s|".into()]);
    it.parameters =
        vec![parameter("FIRST", Passing::Argument), parameter("VALUE", Passing::Assignment)];
    let ran = stage.run_until(&it, &[("FIRST", hostile), ("VALUE", "-x; y")], &|_| false);
    assert_eq!(ran.out(), format!("{hostile}|VALUE=-x; y|\n"));
    stage.tree.write("Makefile", "t:\n\t@echo $(X)\n");
    it.work = Work::Program(vec!["make".into(), "t".into()]);
    it.parameters = vec![parameter("X", Passing::Assignment)];
    for bad in ["$(shell touch marker)", "a; touch marker", "`touch marker`"] {
        let ran = stage.run_until(&it, &[("X", bad)], &|_| false);
        assert_eq!(ran.record.outcome.status, Status::NotStarted, "{bad}");
    }
    let ran = stage.run_until(&it, &[("X", "plain")], &|_| false);
    assert_eq!(ran.out(), "plain\n");
    assert!(!stage.tree.path().join("marker").exists());
}

#[test]
fn odd_output_hides_nothing() {
    let stage = Stage::new();
    let ran = stage.run(&shell(
        "printf 'a\\377b\\n\\033]8;;http://x\\033\\\\link\\033]8;;\\033\\\\ after\\n';
         printf '\\033]0;never ended\\nnext\\n10 %%\\r100 %%\\n\\033[31mred\\033[0m\\nlast'",
    ));
    assert_eq!(ran.out(), "a\u{fffd}b\nlink after\n␛]0;never ended\nnext\n100 %\nred\nlast\n");
    let ran = stage.run(&shell("head -c 90000 /dev/zero | tr '\\0' x; echo; echo after"));
    let lines: Vec<_> = ran.lines().collect();
    assert_eq!((lines[0].text.len(), lines[0].cut), (LONGEST_LINE, true));
    assert_eq!(lines[1].text, "after");
    assert_eq!(ran.record.outcome.dropped_bytes, 90_000 - LONGEST_LINE as u64);
    let ran = stage.run(&shell("head -c 1000000 /dev/zero; echo; echo after"));
    assert!(ran.out().ends_with("after\n"));
}

#[test]
fn a_line_that_has_not_ended_is_seen() {
    let stage = Stage::new();
    let ran = stage.run_until(&shell("printf 'password: '; exec sleep 300"), &[], &|pieces| {
        said(pieces, "password:")
    });
    assert_eq!(ran.record.outcome.status, Status::Cancelled);
    assert_eq!(ran.out(), "password: \n", "and it is not lost at the end");
}

#[test]
fn a_flood_is_bounded_and_its_end_is_shown() {
    let stage = Stage::new();
    let taken = |pieces: &[Piece]| pieces.iter().filter(|it| matches!(it, Piece::Lines(_))).count();
    let ran = stage.run_until(&program(&["yes"]), &[], &|pieces| taken(pieces) >= 8);
    assert_eq!(ran.record.outcome.status, Status::Cancelled);
    assert!(ran.record.outcome.dropped_bytes > 0);
    for piece in &ran.pieces {
        if let Piece::Lines(it) = piece {
            // Two readers may each begin with the same room.
            assert!(it.lines.len() <= 4001, "{}", it.lines.len());
        }
    }
    assert!(ran.lines().all(|it| it.text == "y" || it.cut));

    let ran = stage.run(&shell("seq 1 1000000; echo the end >&2; echo the very end"));
    assert_eq!(ran.record.outcome.status, Status::Ok);
    let out: Vec<&str> = ran.lines().map(|it| it.text.as_str()).collect();
    assert!(out.contains(&"1") && out.contains(&"1000000") && out.contains(&"the end"));
    assert_eq!(
        ran.lines().filter(|it| it.stream == Stream::Out).last().unwrap().text,
        "the very end"
    );
    // Each line that is shown is one that was printed.
    let numbers = ran.lines().filter(|it| it.text.parse::<u32>().is_ok() && !it.cut);
    let numbers: Vec<u32> = numbers.map(|it| it.text.parse().unwrap()).collect();
    assert!(numbers.windows(2).all(|it| it[0] < it[1]));
    let mut ring = Ring::new(Limits::default());
    ran.lines().for_each(|it| ring.push(it.clone()));
    ring.skip(ran.record.outcome.dropped_bytes);
    let all: u64 = 6_888_896 + 8 + 13;
    let shown: u64 = ran.lines().map(|it| it.text.len() as u64 + 1).sum();
    assert!(shown + ran.record.outcome.dropped_bytes <= all + 1);
    assert!(shown + ran.record.outcome.dropped_bytes + 100 >= all, "nothing is lost untold");
}

#[test]
fn a_reader_that_takes_nothing_holds_the_program_back() {
    let stage = Stage::new();
    let mut pieces: Vec<Lines> = Vec::new();
    let record = stage.with(|options| {
        // Takes nothing until the deadline; what then comes is one batch.
        let options =
            RunOptions { ready: &|| false, deadline: Some(Duration::from_millis(500)), ..*options };
        let plan = RunPlan { command: &program(&["yes"]), values: &[] };
        run(plan, &options, &|| false, &mut |piece| {
            if let Piece::Lines(lines) = piece {
                pieces.push(lines);
            }
        })
    });
    assert_eq!(record.outcome.status, Status::Timeout);
    assert!(pieces.len() <= 1, "the end does not wait for the output");
    assert!(record.outcome.dropped_bytes < 32 << 20, "{}", record.outcome.dropped_bytes);
}

#[test]
fn a_deadline_ends_what_ignores_sigterm() {
    let stage = Stage::new();
    let mut it = shell("trap '' TERM; echo begun; while :; do sleep 0.31415; done");
    it.deadline_s = Some(1);
    let ran = stage.run(&it);
    let outcome = &ran.record.outcome;
    assert_eq!((outcome.status, outcome.exit), (Status::Timeout, Some(128 + 9)));
    assert_eq!(ran.out(), "begun\n");
    assert!(!runs("0.31415"));
}

#[test]
fn stopping_ends_the_whole_group_and_those_that_left_it() {
    let stage = Stage::new();
    let ran = stage.run_until(
        &shell(
            "sleep 301.27 & setsid sh -c 'trap \"\" TERM; echo apart; sleep 302.27; sleep 302.27' & \
             (setsid sleep 303.27 &) ; echo begun; wait",
        ),
        &[],
        &|pieces| said(pieces, "begun") && said(pieces, "apart"),
    );
    assert_eq!(ran.record.outcome.status, Status::Cancelled);
    for mark in ["301.27", "302.27", "303.27"] {
        assert!(!runs(mark), "sleep {mark} is still there");
    }
}

#[test]
fn what_a_command_leaves_behind_ends_with_it_and_is_told() {
    let stage = Stage::new();
    let ran = stage.run(&shell("setsid sleep 304.27 & echo done"));
    let outcome = &ran.record.outcome;
    assert_eq!((outcome.status, outcome.exit), (Status::Ok, Some(0)));
    assert!(ran.notes().contains("left processes behind"), "{}", ran.notes());
    assert!(ran.notes().contains("sleep"), "{}", ran.notes());
    assert!(!runs("304.27"));
    // What only needs a moment to end is left alone.
    let ran = stage.run(&shell("mkfifo f; (cat <f; echo late) & exec 3>f; echo early"));
    assert_eq!((ran.out(), ran.notes()), ("early\nlate\n".into(), String::new()));
}

#[test]
fn a_killed_navi_leaves_nothing() {
    use std::os::unix::process::CommandExt;
    let stage = Stage::new();
    // The supervisor alone, as navi starts it, with this test in navi's place.
    let text = "sleep 305.27 & setsid sh -c 'trap \"\" TERM; echo apart; sleep 306.27; sleep 306.27' & \
                (setsid setsid sleep 307.27 &); trap '' TERM; echo begun; sleep 308.27; sleep 308.27";
    let (line, other) = std::os::unix::net::UnixStream::pair().unwrap();
    let mut child = std::process::Command::new(env!("CARGO_BIN_EXE_navi"))
        .args(["supervise", "--grace-ms", "200", "/bin/sh", "--", "sh", "-c", text])
        .env_clear()
        .envs(stage.variables())
        .stdin(std::process::Stdio::from(std::os::fd::OwnedFd::from(other)))
        .stdout(std::process::Stdio::piped())
        .process_group(0)
        .spawn()
        .unwrap();
    let mut out = std::io::BufReader::new(child.stdout.take().unwrap());
    let mut said = String::new();
    while !(said.contains("begun") && said.contains("apart")) {
        assert!(std::io::BufRead::read_line(&mut out, &mut said).unwrap() > 0, "{said}");
    }
    assert!(runs("305.27"));
    // What the system does with the socket when navi is killed.
    drop(line);
    child.wait().unwrap();
    for mark in ["305.27", "306.27", "307.27", "308.27"] {
        assert!(!runs(mark), "sleep {mark} is still there");
    }
}

#[test]
fn a_repositorys_own_program_is_not_taken_by_its_bare_name() {
    use std::os::unix::fs::PermissionsExt;
    let mut stage = Stage::new();
    stage.tree.write("bin/ls", "#!/bin/sh\ntouch marker\n");
    let ls = stage.tree.path().join("bin/ls");
    fs::set_permissions(ls, fs::Permissions::from_mode(0o755)).unwrap();
    for path in [format!("{}/bin:/usr/bin:/bin", stage.root().display()), "bin:/bin".to_owned()] {
        stage.path = Some(path.into());
        let ran = stage.run(&program(&["ls"]));
        assert_eq!(ran.record.outcome.status, Status::NotStarted, "{}", ran.notes());
    }
    assert!(!stage.tree.path().join("marker").exists());
    stage.path = Some("/usr/bin:/bin".into());
    let ran = stage.run(&program(&["bin/ls"]));
    assert_eq!(ran.record.outcome.status, Status::Ok, "the command names it itself");
}

/// Programs in PATH that say what they were called with, as docker's would be.
fn with_compose(stage: &mut Stage, scripts: &[(&str, &str)]) -> tempfile::TempDir {
    use std::os::unix::fs::PermissionsExt;
    let bin = tempfile::tempdir().unwrap();
    for (name, text) in scripts {
        let path = bin.path().join(name);
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    stage.path = Some(format!("{}:/usr/bin:/bin", bin.path().display()).into());
    bin
}

#[test]
fn whichever_compose_is_there_is_used_and_told() {
    let mut stage = Stage::new();
    // A docker without the plugin, as Debian has it; the old program beside it.
    let _bin = with_compose(
        &mut stage,
        &[
            ("docker", "echo \"docker: 'compose' is not a docker command.\" >&2; exit 1"),
            ("docker-compose", "echo \"called: $*\""),
        ],
    );
    let ran = stage.run(&program(&["docker", "compose", "-f", "a.yml", "ps"]));
    assert_eq!(ran.out(), "called: -f a.yml ps\n");
    let (argv, notes) = ran.started();
    assert_eq!(argv, "docker-compose -f a.yml ps");
    assert!(notes.contains("written for `docker compose`, run as `docker-compose`"), "{notes}");
    let ran = stage.run(&program(&["docker-compose", "exec", "db", "psql"]));
    let out = ran.out();
    assert!(
        out.starts_with("called: exec -e NAVI_RUN=") && out.ends_with(" -T db psql\n"),
        "{out}"
    );
    assert!(ran.started().1.contains("`-T` was added"));
    let none = with_compose(&mut stage, &[("docker", "exit 1"), ("docker-compose", "exit 1")]);
    let ran = stage.run(&program(&["docker", "compose", "ps"]));
    let here =
        ["podman", "podman-compose"].iter().any(|it| Path::new("/usr/bin").join(it).exists());
    if here {
        println!("skipped: a podman is installed");
    } else {
        assert!(ran.notes().contains("Compose is not here"), "{}", ran.notes());
    }
    drop(none);
}

#[test]
fn with_a_terminal_the_call_is_the_plain_one() {
    let mut stage = Stage::new();
    let _bin = with_compose(&mut stage, &[("docker", "echo")]);
    let command = program(&["docker", "compose", "exec", "-T", "db", "psql"]);
    let handover = stage
        .with(|options| hand_over(RunPlan { command: &command, values: &[] }, options))
        .unwrap();
    assert_eq!(handover.argv, ["docker", "compose", "exec", "db", "psql"]);
    assert!(handover.env.iter().all(|(name, _)| name != "PAGER"));
}

#[test]
fn what_a_stopped_exec_leaves_in_its_container_is_ended_or_told() {
    let mut stage = Stage::new();
    // An engine that runs `exec` on this machine, apart from the caller, as the real one does: its
    // signals are not forwarded.
    let engine = "shift; while [ $# -gt 0 ]; do case \"$1\" in -e) export \"$2\"; shift 2;; \
                  -T) shift;; *) break;; esac; done; shift; setsid -w \"$@\"";
    let _bin = with_compose(
        &mut stage,
        &[("docker-compose", &format!("[ \"$1\" = version ] && exit; {engine}"))],
    );
    let command = program(&["docker-compose", "exec", "db", "sh", "-c", "echo in; sleep 309.27"]);
    let ran = stage.run_until(&command, &[], &|pieces| said(pieces, "in"));
    assert_eq!(ran.record.outcome.status, Status::Cancelled);
    assert!(ran.notes().contains("inside db"), "{}", ran.notes());
    eventually(&"the process inside to end", || (!runs("309.27")).then_some(()));
    let _bin = with_compose(
        &mut stage,
        &[(
            "docker-compose",
            "[ \"$1\" = version ] && exit; case \"$*\" in *environ*) exit 1;; esac; echo in; sleep 310.27",
        )],
    );
    let ran = stage.run_until(&command, &[], &|pieces| said(pieces, "in"));
    let told =
        "what it started inside db may still run; look with: docker-compose exec -T db ps aux";
    assert!(ran.notes().contains(told), "{}", ran.notes());
}

#[test]
fn several_run_at_once() {
    let stage = Stage::new();
    std::thread::scope(|scope| {
        let all: Vec<_> = (0..6)
            .map(|number| {
                let stage = &stage;
                scope.spawn(move || stage.run(&shell(&format!("echo {number}; exit {number}"))))
            })
            .collect();
        for (number, ran) in all.into_iter().enumerate() {
            let ran = ran.join().unwrap();
            assert_eq!(ran.record.outcome.exit, Some(number as i32));
            assert_eq!(ran.out(), format!("{number}\n"));
        }
    });
}

#[test]
fn stopping_reaches_into_a_real_container() {
    let engine = match crate::stack::Engine::start() {
        Ok(engine) => engine,
        Err(why) => {
            println!("skipped: {why}");
            return;
        }
    };
    let stage = Stage::new();
    stage.tree.write("compose.yaml", "services:\n  cache:\n    image: redis:7-alpine\n");
    let mut variables = stage.variables();
    variables.extend(engine.variables.iter().map(|(name, value)| (name.into(), value.into())));
    let (root, tools) = (stage.root(), Tools::default());
    let compose = |arguments: &[&str], enough: &dyn Fn(&[Piece]) -> bool| {
        let pieces = RefCell::new(Vec::new());
        let mut argv = vec!["docker", "compose", "-p", "navi-running"];
        argv.extend(arguments);
        let command = program(&argv);
        let options = RunOptions {
            root: &root,
            navi: Path::new(env!("CARGO_BIN_EXE_navi")),
            variables: &variables,
            deadline: Some(Duration::from_secs(120)),
            grace: Duration::from_secs(2),
            tools: &tools,
            ready: &|| true,
        };
        let plan = RunPlan { command: &command, values: &[] };
        let stop = || enough(&pieces.borrow());
        let record = run(plan, &options, &stop, &mut |it| pieces.borrow_mut().push(it));
        Ran { record, pieces: pieces.into_inner() }
    };
    let up = compose(&["up", "-d"], &|_| false);
    assert_eq!(up.record.outcome.status, Status::Ok, "{}", up.text(Stream::Err));
    let inside = "echo in; sleep 313.27 & trap '' TERM; sleep 314.27; sleep 314.27";
    let ran = compose(&["exec", "cache", "sh", "-c", inside], &|pieces| said(pieces, "in"));
    let left = ["313.27", "314.27"].map(runs);
    let answer = compose(&["exec", "cache", "redis-cli", "ping"], &|_| false);
    compose(&["down", "-t", "0"], &|_| false);
    assert_eq!(ran.record.outcome.status, Status::Cancelled);
    assert!(ran.notes().contains("that it had left inside cache were ended"), "{}", ran.notes());
    assert_eq!(left, [false, false], "inside the container");
    assert_eq!(answer.out(), "PONG\n", "and nothing else was");
}
