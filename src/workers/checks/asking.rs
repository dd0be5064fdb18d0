//! Which commands are checks, which of them may run now, and the board for the screen.

use std::time::{SystemTime, UNIX_EPOCH};

use super::{Asked, Checks, board, goods, overdue};
use crate::base::Diagnostic;
use crate::engine::commands::{Command, Consent, Discovery, Kind, Need, Risk, Trust};
use crate::protocol::{CheckNews, Generation, Report};
use crate::workers::mailbox::Mailbox;
use crate::workers::running::{Judged, Running};
use crate::workers::shared::Latest;
use crate::workers::turns::Stage;
use crate::workers::{Options, Sink};

/// Whether a command belongs on the board: it only looks, ends by itself, needs nobody, and its
/// answer can be read.
fn is_check(command: &Command) -> bool {
    command.judge.is_some()
        && command.risk == Risk::ReadOnly
        && !command.interactive
        && !command.follows
        && command.parameters.iter().all(|it| it.default.is_some())
}

/// The checks among what was found, of one kind or of all, each with the reason if it may not run
/// without being asked about.
pub fn asked(
    running: &Running,
    found: &Discovery,
    kind: Option<Kind>,
) -> (Vec<Asked>, Vec<Diagnostic>) {
    let of_kind = |it: &&Command| is_check(it) && kind.is_none_or(|kind| it.kind == kind);
    let commands: Vec<Command> = found.commands.iter().filter(of_kind).cloned().collect();
    let (book, said) = running.book();
    let judged = running.judge(&book, commands).into_iter();
    let ask = |it: Judged| Asked { refused: refusal(&it), command: it.command };
    (judged.map(ask).collect(), said)
}

/// Why a check may not run without a word, and what to do about it.
fn refusal(judged: &Judged) -> Option<(String, Option<String>)> {
    let id = &judged.command.id;
    let once = || Some(format!("navi run {id}"));
    match judged.needs(&Consent::Trusted) {
        Need::Nothing => None,
        Need::Look if judged.trust == Trust::Trusted => {
            Some(("has to be looked at first".to_owned(), once()))
        }
        Need::Look => {
            let changed = matches!(judged.trust, Trust::Changed { .. });
            let why = if changed { "changed since it was trusted" } else { "not trusted" };
            Some((why.to_owned(), Some("navi trust --allow-all".to_owned())))
        }
        Need::Confirm => {
            let lands = judged.targets.iter().find(|it| it.production);
            let why = lands.map_or_else(
                || "has to be confirmed".to_owned(),
                |it| format!("it goes to {}", it.says()),
            );
            Some((why, once()))
        }
        Need::Type { why, .. } => Some((why, once())),
        Need::Refused(why) => Some((why, None)),
    }
}

/// Seconds since 1970.
pub fn now() -> i64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs() as i64
}

/// Makes boards for the screen until the mailbox is closed.
pub fn run(options: &Options, inbox: &Mailbox<Generation>, latest: &Latest, sink: &Sink) {
    let running = &options.running;
    while let Some(generation) = inbox.take() {
        let _turn = options.turns.take(Stage::Checks);
        let tell = |news| sink(Report::Checks { generation, news });
        let found = (running.discover)(&latest.get().files);
        let (asked, mut said) = asked(running, &found, None);
        tell(CheckNews::Asked(asked.len()));
        let (known, faults) = running.goods.read();
        said.extend(faults);
        let history = latest.history();
        let now = now();
        let checks = Checks {
            asked: &asked,
            commands: &found.commands,
            stacks: &found.stacks,
            root: &running.root,
            history: &history,
            known: &known,
            now,
        };
        let made = board(
            &checks,
            &|command, time, cancelled| overdue::run_in_time(running, command, time, cancelled),
            &|| inbox.is_overtaken(),
            &|row| tell(CheckNews::Found(Box::new(row.clone()))),
        );
        said.extend(running.goods.add(goods(&made, now)).err());
        for it in said {
            sink(Report::Said(it));
        }
        tell(CheckNews::Finished(made));
    }
}
