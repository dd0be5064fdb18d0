//! Traces as real programs print them: `fixtures/` says of each with what it was made.

use super::*;

#[test]
fn patterns_are_sound() {
    // Each dialect gives up without its pattern; these lines have one of each.
    let text = "  File \"a.py\", line 1, in f\nError\n    at f (/a.js:1:2)\n\tat a.B.c(B.java:1)\n\t/a/b.go:1 +0x1\n   0: a::b\n             at ./src/a.rs:1:2\na.rb:1:in `f'\n#0 /a.php(1): f()\n   at A.B.C() in /a.cs:line 1\n    (app 0.1.0) lib/a.ex:1: A.f/1\n x.c:3: error";
    let lines: Vec<Line> =
        text.lines().map(|it| Line { text: it.to_owned(), ..Line::default() }).collect();
    let traces = read(&lines);
    let ends: Vec<&str> = traces
        .frames
        .iter()
        .filter_map(|it| it.file.as_deref().and_then(|it| it.rsplit_once('.')).map(|it| it.1))
        .collect();
    assert_eq!(ends, ["py", "js", "java", "go", "rs", "rb", "php", "cs", "ex", "c"]);
}
