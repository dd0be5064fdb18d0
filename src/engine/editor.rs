//! How editors are told the line: from the user's editor command to the arguments of a call.
//!
//! Each family's way is from its own manual: `+LINE` (vi, emacs, nano, joe), `FILE:LINE:COLUMN`
//! (helix, Sublime Text, Zed, micro), `--goto FILE:LINE:COLUMN` (VS Code and its forks),
//! `--line LINE --column COLUMN FILE` (`JetBrains`).

/// The way a family of editors takes a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Style {
    /// `+call cursor(L, C)` would be exact, but `+L` is understood by every vi.
    Plus,
    /// `+L:C FILE`.
    PlusColumn,
    /// `+L,C FILE`.
    PlusComma,
    /// `FILE:L:C`.
    Colon,
    /// `--goto FILE:L:C`.
    Goto,
    /// `--line L --column C FILE`.
    JetBrains,
    /// `-l L FILE`.
    DashL,
    /// The file alone.
    FileOnly,
}

const STYLES: &[(&[&str], Style)] = &[
    (
        &["vi", "vim", "nvim", "view", "gvim", "nvi", "elvis", "vis", "ex", "joe", "jed", "ne"],
        Style::Plus,
    ),
    (&["emacs", "emacsclient", "zile", "mg", "kak"], Style::PlusColumn),
    (&["nano", "pico", "rnano"], Style::PlusComma),
    (&["hx", "helix", "micro", "subl", "sublime_text", "zed", "zeditor", "lapce"], Style::Colon),
    (
        &["code", "code-insiders", "codium", "vscodium", "cursor", "windsurf", "positron"],
        Style::Goto,
    ),
    (
        &[
            "idea",
            "pycharm",
            "webstorm",
            "goland",
            "clion",
            "rubymine",
            "phpstorm",
            "rider",
            "rustrover",
            "studio",
            "charm",
        ],
        Style::JetBrains,
    ),
    (&["kate", "mate", "gedit"], Style::DashL),
];

/// The call that opens `path` at a place (1-based) with `command`, which is a program with
/// arguments or a template with `{path}`, `{line}` and `{column}`. `None` when it holds no program.
pub fn call(command: &str, path: &str, line: u64, column: u64) -> Option<Vec<String>> {
    let mut words = split(command);
    let program = words.first()?.clone();
    // A name that begins with a dash must not become an option, nor one that begins with a plus a
    // command of vi.
    let safe = if path.starts_with(['-', '+']) { format!("./{path}") } else { path.to_owned() };
    if words.iter().any(|word| word.contains("{path}")) {
        let (line, column) = (line.to_string(), column.to_string());
        for word in &mut words {
            // The path comes last, so that braces in it are not taken for more of the template.
            *word =
                word.replace("{line}", &line).replace("{column}", &column).replace("{path}", &safe);
        }
        return Some(words);
    }
    let name = program.rsplit(['/', '\\']).next().unwrap_or_default();
    let name = name.strip_suffix(".exe").unwrap_or(name);
    let style = STYLES
        .iter()
        .find(|(names, _)| names.contains(&name))
        .map_or(Style::FileOnly, |(_, style)| *style);
    match style {
        Style::Plus => words.extend([format!("+{line}"), safe]),
        Style::PlusColumn => words.extend([format!("+{line}:{column}"), safe]),
        Style::PlusComma => words.extend([format!("+{line},{column}"), safe]),
        Style::Colon => words.push(format!("{safe}:{line}:{column}")),
        Style::Goto => words.extend(["--goto".to_owned(), format!("{safe}:{line}:{column}")]),
        Style::JetBrains => words.extend([
            "--line".to_owned(),
            line.to_string(),
            "--column".to_owned(),
            column.to_string(),
            safe,
        ]),
        Style::DashL => words.extend(["-l".to_owned(), line.to_string(), safe]),
        Style::FileOnly => words.push(safe),
    }
    Some(words)
}

/// Words of a command line: split at blanks, quotes hold blanks together.
fn split(command: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let mut open = false;
    let mut quote = None;
    for character in command.chars() {
        match quote {
            Some(mark) if character == mark => quote = None,
            Some(_) => word.push(character),
            None if matches!(character, '\'' | '"') => {
                quote = Some(character);
                open = true;
            }
            None if character.is_whitespace() => {
                if open || !word.is_empty() {
                    words.push(std::mem::take(&mut word));
                }
                open = false;
            }
            None => word.push(character),
        }
    }
    if open || !word.is_empty() {
        words.push(word);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_family_gets_its_arguments() {
        for (command, wanted) in [
            ("vim", "vim|+42|a b.py"),
            ("/usr/bin/nvim -R", "/usr/bin/nvim|-R|+42|a b.py"),
            ("emacsclient -nw", "emacsclient|-nw|+42:7|a b.py"),
            ("nano", "nano|+42,7|a b.py"),
            ("micro", "micro|a b.py:42:7"),
            ("hx", "hx|a b.py:42:7"),
            ("code --wait", "code|--wait|--goto|a b.py:42:7"),
            ("subl -w", "subl|-w|a b.py:42:7"),
            ("zed", "zed|a b.py:42:7"),
            ("idea", "idea|--line|42|--column|7|a b.py"),
            ("my-editor", "my-editor|a b.py"),
            ("ed -x '{path}' --at={line}", "ed|-x|a b.py|--at=42"),
            ("\"/opt/my editor/bin/vim\"", "/opt/my editor/bin/vim|+42|a b.py"),
        ] {
            assert_eq!(call(command, "a b.py", 42, 7).unwrap().join("|"), wanted, "{command}");
        }
        assert_eq!(call("  ", "x", 1, 1), None);
        assert_eq!(call("vi", "-x", 1, 1).unwrap().join("|"), "vi|+1|./-x");
        assert_eq!(call("vi", "+!id", 1, 1).unwrap().join("|"), "vi|+1|./+!id");
        assert_eq!(call("e {path}", "-x", 1, 1).unwrap().join("|"), "e|./-x");
        assert_eq!(call("e {path}", "{line}", 1, 1).unwrap().join("|"), "e|{line}");
    }
}
