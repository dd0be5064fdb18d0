//! Vue, Svelte and Astro: the scripts within markup.

/// The endings of such files.
pub const ENDINGS: &[&[u8]] = &[b"vue", b"svelte", b"astro", b"html", b"htm"];

/// Scripts in one file that are looked at.
const MOST: usize = 64;

/// A script.
pub struct Part<'a> {
    /// Its text.
    pub text: &'a [u8],
    /// Lines before it.
    pub lines: u32,
    /// Whether it is TypeScript.
    pub typed: bool,
}

/// The scripts of a file, in their order.
pub fn scripts(text: &[u8]) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let mut from = 0;
    let lines_before = |at: usize| {
        let before = text.get(..at).unwrap_or_default();
        memchr::memchr_iter(b'\n', before).count() as u32
    };
    // Astro's code stands between two lines of dashes at the top.
    if let Some(rest) = text.strip_prefix(b"---\n") {
        let end = memchr::memmem::find(rest, b"\n---").unwrap_or(rest.len());
        let inner = rest.get(..end).unwrap_or_default();
        parts.push(Part { text: inner, lines: 1, typed: true });
        from = 4 + end;
    }
    let finder = memchr::memmem::Finder::new(b"<script");
    while parts.len() < MOST
        && let Some(open) = text.get(from..).and_then(|it| finder.find(it))
    {
        let tag = from + open + 7;
        let rest = text.get(tag..).unwrap_or_default();
        let Some(close) = memchr::memchr(b'>', rest) else { break };
        let attributes = rest.get(..close).unwrap_or_default();
        let body = tag + close + 1;
        let rest = text.get(body..).unwrap_or_default();
        let end = memchr::memmem::find(rest, b"</script").unwrap_or(rest.len());
        let holds = |what: &[u8]| memchr::memmem::find(attributes, what).is_some();
        let data = holds(b"json") || holds(b"text/") && !holds(b"javascript");
        if !attributes.ends_with(b"/") && !data {
            parts.push(Part {
                text: rest.get(..end).unwrap_or_default(),
                lines: lines_before(body),
                typed: holds(b"ts") && !holds(b"tsx"),
            });
        }
        from = body + end;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn scripts_are_found_with_their_lines() {
        let text = b"<template>\n</template>\n<script setup lang=\"ts\">\nconst A = 1\n</script>\n<script src=\"x\"/>\n";
        let parts = scripts(text);
        assert_eq!(parts.len(), 1);
        assert_eq!(
            (parts[0].lines, parts[0].typed, parts[0].text),
            (2, true, &b"\nconst A = 1\n"[..])
        );
        assert_eq!(scripts(b"---\nconst a = 1\n---\n<p/>").len(), 1);
        assert!(scripts(b"<script").is_empty());
    }
}
