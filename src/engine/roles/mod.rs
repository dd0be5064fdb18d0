//! Roles: what a file is for in an emergency (entry point, authentication, migration, …).
//!
//! A role is data: one TOML file in `builtin/` with lists of names, name parts, folders and
//! extensions. To add one, write the file and name it in [`BUILTIN`]. Tagging here goes by path
//! alone.

use std::collections::HashMap;

use crate::base::path::{extension_of, name_of};
use crate::base::{Checked, Diagnostic, Origin};

/// The embedded roles, in the order in which they are shown.
pub const BUILTIN: &[(&str, &str)] = &[
    ("entry-point", include_str!("builtin/entry-point.toml")),
    ("config", include_str!("builtin/config.toml")),
    ("auth", include_str!("builtin/auth.toml")),
    ("websocket", include_str!("builtin/websocket.toml")),
    ("migration", include_str!("builtin/migration.toml")),
    ("model", include_str!("builtin/model.toml")),
    ("route", include_str!("builtin/route.toml")),
    ("service", include_str!("builtin/service.toml")),
    ("error-handling", include_str!("builtin/error-handling.toml")),
    ("middleware", include_str!("builtin/middleware.toml")),
    ("cache", include_str!("builtin/cache.toml")),
    ("database", include_str!("builtin/database.toml")),
    ("logging", include_str!("builtin/logging.toml")),
    ("health", include_str!("builtin/health.toml")),
    ("infra", include_str!("builtin/infra.toml")),
    ("runbook", include_str!("builtin/runbook.toml")),
    ("test", include_str!("builtin/test.toml")),
    ("script", include_str!("builtin/script.toml")),
    ("manifest", include_str!("builtin/manifest.toml")),
];

/// A set of roles, one bit each, by place in the [`RoleSet`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct RoleBits(pub u64);

impl RoleBits {
    /// Whether the role at `place` is in the set.
    pub fn has(self, place: usize) -> bool {
        self.0 & (1 << place) != 0
    }

    /// Whether the sets share a role.
    pub fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

/// One role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Role {
    /// The name used in queries and JSON.
    pub id: String,
    /// The name on screen.
    pub title: String,
    /// One character that stands for it.
    pub glyph: String,
    /// What a file of this role does, as a short phrase.
    pub why: String,
}

/// All known roles with their rules, ready to tag paths.
#[derive(Debug, Clone, Default)]
pub struct RoleSet {
    roles: Vec<Role>,
    names: HashMap<Vec<u8>, u64>,
    parts: HashMap<Vec<u8>, u64>,
    folders: HashMap<Vec<u8>, u64>,
    extensions: HashMap<Vec<u8>, u64>,
    starts: Vec<(Vec<u8>, u64)>,
    ends: Vec<(Vec<u8>, u64)>,
}

impl RoleSet {
    /// The embedded roles.
    pub fn builtin() -> Checked<Self> {
        let mut set = Self::default();
        let mut diagnostics = Vec::new();
        for (id, text) in BUILTIN {
            set.add(&format!("built-in role {id}"), text, &mut diagnostics);
        }
        (set, diagnostics)
    }

    /// Adds the role that `text` describes; what is wrong in it is left out and reported.
    pub fn add(&mut self, source: &str, text: &str, diagnostics: &mut Vec<Diagnostic>) {
        let table: toml::Table = match text.parse() {
            Ok(table) => table,
            Err(error) => {
                let place = error.span().map_or_else(
                    || Origin::whole(source),
                    |span| Origin::at(source, text, span.start),
                );
                diagnostics.push(Diagnostic::warning(error.message()).at(place));
                return;
            }
        };
        let word = |key: &str| table.get(key).and_then(toml::Value::as_str).map(str::to_owned);
        let Some(id) = word("id") else {
            let fault = Diagnostic::warning("a role needs an `id`").at(Origin::whole(source));
            diagnostics.push(fault);
            return;
        };
        let place = match self.roles.iter().position(|role| role.id == id) {
            Some(place) => place,
            None if self.roles.len() < 64 => self.roles.len(),
            None => {
                let fault = Diagnostic::warning(format!("role `{id}` is one more than 64"));
                diagnostics.push(fault.at(Origin::whole(source)));
                return;
            }
        };
        let role = Role {
            title: word("title").unwrap_or_else(|| id.clone()),
            glyph: word("glyph").unwrap_or_else(|| "•".to_owned()),
            why: word("why").unwrap_or_default(),
            id,
        };
        if place == self.roles.len() {
            self.roles.push(role);
        } else {
            self.roles[place] = role;
        }
        let bit = 1u64 << place;
        for (key, value) in &table {
            let words: Vec<Vec<u8>> = match value.as_array() {
                Some(list) => list
                    .iter()
                    .filter_map(toml::Value::as_str)
                    .map(|word| word.to_lowercase().into_bytes())
                    .collect(),
                None => Vec::new(),
            };
            match key.as_str() {
                "names" => put_all(&mut self.names, words, bit),
                "parts" => put_all(&mut self.parts, words, bit),
                "folders" => put_all(&mut self.folders, words, bit),
                "extensions" => put_all(&mut self.extensions, words, bit),
                "starts" => self.starts.extend(words.into_iter().map(|word| (word, bit))),
                "ends" => self.ends.extend(words.into_iter().map(|word| (word, bit))),
                "id" | "title" | "glyph" | "why" => {}
                other => {
                    let known = ["names", "parts", "folders", "extensions", "starts", "ends"];
                    let near = crate::base::suggest::did_you_mean(other, known);
                    diagnostics.push(
                        Diagnostic::warning(format!("unknown key `{other}` in a role"))
                            .at(Origin::whole(source))
                            .maybe_meant(near),
                    );
                }
            }
        }
    }

    /// All roles, in order.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// The place of the role with this id.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.roles.iter().position(|role| role.id == id)
    }

    /// The ids of the roles in `bits`, in order.
    pub fn ids(&self, bits: RoleBits) -> Vec<&str> {
        let all = self.roles.iter().enumerate();
        all.filter(|(place, _)| bits.has(*place)).map(|(_, role)| role.id.as_str()).collect()
    }

    /// The roles that a lower-case path tells.
    pub fn of_path(&self, lower: &[u8]) -> RoleBits {
        let name = name_of(lower);
        let mut bits = get(&self.names, name) | get(&self.extensions, extension_of(name));
        for part in name.split(|byte| !byte.is_ascii_alphanumeric() && byte.is_ascii()) {
            bits |= get(&self.parts, part);
        }
        for folder in lower[..lower.len() - name.len()].split(|&byte| byte == b'/') {
            bits |= get(&self.folders, folder);
        }
        for (start, bit) in &self.starts {
            if name.starts_with(start) {
                bits |= bit;
            }
        }
        for (end, bit) in &self.ends {
            if name.ends_with(end) {
                bits |= bit;
            }
        }
        RoleBits(bits)
    }
}

fn put_all(map: &mut HashMap<Vec<u8>, u64>, words: Vec<Vec<u8>>, bit: u64) {
    for word in words {
        *map.entry(word).or_default() |= bit;
    }
}

fn get(map: &HashMap<Vec<u8>, u64>, word: &[u8]) -> u64 {
    if word.is_empty() { 0 } else { map.get(word).copied().unwrap_or_default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn builtin_roles_load_without_a_word() {
        let (set, diagnostics) = RoleSet::builtin();
        assert_eq!(diagnostics, []);
        assert_eq!(set.roles().len(), BUILTIN.len());
        for ((id, _), role) in BUILTIN.iter().zip(set.roles()) {
            assert_eq!(*id, role.id);
            assert!(!role.why.is_empty() && !role.title.is_empty());
        }
    }

    #[test]
    fn folder_and_list_agree() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/engine/roles/builtin");
        assert_eq!(std::fs::read_dir(folder).unwrap().count(), BUILTIN.len());
    }

    #[test]
    fn paths_of_the_guide_get_their_roles() {
        let (set, _) = RoleSet::builtin();
        for (path, role) in [
            ("apps/api/main.py", "entry-point"),
            ("apps/api/app/core/config.py", "config"),
            ("apps/api/app/api/v1/auth.py", "auth"),
            ("apps/web/src/app/core/guards/role.guard.ts", "auth"),
            ("apps/api/app/api/v1/websockets.py", "websocket"),
            ("apps/api/app/db/migrations/0001_users.py", "migration"),
            ("apps/api/app/core/exceptions.py", "error-handling"),
            ("tools/docker/docker-compose.yml", "infra"),
            ("docs/runbooks/monitoring.md", "runbook"),
            ("makefile", "script"),
        ] {
            assert!(set.ids(set.of_path(path.as_bytes())).contains(&role), "{path}: {role}");
        }
    }

    #[test]
    fn an_unknown_key_is_reported_and_the_rest_counts() {
        let mut set = RoleSet::default();
        let mut diagnostics = Vec::new();
        set.add(
            "x.toml",
            "id = \"queue\"\nfolder = [\"q\"]\nparts = [\"queue\"]",
            &mut diagnostics,
        );
        assert_eq!(diagnostics.len(), 1);
        assert_eq!(diagnostics[0].hint.as_deref(), Some("did you mean `folders`?"));
        assert!(set.of_path(b"a/job-queue.rb").has(0));
    }
}
