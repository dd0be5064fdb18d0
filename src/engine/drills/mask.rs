//! Takes the answer out of a question: names of files and folders that lead to it, and symbols that
//! stand nowhere else. What a user or a log would say stays.

use std::borrow::Cow;
use std::collections::{HashMap, HashSet};

use rustc_hash::FxBuildHasher;

use super::words::{GENERIC, STRUCTURE, is_in};
use crate::base::path::{name_of, stem_of};
use crate::engine::files::{FileId, FileList};
use crate::engine::index::read_raw;
use crate::engine::standing::Standing;
use crate::engine::tokens;

/// What stands in place of what was taken out.
pub const MASK: &str = "___";

/// A stem that more files share names none of them.
const SHARED: usize = 8;
/// A folder with more source files below it is a part of the product, not a place.
const CROWDED: usize = 3;
/// Files that a word of a name may stand in and still tell which file it is.
const ALONE: usize = 2;
/// A stem of so few letters is also a word; it names a file only where hardly any other bears it.
const SHORT_STEM: usize = 2;
/// Shortest stem, in letters, that is looked for inside longer identifiers.
const LONG_STEM: usize = 6;
/// Words of which a stem may be made without a mark between them, at most.
const MOST_JOINED: usize = 3;
/// Letters of a name that is still meant when a letter or two are wrong.
const LONG_NAME: usize = 8;
/// Letters that two forms of a word share at the beginning, at least; they share all but the last
/// letter of the shorter one.
const LEAST_SHARED: usize = 4;
/// Letters that one form of a word has more than another, at most, as "configuration" and "config".
const LONGEST_END: usize = 7;
/// Bytes of source that are read for telling where words stand; beyond, a word counts as standing
/// only where it was seen.
const MOST_READ: u64 = 256 << 20;
/// Bytes of one file that are read for it.
const MOST_OF_FILE: u64 = 1 << 20;
/// Files that a word is known to stand in, at most; with more it names none.
const MOST_HOMES: usize = 6;

/// How often stems and folders are used in the repository.
pub struct Census {
    stems: HashMap<String, usize>,
    folders: HashMap<String, usize>,
    /// Words of file names, by their stems.
    words: HashMap<Vec<u8>, usize>,
}

impl Census {
    /// Counts them over source and data.
    pub fn of(files: &FileList) -> Self {
        let mut it = Self { stems: HashMap::new(), folders: HashMap::new(), words: HashMap::new() };
        // `table.component.ts` and `table.component.html` are one thing.
        let mut things: HashSet<&[u8]> = HashSet::new();
        for id in files.living().filter(|&id| counts(files, id)) {
            let path = files.path(id);
            let text = String::from_utf8_lossy(path).into_owned();
            let mut seen = HashSet::new();
            for folder in text.split('/').rev().skip(1) {
                if seen.insert(folder) {
                    *it.folders.entry(normal(folder.as_bytes())).or_default() += 1;
                }
            }
            if !things.insert(stem_of(path)) {
                continue;
            }
            *it.stems.entry(normal(stem_of(name_of(path)))).or_default() += 1;
            let words: HashSet<Vec<u8>> = parts_of(stem_of(name_of(path))).into_iter().collect();
            for word in words {
                *it.words.entry(word).or_default() += 1;
            }
        }
        it
    }
}

/// The stems of the words of a name.
fn parts_of(name: &[u8]) -> Vec<Vec<u8>> {
    let mut parts = Vec::new();
    tokens::for_each_word(name, |_, word| {
        tokens::for_each_part(word, |part| {
            parts.push(tokens::stem(&part.to_ascii_lowercase()).to_vec());
        });
    });
    parts
}

fn counts(files: &FileList, id: FileId) -> bool {
    matches!(files.facts(id).standing, Standing::Source | Standing::Data) && !files.facts(id).link
}

/// In which files words stand.
#[derive(Default)]
pub struct Homes(HashMap<Vec<u8>, Vec<FileId>, FxBuildHasher>);

impl Homes {
    /// Looks for these words in all source and data.
    pub fn of(
        root: &std::path::Path,
        files: &FileList,
        words: HashSet<Vec<u8>>,
        cancelled: &dyn Fn() -> bool,
    ) -> Self {
        let mut homes = Self(words.into_iter().map(|it| (it, Vec::new())).collect());
        let mut read = 0;
        let mut ids: Vec<FileId> = files.living().filter(|&id| counts(files, id)).collect();
        ids.sort_unstable_by_key(|&id| files.path(id));
        for id in ids {
            if read > MOST_READ || cancelled() {
                break;
            }
            if crate::engine::index::is_secret(files.path(id)) {
                continue;
            }
            let Ok(Some((text, _))) = read_raw(root, &files.repo_path(id), MOST_OF_FILE) else {
                continue;
            };
            read += text.len() as u64;
            tokens::for_each_word(&text, |_, word| {
                if let Some(known) = homes.0.get_mut(word)
                    && known.last() != Some(&id)
                    && known.len() < MOST_HOMES
                {
                    known.push(id);
                }
            });
        }
        homes
    }

    /// Whether a word stands in these files and nowhere else.
    fn only_in(&self, word: &[u8], answers: &[FileId]) -> bool {
        self.0
            .get(word)
            .is_some_and(|it| !it.is_empty() && it.iter().all(|id| answers.contains(id)))
    }
}

/// The words of a text that may be symbols.
pub fn words_of(text: &str, into: &mut HashSet<Vec<u8>>) {
    tokens::for_each_word(text.as_bytes(), |_, word| {
        if word.len() >= 4 {
            into.insert(word.to_vec());
        }
    });
}

struct Stem {
    normal: String,
    /// The stems of its words.
    parts: Vec<Vec<u8>>,
    /// Those that do not only say of what kind it is.
    own: Vec<Vec<u8>>,
    /// The words of the folders around it that do not only say of what kind they are.
    around: Vec<Vec<u8>>,
    rare: bool,
}

/// What leads to an answer.
pub struct Names<'a> {
    stems: Vec<Stem>,
    folders: HashSet<String>,
    /// All folders that are places of the product: they tell where they stand in a path or a name.
    places: HashSet<String>,
    /// Stems of words that stand in hardly any other name.
    telling: HashSet<Vec<u8>>,
    /// What the answers define.
    defined: &'a HashSet<Vec<u8>>,
    /// What nothing else defines.
    own: &'a HashSet<Vec<u8>>,
    answers: &'a [FileId],
}

impl<'a> Names<'a> {
    /// Of these files, which define `defined`, and `own` of it alone.
    pub fn of(
        files: &FileList,
        census: &Census,
        answers: &'a [FileId],
        defined: &'a HashSet<Vec<u8>>,
        own: &'a HashSet<Vec<u8>>,
    ) -> Self {
        let mut it = Self {
            stems: Vec::new(),
            folders: HashSet::new(),
            places: HashSet::new(),
            telling: HashSet::new(),
            defined,
            own,
            answers,
        };
        for &id in answers {
            let path = files.path(id);
            // `users.service.ts` is the stem `users.service`.
            let stem = stem_of(name_of(path));
            let whole = normal(stem);
            let parts = parts_of(stem);
            let own: Vec<Vec<u8>> = parts.iter().filter(|it| !is_generic(it)).cloned().collect();
            let telling = own.iter().filter(|part| {
                part.len() > 2 && census.words.get(*part).copied().unwrap_or(0) <= ALONE
            });
            it.telling.extend(telling.cloned());
            if whole.len() >= SHORT_STEM {
                let shared = if whole.len() == SHORT_STEM { ALONE } else { SHARED };
                let rare = census.stems.get(&whole).copied().unwrap_or(0) <= shared;
                let around = around(path);
                it.stems.push(Stem { normal: whole, parts, own, around, rare });
            }
            let text = String::from_utf8_lossy(path).into_owned();
            for folder in text.split('/').rev().skip(1) {
                let folder = normal(folder.as_bytes());
                let few = census.folders.get(&folder).copied().unwrap_or(0) <= CROWDED;
                if folder.len() > 3 && few {
                    it.folders.insert(folder.clone());
                }
                if folder.len() > 3 && !is_in(&folder, STRUCTURE) {
                    it.places.insert(folder);
                }
            }
        }
        it
    }

    /// The names on the answers' paths, in lower case.
    pub fn parts_of(files: &FileList, answers: &[FileId]) -> Vec<String> {
        let mut parts = Vec::new();
        for &id in answers {
            let path = String::from_utf8_lossy(files.lower(id)).into_owned();
            parts.extend(path.split('/').map(str::to_owned));
            let stem = stem_of(name_of(files.lower(id)));
            parts.push(String::from_utf8_lossy(stem).into_owned());
        }
        parts
    }

    /// The text without what leads to the answer.
    pub fn mask(&self, text: &str, homes: &Homes) -> String {
        let words: Vec<&str> = text.split(' ').collect();
        let cores: Vec<&str> = words.iter().map(|it| core(it)).collect();
        let quoted = quoted(text);
        let mut hidden = vec![false; words.len()];
        let mut at = 0;
        for (place, word) in words.iter().enumerate() {
            let told = quoted.iter().any(|it| it.contains(&at));
            at += word.len() + 1;
            if self.leads(cores[place]) || (!told && self.is_symbol(cores[place], homes)) {
                hidden[place] = true;
            }
        }
        let stems: Vec<Vec<Vec<u8>>> = cores.iter().map(|it| parts_of(it.as_bytes())).collect();
        for stem in self.stems.iter().filter(|it| it.rare) {
            for wanted in stem.forms() {
                for start in 0..words.len() {
                    if let Some(end) = said_from(&stems, start, wanted) {
                        hidden[start..end].fill(true);
                    }
                }
            }
        }
        // `rate store` says `ratestore`.
        let joint: Vec<String> = cores.iter().map(|it| normal(it.as_bytes())).collect();
        for stem in self.stems.iter().filter(|it| it.rare && it.normal.len() >= LONG_STEM) {
            for count in 2..=MOST_JOINED {
                for start in 0..(words.len() + 1).saturating_sub(count) {
                    if joint[start..start + count].concat() == stem.normal {
                        hidden[start..start + count].fill(true);
                    }
                }
            }
        }
        let mut out = String::new();
        let mut before = false;
        for (place, word) in words.iter().enumerate() {
            let hide = hidden[place];
            // Neighbours become one gap.
            let joined = hide && before && out.ends_with(MASK);
            if place > 0 && !joined {
                out.push(' ');
            }
            match word.find(cores[place]) {
                Some(start) if hide => {
                    let end = start + cores[place].len();
                    if !joined {
                        out.push_str(word.get(..start).unwrap_or_default());
                        out.push_str(MASK);
                    }
                    out.push_str(word.get(end..).unwrap_or_default());
                }
                _ => out.push_str(word),
            }
            before = hide;
        }
        out
    }

    /// Whether the words of a question are those of a name, in any order and form: all that say which
    /// file it is, or all of a common name and one of the folders around it.
    pub fn is_told_by(&self, prompt: &str) -> bool {
        let said: Vec<Vec<u8>> = parts_of(prompt.as_bytes());
        let says = |wanted: &Vec<u8>| said.iter().any(|it| is_form_of(it, wanted));
        self.stems.iter().any(|stem| {
            let own = if stem.own.is_empty() { &stem.parts } else { &stem.own };
            let alone = stem.rare && stem.own.len() >= 2;
            own.iter().all(says) && (alone || stem.around.iter().any(says))
        })
    }

    /// Whether a word names the file or a folder of its own.
    fn leads(&self, core: &str) -> bool {
        if core.len() < SHORT_STEM {
            return false;
        }
        let path = core.contains(['/', '\\']);
        let name = core.rsplit(['/', '\\']).next().unwrap_or(core);
        let extension = name.rsplit_once('.').is_some_and(|(_, end)| {
            (1..=5).contains(&end.len()) && end.bytes().all(|it| it.is_ascii_alphanumeric())
        });
        let bare = if extension { stem_of(name.as_bytes()) } else { name.as_bytes() };
        let (bare, whole) = (normal(bare), normal(core.as_bytes()));
        let joined = is_identifier(core);
        let by_stem = self.stems.iter().any(|stem| {
            let one = singular(&stem.normal);
            let named = bare == stem.normal
                || whole == stem.normal
                || (whole.len() > 3 && singular(&whole) == one)
                || is_nearly(whole.as_bytes(), stem.normal.as_bytes(), 1);
            let inside = one.len() >= LONG_STEM && whole.contains(one.as_ref()) && joined;
            (named && (stem.rare || path || extension)) || (inside && stem.rare)
        });
        let by_folder = self.folders.contains(&whole)
            || (path
                && core.split(['/', '\\']).any(|it| self.places.contains(&normal(it.as_bytes()))))
            || (joined
                && core
                    .split(['.', ':', '-', '_'])
                    .any(|it| self.places.contains(&normal(it.as_bytes()))));
        let parts = parts_of(core.as_bytes());
        by_stem || by_folder || parts.iter().any(|it| self.telling.contains(it))
    }

    /// Whether a word is a symbol that stands in the answers only, or is defined there only.
    fn is_symbol(&self, core: &str, homes: &Homes) -> bool {
        let joined = is_identifier(core);
        let mut found = false;
        tokens::for_each_word(core.as_bytes(), |_, word| {
            found |= word.len() >= 4
                && (homes.only_in(word, self.answers) && (joined || self.defined.contains(word))
                    || joined
                        && is_identifier(&String::from_utf8_lossy(word))
                        && self.own.iter().any(|it| it == word || is_nearly(word, it, 2)));
        });
        found
    }
}

impl Stem {
    /// The words that stand for it when they are said in a row: all of them, those before ends that
    /// only say its kind, those of its own, and of many of these all but the last.
    fn forms(&self) -> Vec<&[Vec<u8>]> {
        let mut forms: Vec<&[Vec<u8>]> = vec![&self.parts, &self.own];
        for end in (2..self.parts.len()).rev() {
            if !self.parts.get(end).is_some_and(|it| is_generic(it)) {
                break;
            }
            forms.extend(self.parts.get(..end));
        }
        if self.own.len() >= 3 {
            forms.extend(self.own.get(..self.own.len() - 1));
        }
        forms.retain(|it| it.len() >= 2);
        forms
    }
}

/// Whether the words from `start` on say these and nothing else, in any order; tells where they end.
fn said_from(said: &[Vec<Vec<u8>>], start: usize, wanted: &[Vec<u8>]) -> Option<usize> {
    let mut left: Vec<&Vec<u8>> = wanted.iter().collect();
    for (place, parts) in said.iter().enumerate().skip(start) {
        // `of` and the like may stand between them.
        let small = parts.iter().all(|it| it.len() <= 3) && place > start;
        for part in parts {
            match left.iter().position(|it| *it == part) {
                Some(at) => _ = left.swap_remove(at),
                None if small => {}
                None => return None,
            }
        }
        if left.is_empty() {
            return Some(place + 1);
        }
    }
    None
}

/// The words of the folders of a path that do not only say how the tree is made, as stems.
fn around(path: &[u8]) -> Vec<Vec<u8>> {
    let folders = path.len() - name_of(path).len();
    let mut words = parts_of(path.get(..folders).unwrap_or_default());
    let structure =
        |it: &[u8]| STRUCTURE.split_whitespace().any(|word| tokens::stem(word.as_bytes()) == it);
    words.retain(|it| it.len() > 2 && !structure(it));
    words
}

/// Whether two stems are forms of one word: "import" and "importer", "policies" and "policy".
fn is_form_of(one: &[u8], other: &[u8]) -> bool {
    let shorter = one.len().min(other.len());
    let shared = one.iter().zip(other).take_while(|(one, other)| one == other).count();
    one == other
        || (shared >= LEAST_SHARED.max(shorter - 1)
            && one.len().abs_diff(other.len()) <= LONGEST_END)
}

/// Whether two long names differ in one place, by at most so many letters there.
pub fn is_nearly(one: &[u8], other: &[u8], most: usize) -> bool {
    let shorter = one.len().min(other.len());
    let same = |it: &(&u8, &u8)| it.0.eq_ignore_ascii_case(it.1);
    let begin = one.iter().zip(other).take_while(same).count();
    let end = one.iter().rev().zip(other.iter().rev()).take_while(same).count();
    let end = end.min(shorter - begin);
    shorter >= LONG_NAME && one.len().max(other.len()) - begin - end <= most
}

/// A name in the singular, as far as its letters tell.
fn singular(name: &str) -> Cow<'_, str> {
    match (name.strip_suffix("ies"), name.strip_suffix('s')) {
        (Some(rest), _) if rest.len() > 2 => format!("{rest}y").into(),
        (_, Some(rest)) if !rest.ends_with('s') => rest.into(),
        _ => name.into(),
    }
}

/// Whether a word, as its stem, only says of what kind a file is.
fn is_generic(stem: &[u8]) -> bool {
    GENERIC.split_whitespace().any(|it| tokens::stem(it.as_bytes()) == stem)
}

/// The word without the marks around it.
fn core(word: &str) -> &str {
    word.trim_matches(|it: char| !it.is_alphanumeric() && !matches!(it, '_' | '$' | '@'))
        .trim_end_matches("'s")
        .trim_end_matches("’s")
}

/// Whether a word is written as code is: with an underscore, a hump, or marks inside.
fn is_identifier(word: &str) -> bool {
    let bytes = word.as_bytes();
    word.contains(['_', '$'])
        || word.contains("::")
        || word.contains("->")
        || word.contains('(')
        || bytes.windows(3).any(|it| {
            matches!(it[1], b'.' | b'#' | b':')
                && it[0].is_ascii_alphanumeric()
                && it[2].is_ascii_alphabetic()
        })
        || bytes.windows(2).any(|it| it[0].is_ascii_lowercase() && it[1].is_ascii_uppercase())
        // `MACAddress`, but not `URLs`.
        || bytes.windows(4).any(|it| {
            it[..2].iter().all(u8::is_ascii_uppercase)
                && it[2..].iter().all(u8::is_ascii_lowercase)
        })
}

/// Where texts of three words or more stand in quotes.
fn quoted(text: &str) -> Vec<std::ops::Range<usize>> {
    let mut out = Vec::new();
    for (open, close) in [('"', '"'), ('“', '”'), ('`', '`'), ('\'', '\'')] {
        let mut rest = 0;
        while let Some(start) = text.get(rest..).and_then(|it| it.find(open)).map(|it| it + rest) {
            let inside = start + open.len_utf8();
            let before = text.get(..start).and_then(|it| it.chars().next_back());
            let Some(length) = text.get(inside..).and_then(|it| it.find(close)) else { break };
            let words = text.get(inside..inside + length).unwrap_or_default();
            // An apostrophe stands behind a letter.
            if before.is_none_or(|it| !it.is_alphanumeric())
                && words.split_whitespace().count() >= 3
            {
                out.push(start..inside + length);
                rest = inside + length + close.len_utf8();
            } else {
                rest = inside;
            }
        }
    }
    out
}

/// In lower case, letters and digits only.
pub fn normal(text: &[u8]) -> String {
    let text = String::from_utf8_lossy(text);
    text.chars().filter(|it| it.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::files::FileKeeper;
    use crate::engine::roles::RoleSet;
    use crate::engine::walk::{Found, Stamp};

    fn masked(text: &str) -> String {
        let dir = tempfile::tempdir().unwrap();
        let roles = RoleSet::builtin().0;
        let mut keeper = FileKeeper::default();
        let files = [
            ("app/reset_password_controller.rb", "def send_token; deliver_later; nonce_of; end"),
            ("app/plugins/nzbget/client.rb", "deliver_later"),
            ("app/user.rb", "class User; end"),
            ("ui/accounts-table.component.ts", ""),
            ("ui/accounts-table.component.html", ""),
            ("lib/password.rb", ""),
            ("lib/reset.rb", ""),
            ("lib/password_length.rb", ""),
            ("lib/reset_all.rb", ""),
            ("lib/networkpolicies.rb", ""),
            ("lib/ip.rb", ""),
            ("lib/blockscache.rb", ""),
        ];
        for (path, text) in files {
            let at = dir.path().join(path);
            std::fs::create_dir_all(at.parent().unwrap()).unwrap();
            std::fs::write(at, text).unwrap();
            let stamp = Stamp { size: 9, modified: 1, changed: 1 };
            keeper.put(&Found { path: path.into(), stamp, link: false }, &roles);
        }
        let list = keeper.list();
        let answers = [0, 1, 3, 9, 10, 11];
        let defined = HashSet::from([b"send_token".to_vec()]);
        let census = Census::of(&list);
        let own = HashSet::from([b"MACAddress".to_vec(), b"NightlyReportBuilder".to_vec()]);
        let names = Names::of(&list, &census, &answers, &defined, &own);
        let mut words = HashSet::new();
        words_of(text, &mut words);
        names.mask(text, &Homes::of(dir.path(), &list, words, &|| false))
    }

    #[test]
    fn names_of_the_answer_go_and_the_fault_stays() {
        for (text, wanted) in [
            ("No mail in app/reset_password_controller.rb.", "No mail in ___."),
            ("ResetPasswordController fails with 500", "___ fails with 500"),
            ("The reset password controller's mail", "The ___'s mail"),
            ("Reset password sends no mail", "___ sends no mail"),
            ("A password cannot be reset", "A password cannot be reset"),
            ("Footer of the accounts table", "Footer of the ___"),
            ("Nzbget times out", "___ times out"),
            ("Call `deliver_later` twice", "Call `___` twice"),
            ("User is logged out", "User is logged out"),
            (
                "It said \"undefined method nonce_of here\"",
                "It said \"undefined method nonce_of here\"",
            ),
            ("nonce_of is nil", "___ is nil"),
            ("GET /api/nzbget/queue and plugins.list fail", "GET /___ and ___ fail"),
            ("NetworkPolicy has no port", "___ has no port"),
            ("Order of MACAddress and URLs", "Order of ___ and URLs"),
            ("NightlyReprtBuilder is slow", "___ is slow"),
            ("The nightly builder is slow", "The nightly builder is slow"),
            ("Eviction from the blockcache", "Eviction from the ___"),
            ("Ranges of an ip", "Ranges of an ___"),
            ("The blocks cache is full", "The ___ is full"),
            ("has_network_policy() fails", "___() fails"),
            ("plugins/nzbget/client.rb and client.rb", "___ and ___"),
        ] {
            assert_eq!(masked(text), wanted);
        }
    }

    #[test]
    fn a_question_that_says_every_word_of_a_name_is_no_question() {
        for (path, question, told) in [
            (
                "MenuItemTreeMigration.java",
                "Duplicate menu in a migration of the tree of items",
                true,
            ),
            ("MenuItemTreeMigration.java", "Duplicate items when migrated", false),
            ("app/commands/document_importer.py", "Import of a document copies pictures", true),
            ("app/commands/document_importer.py", "Import copies pictures", false),
            ("pkg/limits/config.go", "Limits are configured though switched off", true),
            ("pkg/limits/config.go", "Limits are read though switched off", false),
            ("pkg/limits/config.go", "The configuration is read twice", false),
            ("pkg/index/builder.go", "Partitions that the index builders lost", true),
            ("app/settings/settings.component.html", "Spacing of columns in the settings", true),
            ("app/user.rb", "User is logged out", false),
        ] {
            let roles = RoleSet::builtin().0;
            let mut keeper = FileKeeper::default();
            let stamp = Stamp { size: 9, modified: 1, changed: 1 };
            keeper.put(&Found { path: path.into(), stamp, link: false }, &roles);
            let list = keeper.list();
            let none = HashSet::new();
            let names = Names::of(&list, &Census::of(&list), &[0], &none, &none);
            assert_eq!(names.is_told_by(question), told, "{path}: {question}");
        }
    }
}
