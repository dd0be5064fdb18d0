//! Puts the files of each role in order and chooses.

use std::collections::HashMap;

use super::graph::Graph;
use super::place::{self, Applications};
use super::{Catalogue, Entry, Look, Shelf};
use crate::base::path::{name_of, stem_of};
use crate::engine::files::{FileId, FileList};
use crate::engine::roles::{Language, Role, RoleSet, singular, words_of};
use crate::engine::standing::Standing;

/// Each further file of an application is multiplied by this, so that others have their turn.
const TURN: f32 = 0.82;
/// Files of one application after which it is not put back further.
const TURNS: u32 = 2;
/// What being reached from an entry point adds.
const REACHED: f32 = 0.08;
/// Share of the best file's score below which a file is not canonical.
const FAR_BELOW: f32 = 0.12;

/// What a script counts beside a server in another language: the server is on call.
const SCRIPTED: f32 = 0.9;

/// What is left of a numbered file's score when there is a newer one beside it.
const OLDER: f32 = 0.4;

/// Where a role exists, files with this share of its least are shown beside the sure ones.
const BESIDE: f32 = 0.6;

struct Candidate<'a> {
    look: &'a Look,
    score: f32,
    application: u32,
    folder: u64,
    /// The folder above with the file's name: `0001/up.sql` and `0002/up.sql` are alike.
    alike: u64,
    incoming: f32,
}

/// The catalogue of `files` as seen in `looks`, with at most `limit` files a role.
pub fn build(roles: &RoleSet, files: &FileList, looks: &[Look], limit: usize) -> Catalogue {
    let graph = Graph::build(files, looks);
    let applications = Applications::of(files);
    let domain = Domain::of(roles, files, looks);
    let mut numbers: HashMap<(Vec<u8>, bool), u32> = HashMap::new();
    let homes: HashMap<FileId, u32> = looks
        .iter()
        .map(|look| {
            let next = numbers.len() as u32;
            let home = applications.of_file(files.lower(look.id));
            (look.id, *numbers.entry(home).or_insert(next))
        })
        .collect();
    let mixed = is_mixed(files, looks);
    let mut reached: Vec<bool> = Vec::new();
    let mut shelves = Vec::new();
    for (place, role) in roles.roles().iter().enumerate() {
        let mut candidates: Vec<Candidate<'_>> = Vec::new();
        let mut there = false;
        for look in looks {
            let points = look.evidence.points(place);
            if points <= 0.0 || place::is_asset(files.lower(look.id)) {
                continue;
            }
            let facts = files.facts(look.id);
            let lower = files.lower(look.id);
            let standing = standing_factor(role, facts.standing);
            let mut earned = points * standing * place::working(lower);
            if look.generated {
                earned *= 0.35;
            }
            if earned < role.least * BESIDE {
                continue;
            }
            there |= earned >= role.least;
            let certain = 1.0 - (-earned / 2.2).exp();
            let about = if role.domain > 0.0 {
                1.0 + role.domain * domain.of_file(roles, place, look.id, files)
            } else {
                1.0
            };
            let met = reached.get(look.id as usize).is_some_and(|it| *it);
            let side = if mixed && is_scripted(lower) { SCRIPTED } else { 1.0 };
            let score = certain
                * side
                * place::closeness(lower)
                * brevity(lower)
                * about
                * place::body(facts.stamp.size)
                * if met { 1.0 + REACHED } else { 1.0 };
            let name = name_of(lower);
            let folder = &lower[..lower.len() - name.len()];
            let above =
                folder.strip_suffix(b"/").map_or(folder, |it| &it[..it.len() - name_of(it).len()]);
            candidates.push(Candidate {
                look,
                score,
                application: homes[&look.id],
                folder: hash(folder),
                alike: hash(&[above, b"*/", name].concat()),
                incoming: graph.incoming(look.id),
            });
        }
        let most = candidates.iter().map(|it| it.incoming).fold(1.0, f32::max);
        for it in &mut candidates {
            it.score *=
                1.0 + role.central * ((1.0 + it.incoming).ln() / (1.0 + most).ln()).min(1.0);
        }
        if !there {
            candidates.clear();
        }
        if role.newest {
            newest_first(files, &mut candidates);
        }
        let total = candidates.len();
        let chosen = choose(files, role, candidates, limit);
        if role.id == "entry-point" {
            let starts: Vec<FileId> = chosen.iter().map(|it| it.look.id).collect();
            reached = graph.reached(&starts);
        }
        let best = chosen.first().map_or(1.0, |it| it.score);
        let entries = chosen
            .iter()
            .map(|it| {
                let mut why = roles.reasons(&it.look.evidence, place);
                why.truncate(3);
                if it.incoming >= 3.0 {
                    why.push(format!("{} files refer to it", it.incoming as u32));
                }
                let line = it.look.lines.iter().find(|line| usize::from(line.0) == place);
                Entry {
                    id: it.look.id,
                    line: line.map_or(1, |line| line.1),
                    score: (it.score / best).clamp(0.0, 1.0),
                    why,
                    ..Entry::default()
                }
            })
            .collect();
        shelves.push(Shelf { role: place, files: entries, total });
    }
    Catalogue { shelves }
}

fn is_scripted(lower: &[u8]) -> bool {
    Language::of(name_of(lower)) == Some(Language::JavaScript)
}

/// Whether a good part of the code is in another language than the browser's.
fn is_mixed(files: &FileList, looks: &[Look]) -> bool {
    let (mut scripted, mut other) = (0usize, 0usize);
    for look in looks {
        match Language::of(name_of(files.lower(look.id))) {
            Some(Language::JavaScript) => scripted += 1,
            Some(Language::Data | Language::Shell) | None => {}
            Some(_) => other += 1,
        }
    }
    other * 5 > scripted
}

fn standing_factor(role: &Role, standing: Standing) -> f32 {
    if standing == Standing::Source || role.accepts.contains(&standing) {
        return 1.0;
    }
    match standing {
        Standing::Source => 1.0,
        Standing::Data => 0.6,
        Standing::Migration => 0.5,
        Standing::Docs => 0.2,
        Standing::Test | Standing::Example => 0.25,
        Standing::Generated | Standing::Vendored => 0.15,
    }
}

/// Short names are those of the thing itself, long ones those of its details.
fn brevity(lower: &[u8]) -> f32 {
    let words = stem_of(name_of(lower))
        .split(|byte| !byte.is_ascii_alphanumeric())
        .filter(|it| !it.is_empty())
        .count();
    match words {
        0..=2 => 1.0,
        3 => 0.95,
        4 => 0.9,
        _ => 0.83,
    }
}

/// Takes the best, then the best of what is left with each application and folder that has had its
/// turn put back.
fn choose<'a>(
    files: &FileList,
    role: &Role,
    mut candidates: Vec<Candidate<'a>>,
    limit: usize,
) -> Vec<Candidate<'a>> {
    // Names break ties; among schema changes and the like the last name is the newest.
    candidates.sort_by(|one, other| {
        other
            .score
            .total_cmp(&one.score)
            .then_with(|| files.lower(other.look.id).cmp(files.lower(one.look.id)))
    });
    let mut chosen: Vec<Candidate<'a>> = Vec::new();
    let mut of_application: HashMap<u32, u32> = HashMap::new();
    let mut of_folder: HashMap<u64, u32> = HashMap::new();
    let mut of_name: HashMap<u64, u32> = HashMap::new();
    while chosen.len() < limit && !candidates.is_empty() {
        let now = |it: &Candidate<'_>| {
            let turns = of_application.get(&it.application).copied().unwrap_or(0).min(TURNS);
            let here = of_folder.get(&it.folder).copied().unwrap_or(0);
            let here = here.max(of_name.get(&it.alike).copied().unwrap_or(0)).min(5);
            it.score * TURN.powi(turns as i32) * role.spread.powi(here as i32)
        };
        let mut best = 0;
        let mut value = f32::MIN;
        for (place, it) in candidates.iter().enumerate() {
            // The rest scores lower even without being put back.
            if it.score <= value {
                break;
            }
            let it = now(it);
            if it > value {
                (best, value) = (place, it);
            }
        }
        let mut it = candidates.remove(best);
        if chosen.first().is_some_and(|first| it.score < first.score * FAR_BELOW) {
            break;
        }
        *of_application.entry(it.application).or_default() += 1;
        *of_folder.entry(it.folder).or_default() += 1;
        *of_name.entry(it.alike).or_default() += 1;
        it.score = value;
        chosen.push(it);
    }
    chosen
}

/// Of files whose names or folders are numbered, the last is the newest; the others step back.
fn newest_first(files: &FileList, candidates: &mut [Candidate<'_>]) {
    let numbered = |lower: &[u8]| {
        let name = name_of(lower);
        let folder = lower[..lower.len() - name.len()].strip_suffix(b"/").unwrap_or_default();
        let digits = |word: &[u8]| word.iter().take(3).any(u8::is_ascii_digit);
        digits(name) || digits(name_of(folder))
    };
    let mut newest: HashMap<u64, FileId> = HashMap::new();
    let group = |it: &Candidate<'_>| {
        let name = name_of(files.lower(it.look.id));
        if name.iter().take(3).any(u8::is_ascii_digit) { it.folder } else { it.alike }
    };
    for it in candidates.iter() {
        let id = it.look.id;
        if numbered(files.lower(id)) {
            let last = newest.entry(group(it)).or_insert(id);
            if files.lower(id) > files.lower(*last) {
                *last = id;
            }
        }
    }
    for it in candidates {
        if numbered(files.lower(it.look.id)) && newest.get(&group(it)) != Some(&it.look.id) {
            it.score *= OLDER;
        }
    }
}

fn hash(bytes: &[u8]) -> u64 {
    use std::hash::{DefaultHasher, Hash, Hasher};
    let mut hasher = DefaultHasher::new();
    bytes.hash(&mut hasher);
    hasher.finish()
}

/// What the repository is about: the words that most of its paths hold.
struct Domain {
    of_file: HashMap<FileId, Option<f32>>,
}

/// How much a file without a subject of its own is about the repository.
const ABOUT_ALL: f32 = 0.75;

/// The same for a file about another role.
const ABOUT_ITSELF: f32 = 0.3;

/// Words of paths that are about nothing.
const EMPTY: &[&str] = &[
    "app",
    "application",
    "src",
    "main",
    "index",
    "base",
    "api",
    "web",
    "core",
    "lib",
    "common",
    "init",
    "get",
    "list",
    "new",
    "default",
    "v1",
    "v2",
    "java",
    "com",
    "org",
    "server",
    "client",
    "static",
    "internal",
    "public",
    "abstract",
    "mod",
    "data",
    "item",
    "info",
    "value",
    "name",
];

impl Domain {
    fn of(roles: &RoleSet, files: &FileList, looks: &[Look]) -> Self {
        let mut counts: HashMap<Vec<u8>, u32> = HashMap::new();
        let mut own: Vec<(FileId, Vec<Vec<u8>>)> = Vec::new();
        for look in looks {
            let standing = files.facts(look.id).standing;
            if matches!(standing, Standing::Generated | Standing::Vendored | Standing::Docs) {
                continue;
            }
            let path = files.path(look.id);
            let name = name_of(path);
            let mut words: Vec<Vec<u8>> = Vec::new();
            let mut add = |text: &[u8]| {
                let mut added = 0;
                for (word, _) in words_of(text) {
                    let plain = word.len() > 2
                        && word.iter().any(u8::is_ascii_alphabetic)
                        && !std::str::from_utf8(&word).is_ok_and(|it| EMPTY.contains(&it));
                    if plain && !roles.is_role_word(&word) && !words.contains(&word) {
                        words.push(singular(&word).into_owned());
                        added += 1;
                    }
                }
                added
            };
            let mut about = add(stem_of(name));
            let folders = &path[..path.len() - name.len()];
            for folder in folders.rsplit(|&it| it == b'/').filter(|it| !it.is_empty()).take(1) {
                if about == 0 {
                    about += add(folder);
                }
            }
            for word in &words {
                *counts.entry(word.clone()).or_default() += 1;
            }
            own.push((look.id, words));
        }
        let most = counts.values().copied().max().unwrap_or(1).max(2) as f32;
        let of_file = own
            .into_iter()
            .map(|(id, words)| {
                if words.is_empty() {
                    return (id, None);
                }
                // The mean keeps `user` above `user invitation link`.
                let all: f32 = words
                    .iter()
                    .map(|word| (counts.get(word).copied().unwrap_or(0) as f32).max(1.0).ln())
                    .sum();
                (id, Some(all / words.len() as f32 / most.ln()))
            })
            .collect();
        Self { of_file }
    }

    /// How much a file is about what the repository is about, as the role at `place` sees it.
    fn of_file(&self, roles: &RoleSet, place: usize, id: FileId, files: &FileList) -> f32 {
        match self.of_file.get(&id) {
            Some(Some(share)) => *share,
            // `routes.rb` is about no single thing, which is to say about all; `health.rb` is not.
            Some(None) => {
                let words = words_of(stem_of(name_of(files.path(id))));
                let other = words.iter().any(|(word, _)| roles.names_other_role(word, place));
                if other { ABOUT_ITSELF } else { ABOUT_ALL }
            }
            None => 0.0,
        }
    }
}
