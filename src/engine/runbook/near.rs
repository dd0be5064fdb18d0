//! Which runbook is near to what one looks at: an open file, a failing check.

use std::collections::HashMap;

use crate::base::RepoPath;

/// A runbook among others.
#[derive(Debug, Clone, Copy)]
pub struct Candidate<'a> {
    /// Where it is.
    pub path: &'a RepoPath,
    /// Its title.
    pub title: &'a str,
    /// Its other headings.
    pub headings: &'a [String],
    /// The files and services that it names.
    pub names: &'a [String],
}

/// What is looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Around {
    /// The open file.
    pub path: Option<RepoPath>,
    /// What fails: ids, services, the words of a message.
    pub words: Vec<String>,
}

/// What a shared word counts by where it stands.
const TITLE: f32 = 3.0;
const NAME: f32 = 2.0;
const HEADING: f32 = 1.0;
/// What a runbook has to have to be called near.
const LEAST: f32 = 2.0;

/// Words that say nothing of what a runbook is about.
const COMMON: &[&str] = &[
    "src", "app", "lib", "the", "and", "for", "docs", "doc", "runbook", "readme", "guide", "main",
    "index", "core", "test", "api", "how", "what", "with", "from", "not", "new", "package",
    "internal", "cmd", "pkg", "common", "code", "file", "service", "error", "failed",
];

/// The candidates that are near, the nearest first: their numbers, and what they share.
pub fn near(around: &Around, candidates: &[Candidate<'_>]) -> Vec<(usize, String)> {
    let mut wanted: Vec<String> = around.words.iter().flat_map(|it| words(it)).collect();
    if let Some(path) = &around.path {
        wanted.extend(words(&path.to_text()));
    }
    wanted.sort();
    wanted.dedup();
    let weights: Vec<HashMap<String, f32>> = candidates.iter().map(weights).collect();
    let mut out = Vec::new();
    for (number, candidate) in candidates.iter().enumerate() {
        let Some(own) = weights.get(number) else { continue };
        let mut score = 0.0;
        let mut shared: Vec<(f32, &str)> = Vec::new();
        for word in &wanted {
            let Some(weight) = own.get(word) else { continue };
            // A word that many have tells little, and one that a fifth of them has tells nothing.
            let among = weights.iter().filter(|it| it.contains_key(word)).count();
            if weights.len() >= 5 && among * 5 > weights.len() {
                continue;
            }
            let worth = weight * (1.0 + (weights.len() as f32 / among as f32).ln());
            score += worth;
            shared.push((worth, word));
        }
        if let Some(path) = &around.path {
            let named = path.to_text();
            let names = |it: &String| {
                // With a line, too.
                it.strip_prefix(&*named)
                    .is_some_and(|rest| rest.is_empty() || rest.starts_with(':'))
            };
            if candidate.names.iter().any(names) {
                score += 10.0;
                shared.push((10.0, "names this file"));
            }
            let folders = beside(path, candidate.path);
            score += folders as f32;
            if folders > 0 && shared.is_empty() {
                shared.push((0.0, "lies beside it"));
            }
        }
        if score >= LEAST {
            shared.sort_by(|one, other| other.0.total_cmp(&one.0));
            let shared: Vec<&str> = shared.iter().take(3).map(|it| it.1).collect();
            out.push((score, number, shared.join(", ")));
        }
    }
    out.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
    out.into_iter().map(|(_, number, shared)| (number, shared)).collect()
}

fn weights(candidate: &Candidate<'_>) -> HashMap<String, f32> {
    let mut out: HashMap<String, f32> = HashMap::new();
    let mut add = |text: &str, weight: f32| {
        for word in words(text) {
            let known = out.entry(word).or_default();
            *known = known.max(weight);
        }
    };
    add(candidate.title, TITLE);
    add(&candidate.path.to_text(), TITLE);
    for name in candidate.names {
        add(name, NAME);
    }
    for heading in candidate.headings {
        add(heading, HEADING);
    }
    out
}

/// How many folders below the root the two have in common.
fn beside(one: &RepoPath, other: &RepoPath) -> usize {
    let (one, other) = (one.to_text().into_owned(), other.to_text().into_owned());
    let folders = |it: &str| it.rsplit_once('/').map(|it| it.0.to_owned()).unwrap_or_default();
    let (one, other) = (folders(&one), folders(&other));
    one.split('/').zip(other.split('/')).take_while(|it| it.0 == it.1 && !it.0.is_empty()).count()
}

/// The words of a text that tell something, in lower case, without the `s` of a plural.
pub fn words(text: &str) -> Vec<String> {
    let mut parts: Vec<String> = vec![String::new()];
    let mut before = ' ';
    for character in text.chars().take(4000) {
        let turns = character.is_uppercase() && before.is_lowercase();
        if !character.is_alphanumeric() || turns {
            parts.push(String::new());
        }
        if character.is_alphanumeric()
            && let Some(last) = parts.last_mut()
        {
            last.extend(character.to_lowercase());
        }
        before = character;
    }
    let stem = |it: String| match it.strip_suffix('s') {
        Some(stem) if stem.len() > 3 && !stem.ends_with('s') => stem.to_owned(),
        _ => it,
    };
    parts
        .into_iter()
        .map(stem)
        .filter(|it| it.chars().count() > 2 && !COMMON.contains(&it.trim_end_matches('s')))
        .filter(|it| !COMMON.contains(&it.as_str()))
        .filter(|it| !it.chars().all(|it| it.is_ascii_digit()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_runbook_that_speaks_of_it_comes_first() {
        let paths: Vec<RepoPath> =
            ["docs/runbooks/database.md", "docs/runbooks/login.md", "docs/runbooks/deploy.md"]
                .map(RepoPath::from)
                .into();
        let titles = ["Database is slow", "Logins fail", "Deploying"];
        let headings = [vec!["Blocked queries".to_owned()], vec!["Sessions".to_owned()], vec![]];
        let names = [vec!["postgres".to_owned()], vec!["api/auth.py".to_owned()], vec![]];
        let all: Vec<Candidate<'_>> = (0..3)
            .map(|it| Candidate {
                path: &paths[it],
                title: titles[it],
                headings: &headings[it],
                names: &names[it],
            })
            .collect();
        let of = |path: Option<&str>, words: &[&str]| {
            let words = words.iter().map(|it| (*it).to_owned()).collect();
            near(&Around { path: path.map(RepoPath::from), words }, &all)
        };
        assert_eq!(of(Some("api/auth.py"), &[])[0], (1, "names this file, auth".to_owned()));
        assert_eq!(of(Some("api/db/database_session.py"), &[])[0].0, 0);
        assert_eq!(of(None, &["compose.postgres.blocked"])[0].0, 0);
        assert_eq!(of(None, &["readinessProbe"]), []);
        assert_eq!(of(None, &[]), []);
    }

    #[test]
    fn words_tell_something() {
        assert_eq!(words("apps/api/UserSessions.py: the pool"), ["user", "session", "pool"]);
        assert_eq!(words("123 src a"), [""; 0]);
    }
}
