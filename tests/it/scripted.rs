//! An incident from the first sight of it to its report, by the keys of one who is on call, on the
//! real stack: triage, log line to source, mended, looked at again, told.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use crate::stack::{Rig, fails, fine};
use crate::support::{Keys, Pty, eventually};

/// The file in which the fault is made.
const PLACE: &str = "apps/api/app/api/v1/health.py";

/// A password that the repository keeps for itself. In pieces, so that nobody takes this file for one
/// with secrets.
fn secret() -> String {
    ["correct", "horse", "battery9"].join("-")
}

/// Makes a fault, and plays the incident; afterwards all is well again.
pub fn an_incident_is_played(rig: &Rig) {
    let file = rig.root.join(PLACE);
    let good = fs::read_to_string(&file).unwrap();
    let head = "async def live() -> HealthReport:";
    let secret = secret();
    fs::write(rig.root.join(".env"), format!("SMTP_PASSWORD={secret}\n")).unwrap();
    let fault = format!("{head}\n    raise RuntimeError('pool is gone, {secret}')");
    let broken = good.replace(head, &fault);
    assert_ne!(good, broken);
    let line = broken.lines().position(|it| it.contains("raise RuntimeError('pool")).unwrap() + 1;
    // The editor of one who knows what to do: it mends what it is given.
    let mended = rig.home.folder("tmp").join("mended.py");
    fs::write(&mended, &good).unwrap();
    let editor = rig.home.folder("tmp").join("mend");
    let script = format!("#!/bin/sh\nfor file; do :; done\ncat {} > \"$file\"\n", mended.display());
    fs::write(&editor, script).unwrap();
    fs::set_permissions(&editor, fs::Permissions::from_mode(0o755)).unwrap();

    fs::write(&file, broken).unwrap();
    let shown = [fails("compose.api.http", "app", "HTTP 500 in ")];
    rig.until("the API answers 500 once more", None, &shown);

    let variables: Vec<(&str, &OsStr)> = rig
        .engine
        .variables
        .iter()
        .map(|(name, value)| (name.as_str(), OsStr::new(value)))
        .chain([("EDITOR", editor.as_os_str())])
        .collect();
    let navi = env!("CARGO_BIN_EXE_navi");
    let mut pty = Pty::spawn(&rig.home, &rig.root, (120, 36), navi, &[], &variables);
    pty.wait_for("live");
    // Declared.
    pty.send("\x1bi");
    pty.send("health answers 500");
    pty.send(Keys::ENTER);
    pty.wait_for("health answers 500");
    // Triage: what is broken stands on top, and leads to its command.
    pty.send("\x1b3");
    pty.wait_line("the whole board", |it| it.contains(" broken") && it.contains(" in "));
    pty.wait_line("what is broken, selected", |it| it.contains('▸') && it.contains('✗'));
    pty.wait_line("the API", |it| it.contains("api.http") && it.contains("HTTP 500 in "));
    // The log, and from its trace to the line.
    pty.send("\x1b4");
    pty.wait_for("commands");
    pty.send("/");
    pty.send("compose.api.logs");
    pty.send(Keys::ENTER);
    pty.wait_for("RuntimeError");
    pty.send("\t");
    pty.wait_for("next error");
    // Not the last error: a request may have failed since for a reason of its own.
    pty.send("/");
    pty.wait_for("find:");
    pty.send("RuntimeError: pool is gone");
    pty.send(Keys::ENTER);
    pty.wait_line("the error", |it| it.contains('▸') && it.contains("pool is gone"));
    pty.send("o");
    let row = format!("▸ health.py:{line}");
    pty.wait_line("the line that raises, selected", |it| it.contains(&row));
    // Mended.
    pty.send(Keys::ENTER);
    eventually(&"the mended file", || {
        (fs::read_to_string(&file).is_ok_and(|it| it == good)).then_some(())
    });
    rig.until("the API is mended", None, &[fine("compose.api.http", "HTTP 200")]);
    // Looked at again.
    pty.send("\x1b3");
    pty.send("\x12");
    pty.wait_line("the API is well", |it| it.contains("api.http") && it.contains("HTTP 200"));
    pty.wait_gone("Broken");
    // Noted, and over.
    pty.send("\x1bm");
    pty.send(&format!("took the raise out, {secret} was in the log"));
    pty.send(Keys::ENTER);
    pty.send("\x1be");
    pty.send("end");
    pty.send(Keys::ENTER);
    pty.wait_for("incident over");
    pty.send(Keys::CTRL_C);
    pty.wait_exit();
    pty.assert_restored();

    let out = rig.navi(&["incident", "report"], None);
    let report = String::from_utf8(out.stdout).unwrap();
    let mut from = 0;
    // Every step, in the order in which it was taken.
    for step in [
        "# Incident: health answers 500",
        "**incident declared: ",
        "check compose.api.http: FAIL, HTTP 500 in ",
        "logs --tail 200 api`: ok in ",
        &format!("{PLACE}:{line}"),
        "check compose.api.http: ok, HTTP 200 in ",
        "took the raise out, ",
        "incident over",
    ] {
        let at = report.get(from..).and_then(|it| it.find(step));
        from += at.unwrap_or_else(|| panic!("{step} is not told in its place:\n{report}"));
    }
    let told = rig.navi(&["incident", "report", "--format", "json"], None);
    let handover = rig.navi(&["incident", "handover"], None);
    for text in [report.into_bytes(), told.stdout, handover.stdout] {
        let text = String::from_utf8(text).unwrap();
        assert!(!text.is_empty() && !text.contains("battery9"), "{text}");
        assert!(!text.contains("dev_password"), "{text}");
    }
    fs::remove_file(rig.root.join(".env")).unwrap();
}
