//! Writes the commits as a git repository: objects, references and an index.
//!
//! Objects and index are gix's. No configuration is read, no hook is created, nothing is signed.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, BufWriter, Write as _};
use std::path::Path;

use gix::ObjectId;
use gix::actor::Signature;
use gix::index::entry::{Flags, Mode, Stat};
use gix::objs::tree::{Entry, EntryKind};
use gix::objs::{Kind, WriteTo};

use super::history::Commit;
use super::pack::Pack;
use super::{SampleError, cannot_write, is_script};

/// Every git reads SHA-1.
pub(super) const HASH: gix::hash::Kind = gix::hash::Kind::Sha1;
const BRANCH: &str = "refs/heads/main";

/// Fills the empty folder `git`, the `.git` of the working tree `root`.
pub(super) fn write(git: &Path, root: &Path, commits: &[Commit<'_>]) -> Result<(), SampleError> {
    for folder in ["info", "objects", "objects/info", "objects/pack", "refs/heads", "refs/tags"] {
        let folder = git.join(folder);
        fs::create_dir_all(&folder).map_err(|source| cannot_write(&folder, source))?;
    }
    let mut objects = Pack::new();
    let mut top = Folder::default();
    let mut parent = None;
    for commit in commits {
        for (path, content) in &commit.writes {
            let kind = if is_script(content) { EntryKind::BlobExecutable } else { EntryKind::Blob };
            top.set(path, File { id: objects.put(Kind::Blob, content)?, kind });
        }
        let id = write_commit(commit, top.write(&mut objects)?, parent, &mut objects)?;
        for tag in &commit.tags {
            let target = write_tag(tag, commit, id, &mut objects)?;
            write_file(&git.join("refs/tags").join(tag), format!("{target}\n"))?;
        }
        parent = Some(id);
    }
    let objects = objects.finish()?;
    let packs = git.join("objects/pack");
    write_file(&packs.join(format!("{}.pack", objects.name)), &objects.pack)?;
    write_file(&packs.join(format!("{}.idx", objects.name)), &objects.index)?;
    if let Some(newest) = parent {
        write_file(&git.join(BRANCH), format!("{newest}\n"))?;
    }
    write_index(&git.join("index"), root, &top)?;
    let modes = cfg!(unix);
    let config =
        format!("[core]\n\trepositoryformatversion = 0\n\tfilemode = {modes}\n\tbare = false\n");
    write_file(&git.join("config"), config)?;
    // Last: without it git takes the folder for no repository at all.
    write_file(&git.join("HEAD"), format!("ref: {BRANCH}\n"))
}

fn put(objects: &mut Pack, object: &dyn WriteTo) -> Result<ObjectId, SampleError> {
    let mut bytes = Vec::new();
    object.write_to(&mut bytes).map_err(failed)?;
    objects.put(object.kind(), &bytes)
}

#[derive(Clone, Copy)]
struct File {
    id: ObjectId,
    kind: EntryKind,
}

/// A folder of the tree that grows from commit to commit.
#[derive(Default)]
struct Folder {
    files: BTreeMap<String, File>,
    folders: BTreeMap<String, Folder>,
    /// Its tree object, while nothing below has changed since that was written.
    id: Option<ObjectId>,
}

impl Folder {
    fn set(&mut self, path: &str, file: File) {
        self.id = None;
        match path.split_once('/') {
            Some((folder, rest)) => {
                self.folders.entry(folder.to_owned()).or_default().set(rest, file);
            }
            None => {
                self.files.insert(path.to_owned(), file);
            }
        }
    }

    fn write(&mut self, objects: &mut Pack) -> Result<ObjectId, SampleError> {
        if let Some(id) = self.id {
            return Ok(id);
        }
        let mut entries = Vec::with_capacity(self.files.len() + self.folders.len());
        for (name, file) in &self.files {
            entries.push(Entry {
                mode: file.kind.into(),
                filename: name.as_str().into(),
                oid: file.id,
            });
        }
        for (name, folder) in &mut self.folders {
            let oid = folder.write(objects)?;
            entries.push(Entry {
                mode: EntryKind::Tree.into(),
                filename: name.as_str().into(),
                oid,
            });
        }
        entries.sort();
        let id = put(objects, &gix::objs::Tree { entries })?;
        self.id = Some(id);
        Ok(id)
    }

    fn each(
        &self,
        prefix: &str,
        visit: &mut impl FnMut(&str, File) -> io::Result<()>,
    ) -> io::Result<()> {
        for (name, file) in &self.files {
            visit(&format!("{prefix}{name}"), *file)?;
        }
        for (name, folder) in &self.folders {
            folder.each(&format!("{prefix}{name}/"), visit)?;
        }
        Ok(())
    }
}

fn signature(commit: &Commit<'_>) -> Signature {
    Signature {
        name: commit.name.as_str().into(),
        email: commit.email.as_str().into(),
        time: gix::date::Time { seconds: commit.seconds() as i64, offset: 0 },
    }
}

fn write_commit(
    commit: &Commit<'_>,
    tree: ObjectId,
    parent: Option<ObjectId>,
    objects: &mut Pack,
) -> Result<ObjectId, SampleError> {
    let commit = gix::objs::Commit {
        tree,
        parents: parent.into_iter().collect(),
        author: signature(commit),
        committer: signature(commit),
        encoding: None,
        message: commit.message.as_str().into(),
        extra_headers: Vec::new(),
    };
    put(objects, &commit)
}

/// Versions are annotated tags, deploys light ones. Returns what the reference points at.
fn write_tag(
    tag: &str,
    commit: &Commit<'_>,
    target: ObjectId,
    objects: &mut Pack,
) -> Result<ObjectId, SampleError> {
    if !tag.starts_with('v') {
        return Ok(target);
    }
    let tag = gix::objs::Tag {
        target,
        target_kind: Kind::Commit,
        name: tag.into(),
        tagger: Some(signature(commit)),
        message: format!("release {tag}\n").into(),
        signature: None,
    };
    put(objects, &tag)
}

/// The index describes the files as they lie on disk, so that `git status` need not read them.
fn write_index(place: &Path, root: &Path, top: &Folder) -> Result<(), SampleError> {
    let mut state = gix::index::State::new(HASH);
    top.each("", &mut |path, file| {
        let found = gix::index::fs::Metadata::from_path_no_follow(&root.join(path))?;
        let stat = Stat::from_fs(&found).map_err(io::Error::other)?;
        let mode = match file.kind {
            EntryKind::BlobExecutable => Mode::FILE_EXECUTABLE,
            _ => Mode::FILE,
        };
        state.dangerously_push_entry(stat, file.id, Flags::empty(), mode, path.into());
        Ok(())
    })
    .map_err(|source| cannot_write(root, source))?;
    state.sort_entries();
    let index = gix::index::File::from_state(state, place);
    let file = create(place)?;
    let mut out = BufWriter::new(file);
    index.write_to(&mut out, gix::index::write::Options::default()).map_err(failed)?;
    out.flush().map_err(|source| cannot_write(place, source))
}

fn write_file(place: &Path, content: impl AsRef<[u8]>) -> Result<(), SampleError> {
    create(place)?.write_all(content.as_ref()).map_err(|source| cannot_write(place, source))
}

/// Two tags of the same name must not silently become one, so nothing is overwritten.
fn create(place: &Path) -> Result<fs::File, SampleError> {
    fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(place)
        .map_err(|source| cannot_write(place, source))
}

pub(super) fn failed(error: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> SampleError {
    SampleError::Git(error.into())
}
