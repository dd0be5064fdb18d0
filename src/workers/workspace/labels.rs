//! Labels: outside of a workspace paths and ids begin with the label of their repository, inside of a
//! repository they do not. This is the way out and the way back.

use std::sync::Arc;

use crate::base::{Diagnostic, RepoPath};
use crate::engine::audit::{Audit, Evidence};
use crate::engine::checks::{Board as Triage, Row};
use crate::engine::commands::{Command, Consent};
use crate::engine::drills::Card;
use crate::engine::runbook::{Page, Place, Target};
use crate::protocol::{Board, ChangeLog, CheckNews, DrillDeck, Library, Offers, Opened};

/// What stands between a label and an id. No label holds it.
pub const SEPARATOR: char = ':';

/// The id as it is outside: `api:make.test`.
pub fn id(label: &str, id: &str) -> String {
    format!("{label}{SEPARATOR}{id}")
}

/// The label of an id, and the id as it is inside.
pub fn split_id(id: &str) -> Option<(&str, &str)> {
    id.split_once(SEPARATOR)
}

/// Puts the label before a path.
fn path(label: &str, path: &mut RepoPath) {
    *path = path.under(label);
}

/// The way out of a repository.
pub trait Outward: Sized {
    /// The same with this label before every path and id.
    #[must_use]
    fn labelled(self, label: &str) -> Self;
}

impl Outward for Diagnostic {
    fn labelled(mut self, label: &str) -> Self {
        self.message = format!("{label}: {}", self.message);
        self
    }
}

impl Outward for Board {
    fn labelled(mut self, label: &str) -> Self {
        for file in self.shelves.iter_mut().flat_map(|it| &mut it.files) {
            path(label, &mut file.path);
        }
        self
    }
}

impl Outward for Audit {
    fn labelled(mut self, label: &str) -> Self {
        let of_checks = self.checks.iter_mut().flat_map(|it| &mut it.evidence);
        for it in of_checks.chain(&mut self.shape) {
            *it = match it.place.take() {
                Some((path, line)) => {
                    Evidence { place: Some((path.under(label), line)), text: it.text.clone() }
                }
                None => Evidence { place: None, text: format!("{label}: {}", it.text) },
            };
        }
        for check in self.checks.iter_mut().filter(|it| !it.fix.is_empty()) {
            check.fix = format!("{label}: {}", check.fix);
        }
        self
    }
}

impl Outward for ChangeLog {
    fn labelled(mut self, label: &str) -> Self {
        for commit in &mut self.commits {
            commit.repository = Some(label.to_owned());
            for file in &mut commit.files {
                path(label, &mut file.path);
                file.from.iter_mut().for_each(|it| path(label, it));
            }
        }
        self
    }
}

impl Outward for Command {
    fn labelled(mut self, label: &str) -> Self {
        self.id = id(label, &self.id);
        path(label, &mut self.cwd);
        path(label, &mut self.place.path);
        self.files.iter_mut().for_each(|it| path(label, it));
        self
    }
}

impl Outward for Offers {
    fn labelled(mut self, label: &str) -> Self {
        for offer in &mut self.offers {
            offer.command = offer.command.clone().labelled(label);
        }
        self
    }
}

/// What navi itself is asked to do next, with the label before the id.
fn next(label: &str, next: &str) -> String {
    match next.strip_prefix("navi run ") {
        Some(rest) => format!("navi run {}", id(label, rest)),
        None => next.to_owned(),
    }
}

impl Outward for Row {
    fn labelled(mut self, label: &str) -> Self {
        self.id = id(label, &self.id);
        self.finding.next = self.finding.next.map(|it| next(label, &it));
        self
    }
}

impl Outward for Triage {
    fn labelled(mut self, label: &str) -> Self {
        self.rows = self.rows.into_iter().map(|it| it.labelled(label)).collect();
        self
    }
}

impl Outward for CheckNews {
    fn labelled(self, label: &str) -> Self {
        match self {
            Self::Asked(many) => Self::Asked(many),
            Self::Found(row) => Self::Found(Box::new(row.labelled(label))),
            Self::Finished(board) => Self::Finished(board.labelled(label)),
        }
    }
}

impl Outward for Card {
    fn labelled(mut self, label: &str) -> Self {
        self.id = id(label, &self.id);
        self.answers.iter_mut().for_each(|it| path(label, &mut it.path));
        self.fault.iter_mut().for_each(|it| path(label, &mut it.then));
        self
    }
}

impl Outward for DrillDeck {
    fn labelled(mut self, label: &str) -> Self {
        self.cards = self.cards.into_iter().map(|it| it.labelled(label)).collect();
        for round in &mut self.record.rounds {
            round.card = id(label, &round.card);
            round.path = RepoPath::from(round.path.as_str()).under(label).to_text().into_owned();
        }
        self.said = self.said.into_iter().map(|it| it.labelled(label)).collect();
        self
    }
}

impl Outward for Library {
    fn labelled(mut self, label: &str) -> Self {
        self.books.iter_mut().for_each(|it| path(label, &mut it.path));
        self
    }
}

impl Outward for Opened {
    fn labelled(mut self, label: &str) -> Self {
        path(label, &mut self.path);
        let is_inside = |it: &Place| matches!(it, Place::Link(Target::File { .. }));
        if self.page.stops.iter().any(|it| is_inside(&it.place)) {
            let mut page = Page::clone(&self.page);
            for stop in &mut page.stops {
                if let Place::Link(Target::File { path: to, .. }) = &mut stop.place {
                    path(label, to);
                }
            }
            self.page = Arc::new(page);
        }
        self
    }
}

/// The path as it is inside of its repository.
pub fn inside(path: &RepoPath) -> RepoPath {
    path.split_first().1
}

/// The command as it is inside of its repository.
pub fn command_inside(mut command: Command) -> Command {
    if let Some((_, own)) = split_id(&command.id) {
        command.id = own.to_owned();
    }
    command.cwd = inside(&command.cwd);
    command.place.path = inside(&command.place.path);
    command.files = command.files.iter().map(inside).collect();
    command
}

/// What was said about the command with this id outside, as it is inside: whoever had to type the
/// id typed what is on the screen.
pub fn consent_inside(consent: Consent, id: &str) -> Consent {
    match (consent, split_id(id)) {
        (Consent::Typed(typed), Some((_, own))) if typed == id => Consent::Typed(own.to_owned()),
        (consent, _) => consent,
    }
}

/// The card as it is inside of its repository.
pub fn card_inside(mut card: Card) -> Card {
    if let Some((_, own)) = split_id(&card.id) {
        card.id = own.to_owned();
    }
    card.answers.iter_mut().for_each(|it| it.path = inside(&it.path));
    card.fault.iter_mut().for_each(|it| it.then = inside(&it.then));
    card
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::commands::{Kind as Good, Place as Written, Risk, Work};
    use crate::engine::drills::{Answer, Fault, Kind};
    use crate::engine::runbook::Stop;

    fn command() -> Command {
        Command {
            id: "npm.test:unit".into(),
            title: "Tests".into(),
            kind: Good::Tests,
            work: Work::Program(vec!["npm".into()]),
            env: Vec::new(),
            cwd: "".into(),
            place: Written { path: "package.json".into(), line: 3 },
            risk: Risk::Destroys,
            risk_why: String::new(),
            body: String::new(),
            files: vec!["a/b.sh".into()],
            parameters: Vec::new(),
            follows: false,
            interactive: false,
            service: None,
            judge: None,
            deadline_s: None,
        }
    }

    #[test]
    fn a_command_comes_back_as_it_went_out() {
        let out = command().labelled("api");
        assert_eq!(out.id, "api:npm.test:unit");
        assert_eq!(out.cwd, "api".into());
        assert_eq!(out.place.path, "api/package.json".into());
        assert_eq!(out.files, ["api/a/b.sh".into()]);
        assert_eq!(command_inside(out), command());
    }

    #[test]
    fn the_id_that_was_typed_is_the_one_on_the_screen() {
        let typed = |it: &str| Consent::Typed(it.to_owned());
        assert_eq!(consent_inside(typed("api:make.drop"), "api:make.drop"), typed("make.drop"));
        // Where it lands was asked for.
        assert_eq!(consent_inside(typed("prod-eu"), "api:make.drop"), typed("prod-eu"));
        assert_eq!(consent_inside(Consent::Once, "api:make.drop"), Consent::Once);
    }

    #[test]
    fn a_card_comes_back_as_it_went_out() {
        let fault = Fault { commit: [1; 20], then: "old.py".into(), hunks: vec![(1, 1)] };
        let card = Card {
            id: "fix-1".into(),
            kind: Kind::Fix,
            prompt: "what is wrong?".into(),
            seconds: 120,
            answers: vec![Answer { path: "a/new.py".into(), line: Some(2) }],
            role: String::new(),
            fault: Some(fault),
        };
        let out = card.clone().labelled("api");
        assert_eq!(out.id, "api:fix-1");
        assert_eq!(out.answers[0].path, "api/a/new.py".into());
        assert_eq!(card_inside(out), card);
    }

    #[test]
    fn links_of_a_page_stay_in_their_repository() {
        let to =
            |path: &str| Place::Link(Target::File { path: path.into(), line: None, heading: None });
        let page = Page { stops: vec![Stop { row: 0, place: to("a.py") }], ..Page::default() };
        let opened = Opened {
            path: "docs/db.md".into(),
            title: String::new(),
            page: Arc::new(page),
            fault: None,
        };
        let out = opened.labelled("api");
        assert_eq!(out.path, "api/docs/db.md".into());
        assert_eq!(out.page.stops[0].place, to("api/a.py"));
    }

    #[test]
    fn what_to_run_next_names_the_repository() {
        assert_eq!(next("api", "navi run make.up"), "navi run api:make.up");
        assert_eq!(next("api", "docker compose up -d"), "docker compose up -d");
    }
}
