//! What most commands need: the repository, the settings, the places, and what was wrong with them.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::{Common, When};
use super::commands::Question;
use super::failure::{Failure, Kind};
use super::print;
use crate::app::keymap::{self, Keymap};
use crate::base::toml::{Table, Text};
use crate::base::{Diagnostic, text};
use crate::config::drills::DrillLog;
use crate::config::incident::IncidentStore;
use crate::config::{
    self, Assets, Environment, Flag, Goods, Inputs, Locations, Settings, TrustStore, user_file,
};
use crate::engine::catalogue::Overrides;
use crate::engine::commands::{Ask, discover};
use crate::engine::index;
use crate::engine::owners::Owners;
use crate::engine::redact::{Redactor, values_of_all};
use crate::engine::regular;
use crate::engine::repo::Repo;
use crate::engine::roles::RoleSet;
use crate::engine::search::Finder;
use crate::tui::theme::{self, Depth, Theme};
use crate::workers::answerer::Reply;
use crate::workers::{Discover, Options, Rules, Running, Turns, crew};

/// See the module.
pub struct Setup {
    /// The repository.
    pub repo: Repo,
    /// The environment.
    pub environment: Environment,
    /// Where files live.
    pub locations: Locations,
    /// The settings.
    pub settings: Settings,
    /// Keymaps and themes.
    pub assets: Assets,
    /// The roles.
    pub roles: Arc<RoleSet>,
    /// What `.navi.toml` says about the catalogue.
    pub critical: Overrides,
    /// What was wrong so far.
    pub said: Vec<Diagnostic>,
    /// Whether nothing may be written.
    pub no_state: bool,
    /// Whether more is told.
    pub verbose: bool,
    /// Roots whose `.env` files hold values that are never recorded.
    pub secrets_of: Vec<PathBuf>,
    color: When,
}

/// What the user has set, whatever the repository.
pub struct User {
    environment: Environment,
    locations: Locations,
    file: Option<Text>,
    flags: Vec<Flag>,
    /// The settings without those of any repository.
    pub settings: Settings,
    /// The built-in roles and the user's.
    roles: Arc<RoleSet>,
    /// What was wrong with it.
    pub said: Vec<Diagnostic>,
}

impl User {
    /// Reads it.
    pub fn read(common: &Common) -> Result<Self, Failure> {
        let environment = Environment::read();
        let (locations, mut said) = Locations::of(&environment);
        let file = match user_file(common.config.as_deref(), &environment, &locations) {
            Ok(file) => file,
            Err(fault) if common.config.is_some() => {
                return Err(Failure::new(Kind::Usage, fault.to_string())
                    .hint("give --config a settings file that can be read"));
            }
            Err(fault) => {
                said.push(fault);
                None
            }
        };
        let flag = |key, value: &Option<String>| {
            let value = value.clone()?;
            Some(Flag { key, value, flag: format!("--{key}") })
        };
        let read_only = common.read_only.then(|| "true".to_owned());
        let read_only = read_only.map(|value| {
            let flag = "--read-only".to_owned();
            Flag { key: "run.read-only", value, flag }
        });
        let flags = [flag("theme", &common.theme), flag("keymap", &common.keymap), read_only];
        let flags: Vec<Flag> = flags.into_iter().flatten().collect();
        let (settings, faults) = config::load(&Inputs {
            user: file.clone(),
            repository: None,
            environment: environment.clone(),
            flags: flags.clone(),
        });
        said.extend(faults);
        let roles = Arc::new(user_roles(&locations, &mut said));
        Ok(Self { environment, locations, file, flags, settings, roles, said })
    }

    /// The settings where a repository brings its own, which are checked here; what was wrong with
    /// the user's was told.
    fn settings_with(&self, repository: &Table, said: &mut Vec<Diagnostic>) -> Settings {
        let (settings, faults) = config::load(&Inputs {
            user: self.file.clone(),
            repository: Some(repository),
            environment: self.environment.clone(),
            flags: self.flags.clone(),
        });
        said.extend(faults.into_iter().filter(|it| !self.said.contains(it)));
        settings
    }
}

impl Setup {
    /// Reads what a repository brings, beside the user's part; only what is wrong with its own is
    /// told.
    pub fn of(common: &Common, user: &User, repo: Repo) -> Self {
        let mut said = Vec::new();
        let table = repository_settings(&repo, &mut said);
        let own = |key| table.as_ref().filter(|it| it.get(key).is_some());
        let settings = match own("settings") {
            Some(table) => user.settings_with(table, &mut said),
            None => user.settings.clone(),
        };
        let roles = match own("role") {
            Some(table) => Arc::new(roles_with(&user.roles, table, &mut said)),
            None => Arc::clone(&user.roles),
        };
        let critical = match &table {
            Some(table) => overrides(&roles, table, &mut said),
            None => Overrides::default(),
        };
        Self { settings, roles, critical, said, ..Self::bare(common, user, repo) }
    }

    /// Of a folder of which nothing is read: the user's part alone.
    pub fn bare(common: &Common, user: &User, repo: Repo) -> Self {
        Self {
            secrets_of: vec![repo.root.clone()],
            repo,
            environment: user.environment.clone(),
            locations: user.locations.clone(),
            settings: user.settings.clone(),
            assets: Assets::new(user.locations.config.clone()),
            roles: Arc::clone(&user.roles),
            critical: Overrides::default(),
            said: user.said.clone(),
            no_state: common.no_state,
            verbose: common.verbose,
            color: common.color,
        }
    }

    /// The folder of this repository's index.
    pub fn index_folder(&self) -> Option<PathBuf> {
        let cache = self.locations.cache.as_ref().filter(|_| !self.no_state)?;
        Some(index::location(cache, &self.repo.root))
    }

    /// What this user has played.
    pub fn drill_log(&self) -> DrillLog {
        let state = self.locations.state.as_deref().filter(|_| !self.no_state);
        DrillLog::new(state, &self.repo.root)
    }

    /// What running commands needs.
    pub fn running(&self) -> Running {
        let root = self.repo.root.clone();
        let state = self.locations.state.as_deref();
        Running {
            trust: TrustStore::new(state, &root, !self.no_state),
            goods: Goods::new(state.filter(|_| !self.no_state), &index::name_of_root(&root)),
            navi: own_file(),
            variables: Environment::variables().into(),
            read_only: self.settings.run.read_only.value,
            tools: Arc::default(),
            discover: self.discover(),
            record: None,
            root,
        }
    }

    /// The records of incidents in this repository. Reads the repository's `.env` files, whose values
    /// never go into one.
    pub fn incidents(&self) -> IncidentStore {
        self.recording()()
    }

    /// Finds the commands of the repository.
    fn discover(&self) -> Discover {
        let (root, roles) = (self.repo.root.clone(), Arc::clone(&self.roles));
        Arc::new(move |files| {
            discover(&Ask { root: &root, files, roles: &roles, cancelled: &|| false })
        })
    }

    /// The same, to be made when it is needed.
    pub fn recording(&self) -> impl Fn() -> IncidentStore + Send + Sync + 'static {
        let state = self.locations.state.clone().filter(|_| !self.no_state);
        let (root, roots) = (self.repo.root.clone(), self.secrets_of.clone());
        move || {
            let roots = roots.iter().filter(|_| state.is_some());
            let values = values_of_all(roots.map(PathBuf::as_path));
            IncidentStore::new(state.as_deref(), &root, Redactor::new(&values))
        }
    }

    /// Whether no incident runs.
    pub fn is_calm(&self) -> bool {
        let state = self.locations.state.as_deref().filter(|_| !self.no_state);
        let store = IncidentStore::new(state, &self.repo.root, Redactor::default());
        store.active().is_none()
    }

    /// What searching needs.
    pub fn options(&self) -> Options {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        let (locations, repo) = (self.locations.clone(), self.repo.clone());
        let rules: Rules = Arc::new(move || {
            let mut said = Vec::new();
            let user = user_roles(&locations, &mut said);
            let Some(table) = repository_settings(&repo, &mut said) else {
                return (Arc::new(user), Overrides::default(), said);
            };
            let roles = roles_with(&user, &table, &mut said);
            let critical = overrides(&roles, &table, &mut said);
            (Arc::new(roles), critical, said)
        });
        Options {
            rules,
            repo: self.repo.clone(),
            finder: Finder {
                root: self.repo.root.clone(),
                roles: Arc::clone(&self.roles),
                owners: Arc::new(Owners::read(&self.repo.root)),
                habits: Arc::default(),
                file_limit: self.settings.index.max_file_bytes.value,
                crew,
                threads: cores,
            },
            folder: self.index_folder(),
            watch: self.settings.index.watch.value,
            cores,
            running: self.running(),
            drills: self.drill_log(),
            player: self.environment.player(&self.repo),
            recording: None,
            reply: Some(self.reply()),
            turns: Turns::new(cores),
        }
    }

    /// Which program this is: its version, and its file, which may have been built anew.
    pub fn build(&self) -> String {
        let file = std::fs::metadata(own_file())
            .map_or_else(|_| String::new(), |it| format!("{} {:?}", it.len(), it.modified().ok()));
        format!("{} {file}", env!("CARGO_PKG_VERSION"))
    }

    /// Answers other processes that search this repository.
    fn reply(&self) -> Reply {
        let navi = self.build();
        Arc::new(move |asked, finder, snapshot, cancelled| {
            Question::answer_bytes(&navi, asked, finder, snapshot, cancelled)
        })
    }

    /// The colours that can be used.
    pub fn depth(&self) -> Depth {
        match self.color {
            When::Never => Depth::None,
            When::Auto => Depth::detect(&self.environment),
            When::Always => match Depth::detect(&self.environment) {
                Depth::None => Depth::Sixteen,
                depth => depth,
            },
        }
    }

    /// The theme in use, with what is wrong with it.
    pub fn theme(&self, name: &str) -> (Theme, Vec<Diagnostic>) {
        let (theme, mut said) = theme::load(name, &|name| self.assets.theme(name), self.depth());
        said.extend(self.assets.take_faults());
        (theme, said)
    }

    /// The keymap in use, with what is wrong with it.
    pub fn keymap(&self, name: &str) -> (Keymap, Vec<Diagnostic>) {
        let (keymap, mut said) = keymap::load(name, &|name| self.assets.keymap(name));
        said.extend(self.assets.take_faults());
        (keymap, said)
    }

    /// Tells what was wrong, on stderr.
    pub fn warn(&self, more: &[Diagnostic]) {
        for it in self.said.iter().chain(more) {
            print::err(&text::clean(&it.to_string()));
        }
    }
}

/// The file of this program, to be started again.
fn own_file() -> PathBuf {
    // The link holds when the file is replaced or removed while navi runs.
    let link = Path::new("/proc/self/exe");
    if link.exists() { link.to_owned() } else { std::env::current_exe().unwrap_or_default() }
}

/// The settings that the repository itself brings; only harmless ones are taken.
fn repository_settings(repo: &Repo, said: &mut Vec<Diagnostic>) -> Option<Table> {
    let path = repo.root.join(".navi.toml");
    let text = match regular::read_below(&repo.root, &path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return None,
        Err(error) => {
            said.push(Diagnostic::warning(format!(".navi.toml cannot be read: {error}")));
            return None;
        }
    };
    let (table, faults) = crate::base::toml::parse(".navi.toml", &text);
    said.extend(faults);
    Some(table)
}

/// What a repository's `.navi.toml` may hold at its top.
const KNOWN: &[&str] = &["settings", "role", "critical", "command", "drill"];

/// The roles: built in, then the user's files by name.
fn user_roles(locations: &Locations, said: &mut Vec<Diagnostic>) -> RoleSet {
    let (mut roles, faults) = RoleSet::builtin();
    said.extend(faults);
    if let Some(folder) = locations.config.as_ref().map(|it| it.join("roles")) {
        let listed = std::fs::read_dir(&folder).into_iter().flatten().filter_map(Result::ok);
        let mut files: Vec<PathBuf> = listed
            .map(|it| it.path())
            .filter(|it| it.extension().is_some_and(|it| it == "toml"))
            .collect();
        files.sort();
        for path in files {
            match std::fs::read_to_string(&path) {
                Ok(text) => roles.add(&path.display().to_string(), &text, said),
                Err(error) => said.push(Diagnostic::warning(format!(
                    "{} cannot be read: {error}",
                    path.display()
                ))),
            }
        }
    }
    roles
}

/// The same with those of a repository.
fn roles_with(user: &RoleSet, repository: &Table, said: &mut Vec<Diagnostic>) -> RoleSet {
    let mut roles = user.clone();
    roles.add_entries(repository, said);
    roles
}

/// What the repository says about its critical paths, and what it says that nobody knows.
fn overrides(roles: &RoleSet, table: &Table, said: &mut Vec<Diagnostic>) -> Overrides {
    for entry in table.entries.iter().filter(|it| !KNOWN.contains(&it.key.as_str())) {
        if entry.key == "workspace" {
            let fault = Diagnostic::warning("a repository may not define a workspace");
            let fault = fault.at(entry.origin.clone());
            said.push(fault.hint("define it in your own settings; docs/workspaces.md"));
            continue;
        }
        let near = crate::base::suggest::did_you_mean(&entry.key, KNOWN.iter().copied());
        let name = crate::base::diag::quote(&entry.key);
        said.push(
            Diagnostic::warning(format!("unknown table {name}"))
                .at(entry.origin.clone())
                .maybe_meant(near),
        );
    }
    Overrides::read(table, roles, said)
}
