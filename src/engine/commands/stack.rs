//! A Compose stack as its files describe it.

use super::Place;
use crate::base::RepoPath;

/// The services of one or more Compose files that belong together.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stack {
    /// The files in the order in which they are laid over each other, as `-f` takes them.
    pub files: Vec<RepoPath>,
    /// The folder of the first file, which relative paths and `.env` belong to; `None` at the root.
    pub folder: Option<RepoPath>,
    /// The project's name where a file gives one.
    pub name: Option<String>,
    /// Its services, in the order of the files.
    pub services: Vec<Service>,
}

/// A service of a stack. Variables are filled in for reading; a value that looks like a secret is
/// left as its variable.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// Where it is written.
    pub place: Place,
    /// Its image.
    pub image: Option<String>,
    /// The folder of the repository that it is built from.
    pub build: Option<RepoPath>,
    /// What it runs, as one text; empty where the image decides.
    pub command: String,
    /// Its ports.
    pub ports: Vec<Port>,
    /// Its environment.
    pub environment: Vec<(String, String)>,
    /// What the engine asks to see whether it is healthy, as an argument array without `CMD`; for
    /// `CMD-SHELL` it is `sh -c TEXT`.
    pub healthcheck: Vec<String>,
    /// The name of its container where it is fixed.
    pub container_name: Option<String>,
    /// It starts only with one of these; empty for always.
    pub profiles: Vec<String>,
    /// The services it waits for.
    pub depends_on: Vec<String>,
}

/// A port of a service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Port {
    /// Inside.
    pub target: u16,
    /// On this machine, where it can be reached from here.
    pub published: Option<u16>,
    /// The address on this machine, where one is given.
    pub host: Option<String>,
}
