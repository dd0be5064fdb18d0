//! Tests of documents on the screen: what is read, how it is laid out, what hostile ones do.

use std::time::{Duration, Instant};

use proptest::prelude::*;

use super::*;
use crate::base::RepoPath;
use crate::engine::runbook::read;

fn plain_code(_: &str, lines: &[String]) -> Vec<Vec<Span>> {
    lines.iter().map(|it| vec![Span { text: it.clone(), tint: Tint::Plain }]).collect()
}

fn page(markdown: &str, width: usize) -> Page {
    let exists = |it: &RepoPath| *it == "api/auth.py".into() || *it == "docs/db.md".into();
    lay_out(&read(markdown, &"docs/x.md".into(), &exists), width, &mut plain_code)
}

fn shown(markdown: &str, width: usize) -> String {
    let rows: Vec<String> =
        page(markdown, width).rows.iter().map(|it| it.text().trim_end().to_owned()).collect();
    rows.join("\n")
}

#[test]
fn headings_lists_quotes_and_code_are_laid_out() {
    let markdown = "---\ntitle: x\n---\n# Login is **down**\n\nLook at the sessions\nfirst, then at `api/auth.py:6`.\n\n\
                    1. one\n2. two and more words than fit\n   - [x] inner\n\n> quoted\n> twice\n\n```sh\nmake  a\n\tb\n```\n\n***\n";
    let expected = "Login is down\n═════════════\n\nLook at the sessions\nfirst, then at\napi/auth.py:6.\n\n\
                    1. one\n2. two and more words\n   than fit\n   [x] inner\n\n▎ quoted twice\n\n┌ sh\n│ make  a\n│         b\n\n\
                    ────────────────────────";
    let found = shown(markdown, 24);
    assert_eq!(found, expected.replace("        b", "    b"), "\n{found}");
}

#[test]
fn tables_fit_and_become_lists_where_they_cannot() {
    let markdown = "| Alert | What to do |\n| --- | --- |\n| PoolExhausted | restart the api and look at the pool |\n| Disk | make room |\n";
    let wide = shown(markdown, 80);
    assert_eq!(
        wide,
        "Alert         │ What to do\n──────────────┼─────────────────────────────────────\n\
         PoolExhausted │ restart the api and look at the pool\nDisk          │ make room"
    );
    let narrow = shown(markdown, 34);
    assert!(narrow.lines().all(|it| text::width(it) <= 34), "{narrow}");
    assert!(narrow.contains("PoolExhausted │ restart the api"), "{narrow}");
    let many = format!("|{}\n|{}\n|{}\n", "head|".repeat(9), "-|".repeat(9), "cell|".repeat(9));
    let list = shown(&many, 40);
    assert_eq!(list.lines().count(), 9);
    assert!(list.lines().all(|it| it == "head: cell"), "{list}");
}

#[test]
fn links_and_code_are_stops_with_their_rows() {
    let markdown = "# A\n\nsee [the database](db.md#pool) and [gone](gone.md),\n[web](https://x.org)\n\n## B\n\n```sql\nselect 1\n```\n\n`api/auth.py:42`\n";
    let page = page(markdown, 60);
    let file = |path: &str, line, heading: Option<&str>| {
        Place::Link(Target::File { path: path.into(), line, heading: heading.map(str::to_owned) })
    };
    let stops: Vec<(usize, Place)> =
        page.stops.iter().map(|it| (it.row, it.place.clone())).collect();
    let code = Place::Code { language: "sql".into(), text: "select 1".into(), line: 8, last: 10 };
    let web = Place::Link(Target::Web("https://x.org".into()));
    assert_eq!(
        stops,
        [
            (3, file("docs/db.md", None, Some("pool"))),
            (3, web),
            (8, code),
            (11, file("api/auth.py", Some(42), None)),
        ]
    );
    assert_eq!(page.headings, [(1, "A".to_owned(), 0), (2, "B".to_owned(), 5)]);
    assert!(page.rows[3].bits.iter().any(|it| it.tone == Tone::Missing && it.text == "gone"));
    assert_eq!(find(&page, "SELECT", 0, true), Some(9));
    assert_eq!(find(&page, "see", 9, true), Some(3));
    assert_eq!(find(&page, "see", 9, false), Some(3));
    assert_eq!(find(&page, "nowhere", 0, true), None);
}

#[test]
fn hostile_documents_neither_steer_nor_hang() {
    let megabyte = 1 << 20;
    let nested = "> ".repeat(10_000);
    let documents = [
        format!("{nested}deep\n{nested}deeper\n"),
        "- ".repeat(10_000) + "x",
        format!("| a | b |\n| - | - |\n| {} | x |\n", "y".repeat(megabyte)),
        format!("|{}\n|{}\n", "a|".repeat(200_000), "-|".repeat(200_000)),
        "[".repeat(200_000) + "x",
        "*".repeat(200_000) + "x",
        "`".repeat(50_001) + "x" + &"`".repeat(50_000),
        "<!--".repeat(100_000),
        "\u{1b}[31m# \u{202e}x\n\n```\u{1b}]0;t\u{7}\n\u{9b}2J\n```\n[\u{7}](\u{1b}x)\n".to_owned(),
        "# h\n".repeat(60_000),
        "&#27;[31m &#x1b;]52;c;x&#7;\n".to_owned(),
        format!("![{0}]({0})", "x".repeat(100_000)),
    ];
    for document in &documents {
        let started = Instant::now();
        let page = page(document, 80);
        let begin: String = document.chars().take(20).collect();
        // Seconds in a build without optimisation; what hangs takes minutes.
        assert!(started.elapsed() < Duration::from_secs(60), "{begin:?}");
        for row in &page.rows {
            let text = row.text();
            assert!(text::is_clean(&text), "{text:?}");
            assert!(text::width(&text) <= 80, "{text:?}");
        }
    }
}

proptest! {
    #[test]
    fn any_text_fits_any_width(
        text in "([a-z*_`#>|\\[\\]()<!~ \\n-]|\\PC|\\n\\n|```|1\\. |\\| --- |https://x\\.y|漢|\u{1b}){0,120}",
        width in 0usize..90,
    ) {
        let page = page(&text, width);
        for row in &page.rows {
            let text = row.text();
            prop_assert!(text::is_clean(&text), "{text:?}");
            prop_assert!(text::width(&text) <= width.max(NARROWEST), "{text:?}");
        }
        for stop in &page.stops {
            prop_assert!(stop.row < page.rows.len());
        }
    }
}
