//! Holds a search back until it is known that it was not half a word.

use super::What;

/// See the module. Searches come with every key; of those that one typed into the next, the last is
/// kept.
#[derive(Debug, Default)]
pub struct Settle {
    held: Option<(u64, What)>,
    /// The query that was given last: as the index grows, it may find more, which is no new search.
    given: String,
}

impl Settle {
    /// Takes what happened at a time, in milliseconds since 1970; gives what is to be kept now.
    pub fn take(&mut self, at: u64, what: What) -> Vec<(u64, What)> {
        let mut out = Vec::new();
        if let What::Search { query, .. } = &what {
            if self.held.is_none() && *query == self.given {
                return out;
            }
            if let Some((_, What::Search { query: before, .. })) = &self.held
                && !query.starts_with(before.as_str())
                && !before.starts_with(query.as_str())
            {
                out.extend(self.flush());
            }
            self.held = Some((at, what));
        } else {
            out.extend(self.flush());
            out.push((at, what));
        }
        out
    }

    /// Gives what is held: nothing came for a while, or navi ends.
    pub fn flush(&mut self) -> Option<(u64, What)> {
        let out = self.held.take();
        if let Some((_, What::Search { query, .. })) = &out {
            self.given.clone_from(query);
        }
        out
    }

    /// Whether something is held.
    pub fn holds(&self) -> bool {
        self.held.is_some()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_typed_counts_once_it_is_whole() {
        let search = |query: &str| What::Search { query: query.into(), hits: 1 };
        let mut it = Settle::default();
        for typed in ["a", "au", "auth", "aut", "auth"] {
            assert_eq!(it.take(1, search(typed)), []);
        }
        assert_eq!(it.take(2, search("other")), [(1, search("auth"))]);
        let note = What::Note { text: "x".into() };
        assert_eq!(it.take(3, note.clone()), [(2, search("other")), (3, note)]);
        assert!(!it.holds() && it.flush().is_none());
        assert_eq!(it.take(4, search("other")), []);
        assert!(!it.holds(), "the same query once more is no new search");
    }
}
