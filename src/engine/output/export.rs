//! Output as text to copy or to save.

use std::fmt::Write;

use super::ring::amount;
use super::{Ring, Row};
use crate::engine::commands::Outcome;

/// All lines that are kept, with what is lacking between them.
pub fn plain(ring: &Ring) -> String {
    let mut out = String::new();
    for row in (0..ring.rows()).filter_map(|it| ring.row(it)) {
        match row {
            Row::Line(line, _) => {
                out.push_str(&line.text);
                if line.cut && line.stream != super::Stream::Navi {
                    out.push('…');
                }
            }
            Row::Gap { lines, bytes } => {
                let _ = write!(out, "… {lines} lines, {} left out …", amount(bytes));
            }
        }
        out.push('\n');
    }
    out
}

/// A run as a block of Markdown: the command, how it ended and when, and its output.
pub fn markdown(argv: &[String], outcome: Option<&Outcome>, when: &str, ring: &Ring) -> String {
    let output = plain(ring);
    // A fence is longer than any in the text.
    let longest = output
        .lines()
        .map(|it| it.trim_start().bytes().take_while(|&it| it == b'`').count())
        .max()
        .unwrap_or(0);
    let fence = "`".repeat(longest.max(2) + 1);
    let ended = match outcome {
        None => "still running".to_owned(),
        Some(it) => {
            let exit = it.exit.map_or_else(String::new, |exit| format!(", exit {exit}"));
            format!("{}{exit}, {:.1} s", it.status.id(), it.ms as f64 / 1000.0)
        }
    };
    let mut out =
        format!("{fence}console\n$ {}\n{output}{fence}\n\n{when}: {ended}\n", shown(argv));
    for note in outcome.into_iter().flat_map(|it| &it.notes) {
        let _ = writeln!(out, "- {note}");
    }
    out
}

/// An argument array as one would type it; for reading and copying, never to be run.
pub fn shown(argv: &[String]) -> String {
    let quoted = |it: &String| {
        let plain = |it: char| it.is_ascii_alphanumeric() || "-_./:=,@%+^".contains(it);
        if !it.is_empty() && it.chars().all(plain) {
            it.clone()
        } else {
            format!("'{}'", crate::base::text::clean(it).replace('\'', "'\\''"))
        }
    };
    argv.iter().map(quoted).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::super::{Level, Line, Stream};
    use super::*;
    use crate::engine::commands::Status;

    #[test]
    fn a_block_tells_what_ran_and_cannot_be_left() {
        let mut ring = Ring::default();
        for text in ["a", "```", "b"] {
            let (stream, level) = (Stream::Out, Level::Plain);
            ring.push(Line {
                stream,
                text: text.into(),
                looks: Vec::new(),
                level,
                cut: text == "b",
            });
        }
        let outcome = Outcome {
            status: Status::Failed,
            exit: Some(3),
            ms: 1240,
            dropped_bytes: 0,
            notes: vec!["x".into()],
        };
        let argv = ["sh".into(), "-c".into(), "it's".into()];
        assert_eq!(
            markdown(&argv, Some(&outcome), "2026-01-02 03:04", &ring),
            "````console\n$ sh -c 'it'\\''s'\na\n```\nb…\n````\n\n\
             2026-01-02 03:04: failed, exit 3, 1.2 s\n- x\n"
        );
    }
}
