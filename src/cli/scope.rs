//! Which repositories are worked on: one, or several at once, each under its label.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::args::Common;
use super::failure::{Failure, Kind};
use super::print;
use super::setup::{Setup, User};
use crate::base::suggest::did_you_mean;
use crate::base::{Diagnostic, Origin, RepoPath, text};
use crate::engine::repo::{Repo, RepoError, labels};
use crate::engine::roles::RoleSet;
use crate::workers::workspace::all_roles;
use crate::workers::{Member, Members, Turns};

/// See the module.
pub struct Scope {
    /// The repository; of several, the user's part with the folder that holds them all.
    pub base: Setup,
    /// The repositories, when there are several.
    pub members: Vec<(String, Setup)>,
    /// What they are called together.
    pub name: String,
    /// What is said of them beside the name.
    pub says: Option<String>,
}

/// The label of a path's repository, where there are `several`, and the path inside of it.
pub fn apart(several: bool, path: &RepoPath) -> (Option<String>, RepoPath) {
    if !several {
        return (None, path.clone());
    }
    let (label, inside) = path.split_first();
    (Some(String::from_utf8_lossy(label).into_owned()), inside)
}

/// A folder that was asked for.
struct Wanted {
    path: PathBuf,
    origin: Option<Origin>,
}

impl Scope {
    /// What was asked for: these folders, else `--root`, else `--workspace`, else the repository
    /// around the current folder.
    pub fn of(common: &Common, paths: &[PathBuf]) -> Result<Self, Failure> {
        let user = User::read(common)?;
        let exact = paths.is_empty() || !common.root.is_empty();
        let mut folders: Vec<&PathBuf> = common.root.iter().collect();
        folders.extend(paths.iter().filter(|_| common.root.is_empty()));
        let mut name = None;
        let wanted: Vec<Wanted> = match &common.workspace {
            Some(_) if !folders.is_empty() => {
                let message = "--workspace and folders name different repositories";
                return Err(Failure::new(Kind::Usage, message).hint("give one or the other"));
            }
            Some(workspace) => {
                name = Some(workspace.clone());
                defined(&user, workspace)?
            }
            None => folders.iter().map(|it| Wanted { path: (*it).clone(), origin: None }).collect(),
        };
        let open = |path: &Path| {
            if exact && name.is_none() { Repo::at(path) } else { Repo::discover(path) }
        };
        if wanted.len() < 2 && name.is_none() {
            let repo = match wanted.first() {
                Some(it) => open(&it.path)?,
                None => Repo::discover(Path::new("."))?,
            };
            return Ok(Self::one(common, &user, repo));
        }
        let (repos, said) = open_all(&wanted, &open)?;
        if let ([repo], None) = (&repos[..], &name)
            && wanted.len() == repos.len() + said.iter().filter(|it| it.1).count()
        {
            // All are the same repository.
            let mut scope = Self::one(common, &user, repo.clone());
            scope.base.said.extend(said.into_iter().map(|it| it.0));
            return Ok(scope);
        }
        let absent = said.iter().filter(|it| !it.1).count();
        let labels = labels(&repos);
        let root = common_folder(&repos);
        let mut base = Setup::bare(common, &user, Repo { root, git_dir: None });
        base.secrets_of = repos.iter().map(|it| it.root.clone()).collect();
        base.said.extend(said.into_iter().map(|it| it.0));
        base.said.extend(nested(&repos, &labels));
        let many = match absent {
            0 => format!("{} repositories", repos.len()),
            absent => format!("{} of {} repositories", repos.len(), repos.len() + absent),
        };
        let (name, says) = match name {
            Some(name) => (text::clean(&name).into_owned(), Some(many)),
            None => (many, None),
        };
        let members = labels.into_iter().zip(repos);
        let members = members.map(|(label, repo)| (label, Setup::of(common, &user, repo)));
        Ok(Self { base, members: members.collect(), name, says })
    }

    /// A repository that is known.
    pub fn on(common: &Common, repo: Repo) -> Result<Self, Failure> {
        Ok(Self::one(common, &User::read(common)?, repo))
    }

    fn one(common: &Common, user: &User, repo: Repo) -> Self {
        let mut base = Setup::of(common, user, repo);
        base.said.splice(0..0, user.said.iter().cloned());
        let (name, says) = (base.repo.name(), base.repo.branch());
        Self { base, members: Vec::new(), name, says }
    }

    /// Whether there are several repositories.
    pub fn is_workspace(&self) -> bool {
        !self.members.is_empty()
    }

    /// The repository, for what works on one only.
    pub fn single(self) -> Result<Setup, Failure> {
        if self.is_workspace() {
            let message = "this works on one repository at a time";
            return Err(Failure::new(Kind::Usage, message).hint("give one --root DIR"));
        }
        Ok(self.base)
    }

    /// Each repository with its label; of a single one, the label is empty.
    pub fn each(&self) -> Vec<(&str, &Setup)> {
        match &self.members[..] {
            [] => vec![("", &self.base)],
            all => all.iter().map(|(label, setup)| (label.as_str(), setup)).collect(),
        }
    }

    /// The label of a path's repository, where there are several, and the path inside of it.
    pub fn apart(&self, path: &RepoPath) -> (Option<String>, RepoPath) {
        apart(self.is_workspace(), path)
    }

    /// The roles of all.
    pub fn roles(&self) -> Arc<RoleSet> {
        all_roles(self.each().into_iter().map(|(_, setup)| &setup.roles)).0
    }

    /// Tells what was wrong, on stderr.
    pub fn warn(&self, more: &[Diagnostic]) {
        self.base.warn(&[]);
        for it in self.members.iter().flat_map(|(label, setup)| {
            setup.said.iter().map(|it| under(label, it)).collect::<Vec<_>>()
        }) {
            print::err(&text::clean(&it.to_string()));
        }
        for it in more {
            print::err(&text::clean(&it.to_string()));
        }
    }

    /// What was wrong with the settings of all, each under its label.
    pub fn said(&self) -> Vec<Diagnostic> {
        let mut all = self.base.said.clone();
        for (label, setup) in &self.members {
            all.extend(setup.said.iter().map(|it| under(label, it)));
        }
        all
    }

    /// The members for the workers; none where there is one repository.
    pub fn members(&self) -> Members {
        let cores = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
        // One is left to the screen and to searching.
        let turns = Turns::new(cores.saturating_sub(1));
        // The environment of all is one.
        let variables = self.members.first().map(|it| it.1.running().variables);
        let member = |(label, setup): &(String, Setup)| {
            let mut options = setup.options();
            options.turns = turns.clone();
            // Several are searched as one, so nobody asks about one of them.
            options.reply = None;
            if let Some(variables) = &variables {
                options.running.variables = variables.clone();
            }
            Member { label: label.clone(), options }
        };
        Members { all: self.members.iter().map(member).collect(), recording: None }
    }
}

/// A diagnostic of one repository, among those of others.
pub fn under(label: &str, said: &Diagnostic) -> Diagnostic {
    if label.is_empty() {
        return said.clone();
    }
    Diagnostic { message: format!("{label}: {}", said.message), ..said.clone() }
}

/// The folders of a workspace of the settings.
fn defined(user: &User, name: &str) -> Result<Vec<Wanted>, Failure> {
    let all = &user.settings.workspaces;
    let Some(found) = all.iter().find(|it| it.name == name) else {
        let message = format!("no workspace is called `{}`", text::clean(name));
        let failure = Failure::new(Kind::Usage, message);
        let names: Vec<&str> = all.iter().map(|it| it.name.as_str()).collect();
        return Err(match (did_you_mean(name, names.iter().copied()), names.is_empty()) {
            (Some(near), _) => failure.hint(format!("did you mean `{near}`?")),
            (None, false) => failure.hint(format!("known: {}", names.join(", "))),
            (None, true) => failure.hint(
                "define it in your settings: [workspace.NAME] with repositories = [\"…\", \"…\"]",
            ),
        });
    };
    let wanted = found
        .repositories
        .iter()
        .map(|it| Wanted { path: it.value.clone(), origin: Some(it.origin.clone()) });
    Ok(wanted.collect())
}

/// What is said about a folder, and whether it is only there twice.
type Noticed = (Diagnostic, bool);

/// Opens all that can be opened, each repository once.
fn open_all(
    wanted: &[Wanted],
    open: &dyn Fn(&Path) -> Result<Repo, RepoError>,
) -> Result<(Vec<Repo>, Vec<Noticed>), Failure> {
    let (mut repos, mut said, mut first) = (Vec::<Repo>::new(), Vec::new(), None);
    for Wanted { path, origin } in wanted {
        let at = |it: Diagnostic| match origin {
            Some(origin) => it.at(origin.clone()),
            None => it,
        };
        match open(path) {
            Ok(repo) if repos.iter().any(|it| it.root == repo.root) => {
                let text = format!("{} is in a repository that was named before", path.display());
                said.push((at(Diagnostic::note(text).hint("it is listed once")), true));
            }
            Ok(repo) => repos.push(repo),
            Err(error) => {
                let cause = std::error::Error::source(&error);
                let cause = cause.map_or_else(String::new, |it| format!(": {it}"));
                let fault = Diagnostic::warning(format!("{error}{cause}"));
                said.push((at(fault.hint("the other repositories are shown without it")), false));
                first.get_or_insert(error);
            }
        }
    }
    match (repos.is_empty(), first) {
        (true, Some(error)) => {
            let failure = Failure::from(error);
            let hint = "none of the repositories can be opened";
            Err(if wanted.len() > 1 { failure.hint(hint) } else { failure })
        }
        _ => Ok((repos, said)),
    }
}

/// Repositories that lie inside of others.
fn nested(repos: &[Repo], labels: &[String]) -> Vec<Diagnostic> {
    let mut said = Vec::new();
    for (inner, label) in repos.iter().zip(labels) {
        let outer = repos
            .iter()
            .zip(labels)
            .find(|(it, _)| it.root != inner.root && inner.root.starts_with(&it.root));
        if let Some((_, outer)) = outer {
            let text = format!("{label} lies inside of {outer}");
            said.push(Diagnostic::note(text).hint("files that both list are found twice"));
        }
    }
    said
}

/// The nearest folder that holds all of them.
fn common_folder(repos: &[Repo]) -> PathBuf {
    let Some(first) = repos.first() else { return PathBuf::new() };
    let holds = |it: &&Path| repos.iter().all(|repo| repo.root.starts_with(it) && repo.root != *it);
    let found = first.root.ancestors().find(holds);
    found.or(first.root.parent()).unwrap_or(&first.root).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn repo(root: &str) -> Repo {
        Repo { root: root.into(), git_dir: None }
    }

    #[test]
    fn the_common_folder_holds_all() {
        let of =
            |roots: &[&str]| common_folder(&roots.iter().map(|it| repo(it)).collect::<Vec<_>>());
        assert_eq!(of(&["/src/api", "/src/web"]), Path::new("/src"));
        assert_eq!(of(&["/src/api", "/src/web/app"]), Path::new("/src"));
        assert_eq!(of(&["/src/api", "/src/api/lib"]), Path::new("/src"));
        assert_eq!(of(&["/src/api", "/other"]), Path::new("/"));
        assert_eq!(of(&["/src/api"]), Path::new("/src"));
    }

    #[test]
    fn what_lies_inside_of_another_is_said() {
        let repos = [repo("/src/api"), repo("/src/api/lib"), repo("/src/api-2")];
        let labels = ["api", "lib", "api-2"].map(str::to_owned);
        let said = nested(&repos, &labels);
        assert_eq!(said.len(), 1);
        assert_eq!(said[0].message, "lib lies inside of api");
    }

    #[test]
    fn one_that_cannot_be_opened_costs_itself_alone() {
        let home = tempfile::tempdir().unwrap();
        for name in ["api/.git", "web/.git", "api/src"] {
            std::fs::create_dir_all(home.path().join(name)).unwrap();
        }
        for name in ["api", "web"] {
            std::fs::write(home.path().join(name).join(".git/HEAD"), "ref: refs/heads/main\n")
                .unwrap();
        }
        let wanted = |names: &[&str]| -> Vec<Wanted> {
            names.iter().map(|it| Wanted { path: home.path().join(it), origin: None }).collect()
        };
        let open = |path: &Path| Repo::discover(path);
        let (repos, said) = open_all(&wanted(&["api", "gone", "api/src", "web"]), &open).unwrap();
        assert_eq!(labels(&repos), ["api", "web"]);
        let twice: Vec<bool> = said.iter().map(|it| it.1).collect();
        assert_eq!(twice, [false, true]);
        assert!(said[0].0.message.contains("gone"));
        assert!(open_all(&wanted(&["gone", "lost"]), &open).is_err());
    }
}
