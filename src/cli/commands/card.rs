//! The card of a command on the command line: what exactly would run, from where, what it may do,
//! where it would land, and what has changed since it was trusted.

use std::fmt::Write;

use crate::base::text::clean;
use crate::engine::commands::Trust;
use crate::engine::history::{Side, hunks};
use crate::workers::Judged;

/// Lines of what would run, or of the difference, that are shown.
const LINES: usize = 60;

/// The card as text.
pub fn of(judged: &Judged) -> String {
    // Writing to a String cannot fail.
    let it = &judged.command;
    let mut out = format!("{}: {}\n", clean(&it.id), clean(&it.title));
    let _ = writeln!(out, "  from {}:{}", it.place.path.display(), it.place.line);
    let _ = writeln!(out, "  risk {}: {}", it.risk.id(), clean(&it.risk_why));
    for target in &judged.targets {
        let paint = if target.production { ", which looks like PRODUCTION" } else { "" };
        let _ = writeln!(out, "  to {}{paint}", target.says());
    }
    if let Some(fault) = &judged.subject.fault {
        let _ = writeln!(out, "  cannot be trusted: {fault}");
    }
    let text = &judged.subject.text;
    let lines = match &judged.trust {
        Trust::Changed { before, .. } => {
            out.push_str("  changed since it was trusted:\n");
            let mut lines = Vec::new();
            for hunk in hunks(before.as_bytes(), text.as_bytes()) {
                lines.extend(hunk.lines.iter().map(|line| {
                    let sign = match line.side {
                        Side::Both => ' ',
                        Side::Old => '-',
                        Side::New => '+',
                    };
                    format!("{sign} {}", line.text)
                }));
            }
            lines
        }
        Trust::Trusted | Trust::Unknown | Trust::Denied => {
            text.lines().map(str::to_owned).collect()
        }
    };
    for line in lines.iter().take(LINES) {
        let _ = writeln!(out, "    {line}");
    }
    if lines.len() > LINES {
        let more = lines.len() - LINES;
        let _ = writeln!(out, "    … {more} more lines; open the source to see them");
    }
    out.trim_end().to_owned()
}
