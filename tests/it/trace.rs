//! `navi trace` on the real binary: traces, log lines and requests lead to places.

use std::collections::BTreeSet;

use serde_json::Value;

use crate::support::{Cli, Tree};

/// A repository of several services, each in its own language.
fn shop() -> Tree {
    Tree::of(&[
        (
            "services/api/app/db/pool.py",
            "import logging\n\nlog = logging.getLogger(__name__)\n\n\nclass Pool:\n    def get(self, url):\n        \"\"\"Takes a connection.\"\"\"\n        if not url:\n            raise LookupError(\"no url for \" + self.name + \" was given\")\n        log.warning(\"pool %s has %d of %d left\", url, 1, 2)\n        return self.free.pop()\n",
        ),
        (
            "services/api/app/main.py",
            "from app.db.pool import Pool\n\n\ndef start():\n    return Pool().get(\"\")\n",
        ),
        ("services/api/Dockerfile", "FROM python\nWORKDIR /app\nCOPY . .\n"),
        (
            "services/api/app/routes/auth.py",
            "from fastapi import APIRouter\n\nrouter = APIRouter(prefix=\"/auth\")\n\n\n@router.post(\"/login\", response_model=Token)\nasync def login(form):\n    return await check(form)\n\n\n@router.get(\"/users/{user_id}\")\nasync def user(user_id: int):\n    log.error(f\"user {user_id} is not in the directory of {form.realm}\")\n",
        ),
        (
            "services/web/src/checkout/cart.service.ts",
            "export class CartService {\n  constructor(private readonly prices: Prices) {}\n\n  async total(id: string) {\n    const cart = await this.load(id);\n    this.logger.warn(`cart ${id} was priced without ${cart.missing} of its lines`);\n    return cart.lines.map((line) => line.price.amount);\n  }\n}\n",
        ),
        (
            "services/web/src/routes/orders.js",
            "const router = require('express').Router();\n\nrouter.get('/orders/:id', (request, response) => {\n  response.json(load(request.params.id));\n});\n\nrouter.post('/orders', orders.create);\n\nmodule.exports = router;\n",
        ),
        (
            "services/stock/src/main/java/org/example/stock/StockController.java",
            "package org.example.stock;\n\n@RestController\n@RequestMapping(\"/stock\")\npublic class StockController {\n    private final Stock stock;\n\n    @GetMapping(\"/{article}\")\n    public Amount amount(@PathVariable String article) {\n        return stock.of(article);\n    }\n}\n",
        ),
        (
            "services/stock/src/main/java/org/example/stock/Stock.java",
            "package org.example.stock;\n\npublic class Stock {\n    Amount of(String article) {\n        log.error(\"article \" + article + \" is in no storehouse\");\n        throw new IllegalStateException();\n    }\n}\n",
        ),
        (
            "services/pay/http/server.go",
            "package http\n\nfunc Serve(r *gin.Engine, pay *Payments) {\n\tv1 := r.Group(\"/v1\")\n\tv1.POST(\"/payments/:id/capture\", pay.Capture)\n}\n",
        ),
        (
            "services/pay/http/payments.go",
            "package http\n\ntype Payments struct{ bank Bank }\n\nfunc (p *Payments) Capture(c *gin.Context) {\n\tp.bank.Take(c.Param(\"id\"))\n}\n",
        ),
        (
            "services/back/config/routes.rb",
            "Rails.application.routes.draw do\n  namespace :admin do\n    resources :articles, only: [:index, :update]\n  end\nend\n",
        ),
        (
            "services/back/app/controllers/admin/articles_controller.rb",
            "module Admin\n  class ArticlesController < ApplicationController\n    def index\n      @articles = Article.all\n    end\n\n    def update\n      Article.find(params[:id]).update!(article)\n    end\n  end\nend\n",
        ),
    ])
}

/// What it says of a text, with the exit status 0.
#[track_caller]
fn traced(cli: &Cli, text: &str) -> Value {
    cli.run_with(text, &["trace", "--json", "-"]).exit(0).json()
}

/// The first place as `path:line`.
#[track_caller]
fn first(json: &Value) -> String {
    let it = &json["results"][0];
    let path = it["path"].as_str().unwrap_or_else(|| panic!("no results: {json}"));
    format!("{path}:{}", it["line"])
}

#[test]
fn frames_from_where_the_program_ran_are_found_in_the_repository() {
    let shop = shop();
    let cli = Cli::new(shop.path());
    let text = "Traceback (most recent call last):\n  File \"/app/app/main.py\", line 5, in start\n    return Pool().get(\"\")\n  File \"/app/app/db/pool.py\", line 12, in get\n    return self.free.pop()\n  File \"/usr/local/lib/python3.12/site-packages/sqlalchemy/pool/base.py\", line 7, in pop\nIndexError: pop from empty list\n";
    let json = traced(&cli, text);
    assert_eq!(json["dialect"], "python");
    assert_eq!(json["message"], "IndexError: pop from empty list");
    assert_eq!(first(&json), "services/api/app/db/pool.py:12");
    let frames = json["frames"].as_array().unwrap();
    let own: Vec<_> = frames.iter().map(|it| it["in_repo"].as_bool().unwrap()).collect();
    assert_eq!(own, [true, true, false], "{json}");
    assert_eq!(frames[0]["path"], "services/api/app/main.py");
    assert!(frames[0]["confidence"].as_f64().unwrap() > 0.8, "{json}");
    // The file has grown since that was deployed.
    for (line, quoted) in [(4, "    return self.free.pop()\n"), (90, "")] {
        let text = format!(
            "Traceback (most recent call last):\n  File \"/app/app/db/pool.py\", line {line}, in get\n{quoted}IndexError: x\n"
        );
        let expected = if quoted.is_empty() { 7 } else { 12 };
        assert_eq!(
            first(&traced(&cli, &text)),
            format!("services/api/app/db/pool.py:{expected}"),
            "{text}"
        );
    }
}

#[test]
fn classes_and_methods_without_a_path_are_found() {
    let shop = shop();
    let cli = Cli::new(shop.path());
    for (text, dialect, place) in [
        (
            "java.lang.IllegalStateException: null\n\tat org.example.stock.Stock.of(Unknown Source)\n\tat org.example.stock.StockController.amount(StockController.java:10)\n\tat java.base/java.lang.Thread.run(Thread.java:840)\n",
            "java",
            "services/stock/src/main/java/org/example/stock/Stock.java:4",
        ),
        (
            "TypeError: Cannot read properties of undefined (reading 'amount')\n    at CartService.total (https://shop.example/assets/main.8f2c.js:1:48213)\n    at async e (https://shop.example/assets/vendor.11aa.js:1:99213)\n",
            "javascript",
            "services/web/src/checkout/cart.service.ts:4",
        ),
        (
            "panic: nil\n\ngoroutine 1 [running]:\nexample.org/pay/http.(*Payments).Capture(0xc0)\n\t/build/http/payments.go:6 +0x1d\n",
            "go",
            "services/pay/http/payments.go:6",
        ),
    ] {
        let json = traced(&cli, text);
        assert_eq!(json["dialect"], dialect, "{json}");
        assert_eq!(first(&json), place, "{json}");
    }
}

#[test]
fn log_lines_lead_to_the_statements_that_write_them() {
    let shop = shop();
    let cli = Cli::new(shop.path());
    for (text, place) in [
        (
            "2026-11-25 02:47:00,123 WARNING app.db.pool: pool db://7 has 1 of 20 left",
            "services/api/app/db/pool.py:11",
        ),
        ("api-1  | LookupError: no url for orders was given", "services/api/app/db/pool.py:10"),
        ("ERROR user 42 is not in the directory of staff", "services/api/app/routes/auth.py:13"),
        (
            "[Nest] 17  - WARN [CartService] cart 8f2c was priced without 3 of its lines",
            "services/web/src/checkout/cart.service.ts:6",
        ),
        (
            "02:47:00.123 [http-1] ERROR o.e.s.Stock - article 7-A is in no storehouse",
            "services/stock/src/main/java/org/example/stock/Stock.java:5",
        ),
        (
            r#"{"level":"error","msg":"it failed","module":"pool","funcName":"get","lineno":9}"#,
            "services/api/app/db/pool.py:9",
        ),
        (
            r#"ts=1 level=error caller=http/payments.go:6 msg="it failed""#,
            "services/pay/http/payments.go:6",
        ),
    ] {
        let json = traced(&cli, text);
        assert_eq!(first(&json), place, "{text}\n{json}");
        assert_eq!(json["dialect"], "log", "{text}");
    }
}

#[test]
fn requests_lead_to_their_handlers() {
    let shop = shop();
    let cli = Cli::new(shop.path());
    for (text, place) in [
        ("POST /api/v1/auth/login 500", "services/api/app/routes/auth.py:7"),
        (
            "INFO:     10.0.0.1:5 - \"GET /api/v1/auth/users/17 HTTP/1.1\" 404 Not Found",
            "services/api/app/routes/auth.py:12",
        ),
        (
            "GET https://shop.example/api/orders/17?full=1 502",
            "services/web/src/routes/orders.js:3",
        ),
        (
            "web-1 | GET /stock/7-A 500 12.3 ms",
            "services/stock/src/main/java/org/example/stock/StockController.java:9",
        ),
        (
            "[GIN] 2026/11/25 - 02:47:00 | 500 | 1.2ms | 10.0.0.1 | POST \"/v1/payments/8/capture\"",
            "services/pay/http/payments.go:5",
        ),
        (
            "Started PATCH \"/admin/articles/9\" for 10.0.0.1 at 2026-11-25 02:47:00 +0000",
            "services/back/app/controllers/admin/articles_controller.rb:7",
        ),
    ] {
        let json = traced(&cli, text);
        assert_eq!(first(&json), place, "{text}\n{json}");
        assert_eq!(json["dialect"], "route", "{text}");
    }
}

#[test]
fn what_it_says_keeps_to_the_contract() {
    let shop = shop();
    let cli = Cli::new(shop.path());
    let json = traced(&cli, "E: x\n    at total (/srv/src/checkout/cart.service.js:7:9)\n");
    let keys = |it: &Value| it.as_object().unwrap().keys().cloned().collect::<BTreeSet<_>>();
    for key in ["version", "dialect", "message", "frames", "results"] {
        assert!(keys(&json).contains(key), "{json}");
    }
    for key in ["index", "raw", "path", "line", "function", "in_repo", "confidence"] {
        assert!(keys(&json["frames"][0]).contains(key), "{json}");
    }
    for key in ["rank", "path", "line", "why"] {
        assert!(keys(&json["results"][0]).contains(key), "{json}");
    }
    assert_eq!(json["results"][0]["rank"], 1);
    assert!(!json["results"][0]["why"][0].as_str().unwrap().is_empty());
    let text = cli.run_with("GET /stock/7 500", &["trace", "-"]).exit(0).out;
    assert!(text.contains("StockController.java:9\thandles GET /stock/7"), "{text}");
}

#[test]
fn exit_statuses_say_whether_something_was_found() {
    let shop = shop();
    let cli = Cli::new(shop.path());
    let json = cli.run_with("zqx wvk\n", &["trace", "--json", "-"]).exit(1).json();
    assert_eq!(json["results"].as_array().map(Vec::len), Some(0));
    for (input, arguments, kind) in [
        ("", &["trace", "--json", "-"][..], "input"),
        (" \n\t\n", &["trace", "--json", "-"], "input"),
        ("", &["trace", "--json", "no/such/file.log"], "input"),
        ("", &["trace", "--json", "--nothing"], "usage"),
    ] {
        let said = cli.run_with(input, arguments).exit(2);
        assert_eq!(said.json()["error"]["kind"], kind, "{arguments:?}");
    }
    shop.write("incident.log", "GET /stock/7 500\n");
    let json = cli.run(&["trace", "--json", "incident.log"]).exit(0).json();
    assert!(first(&json).ends_with("StockController.java:9"), "{json}");
}

#[test]
fn hostile_texts_are_answered_in_clean_words() {
    let shop = shop();
    let cli = Cli::new(shop.path());
    for text in [
        "    at \x1b]0;x\x07f (/a/\x1b[2Jcart.service.js:1:2)\n".to_owned(),
        "\u{202e}GET /stock/\u{9b}7 500\n".to_owned(),
        "é\u{0}".repeat(40_000),
        "at at at (((".repeat(90_000),
        "\\n    at ".repeat(100_000),
        "{\"a\":".repeat(100_000),
        "    at f (/a/b.js:1:2)\n".repeat(30_000),
    ] {
        let said = cli.run_with(&text, &["trace", "-"]);
        assert!(said.status == 0 || said.status == 1, "{}", said.err);
        let bad = |it: char| it.is_control() && !matches!(it, '\n' | '\t') || it == '\u{202e}';
        assert!(!said.out.contains(bad) && !said.err.contains(bad), "{}", said.out);
    }
    let long = "Traceback (most recent call last):\n".to_owned()
        + &"2026-11-25 02:47:00 INFO nothing of note has happened here\n".repeat(40_000)
        + "  File \"/app/app/db/pool.py\", line 12, in get\nIndexError: x\n";
    let json = traced(&cli, &long);
    assert_eq!(first(&json), "services/api/app/db/pool.py:12");
    let note = json["diagnostics"][0]["message"].as_str().unwrap();
    assert!(note.contains("were not read"), "{note}");
}
