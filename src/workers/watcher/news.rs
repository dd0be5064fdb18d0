//! What the file system told, gathered until it is quiet.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use crate::base::RepoPath;

/// A change waits this long for those that belong to it.
const QUIET: Duration = Duration::from_millis(30);
/// And at most this long.
const LONGEST: Duration = Duration::from_millis(150);
/// More changes than this are a new look at everything.
const MOST: usize = 400;

/// Something that was told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Note {
    /// A file was written, made, moved or removed, or its rights changed.
    File(RepoPath),
    /// The same of a folder: all below it may differ.
    Folder(RepoPath),
    /// Anything may differ: events were lost, the root itself moved, or other files are ignored.
    Everything,
    /// Another branch or commit is checked out.
    Head,
    /// git's index was replaced: other files may be tracked.
    Tracked,
    /// The writer of the index committed, or gave its lock back.
    Index,
    /// The index folder is gone.
    IndexGone,
}

/// Notes, put together; each at most once.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct News {
    /// Files that changed.
    pub files: BTreeSet<RepoPath>,
    /// Folders below which anything may have changed.
    pub folders: BTreeSet<RepoPath>,
    /// Whether anything may have changed.
    pub everything: bool,
    /// Whether another branch or commit may be checked out.
    pub head: bool,
    /// Whether other files may be tracked by git.
    pub tracked: bool,
    /// Whether the index may have a newer commit or no writer.
    pub index: bool,
    /// Whether the index folder is gone.
    pub index_gone: bool,
    /// When the first of these happened.
    pub since: Option<Instant>,
}

impl News {
    /// Takes one more.
    pub fn add(&mut self, note: Note, at: Instant) {
        match note {
            Note::File(path) => {
                self.files.insert(path);
            }
            Note::Folder(path) => {
                self.folders.insert(path);
            }
            Note::Everything => self.everything = true,
            Note::Head => self.head = true,
            Note::Tracked => self.tracked = true,
            Note::Index => self.index = true,
            Note::IndexGone => self.index_gone = true,
        }
        self.since.get_or_insert(at);
        self.bound();
    }

    /// Takes those of `later` as well.
    pub fn merge(&mut self, later: Self) {
        self.files.extend(later.files);
        self.folders.extend(later.folders);
        self.everything |= later.everything;
        self.head |= later.head;
        self.tracked |= later.tracked;
        self.index |= later.index;
        self.index_gone |= later.index_gone;
        self.since = match (self.since, later.since) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        self.bound();
    }

    fn bound(&mut self) {
        if self.everything || self.files.len() + self.folders.len() > MOST {
            self.everything = true;
            self.files.clear();
            self.folders.clear();
        }
    }

    /// Whether nothing was told.
    pub fn is_empty(&self) -> bool {
        self.since.is_none()
    }
}

/// News under way: handed on once it has been quiet for a moment, or when some has waited long.
#[derive(Debug, Default)]
pub struct Gathering {
    news: News,
    last: Option<Instant>,
}

impl Gathering {
    /// Takes a note that came at that moment.
    pub fn add(&mut self, note: Note, at: Instant) {
        self.news.add(note, at);
        self.last = Some(at);
    }

    /// When it is to be handed on.
    pub fn deadline(&self) -> Option<Instant> {
        Some((self.last? + QUIET).min(self.news.since? + LONGEST))
    }

    /// All of it, due or not.
    pub fn take_all(&mut self) -> Option<News> {
        self.last = None;
        Some(std::mem::take(&mut self.news)).filter(|it| !it.is_empty())
    }

    /// What is due at that moment.
    pub fn take(&mut self, now: Instant) -> Option<News> {
        if self.deadline()? > now {
            return None;
        }
        self.last = None;
        Some(std::mem::take(&mut self.news))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_quiet_is_handed_on_and_so_is_what_waited_long() {
        let start = Instant::now();
        let after = |ms| start + Duration::from_millis(ms);
        let mut gathering = Gathering::default();
        assert_eq!(gathering.take(after(500)), None);
        gathering.add(Note::File("a".into()), after(0));
        gathering.add(Note::File("a".into()), after(20));
        assert_eq!(gathering.take(after(40)), None);
        let news = gathering.take(after(50)).unwrap();
        assert_eq!((news.files.len(), news.since), (1, Some(start)));
        for ms in (0..=150).step_by(10) {
            gathering.add(Note::File("log".into()), after(ms));
        }
        assert!(gathering.take(after(150)).is_some(), "never quiet, and yet handed on");
        assert_eq!(gathering.deadline(), None);
    }

    #[test]
    fn many_changes_are_one_look_at_everything() {
        let now = Instant::now();
        let mut news = News::default();
        for number in 0..=MOST {
            news.add(Note::File(format!("{number}").as_str().into()), now);
        }
        assert!(news.everything && news.files.is_empty());
        let mut all = News::default();
        all.add(Note::Head, now);
        all.merge(news);
        assert!(all.everything && all.head && !all.index);
    }
}
