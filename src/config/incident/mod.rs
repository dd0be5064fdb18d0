//! Keeps what is recorded: the black box of each session, which is always there, and incidents.
//!
//! Below the state directory, readable by its owner only:
//!
//! ```text
//! incidents/NAME-HASH/          one repository
//!     box/WHO.jsonl             what one navi did lately, in a ring
//!     active                    the name of the incident that runs
//!     20251125-0314-logins/     an incident
//!         WHO.jsonl             what one navi noted: each writes its own file
//! ```
//!
//! Every text goes through the redactor before it is written and once more when it is read.

mod form;
mod reader;
mod writer;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use crate::base::{Checked, Diagnostic, Origin};
use crate::engine::history;
use crate::engine::incident::{Entry, Timeline, What};
use crate::engine::index;
use crate::engine::redact::Redactor;

use writer::{Writer, private_folder};

/// Bytes of each half of a black box.
const RING: u64 = 256 << 10;
/// What was recorded this long before an incident was declared belongs to it, in milliseconds.
const BEFORE_MS: u64 = 60 * 60 * 1000;
/// Black boxes that nobody has written to for this long go.
const OLD: Duration = Duration::from_secs(7 * 24 * 60 * 60);
/// Files of black boxes that are kept: each call of `navi run` has one of its own.
const MOST_BOXES: usize = 200;
/// The file that names the incident that runs.
const ACTIVE: &str = "active";
/// The folder of the black boxes.
const BOX: &str = "box";

/// The records of one repository. Without a state directory (`--no-state`) nothing is read or
/// written.
#[derive(Debug, Clone)]
pub struct IncidentStore {
    folder: Option<PathBuf>,
    root: PathBuf,
    redactor: Redactor,
}

/// Why something cannot be done with an incident.
#[derive(Debug, thiserror::Error)]
pub enum IncidentError {
    /// Nothing may be written.
    #[error("nothing is recorded with --no-state, or without a state directory")]
    NoState,
    /// One runs already.
    #[error("an incident is running already: {0}")]
    Running(String),
    /// None runs.
    #[error("no incident is running")]
    None,
    /// The disk.
    #[error("the record cannot be written")]
    Io(#[from] io::Error),
}

/// An incident among others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// Its folder's name.
    pub id: String,
    /// Whether it runs.
    pub active: bool,
    /// What is known of it.
    pub timeline: Timeline,
}

impl IncidentStore {
    /// The records of the repository at `root`.
    pub fn new(state: Option<&Path>, root: &Path, redactor: Redactor) -> Self {
        let folder = state.map(|it| it.join("incidents").join(index::name_of_root(root)));
        Self { folder, root: root.to_owned(), redactor }
    }

    /// Whether anything is kept.
    pub fn keeps(&self) -> bool {
        self.folder.is_some()
    }

    /// The name of the incident that runs.
    pub fn active(&self) -> Option<String> {
        let name = fs::read_to_string(self.folder.as_ref()?.join(ACTIVE)).ok()?;
        let name = name.trim().to_owned();
        is_id(&name).then_some(name)
    }

    /// All incidents, newest first.
    pub fn list(&self) -> Checked<Vec<Kept>> {
        let Some(folder) = &self.folder else { return (Vec::new(), Vec::new()) };
        let active = self.active();
        let entries = fs::read_dir(folder).into_iter().flatten().flatten();
        let mut ids: Vec<String> = entries
            .filter(|it| it.file_type().is_ok_and(|it| it.is_dir()))
            .filter_map(|it| it.file_name().into_string().ok())
            .filter(|it| is_id(it))
            .collect();
        ids.sort_by(|one, other| other.cmp(one));
        let (mut out, mut said) = (Vec::new(), Vec::new());
        for id in ids {
            let (timeline, faults) = self.read(&id);
            said.extend(faults);
            out.push(Kept { active: active.as_deref() == Some(&id), timeline, id });
        }
        (out, said)
    }

    /// The incident that runs, else the newest.
    pub fn current(&self) -> Option<String> {
        self.active().or_else(|| {
            let entries = fs::read_dir(self.folder.as_ref()?).ok()?.flatten();
            let names = entries.filter_map(|it| it.file_name().into_string().ok());
            names.filter(|it| is_id(it)).max()
        })
    }

    /// What was recorded of an incident.
    pub fn read(&self, id: &str) -> Checked<Timeline> {
        let Some(folder) = self.folder.as_ref().filter(|_| is_id(id)) else {
            return (Timeline::default(), Vec::new());
        };
        let (entries, said) = reader::folder(&folder.join(id));
        (Timeline::of(self.redacted(entries)), said)
    }

    /// What the black boxes hold.
    pub fn read_box(&self) -> Checked<Timeline> {
        let Some(folder) = &self.folder else { return (Timeline::default(), Vec::new()) };
        let (entries, said) = reader::folder(&folder.join(BOX));
        (Timeline::of(self.redacted(entries)), said)
    }

    /// Keeps a text beside the record of an incident; one of this name that is there is replaced.
    pub fn save(&self, id: &str, name: &str, text: &str) -> Result<PathBuf, IncidentError> {
        let folder = self.folder_of(id).filter(|_| is_id(id)).ok_or(IncidentError::NoState)?;
        // tempfile makes files that only their owner can read.
        let mut file = tempfile::NamedTempFile::new_in(&folder)?;
        file.write_all(text.as_bytes())?;
        let path = folder.join(name);
        file.persist(&path).map_err(|error| error.error)?;
        Ok(path)
    }

    /// Where an incident is kept.
    pub fn folder_of(&self, id: &str) -> Option<PathBuf> {
        Some(self.folder.as_ref()?.join(id))
    }

    /// Values of `.env` files that were not known when it was written are now.
    fn redacted(&self, entries: Vec<Entry>) -> Vec<Entry> {
        let clean = |entry: Entry| Entry { what: entry.what.redacted(&self.redactor), ..entry };
        entries.into_iter().map(clean).collect()
    }

    fn writer(&self, id: &str, who: &str) -> Writer {
        let folder = self.folder_of(id).unwrap_or_default();
        Writer::new(folder.join(format!("{who}.jsonl")), None)
    }
}

/// Writes what one navi does, into the black box or into the incident that runs.
pub struct Recorder {
    store: IncidentStore,
    who: String,
    number: u64,
    black_box: Option<Writer>,
    /// The incident that this navi records into.
    goes_to: Option<(String, Writer)>,
    told: bool,
}

impl Recorder {
    /// A recorder of this navi: `who` is a name that no other has, such as its start and its process
    /// id. Letters, digits and `-`.
    pub fn new(store: IncidentStore, who: &str) -> Self {
        let who: String =
            who.chars().filter(|it| it.is_ascii_alphanumeric() || *it == '-').collect();
        let folder = store.folder.as_ref().map(|it| it.join(BOX));
        let black_box = folder.map(|it| Writer::new(it.join(format!("{who}.jsonl")), Some(RING)));
        Self { store, who, number: 0, black_box, goes_to: None, told: false }
    }

    /// Removes black boxes that nobody has written to for a week before `now`, and all but the
    /// newest.
    pub fn sweep(&self, now: SystemTime) {
        let Some(folder) = self.store.folder.as_ref().map(|it| it.join(BOX)) else { return };
        let of = |path: &PathBuf| fs::metadata(path).and_then(|it| it.modified()).ok();
        let mut files: Vec<(Option<SystemTime>, PathBuf)> =
            reader::files(&folder).into_iter().map(|it| (of(&it), it)).collect();
        files.sort_by_key(|it| std::cmp::Reverse(it.0));
        for (place, (at, path)) in files.into_iter().enumerate() {
            let age = at.and_then(|it| now.duration_since(it).ok());
            if place >= MOST_BOXES || age.is_some_and(|it| it > OLD) {
                let _ = fs::remove_file(path);
            }
        }
    }

    /// Declares an incident: takes over what the black boxes hold of the last hour, and makes every
    /// navi on this repository record into it.
    pub fn start(
        &mut self,
        title: &str,
        branch: Option<&str>,
        at: u64,
    ) -> Result<String, IncidentError> {
        let folder = self.store.folder.clone().ok_or(IncidentError::NoState)?;
        if let Some(running) = self.store.active() {
            return Err(IncidentError::Running(running));
        }
        private_folder(&folder)?;
        let id = free_id(&folder, &self.store.redactor.text(title), at)?;
        let mut entries = 0;
        let mut taken = Writer::new(folder.join(&id).join("before.jsonl"), None);
        for entry in reader::folder(&folder.join(BOX)).0 {
            if entry.at + BEFORE_MS >= at {
                taken.append(entry)?;
                entries += 1;
            }
        }
        taken.sync()?;
        self.goes_to = Some((id.clone(), self.store.writer(&id, &self.who)));
        let root = self.store.root.to_string_lossy().into_owned();
        let branch = branch.unwrap_or_default().to_owned();
        self.put(at, What::Start { title: title.to_owned(), root, branch })?;
        if entries > 0 {
            self.put(at, What::Promoted { entries })?;
        }
        self.sync()?;
        // All of it is there before anybody is sent to it, and only one can be the first.
        let mut name = tempfile::NamedTempFile::new_in(&folder)?;
        name.write_all(id.as_bytes())?;
        name.as_file().sync_data()?;
        match name.persist_noclobber(folder.join(ACTIVE)) {
            Ok(_) => Ok(id),
            Err(error) if error.error.kind() == io::ErrorKind::AlreadyExists => {
                // Another navi was first; what it says holds.
                self.goes_to = None;
                let _ = fs::remove_dir_all(folder.join(&id));
                Err(IncidentError::Running(self.store.active().unwrap_or_default()))
            }
            Err(error) => Err(error.error.into()),
        }
    }

    /// Ends the incident that runs.
    pub fn stop(&mut self, at: u64) -> Result<String, IncidentError> {
        let folder = self.store.folder.clone().ok_or(IncidentError::NoState)?;
        self.follow(at);
        let id = self.incident().ok_or(IncidentError::None)?.to_owned();
        self.put(at, What::Stop)?;
        self.sync()?;
        fs::remove_file(folder.join(ACTIVE))?;
        self.goes_to = None;
        Ok(id)
    }

    /// Writes an entry. When this returns without an error, no end of this process loses it. On a
    /// full disk it waits in memory for the next; that is told once.
    pub fn record(&mut self, at: u64, what: What) -> Result<(), Diagnostic> {
        if !self.store.keeps() {
            return Ok(());
        }
        self.follow(at);
        match self.put(at, what) {
            Ok(()) => {
                self.told = false;
                Ok(())
            }
            Err(_) if self.told => Ok(()),
            Err(error) => {
                self.told = true;
                let place = self.store.folder.as_ref().map(|it| it.display().to_string());
                let fault = format!("the record cannot be written: {error}");
                Err(Diagnostic::warning(fault)
                    .at(Origin::whole(place.unwrap_or_default()))
                    .hint("what was recorded stays; what follows waits in memory: make room soon"))
            }
        }
    }

    /// Waits until the disk has what went into an incident. The black box is left to the system.
    pub fn sync(&mut self) -> io::Result<()> {
        self.goes_to.as_mut().map_or(Ok(()), |it| it.1.sync())
    }

    /// Entries that wait in memory for room on the disk, and those that were let go meanwhile.
    pub fn unwritten(&self) -> (usize, u64) {
        let writer = self.goes_to.as_ref().map(|it| &it.1).or(self.black_box.as_ref());
        writer.map_or((0, 0), Writer::unwritten)
    }

    /// Whether an incident runs, as far as this navi has seen.
    pub fn incident(&self) -> Option<&str> {
        self.goes_to.as_ref().map(|it| it.0.as_str())
    }

    /// Goes over to the incident that runs, or back to the black box. `at` is now.
    pub fn follow(&mut self, at: u64) {
        let active = self.store.active();
        if active.as_deref() == self.incident() {
            return;
        }
        let Some(id) = active else {
            self.goes_to = None;
            return;
        };
        let mut writer = self.store.writer(&id, &self.who);
        // What this navi wrote while another declared the incident.
        let own = self.store.folder.as_ref().map(|it| it.join(BOX));
        for entry in own.map(|it| reader::folder(&it).0).unwrap_or_default() {
            if entry.who == self.who && entry.at + BEFORE_MS >= at {
                // Told with the next entry, which waits behind it.
                let _ = writer.append(entry);
            }
        }
        self.goes_to = Some((id, writer));
    }

    fn put(&mut self, at: u64, what: What) -> io::Result<()> {
        self.number += 1;
        let what = what.redacted(&self.store.redactor);
        let entry = Entry { at, who: self.who.clone(), number: self.number, what };
        match (&mut self.goes_to, &mut self.black_box) {
            (Some((_, writer)), _) | (None, Some(writer)) => writer.append(entry),
            (None, None) => Ok(()),
        }
    }
}

/// Names of incidents begin with their date.
fn is_id(name: &str) -> bool {
    let date = name.as_bytes().iter().take(8);
    name.len() > 13
        && date.clone().count() == 8
        && date.clone().all(u8::is_ascii_digit)
        && name.chars().all(|it| it.is_ascii_alphanumeric() || it == '-')
}

/// Makes the folder of a new incident: `20251125-0314-logins-fail`.
fn free_id(folder: &Path, title: &str, at: u64) -> io::Result<String> {
    let date: String = history::utc((at / 1000) as i64).replace(['-', ':'], "").replace(' ', "-");
    let words: String = title
        .to_lowercase()
        .chars()
        .map(|it| if it.is_ascii_alphanumeric() { it } else { '-' })
        .take(40)
        .collect();
    let words: Vec<&str> = words.split('-').filter(|it| !it.is_empty()).collect();
    let words = if words.is_empty() { "incident".to_owned() } else { words.join("-") };
    for number in 1..1000 {
        let more = if number == 1 { String::new() } else { format!("-{number}") };
        let id = format!("{date}-{words}{more}");
        let mut builder = fs::DirBuilder::new();
        #[cfg(unix)]
        {
            use std::os::unix::fs::DirBuilderExt;
            builder.mode(0o700);
        }
        match builder.create(folder.join(&id)) {
            Ok(()) => return Ok(id),
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {}
            Err(error) => return Err(error),
        }
    }
    Err(io::ErrorKind::AlreadyExists.into())
}

#[cfg(test)]
mod tests;
