//! Roles: what a file is for in an emergency (entry point, authentication, migration, …).
//!
//! A role is data: one TOML file in `builtin/` with rules on the path and on what the file says,
//! each with a weight and the reason that is shown, and with examples that are its tests. To add
//! one, write the file and name it in [`BUILTIN`]; `docs/extending.md` explains the format.

mod content;
mod language;
mod read;
mod rule;
mod words;

use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::OnceLock;

use crate::base::path::name_of;
use crate::base::toml::{Kind, Table};
use crate::base::{Checked, Diagnostic, Origin};
use crate::engine::standing::Standing;
use content::Automaton;
use rule::{Rule, Triggers};
use words::Pieces;

pub use content::LOOKED_AT;
pub use language::{LANGUAGES, Language};
pub use read::{Example, text};
pub use words::{singular, words_of};

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

    /// The same roles in another set, in which the role at each place here has the place in `to`.
    #[must_use]
    pub fn moved(self, to: &[Option<usize>]) -> Self {
        let (mut left, mut moved) = (self.0, 0);
        while left != 0 {
            let place = left.trailing_zeros() as usize;
            left &= left - 1;
            moved |= to.get(place).copied().flatten().map_or(0, |it| 1 << it);
        }
        Self(moved)
    }
}

/// One role.
#[derive(Debug, Clone, PartialEq)]
pub struct Role {
    /// The name used in queries and JSON.
    pub id: String,
    /// The name on screen.
    pub title: String,
    /// One character that stands for it.
    pub glyph: String,
    /// What a file of this role does, as a short phrase.
    pub why: String,
    /// Kinds of files that count in full besides hand-written source.
    pub accepts: Vec<Standing>,
    /// Points below which a file is not canonical.
    pub least: f32,
    /// What each further file of one folder is multiplied by in the catalogue.
    pub spread: f32,
    /// How much it counts that a file is about what the repository is about.
    pub domain: f32,
    /// How much it counts that other files refer to it.
    pub central: f32,
    /// Whether the newest of files with numbered names stands for them.
    pub newest: bool,
    /// Files that have the role or have not; checked by a test.
    pub examples: Vec<Example>,
}

/// Points from which a file carries a role in searches and filters.
const TAGGED: f32 = 0.5;

/// Weight from which a word of a rule names the role itself.
const NAMES_A_ROLE: f32 = 0.6;

/// Each doubling of the occurrences of a rule's words adds this share of its weight.
const REPEATED: f32 = 0.12;
/// Occurrences beyond which more say nothing new, as a power of two.
const ENOUGH: f32 = 5.0;

/// One rule that holds for a file.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Match {
    /// The rule's place in the set.
    rule: u16,
    /// The place of its role.
    pub role: u8,
    /// What it adds or takes away.
    pub points: f32,
    /// Which of the rule's words was found first in the text, and where.
    found: Option<(u16, u32)>,
}

/// What speaks for a file having roles, and against.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Evidence {
    matches: Vec<Match>,
}

impl Evidence {
    /// The points of the role at `place`.
    pub fn points(&self, place: usize) -> f32 {
        self.matches.iter().filter(|it| usize::from(it.role) == place).map(|it| it.points).sum()
    }

    /// The roles that it speaks for at all.
    pub fn roles(&self) -> impl Iterator<Item = usize> + '_ {
        let mut seen = 0u64;
        self.matches.iter().filter_map(move |it| {
            let bit = 1u64 << it.role;
            let new = seen & bit == 0 && it.points > 0.0;
            seen |= if new { bit } else { 0 };
            new.then_some(usize::from(it.role))
        })
    }

    /// The roles that a file with this evidence carries.
    pub fn bits(&self) -> RoleBits {
        RoleBits(
            self.roles()
                .filter(|&place| self.points(place) >= TAGGED)
                .fold(0, |bits, place| bits | 1 << place),
        )
    }

    /// Byte offset of what in the text speaks most for the role at `place`.
    pub fn offset(&self, place: usize) -> Option<u32> {
        self.of(place).iter().find_map(|it| it.found).map(|it| it.1)
    }

    /// What speaks for the role at `place`, most first.
    fn of(&self, place: usize) -> Vec<&Match> {
        let mut matches: Vec<&Match> = self
            .matches
            .iter()
            .filter(|it| usize::from(it.role) == place && it.points > 0.0)
            .collect();
        matches.sort_by(|one, other| other.points.total_cmp(&one.points));
        matches
    }
}

/// All known roles with their rules, ready to tag files.
#[derive(Debug, Clone, Default)]
pub struct RoleSet {
    roles: Vec<Role>,
    rules: Vec<Rule>,
    triggers: Triggers,
    automata: OnceLock<Vec<Option<Automaton>>>,
    fingerprint: u64,
}

impl RoleSet {
    /// The embedded roles.
    pub fn builtin() -> Checked<Self> {
        static READ: OnceLock<Checked<RoleSet>> = OnceLock::new();
        let read = READ.get_or_init(|| {
            let mut set = Self::default();
            let mut diagnostics = Vec::new();
            for (id, text) in BUILTIN {
                set.add(&format!("built-in role {id}"), text, &mut diagnostics);
            }
            (set, diagnostics)
        });
        read.clone()
    }

    /// Adds the role that `text` describes; what is wrong in it is left out and reported. A role
    /// that is known already gets the rules in addition, and the title and the like in place of
    /// its own.
    pub fn add(&mut self, source: &str, text: &str, diagnostics: &mut Vec<Diagnostic>) {
        let Some(file) = read::role_file(source, text, diagnostics) else { return };
        self.put(source, file, diagnostics);
    }

    /// Adds the `[[role]]` entries of a repository's table.
    pub fn add_entries(&mut self, table: &Table, diagnostics: &mut Vec<Diagnostic>) {
        let Some(entry) = table.get("role") else { return };
        let items = match &entry.value.kind {
            Kind::List(items) => items.as_slice(),
            _ => std::slice::from_ref(&entry.value),
        };
        for item in items {
            let Kind::Table(role) = &item.kind else {
                let fault = Diagnostic::warning("`role` is a list of tables");
                diagnostics.push(fault.at(item.origin.clone()));
                continue;
            };
            if let Some(file) = read::role(role, diagnostics) {
                self.put(&item.origin.source, file, diagnostics);
            }
        }
    }

    fn put(&mut self, source: &str, file: read::RoleFile, diagnostics: &mut Vec<Diagnostic>) {
        let place = match self.place(&file.id) {
            Some(place) => place,
            None if self.roles.len() < 64 => {
                self.roles.push(Role {
                    id: file.id.clone(),
                    title: file.id.clone(),
                    glyph: "•".to_owned(),
                    why: String::new(),
                    accepts: Vec::new(),
                    least: 1.0,
                    spread: 0.9,
                    domain: 0.0,
                    central: 0.4,
                    newest: false,
                    examples: Vec::new(),
                });
                self.roles.len() - 1
            }
            None => {
                let fault = Diagnostic::warning(format!("role `{}` is one more than 64", file.id));
                diagnostics.push(fault.at(Origin::whole(source)));
                return;
            }
        };
        let role = &mut self.roles[place];
        role.title = file.title.unwrap_or_else(|| role.title.clone());
        role.glyph = file.glyph.unwrap_or_else(|| role.glyph.clone());
        role.why = file.why.unwrap_or_else(|| role.why.clone());
        role.accepts.extend(file.accepts);
        role.least = file.least.unwrap_or(role.least);
        role.spread = file.spread.unwrap_or(role.spread);
        role.domain = file.domain.unwrap_or(role.domain);
        role.central = file.central.unwrap_or(role.central);
        role.newest |= file.newest;
        role.examples.extend(file.examples);
        for mut rule in file.rules {
            rule.role = place as u8;
            let mut hasher = DefaultHasher::new();
            self.fingerprint.hash(&mut hasher);
            rule.digest(&mut hasher);
            self.fingerprint = hasher.finish();
            self.triggers.add(&rule, self.rules.len() as u16);
            self.rules.push(rule);
        }
        self.automata = OnceLock::new();
    }

    /// The rules of the role at `place` as rows: weight, conditions, reason.
    pub fn rules_of(&self, place: usize) -> Vec<(f32, String, String)> {
        let own = self.rules.iter().filter(|it| usize::from(it.role) == place);
        own.map(|it| (it.weight, it.conditions(), it.why.clone())).collect()
    }

    /// Takes in the roles of another set that are not known here, for their names: its files are
    /// tagged already, so its rules stay behind. Tells for each of its roles its place here; there
    /// is none for what comes after 64.
    pub fn take_in(&mut self, other: &Self) -> Vec<Option<usize>> {
        let place = |role: &Role| {
            let known = self.place(&role.id);
            if known.is_none() && self.roles.len() < 64 {
                self.roles.push(role.clone());
                return Some(self.roles.len() - 1);
            }
            known
        };
        other.roles.iter().map(place).collect()
    }

    /// All roles, in order.
    pub fn roles(&self) -> &[Role] {
        &self.roles
    }

    /// The place of the role with this id.
    pub fn place(&self, id: &str) -> Option<usize> {
        self.roles.iter().position(|role| role.id == id)
    }

    /// A number that changes with the rules, by which stored tags are known to be old.
    pub fn fingerprint(&self) -> u64 {
        self.fingerprint
    }

    /// The ids of the roles in `bits`, in order.
    pub fn ids(&self, bits: RoleBits) -> Vec<&str> {
        let all = self.roles.iter().enumerate();
        all.filter(|(place, _)| bits.has(*place)).map(|(_, role)| role.id.as_str()).collect()
    }

    /// The roles that a path tells.
    pub fn of_path(&self, path: &[u8]) -> RoleBits {
        self.judge(path, None).bits()
    }

    /// The roles of a file that is being read, by path and text. Where nobody wrote by hand, the
    /// path is enough.
    pub fn tag(&self, path: &[u8], standing: Standing, text: &[u8]) -> RoleBits {
        let read = !matches!(standing, Standing::Generated | Standing::Vendored);
        self.judge(path, Some(text).filter(|it| read && !it.is_empty())).bits()
    }

    /// What a file's path says and, where it is given, its text.
    pub fn judge(&self, path: &[u8], text: Option<&[u8]>) -> Evidence {
        let pieces = Pieces::of(path);
        let mut matches = Vec::new();
        for place in self.triggers.of(&pieces) {
            let rule = &self.rules[usize::from(place)];
            let share = rule.on_path(&pieces);
            if share > 0.0 {
                let points = rule.weight * share;
                matches.push(Match { rule: place, role: rule.role, points, found: None });
            }
        }
        let automaton = text.and_then(|_| self.automaton(name_of(&pieces.path)));
        if let (Some(text), Some(automaton)) = (text, automaton) {
            for hit in automaton.hits(text) {
                let rule = &self.rules[usize::from(hit.rule)];
                let share = rule.on_path(&pieces);
                if share > 0.0 {
                    let more = REPEATED * (hit.count as f32).log2().min(ENOUGH);
                    matches.push(Match {
                        rule: hit.rule,
                        role: rule.role,
                        points: rule.weight * share * (1.0 + more),
                        found: Some((hit.needle, hit.at)),
                    });
                }
            }
        }
        Evidence { matches }
    }

    fn automaton(&self, name: &[u8]) -> Option<&Automaton> {
        let language = Language::of(name)?;
        let automata = self.automata.get_or_init(|| {
            LANGUAGES.iter().map(|(_, it)| Automaton::build(&self.rules, *it)).collect()
        });
        automata.get(language as usize)?.as_ref()
    }

    /// Why a file with this evidence has the role at `place`, most telling first.
    pub fn reasons(&self, evidence: &Evidence, place: usize) -> Vec<String> {
        let mut out: Vec<String> = Vec::new();
        for it in evidence.of(place) {
            let rule = &self.rules[usize::from(it.rule)];
            let word = it.found.and_then(|(needle, _)| rule.content.get(usize::from(needle)));
            let reason = match word {
                Some(word) => rule.why.replace("{}", String::from_utf8_lossy(word).trim()),
                None => rule.why.clone(),
            };
            if !out.contains(&reason) {
                out.push(reason);
            }
        }
        out
    }

    /// Whether a word, in the singular, names a role other than the one at `place` and not that.
    pub fn names_other_role(&self, word: &[u8], place: usize) -> bool {
        let rules = self.triggers.of_word(word).iter().map(|&it| &self.rules[usize::from(it)]);
        let roles: Vec<usize> =
            rules.filter(|it| it.weight >= NAMES_A_ROLE).map(|it| usize::from(it.role)).collect();
        !roles.is_empty() && !roles.contains(&place)
    }

    /// Whether a word, in the singular, is one that names roles rather than what they are about.
    pub fn is_role_word(&self, word: &[u8]) -> bool {
        self.triggers
            .of_word(word)
            .iter()
            .any(|&place| self.rules[usize::from(place)].weight >= NAMES_A_ROLE)
    }
}

#[cfg(test)]
mod tests;
