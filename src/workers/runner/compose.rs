//! Calls of docker and of Compose: which of the programs there is, and what has to be different when
//! there is no terminal.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

/// The ways in which Compose is installed, the best known first.
pub const WAYS: &[&[&str]] =
    &[&["docker", "compose"], &["docker-compose"], &["podman", "compose"], &["podman-compose"]];

/// Options of Compose that take a value, before its subcommand.
const WITH_VALUE: &[&str] = &[
    "-f",
    "--file",
    "-p",
    "--project-name",
    "--profile",
    "--env-file",
    "--project-directory",
    "--ansi",
    "--progress",
    "--parallel",
    "-H",
    "--host",
    "-c",
    "--context",
    "-l",
    "--log-level",
    "--tlscacert",
    "--tlscert",
    "--tlskey",
    "--config",
];

/// Options of `exec` that take a value.
const EXEC_WITH_VALUE: &[&str] = &[
    "-e",
    "--env",
    "-u",
    "--user",
    "-w",
    "--workdir",
    "--index",
    "--env-file",
    "--detach-keys",
    "--name",
    "-v",
    "--volume",
    "-p",
    "--publish",
    "--entrypoint",
    "-l",
    "--label",
];

/// Which of the ways work here, found when first needed and then known.
#[derive(Debug, Default)]
pub struct Tools {
    known: Mutex<HashMap<usize, bool>>,
    /// Held by the one that asks: many that ask at once are late together, and none is believed.
    asking: Mutex<()>,
}

impl Tools {
    /// The way to use for a command that was written for `wanted`: that one if it works, else the
    /// first that does, else one that is there and has not said so in time. `works` asks the
    /// program; `None` is no answer in time, which says little on a busy machine and is asked again.
    pub fn way(
        &self,
        wanted: usize,
        works: &dyn Fn(&[&str]) -> Option<bool>,
    ) -> Option<&'static [&'static str]> {
        let _one = self.asking.lock().unwrap_or_else(PoisonError::into_inner);
        let others = (0..WAYS.len()).filter(|&it| it != wanted);
        let mut unsure = None;
        for at in std::iter::once(wanted).chain(others) {
            let way = *WAYS.get(at)?;
            let known = self.known().get(&at).copied();
            match known.or_else(|| works(way)) {
                Some(there) => {
                    self.known().insert(at, there);
                    if there {
                        return Some(way);
                    }
                }
                None => unsure = unsure.or(Some(way)),
            }
        }
        unsure
    }

    fn known(&self) -> std::sync::MutexGuard<'_, HashMap<usize, bool>> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A call of Compose or of a container engine, taken apart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Call {
    /// Which of [`WAYS`]; `None` for the engine itself.
    pub way: Option<usize>,
    /// Where the arguments after the program begin.
    rest: usize,
    /// The place of `exec`, if that is what is called.
    exec: Option<usize>,
    /// The place of the service or container of `exec`.
    of: Option<usize>,
    /// What comes after the program, if that is `run`.
    run: Option<usize>,
}

/// Reads an argument array as such a call.
pub fn read(argv: &[String]) -> Option<Call> {
    let name = |at: usize| argv.get(at).map(|it| it.rsplit('/').next().unwrap_or(it));
    let way = WAYS
        .iter()
        .position(|way| way.iter().enumerate().all(|(at, word)| name(at) == Some(*word)));
    let engine = matches!(name(0)?, "docker" | "podman");
    let rest = match way {
        Some(way) => WAYS.get(way)?.len(),
        None if engine => 1,
        None => return None,
    };
    let subcommand = skip_options(argv, rest, WITH_VALUE);
    let is = |word: &str| argv.get(subcommand).is_some_and(|it| it == word).then_some(subcommand);
    let exec = is("exec");
    let of = exec.map(|it| skip_options(argv, it + 1, EXEC_WITH_VALUE));
    Some(Call { way, rest, exec, of: of.filter(|&it| it < argv.len()), run: is("run") })
}

/// The first place from `at` on that is no option.
fn skip_options(argv: &[String], mut at: usize, with_value: &[&str]) -> usize {
    while let Some(word) = argv.get(at).filter(|it| it.starts_with('-')) {
        at += if with_value.contains(&word.as_str()) { 2 } else { 1 };
    }
    at
}

impl Call {
    /// What runs in a container that is there already.
    pub fn is_exec(&self) -> bool {
        self.exec.is_some() && self.of.is_some()
    }

    /// The service or container that `exec` is about.
    pub fn of<'a>(&self, argv: &'a [String]) -> Option<&'a str> {
        argv.get(self.of?).map(String::as_str)
    }

    /// The same call by another of the [`WAYS`].
    pub fn by(&self, argv: &[String], way: &[&str]) -> Vec<String> {
        let rest = argv.get(self.rest..).unwrap_or_default();
        way.iter().map(|it| (*it).to_owned()).chain(rest.iter().cloned()).collect()
    }

    /// The call as it has to be with or without a terminal, and what was changed.
    pub fn terminal(&self, argv: &[String], has: bool) -> (Vec<String>, Option<String>) {
        let Some(place) = self.exec.or(self.run) else { return (argv.to_vec(), None) };
        let end = skip_options(argv, place + 1, EXEC_WITH_VALUE).min(argv.len());
        let mut out = argv.to_vec();
        if self.way.is_some() {
            let without =
                |it: &String| it == "-T" || it.starts_with("--no-TTY") || it == "--no-tty";
            let found = (place + 1..end).find(|&at| argv.get(at).is_some_and(without));
            return match (has, found) {
                (false, None) => {
                    out.insert(place + 1, "-T".into());
                    (out, Some("`-T` was added, since there is no terminal".into()))
                }
                (true, Some(at)) => {
                    out.remove(at);
                    (out, Some("`-T` was taken out, since there is a terminal".into()))
                }
                _ => (out, None),
            };
        }
        if has {
            return (out, None);
        }
        let mut changed = false;
        for at in (place + 1..end).rev() {
            let Some(word) = out.get_mut(at) else { continue };
            let short = word.starts_with('-') && !word.starts_with("--");
            let letters = short && word.chars().skip(1).all(|it| matches!(it, 'i' | 't' | 'd'));
            if word == "--tty" || word == "-t" {
                out.remove(at);
                changed = true;
            } else if letters && word.contains('t') {
                *word = word.replace('t', "");
                changed = true;
            }
        }
        (out, changed.then(|| "`-t` was taken out, since there is no terminal".into()))
    }

    /// The call with this variable set for what runs inside the container.
    pub fn marked(&self, argv: &[String], mark: &str) -> Vec<String> {
        let mut out = argv.to_vec();
        if let Some(place) = self.exec {
            out.insert(place + 1, mark.to_owned());
            out.insert(place + 1, "-e".to_owned());
        }
        out
    }

    /// The call that runs something else in the same container.
    pub fn instead(&self, argv: &[String], run: &[&str]) -> Option<Vec<String>> {
        let (place, of) = (self.exec?, self.of?);
        let mut out = argv.get(..=place)?.to_vec();
        if self.way.is_some() {
            out.push("-T".into());
        }
        out.push(argv.get(of)?.clone());
        out.extend(run.iter().map(|it| (*it).to_owned()));
        Some(out)
    }
}

/// Sends SIGTERM, and after a second SIGKILL, to what carries a mark in its environment; prints how
/// many there were. For any container with a shell, grep and tr; `$1` is the mark.
pub const STOP_MARKED: &str = "n=0; for p in /proc/[0-9]*; do \
    tr '\\0' '\\n' <\"$p/environ\" 2>/dev/null | grep -qxF -- \"$1\" || continue; \
    kill \"${p#/proc/}\" 2>/dev/null && n=$((n+1)) && l=\"$l ${p#/proc/}\"; done; \
    if [ -n \"$l\" ]; then sleep 1; kill -9 $l 2>/dev/null; fi; echo $n";

#[cfg(test)]
mod tests {
    use super::*;

    fn argv(text: &str) -> Vec<String> {
        text.split(' ').map(str::to_owned).collect()
    }

    fn changed(text: &str, has: bool) -> String {
        let argv = argv(text);
        read(&argv).unwrap().terminal(&argv, has).0.join(" ")
    }

    #[test]
    fn exec_without_a_terminal_says_so() {
        assert_eq!(
            changed("docker-compose -f a.yml exec postgres psql -c exec", false),
            "docker-compose -f a.yml exec -T postgres psql -c exec"
        );
        assert_eq!(changed("docker compose exec -T db sh", true), "docker compose exec db sh");
        assert_eq!(
            changed("docker compose exec -T db sh -T", false),
            "docker compose exec -T db sh -T"
        );
        assert_eq!(
            changed("docker compose run --rm api ls", false),
            "docker compose run -T --rm api ls"
        );
        assert_eq!(changed("docker exec -it x sh -t", false), "docker exec -i x sh -t");
        assert_eq!(changed("docker exec -u t -t x sh", false), "docker exec -u t x sh");
        assert_eq!(changed("docker compose logs exec", false), "docker compose logs exec");
    }

    #[test]
    fn the_way_that_works_is_used() {
        let tools = Tools::default();
        let asked = std::cell::RefCell::new(Vec::new());
        let works = |way: &[&str]| {
            asked.borrow_mut().push(way.join(" "));
            Some(way == ["docker", "compose"])
        };
        let argv = argv("/usr/bin/docker-compose -f a.yml ps");
        let call = read(&argv).unwrap();
        let way = tools.way(call.way.unwrap(), &works).unwrap();
        assert_eq!(call.by(&argv, way).join(" "), "docker compose -f a.yml ps");
        assert_eq!(tools.way(1, &works), Some(WAYS[0]));
        assert_eq!(*asked.borrow(), ["docker-compose", "docker compose"], "each is asked once");
        assert_eq!(Tools::default().way(0, &|_| Some(false)), None);
        let busy = |way: &[&str]| (way != ["docker-compose"]).then_some(false);
        assert_eq!(Tools::default().way(0, &busy), Some(WAYS[1]), "slow is not absent");
        assert_eq!(read(&["make".into()]), None);
    }

    #[test]
    fn what_runs_inside_is_marked_and_can_be_looked_for() {
        let argv = argv("docker compose -p x exec -e A=b -u app db psql -c x");
        let call = read(&argv).unwrap();
        assert_eq!(call.of(&argv), Some("db"));
        assert_eq!(
            call.marked(&argv, "M=1").join(" "),
            "docker compose -p x exec -e M=1 -e A=b -u app db psql -c x"
        );
        assert_eq!(
            call.instead(&argv, &["ps", "aux"]).unwrap().join(" "),
            "docker compose -p x exec -T db ps aux"
        );
    }
}
