//! Questions for the files of a role, worded as somebody would ask who is looking at an alert.

use std::collections::BTreeMap;

use super::deck::Given;
use super::{Answer, Card, Dice, Kind, card_id};
use crate::base::text;
use crate::engine::catalogue::{Applications, Entry};

/// Files of a role in one application, any of which is right.
const RIGHT: usize = 3;
/// Applications of a role that are asked about.
const MOST_APPLICATIONS: usize = 6;

/// What is asked about each role. `{in}` becomes ` of the application`, where there are several.
const QUESTIONS: &[(&str, &[&str])] = &[
    (
        "entry-point",
        &[
            "The process{in} dies before it serves anything. Open the file where it starts.",
            "Where does{in} begin to run?",
        ],
    ),
    (
        "config",
        &[
            "A setting{in} has a wrong value in production. Where are settings read?",
            "Which variables does{in} read from its environment? Open where that is decided.",
        ],
    ),
    (
        "auth",
        &[
            "Signing in fails{in}. Open where that is decided.",
            "Tokens are refused{in}. Where are they checked?",
        ],
    ),
    (
        "websocket",
        &[
            "Live updates have stopped{in}. Open the WebSocket or realtime endpoint.",
            "Where are realtime connections accepted{in}?",
        ],
    ),
    (
        "migration",
        &[
            "The last schema change{in} has gone wrong. Open it.",
            "Which change of the database schema{in} came last?",
        ],
    ),
    (
        "model",
        &[
            "A column is missing{in}. Open one of the central data models.",
            "Where is the most important data model{in} defined?",
        ],
    ),
    (
        "route",
        &["A request gets 404{in}. Where are the routes?", "Open where requests{in} are received."],
    ),
    (
        "service",
        &[
            "The numbers are wrong{in}, and the endpoint looks right. Open the business logic behind it.",
            "Where does the work behind the endpoints{in} get done?",
        ],
    ),
    (
        "error-handling",
        &[
            "Users see a bare 500{in}. Where are errors turned into answers?",
            "Open where{in} handles what nobody caught.",
        ],
    ),
    (
        "middleware",
        &[
            "Every request{in} is slow by the same second. Open what they all pass through.",
            "What stands between the server and the handlers{in}?",
        ],
    ),
    (
        "cache",
        &[
            "Old values are served{in}. Where is the cache?",
            "The cache is down{in}. Open what talks to it.",
        ],
    ),
    (
        "database",
        &[
            "Connections to the database run out{in}. Where are they made?",
            "Queries time out{in}. Open where the database is set up.",
        ],
    ),
    (
        "logging",
        &[
            "Logs{in} lack the request's number. Where is logging set up?",
            "Nothing is measured any more{in}. Open where logs or metrics are set up.",
        ],
    ),
    (
        "health",
        &[
            "The load balancer takes{in} out of rotation. Open the health or readiness check.",
            "Which file answers whether{in} is healthy?",
        ],
    ),
    (
        "infra",
        &[
            "The container{in} does not come up. Open how it is built or run.",
            "Where is written how{in} is deployed?",
        ],
    ),
    (
        "runbook",
        &[
            "What does the team do in an incident{in}? Open the runbook.",
            "It is down, and there is a page for that{in}. Open it.",
        ],
    ),
    (
        "script",
        &[
            "Somebody wrote a script for this{in}. Open where such scripts are.",
            "Which file lists the tasks that can be run by hand{in}?",
        ],
    ),
];

/// Roles of which there is nothing to ask: every file is as good as the next, or its name is known.
const UNASKED: &[&str] = &["test", "manifest"];

/// The role cards.
pub fn cards(given: &Given<'_>) -> Vec<Card> {
    let files = &given.snapshot.files;
    let applications = Applications::of(files);
    let mut cards = Vec::new();
    for shelf in &given.catalogue.shelves {
        let Some(role) = given.finder.roles.roles().get(shelf.role) else { continue };
        if UNASKED.contains(&role.id.as_str()) {
            continue;
        }
        let mut by_application: BTreeMap<Vec<u8>, Vec<&Entry>> = BTreeMap::new();
        for entry in &shelf.files {
            let (folder, _) = applications.of_file(files.lower(entry.id));
            by_application.entry(folder).or_default().push(entry);
        }
        let several = by_application.len() > 1;
        let mut dice = Dice::new(given.seed, &role.id);
        for (folder, entries) in by_application.into_iter().take(MOST_APPLICATIONS) {
            let name = text::clean_bytes(folder.strip_suffix(b"/").unwrap_or(&folder));
            let prompt =
                question(&role.id, &role.title, several.then_some(name.as_str()), &mut dice);
            let answers = entries
                .iter()
                .take(RIGHT)
                .map(|it| Answer { path: files.repo_path(it.id), line: Some(it.line) })
                .collect();
            cards.push(Card {
                id: card_id(Kind::Role, &[role.id.as_bytes(), &folder]),
                kind: Kind::Role,
                prompt,
                seconds: Kind::Role.seconds(),
                answers,
                role: role.id.clone(),
                fault: None,
            });
        }
    }
    cards
}

/// The question; `application` is named where there are several, the root by what it is.
fn question(role: &str, title: &str, application: Option<&str>, dice: &mut Dice) -> String {
    let known = QUESTIONS.iter().find(|it| it.0 == role).map_or(&[][..], |it| it.1);
    let own = [format!("Open the file for: {}{{in}}.", text::clean(title).to_lowercase())];
    let wording = match dice.choose(known) {
        Some(wording) => (*wording).to_owned(),
        None => own.concat(),
    };
    // Where the sentence is about the application itself, it is its subject.
    let subject = ["does{in}", "where{in}", "takes{in}", "whether{in}", "how{in}"];
    let named = subject.iter().any(|it| wording.contains(it));
    let place = match (application, named) {
        (None, false) => String::new(),
        (None, true) => " the application".to_owned(),
        (Some(""), false) => " at the root of the repository".to_owned(),
        (Some(""), true) => " the application at the root".to_owned(),
        (Some(name), false) => format!(" in {name}"),
        (Some(name), true) => format!(" {name}"),
    };
    wording.replace("{in}", &place)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::roles::RoleSet;

    #[test]
    fn every_role_that_is_asked_for_is_one_and_reads_well() {
        let roles = RoleSet::builtin().0;
        for (role, wordings) in QUESTIONS {
            assert!(roles.place(role).is_some(), "{role}");
            assert!(wordings.iter().all(|it| it.matches("{in}").count() <= 1));
        }
        let all = |application| -> Vec<String> {
            (0..9)
                .map(|seed| question("health", "Health", application, &mut Dice::new(seed, "")))
                .collect()
        };
        assert!(
            all(None).contains(&"Which file answers whether the application is healthy?".into())
        );
        assert!(all(Some("apps/api")).contains(
            &"The load balancer takes apps/api out of rotation. Open the health or readiness check.".into()
        ));
        let own = question("strange", "Odd Things", Some("a"), &mut Dice::new(1, ""));
        assert_eq!(own, "Open the file for: odd things in a.");
    }
}
