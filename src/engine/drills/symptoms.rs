//! Past fixes as questions: which commits mended something small in source that is still there, and
//! what their messages say of the fault without saying where it was.

use std::collections::{HashMap, HashSet};

use super::deck::Given;
use super::mask::{Census, Homes, MASK, Names, is_nearly, words_of};
use super::{Answer, Card, Fault, Kind, card_id, message, words};
use crate::base::RepoPath;
use crate::base::path::name_of;
use crate::engine::audit::row_of;
use crate::engine::files::FileId;
use crate::engine::history::{Commit, FileDiff, Hunk, Side, file_diff};
use crate::engine::index::read_raw;
use crate::engine::standing::Standing;
use crate::engine::symbols::Scanner;
use crate::engine::tokens;

/// Files that a commit may change.
const MOST_FILES: usize = 5;
/// Files of source that it may change: with more, it is no longer clear what is asked for.
const MOST_ANSWERS: usize = 3;
/// Lines that it may take out and put in.
const MOST_LINES: usize = 120;
/// The same for a card on which the fault is to be mended.
const MOST_FIX_LINES: usize = 12;
/// Symptom cards of a deck: the newest.
const MOST_CARDS: usize = 250;
/// Commits that are looked at closely.
const MOST_LOOKED_AT: usize = 6000;
/// Bytes of an answer that are read.
const MOST_OF_FILE: u64 = 1 << 20;
/// A line of so many letters stands in many places.
const TOO_SHORT: usize = 8;
/// Days that one remembers what one mended.
const OWN_DAYS: i64 = 30;

/// Words of its own that a question must say.
const LEAST_SAID: usize = 4;
/// How many of them must have to do with the answer, as a share and at least.
const LEAST_KNOWN_SHARE: f32 = 0.25;
const LEAST_KNOWN: usize = 2;
/// How much these must say together, as a share of what a word says that no file holds. With less,
/// as in "fix data source issue", a question fits half of the repository.
const LEAST_WORTH: f32 = 0.8;

/// Rows of a search for its words among which a question must lead to an answer, at most; and for
/// each word of its own beyond the third: the less it says, the nearer to the top.
const LEADS_WITHIN: usize = 20;
const LEADS_PER_WORD: usize = 5;

/// A commit that may become a card.
struct Candidate {
    number: u32,
    answers: Vec<FileId>,
    told: String,
    /// Of the first answer: its name then, and what changed.
    then: RepoPath,
    hunks: Vec<Hunk>,
    lines: usize,
}

/// The symptom and fix cards of a repository, newest fix first.
pub fn cards(given: &Given<'_>) -> Vec<Card> {
    let Some(git) = given.git else { return Vec::new() };
    let files = &given.snapshot.files;
    let touched = touched(given);
    let mut candidates = Vec::new();
    let mut looked_at = 0;
    let mut seen = HashSet::new();
    for commit in given.history.commits() {
        if candidates.len() >= 3 * MOST_CARDS || looked_at >= MOST_LOOKED_AT || (given.cancelled)()
        {
            break;
        }
        if !is_worth_asking(&commit) {
            continue;
        }
        let Some(answers) = answers(given, &commit, touched.get(&commit.number())) else {
            continue;
        };
        let recent = given.now.saturating_sub(commit.time()) < OWN_DAYS * 86_400;
        if recent && given.player.wrote(git.author_email(&commit.id()).as_deref()) {
            continue;
        }
        let parts = Names::parts_of(files, &answers.iter().map(|it| it.0).collect::<Vec<_>>());
        let told = message::told(commit.subject(), commit.body(), &parts);
        if !seen.insert(told.clone()) {
            continue;
        }
        looked_at += 1;
        let Some(sides) = git.sides(&commit.id()) else { continue };
        let mut lines = 0;
        let mut stands = false;
        let mut first = None;
        let mut real = Vec::new();
        for (id, then) in &answers {
            let FileDiff::Lines(hunks) = file_diff(git, sides, then.as_bytes()) else { continue };
            let changed = changed_lines(&hunks);
            lines += changed;
            if changed == 0 || says_nothing(&hunks) {
                continue;
            }
            stands |= still_stands(&text(given, *id), &hunks);
            first.get_or_insert((then.clone(), hunks));
            real.push(*id);
        }
        let Some((then, hunks)) = first.filter(|_| lines <= MOST_LINES && stands) else {
            continue;
        };
        candidates.push(Candidate {
            number: commit.number(),
            answers: real,
            told,
            then,
            hunks,
            lines,
        });
    }
    ask(given, candidates)
}

/// Makes questions of the candidates that say enough once their answer is taken out.
fn ask(given: &Given<'_>, candidates: Vec<Candidate>) -> Vec<Card> {
    let files = &given.snapshot.files;
    let census = Census::of(files);
    let mut words = HashSet::new();
    candidates.iter().for_each(|it| words_of(&it.told, &mut words));
    let homes = Homes::of(&given.finder.root, files, words, given.cancelled);
    let mut cards = Vec::new();
    let mut asked = 0;
    let mut prompts = HashSet::new();
    let mut scanner = Scanner::default();
    for it in candidates {
        if asked >= MOST_CARDS || (given.cancelled)() {
            break;
        }
        let texts: Vec<Vec<u8>> = it.answers.iter().map(|&id| text(given, id)).collect();
        let mut defined = HashSet::new();
        for (&id, text) in it.answers.iter().zip(&texts) {
            scanner.for_each(files.path(id), text, &mut |it| {
                defined.insert(it.name.to_vec());
            });
        }
        let own = defined_only_in(given, &it.answers, &it.told, &defined);
        let names = Names::of(files, &census, &it.answers, &defined, &own);
        let prompt = names.mask(&it.told, &homes);
        let said = said_by(&prompt);
        if names.is_told_by(&prompt)
            || !says_enough(given, &prompt, &said, &it.answers, &texts)
            || !prompts.insert(prompt.clone())
        {
            continue;
        }
        if given.must_lead && !leads(given, &prompt, said.len(), &it.answers) {
            continue;
        }
        let Some(commit) = given.history.commit(it.number) else { continue };
        let answers: Vec<Answer> = it
            .answers
            .iter()
            .zip(&texts)
            .enumerate()
            .map(|(place, (&id, text))| Answer {
                path: files.repo_path(id),
                line: if place == 0 { line_now(text, &it.hunks) } else { None },
            })
            .collect();
        let role = given.role_of(it.answers.first().copied());
        asked += 1;
        let card = Card {
            id: card_id(Kind::Symptom, &[&commit.id()]),
            kind: Kind::Symptom,
            prompt,
            seconds: Kind::Symptom.seconds(),
            answers,
            role,
            fault: None,
        };
        if it.answers.len() == 1 && it.lines <= MOST_FIX_LINES && it.hunks.len() <= 2 {
            let fault = Fault { commit: commit.id(), then: it.then, hunks: taken_out(&it.hunks) };
            cards.push(Card {
                id: card_id(Kind::Fix, &[&commit.id()]),
                kind: Kind::Fix,
                seconds: Kind::Fix.seconds(),
                fault: Some(fault),
                ..card.clone()
            });
        }
        cards.push(card);
    }
    cards
}

/// What the answers define and no other source does: all of it that can be what `told` says.
fn defined_only_in(
    given: &Given<'_>,
    answers: &[FileId],
    told: &str,
    defined: &HashSet<Vec<u8>>,
) -> HashSet<Vec<u8>> {
    let files = &given.snapshot.files;
    let mut said = HashSet::new();
    words_of(told, &mut said);
    let may_be_said = |name: &Vec<u8>| said.iter().any(|it| is_nearly(it, name, 2) || it == name);
    let alone = |name: &Vec<u8>| {
        let known = given.snapshot.defining(&String::from_utf8_lossy(name));
        known.iter().all(|it| {
            answers.contains(&it.file)
                || files.facts(it.file).standing != Standing::Source
                || !spells(&text(given, it.file), it.line, name)
        })
    };
    defined.iter().filter(|it| may_be_said(it) && alone(it)).cloned().collect()
}

/// Whether a line of a text has a name just as it is written, capitals included.
fn spells(text: &[u8], line: u32, name: &[u8]) -> bool {
    let line = text.split(|it| *it == b'\n').nth(line.saturating_sub(1) as usize);
    line.is_some_and(|it| memchr::memmem::find(it, name).is_some())
}

/// Whether a search for the words of a question, without the history, shows a right file at all
/// near the top. A question that leads nowhere has lost what it was about with its mask, or never
/// said it.
fn leads(given: &Given<'_>, prompt: &str, said: usize, answers: &[FileId]) -> bool {
    let within = (said.saturating_sub(3) * LEADS_PER_WORD).min(LEADS_WITHIN);
    let files = &given.snapshot.files;
    let paths: Vec<RepoPath> = answers.iter().map(|&id| files.repo_path(id)).collect();
    let wanted: Vec<&RepoPath> = paths.iter().collect();
    let query = super::selfcheck::plain(prompt);
    row_of(given.finder, given.snapshot, &query, &wanted, given.cancelled)
        .is_some_and(|row| row <= within)
}

/// Which living source files each commit touched, also under earlier names.
fn touched(given: &Given<'_>) -> HashMap<u32, Vec<FileId>> {
    let files = &given.snapshot.files;
    let mut touched: HashMap<u32, Vec<FileId>> = HashMap::new();
    let mut ids: Vec<FileId> = files.living().filter(|&id| is_answer(given, id)).collect();
    ids.sort_unstable_by_key(|&id| files.path(id));
    for id in ids {
        for &number in given.history.of(files.path(id)) {
            touched.entry(number).or_default().push(id);
        }
    }
    touched
}

/// Whether a file can be what a question asks for.
fn is_answer(given: &Given<'_>, id: FileId) -> bool {
    let facts = given.snapshot.files.facts(id);
    let lower = given.snapshot.files.lower(id);
    let look = [
        ".css", ".scss", ".less", ".sass", ".svg", ".md", ".txt", ".csv", ".lock", ".json", ".xlf",
        ".po", ".arb",
    ];
    !facts.link
        && !is_hidden(lower)
        && match facts.standing {
            Standing::Source => true,
            Standing::Data => !look.iter().any(|it| lower.ends_with(it.as_bytes())),
            _ => false,
        }
        && !is_book_keeping(name_of(lower))
}

/// Whether a path lies among the settings of tools.
fn is_hidden(path: &[u8]) -> bool {
    path.split(|it| *it == b'/').any(|it| it.starts_with(b"."))
}

/// Whether a file only says which versions there are.
fn is_book_keeping(name: &[u8]) -> bool {
    matches!(
        name,
        b"package.json"
            | b"pyproject.toml"
            | b"cargo.toml"
            | b"go.mod"
            | b"pom.xml"
            | b"gemfile"
            | b"composer.json"
            | b"mix.exs"
            | b"setup.py"
            | b"setup.cfg"
            | b"requirements.txt"
            | b"version.rb"
            | b"version.go"
            | b"version.py"
            | b"build.gradle"
            | b"directory.build.props"
            | b"directory.packages.props"
            | b"changelog"
            | b"chart.yaml"
            | b"chart.lock"
            | b"_version.py"
            | b"mkdocs.yml"
    ) || name.ends_with(b".csproj")
}

/// Whether a commit mends something that somebody could meet, by its message and size alone.
fn is_worth_asking(commit: &Commit<'_>) -> bool {
    let author = commit.author().to_lowercase();
    let bot = author.contains("[bot]")
        || author.ends_with("bot")
        || [
            "dependabot",
            "renovate",
            "weblate",
            "crowdin",
            "snyk",
            "greenkeeper",
            "github actions",
        ]
        .iter()
        .any(|it| author.contains(it));
    commit.is_fix()
        && !commit.is_merge()
        && commit.is_known()
        && (1..=MOST_FILES).contains(&commit.files_total())
        && !bot
        && !is_chore(commit.subject())
        && !message::is_building(commit.subject())
}

/// Subjects that speak of the code or of the tools around it, and not of what it does.
fn is_chore(subject: &str) -> bool {
    let mut named = subject.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty());
    named.any(|word| words::is_in(word, words::CHORES))
}

/// The source files that a commit changed and that are still there, each with its name then; `None`
/// when there are none or too many, or one is gone.
fn answers(
    given: &Given<'_>,
    commit: &Commit<'_>,
    touched: Option<&Vec<FileId>>,
) -> Option<Vec<(FileId, RepoPath)>> {
    let files = &given.snapshot.files;
    let touched = touched.filter(|it| (1..=MOST_ANSWERS).contains(&it.len()))?;
    let changed: Vec<&[u8]> = commit.changed_files().map(|it| it.0).collect();
    let mut pairs = Vec::new();
    for &id in touched {
        let path = files.path(id);
        let then = changed.iter().find(|it| **it == path).or_else(|| {
            // Under another name then: the one with the same name, or else the only one that is gone.
            let gone =
                || changed.iter().filter(|it| !touched.iter().any(|&id| files.path(id) == **it));
            gone().find(|it| name_of(it) == name_of(path)).or_else(|| gone().next())
        })?;
        pairs.push((id, RepoPath::from_bytes(*then)));
    }
    // Source that was changed and is gone since would be a right answer that nobody can open.
    let known = |path: &&&[u8]| pairs.iter().any(|it| it.1.as_bytes() == **path);
    let lost = changed.iter().filter(|it| !known(it)).any(|it| {
        let lower = it.to_ascii_lowercase();
        Standing::of(&lower) == Standing::Source
            && !is_hidden(&lower)
            && !is_book_keeping(name_of(&lower))
    });
    (!lost).then_some(pairs)
}

fn text(given: &Given<'_>, id: FileId) -> Vec<u8> {
    let path = given.snapshot.files.repo_path(id);
    let read = read_raw(&given.finder.root, &path, MOST_OF_FILE);
    read.ok().flatten().map(|it| it.0).unwrap_or_default()
}

fn changed_lines(hunks: &[Hunk]) -> usize {
    hunks.iter().flat_map(|it| &it.lines).filter(|it| it.side != Side::Both).count()
}

/// Whether a change is of blanks, of comments or of imports only.
fn says_nothing(hunks: &[Hunk]) -> bool {
    let side = |wanted: Side| -> String {
        let lines = hunks.iter().flat_map(|it| &it.lines).filter(|it| it.side == wanted);
        lines.flat_map(|it| it.text.chars()).filter(|it| !it.is_whitespace()).collect()
    };
    if side(Side::Old) == side(Side::New) {
        return true;
    }
    let changed = hunks.iter().flat_map(|it| &it.lines).filter(|it| it.side != Side::Both);
    let aside = [
        "//", "#", "*", "/*", "--", "\"\"\"", "<!--", "import ", "use ", "using ", "require ",
        "from ",
    ];
    changed.map(|it| it.text.trim()).all(|line| {
        line.is_empty() || aside.iter().any(|it| line.starts_with(it)) && !line.starts_with("#[")
    })
}

/// The lines that a change took out, as they were numbered before.
fn taken_out(hunks: &[Hunk]) -> Vec<(u32, u32)> {
    let mut out: Vec<(u32, u32)> = Vec::new();
    for hunk in hunks {
        let mut line = hunk.old.0.max(1);
        let mut open: Option<(u32, u32)> = None;
        for it in &hunk.lines {
            match it.side {
                Side::Both => {
                    out.extend(open.take());
                    line += 1;
                }
                Side::Old => {
                    let known = open.get_or_insert((line, 0));
                    known.1 += 1;
                    line += 1;
                }
                Side::New => _ = open.get_or_insert((line.saturating_sub(1), 0)),
            }
        }
        out.extend(open);
    }
    out
}

/// Whether something of what was put in is there today. Without it, what was mended has moved to
/// another file or is gone, and the one that was changed is no longer the answer.
fn still_stands(text: &[u8], hunks: &[Hunk]) -> bool {
    let mut put_in = hunks.iter().flat_map(|it| &it.lines).filter(|it| it.side == Side::New);
    put_in.all(|it| it.text.trim().len() <= TOO_SHORT) || line_now(text, hunks).is_some()
}

/// Where what was put in stands today: the line of the first text that is there once.
fn line_now(text: &[u8], hunks: &[Hunk]) -> Option<u32> {
    let lines: Vec<&[u8]> = text.split(|it| *it == b'\n').map(<[u8]>::trim_ascii).collect();
    let candidates = hunks.iter().flat_map(|it| &it.lines).filter(|it| it.side == Side::New);
    for wanted in candidates.map(|it| it.text.trim()).filter(|it| it.len() > TOO_SHORT) {
        let mut found = (1..).zip(&lines).filter(|(_, it)| **it == wanted.as_bytes());
        if let (Some((line, _)), None) = (found.next(), found.next()) {
            return Some(line);
        }
    }
    None
}

/// Whether a word says nothing of a fault by itself.
pub fn is_empty_word(word: &str) -> bool {
    words::is_in(word, words::EMPTY)
}

/// The stems of the words that a question says of its own.
fn said_by(prompt: &str) -> HashSet<Vec<u8>> {
    let mut said: HashSet<Vec<u8>> = HashSet::new();
    let bare = prompt.replace(MASK, " ");
    tokens::for_each_word(bare.as_bytes(), |_, word| {
        if !std::str::from_utf8(word).is_ok_and(is_empty_word) {
            for_each_stem(word, |stem| {
                if stem.len() > 2 && !stem.iter().all(u8::is_ascii_digit) {
                    said.insert(stem.to_vec());
                }
            });
        }
    });
    said
}

/// Whether a question still says enough: enough words of its own, and enough of them in the text or
/// on the path of an answer, so that what is asked can be found by looking.
fn says_enough(
    given: &Given<'_>,
    prompt: &str,
    said: &HashSet<Vec<u8>>,
    answers: &[FileId],
    texts: &[Vec<u8>],
) -> bool {
    let files = &given.snapshot.files;
    let mut stems = HashSet::new();
    for (text, &id) in texts.iter().zip(answers) {
        for_each_stem(text, |stem| {
            stems.insert(stem.to_vec());
        });
        for_each_stem(files.path(id), |stem| {
            stems.insert(stem.to_vec());
        });
    }
    let known: Vec<&Vec<u8>> = said.iter().filter(|it| stems.contains(*it)).collect();
    let worth = |stem: &[u8]| given.snapshot.worth_of(&String::from_utf8_lossy(stem));
    let told: f32 = known.iter().map(|it| worth(it)).sum();
    let telling = !given.snapshot.has_content() || told >= LEAST_WORTH * worth(b"");
    let masked = prompt.matches(MASK).count();
    // A question of gaps is a riddle.
    said.len() >= LEAST_SAID + 2 * masked
        && telling
        && known.len() >= LEAST_KNOWN
        && known.len() as f32 >= LEAST_KNOWN_SHARE * said.len() as f32
}

fn for_each_stem(text: &[u8], mut take: impl FnMut(&[u8])) {
    let mut lower = Vec::new();
    tokens::for_each_word(text, |_, word| {
        tokens::for_each_part(word, |part| {
            lower.clear();
            tokens::push_lower(&mut lower, part);
            take(tokens::stem(&lower));
        });
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::history::Line;

    fn hunk(lines: &[(Side, &str)]) -> Hunk {
        let lines = lines.iter().map(|(side, text)| Line { side: *side, text: (*text).into() });
        Hunk { old: (10, 0), new: (10, 0), lines: lines.collect() }
    }

    #[test]
    fn what_changed_is_told_by_its_lines() {
        let both = (Side::Both, "x");
        let change = hunk(&[
            both,
            (Side::Old, "a = 1"),
            (Side::Old, "b"),
            (Side::New, "a = 2 * factor"),
            both,
        ]);
        assert_eq!(taken_out(std::slice::from_ref(&change)), [(11, 2)]);
        assert_eq!(changed_lines(std::slice::from_ref(&change)), 3);
        let added = hunk(&[both, (Side::New, "y"), both, both, (Side::Old, "z")]);
        assert_eq!(taken_out(&[added]), [(10, 0), (13, 1)]);
        assert_eq!(line_now(b"q\n  a = 2 * factor\n", std::slice::from_ref(&change)), Some(2));
        assert!(still_stands(b"a = 2 * factor", std::slice::from_ref(&change)));
        assert!(!still_stands(b"a = factor(2)", &[change]));
        assert!(still_stands(b"", &[hunk(&[(Side::Old, "a = 1"), (Side::New, "}")])]));
    }

    #[test]
    fn blanks_and_comments_are_no_fix() {
        assert!(says_nothing(&[hunk(&[(Side::Old, "a  b"), (Side::New, " ab")])]));
        assert!(says_nothing(&[hunk(&[
            (Side::Old, "// a"),
            (Side::New, "# b"),
            (Side::New, "import x")
        ])]));
        assert!(!says_nothing(&[hunk(&[(Side::New, "return")])]));
    }

    #[test]
    fn chores_are_no_symptoms() {
        for chore in
            ["Fix typo", "fix: rubocop offences", "Fix CI", "Revert \"x\"", "Fix flaky test"]
        {
            assert!(is_chore(chore), "{chore}");
        }
        assert!(!is_chore("Fix login after a password reset"));
    }
}
