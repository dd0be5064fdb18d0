//! Compose files in their many forms.

use super::*;

fn found(texts: &[(&str, &str)]) -> Found {
    let tree = Tree::of_texts(texts);
    let items: Vec<&Item> = tree.items().iter().filter(|it| takes(it)).collect();
    let mut found = Found::default();
    find(&tree, &items, &mut found);
    found
}

#[test]
fn names_of_files() {
    for (name, wanted) in [
        ("docker-compose.yml", Some("")),
        ("compose.yaml", Some("")),
        ("docker-compose.prod.yml", Some("prod")),
        ("compose-dev.yaml", Some("dev")),
        ("docker-compose_test.yml", Some("test")),
        ("local.docker-compose.yml", Some("local")),
        ("composer.yml", None),
        ("compose.json", None),
    ] {
        assert_eq!(variant(name).as_deref(), wanted, "{name}");
    }
}

#[test]
fn overrides_are_laid_over_and_variants_stand_alone_when_they_can() {
    let found = found(&[
        (
            "docker-compose.yml",
            "services:\n  db:\n    image: postgres\n    ports: ['5432:5432']\n    environment: {A: 1, B: 2}\n\
             \x20 api:\n    build: ./api\n",
        ),
        (
            "docker-compose.override.yml",
            "services:\n  db:\n    ports: ['127.0.0.1:5433:5432']\n    environment: [B=3, C=4]\n",
        ),
        ("docker-compose.prod.yml", "services:\n  api:\n    command: run --prod\n"),
        ("docker-compose.test.yml", "services:\n  db:\n    image: postgres:16\n"),
    ]);
    let files: Vec<Vec<String>> = found
        .stacks
        .iter()
        .map(|it| it.files.iter().map(|it| it.to_text().into_owned()).collect())
        .collect();
    assert_eq!(
        files,
        [
            vec!["docker-compose.yml", "docker-compose.override.yml"],
            vec!["docker-compose.yml", "docker-compose.prod.yml"],
            vec!["docker-compose.test.yml"],
        ]
    );
    let db = &found.stacks[0].services[0];
    assert_eq!(
        db.environment,
        [("A", "1"), ("B", "3"), ("C", "4")].map(|(a, b)| (a.to_owned(), b.to_owned()))
    );
    assert_eq!(db.ports.len(), 2);
    assert_eq!((db.place.line, found.stacks[1].services[1].command.as_str()), (2, "run --prod"));
    let logs = found.drafts.iter().find(|it| it.command.id == "compose.db.logs").unwrap();
    assert_eq!(
        logs.command.work.argv(),
        "docker compose -f docker-compose.yml -f docker-compose.override.yml logs --tail 200 db"
            .split(' ')
            .collect::<Vec<_>>()
    );
    assert!(found.drafts.iter().any(|it| it.command.id == "compose.prod.api.restart"));
    let mut ids: Vec<_> = found.drafts.iter().map(|it| it.command.id.as_str()).collect();
    let before = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), before);
}

#[test]
fn include_extends_anchors_profiles_and_interpolation() {
    let found = found(&[
        (
            "deploy/compose.yaml",
            "name: shop\ninclude:\n  - more.yaml\n  - path: [../infra/cache.yml]\n\
             x-base: &base {restart: always, environment: {LEVEL: '${LEVEL:-info}', API_KEY: abc}}\n\
             services:\n  web:\n    <<: *base\n    image: web:${TAG-latest}\n    profiles: [front]\n    \
             ports:\n      - target: 80\n        published: ${PORT:-8080}\n      - '9000-9002:7000-7002'\n    \
             healthcheck: {test: curl -f http://localhost/ping || exit 1}\n\
             \x20 worker:\n    extends: {file: ../infra/cache.yml, service: base}\n    command: [run, worker]\n",
        ),
        ("deploy/more.yaml", "services:\n  mail:\n    image: mailhog\n"),
        ("deploy/.env", "TAG=v2\nLEVEL=debug\n"),
        (
            "infra/cache.yml",
            "services:\n  base:\n    image: base:1\n    depends_on: {redis: {condition: x}}\n  redis:\n    image: redis\n",
        ),
    ]);
    let stack = &found.stacks[0];
    let names: Vec<_> = stack.services.iter().map(|it| it.name.as_str()).collect();
    assert_eq!(names, ["mail", "base", "redis", "web", "worker"]);
    let web = &stack.services[3];
    assert_eq!(web.image.as_deref(), Some("web:v2"));
    assert_eq!(web.environment[0], ("LEVEL".to_owned(), "debug".to_owned()));
    assert_eq!(web.environment[1].1, "${API_KEY}");
    assert_eq!((web.ports[0].published, web.ports.len()), (Some(8080), 4));
    let worker = &stack.services[4];
    assert_eq!((worker.image.as_deref(), worker.command.as_str()), (Some("base:1"), "run worker"));
    assert_eq!(worker.depends_on, ["redis"]);
    assert_eq!(
        (stack.name.as_deref(), stack.folder.clone()),
        (Some("shop"), Some("deploy".into()))
    );
    let http = found.drafts.iter().find(|it| it.command.id == "compose.web.http").unwrap();
    assert_eq!(http.command.work, Work::Http { url: "http://localhost:8080/ping".into() });
    let logs = found.drafts.iter().find(|it| it.command.id == "compose.web.logs").unwrap();
    assert!(logs.command.work.argv().windows(2).any(|it| it == ["--profile", "front"]));
    assert_eq!(logs.command.files.len(), 3);
    let mail = found.drafts.iter().find(|it| it.command.id == "compose.mail.logs").unwrap();
    assert_eq!(mail.command.place, place("deploy/more.yaml", 2));
}

#[test]
fn what_is_outside_is_said_and_left_out() {
    let found = found(&[(
        "compose.yml",
        "include: [/etc/passwd, '../../x.yml', 'https://example.com/compose.yml', 'oci://x/y']\n\
         services:\n  a:\n    extends: {file: /etc/shadow, service: x}\n    image: a\n\
         \x20 -v: {image: x}\n  'b;rm x': {image: x}\n  loop: {extends: loop, image: x}\n",
    )]);
    assert_eq!(found.stacks[0].services.len(), 2);
    assert_eq!(found.said.len(), 7, "{:#?}", found.said);
}

#[test]
fn a_web_of_services_that_extend_each_other_ends() {
    let mut text = "services:\n".to_owned();
    for at in 0..60 {
        text += &format!("  s{at}: {{extends: s{}, image: x}}\n", (at + 1) % 60);
    }
    assert_eq!(found(&[("compose.yml", &text)]).stacks[0].services.len(), 60);
}
