//! Kubernetes manifests and Helm charts: what to look at in the cluster, read-only but for a restart.
//!
//! Every question has a deadline of its own (`--request-timeout`), since a cluster that cannot be
//! reached answers after minutes. Which cluster is meant is known to kubectl alone; what consent is
//! needed is decided where commands run.

use super::{Draft, Found, Source, argument, id, is_plain_name, place};
use crate::base::yaml::{self, Node};
use crate::engine::commands::tree::{Item, Tree, folder_of};
use crate::engine::commands::{Kind, Parameter, Passing, Place, Work};
use crate::engine::standing::Standing;

/// Manifests.
pub const SOURCE: Source = Source { takes, find };
/// Charts.
pub const HELM: Source = Source { takes: takes_chart, find: find_charts };

/// Manifests that are read.
const MOST_FILES: usize = 300;
/// Workloads that are offered.
const MOST_WORKLOADS: usize = 40;

/// What is looked at.
const KINDS: &[(&str, &str)] = &[
    ("Deployment", "deployment"),
    ("StatefulSet", "statefulset"),
    ("DaemonSet", "daemonset"),
    ("CronJob", "cronjob"),
];

fn takes(item: &Item) -> bool {
    let name = item.name();
    (name.ends_with(".yaml") || name.ends_with(".yml"))
        && !item.is_foreign()
        && item.standing != Standing::Test
        // Pipelines and templates speak other languages.
        && !item.path.split('/').any(|it| it.starts_with('.') || it == "templates")
}

fn find(tree: &Tree<'_>, items: &[&Item], found: &mut Found) {
    // Those whose place says so come first; a large repository has thousands of YAML files.
    let words = [
        "k8s", "kube", "manifest", "deploy", "kustom", "base", "overlays", "infra", "cluster",
        "argo", "flux",
    ];
    let mut items: Vec<&&Item> = items.iter().collect();
    let told = |it: &Item| {
        let lower = it.path.to_ascii_lowercase();
        words.iter().any(|word| lower.contains(word))
    };
    items.sort_by_key(|it| (!told(it), it.standing == Standing::Example));
    let mut seen: Vec<(String, String, String)> = Vec::new();
    let mut first: Option<Place> = None;
    for item in items.into_iter().take(MOST_FILES) {
        let Some(text) = tree.text(&item.path) else { continue };
        if !text.contains("apiVersion:") || !KINDS.iter().any(|it| text.contains(it.0)) {
            continue;
        }
        let (documents, faults) = yaml::parse(&item.path, &text);
        found.said.extend(faults);
        for document in &documents {
            let Some((_, kind)) = KINDS.iter().find(|it| document.text_of("kind") == Some(it.0))
            else {
                continue;
            };
            let Some(metadata) = document.get("metadata") else { continue };
            let Some(name) = metadata.text_of("name").filter(|it| is_plain_name(it)) else {
                continue;
            };
            let namespace =
                metadata.text_of("namespace").filter(|it| is_plain_name(it)).unwrap_or_default();
            let key = ((*kind).to_owned(), name.to_owned(), namespace.to_owned());
            if seen.contains(&key) || seen.len() >= MOST_WORKLOADS {
                continue;
            }
            seen.push(key);
            let line = metadata.get("name").map_or(document.line, |it: &Node| it.line);
            let at = place(&item.path, line);
            first.get_or_insert_with(|| at.clone());
            workload(kind, name, namespace, &at, item.standing == Standing::Example, found);
        }
    }
    if let Some(at) = first {
        cluster(&at, found);
    }
}

fn kubectl(words: &[&str]) -> Work {
    let mut argv = vec!["kubectl".to_owned(), "--request-timeout=5s".to_owned()];
    argv.extend(words.iter().map(|it| (*it).to_owned()));
    Work::Program(argv)
}

/// What is asked of the cluster as a whole.
fn cluster(at: &Place, found: &mut Found) {
    let all: [(&str, &str, Kind, &[&str]); 4] = [
        (
            "context",
            "Which cluster kubectl speaks to",
            Kind::Health,
            &["config", "current-context"],
        ),
        ("pods", "All pods", Kind::Health, &["get", "pods", "-o", "wide"]),
        ("events", "The latest events", Kind::Logs, &["get", "events", "--sort-by=.lastTimestamp"]),
        ("top", "Processor and memory of the pods", Kind::Resources, &["top", "pods"]),
    ];
    for (what, title, kind, words) in all {
        let draft = Draft::new(id(&["kubectl", what]), title, kind, kubectl(words), at.clone());
        found.drafts.push(draft.ranked(52));
    }
}

fn workload(kind: &str, name: &str, namespace: &str, at: &Place, aside: bool, found: &mut Found) {
    let target = format!("{kind}/{name}");
    let rank = if aside { 900 } else { 55 };
    let mut put = |what: &str, title: String, group: Kind, words: &[&str]| {
        let mut all = Vec::new();
        if !namespace.is_empty() {
            all.extend(["-n", namespace]);
        }
        all.extend(words);
        let parts = ["kubectl", namespace, &format!("{kind}-{name}"), what];
        let draft = Draft::new(id(&parts), &title, group, kubectl(&all), at.clone());
        found.drafts.push(draft.ranked(rank));
    };
    put(
        "get",
        format!("{target}: how many are ready"),
        Kind::Health,
        &["get", &target, "-o", "wide"],
    );
    put(
        "describe",
        format!("{target}: its state and events"),
        Kind::Health,
        &["describe", &target],
    );
    if kind == "cronjob" {
        return;
    }
    put(
        "logs",
        format!("{target}: the last 15 minutes"),
        Kind::Logs,
        &["logs", &target, "--all-containers", "--tail=200", "--since=15m"],
    );
    put(
        "rollout",
        format!("{target}: how its rollout stands"),
        Kind::Deploy,
        &["rollout", "status", &target, "--timeout=5s"],
    );
    put(
        "history",
        format!("{target}: its earlier rollouts"),
        Kind::Deploy,
        &["rollout", "history", &target],
    );
    put("restart", format!("{target}: restart"), Kind::Deploy, &["rollout", "restart", &target]);
}

fn takes_chart(item: &Item) -> bool {
    item.name() == "Chart.yaml" && !item.is_foreign() && !item.path.contains("/charts/")
}

fn find_charts(tree: &Tree<'_>, items: &[&Item], found: &mut Found) {
    for item in items.iter().take(MOST_WORKLOADS) {
        let Some(text) = tree.text(&item.path) else { continue };
        let (documents, faults) = yaml::parse(&item.path, &text);
        found.said.extend(faults);
        let Some(root) = documents.first() else { continue };
        let Some(name) = root.text_of("name").filter(|it| is_plain_name(it)) else { continue };
        if root.text_of("type") == Some("library") {
            continue;
        }
        let line = root.get("name").map_or(1, |it| it.line);
        let chart = argument(folder_of(&item.path));
        let release = Parameter {
            name: "RELEASE".to_owned(),
            default: Some(name.to_owned()),
            passing: Passing::Argument,
            says: Some("the name it was installed under".to_owned()),
        };
        let words = |all: &[&str]| Work::Program(all.iter().map(|it| (*it).to_owned()).collect());
        let label = format!("app.kubernetes.io/name={name}");
        let mut put = |what: &str, title: &str, kind: Kind, work: Work, asks: bool| {
            let title = format!("{name}: {title}");
            let place = place(&item.path, line);
            let mut draft =
                Draft::new(id(&["helm", name, what]), &title, kind, work, place).ranked(56);
            draft.command.parameters.extend(asks.then(|| release.clone()));
            found.drafts.push(draft);
        };
        put("status", "how its release stands", Kind::Health, words(&["helm", "status"]), true);
        put("history", "its earlier releases", Kind::Deploy, words(&["helm", "history"]), true);
        put(
            "values",
            "the values it runs with",
            Kind::Other,
            words(&["helm", "get", "values"]),
            true,
        );
        put(
            "pods",
            "its pods",
            Kind::Health,
            kubectl(&["get", "pods", "-l", &label, "-o", "wide"]),
            false,
        );
        put(
            "logs",
            "the last 15 minutes",
            Kind::Logs,
            kubectl(&["logs", "-l", &label, "--all-containers", "--tail=200", "--since=15m"]),
            false,
        );
        put(
            "lint",
            "whether the chart is sound",
            Kind::Tests,
            words(&["helm", "lint", &chart]),
            false,
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn workloads_and_charts() {
        let texts = [
            (
                "k8s/api.yaml",
                "apiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: api\n  namespace: prod\n---\n\
                 apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: nightly}\n---\n\
                 apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: --all}\n",
            ),
            (
                "k8s/copy.yaml",
                "apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: api, namespace: prod}\n",
            ),
            ("chart/Chart.yaml", "apiVersion: v2\nname: shop\n"),
            (
                "chart/templates/x.yaml",
                "apiVersion: v1\nkind: Deployment\nmetadata:\n  name: {{ .x }}\n",
            ),
        ];
        let tree = Tree::of_texts(&texts);
        let mut found = Found::default();
        for source in [SOURCE, HELM] {
            let items: Vec<&Item> = tree.items().iter().filter(|it| (source.takes)(it)).collect();
            (source.find)(&tree, &items, &mut found);
        }
        let ids: Vec<_> = found.drafts.iter().map(|it| it.command.id.as_str()).collect();
        assert!(ids.contains(&"kubectl.prod.deployment-api.logs"), "{ids:?}");
        assert!(ids.contains(&"kubectl.cronjob-nightly.get") && ids.contains(&"helm.shop.status"));
        assert_eq!(ids.iter().filter(|it| it.contains("api")).count(), 6);
        let logs = &found.drafts[2].command;
        assert_eq!(logs.place.line, 4);
        assert!(logs.work.argv().starts_with(&[
            "kubectl".into(),
            "--request-timeout=5s".into(),
            "-n".into()
        ]));
        assert!(found.said.is_empty(), "{:?}", found.said);
    }
}
