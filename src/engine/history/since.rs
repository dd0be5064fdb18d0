//! What `since` may mean: an age, a date, a tag, a branch or a commit.

use rustc_hash::FxHashSet;

use super::commit::read_id;
use super::git::Git;
use super::log::Id;
use super::{History, MOST};
use crate::base::suggest::did_you_mean;

/// Digits of a commit's id that are enough to name it.
const SHORTEST: usize = 4;

/// From where on commits are wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Since {
    /// Committed at this time or later, in seconds since 1970.
    Time(i64),
    /// Not part of the history of this commit.
    Commit(Id),
}

/// Why it cannot be told what is meant.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SinceError {
    /// There is nothing of this name.
    #[error("`{name}` is no age, no date, and no tag, branch or commit of this repository")]
    Unknown {
        /// What was given.
        name: String,
        /// The tag that may have been meant.
        near: Option<String>,
    },
    /// Several commits' ids begin like this.
    #[error("several commits begin with `{0}`")]
    Ambiguous(String),
}

impl Since {
    /// Reads `30m`, `24h`, `2d`, `1w`, `2026-11-01`, `2026-11-01T14:30` (both in UTC), or a name of
    /// a commit as git takes it: a tag, a branch, an id or its beginning, with `~2` or `^` behind.
    /// `now` is in seconds since 1970.
    pub fn read(git: &Git, history: &History, text: &str, now: i64) -> Result<Self, SinceError> {
        let text = text.trim();
        if let Some(age) = age(text) {
            return Ok(Self::Time(now.saturating_sub(age)));
        }
        if let Some(time) = date(text) {
            return Ok(Self::Time(time));
        }
        let (name, steps) = text.split_at(text.find(['~', '^']).unwrap_or(text.len()));
        let found = named(git, history, name)?.and_then(|id| step_back(git, id, steps));
        found.map(Self::Commit).ok_or_else(|| {
            let tags = history.tags().iter().map(|it| it.name.as_str());
            let near = did_you_mean(name, tags).map(str::to_owned);
            SinceError::Unknown { name: text.to_owned(), near }
        })
    }

    /// Numbers of the commits since then, newest first.
    pub fn commits(self, git: &Git, history: &History) -> Vec<u32> {
        match self {
            Self::Time(time) => {
                let recent = history.commits().filter(|it| it.time() >= time);
                recent.map(|it| it.number()).collect()
            }
            Self::Commit(id) => history.without(git, &id),
        }
    }
}

fn named(git: &Git, history: &History, name: &str) -> Result<Option<Id>, SinceError> {
    if let Some(id) = git.resolve(name) {
        return Ok(Some(id));
    }
    let digits = name.bytes().all(|it| it.is_ascii_hexdigit());
    if !digits || !(SHORTEST..=40).contains(&name.len()) {
        return Ok(None);
    }
    let wanted = name.to_ascii_lowercase();
    let mut fitting = history.commits().filter(|it| it.hex().starts_with(&wanted));
    match (fitting.next(), fitting.next()) {
        (Some(one), None) => Ok(Some(one.id())),
        (Some(_), Some(_)) => Err(SinceError::Ambiguous(name.to_owned())),
        _ => Ok(read_id(wanted.as_bytes()).filter(|it| git.parents(it).is_some())),
    }
}

/// Goes back by `~`, `~3`, `^` or `^2`, in a row.
fn step_back(git: &Git, mut id: Id, mut steps: &str) -> Option<Id> {
    while let Some(sign) = steps.chars().next() {
        let rest = steps.get(1..)?;
        let (number, after) =
            rest.split_at(rest.find(|it: char| !it.is_ascii_digit()).unwrap_or(rest.len()));
        let number: usize = if number.is_empty() { 1 } else { number.parse().ok()? };
        match sign {
            '~' => {
                for _ in 0..number.min(MOST) {
                    id = *git.parents(&id)?.first()?;
                }
            }
            '^' if number > 0 => id = *git.parents(&id)?.get(number - 1)?,
            '^' => {}
            _ => return None,
        }
        steps = after;
    }
    Some(id)
}

/// Seconds in `30s`, `30m`, `6h`, `2d`, `1w`.
fn age(text: &str) -> Option<i64> {
    let (number, unit) = text.split_at(text.find(|it: char| !it.is_ascii_digit())?);
    let unit = match unit {
        "s" => 1,
        "m" | "min" => 60,
        "h" => 3600,
        "d" => 86_400,
        "w" => 604_800,
        _ => return None,
    };
    number.parse::<i64>().ok()?.checked_mul(unit)
}

/// Seconds since 1970 of `2026-11-01`, `2026-11-01T14:30` or `2026-11-01 14:30:05`, in UTC.
fn date(text: &str) -> Option<i64> {
    let (day, time) = match text.split_once(['T', ' ']) {
        Some((day, time)) => (day, time.trim_end_matches('Z')),
        None => (text, "0:0"),
    };
    let mut parts = day.split('-');
    let mut number = |length: usize| -> Option<i64> {
        let part = parts.next().filter(|it| it.len() == length)?;
        part.parse().ok().filter(|it| *it >= 0)
    };
    let (year, month, day) = (number(4)?, number(2)?, number(2)?);
    if parts.next().is_some() || !(1..=12).contains(&month) || !(1..=31).contains(&day) {
        return None;
    }
    let mut seconds = 0;
    for (place, part) in time.split(':').enumerate() {
        let (most, unit) = *[(23, 3600), (59, 60), (60, 1)].get(place)?;
        let part: i64 = part.parse().ok().filter(|it| (0..=most).contains(it))?;
        seconds += part * unit;
    }
    // Years that begin in March have their leap day at the end, which makes all months regular.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let of_year = (153 * month + 2) / 5 + day - 1;
    let days = year * 365 + year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    Some((days + of_year - 719_468) * 86_400 + seconds)
}

/// The time in UTC as `2026-11-01 14:30`, of seconds since 1970; years beyond 9999 are no dates.
pub fn utc(time: i64) -> String {
    let days = time.div_euclid(86_400);
    let of_day = time.rem_euclid(86_400);
    // The days of 1970 in the calendar that begins in March of the year 0.
    let days = days.saturating_add(719_468);
    let era = days.div_euclid(146_097);
    let day = days.rem_euclid(146_097);
    let year = (day - day / 1460 + day / 36_524 - day / 146_096) / 365;
    let of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * of_year + 2) / 153;
    let of_month = of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    let year = era.saturating_mul(400).saturating_add(year + carry);
    if !(0..=9999).contains(&year) {
        return "at no date".to_owned();
    }
    format!("{year:04}-{month:02}-{of_month:02} {:02}:{:02}", of_day / 3600, of_day % 3600 / 60)
}

impl History {
    /// Numbers of the commits that are not part of the history of `id`, newest first.
    pub fn without(&self, git: &Git, id: &Id) -> Vec<u32> {
        let mut excluded = vec![false; self.log.rows.len()];
        let mut seen: FxHashSet<Id> = FxHashSet::default();
        let mut open = vec![*id];
        while let Some(id) = open.pop() {
            let Some(number) = self.log.find(&id) else {
                // Of a branch that is not checked out.
                if seen.len() < MOST && seen.insert(id) {
                    open.extend(git.parents(&id).unwrap_or_default());
                }
                continue;
            };
            let Some(known) = excluded.get_mut(number as usize).filter(|it| !**it) else {
                continue;
            };
            *known = true;
            open.extend(self.log.row(number).map(|it| self.log.parents_of(it)).unwrap_or_default());
        }
        let rest = self.order.iter().zip(0..);
        rest.filter(|(row, _)| excluded.get(**row as usize) == Some(&false))
            .map(|(_, number)| number)
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_and_dates() {
        assert_eq!(
            (age("90m"), age("2d"), age("2x"), age("d")),
            (Some(5400), Some(172_800), None, None)
        );
        assert_eq!(age("99999999999999999999w"), None);
        assert_eq!(date("1970-01-01"), Some(0));
        assert_eq!(date("2000-02-29"), Some(951_782_400));
        assert_eq!(date("2026-02-28T23:59:59Z"), Some(1_772_323_199));
        assert_eq!(date("2026-03-01 00:00"), Some(1_772_323_200));
        assert_eq!(utc(0), "1970-01-01 00:00");
        assert_eq!(utc(951_782_399), "2000-02-28 23:59");
        assert_eq!(utc(1_772_323_200), "2026-03-01 00:00");
        assert_eq!((utc(-1), utc(i64::MAX)), ("1969-12-31 23:59".into(), "at no date".into()));
        for wrong in
            ["2026", "2026-13-01", "2026-1-1", "2026-01-01T25:00", "2026-01-01-01", "v1-02-03"]
        {
            assert_eq!(date(wrong), None, "{wrong}");
        }
    }
}
