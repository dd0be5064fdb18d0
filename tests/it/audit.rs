//! `navi audit` on the real binary: what each check says of what it should see, with the place.

use std::path::Path;

use serde_json::Value;

use crate::support::{Cli, Tree};

fn audit(root: &Path, arguments: &[&str]) -> Value {
    let all: Vec<&str> = ["audit", "--json"].iter().chain(arguments).copied().collect();
    Cli::new(root).run(&all).json()
}

fn check<'a>(value: &'a Value, id: &str) -> &'a Value {
    value["checks"].as_array().unwrap().iter().find(|it| it["id"] == id).unwrap()
}

/// Whether a piece of the check's evidence begins so.
fn tells(check: &Value, begins: &str) -> bool {
    let evidence = check["evidence"].as_array().unwrap();
    evidence.iter().any(|it| it.as_str().unwrap().starts_with(begins))
}

#[test]
fn the_sample_passes_with_places_and_notes_cannot_be_judged() {
    let dir = tempfile::tempdir().unwrap();
    navi::sample::unpack(dir.path(), std::time::SystemTime::now()).unwrap();
    let value = audit(dir.path(), &[]);
    let checks = value["checks"].as_array().unwrap();
    assert_eq!(checks.len(), 14);
    assert!(value["score"].as_f64().unwrap() > 0.85, "{value}");
    for id in [
        "emergency-navigation",
        "security-boundaries",
        "failure-recovery",
        "monitoring-integration",
    ] {
        assert_eq!(check(&value, id)["verdict"], "pass", "{}", check(&value, id));
    }
    for check in checks {
        assert!(!check["evidence"].as_array().unwrap().is_empty(), "{check}");
        let judged = ["warn", "fail"].contains(&check["verdict"].as_str().unwrap());
        assert_eq!(check["fix"] != "", judged, "{check}");
        for place in check["places"].as_array().unwrap() {
            let path = dir.path().join(place["path"].as_str().unwrap());
            let text = std::fs::read_to_string(&path).unwrap_or_default();
            let line = place["line"].as_u64().unwrap_or(1) as usize;
            assert!(path.exists() && line >= 1 && line <= text.lines().count().max(1), "{check}");
        }
    }
    let unlocked = check(&value, "dependency-clarity");
    assert_eq!(unlocked["verdict"], "warn");
    assert!(tells(unlocked, "apps/web/package.json: has no lock file"), "{unlocked}");
    let advice = value["advice"]["evidence"].to_string();
    assert!(advice.contains("2 applications: api, web"), "{advice}");
    assert!(
        advice.contains("authors and") && advice.contains("in the last year of the history"),
        "{advice}"
    );
    let notes = Tree::of(&[("notes.md", "# Notes\n")]);
    let value = audit(notes.path(), &[]);
    let checks = value["checks"].as_array().unwrap();
    assert!(checks.iter().all(|it| it["verdict"] == "not-applicable"), "{value}");
    assert_eq!(value["score"], 1.0);
}

/// A small shop, sound but for what a test adds.
fn shop() -> Tree {
    Tree::of(&[
        ("README.md", "# Shop\n"),
        (
            "shop/main.py",
            "from fastapi import FastAPI\nfrom shop.orders import router\n\napp = FastAPI()\napp.include_router(router)\n",
        ),
        (
            "shop/orders.py",
            "from fastapi import APIRouter\nrouter = APIRouter()\n\n@router.get('/orders')\ndef orders(): ...\n",
        ),
        (
            "shop/config.py",
            "import os\n\nclass Settings(BaseSettings):\n    url = os.environ['URL']\n",
        ),
        (
            "shop/auth.py",
            "from fastapi.security import OAuth2PasswordBearer\n\nscheme = OAuth2PasswordBearer('t')\n",
        ),
        ("shop/stock.py", "def count():\n    return 1\n"),
        (".env.example", "URL=\n"),
    ])
}

#[test]
fn faults_that_are_caught_for_nothing_and_scattered_settings_are_told_by_line() {
    let tree = shop();
    for name in ["a", "b", "c", "d"] {
        let text = "import os\n\ndef f():\n    try:\n        return os.environ['X']\n    except Exception:\n        pass\n";
        tree.write(&format!("shop/{name}_part.py"), text);
    }
    let value = audit(tree.path(), &[]);
    let recovery = check(&value, "failure-recovery");
    assert!(tells(recovery, "4 places catch a fault for nothing"), "{recovery}");
    assert!(tells(recovery, "shop/a_part.py:6: everything is caught"), "{recovery}");
    let settings = check(&value, "configuration-management");
    assert_eq!(settings["verdict"], "fail", "{settings}");
    assert!(tells(settings, "shop/config.py:"), "{settings}");
    assert!(tells(settings, "shop/a_part.py:5: reads the environment itself"), "{settings}");
    assert!(!tells(settings, "shop/config.py:4: reads the environment itself"), "{settings}");
}

#[test]
fn secrets_are_told_by_what_is_written_and_their_values_never() {
    let tree = shop();
    tree.write(".npmrc", "registry=https://registry.npmjs.org/\nsave-exact=true\n");
    tree.write("cert.pem", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n");
    tree.write(".env", "DEBUG=1\nSECRET_KEY=changeme-changeme1\n");
    let value = audit(tree.path(), &[]);
    assert_eq!(check(&value, "security-boundaries")["verdict"], "pass", "{value}");
    tree.write(".npmrc", "//registry.npmjs.org/:_authToken=0f9e8d7c-6b5a-4433-2211\n");
    tree.write("deploy/.env", "DEBUG=1\nSECRET_KEY=\"q9w8e7r6t5z4u3i2\"\n");
    let body = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7";
    tree.write(
        "tls/server.key",
        &format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n"),
    );
    let value = audit(tree.path(), &["--threshold", "1"]);
    let security = check(&value, "security-boundaries");
    assert_eq!(security["verdict"], "fail");
    for begins in
        [".npmrc:1: ", "deploy/.env:2: `SECRET_KEY` has a value", "tls/server.key:1: a private key"]
    {
        assert!(tells(security, begins), "{begins} in {security}");
    }
    let said = value.to_string();
    for secret in ["0f9e8d7c", "q9w8e7r6", body] {
        assert!(!said.contains(secret), "{secret} in {said}");
    }
    let status = Cli::new(tree.path()).run(&["audit", "--threshold", "1"]).exit(1);
    assert!(status.out.contains("FAIL     Security boundaries"), "{}", status.out);
}

#[test]
fn an_application_that_reaches_into_another_is_told_by_the_line_that_does() {
    let mut files = vec![("package.json".to_owned(), "{\"workspaces\": [\"apps/*\"]}".to_owned())];
    files.push(("package-lock.json".into(), "{}".into()));
    for app in ["api", "web"] {
        files.push((
            format!("apps/{app}/package.json"),
            "{\"dependencies\": {\"x\": \"1\"}}".into(),
        ));
        for name in ["main", "orders", "stock", "price"] {
            files.push((format!("apps/{app}/src/{name}.ts"), format!("export const {name} = 1\n")));
        }
    }
    files.push(("libs/types/src/a.ts".into(), "export const a = 1\n".into()));
    files.push(("libs/types/src/b.ts".into(), "export const b = 1\n".into()));
    files.push(("libs/types/src/c.ts".into(), "export const c = 1\n".into()));
    let of: Vec<(&str, &str)> = files.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
    let tree = Tree::of(&of);
    tree.write(
        "apps/web/src/main.ts",
        "import { a } from '../../../libs/types/src/a'\nexport const main = a\n",
    );
    tree.write(
        "apps/api/src/main.ts",
        "import { a } from '../../../libs/types/src/a'\nexport const main = a\n",
    );
    let value = audit(tree.path(), &[]);
    let clarity = check(&value, "dependency-clarity");
    assert_eq!(clarity["verdict"], "pass", "{clarity}");
    assert!(tells(clarity, "3 of 3 manifests have a lock file"), "{clarity}");
    let advice = value["advice"].to_string();
    assert!(advice.contains("`types` is used by 2 parts"), "{advice}");
    tree.write(
        "apps/web/src/price.ts",
        "// here\nimport { orders } from '../../api/src/orders'\nexport const price = orders\n",
    );
    let value = audit(tree.path(), &[]);
    let clarity = check(&value, "dependency-clarity");
    assert_eq!(clarity["verdict"], "fail", "{clarity}");
    let begins =
        "apps/web/src/price.ts:2: reaches into the application `api`: apps/api/src/orders.ts";
    assert!(tells(clarity, begins), "{clarity}");
}

#[test]
fn routes_that_ask_the_database_themselves_cross_a_boundary() {
    let tree = shop();
    let route = |name: &str, body: &str| {
        let text = format!(
            "from fastapi import APIRouter\nrouter = APIRouter()\n\n@router.get('/{name}')\ndef {name}():\n    {body}\n"
        );
        tree.write(&format!("shop/routes/{name}.py"), &text);
    };
    for name in ["a", "b", "c"] {
        route(name, "return 1");
    }
    assert_eq!(check(&audit(tree.path(), &[]), "isolation-boundaries")["verdict"], "pass");
    route("b", "return cursor.execute('select 1')");
    route("c", "return requests.get('http://x')");
    let value = audit(tree.path(), &[]);
    let isolation = check(&value, "isolation-boundaries");
    assert_ne!(isolation["verdict"], "pass", "{isolation}");
    assert!(tells(isolation, "shop/routes/b.py:6: asks the database itself"), "{isolation}");
    assert!(tells(isolation, "shop/routes/c.py:6: calls another service itself"), "{isolation}");
}
