//! Tests of the store on a real disk.

use super::*;
use crate::engine::redact::Values;

fn store(state: &Path) -> IncidentStore {
    let mut values = Values::default();
    values.read("APP_SECRET=the-7-seas-are-deep\n");
    IncidentStore::new(Some(state), Path::new("/srv/shop"), Redactor::new(&values))
}

fn note(text: &str) -> What {
    What::Note { text: text.into() }
}

fn texts(timeline: &Timeline) -> Vec<String> {
    let text = |entry: &Entry| match &entry.what {
        What::Note { text } => text.clone(),
        other => other.kind().to_owned(),
    };
    timeline.entries.iter().map(text).collect()
}

const HOUR: u64 = 3_600_000;

#[test]
fn the_black_box_becomes_the_incident_and_several_navis_meet_in_it() {
    let home = tempfile::tempdir().unwrap();
    let store = store(home.path());
    let mut one = Recorder::new(store.clone(), "1-1");
    let mut other = Recorder::new(store.clone(), "2-2");
    one.record(10, note("long ago")).unwrap();
    one.record(10 * HOUR, note("one before")).unwrap();
    other.record(10 * HOUR + 1, note("other before")).unwrap();
    assert_eq!(store.active(), None);
    let mut command = Recorder::new(store.clone(), "3-3");
    let id = command.start("Logins fail!", Some("main"), 10 * HOUR + 2).unwrap();
    assert_eq!(id, "19700101-1000-logins-fail");
    assert_eq!(store.active().as_deref(), Some(id.as_str()));
    assert!(matches!(other.start("again", None, 11 * HOUR), Err(IncidentError::Running(_))));
    one.record(10 * HOUR + 3, note("one after")).unwrap();
    other.record(10 * HOUR + 4, note("the-7-seas-are-deep and password=hunter2")).unwrap();
    assert_eq!(other.stop(10 * HOUR + 5).unwrap(), id);
    assert!(matches!(one.stop(10 * HOUR + 6), Err(IncidentError::None)));
    one.record(10 * HOUR + 7, note("later")).unwrap();

    let (timeline, said) = store.read(&id);
    assert_eq!(said, []);
    let secret = "[redacted: value of .env] and password=[redacted: secret]";
    let expected = ["one before", "other before", "start", "promoted", "one after", secret, "stop"];
    assert_eq!(texts(&timeline), expected);
    assert_eq!((timeline.title.as_str(), timeline.branch.as_str()), ("Logins fail!", "main"));
    assert_eq!(timeline.length(0), 3);
    let (all, _) = store.list();
    assert_eq!((all.len(), all[0].active, all[0].id.as_str()), (1, false, id.as_str()));
    assert_eq!(texts(&store.read_box().0), ["long ago", "one before", "other before", "later"]);
    let raw = std::fs::read_dir(store.folder_of(&id).unwrap()).unwrap();
    for file in raw.map(|it| it.unwrap().path()) {
        let text = std::fs::read_to_string(file).unwrap();
        assert!(!text.contains("hunter2") && !text.contains("7-seas"), "{text}");
    }
}

#[cfg(unix)]
#[test]
fn only_the_owner_can_read_it() {
    use std::os::unix::fs::PermissionsExt;
    let home = tempfile::tempdir().unwrap();
    let store = store(home.path());
    let mut recorder = Recorder::new(store.clone(), "1-1");
    recorder.record(1, note("x")).unwrap();
    let id = recorder.start("t", None, 2).unwrap();
    let mut folders = vec![home.path().join("incidents")];
    let mut files = 0;
    while let Some(folder) = folders.pop() {
        let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(&folder), 0o700, "{}", folder.display());
        for path in std::fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()) {
            if path.is_dir() {
                folders.push(path);
            } else {
                assert_eq!(mode(&path), 0o600, "{}", path.display());
                files += 1;
            }
        }
    }
    assert_eq!(files, 4, "the box, what was taken over, the navi's own file, the pointer of {id}");
}

#[test]
fn torn_and_changed_lines_are_told_and_passed_over() {
    let home = tempfile::tempdir().unwrap();
    let store = store(home.path());
    let mut recorder = Recorder::new(store.clone(), "1-1");
    let id = recorder.start("t", None, 1).unwrap();
    for number in 0..5 {
        recorder.record(2 + number, note(&format!("n{number}"))).unwrap();
    }
    let file = store.folder_of(&id).unwrap().join("1-1.jsonl");
    let text = std::fs::read_to_string(&file).unwrap();
    let told = |text: &str| {
        std::fs::write(&file, text).unwrap();
        let (timeline, said) = store.read(&id);
        (texts(&timeline), said.iter().map(ToString::to_string).collect::<Vec<_>>())
    };
    for cut in 1..60 {
        let (left, said) = told(text.get(..text.len() - cut).unwrap());
        let whole = if cut == 1 { 6 } else { 5 };
        assert_eq!(left.len(), whole, "{cut}: {left:?}");
        assert!(cut == 1 || said[0].contains("the last line was not finished"), "{said:?}");
    }
    let (left, said) = told(&text.replace("n2", "n9"));
    assert_eq!(left, ["start", "n0", "n1", "n3", "n4"]);
    assert!(said[0].contains(":4: note: this line of the record is damaged"), "{said:?}");
    let without: Vec<&str> = text.lines().filter(|it| !it.contains("n2")).collect();
    let (left, said) = told(&(without.join("\n") + "\n"));
    assert_eq!(left.len(), 5);
    assert!(said[0].contains("lines are missing in 1 places"), "{said:?}");
    assert_eq!(told("\0\u{1}garbage\n{}\n\n").0, [""; 0]);
}

#[test]
fn nothing_is_written_when_nothing_is_wanted() {
    let store = IncidentStore::new(None, Path::new("/srv/shop"), Redactor::default());
    let mut recorder = Recorder::new(store.clone(), "1-1");
    recorder.record(1, note("x")).unwrap();
    assert!(matches!(recorder.start("t", None, 1), Err(IncidentError::NoState)));
    assert!(matches!(recorder.stop(1), Err(IncidentError::NoState)));
    assert_eq!((store.list().0, store.current(), store.active()), (vec![], None, None));
}

#[test]
fn old_boxes_go_and_names_of_incidents_are_checked() {
    let home = tempfile::tempdir().unwrap();
    let store = store(home.path());
    let mut recorder = Recorder::new(store.clone(), "1-1");
    recorder.record(1, note("x")).unwrap();
    recorder.sweep(SystemTime::now());
    assert_eq!(store.read_box().0.entries.len(), 1);
    recorder.sweep(SystemTime::now() + OLD + Duration::from_secs(60));
    assert_eq!(store.read_box().0.entries.len(), 0);
    for bad in ["", "..", "../../etc", "20251125-0314-../x", "box", "active", "20251125"] {
        assert!(!is_id(bad), "{bad}");
    }
    assert_eq!(store.read("../box").0, Timeline::default());
}
