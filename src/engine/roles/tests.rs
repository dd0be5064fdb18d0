//! Tests of the roles: the embedded files load without a word, and their examples hold.

use super::*;

#[test]
fn builtin_roles_load_without_a_word() {
    let (set, diagnostics) = RoleSet::builtin();
    assert_eq!(diagnostics, []);
    assert_eq!(set.roles().len(), BUILTIN.len());
    for ((id, _), role) in BUILTIN.iter().zip(set.roles()) {
        assert_eq!(*id, role.id);
        assert!(!role.why.is_empty() && !role.title.is_empty());
    }
}

#[test]
fn folder_and_list_agree() {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/engine/roles/builtin");
    assert_eq!(std::fs::read_dir(folder).unwrap().count(), BUILTIN.len());
}

#[test]
fn every_example_of_a_role_holds() {
    let (set, _) = RoleSet::builtin();
    let mut wrong = Vec::new();
    for (place, role) in set.roles().iter().enumerate() {
        assert!(role.examples.iter().any(|it| !it.not), "{}: no example", role.id);
        assert!(role.examples.iter().any(|it| it.not), "{}: no counter-example", role.id);
        for example in &role.examples {
            let text = example.content.as_bytes();
            let evidence = set.judge(example.path.as_bytes(), Some(text));
            if evidence.bits().has(place) == example.not {
                wrong.push(format!(
                    "{}.toml:{}: {} has {} points",
                    role.id,
                    example.line,
                    example.path,
                    evidence.points(place)
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn paths_of_the_guide_get_their_roles() {
    let (set, _) = RoleSet::builtin();
    for (path, role) in [
        ("apps/api/main.py", "entry-point"),
        ("apps/api/app/core/config.py", "config"),
        ("apps/api/app/api/v1/auth.py", "auth"),
        ("apps/web/src/app/core/guards/role.guard.ts", "auth"),
        ("apps/api/app/api/v1/websockets.py", "websocket"),
        ("apps/api/app/db/migrations/0001_users.py", "migration"),
        ("apps/api/app/core/exceptions.py", "error-handling"),
        ("tools/docker/docker-compose.yml", "infra"),
        ("docs/runbooks/monitoring.md", "runbook"),
        ("makefile", "script"),
    ] {
        assert!(set.ids(set.of_path(path.as_bytes())).contains(&role), "{path}: {role}");
    }
}

#[test]
fn what_is_wrong_is_reported_with_its_line_and_the_rest_counts() {
    let mut set = RoleSet::default();
    let mut said = Vec::new();
    let text = "id = \"queue\"\n\n[[rule]]\nfolder = [\"q\"]\nwhy = \"x\"\n\n\
                [[rule]]\nparts = [\"queues\"]\nwhy = \"named so\"\n";
    set.add("x.toml", text, &mut said);
    let shown: Vec<String> = said.iter().map(ToString::to_string).collect();
    assert_eq!(shown.len(), 2, "{shown:?}");
    assert!(
        shown[0].starts_with("x.toml:4:1: warning: unknown key `folder` in a rule"),
        "{shown:?}"
    );
    assert!(shown[0].contains("did you mean `folders`?"), "{shown:?}");
    assert!(set.of_path(b"a/job-queue.rb").has(0));
    assert!(!set.of_path(b"q/a.rb").has(0));
}

#[test]
fn content_is_matched_as_whole_words_of_its_language() {
    let mut set = RoleSet::default();
    let mut said = Vec::new();
    let text =
        "id = \"x\"\n[[rule]]\nlanguages = [\"java\"]\ncontent = [\"@Entity\"]\nwhy = \"has {}\"\n";
    set.add("x.toml", text, &mut said);
    assert_eq!(said, []);
    let judge = |path: &str, text: &str| set.judge(path.as_bytes(), Some(text.as_bytes()));
    assert!(judge("A.java", "@Entity\nclass A {}").bits().has(0));
    assert!(!judge("A.java", "@EntityListeners\nclass A {}").bits().has(0));
    assert!(!judge("A.py", "@Entity").bits().has(0));
    let evidence = judge("A.java", "\n@Entity\n@Entity");
    assert_eq!(set.reasons(&evidence, 0), ["has @Entity"]);
    assert_eq!(evidence.offset(0), Some(1));
    assert!(evidence.points(0) > 1.0);
}

#[test]
fn roles_of_another_set_keep_their_names() {
    let mut ours = RoleSet::builtin().0;
    let mut theirs = RoleSet::default();
    theirs.add("x", "id = \"payment\"\ntitle = \"Payments\"\n", &mut Vec::new());
    theirs.add("x", "id = \"auth\"\ntitle = \"Other\"\n", &mut Vec::new());
    let auth = ours.place("auth");
    let places = ours.take_in(&theirs);
    assert_eq!(places, [Some(ours.roles().len() - 1), auth]);
    assert_eq!(RoleBits(0b11).moved(&places).0, 1 << 19 | 1 << auth.unwrap());
    assert_eq!(ours.roles()[19].title, "Payments");
    assert_eq!(RoleBits(0b101).moved(&places[..1]).0, 1 << 19);
}

mod whole_words {
    use super::super::language::Language;
    use super::*;
    use crate::engine::tokens::is_word_byte;
    use proptest::prelude::*;

    /// How often each rule's words stand in a text, looked for one after the other.
    fn counted(rules: &[Rule], language: Language, text: &[u8]) -> Vec<(u16, u32)> {
        let inside = |at: usize| {
            (1..text.len()).contains(&at) && is_word_byte(text[at - 1]) && is_word_byte(text[at])
        };
        let spoken = (0..).zip(rules).filter(|it| it.1.languages & language.bit() != 0);
        let counts = spoken.map(|(place, rule)| {
            let stands = |word: &Vec<u8>| {
                let places = (0..text.len()).filter(|&at| text[at..].starts_with(word));
                places.filter(|&at| !inside(at) && !inside(at + word.len())).count() as u32
            };
            (place, rule.content.iter().map(stands).sum())
        });
        counts.filter(|it| it.1 > 0).collect()
    }

    proptest! {
        #[test]
        fn are_found_wherever_they_stand(
            picks in prop::collection::vec((any::<prop::sample::Index>(), "[ a.(x]{0,2}"), 0..12),
            many in any::<bool>(),
        ) {
            let set = RoleSet::builtin().0;
            // Of these two one has few words and the other many.
            let language = if many { Language::Python } else { Language::C };
            let spoken = set.rules.iter().filter(|it| it.languages & language.bit() != 0);
            let words: Vec<&Vec<u8>> = spoken.flat_map(|it| &it.content).collect();
            prop_assert_eq!(words.len() > 64, many);
            let pieces = picks.iter().flat_map(|(pick, between)| {
                // A whole word, or one that lacks its first byte.
                let word = words[pick.index(words.len())];
                [&word[pick.index(2).min(word.len())..], between.as_bytes()]
            });
            let text: Vec<u8> = pieces.flatten().copied().collect();
            let automaton = Automaton::build(&set.rules, language).unwrap();
            let mut found: Vec<(u16, u32)> =
                automaton.hits(&text).iter().map(|it| (it.rule, it.count)).collect();
            found.sort_unstable();
            prop_assert_eq!(found, counted(&set.rules, language, &text));
        }
    }
}
