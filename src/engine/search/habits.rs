//! What this engineer opened for which query: it lifts files within their tier.
//!
//! Frequency and recency together, as browsers weigh their history ("frecency"): each opening
//! counts half after two weeks.

use std::collections::HashMap;

use crate::engine::tokens;

/// Seconds after which an opening counts half.
const HALF_LIFE: f32 = 14.0 * 86_400.0;
/// What having been opened for just these words adds, as a share of the score.
const SAME_QUERY: f32 = 0.5;
/// What having been opened at all adds.
const ANY_QUERY: f32 = 0.04;
/// Openings of one file that count.
const MOST: f32 = 4.0;

/// A file that was opened from the list of results.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Opened {
    /// What was typed.
    pub query: String,
    /// The file, as bytes below the root.
    pub path: Vec<u8>,
    /// When, in seconds since 1970.
    pub at: u64,
}

/// See the module.
#[derive(Debug, Clone, Default)]
pub struct Habits {
    opened: Vec<Opened>,
}

impl Habits {
    /// Habits told by what was opened.
    pub fn of(opened: Vec<Opened>) -> Self {
        Self { opened }
    }

    /// Whether nothing is known.
    pub fn is_empty(&self) -> bool {
        self.opened.is_empty()
    }

    /// What was opened, in a repository whose paths are to begin with this label.
    pub fn opened<'a>(&'a self, label: &'a str) -> impl Iterator<Item = Opened> + 'a {
        self.opened.iter().map(move |it| {
            let path = [label.as_bytes(), b"/", &it.path].concat();
            Opened { path, query: it.query.clone(), at: it.at }
        })
    }

    /// One more opening.
    #[must_use]
    pub fn and(&self, opened: Opened) -> Self {
        let mut all = self.opened.clone();
        all.push(opened);
        Self { opened: all }
    }

    /// By path, what is added to a score, as a share of it: from 0 to about 0.7. `now` is in seconds
    /// since 1970; clocks that jump do no harm.
    pub fn lifts(&self, query: &str, now: u64) -> HashMap<&[u8], f32> {
        let asked = stems(query);
        let mut sums: HashMap<&[u8], (f32, f32)> = HashMap::new();
        for it in &self.opened {
            let fresh = 0.5f32.powf(now.saturating_sub(it.at) as f32 / HALF_LIFE);
            let sum = sums.entry(&it.path).or_default();
            sum.0 = sum.0.max(alike(&asked, &stems(&it.query)) * fresh);
            sum.1 += fresh;
        }
        sums.into_iter()
            .map(|(path, (same, any))| (path, SAME_QUERY * same + ANY_QUERY * any.min(MOST)))
            .collect()
    }
}

fn stems(text: &str) -> Vec<Vec<u8>> {
    let mut out: Vec<Vec<u8>> = Vec::new();
    let mut lower = Vec::new();
    tokens::for_each_word(text.as_bytes(), |_, word| {
        lower.clear();
        tokens::push_lower(&mut lower, word);
        out.push(tokens::stem(&lower).to_vec());
    });
    out.sort_unstable();
    out.dedup();
    out
}

/// The share of words that two queries have in common.
fn alike(one: &[Vec<u8>], other: &[Vec<u8>]) -> f32 {
    let both = one.iter().filter(|it| other.binary_search(it).is_ok()).count();
    let all = one.len() + other.len() - both;
    if all == 0 { 0.0 } else { both as f32 / all as f32 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_words_count_most_and_old_openings_less() {
        let at =
            |query: &str, path: &str, at| Opened { query: query.into(), path: path.into(), at };
        let day = 86_400;
        let habits = Habits::of(vec![
            at("login 401", "auth.py", 100 * day),
            at("login 401", "old.py", 10 * day),
            at("cart total", "cart.py", 100 * day),
        ]);
        let lifts = habits.lifts("401 logins", 101 * day);
        let of = |path: &str| lifts[path.as_bytes()];
        assert!(of("auth.py") > 0.4 && of("auth.py") < 0.7);
        assert!(of("auth.py") > 2.0 * of("old.py"));
        assert!(of("cart.py") > 0.0 && of("cart.py") < 0.1);
        // A clock that was wrong then does no harm.
        assert!(habits.lifts("x", 0)[&b"auth.py"[..]].is_finite());
    }
}
