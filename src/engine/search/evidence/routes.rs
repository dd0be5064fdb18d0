//! From a request to what handles it.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Finder, Place, Snapshot};
use crate::engine::files::{FileId, FileSet};
use crate::engine::routes::{self, Route};
use crate::engine::search::Tier;
use crate::engine::standing::Standing;
use crate::engine::symptom::Request;

/// Roles whose files declare routes.
const ROLES: &[&str] = &["route", "entry-point", "websocket", "auth", "health"];
/// Most files with such a role that are read.
const MOST_BY_ROLE: usize = 4000;
/// Most files that are read because they hold a part of the path.
const MOST_BY_TEXT: usize = 200;
/// Largest file that is read, in bytes.
const LARGEST: u64 = 512 << 10;
/// Handlers that are told.
const MOST_PLACES: usize = 6;

impl Finder {
    /// What handles a request, the likeliest first.
    pub(super) fn handlers(
        &self,
        snapshot: &Snapshot,
        request: &Request,
        cancelled: &(dyn Fn() -> bool + Sync),
    ) -> Vec<Place> {
        let files = &snapshot.files;
        let candidates = self.declaring(snapshot, request);
        let next = AtomicUsize::new(0);
        let found: Mutex<Vec<(f32, FileId, Route)>> = Mutex::new(Vec::new());
        (self.crew)(self.threads, &|_| {
            let mut mine = Vec::new();
            while let Some(&file) = candidates.get(next.fetch_add(1, Ordering::Relaxed)) {
                if cancelled() {
                    break;
                }
                let Some(text) = self.read(files, file) else { continue };
                let path = files.repo_path(file);
                let standing = match files.facts(file).standing {
                    Standing::Source | Standing::Data => 1.0,
                    Standing::Migration | Standing::Docs | Standing::Generated => 0.5,
                    Standing::Test | Standing::Example | Standing::Vendored => 0.4,
                };
                for route in routes::routes_of(&path.to_text(), &text) {
                    if let Some(fit) = routes::fit_in(&path.to_text(), &route, request) {
                        mine.push((fit * standing, file, route));
                    }
                }
            }
            if let Ok(mut found) = found.lock() {
                found.append(&mut mine);
            }
        });
        let mut found = found.into_inner().unwrap_or_default();
        found.sort_by(|one, other| {
            other
                .0
                .total_cmp(&one.0)
                .then_with(|| files.path(one.1).cmp(files.path(other.1)))
                .then(one.2.line.cmp(&other.2.line))
        });
        let best = found.first().map_or(0.0, |it| it.0);
        let mut places: Vec<Place> = Vec::new();
        let mut declared: Vec<Place> = Vec::new();
        for (fit, file, route) in found {
            // What fits much worse is another route.
            if fit < best - 1.0 || places.len() + declared.len() >= MOST_PLACES {
                break;
            }
            let score = fit / best.max(1.0);
            let mut elsewhere = false;
            if let Some(handler) = &route.handler
                && let Some(it) = self.handler_at(snapshot, file, handler)
            {
                elsewhere = true;
                let named = handler.name.as_ref().map_or(String::new(), |it| format!(" in {it}"));
                let why = format!("handles {}{named}", request.shown());
                places.push(Place { file: it.0, line: it.1, tier: Tier::Route, score, why });
            }
            let verb = if elsewhere { "routes" } else { "handles" };
            let why = format!("{verb} {}", request.shown());
            let place = Place {
                file,
                line: Some(route.line),
                tier: Tier::Route,
                score: if elsewhere { score * 0.5 } else { score },
                why,
            };
            if elsewhere { declared.push(place) } else { places.push(place) }
        }
        places.append(&mut declared);
        places
    }

    /// The definition of a handler that is named in `file`: there, or elsewhere by its names.
    fn handler_at(
        &self,
        snapshot: &Snapshot,
        file: FileId,
        handler: &routes::Handler,
    ) -> Option<(FileId, Option<u64>)> {
        let files = &snapshot.files;
        let name = handler.name.as_deref()?;
        let holder = handler.scope.last().map(String::as_str);
        let defined = |it: FileId| {
            let text = self.read(files, it)?;
            super::anchor::Lines::of(files.path(it), &text)
                .defining(name)
                .first()
                .map(|it| it.first)
        };
        // A class has its methods, or those of a class that it extends: its own file is meant.
        if let Some(class) = holder.filter(|it| it.starts_with(|it: char| it.is_uppercase())) {
            let named = self.by_name(snapshot, &handler.scope, Some(name), None);
            let holders = self.defining(snapshot, class);
            let mut own =
                named.iter().filter(|it| holders.is_empty() || holders.contains(&it.file));
            return own.next().filter(|it| it.confidence > 0.2).map(|it| (it.file, it.line));
        }
        // A function, or the method of what a variable holds: here, in the package that is named,
        // in this folder, or wherever it is.
        if handler.scope.len() <= 1
            && let Some(line) = defined(file)
        {
            return Some((file, Some(line)));
        }
        let folder = |it: FileId| {
            let lower = files.lower(it);
            lower[..memchr::memrchr(b'/', lower).unwrap_or(0)].to_vec()
        };
        let here = folder(file);
        let all = self.defining(snapshot, name);
        let own: Vec<FileId> =
            all.into_iter().filter(|it| files.facts(*it).standing == Standing::Source).collect();
        let package = holder.map(|it| format!("/{}", it.to_lowercase()).into_bytes());
        let in_package = |it: &FileId| {
            let folder = [b"/".as_slice(), &folder(*it)].concat();
            package.as_ref().is_some_and(|it| folder.ends_with(it))
        };
        let imported = holder.and_then(|it| self.imported(files, file, it));
        let is_imported = |it: &FileId| {
            let name = crate::base::path::name_of(files.lower(*it));
            imported.as_ref().is_some_and(|stem| {
                name.strip_prefix(stem.as_bytes())
                    .is_some_and(|it| it.is_empty() || it.starts_with(b"."))
            })
        };
        let near = own
            .iter()
            .find(|it| is_imported(it))
            .or_else(|| own.iter().find(|it| in_package(it)))
            .or_else(|| own.iter().find(|it| folder(**it) == here));
        if let Some(&near) = near
            && let Some(line) = defined(near)
        {
            return Some((near, Some(line)));
        }
        let named = self.by_name(snapshot, &handler.scope, Some(name), None);
        if let Some(it) = named.into_iter().find(|it| it.line.is_some() && it.confidence > 0.2) {
            return Some((it.file, it.line));
        }
        let only = own.first().copied().filter(|_| own.len() == 1)?;
        Some((only, defined(only)))
    }

    /// The last part of the path that a script imports this name from, in lower case.
    fn imported(
        &self,
        files: &crate::engine::files::FileList,
        file: FileId,
        name: &str,
    ) -> Option<String> {
        let text = self.read(files, file)?;
        let text = String::from_utf8_lossy(&text);
        let word = |line: &str| {
            line.split(|it: char| !(it.is_alphanumeric() || it == '_' || it == '$'))
                .any(|it| it == name)
        };
        let line = text.lines().take(400).find(|it| {
            it.len() < 500 && (it.contains("require(") || it.contains(" from ")) && word(it)
        })?;
        let path = line.rsplit(['"', '\'', '`']).nth(1)?;
        let last = path.rsplit('/').next().unwrap_or(path).to_lowercase();
        let stem = [".js", ".ts", ".mjs", ".cjs"]
            .iter()
            .find_map(|it| last.strip_suffix(it))
            .unwrap_or(&last);
        Some(stem.to_owned()).filter(|it| !it.is_empty() && it != ".")
    }

    /// The files that may declare the route of a request.
    fn declaring(&self, snapshot: &Snapshot, request: &Request) -> Vec<FileId> {
        let files = &snapshot.files;
        let mut roles = crate::engine::roles::RoleBits(0);
        for place in ROLES.iter().filter_map(|it| self.roles.place(it)) {
            roles.0 |= 1 << place;
        }
        let mut seen = FileSet::of(files);
        let mut found: Vec<FileId> = Vec::new();
        let small =
            |file: FileId| files.facts(file).stamp.size <= LARGEST && !files.facts(file).link;
        for file in files.living().filter(|&it| small(it)) {
            let tagged = files.facts(file).roles.0 & roles.0 != 0;
            let name = crate::base::path::name_of(files.lower(file));
            let named = [b"urls".as_slice(), b"routes", b"router", b"route.", b"page.", b"+server"]
                .iter()
                .any(|it| name.starts_with(it));
            if (tagged || named) && found.len() < MOST_BY_ROLE && seen.insert(file) {
                found.push(file);
            }
        }
        let mut texts: Vec<&str> = request
            .segments
            .iter()
            .map(String::as_str)
            .filter(|it| {
                it.len() > 3
                    && it.chars().any(char::is_alphabetic)
                    && !it.chars().any(|it| it.is_ascii_digit())
            })
            .collect();
        texts.reverse();
        for text in texts.into_iter().take(3) {
            let held = snapshot.may_hold(text).unwrap_or_default();
            if held.len() > 5000 {
                continue;
            }
            let mut more: Vec<FileId> = held
                .into_iter()
                .filter(|&it| small(it) && files.facts(it).standing == Standing::Source)
                .collect();
            more.sort_by_key(|it| files.facts(*it).depth);
            for file in more.into_iter().take(MOST_BY_TEXT) {
                if seen.insert(file) {
                    found.push(file);
                }
            }
        }
        found
    }
}
