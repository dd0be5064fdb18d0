//! Reads shell text as far as is needed to judge it: every simple command in it, wherever it hides.
//!
//! Pipes, lists, subshells, loops, functions, `$(…)`, backticks, `<(…)`, here-documents: all that
//! would run comes out as one flat list of [`Simple`] commands. Nothing is expanded but what is
//! plain text. What this reader cannot follow makes the whole text [`Script::odd`], which whoever
//! judges it has to take as a risk. POSIX.1-2024 "Shell Command Language", and of bash what people
//! use.

mod expansion;
mod lexer;
mod word;

pub use lexer::read;
pub use word::{Part, Word};

/// A text for a shell, taken apart.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Script {
    /// All simple commands, those within substitutions before the command that they are in.
    pub simples: Vec<Simple>,
    /// Functions that it defines, in their order.
    pub functions: Vec<Function>,
    /// Where this reader was not sure of what it read.
    pub odd: Option<&'static str>,
    /// Byte ranges of the statements at its top, each with the whole lines it takes.
    pub statements: Vec<Statement>,
}

/// A function that a text defines.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Function {
    /// What it is called by.
    pub name: String,
    /// The commands that stand before it.
    pub before: usize,
}

/// A statement at the top of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// Its first line, from 1.
    pub line: u32,
    /// Its text without the line break at its end.
    pub text: String,
}

/// A simple command: assignments, words, redirections.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Simple {
    /// Its line, from 1.
    pub line: u32,
    /// Variables that it sets, for itself or, where there are no words, for what follows.
    pub sets: Vec<(String, Vec<Word>)>,
    /// Program and arguments.
    pub words: Vec<Word>,
    /// Redirections.
    pub redirects: Vec<Redirect>,
    /// Whether it is a command only to a shell that does not know `[[`.
    pub maybe: bool,
    /// The place of the command whose output it reads.
    pub reads: Option<usize>,
}

/// A redirection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Redirect {
    /// Writes a file.
    Write(Word),
    /// Reads a file.
    Read(Word),
    /// Reads this text.
    Text(Word),
    /// Copies or closes a descriptor.
    Copy,
}

impl Script {
    /// The one command that this is, when no shell is needed to run it: plain words only.
    pub fn plain(&self) -> Option<Vec<String>> {
        let [one] = self.simples.as_slice() else { return None };
        let bare = self.odd.is_none()
            && self.functions.is_empty()
            && one.sets.is_empty()
            && one.redirects.is_empty()
            && !one.words.is_empty();
        if !bare {
            return None;
        }
        one.words.iter().map(Word::plain).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Each command as its words, `?` for what is not known.
    fn flat(text: &str) -> Vec<String> {
        let script = read(text);
        let word = |it: &Word| it.known().unwrap_or_else(|| "?".to_owned());
        let line = |it: &Simple| it.words.iter().map(word).collect::<Vec<_>>().join(" ");
        script.simples.iter().map(line).filter(|it| !it.is_empty()).collect()
    }

    #[test]
    fn every_command_comes_out() {
        for (text, wanted) in [
            ("a b && c | d; e & f", vec!["a b", "c", "d", "e", "f"]),
            (
                "echo $(rm x) `mv a b` \"$(touch y)\"",
                vec!["rm x", "mv a b", "touch y", "echo ? ? ?"],
            ),
            ("(cd a; b) > c", vec!["cd a", "b"]),
            ("if a; then b; elif c; then d; else e; fi", vec!["a", "b", "c", "d", "e"]),
            ("for x in 1 2; do a; done; while b; do c; done", vec!["a", "b", "c"]),
            ("case $x in a|b) c ;; (d) e ;; *) f;; esac; g", vec!["c", "e", "f", "g"]),
            ("f() { a; }; function g { b; }; f", vec!["a", "b", "f"]),
            ("[[ a < b && $(c) =~ ^(x|y)$ ]] && d", vec!["c", "y $", "[[", "d"]),
            ("a \\\n  b # c\nd", vec!["a b", "d"]),
            ("r\\m -rf 'x y' \"z\"$'\\x41'", vec!["rm -rf x y zA"]),
            ("cat <<EOF\n$(rm x)\n rm y\nEOF\nls", vec!["cat", "rm x", "ls"]),
            ("cat <<'EOF'\n$(rm x)\nEOF\nls", vec!["cat", "ls"]),
            ("diff <(a) <(b)", vec!["a", "b", "diff ? ?"]),
            ("echo ${x:-$(rm y)} $((1 + $(z)))", vec!["rm y", "z", "echo ? ?"]),
            ("a 2>&1 >/dev/null <b >>c", vec!["a"]),
            ("! time -p a", vec!["a"]),
            ("x=1 y=$(b) a", vec!["b", "a"]),
            ("for ((i=0; i<3; i++)); do a; done", vec!["a"]),
            ("a;;b", vec!["a", "b"]),
        ] {
            assert_eq!(flat(text), wanted, "{text}");
        }
    }

    #[test]
    fn redirections_and_pipes_are_kept() {
        let script = read("echo hi | sh > out 2>> err < in");
        let last = &script.simples[1];
        assert_eq!(last.reads, Some(0));
        let shown: Vec<_> = last.redirects.iter().map(|it| format!("{it:?}")).collect();
        assert!(shown[0].starts_with("Write") && shown[1].starts_with("Write"), "{shown:?}");
        assert!(shown[2].starts_with("Read"), "{shown:?}");
        let script = read("psql <<EOF\nDROP TABLE x;\nEOF\n");
        let Redirect::Text(text) = &script.simples[0].redirects[0] else { panic!() };
        assert_eq!(text.known().as_deref(), Some("DROP TABLE x;\n"));
    }

    #[test]
    fn arrays_and_variables() {
        let script = read("c=(docker compose -f a.yml)\n\"${c[@]}\" ps\nlocal x=$1\n");
        assert_eq!(script.simples[0].sets[0].1.len(), 4);
        assert_eq!(script.simples[1].words[0].variable(), Some("c"));
        assert_eq!(script.simples[2].sets[0].0, "x");
    }

    #[test]
    fn statements_keep_what_belongs_together() {
        let text = "a\n\n# c\nb \\\n  c\nfor x in y; do\n  z\ndone\ncat <<E\nq\nE\nlast";
        let all = read(text).statements;
        let texts: Vec<_> = all.iter().map(|it| (it.line, it.text.as_str())).collect();
        assert_eq!(
            texts,
            [
                (1, "a"),
                (4, "b \\\n  c"),
                (6, "for x in y; do\n  z\ndone"),
                (9, "cat <<E\nq\nE"),
                (12, "last")
            ]
        );
    }

    #[test]
    fn what_needs_no_shell() {
        let plain = |text: &str| read(text).plain();
        assert_eq!(plain("a 'b c' d").unwrap(), ["a", "b c", "d"]);
        for text in ["a b | c", "a $x", "a *.c", "a ~/b", "a > b", "x=1 a", "a {b,c}", "a; b", ""] {
            assert_eq!(plain(text), None, "{text}");
        }
    }

    #[test]
    fn what_is_not_closed_is_odd() {
        for text in ["a 'b", "a \"b", "a $(b", "a `b", "(a", "a ${b", "a )", "f() { a", "if a"] {
            assert!(read(text).odd.is_some(), "{text}");
        }
        assert!(read(&"$(".repeat(5000)).odd.is_some());
        assert!(read(&"(".repeat(5000)).odd.is_some());
    }

    proptest! {
        #[test]
        fn nothing_makes_it_fail(text in "[a-c$(){}`'\"\\\\;&|<>\\[\\]=# \n!*-]{0,80}") {
            let script = read(&text);
            for it in &script.simples {
                prop_assert!(it.reads.is_none_or(|at| at < script.simples.len()));
            }
        }

        #[test]
        fn no_text_makes_it_fail(text in any::<String>()) {
            let _ = read(&text);
        }

        #[test]
        fn what_is_hidden_in_a_word_comes_out(
            before in "[a-z \"'-]{0,12}", form in 0usize..6, after in "[a-z \"' -]{0,12}",
        ) {
            let hidden = ["$(rm x)", "`rm x`", "${y:-$(rm x)}", "<(rm x)", "$(echo `rm x`)",
                "\"$(rm x)\""][form];
            let script = read(&format!("echo {before} {hidden} {after}"));
            let seen = script.simples.iter().any(|it| {
                it.words.first().and_then(Word::known).as_deref() == Some("rm")
            });
            // Between single quotes it is text; a quote that is not closed makes all of it odd.
            prop_assert!(seen || script.odd.is_some() || before.contains('\'')
                || (form == 3 && before.contains('"')) );
        }
    }
}
