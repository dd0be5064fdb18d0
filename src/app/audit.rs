//! The audit's part of the state machine: each check with its verdict, evidence and fix, what fails
//! first.

use super::critical::holds;
use super::outline::{Heading, Line, Mark, Outline, Row};
use crate::base::text;
use crate::engine::audit::{Audit, Check, Evidence, Verdict};
use crate::protocol::Generation;

/// The audit's state.
#[derive(Debug, Clone, Default)]
pub struct Auditing {
    /// What was judged last; `None` until it was.
    pub audit: Option<Audit>,
    /// Whether a judgement is under way.
    pub busy: bool,
    /// Whether one is to be made as soon as the files are known.
    pub waits: bool,
    /// Whether files have changed since.
    pub outdated: bool,
    /// The lines on screen.
    pub outline: Outline,
    /// Of the last request.
    pub asked: Generation,
}

impl Auditing {
    /// Shows what holds every word of `query`, on a screen of so many rows.
    pub fn filter(&mut self, query: &str, rows: usize) {
        let Some(audit) = &self.audit else { return };
        let words: Vec<String> = query.split_whitespace().map(str::to_lowercase).collect();
        let mut checks: Vec<&Check> = audit.checks.iter().collect();
        checks.sort_by_key(|it| match it.verdict {
            Verdict::Fail => 0,
            Verdict::Warn => 1,
            Verdict::Pass => 2,
            Verdict::NotApplicable => 3,
        });
        let mut lines = Vec::new();
        for check in checks {
            let title = format!("{} {}", check.title, check.verdict.word());
            let mut rows = rows_of(check);
            if !holds(&words, &[&title]) {
                rows.retain(|it| holds(&words, &[&title, &text_of(it)]));
                if rows.is_empty() {
                    continue;
                }
            }
            lines.push(Line::Heading(Heading {
                title: check.title.to_owned(),
                count: word_of(check.verdict).to_owned(),
                mark: mark_of(check.verdict),
                ..Heading::default()
            }));
            lines.extend(rows.into_iter().map(Line::Row));
        }
        if !audit.shape.is_empty() && holds(&words, &["one repository or several", &audit.advice]) {
            lines.push(Line::Heading(Heading {
                title: "One repository or several".to_owned(),
                count: "advice".to_owned(),
                ..Heading::default()
            }));
            lines.push(Line::Row(words_only(&audit.advice)));
            lines.extend(audit.shape.iter().map(|it| Line::Row(row(it))));
        }
        self.outline.replace(lines, rows);
    }

    /// How many checks pass, pass in part, fail and cannot be judged.
    pub fn counts(&self) -> (usize, usize, usize, usize) {
        let checks = self.audit.iter().flat_map(|it| &it.checks);
        checks.fold((0, 0, 0, 0), |(pass, warn, fail, unknown), check| match check.verdict {
            Verdict::Pass => (pass + 1, warn, fail, unknown),
            Verdict::Warn => (pass, warn + 1, fail, unknown),
            Verdict::Fail => (pass, warn, fail + 1, unknown),
            Verdict::NotApplicable => (pass, warn, fail, unknown + 1),
        })
    }
}

fn word_of(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Pass => "pass",
        Verdict::Warn => "warn",
        Verdict::Fail => "FAIL",
        Verdict::NotApplicable => "not judged",
    }
}

fn mark_of(verdict: Verdict) -> Mark {
    match verdict {
        Verdict::Pass => Mark::Good,
        Verdict::Warn => Mark::Middling,
        Verdict::Fail => Mark::Bad,
        Verdict::NotApplicable => Mark::Unknown,
    }
}

fn rows_of(check: &Check) -> Vec<Row> {
    let mut rows: Vec<Row> = check.evidence.iter().map(row).collect();
    if !check.fix.is_empty() {
        rows.push(words_only(&format!("fix: {}", check.fix)));
    }
    rows
}

fn text_of(row: &Row) -> String {
    let path = row.place.as_ref().map_or_else(String::new, |(path, _)| path.display());
    format!("{path} {}", row.text)
}

fn row(evidence: &Evidence) -> Row {
    let mut row = words_only(&evidence.text);
    row.place.clone_from(&evidence.place);
    row
}

fn words_only(said: &str) -> Row {
    let text = text::clean(said).into_owned();
    Row { says: vec![text.clone()], text, ..Row::default() }
}
