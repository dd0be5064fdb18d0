//! Where faults are caught and nothing is done: they come back as something else at 3 AM.
//!
//! Only what catches everything and says nothing counts. A comment inside says that somebody meant
//! it; a narrow exception that is passed over is a habit of some languages, not a fault.

use super::signs::is_comment;
use crate::engine::roles::Language;

/// Byte offsets in `text` at which everything is caught for nothing, with what stands there.
pub fn find(language: Language, text: &[u8]) -> Vec<(usize, &'static str)> {
    match language {
        Language::Python => python(text),
        Language::JavaScript => {
            let mut found = braces(text, b"catch", "an empty catch");
            found.extend(promises(text));
            found
        }
        Language::Java | Language::CSharp | Language::Php => {
            braces(text, b"catch", "an empty catch")
        }
        Language::Go => braces(text, b"if err != nil", "an error that is passed over"),
        Language::Ruby => ruby(text),
        Language::Elixir | Language::Rust | Language::C | Language::Shell | Language::Data => {
            Vec::new()
        }
    }
}

/// The lines of a text with the offset at which each begins.
fn lines(text: &[u8]) -> impl Iterator<Item = (usize, &[u8])> {
    let mut at = 0;
    text.split(|&it| it == b'\n').map(move |line| {
        let start = at;
        at += line.len() + 1;
        (start, line)
    })
}

fn python(text: &[u8]) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    let mut caught: Option<usize> = None;
    for (start, line) in lines(text) {
        let line = line.trim_ascii();
        if let Some(at) = caught.take() {
            if line.is_empty() {
                caught = Some(at);
                continue;
            }
            if matches!(line, b"pass" | b"...") {
                found.push((at, "everything is caught and passed over"));
            }
        }
        let Some(rest) = line.strip_prefix(b"except") else { continue };
        let Some(colon) = memchr::memchr(b':', rest) else { continue };
        let class = rest[..colon].trim_ascii();
        let class = class.split(u8::is_ascii_whitespace).next().unwrap_or_default();
        if !matches!(class, b"" | b"Exception" | b"BaseException") {
            continue;
        }
        match rest[colon + 1..].trim_ascii() {
            b"" => caught = Some(start),
            b"pass" | b"..." => found.push((start, "everything is caught and passed over")),
            _ => {}
        }
    }
    found
}

/// `word`, perhaps something in parentheses, and braces with nothing between them.
fn braces(text: &[u8], word: &[u8], what: &'static str) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    for at in memchr::memmem::find_iter(text, word) {
        let before = at.checked_sub(1).and_then(|it| text.get(it));
        if before.is_some_and(|it| it.is_ascii_alphanumeric() || matches!(it, b'_' | b'.')) {
            continue;
        }
        let rest = text.get(at + word.len()..).unwrap_or_default().trim_ascii_start();
        let rest = match rest.first() {
            // What is caught is short.
            Some(b'(') => match memchr::memchr(b')', rest).filter(|&end| end < 200) {
                Some(end) => rest[end + 1..].trim_ascii_start(),
                None => continue,
            },
            _ => rest,
        };
        let Some(inside) = rest.strip_prefix(b"{") else { continue };
        if inside.trim_ascii_start().starts_with(b"}") && !is_comment(text, at) {
            found.push((at, what));
        }
    }
    found
}

/// `.catch(() => {})` and the like.
fn promises(text: &[u8]) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    for at in memchr::memmem::find_iter(text, b".catch(") {
        let rest = &text[at + 7..];
        let head: Vec<u8> =
            rest.iter().take(60).filter(|it| !it.is_ascii_whitespace()).copied().collect();
        let Some(arrow) = memchr::memmem::find(&head, b"=>{") else { continue };
        let plain =
            head[..arrow].iter().all(|it| it.is_ascii_alphanumeric() || b"()_".contains(it));
        if plain && head[arrow + 3..].starts_with(b"})") && !is_comment(text, at) {
            found.push((at, "an empty catch"));
        }
    }
    found
}

fn ruby(text: &[u8]) -> Vec<(usize, &'static str)> {
    let mut found = Vec::new();
    let mut caught: Option<usize> = None;
    for (start, line) in lines(text) {
        let line = line.trim_ascii();
        if line.is_empty() {
            continue;
        }
        if let Some(at) = caught.take()
            && matches!(line, b"end" | b"nil")
        {
            found.push((at, "everything is rescued and passed over"));
        }
        let Some(rest) = line.strip_prefix(b"rescue") else { continue };
        let class = rest.split(|&it| it == b'=').next().unwrap_or_default().trim_ascii();
        if matches!(class, b"" | b"StandardError" | b"Exception") {
            caught = Some(start);
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::audit::signs::line_at;

    fn at(language: Language, text: &str) -> Vec<u32> {
        let found = find(language, text.as_bytes());
        found.into_iter().map(|(at, _)| line_at(text.as_bytes(), at)).collect()
    }

    #[test]
    fn what_catches_all_for_nothing_is_found_and_what_means_it_is_not() {
        let python = "try:\n    a()\nexcept:\n    pass\ntry:\n    b()\nexcept Exception as e:\n\n    pass\n\
                      try:\n    c()\nexcept KeyError:\n    pass\nexcept Exception:\n    log(1)\n\
                      except Exception:\n    # gone already\n    pass\nexcept: pass\n";
        assert_eq!(at(Language::Python, python), [3, 7, 19]);
        let js = "try { a() } catch (e) {}\ntry { b() } catch {\n\n}\ntry {} catch (e) { log(e) }\n\
                  c().catch(() => {})\nd().catch((e) => log(e))\n// } catch (e) {}\n\
                  catch (e) { /* gone */ }\np.catch(_ => {})";
        assert_eq!(at(Language::JavaScript, js), [1, 2, 6, 10]);
        let java = "} catch (IOException | Oops e) {\n}\nint catches = 1;";
        assert_eq!(at(Language::Java, java), [1]);
        assert_eq!(at(Language::Go, "if err != nil {\n}\nif err != nil {\n\treturn\n}"), [1]);
        let ruby = "begin\n  a\nrescue => e\nend\nrescue KeyError\nend\nrescue\n  log\nend\n";
        assert_eq!(at(Language::Ruby, ruby), [3]);
    }

    #[test]
    fn half_a_text_is_survived() {
        for text in ["except", "except:", "catch", "catch (", "catch (e) {", ".catch(", "rescue"] {
            for language in [Language::Python, Language::JavaScript, Language::Ruby, Language::Go] {
                find(language, text.as_bytes());
            }
        }
    }
}
