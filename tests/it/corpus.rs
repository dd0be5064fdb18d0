//! What the fuzz targets have found stays mended: their corpora are run through the same
//! exercises. `docs/testing.md` says how to fuzz.

use std::fs;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use crate::exercises::TARGETS;

fn folder(target: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fuzz/corpus").join(target)
}

#[test]
fn every_input_that_fuzzing_kept_passes() {
    let mut size = 0;
    for (name, exercise) in TARGETS {
        let mut inputs = 0;
        for entry in fs::read_dir(folder(name)).unwrap().map(Result::unwrap) {
            let input = fs::read(entry.path()).unwrap();
            size += input.len();
            inputs += 1;
            let run = catch_unwind(AssertUnwindSafe(|| exercise(&input)));
            assert!(run.is_ok(), "{}: {input:?}", entry.path().display());
        }
        assert!(inputs > 0, "{name} has no corpus");
    }
    assert!(size < 300_000, "the corpora have grown to {size} bytes: keep what is small and new");
}

/// Pieces that mean something to one reader or another.
const PIECES: &[&[u8]] = &[
    b"\n",
    b"\r\n",
    b"\t",
    b"\0",
    b"\x1b[2J",
    b"\x1b]52;c;aGk=\x07",
    b"\xc2\x9b",
    b"\x9b",
    b"\xff",
    b"\xe2\x80\xae",
    b"\xe2\x80",
    b"\xe2\x80\x8d",
    b"\xef\xb8\x8f",
    b"\xef\xbb\xbf",
    b"\xff\xfe",
    b"\xf3\xa0\x81\x81",
    b"\xcc\x81\xcc\x81",
    b"\xf0\x9f\x91\xa9",
    "漢字".as_bytes(),
    "İß".as_bytes(),
    b"[",
    b"]",
    b"{",
    b"}",
    b"=",
    b"\"",
    b"\"\"\"",
    b"'",
    b"#",
    b"*",
    b"**/",
    b"!",
    b"^",
    b"$",
    b":",
    b"@",
    b"role:",
    b"lang:",
    b"changed:",
    b"owner:",
    b"99999999999999999999",
    b"-1",
    b"inherits = \"mine\"\n",
    b"[ui]\n",
    b"[find]\n",
    b"\"ctrl-x\" = \"app.quit\"\n",
    b"fn ",
    b"class ",
    b"/*",
    b"<!--",
    b"```",
    b"HTTPServer",
    b"    at f (/a/b.js:1:2)\n",
    b"  File \"a.py\", line 1, in f\n",
    b"Traceback (most recent call last):\n",
    b"\tat a.B$c.d(B.java:1)\n",
    b"Caused by: a.B: c\n",
    b"panic: x [recovered]\n",
    b"main.f(...)\n\t/a/b.go:1 +0x1\n",
    b"#0 /a.php(1): f()\n",
    b"a.rb:1:in `f'",
    b"\\n",
    b"{\"msg\":\"",
    b"msg=",
    b"api-1  | ",
    b"GET /a/{b}/:c 500",
    b"@Get('a/:b')\n",
    b".get(\"/a\", f)",
    b"resources :a do\n",
    b"${",
    b"%s",
    b"a_b__c",
];

/// A small generator of numbers; the seed is told, so that a run can be had again.
struct Dice(u64);

impl Dice {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 11).unwrap_or_default() % most.max(1)
    }

    /// The input with a few things done to it.
    fn change(&mut self, mut input: Vec<u8>, other: &[u8]) -> Vec<u8> {
        for _ in 0..=self.below(6) {
            let at = self.below(input.len() + 1);
            let to = (at + self.below(24)).min(input.len());
            let with = match self.below(7) {
                0 => vec![u8::try_from(self.below(256)).unwrap_or_default()],
                1 => Vec::new(),
                2 => input[at..to].repeat(2 + self.below(40)),
                3 => {
                    let from = self.below(other.len() + 1);
                    other[from..(from + self.below(64)).min(other.len())].to_vec()
                }
                _ => PIECES[self.below(PIECES.len())].to_vec(),
            };
            let to = if self.below(2) == 0 { at } else { to };
            input.splice(at..to, with);
        }
        input.truncate(4096);
        input
    }
}

/// Changes the corpora at random; for machines without cargo-fuzz. A few always, more by hand:
/// `NAVI_FUZZ_INPUTS=100000 NAVI_FUZZ_SEED=7 cargo test --test it changed_at_random`.
#[test]
fn inputs_changed_at_random_pass() {
    let given = |name: &str| std::env::var(name).ok().and_then(|it| it.parse::<u64>().ok());
    let most = given("NAVI_FUZZ_INPUTS").unwrap_or(60);
    let seed = given("NAVI_FUZZ_SEED").unwrap_or(1) | 1;
    for (name, exercise) in TARGETS {
        let mut inputs: Vec<Vec<u8>> = fs::read_dir(folder(name))
            .unwrap()
            .map(|it| fs::read(it.unwrap().path()).unwrap())
            .collect();
        let mut dice = Dice(seed);
        for runs in 0..most {
            let one = inputs[dice.below(inputs.len())].clone();
            let other = inputs[dice.below(inputs.len())].clone();
            let input = dice.change(one, &other);
            if catch_unwind(AssertUnwindSafe(|| exercise(&input))).is_err() {
                let kept = folder(name).join(format!("failed-{seed}-{runs}"));
                fs::write(&kept, &input).unwrap();
                panic!("{name} fails, seed {seed}: see {}", kept.display());
            }
            // Without coverage nobody knows what is new: some of everything is gone on from.
            if dice.below(50) == 0 {
                let place = dice.below(500);
                if place < inputs.len() && inputs.len() > 400 {
                    inputs[place] = input;
                } else {
                    inputs.push(input);
                }
            }
        }
    }
}
