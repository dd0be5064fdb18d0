//! Diagnostics: what was wrong with something a person wrote, where, and what to do.
//!
//! Loading never fails as a whole because of one mistake: it returns what stands together with the
//! diagnostics of what was dropped ([`Checked`]).

use std::fmt;

use crate::base::text;

/// How much a diagnostic matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// Worth knowing; nothing was dropped.
    Note,
    /// Something was dropped or replaced by its default.
    Warning,
    /// Something the user asked for cannot be done.
    Error,
}

impl Severity {
    /// The word shown before the message.
    pub fn word(self) -> &'static str {
        match self {
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// Where a diagnostic comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Origin {
    /// A file, `built-in NAME`, or a flag such as `--theme`.
    pub source: String,
    /// 1-based line, where known.
    pub line: Option<u32>,
    /// 1-based column in characters, where known.
    pub column: Option<u32>,
}

impl Origin {
    /// An origin that is a whole file or flag.
    pub fn whole(source: impl Into<String>) -> Self {
        Self { source: source.into(), line: None, column: None }
    }

    /// The place of byte `offset` of `text`, which was read from `source`.
    pub fn at(source: impl Into<String>, text: &str, offset: usize) -> Self {
        let before = text.as_bytes().get(..offset.min(text.len())).unwrap_or_default();
        let line = memchr::memchr_iter(b'\n', before).count() + 1;
        let start = before.iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
        let column = String::from_utf8_lossy(&before[start..]).chars().count() + 1;
        Self { source: source.into(), line: Some(line as u32), column: Some(column as u32) }
    }
}

impl fmt::Display for Origin {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.source)?;
        if let Some(line) = self.line {
            write!(out, ":{line}")?;
            if let Some(column) = self.column {
                write!(out, ":{column}")?;
            }
        }
        Ok(())
    }
}

/// One thing that was wrong, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Diagnostic {
    /// How much it matters.
    pub severity: Severity,
    /// Where it was found.
    pub origin: Option<Origin>,
    /// What happened, as a sentence without a full stop at its end.
    pub message: String,
    /// What to do next, where there is something to do.
    pub hint: Option<String>,
}

impl Diagnostic {
    /// A diagnostic of the given severity without origin or hint.
    pub fn new(severity: Severity, message: impl Into<String>) -> Self {
        Self { severity, origin: None, message: message.into(), hint: None }
    }

    /// A warning: something was dropped.
    pub fn warning(message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, message)
    }

    /// A note: worth knowing, nothing was dropped.
    pub fn note(message: impl Into<String>) -> Self {
        Self::new(Severity::Note, message)
    }

    /// An error: something the user asked for cannot be done.
    pub fn error(message: impl Into<String>) -> Self {
        Self::new(Severity::Error, message)
    }

    /// The same diagnostic with its place.
    #[must_use]
    pub fn at(mut self, origin: Origin) -> Self {
        self.origin = Some(origin);
        self
    }

    /// The same diagnostic with what to do about it.
    #[must_use]
    pub fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// The same diagnostic with a "did you mean", when there is a near name.
    #[must_use]
    pub fn maybe_meant(self, near: Option<&str>) -> Self {
        match near {
            Some(name) => self.hint(format!("did you mean `{name}`?")),
            None => self,
        }
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(origin) = &self.origin {
            write!(out, "{origin}: ")?;
        }
        write!(out, "{}: {}", self.severity.word(), self.message)?;
        if let Some(hint) = &self.hint {
            write!(out, " ({hint})")?;
        }
        Ok(())
    }
}

/// Outside text as a message may hold it: in backticks, cleaned, and never long.
pub fn quote(text: &str) -> String {
    format!("`{}`", text::truncate(&text::clean(text), 60))
}

/// Puts diagnostics into the order of the lines they are about; sources stay in the order in which
/// they first came.
pub fn in_file_order(faults: &mut [Diagnostic]) {
    let source = |fault: &Diagnostic| fault.origin.as_ref().map(|origin| origin.source.clone());
    let mut sources: Vec<Option<String>> = Vec::new();
    for fault in faults.iter() {
        if !sources.contains(&source(fault)) {
            sources.push(source(fault));
        }
    }
    faults.sort_by_cached_key(|fault| {
        let rank = sources.iter().position(|known| *known == source(fault));
        (rank, fault.origin.as_ref().map(|origin| (origin.line, origin.column)))
    });
}

/// A value together with what was wrong on the way to it.
pub type Checked<T> = (T, Vec<Diagnostic>);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn origin_counts_lines_and_characters() {
        let text = "a = 1\nbé = 2\n";
        let offset = text.rfind('=').unwrap();
        assert_eq!(
            Origin::at("x.toml", text, offset),
            Origin { source: "x.toml".into(), line: Some(2), column: Some(4) }
        );
    }

    #[test]
    fn a_diagnostic_reads_as_one_line() {
        let it = Diagnostic::warning("unknown key `thme`")
            .at(Origin { source: "config.toml".into(), line: Some(3), column: Some(1) })
            .maybe_meant(Some("theme"));
        assert_eq!(
            it.to_string(),
            "config.toml:3:1: warning: unknown key `thme` (did you mean `theme`?)"
        );
    }
}
