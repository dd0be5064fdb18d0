//! Where a link of a document leads within its repository.

use super::Target;
use crate::base::{RepoPath, text};

/// The longest address that is kept.
const LONGEST: usize = 2000;

/// What `address` in the document at `from` means; `exists` tells which files there are.
pub fn resolve(address: &str, from: &RepoPath, exists: &dyn Fn(&RepoPath) -> bool) -> Target {
    let address = address.trim();
    if let Some(heading) = address.strip_prefix('#') {
        return Target::Heading(slug(&decoded(heading)));
    }
    if address.len() > LONGEST || has_scheme(address) || address.starts_with("//") {
        let shown: String = address.chars().take(LONGEST).collect();
        return Target::Web(text::clean(&shown).into_owned());
    }
    let (path, anchor) = address.split_once('#').unwrap_or((address, ""));
    let path = path.split('?').next().unwrap_or_default();
    let path = decoded(path);
    let (path, mut line) = match path.rsplit_once(':') {
        Some((path, number)) if number.parse::<u64>().is_ok() => {
            (path.to_owned(), number.parse().ok())
        }
        _ => (path, None),
    };
    // `#L42` and `#L42-L50`, as forges write them.
    let number = anchor.strip_prefix('L').map(|it| it.split(['-', 'C']).next().unwrap_or(it));
    line = line.or_else(|| number.and_then(|it| it.parse().ok()));
    let heading = (number.is_none() && !anchor.is_empty()).then(|| slug(&decoded(anchor)));
    for base in bases(&path, from) {
        let Some(path) = joined(&base, path.trim_start_matches('/')) else { continue };
        let mut tries = vec![path.clone()];
        if path.ends_with('/') || path.is_empty() {
            tries = vec![format!("{path}README.md")];
        } else {
            // Documentation generators leave the ending out.
            tries.extend([format!("{path}.md"), format!("{path}/README.md")]);
        }
        for path in tries {
            let path = RepoPath::from(path.as_str());
            if exists(&path) {
                return Target::File { path, line: line.filter(|it| *it > 0), heading };
            }
        }
    }
    Target::Missing(text::clean(address).into_owned())
}

/// A place that is named in passing, such as `` `api/auth.py:42` ``, if there is such a file.
pub fn mention(said: &str, from: &RepoPath, exists: &dyn Fn(&RepoPath) -> bool) -> Option<Target> {
    let named = said.len() <= 300
        && said.contains(['/', '.'])
        && !said.starts_with('-')
        && !said.contains(|it: char| it.is_whitespace() || "*(){}$|<>\"'`;,#".contains(it));
    if !named || has_scheme(said) {
        return None;
    }
    match resolve(said, from, exists) {
        it @ Target::File { .. } => Some(it),
        _ => None,
    }
}

/// The folders that a path may be meant from.
fn bases(path: &str, from: &RepoPath) -> Vec<String> {
    let shown = from.to_text().into_owned();
    let folder = shown.rsplit_once('/').map_or("", |it| it.0).to_owned();
    if path.starts_with('/') || folder.is_empty() {
        vec![String::new()]
    } else {
        vec![folder, String::new()]
    }
}

/// `path` from `base`; `None` where it leads out of the repository.
fn joined(base: &str, path: &str) -> Option<String> {
    let mut parts: Vec<&str> = base.split('/').filter(|it| !it.is_empty()).collect();
    let folder = path.ends_with('/');
    for part in path.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    let all = parts.join("/");
    Some(if folder && !all.is_empty() { format!("{all}/") } else { all })
}

fn has_scheme(address: &str) -> bool {
    let Some((scheme, rest)) = address.split_once(':') else { return false };
    let word = scheme.len() > 1
        && scheme.chars().all(|it| it.is_ascii_alphanumeric() || "+-.".contains(it))
        && scheme.starts_with(|it: char| it.is_ascii_alphabetic());
    word && (rest.starts_with("//")
        || matches!(scheme, "mailto" | "tel" | "javascript" | "data" | "file"))
}

fn decoded(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let digits = bytes.get(at + 1..at + 3).and_then(|it| std::str::from_utf8(it).ok());
        let value = digits.filter(|_| byte == b'%').and_then(|it| u8::from_str_radix(it, 16).ok());
        out.push(value.unwrap_or(byte));
        at += if value.is_some() { 3 } else { 1 };
    }
    String::from_utf8_lossy(&out).into_owned()
}

/// The name of a heading in addresses, as forges make it.
pub fn slug(heading: &str) -> String {
    let kept = |it: &char| it.is_alphanumeric() || matches!(it, '-' | '_' | ' ');
    heading
        .trim()
        .to_lowercase()
        .chars()
        .filter(kept)
        .map(|it| if it == ' ' { '-' } else { it })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lead(address: &str) -> Target {
        let there =
            ["docs/runbooks/db.md", "docs/a b.md", "api/auth.py", "README.md", "docs/README.md"];
        let exists = |it: &RepoPath| there.contains(&&*it.to_text());
        resolve(address, &"docs/runbooks/login.md".into(), &exists)
    }

    fn file(path: &str, line: Option<u64>, heading: Option<&str>) -> Target {
        Target::File { path: path.into(), line, heading: heading.map(str::to_owned) }
    }

    #[test]
    fn links_lead_to_files_lines_and_headings() {
        assert_eq!(lead("db.md"), file("docs/runbooks/db.md", None, None));
        assert_eq!(lead("./db"), file("docs/runbooks/db.md", None, None));
        assert_eq!(lead("../a%20b.md#Roll%20back"), file("docs/a b.md", None, Some("roll-back")));
        assert_eq!(lead("../../api/auth.py#L42-L50"), file("api/auth.py", Some(42), None));
        assert_eq!(lead("/api/auth.py:7"), file("api/auth.py", Some(7), None));
        assert_eq!(lead("api/auth.py"), file("api/auth.py", None, None));
        assert_eq!(lead("../"), file("docs/README.md", None, None));
        assert_eq!(lead("#First steps!"), Target::Heading("first-steps".into()));
        assert_eq!(lead("https://x.org/a#b"), Target::Web("https://x.org/a#b".into()));
        assert_eq!(lead("gone.md"), Target::Missing("gone.md".into()));
        assert_eq!(lead("../../../etc/passwd"), Target::Missing("../../../etc/passwd".into()));
    }

    #[test]
    fn places_in_passing_are_links_where_there_is_such_a_file() {
        let exists = |it: &RepoPath| *it == "api/auth.py".into();
        let seen = |text: &str| mention(text, &"docs/x.md".into(), &exists);
        assert_eq!(seen("api/auth.py:42"), Some(file("api/auth.py", Some(42), None)));
        assert_eq!(seen("api/gone.py"), None);
        assert_eq!(seen("cat api/auth.py"), None);
        assert_eq!(seen("https://api/auth.py"), None);
    }
}
