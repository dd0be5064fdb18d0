//! Which lines around one belong to the same stack trace.

use super::line::bare;

/// Lines on each side of the one that is meant that are looked at.
const AROUND: usize = 500;
/// Most lines of a trace: groups of exceptions in frameworks with middleware have hundreds.
const MOST: usize = 600;

/// How lines begin that go on with a trace, beside those that are set in.
const GOES_ON: &[&str] = &[
    "at ",
    "Caused by",
    "Suppressed:",
    "Traceback",
    "During handling of the above",
    "The above exception",
    "goroutine ",
    "created by ",
    "panic: ",
    "stack backtrace:",
    "#",
    "--->",
    "--- End of",
    "|",
    "│",
];

/// The lines, by their places and in order, that make up the stack trace in which line `at` stands, or
/// `at` alone where it stands in none. What log drivers put before lines is not minded, and what other
/// services wrote between them is left out. `line` is asked for lines by their places.
pub fn trace_around<'a>(line: impl Fn(usize) -> Option<&'a str>, at: usize) -> Vec<usize> {
    let Some((_, source, _)) = line(at).map(bare) else { return Vec::new() };
    let of_it = |place: usize| {
        let (text, from, _) = bare(line(place)?);
        (from == source).then(|| (place, goes_on(&text), text.contains(':')))
    };
    let mut above = (at.saturating_sub(AROUND)..at).rev().filter_map(of_it).peekable();
    let below = (at + 1..).take(AROUND).take_while(|&it| line(it).is_some()).filter_map(of_it);
    let mut lines = vec![at];
    // Inside of a trace, what is above belongs to it up to the line that begins it; what was wrong
    // stands behind the frames in some languages.
    let mut last_goes = of_it(at).is_some_and(|it| it.1);
    let mut inside = last_goes || above.peek().is_some_and(|it| it.1);
    while inside && lines.len() < MOST {
        let Some((place, goes, _)) = above.next() else { break };
        lines.push(place);
        inside = goes;
    }
    lines.reverse();
    for (place, goes, told) in below {
        let ends = last_goes && told;
        if lines.len() >= MOST || !(goes || ends) {
            break;
        }
        lines.push(place);
        if !goes {
            break;
        }
        last_goes = true;
    }
    lines
}

fn goes_on(text: &str) -> bool {
    text.is_empty()
        || text.starts_with([' ', '\t'])
        || GOES_ON.iter().any(|it| text.starts_with(it))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn around(text: &str, at: usize) -> Vec<usize> {
        let lines: Vec<&str> = text.lines().collect();
        trace_around(|it| lines.get(it).copied(), at)
    }

    #[test]
    fn a_trace_is_taken_whole_from_any_of_its_lines() {
        let python = "api-1  | INFO: up\napi-1  | ERROR: failed\napi-1  | Traceback (most recent call last):\n\
                      api-1  |   File \"/app/a.py\", line 3, in live\nweb-1  | GET /\n\
                      api-1  |     raise RuntimeError('x')\napi-1  | RuntimeError: x\napi-1  | INFO: next\n";
        for at in [2, 3, 5, 6] {
            assert_eq!(around(python, at), [1, 2, 3, 5, 6], "{at}");
        }
        assert_eq!(around(python, 0), [0]);
        assert_eq!(around(python, 4), [4]);
        let java = "x\njava.lang.IllegalStateException: no pool\n\tat a.B.c(B.java:4)\n\tat a.D.e(D.java:9)\n\
                    Caused by: java.io.IOException: gone\n\t... 3 more\nnext";
        for at in [2, 3, 4, 5] {
            assert_eq!(around(java, at), [1, 2, 3, 4, 5], "{at}");
        }
        assert_eq!(around(java, 1), [1, 2, 3, 4, 5]);
    }

    #[test]
    fn plain_lines_stand_alone_and_none_is_no_danger() {
        assert_eq!(around("one\ntwo: 2\nthree: 3\n", 1), [1]);
        assert_eq!(around("", 0), Vec::<usize>::new());
        let long = " x\n".repeat(5000);
        assert_eq!(around(&long, 2500).len(), MOST);
    }
}
