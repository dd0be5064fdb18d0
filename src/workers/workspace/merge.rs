//! Answers of several repositories as one. Pure; what comes in is labelled already and in the order
//! of the repositories, and the same answers always merge to the same.

use std::collections::HashSet;

use crate::engine::audit::{Audit, Check, Verdict, score};
use crate::engine::checks::Board as Triage;
use crate::engine::commands::Kind;
use crate::engine::drills::{Card, Kind as CardKind, Record};
use crate::protocol::{
    Board, BoardShelf, ChangeLog, DrillDeck, HistoryStatus, IndexStatus, Library, Offers, Phase,
};

/// Commits that are kept of all.
const COMMITS: usize = 500;
/// Documents that are called near.
const NEAR: usize = 3;

/// The first of each, then the second of each, and so on.
fn in_turn<T>(parts: Vec<Vec<T>>) -> Vec<T> {
    let mut all = Vec::with_capacity(parts.iter().map(Vec::len).sum());
    let mut parts: Vec<_> = parts.into_iter().map(Vec::into_iter).collect();
    loop {
        let before = all.len();
        all.extend(parts.iter_mut().filter_map(Iterator::next));
        if all.len() == before {
            return all;
        }
    }
}

/// The critical paths: for each role the best of each repository, then the second best. A role is
/// missing where none has it.
pub fn boards(parts: &[Board]) -> Board {
    let mut shelves: Vec<(BoardShelf, Vec<Vec<_>>)> = Vec::new();
    for shelf in parts.iter().flat_map(|it| &it.shelves) {
        let place = shelves.iter().position(|(known, _)| known.id == shelf.id);
        let place = place.unwrap_or_else(|| {
            let empty = BoardShelf { total: 0, files: Vec::new(), ..shelf.clone() };
            shelves.push((empty, Vec::new()));
            shelves.len() - 1
        });
        let (into, files) = &mut shelves[place];
        into.total += shelf.total;
        files.push(shelf.files.clone());
    }
    let shelf = |(shelf, files)| BoardShelf { files: in_turn(files), ..shelf };
    Board { shelves: shelves.into_iter().map(shelf).collect() }
}

/// How bad a verdict is.
fn badness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::NotApplicable => 0,
        Verdict::Pass => 1,
        Verdict::Warn => 2,
        Verdict::Fail => 3,
    }
}

/// The audits: each check as it is where it is worst, with what was seen everywhere, and the mean of
/// the scores.
pub fn audits(parts: &[Audit]) -> Audit {
    let mut checks: Vec<Check> = Vec::new();
    for check in parts.iter().flat_map(|it| &it.checks) {
        let Some(known) = checks.iter_mut().find(|it| it.id == check.id) else {
            checks.push(check.clone());
            continue;
        };
        if badness(check.verdict) > badness(known.verdict) {
            known.verdict = check.verdict;
        }
        known.evidence.extend(check.evidence.iter().cloned());
        if !check.fix.is_empty() {
            let between = if known.fix.is_empty() { "" } else { "; " };
            known.fix = format!("{}{between}{}", known.fix, check.fix);
        }
    }
    let many = parts.len().max(1) as f64;
    let mean = parts.iter().map(|it| it.score).sum::<f64>() / many;
    let score = if parts.is_empty() { score(&checks) } else { mean };
    let shape = parts.iter().flat_map(|it| it.shape.iter().cloned()).collect();
    let advice = format!("{} repositories were judged, each by itself", parts.len());
    Audit { checks, score, advice, shape }
}

/// The commits, newest first. One that several repositories share is told once.
pub fn changes(parts: &[ChangeLog]) -> ChangeLog {
    let mut commits: Vec<_> = parts.iter().flat_map(|it| it.commits.iter().cloned()).collect();
    // Stable: of one second, in the order of the repositories.
    commits.sort_by_key(|it| it.age_s);
    let mut seen = HashSet::new();
    commits.retain(|it| seen.insert(it.id));
    commits.truncate(COMMITS);
    ChangeLog {
        commits,
        total: parts.iter().map(|it| it.total).sum(),
        git: parts.iter().any(|it| it.git),
    }
}

/// The commands by kind; of a kind the best of each repository, then the second best.
pub fn offers(parts: &[Offers]) -> Offers {
    let of_kind = |kind: Kind| {
        let of = |it: &Offers| {
            it.offers.iter().filter(|it| it.command.kind == kind).cloned().collect::<Vec<_>>()
        };
        in_turn(parts.iter().map(of).collect())
    };
    Offers {
        offers: Kind::ALL.into_iter().flat_map(of_kind).collect(),
        read_only: parts.iter().any(|it| it.read_only),
    }
}

/// The boards of checks as one, in its order.
pub fn triage(parts: &[Triage]) -> Triage {
    let mut board = Triage {
        rows: parts.iter().flat_map(|it| it.rows.iter().cloned()).collect(),
        ms: parts.iter().map(|it| it.ms).max().unwrap_or_default(),
    };
    board.sort();
    board
}

/// The documents: all runbooks, then all others, and those that are near.
pub fn libraries(parts: &[Library]) -> Library {
    let all = || {
        parts.iter().enumerate().flat_map(|(part, library)| {
            library.books.iter().enumerate().map(move |(number, book)| ((part, number), book))
        })
    };
    let mut places: Vec<((usize, usize), _)> = all().filter(|(_, it)| it.runbook).collect();
    places.extend(all().filter(|(_, it)| !it.runbook));
    let near = in_turn(
        parts
            .iter()
            .enumerate()
            .map(|(part, library)| {
                let near = library.near.iter();
                near.map(|(number, why)| ((part, *number), why.clone())).collect()
            })
            .collect(),
    );
    let mut near: Vec<(usize, String)> = near
        .into_iter()
        .filter_map(|(at, why)| Some((places.iter().position(|(it, _)| *it == at)?, why)))
        .collect();
    let runbook = |place: usize| places.get(place).is_some_and(|(_, it)| it.runbook);
    near.sort_by_key(|it| !runbook(it.0));
    near.truncate(NEAR);
    let told = parts.iter().find(|it| !it.near_to.is_empty());
    Library {
        books: places.into_iter().map(|(_, book)| book.clone()).collect(),
        near,
        near_to: told.map(|it| it.near_to.clone()).unwrap_or_default(),
    }
}

/// The decks as one: a card of each repository in turn, the first of which the seed decides. The
/// labels are those of the parts.
pub fn decks(parts: &[DrillDeck], labels: &[String], seed: u64) -> DrillDeck {
    let turn = (seed % parts.len().max(1) as u64) as usize;
    let asked = |part: usize| -> Vec<Card> {
        let label = labels.get(part).map_or("", String::as_str);
        let named = |card: &Card| {
            let mut card = card.clone();
            // Every repository has a file of that role: which one is asked for has to be said.
            if card.kind == CardKind::Role {
                card.prompt = format!("In {label}: {}", card.prompt);
            }
            card
        };
        parts[part].cards.iter().map(named).collect()
    };
    let order = (0..parts.len()).cycle().skip(turn).take(parts.len());
    let cards = in_turn(order.map(asked).collect());
    let mut rounds: Vec<_> = parts.iter().flat_map(|it| it.record.rounds.iter().cloned()).collect();
    rounds.sort_by_key(|it| it.at);
    DrillDeck {
        cards,
        record: Record { rounds },
        now: parts.iter().map(|it| it.now).max().unwrap_or_default(),
        said: parts.iter().flat_map(|it| it.said.iter().cloned()).collect(),
    }
}

/// The histories as one.
pub fn histories(parts: &[HistoryStatus]) -> HistoryStatus {
    HistoryStatus {
        commits: parts.iter().map(|it| it.commits).sum(),
        reading: parts.iter().any(|it| it.reading),
    }
}

/// How much a state has to be known about, the most first: what is under way, as it changes what
/// is found from moment to moment, and then what will not get better by itself.
fn weight(phase: &Phase) -> u8 {
    match phase {
        Phase::Scanning => 0,
        Phase::Checking { .. } => 1,
        Phase::Indexing { .. } => 2,
        Phase::Gone => 3,
        Phase::PathsOnly(_) => 4,
        Phase::Behind(_) => 5,
        Phase::Unwatched(_) => 6,
        Phase::Polling { .. } => 7,
        Phase::Reader => 8,
        Phase::Live => 9,
    }
}

/// The states of the indexes as one: the files of all, and the state that has most to be known
/// about, with the label of who is in it where others are not.
pub fn statuses(parts: &[IndexStatus], labels: &[String]) -> IndexStatus {
    let worst = parts.iter().min_by_key(|it| weight(&it.phase));
    let mut phase = worst.map(|it| it.phase.clone()).unwrap_or_default();
    let same: Vec<usize> =
        (0..parts.len()).filter(|&it| weight(&parts[it].phase) == weight(&phase)).collect();
    let of = |phase: &Phase| match phase {
        Phase::Indexing { done, total, elapsed_ms } => Some((*done, *total, *elapsed_ms)),
        _ => None,
    };
    if of(&phase).is_some() {
        let (mut done, mut total, mut elapsed_ms) = (0, 0, 0);
        for it in parts.iter().filter_map(|it| of(&it.phase)) {
            (done, total, elapsed_ms) = (done + it.0, total + it.1, elapsed_ms.max(it.2));
        }
        phase = Phase::Indexing { done, total, elapsed_ms };
    }
    let settled = !matches!(phase, Phase::Live) && phase.is_settled();
    let member = same.first().filter(|_| settled && same.len() < parts.len()).map(|first| {
        let label = labels.get(*first).cloned().unwrap_or_default();
        match same.len() {
            1 => label,
            more => format!("{label} and {} more", more - 1),
        }
    });
    let mut all = IndexStatus { phase, member, ..IndexStatus::default() };
    for part in parts {
        all.files += part.files;
        all.counts.merge(&part.counts);
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::audit::Evidence;
    use crate::engine::drills::Answer;
    use crate::engine::index::Counts;
    use crate::protocol::{BoardFile, Book, Change};

    fn file(path: &str) -> BoardFile {
        BoardFile {
            path: path.into(),
            line: 1,
            why: Vec::new(),
            note: None,
            owners: Vec::new(),
            changed: None,
        }
    }

    fn shelf(id: &str, files: &[&str]) -> BoardShelf {
        let files: Vec<BoardFile> = files.iter().map(|it| file(it)).collect();
        BoardShelf { id: id.into(), total: files.len(), files, ..BoardShelf::default() }
    }

    #[test]
    fn roles_show_the_best_of_each_repository_first() {
        let one =
            Board { shelves: vec![shelf("auth", &["a/1", "a/2", "a/3"]), shelf("cache", &[])] };
        let other = Board {
            shelves: vec![shelf("cache", &["b/c"]), shelf("auth", &["b/1"]), shelf("own", &[])],
        };
        let all = boards(&[one, other]);
        let of = |id: &str| {
            let shelf = all.shelves.iter().find(|it| it.id == id).unwrap();
            (shelf.total, shelf.files.iter().map(|it| it.path.display()).collect::<Vec<_>>())
        };
        assert_eq!(of("auth"), (4, ["a/1", "b/1", "a/2", "a/3"].map(str::to_owned).to_vec()));
        assert_eq!(of("cache"), (1, vec!["b/c".to_owned()]), "missing in one is not missing");
        assert_eq!(of("own"), (0, vec![]));
        let ids: Vec<&str> = all.shelves.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(ids, ["auth", "cache", "own"]);
        assert_eq!(boards(&[]), Board::default());
    }

    #[test]
    fn a_check_is_as_bad_as_where_it_is_worst() {
        let check = |verdict, text: &str, fix: &str| Check {
            id: "x",
            title: "X",
            verdict,
            evidence: vec![Evidence::from(text.to_owned())],
            fix: fix.into(),
        };
        let part = |check, score| Audit { checks: vec![check], score, ..Audit::default() };
        let all = audits(&[
            part(check(Verdict::Pass, "fine", ""), 1.0),
            part(check(Verdict::Fail, "broken", "mend it"), 0.0),
            part(check(Verdict::Warn, "odd", "look"), 0.5),
        ]);
        assert_eq!(all.checks.len(), 1);
        assert_eq!((all.checks[0].verdict, all.checks[0].evidence.len()), (Verdict::Fail, 3));
        assert_eq!(all.checks[0].fix, "mend it; look");
        assert!((all.score - 0.5).abs() < 1e-9);
    }

    #[test]
    fn commits_are_by_time_and_told_once() {
        let commit = |id: u8, age_s| Change { id: [id; 20], age_s, ..Change::default() };
        let log = |commits: Vec<Change>| ChangeLog { total: commits.len(), commits, git: true };
        let all = changes(&[
            log(vec![commit(1, 10), commit(2, 30)]),
            ChangeLog::default(),
            log(vec![commit(3, 20), commit(2, 30)]),
        ]);
        let ids: Vec<u8> = all.commits.iter().map(|it| it.id[0]).collect();
        assert_eq!(ids, [1, 3, 2]);
        assert!(all.git && all.total == 4);
    }

    #[test]
    fn runbooks_come_before_other_documents() {
        let book = |path: &str, runbook| Book {
            path: path.into(),
            title: String::new(),
            headings: Vec::new(),
            scripts: 0,
            runbook,
        };
        let one = Library {
            books: vec![book("a/run.md", true), book("a/x.md", false)],
            near: vec![(1, "shares a word".into()), (0, "names it".into())],
            near_to: "a/x.py".into(),
        };
        let other = Library {
            books: vec![book("b/run.md", true)],
            near: vec![(0, "close".into())],
            near_to: String::new(),
        };
        let all = libraries(&[one, other]);
        let paths: Vec<String> = all.books.iter().map(|it| it.path.display()).collect();
        assert_eq!(paths, ["a/run.md", "b/run.md", "a/x.md"]);
        let near: Vec<(usize, &str)> = all.near.iter().map(|it| (it.0, it.1.as_str())).collect();
        assert_eq!(near, [(1, "close"), (0, "names it"), (2, "shares a word")]);
        assert_eq!(all.near_to, "a/x.py");
    }

    #[test]
    fn decks_take_turns_and_the_seed_says_who_begins() {
        let card = |id: &str, kind| Card {
            id: id.into(),
            kind,
            prompt: "where?".into(),
            seconds: 30,
            answers: vec![Answer { path: "x".into(), line: None }],
            role: String::new(),
            fault: None,
        };
        let deck = |ids: &[&str]| DrillDeck {
            cards: ids.iter().map(|it| card(it, CardKind::Symptom)).collect(),
            ..DrillDeck::default()
        };
        let mut parts = [deck(&["a1", "a2", "a3"]), deck(&["b1"])];
        parts[1].cards[0].kind = CardKind::Role;
        let labels = ["a".to_owned(), "b".to_owned()];
        let ids = |seed| {
            let cards = decks(&parts, &labels, seed).cards;
            cards.into_iter().map(|it| it.id).collect::<Vec<_>>()
        };
        assert_eq!(ids(0), ["a1", "b1", "a2", "a3"]);
        assert_eq!(ids(1), ["b1", "a1", "a2", "a3"]);
        assert_eq!(decks(&parts, &labels, 0).cards[1].prompt, "In b: where?");
        assert_eq!(decks(&[], &[], 5).cards, vec![]);
    }

    #[test]
    fn a_state_is_that_of_the_worst_off() {
        let labels = ["a", "b", "c"].map(str::to_owned);
        let status = |phase, files| IndexStatus {
            phase,
            files,
            counts: Counts { indexed: files, ..Counts::default() },
            ..IndexStatus::default()
        };
        let all = |phases: [Phase; 3]| statuses(&phases.map(|it| status(it, 5)), &labels);
        let live = all([Phase::Live, Phase::Live, Phase::Live]);
        assert_eq!((live.phase, live.member, live.files), (Phase::Live, None, 15));
        assert_eq!(live.counts.indexed, 15);
        let gone = all([Phase::Live, Phase::Gone, Phase::Reader]);
        assert_eq!((gone.phase, gone.member.as_deref()), (Phase::Gone, Some("b")));
        let two = all([Phase::Gone, Phase::Live, Phase::Gone]);
        assert_eq!(two.member.as_deref(), Some("a and 1 more"));
        let indexing = |done| Phase::Indexing { done, total: 10, elapsed_ms: 7 };
        let busy = all([indexing(1), Phase::Gone, indexing(2)]);
        assert_eq!(busy.phase, Phase::Indexing { done: 3, total: 20, elapsed_ms: 7 });
        assert_eq!((busy.member, busy.fresh_ms), (None, None));
    }
}
