//! Build optimization: the tools that build know the structure and make use of it.

use super::{Check, Evidence, Subject, Verdict, counted, done, not_judged};
use crate::base::path::name_of;
use crate::engine::files::FileId;
use crate::engine::standing::Standing;

/// Names of manifests, with the tool that reads them.
const MANIFESTS: &[(&str, &str)] = &[
    ("package.json", "node"),
    ("cargo.toml", "cargo"),
    ("pyproject.toml", "python"),
    ("requirements.txt", "python"),
    ("setup.py", "python"),
    ("go.mod", "go"),
    ("gemfile", "ruby"),
    ("composer.json", "php"),
    ("pom.xml", "maven"),
    ("build.gradle", "gradle"),
    ("build.gradle.kts", "gradle"),
    ("mix.exs", "mix"),
];
/// Files that tell a tool of several manifests at once.
const WORKSPACES: &[(&str, &str)] = &[
    ("pnpm-workspace.yaml", "node"),
    ("nx.json", "node"),
    ("turbo.json", "node"),
    ("lerna.json", "node"),
    ("rush.json", "node"),
    ("go.work", "go"),
    ("settings.gradle", "gradle"),
    ("settings.gradle.kts", "gradle"),
    ("pants.toml", "python"),
];
/// The same, where a word in the manifest at the top tells.
const WORKSPACE_WORDS: &[(&str, &str, &str)] = &[
    ("package.json", "\"workspaces\"", "node"),
    ("cargo.toml", "[workspace]", "cargo"),
    ("pom.xml", "<modules>", "maven"),
    ("pyproject.toml", "[tool.uv.workspace]", "python"),
];
/// Words by which a pipeline keeps what was built before.
const CACHES: &[&str] = &[
    "actions/cache",
    "cache:",
    "rust-cache",
    "restore_cache",
    "cache-from",
    "gradle-build-action",
    "sccache",
];
/// Bytes that are read of one of these files.
const MOST_BYTES: u64 = 128 << 10;

pub fn build_optimization(subject: &Subject<'_>) -> Check {
    let name = ("build-optimization", "Build optimization");
    let own = |id: &FileId| {
        let standing = subject.files.facts(*id).standing;
        !matches!(
            standing,
            Standing::Test | Standing::Example | Standing::Vendored | Standing::Docs
        )
    };
    let named = |names: &[(&'static str, &'static str)]| -> Vec<(FileId, &'static str)> {
        let tool = |id: FileId| {
            let name = name_of(subject.files.lower(id));
            let known = names.iter().find(|(it, _)| it.as_bytes() == name);
            known.map(|(_, tool)| (id, *tool))
        };
        subject.listed().filter(own).filter_map(tool).collect()
    };
    let manifests = named(MANIFESTS);
    let Some(&(first, _)) = manifests.first() else {
        return not_judged(name, "no manifest of a known build tool");
    };
    let mut evidence = vec![Evidence::of(
        subject.files.repo_path(first),
        format!("{}, such as this one", counted(manifests.len(), "manifest", "manifests")),
    )];
    let mut verdict = Verdict::Pass;
    let mut fixes = Vec::new();

    let pipelines: Vec<FileId> =
        subject.listed().filter(|&id| is_pipeline(subject.files.lower(id))).collect();
    if let Some(&id) = pipelines.first() {
        let said = format!(
            "built by {}, such as this one",
            counted(pipelines.len(), "pipeline", "pipelines")
        );
        evidence.push(Evidence::of(subject.files.repo_path(id), said));
        let kept = pipelines
            .iter()
            .take(40)
            .find_map(|&id| subject.line_with(id, CACHES, MOST_BYTES).map(|it| (id, it)));
        match kept {
            Some((id, line)) => {
                let said = "keeps what was built before";
                evidence.push(Evidence::at(subject.files.repo_path(id), line, said));
            }
            None => {
                evidence.push(Evidence::from("no pipeline keeps what was built before".to_owned()));
            }
        }
    } else {
        evidence.push(Evidence::from("no pipeline of continuous integration was found".to_owned()));
        verdict = Verdict::Warn;
        fixes.push("let continuous integration build each manifest");
    }

    // Several manifests of one tool should be known to it as one whole.
    let mut workspaces = named(WORKSPACES);
    for (file, word, tool) in WORKSPACE_WORDS {
        let found = manifests.iter().find(|(id, _)| {
            name_of(subject.files.lower(*id)) == file.as_bytes()
                && subject.line_with(*id, &[word], MOST_BYTES).is_some()
        });
        workspaces.extend(found.map(|(id, _)| (*id, *tool)));
    }
    for tool in ["node", "cargo", "go", "gradle", "maven"] {
        let of_tool: Vec<FileId> =
            manifests.iter().filter(|it| it.1 == tool).map(|it| it.0).collect();
        if of_tool.len() < 3 {
            continue;
        }
        if let Some(&(id, _)) = workspaces.iter().find(|it| it.1 == tool) {
            let said = format!("tells the tool of {} manifests at once", of_tool.len());
            evidence.push(Evidence::of(subject.files.repo_path(id), said));
        } else if let Some(&id) = of_tool.last() {
            let said = format!(
                "one of {} manifests of one tool that know nothing of each other",
                of_tool.len()
            );
            evidence.push(Evidence::of(subject.files.repo_path(id), said));
            verdict = verdict.at_best(Verdict::Warn);
            fixes.push("declare a workspace, so that shared parts are built once");
        }
    }
    containers(subject, &mut evidence, &mut fixes, &mut verdict);
    done(name, verdict, evidence, &fixes.join("; "))
}

fn containers(
    subject: &Subject<'_>,
    evidence: &mut Vec<Evidence>,
    fixes: &mut Vec<&str>,
    verdict: &mut Verdict,
) {
    let files = subject.files;
    let images: Vec<FileId> = subject
        .listed()
        .filter(|&id| {
            let name = name_of(files.lower(id));
            let standing = files.facts(id).standing;
            (name == b"dockerfile"
                || name.starts_with(b"dockerfile.")
                || name.ends_with(b".dockerfile"))
                && !matches!(standing, Standing::Test | Standing::Example | Standing::Vendored)
        })
        .collect();
    let Some(&first) = images.first() else { return };
    let stages = |id: FileId| {
        let text = subject.text(id, MOST_BYTES).to_ascii_lowercase();
        text.split(|&it| it == b'\n')
            .filter(|it| it.trim_ascii_start().starts_with(b"from "))
            .count()
    };
    if let Some(&id) = images.iter().find(|&&id| stages(id) > 1) {
        evidence.push(Evidence::of(files.repo_path(id), "builds its image in stages"));
    } else {
        let said = "builds its image in one stage, with all that only building needs";
        evidence.push(Evidence::of(files.repo_path(first), said));
        *verdict = verdict.at_best(Verdict::Warn);
        fixes.push("build images in stages");
    }
    if !subject.listed().any(|id| name_of(files.lower(id)).ends_with(b".dockerignore")) {
        evidence.push(Evidence::of(
            files.repo_path(first),
            "no .dockerignore: all of the folder is sent to each build",
        ));
        *verdict = verdict.at_best(Verdict::Warn);
        fixes.push("add a .dockerignore");
    }
}

fn is_pipeline(lower: &[u8]) -> bool {
    let yaml = lower.ends_with(b".yml") || lower.ends_with(b".yaml");
    let name = name_of(lower);
    (yaml
        && (lower.starts_with(b".github/workflows/")
            || lower.starts_with(b".gitlab-ci")
            || lower.starts_with(b".circleci/")
            || lower.starts_with(b".buildkite/")
            || memchr::memmem::find(lower, b"github-actions/").is_some()
            || name.starts_with(b"azure-pipelines")
            || name == b".travis.yml"
            || name == b"bitbucket-pipelines.yml"
            || name == b".woodpecker.yml"
            || name == b".drone.yml"))
        || name == b"jenkinsfile"
}
