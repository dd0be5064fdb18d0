//! The sample's history: from the data in `history.toml` to what each commit writes.
//!
//! The embedded tree is the newest state. Older ones are reached by going backwards and replacing
//! what a commit's edits introduced by what had been there; each such text has to occur exactly
//! once, so that data that no longer fits the tree is noticed and not guessed at.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use globset::{GlobBuilder, GlobMatcher};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::{Files, SampleError};

/// One commit, ready to be written.
#[derive(Debug)]
pub(super) struct Commit<'a> {
    /// The author's name.
    pub(super) name: String,
    /// The author's email address.
    pub(super) email: String,
    /// When it was made, in whole seconds.
    pub(super) time: SystemTime,
    /// Subject and body, ending with a newline.
    pub(super) message: String,
    /// Names of the tags on it.
    pub(super) tags: Vec<String>,
    /// The files it adds or changes, with their content after it.
    pub(super) writes: BTreeMap<&'a str, Vec<u8>>,
}

impl Commit<'_> {
    /// Seconds since 1970.
    pub(super) fn seconds(&self) -> u64 {
        unix_seconds(self.time)
    }
}

/// The commits of `data`, oldest first, so that the last one leaves exactly `files`.
pub(super) fn replay<'a>(
    data: &str,
    files: &'a Files,
    now: SystemTime,
) -> Result<Vec<Commit<'a>>, SampleError> {
    let entries = parse(data)?;
    let mut writes = contents(&entries, files)?;
    let mut commits: Vec<Commit<'a>> = Vec::with_capacity(entries.len());
    for (entry, writes) in entries.into_iter().zip(writes.drain(..)) {
        let seconds = unix_seconds(now).checked_sub(entry.age.as_secs());
        let time = seconds
            .and_then(|seconds| UNIX_EPOCH.checked_add(Duration::from_secs(seconds)))
            .ok_or_else(|| broken("the clock of this machine is set before 1970"))?;
        if commits.last().is_some_and(|earlier| earlier.time >= time) {
            return Err(broken(format!("{:?} is not newer than its parent", entry.subject())));
        }
        let date = date_of(unix_seconds(time));
        let tags = entry.tags.iter().map(|tag| tag.replace("{date}", &date)).collect();
        let Entry { name, email, message, .. } = entry;
        commits.push(Commit { name, email, time, message, tags, writes });
    }
    Ok(commits)
}

/// A `[[commit]]` as it is written down.
struct Entry {
    name: String,
    email: String,
    age: Duration,
    message: String,
    tags: Vec<String>,
    adds: Vec<GlobMatcher>,
    edits: Vec<Edit>,
}

impl Entry {
    fn subject(&self) -> &str {
        self.message.lines().next().unwrap_or_default()
    }
}

/// A `[[commit.edit]]`.
struct Edit {
    path: String,
    before: String,
    after: String,
}

fn parse(data: &str) -> Result<Vec<Entry>, SampleError> {
    let table = DeTable::parse(data).map_err(|error| broken(format!("{error}")))?;
    tables(table.get_ref(), "commit")?.into_iter().map(parse_entry).collect()
}

fn parse_entry(table: &DeTable<'_>) -> Result<Entry, SampleError> {
    let author = text(table, "author")?;
    let (name, email) = author
        .split_once(" <")
        .and_then(|(name, rest)| Some((name, rest.strip_suffix('>')?)))
        .ok_or_else(|| broken(format!("the author {author:?} is not `Name <email>`")))?;
    let age = text(table, "age")?;
    let age = parse_age(age).ok_or_else(|| broken(format!("the age {age:?} is not like 2d6h")))?;
    let adds = texts(table, "adds")?
        .into_iter()
        .map(|glob| match GlobBuilder::new(glob).literal_separator(true).build() {
            Ok(glob) => Ok(glob.compile_matcher()),
            Err(error) => Err(broken(format!("{error}"))),
        })
        .collect::<Result<_, _>>()?;
    let edits = tables(table, "edit")?
        .into_iter()
        .map(|edit| {
            Ok(Edit {
                path: text(edit, "path")?.to_owned(),
                before: text(edit, "before")?.to_owned(),
                after: text(edit, "after")?.to_owned(),
            })
        })
        .collect::<Result<_, SampleError>>()?;
    Ok(Entry {
        name: name.to_owned(),
        email: email.to_owned(),
        age,
        message: format!("{}\n", text(table, "message")?.trim_end()),
        tags: texts(table, "tags")?.into_iter().map(str::to_owned).collect(),
        adds,
        edits,
    })
}

/// What each commit writes, found by going backwards from the newest state.
fn contents<'a>(
    entries: &[Entry],
    files: &'a Files,
) -> Result<Vec<BTreeMap<&'a str, Vec<u8>>>, SampleError> {
    let mut added_by = BTreeMap::new();
    for path in files.keys() {
        let first = entries
            .iter()
            .position(|entry| entry.adds.iter().any(|glob| glob.is_match(path)))
            .ok_or_else(|| broken(format!("no commit adds {path}")))?;
        added_by.insert(*path, first);
    }
    let mut state = files.clone().into_iter().map(|(path, text)| (path, text.to_vec())).collect();
    let mut writes = Vec::with_capacity(entries.len());
    for (at, entry) in entries.iter().enumerate().rev() {
        writes.push(undo(at, entry, &added_by, &mut state)?);
    }
    writes.reverse();
    Ok(writes)
}

/// Takes back commit `at`: returns what it had written, and leaves `state` as it was before.
fn undo<'a>(
    at: usize,
    entry: &Entry,
    added_by: &BTreeMap<&'a str, usize>,
    state: &mut BTreeMap<&'a str, Vec<u8>>,
) -> Result<BTreeMap<&'a str, Vec<u8>>, SampleError> {
    let mut written = BTreeMap::new();
    for edit in entry.edits.iter().rev() {
        let place = format!("{:?}, edit of {}", entry.subject(), edit.path);
        let Some((path, added)) = added_by.get_key_value(edit.path.as_str()) else {
            return Err(broken(format!("{place}: there is no such file")));
        };
        if *added >= at {
            return Err(broken(format!("{place}: the file is added later")));
        }
        let content = state.entry(*path).or_default();
        written.entry(*path).or_insert_with(|| content.clone());
        let text = std::str::from_utf8(content)
            .map_err(|_| broken(format!("{place}: the file is not text")))?;
        if edit.after.is_empty() || text.matches(edit.after.as_str()).count() != 1 {
            return Err(broken(format!("{place}: `after` does not occur exactly once")));
        }
        *content = text.replacen(edit.after.as_str(), &edit.before, 1).into_bytes();
    }
    for (path, _) in added_by.iter().filter(|(_, added)| **added == at) {
        if let Some(content) = state.remove(path) {
            written.insert(*path, content);
        }
    }
    if written.is_empty() {
        return Err(broken(format!("{:?} changes nothing", entry.subject())));
    }
    Ok(written)
}

fn text<'t>(table: &'t DeTable<'_>, key: &str) -> Result<&'t str, SampleError> {
    let value = table.get(key).map(Spanned::get_ref);
    value.and_then(DeValue::as_str).ok_or_else(|| broken(format!("`{key}` is missing")))
}

fn texts<'t>(table: &'t DeTable<'_>, key: &str) -> Result<Vec<&'t str>, SampleError> {
    list(table, key, "strings", DeValue::as_str)
}

fn tables<'t, 'd>(table: &'t DeTable<'d>, key: &str) -> Result<Vec<&'t DeTable<'d>>, SampleError> {
    list(table, key, "tables", DeValue::as_table)
}

fn list<'t, 'd, T>(
    table: &'t DeTable<'d>,
    key: &str,
    what: &str,
    item: impl Fn(&'t DeValue<'d>) -> Option<T>,
) -> Result<Vec<T>, SampleError> {
    let Some(value) = table.get(key) else { return Ok(Vec::new()) };
    value
        .get_ref()
        .as_array()
        .and_then(|values| values.iter().map(|value| item(value.get_ref())).collect())
        .ok_or_else(|| broken(format!("`{key}` is not a list of {what}")))
}

/// `41d`, `2d6h`, `40m`.
fn parse_age(text: &str) -> Option<Duration> {
    let mut seconds = 0_u64;
    let mut rest = text;
    while let Some(end) = rest.find(|letter: char| !letter.is_ascii_digit()) {
        let (number, tail) = rest.split_at_checked(end)?;
        let mut letters = tail.chars();
        let unit = match letters.next()? {
            'd' => 86_400,
            'h' => 3_600,
            'm' => 60,
            _ => return None,
        };
        seconds = seconds.checked_add(number.parse::<u64>().ok()?.checked_mul(unit)?)?;
        rest = letters.as_str();
    }
    (rest.is_empty() && seconds > 0).then(|| Duration::from_secs(seconds))
}

fn unix_seconds(time: SystemTime) -> u64 {
    time.duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
}

/// The date in UTC as `2026-03-09`.
fn date_of(unix_seconds: u64) -> String {
    // Years that begin in March have their leap day at the end, which makes all months regular.
    let days = unix_seconds / 86_400 + 719_468;
    let (era, day) = (days / 146_097, days % 146_097);
    let year = (day - day / 1_460 + day / 36_524 - day / 146_096) / 365;
    let day_of_year = day - (365 * year + year / 4 - year / 100);
    let month = (5 * day_of_year + 2) / 153;
    let day_of_month = day_of_year - (153 * month + 2) / 5 + 1;
    let (month, carry) = if month < 10 { (month + 3, 0) } else { (month - 9, 1) };
    format!("{:04}-{month:02}-{day_of_month:02}", era * 400 + year + carry)
}

fn broken(what: impl Into<String>) -> SampleError {
    SampleError::History(what.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sample(data: &str) -> Result<(), SampleError> {
        let files = Files::from([("a.txt", b"one\ntwo\n".as_slice()), ("b.txt", b"b\n")]);
        replay(data, &files, UNIX_EPOCH + Duration::from_secs(1_000_000_000)).map(|_| ())
    }

    #[test]
    fn ages_and_dates() {
        assert_eq!(parse_age("2d6h"), Some(Duration::from_secs(54 * 3_600)));
        assert_eq!(parse_age("40m"), Some(Duration::from_secs(2_400)));
        for wrong in ["", "d", "7", "3w", "1d2", "-1d"] {
            assert_eq!(parse_age(wrong), None, "{wrong}");
        }
        assert_eq!(date_of(0), "1970-01-01");
        assert_eq!(date_of(951_782_400), "2000-02-29");
        assert_eq!(date_of(1_772_323_199), "2026-02-28");
        assert_eq!(date_of(1_772_323_200), "2026-03-01");
    }

    #[test]
    fn data_that_does_not_fit_is_refused() {
        let first = "[[commit]]\nauthor='A <a@x>'\nage='2d'\nmessage='m'\nadds=['a.txt']\n";
        let second = "[[commit]]\nauthor='A <a@x>'\nage='1d'\nmessage='n'\nadds=['*']\n";
        let edit = "[[commit.edit]]\npath='a.txt'\nbefore='zero'\nafter=";
        assert!(sample(&format!("{first}{second}{edit}'two'")).is_ok());
        for (data, what) in [
            (first.to_owned(), "no commit adds b.txt"),
            (format!("{first}{}", second.replace("'1d'", "'3d'")), "is not newer"),
            (format!("{first}{second}{edit}'three'"), "exactly once"),
            (format!("{first}{second}{edit}'o'"), "exactly once"),
            (format!("{first}{second}{edit}'two'").replace("path='a", "path='b"), "added later"),
            (format!("{first}{second}{edit}'two'").replace("path='a", "path='c"), "no such file"),
            (format!("{first}{second}[[commit]]\nauthor='A <a@x>'\nage='1h'\nmessage='o'"), "noth"),
            (first.replace("A <a@x>", "A"), "Name <email>"),
            (first.replace("'2d'", "'2w'"), "like 2d6h"),
            ("commit = 3".to_owned(), "list of tables"),
        ] {
            let error = sample(&data).map_or_else(|error| error.to_string(), |()| String::new());
            assert!(error.contains(what), "{what}: {error}");
        }
    }
}
