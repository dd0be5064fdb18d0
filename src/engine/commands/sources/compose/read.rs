//! Reads the files of one stack: services laid over each other, `include`, `extends`.
//!
//! Compose specification, "Merge": scalars are replaced, ports are added, environments go by name.
//! Only listed files of the repository are read; what is elsewhere is said and left out.

use std::collections::HashMap;

use super::values::Values;
use crate::base::diag::quote;
use crate::base::yaml::{self, Node, Value};
use crate::base::{Diagnostic, RepoPath};
use crate::engine::commands::risk::joined;
use crate::engine::commands::sources::{Found, place};
use crate::engine::commands::tree::{Tree, folder_of};
use crate::engine::commands::{Port, Service, Stack};

/// Files that one stack may bring in, and services that may extend each other.
const MOST_FILES: usize = 40;
const DEEPEST: usize = 8;
/// Services of one stack.
const MOST_SERVICES: usize = 200;
/// Ports of one service; a range may stand for thousands.
const MOST_PORTS: usize = 20;

/// Files as they were read, by their paths: several stacks share them.
#[derive(Default)]
pub struct Documents {
    known: HashMap<String, Option<Node>>,
    said: Vec<Diagnostic>,
}

impl Documents {
    /// The document of a file.
    pub fn get(&mut self, tree: &Tree<'_>, path: &str) -> Option<&Node> {
        if !self.known.contains_key(path) {
            let node = tree.text(path).and_then(|text| {
                let (documents, faults) = yaml::parse(path, &text);
                self.said.extend(faults);
                documents.into_iter().next()
            });
            self.known.insert(path.to_owned(), node);
        }
        self.known.get(path).and_then(Option::as_ref)
    }

    /// What was wrong with them.
    pub fn into_said(self) -> Vec<Diagnostic> {
        self.said
    }
}

/// A stack with the files that it is made of.
pub struct Whole {
    /// The stack.
    pub stack: Stack,
    /// All files, included and extended ones among them.
    pub files: Vec<String>,
}

/// Reads the files of a stack in their order.
pub fn read(
    tree: &Tree<'_>,
    documents: &mut Documents,
    files: &[String],
    found: &mut Found,
) -> Whole {
    let folder = files.first().map_or("", |it| folder_of(it)).to_owned();
    let values = Values::beside(tree, &folder);
    let mut reader =
        Reader { tree, documents, folder, values, files: Vec::new(), found, left: 400 };
    let mut stack = Stack {
        files: files.iter().map(|it| it.as_str().into()).collect(),
        folder: (!reader.folder.is_empty()).then(|| RepoPath::from(reader.folder.as_str())),
        name: None,
        services: Vec::new(),
    };
    for file in files {
        reader.file(file, &mut stack, 0);
    }
    if let Some(name) = reader.values.get("COMPOSE_PROJECT_NAME").filter(|it| !it.is_empty()) {
        stack.name = Some(name.to_owned());
    }
    let files = std::mem::take(&mut reader.files);
    Whole { stack, files }
}

struct Reader<'a, 'b> {
    tree: &'a Tree<'b>,
    documents: &'a mut Documents,
    folder: String,
    values: Values,
    files: Vec<String>,
    found: &'a mut Found,
    /// Services that may still be read: those that extend each other in a web would never end.
    left: usize,
}

impl Reader<'_, '_> {
    fn file(&mut self, path: &str, stack: &mut Stack, depth: usize) {
        if self.files.len() >= MOST_FILES || depth >= DEEPEST {
            return;
        }
        if !self.files.iter().any(|it| it == path) {
            self.files.push(path.to_owned());
        }
        let Some(root) = self.documents.get(self.tree, path).cloned() else { return };
        if depth == 0
            && let Some(name) = root.text_of("name")
        {
            stack.name = Some(self.values.fill(name));
        }
        for item in includes(&root) {
            let target = self.values.fill(item.1);
            if let Some(place) = self.inside(path, &target, item.0) {
                let known = self.files.contains(&place);
                if !known {
                    self.file(&place, stack, depth + 1);
                }
            }
        }
        for entry in root.get("services").map(Node::entries).unwrap_or_default() {
            if stack.services.len() >= MOST_SERVICES {
                break;
            }
            let start = Service {
                name: entry.key.clone(),
                place: place(path, entry.line),
                image: None,
                build: None,
                command: String::new(),
                ports: Vec::new(),
                environment: Vec::new(),
                healthcheck: Vec::new(),
                container_name: None,
                profiles: Vec::new(),
                depends_on: Vec::new(),
            };
            if !is_service_name(&entry.key) {
                let shown = quote(&entry.key);
                self.found.warn(path, entry.line, format!("{shown} is no name of a service"));
                continue;
            }
            let at = stack.services.iter().position(|it| it.name == entry.key);
            let mut service = at.and_then(|at| stack.services.get(at).cloned()).unwrap_or(start);
            self.service(path, &entry.node, &mut service, 0);
            match at.and_then(|at| stack.services.get_mut(at)) {
                Some(known) => *known = service,
                None => stack.services.push(service),
            }
        }
    }

    /// The path of a file that another one names, when it is one of the repository's.
    fn inside(&mut self, from: &str, target: &str, line: u32) -> Option<String> {
        let path = joined(folder_of(from), target).filter(|it| self.tree.has(it));
        if path.is_none() {
            let message =
                format!("{} is not a file of this repository and is left out", quote(target));
            self.found.warn(from, line, message);
        }
        path
    }

    fn service(&mut self, path: &str, node: &Node, out: &mut Service, depth: usize) {
        let Some(left) = self.left.checked_sub(1) else { return };
        self.left = left;
        if let Some(extends) = node.get("extends").filter(|_| depth < DEEPEST) {
            let name = extends.text().or_else(|| extends.text_of("service"));
            let file = extends.text_of("file").map(|it| self.values.fill(it));
            let from = match &file {
                Some(file) => self.inside(path, file, extends.line),
                None => Some(path.to_owned()),
            };
            if let (Some(name), Some(from)) = (name, from) {
                if !self.files.contains(&from) {
                    self.files.push(from.clone());
                }
                let parent = self
                    .documents
                    .get(self.tree, &from)
                    .and_then(|it| it.get("services")?.get(name).cloned());
                if let Some(parent) = parent {
                    self.service(&from, &parent, out, depth + 1);
                }
            }
        }
        for entry in node.entries() {
            let it = &entry.node;
            let tag = it.tag.as_deref().unwrap_or_default();
            let anew = matches!(tag, "!reset" | "!override");
            match entry.key.as_str() {
                "image" => out.image = it.text().map(|it| self.values.fill(it)),
                "container_name" => out.container_name = it.text().map(|it| self.values.fill(it)),
                "build" => {
                    let context = it.text().or_else(|| it.text_of("context"));
                    let context = context.map(|it| self.values.fill(it));
                    let folder = self.folder.clone();
                    out.build = context
                        .and_then(|it| joined(&folder, &it))
                        .map(|it| RepoPath::from(it.as_str()));
                }
                "command" | "entrypoint" => {
                    let text = self.values.fill(&it.texts().join(" "));
                    if entry.key == "command" || out.command.is_empty() {
                        out.command = text;
                    }
                }
                "ports" => {
                    if anew {
                        out.ports.clear();
                    }
                    for item in it.items() {
                        self.ports(item, &mut out.ports);
                    }
                }
                "environment" => {
                    if anew {
                        out.environment.clear();
                    }
                    self.environment(it, &mut out.environment);
                }
                "healthcheck" => {
                    if it.get("disable").is_some_and(Node::is_true) || tag == "!reset" {
                        out.healthcheck.clear();
                    } else if let Some(test) = it.get("test") {
                        out.healthcheck = self.healthcheck(test);
                    }
                }
                "profiles" => add(&mut out.profiles, it.texts(), anew),
                "depends_on" => {
                    let names = match &it.value {
                        Value::Map(entries) => entries.iter().map(|it| it.key.as_str()).collect(),
                        Value::List(_) | Value::Scalar { .. } => it.texts(),
                    };
                    add(&mut out.depends_on, names, anew);
                }
                _ => {}
            }
        }
    }

    fn environment(&self, node: &Node, out: &mut Vec<(String, String)>) {
        let mut set = |name: &str, value: Option<&str>| {
            let raw = value.map_or_else(|| format!("${{{name}}}"), str::to_owned);
            let value = self.values.of_environment(name, &raw);
            match out.iter_mut().find(|it| it.0 == name) {
                Some(known) => known.1 = value,
                None => out.push((name.to_owned(), value)),
            }
        };
        for entry in node.entries() {
            set(&entry.key, entry.node.text());
        }
        for item in node.texts() {
            match item.split_once('=') {
                Some((name, value)) => set(name, Some(value)),
                None => set(item, None),
            }
        }
    }

    /// `test:` as an argument array, with `$$` as what the container sees.
    fn healthcheck(&self, node: &Node) -> Vec<String> {
        let words: Vec<String> = node.texts().iter().map(|it| self.values.fill(it)).collect();
        let shell = |text: String| vec!["sh".to_owned(), "-c".to_owned(), text];
        match (&node.value, words.split_first()) {
            (Value::Scalar { .. }, Some((text, _))) => shell(text.clone()),
            (_, Some((first, rest))) => match first.as_str() {
                "NONE" => Vec::new(),
                "CMD" => rest.to_vec(),
                "CMD-SHELL" => shell(rest.join(" ")),
                _ => words,
            },
            (_, None) => Vec::new(),
        }
    }

    /// `8000`, `"80:8000"`, `"127.0.0.1:80:8000/tcp"`, `"80-81:8000-8001"`, or a mapping.
    fn ports(&self, node: &Node, out: &mut Vec<Port>) {
        let mut put = |port: Port| {
            if out.len() < MOST_PORTS && !out.contains(&port) {
                out.push(port);
            }
        };
        if let Some(target) = node.get("target").and_then(Node::text) {
            let number = |it: Option<&str>| it.and_then(|it| self.values.fill(it).parse().ok());
            if let Some(target) = number(Some(target)) {
                put(Port {
                    target,
                    published: number(node.text_of("published")),
                    host: node.text_of("host_ip").map(|it| self.values.fill(it)),
                });
            }
            return;
        }
        let Some(text) = node.text() else { return };
        let text = self.values.fill(text);
        let text = match text.split_once('/') {
            Some((_, "udp" | "sctp")) => return,
            Some((text, _)) => text,
            None => &text,
        };
        let (before, target) = text.rsplit_once(':').unwrap_or(("", text));
        let (host, published) = match before.rsplit_once(':') {
            Some((host, published)) => (Some(host), published),
            None => (None, before),
        };
        let Some((target, more)) = range(target) else { return };
        let first = range(published).map(|it| it.0);
        for step in 0..=more.min(MOST_PORTS as u16) {
            let Some(target) = target.checked_add(step) else { break };
            put(Port {
                target,
                published: first.and_then(|it| it.checked_add(step)),
                host: host.map(str::to_owned),
            });
        }
    }
}

/// The first port of a range, and how many follow.
fn range(text: &str) -> Option<(u16, u16)> {
    let (first, last) = text.split_once('-').unwrap_or((text, text));
    let (first, last): (u16, u16) = (first.trim().parse().ok()?, last.trim().parse().ok()?);
    Some((first, last.checked_sub(first)?))
}

/// What Compose takes for the name of a service; others would be options or worse.
fn is_service_name(name: &str) -> bool {
    !name.is_empty()
        && name.len() <= 100
        && name.starts_with(|it: char| it.is_ascii_alphanumeric() || it == '_')
        && name.chars().all(|it| it.is_ascii_alphanumeric() || "._-".contains(it))
}

/// What a file includes, with the lines.
fn includes(root: &Node) -> Vec<(u32, &str)> {
    let mut out = Vec::new();
    let Some(node) = root.get("include") else { return out };
    let items = if node.items().is_empty() { std::slice::from_ref(node) } else { node.items() };
    for item in items {
        let texts = item
            .text()
            .map_or_else(|| item.get("path").map(Node::texts).unwrap_or_default(), |it| vec![it]);
        out.extend(texts.into_iter().map(|it| (item.line, it)));
    }
    out
}

fn add(out: &mut Vec<String>, names: Vec<&str>, anew: bool) {
    if anew {
        out.clear();
    }
    for name in names {
        if !out.iter().any(|it| it == name) {
            out.push(name.to_owned());
        }
    }
}
