//! The JVM: `at package.Class.method(File.java:N)`, the innermost first; of `Caused by:` the last
//! is the root.
//!
//! Format: `java.lang.Throwable.printStackTrace`, and logback's additions (`~[jar:version]`,
//! `common frames omitted`, `Wrapped by:` where the root stands first).

use std::sync::LazyLock;

use regex::Regex;

use super::{Dialect, Found, Open, pattern};
use crate::engine::symptom::frame::Frame;
use crate::engine::symptom::line::Line;

static FRAME: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r"^\s*at (?:[\w.@$-]*/)*(?P<class>[\w$.]+(?:\$\$[\w$.]+)?)\.(?P<method>[\w$<>-]+)\((?P<source>[^()]*)\)(?: ?[~\[].*)?$",
    )
});
static RAISED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    pattern(
        r#"^(?:Exception in thread "[^"]*" )?(?P<name>(?:[a-z_][\w$]*\.)*[A-Z][\w$]*)(?:: (?P<text>.*))?$"#,
    )
});

/// Packages of the runtime and of frameworks that call the application.
const LIBRARIES: &[&str] = &[
    "java.",
    "javax.",
    "jakarta.",
    "jdk.",
    "sun.",
    "com.sun.",
    "kotlin.",
    "kotlinx.",
    "scala.",
    "groovy.",
    "org.springframework.",
    "org.apache.",
    "org.hibernate.",
    "org.eclipse.jetty.",
    "io.netty.",
    "io.micronaut.",
    "io.quarkus.",
    "io.vertx.",
    "reactor.",
    "io.undertow.",
    "org.junit.",
    "org.gradle.",
    "com.zaxxer.",
    "org.postgresql.",
    "com.mysql.",
    "com.fasterxml.",
    "okhttp3.",
    "io.grpc.",
    "akka.",
    "play.",
    "android.",
    "androidx.",
    "org.aspectj.",
    "net.bytebuddy.",
    "com.google.common.",
    "org.slf4j.",
    "ch.qos.logback.",
    "io.reactivex.",
    "org.mockito.",
];

pub fn read(lines: &[Line], found: &mut Found) {
    let Some(frame_pattern) = &*FRAME else { return };
    let mut open = Open::default();
    let mut above: Option<String> = None;
    let mut chain = 0;
    let mut depth: usize = 1000;
    let mut root_first = false;
    for (at, line) in lines.iter().enumerate() {
        let text = line.text.as_str();
        let frame =
            if text.trim_start().starts_with("at ") { frame_pattern.captures(text) } else { None };
        if let Some(it) = frame
            && found.is_free(at)
        {
            let (class, method, source) = (&it["class"], &it["method"], &it["source"]);
            // `at Foo.bar(file.js:1:2)` has two numbers, and .NET has types in the parentheses.
            let (file, number) = match source.rsplit_once(':') {
                Some((file, number)) if number.parse::<u64>().is_ok() => {
                    (Some(file), number.parse().ok().filter(|it| *it > 0))
                }
                None if source.ends_with(".java")
                    || source.ends_with(".kt")
                    || source.ends_with(".scala")
                    || source.ends_with(".groovy") =>
                {
                    (Some(source), None)
                }
                _ if source == "Native Method"
                    || source == "Unknown Source"
                    || source.is_empty() && class.contains('$') =>
                {
                    (None, None)
                }
                _ => continue,
            };
            if file.is_some_and(|it| it.contains('/') || it.contains('\\') || it.contains(':')) {
                continue;
            }
            if open.frames.is_empty() {
                open.message = above.take();
                if chain == 0 {
                    chain = found.chain();
                }
            }
            open.frames.extend(found.take(at, frame_of(text, class, method, file, number)));
            continue;
        }
        let trimmed = text.trim();
        if trimmed.is_empty() {
            continue;
        }
        if trimmed.starts_with("... ")
            && (trimmed.ends_with(" more") || trimmed.contains("common frames"))
        {
            found.mark(at);
            continue;
        }
        let closed = !open.frames.is_empty();
        end(&mut open, chain, depth, found);
        let link = ["Caused by: ", "Wrapped by: ", "Suppressed: "]
            .into_iter()
            .find(|it| trimmed.contains(it));
        if let Some(link) = link {
            found.mark(at);
            above = trimmed.split_once(link).map(|it| it.1.to_owned());
            root_first |= link.starts_with("Wrapped");
            depth = match link {
                // What was suppressed did not cause it, and neither did what caused that.
                "Suppressed: " => 2000,
                _ if depth >= 2000 && text.starts_with([' ', '\t']) => 2000,
                _ if root_first => depth + 1,
                _ => depth.min(1000) - 1,
            };
            continue;
        }
        if closed {
            (chain, depth, root_first) = (0, 1000, false);
        }
        if let Some(it) = RAISED.as_ref().and_then(|it| it.captures(trimmed)) {
            let said = it.name("text").map(|it| format!(": {}", it.as_str())).unwrap_or_default();
            above = Some(format!("{}{said}", &it["name"]));
        } else if above.is_none() || !text.starts_with([' ', '\t']) {
            above = Some(trimmed.to_owned());
        }
    }
    end(&mut open, chain, depth, found);
}

fn end(open: &mut Open, chain: usize, depth: usize, found: &mut Found) {
    let open = std::mem::take(open);
    if !open.frames.is_empty() {
        found.block(open.message, open.frames, chain, depth);
    }
}

fn frame_of(text: &str, class: &str, method: &str, file: Option<&str>, line: Option<u64>) -> Frame {
    let plain = class.split("$$").next().unwrap_or(class);
    let (package, nested) = plain.rsplit_once('.').unwrap_or(("", plain));
    let mut scope: Vec<String> =
        package.split('.').filter(|it| !it.is_empty()).map(str::to_owned).collect();
    let classes =
        nested.split('$').filter(|it| !it.is_empty() && !it.bytes().all(|it| it.is_ascii_digit()));
    scope.extend(
        classes.filter(|it| *it != "Companion" && *it != "DefaultImpls").map(str::to_owned),
    );
    // lambda$login$0 is in login; Kotlin says invokeSuspend or invoke for what a lambda does.
    let function = match method.strip_prefix("lambda$") {
        Some(rest) => rest.split('$').next().unwrap_or(rest),
        None => method.split('$').next().unwrap_or(method),
    };
    let function = match function {
        "<init>" => scope.last().cloned(),
        "<clinit>" | "invoke" | "invokeSuspend" | "null" | "new" | "static" | "" => None,
        _ => Some(function.to_owned()),
    };
    let path = file.map(|file| {
        if package.is_empty() {
            file.to_owned()
        } else {
            format!("{}/{file}", package.replace('.', "/"))
        }
    });
    Frame {
        raw: text.to_owned(),
        dialect: Some(Dialect::Java),
        library: LIBRARIES.iter().any(|it| class.starts_with(it))
            || class.contains("$Proxy")
            || class.contains("$$"),
        file: path,
        line,
        column: None,
        function,
        scope,
        code: None,
    }
}
