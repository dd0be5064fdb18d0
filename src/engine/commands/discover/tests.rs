//! What is found as a whole: order, ids, risk through recipes, and nothing that panics.

use super::*;
use crate::engine::commands::Kind;
use proptest::prelude::*;

fn found(texts: &[(&str, &str)]) -> Discovery {
    in_tree(&Tree::of_texts(texts), &|| false)
}

fn one<'a>(found: &'a Discovery, id: &str) -> &'a Command {
    found.commands.iter().find(|it| it.id == id).unwrap_or_else(|| {
        let all: Vec<_> = found.commands.iter().map(|it| it.id.as_str()).collect();
        panic!("{id} is not among {all:?}")
    })
}

#[test]
fn risk_goes_through_recipes_scripts_and_packages() {
    let found = found(&[
        (
            "Makefile",
            "reset: ## Reset\n\t@tools/reset.sh\nstatus: ## Status\n\tdocker compose ps\n\
             all: status reset ## Both\nweb: ## Web\n\tcd web && npm run clean\nhi: ## Hi\n\t@echo hi\n",
        ),
        ("tools/reset.sh", "#!/bin/sh\ndropdb x\n"),
        ("web/package.json", "{\"scripts\": {\"clean\": \"rm -rf data\", \"test\": \"jest\"}}"),
    ]);
    for (id, risk) in [
        ("make.reset", Risk::Destroys),
        ("make.status", Risk::ReadOnly),
        ("make.all", Risk::Destroys),
        ("make.web", Risk::Destroys),
        ("make.hi", Risk::ReadOnly),
        ("npm.web.test", Risk::Changes),
    ] {
        assert_eq!(one(&found, id).risk, risk, "{id}: {}", one(&found, id).risk_why);
    }
    let all = one(&found, "make.all");
    assert!(
        all.body.contains("dropdb x") && all.body.contains("docker compose ps"),
        "{}",
        all.body
    );
    let files: Vec<_> = all.files.iter().map(|it| it.to_text().into_owned()).collect();
    assert_eq!(files, ["Makefile", "tools/reset.sh"]);
    assert!(one(&found, "make.reset").risk_why.contains("dropdb"));
}

#[test]
fn the_order_is_by_kind_and_then_the_best_first() {
    let found = found(&[
        ("examples/x/Makefile", "health: ## Example\n\tcurl localhost\n"),
        ("vendor/y/Makefile", "test: ## Vendored\n\tgo test\n"),
        ("Makefile", "health: ## Is it up\n\tcurl localhost\ntest: ## Tests\n\tgo test\n"),
        (
            "compose.yml",
            "services: {web: {image: x, ports: ['80:80'], healthcheck: {test: curl localhost}}}",
        ),
        (".navi.toml", "[[command]]\nid = \"mine\"\nkind = \"health\"\nargv = [\"uptime\"]\n"),
    ]);
    let kinds: Vec<Kind> = found.commands.iter().map(|it| it.kind).collect();
    assert!(kinds.is_sorted(), "{kinds:?}");
    let health: Vec<_> = found
        .commands
        .iter()
        .filter(|it| it.kind == Kind::Health)
        .map(|it| it.id.as_str())
        .collect();
    assert_eq!(health.first(), Some(&"mine"));
    assert_eq!(health.last(), Some(&"make.examples-x.health"));
    assert!(!found.commands.iter().any(|it| it.id.contains("vendor")));
}

#[test]
fn ids_are_unique_and_the_same_each_time() {
    let texts = [
        ("Makefile", "a.b: ## x\n\tls\na-b: ## y\n\tls\n.PHONY: a.b a-b\n"),
        ("compose.yml", "services: {a: {image: x}, a.b: {image: y}, a-b: {image: z}}"),
    ];
    let first = found(&texts);
    let ids: HashSet<_> = first.commands.iter().map(|it| it.id.as_str()).collect();
    assert_eq!(ids.len(), first.commands.len());
    assert_eq!(found(&texts), first);
}

#[test]
fn a_repository_raises_a_risk_and_never_lowers_one() {
    let found = found(&[(
        ".navi.toml",
        "[[command]]\nid = \"down\"\nargv = [\"docker\", \"compose\", \"down\"]\nrisk = \"read-only\"\n\
         [[command]]\nid = \"look\"\nargv = [\"ls\"]\nrisk = \"destroys\"\n\
         [[command]]\nid = \"env\"\nargv = [\"ls\"]\nenv = { LD_PRELOAD = \"x\" }\n",
    )]);
    assert_eq!(one(&found, "down").risk, Risk::Destroys);
    assert_eq!(one(&found, "look").risk, Risk::Destroys);
    assert_eq!(one(&found, "env").risk, Risk::Changes);
}

#[test]
fn what_is_shown_is_clean_whatever_is_written() {
    let evil = "\u{1b}]0;x\u{7}\u{202e}";
    let makefile = format!("a: ## {evil}\n\techo '{evil}'\n");
    let toml = "[[command]]\nid = \"x\"\ntitle = \"\\u001b[2J\"\nargv = [\"\\u001b[2J\", \"x\"]\n";
    let compose = format!("services:\n  web:\n    image: '{}'\n", evil.escape_default());
    let readme = format!("# {evil}\n```sh\nmake a # {evil}\n```\n");
    let found = found(&[
        ("Makefile", &makefile),
        (".navi.toml", toml),
        ("compose.yml", &compose),
        ("README.md", &readme),
    ]);
    assert!(found.commands.len() > 3);
    for it in &found.commands {
        for shown in [&it.id, &it.title, &it.risk_why] {
            assert!(!shown.chars().any(text::is_control), "{shown:?}");
        }
        assert!(!it.body.chars().any(|it| it != '\n' && text::is_control(it)), "{:?}", it.body);
        assert!(!it.id.starts_with('-'));
    }
}

/// File names of all sources.
const NAMES: &[&str] = &[
    "Makefile",
    "package.json",
    "justfile",
    "Taskfile.yml",
    "Procfile",
    "pyproject.toml",
    ".cargo/config.toml",
    "composer.json",
    "Rakefile",
    "mise.toml",
    "mise-tasks/a",
    "k8s/a.yaml",
    "chart/Chart.yaml",
    "a.service",
    "README.md",
    "docs/runbook.md",
    ".navi.toml",
    "compose.yml",
    "compose.override.yml",
    "docker-compose.dev.yml",
    ".env",
    "api/health.py",
    "x.sh",
    "a.mk",
];

proptest! {
    #[test]
    fn no_text_makes_a_source_fail(
        texts in proptest::collection::vec(
            (0..NAMES.len(), "[-a-c:&*<{}\\[\\]|>!'\"#%@,?~$()`=./ \n\t\\\\]{0,160}"), 1..6),
    ) {
        let texts: Vec<(&str, &str)> =
            texts.iter().map(|(at, text)| (NAMES[*at], text.as_str())).collect();
        let found = found(&texts);
        for it in &found.commands {
            prop_assert!(!it.id.is_empty() && !it.risk_why.is_empty() && it.place.line > 0);
        }
    }

    #[test]
    fn no_likely_text_makes_a_source_fail(
        texts in proptest::collection::vec((0..NAMES.len(), proptest::collection::vec(
            prop_oneof![
                Just("services:\n  a:\n    image: x\n"), Just("include: [compose.yml]\n"),
                Just("a: b ## c\n\tmake a\n"), Just("include Makefile\n"), Just("X = $(X)$(shell ls)\n"),
                Just("[tasks]\na = 'x'\n"), Just("[[command]]\nid = 'a'\nshell = 'x'\n"),
                Just("{\"scripts\": {\"a\": \"npm run a\"}}"), Just("```sh\nls\n"), Just("```\n"),
                Just("a: b\n  just a\n"), Just("import 'justfile'\n"), Just("tasks:\n  a: {deps: [a]}\n"),
                Just("includes: {x: ./Taskfile.yml}\n"), Just("---\n"), Just("apiVersion: v1\nkind: Deployment\n"),
                Just("metadata: {name: a}\n"), Just("  extends: {service: a}\n"), Just("web: ./x.sh\n"),
                Just("./x.sh\n"), Just("desc 'x'\ntask :a\n"), Just("\u{1b}[2J"), Just("define x\n"),
            ], 0..8)), 1..8),
    ) {
        let texts: Vec<(&str, String)> =
            texts.iter().map(|(at, pieces)| (NAMES[*at], pieces.concat())).collect();
        let texts: Vec<(&str, &str)> = texts.iter().map(|it| (it.0, it.1.as_str())).collect();
        let found = found(&texts);
        let ids: HashSet<_> = found.commands.iter().map(|it| it.id.as_str()).collect();
        prop_assert_eq!(ids.len(), found.commands.len());
    }
}
