//! What the source says that the checks judge by: one reading of each hand-written file, with the
//! line of everything that is found.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

use super::{Given, swallowed};
use crate::base::path::name_of;
use crate::engine::files::FileId;
use crate::engine::index::{is_secret, read_raw};
use crate::engine::roles::Language::{self, CSharp, Elixir, Go, Java, JavaScript, Php, Python};
use crate::engine::roles::Language::{Data, Ruby, Rust};
use crate::engine::standing::Standing;

/// What a sign tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sign {
    /// A fault is caught and nothing is done.
    Swallowed,
    /// The environment is read.
    Environment,
    /// A database is asked without anything between.
    Query,
    /// Another service is called without anything between.
    Call,
    /// Metrics, traces or fault reports are made.
    Metrics,
    /// What comes in is checked by a library for it.
    Validation,
    /// Calls are given up, repeated or cut off in an orderly way.
    Patience,
    /// A schema change can be taken back.
    Rollback,
    /// Tests stand in the source itself.
    InlineTest,
}

/// One place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seen {
    /// The file.
    pub file: FileId,
    /// 1-based.
    pub line: u32,
    /// What it tells.
    pub sign: Sign,
    /// The words that tell it.
    pub word: &'static str,
}

/// All places.
#[derive(Debug, Clone, Default)]
pub struct Signs {
    /// In the order of paths and lines.
    seen: Vec<Seen>,
    /// Files that were too many to be read.
    pub left: usize,
}

/// Bytes of a file that are read.
const MOST_BYTES: u64 = 256 << 10;
/// Files that are read; the rest of a larger repository is not.
const MOST_FILES: usize = 30_000;
/// Places of one sign in one file that are kept.
const MOST_PLACES: usize = 12;
/// Files that a thread takes at a time.
const HANDFUL: usize = 32;

type Marks = (Sign, &'static [Language], &'static [&'static str]);

/// Words by language. They are calls and names of libraries, so that prose does not meet them.
const MARKS: &[Marks] = &[
    (Sign::Environment, &[Python], &["os.environ", "os.getenv("]),
    (Sign::Environment, &[JavaScript], &["process.env", "import.meta.env"]),
    (Sign::Environment, &[Go], &["os.Getenv(", "os.LookupEnv("]),
    (Sign::Environment, &[Ruby], &["ENV[", "ENV.fetch("]),
    (Sign::Environment, &[Php], &["getenv(", "$_ENV["]),
    (Sign::Environment, &[Java], &["System.getenv("]),
    (Sign::Environment, &[CSharp], &["Environment.GetEnvironmentVariable("]),
    (Sign::Environment, &[Rust], &["env::var(", "env::var_os("]),
    (Sign::Environment, &[Elixir], &["System.get_env(", "System.fetch_env!("]),
    (Sign::Query, &[Python], &["cursor.execute(", "session.execute(", "db.execute(", ".query("]),
    (
        Sign::Query,
        &[JavaScript],
        &["pool.query(", "client.query(", "db.query(", "knex(", "prisma."],
    ),
    (Sign::Query, &[Go], &["sql.Open(", "db.Query(", "db.Exec(", "db.QueryRow(", ".QueryContext("]),
    (Sign::Query, &[Java], &["jdbcTemplate.", "createNativeQuery(", "prepareStatement("]),
    (Sign::Query, &[Php], &["DB::select(", "DB::statement(", "DB::table(", "mysqli_query("]),
    (Sign::Query, &[Ruby], &["connection.execute(", "find_by_sql", "connection.select_all("]),
    (Sign::Query, &[CSharp], &["new SqlCommand(", "FromSqlRaw(", "ExecuteSqlRaw("]),
    (Sign::Query, &[Rust], &["sqlx::query", "diesel::sql_query("]),
    (Sign::Query, &[Elixir], &["Ecto.Adapters.SQL.query", "Repo.query("]),
    (
        Sign::Call,
        &[Python],
        &["requests.get(", "requests.post(", "httpx.get(", "httpx.post(", "urlopen("],
    ),
    (Sign::Call, &[JavaScript], &["axios.get(", "axios.post(", "await fetch(", "got("]),
    (Sign::Call, &[Go], &["http.Get(", "http.Post(", "http.DefaultClient"]),
    (Sign::Call, &[Java], &["new RestTemplate(", "HttpClient.newHttpClient("]),
    (Sign::Call, &[Php], &["curl_init(", "new GuzzleHttp", "Http::get(", "Http::post("]),
    (Sign::Call, &[Ruby], &["Net::HTTP.", "Faraday.get", "Faraday.post", "HTTParty."]),
    (Sign::Call, &[CSharp], &["new HttpClient("]),
    (Sign::Call, &[Rust], &["reqwest::get("]),
    (Sign::Call, &[Elixir], &["HTTPoison.", "Req.get", "Tesla.get"]),
    (
        Sign::Metrics,
        &[Python, JavaScript, Java, Ruby, Php, Elixir, CSharp, Go, Rust],
        &[
            "prometheus",
            "Prometheus",
            "opentelemetry",
            "OpenTelemetry",
            "sentry_sdk",
            "@sentry/",
            "Sentry.",
            "Sentry\\",
            "statsd",
            "StatsD",
            "micrometer",
            "datadog",
            "ddtrace",
            "newrelic",
            "NewRelic",
            "appsignal",
            "Appsignal",
            "bugsnag",
            "Bugsnag",
            "rollbar",
            "Rollbar",
            "honeybadger",
            "Honeybadger",
            ":telemetry.",
            "applicationinsights",
            "ApplicationInsights",
            "metrics::counter!",
            "MeterRegistry",
        ],
    ),
    (
        Sign::Validation,
        &[Python],
        &["pydantic", "marshmallow", "serializers.Serializer", "ModelForm", "cerberus"],
    ),
    (
        Sign::Validation,
        &[JavaScript],
        &[
            "from \"zod\"",
            "from 'zod'",
            "class-validator",
            "from \"joi\"",
            "from 'joi'",
            "require('joi')",
            "require(\"joi\")",
            "express-validator",
            "from \"yup\"",
            "from 'yup'",
            "ajv",
            "ValidationPipe",
        ],
    ),
    (
        Sign::Validation,
        &[Java],
        &["@Valid", "@NotNull", "@NotBlank", "jakarta.validation", "javax.validation"],
    ),
    (
        Sign::Validation,
        &[Ruby],
        &["validates ", "validates_", "params.require(", "Dry::Validation", "Dry::Schema"],
    ),
    (Sign::Validation, &[Php], &["FormRequest", "->validate(", "Validator::make(", "Assert\\"]),
    (Sign::Validation, &[CSharp], &["FluentValidation", "[Required]", "ModelState.IsValid"]),
    (
        Sign::Validation,
        &[Go],
        &["go-playground/validator", "validate:\"", "binding:\"", "ozzo-validation"],
    ),
    (Sign::Validation, &[Rust], &["validator::Validate", "garde::"]),
    (Sign::Validation, &[Elixir], &["validate_required(", "cast("]),
    (
        Sign::Patience,
        &[Python],
        &[
            "tenacity",
            "pybreaker",
            "circuitbreaker",
            "backoff.on_exception",
            "urllib3.util.retry",
            "timeout=",
        ],
    ),
    (
        Sign::Patience,
        &[JavaScript],
        &[
            "opossum",
            "p-retry",
            "async-retry",
            "axios-retry",
            "AbortSignal.timeout",
            "retryWhen(",
            "retry(",
        ],
    ),
    (
        Sign::Patience,
        &[Java],
        &["@CircuitBreaker", "resilience4j", "@Retryable", "Hystrix", "@Retry"],
    ),
    (
        Sign::Patience,
        &[Ruby],
        &["Timeout.timeout(", "circuitbox", "Stoplight", "retry_on", "Retriable", "open_timeout"],
    ),
    (Sign::Patience, &[Php], &["->retry(", "->timeout(", "retry(", "connect_timeout"]),
    (Sign::Patience, &[CSharp], &["Polly", "AddResilience", "CancellationTokenSource(TimeSpan"]),
    (
        Sign::Patience,
        &[Go],
        &["context.WithTimeout(", "gobreaker", "hystrix", "backoff.", "retry."],
    ),
    (
        Sign::Patience,
        &[Rust],
        &["tokio::time::timeout(", "backoff::", "tower::retry", "tower::timeout"],
    ),
    (Sign::Patience, &[Elixir], &["receive_timeout", ":fuse.", "retry:"]),
    (Sign::Rollback, &[Python], &["def downgrade(", "reverse_code", "migrations.Migration"]),
    (Sign::Rollback, &[JavaScript], &["async down(", "down(", "exports.down"]),
    (Sign::Rollback, &[Ruby], &["def down", "def change", "reversible do"]),
    (Sign::Rollback, &[Php], &["function down("]),
    (Sign::Rollback, &[CSharp], &["void Down("]),
    (Sign::Rollback, &[Elixir], &["def down", "def change"]),
    (Sign::Rollback, &[Go, Rust], &["func Down", "fn down("]),
    (Sign::Rollback, &[Data], &["+goose Down", "+migrate Down", "migrate:down", "//@UNDO"]),
    (Sign::InlineTest, &[Rust], &["#[cfg(test)]"]),
];

impl Signs {
    /// Reads the source files and the schema changes.
    pub fn read(given: &Given<'_>, sources: &[FileId]) -> Self {
        let (root, files, cancelled) = (given.root, given.files, given.cancelled);
        let changes = files.living().filter(|&id| {
            let facts = files.facts(id);
            facts.standing == Standing::Migration && !facts.link
        });
        let mut wanted: Vec<FileId> = sources.iter().copied().chain(changes).collect();
        // Nothing is looked for in C.
        let judged = |id| Language::of(name_of(files.lower(id))) != Some(Language::C);
        wanted.retain(|&id| judged(id) && !is_secret(files.path(id)));
        let left = wanted.len().saturating_sub(MOST_FILES);
        wanted.truncate(MOST_FILES);
        let next = AtomicUsize::new(0);
        let found = Mutex::new(Vec::new());
        let job = |_: usize| {
            let mut own = Vec::new();
            while !cancelled() {
                let from = next.fetch_add(HANDFUL, Ordering::Relaxed);
                let Some(batch) = wanted.get(from..).filter(|it| !it.is_empty()) else { break };
                for &id in batch.iter().take(HANDFUL) {
                    let path = files.repo_path(id);
                    let Ok(Some((text, _))) = read_raw(root, &path, MOST_BYTES) else { continue };
                    let Some(language) = Language::of(name_of(files.lower(id))) else { continue };
                    let migration = files.facts(id).standing == Standing::Migration;
                    own.extend(of_text(id, language, migration, &text));
                }
            }
            found.lock().unwrap_or_else(PoisonError::into_inner).append(&mut own);
        };
        (given.crew)(given.threads.max(1), &job);
        let mut seen: Vec<Seen> = found.into_inner().unwrap_or_else(PoisonError::into_inner);
        seen.sort_by_key(|it| (files.path(it.file), it.line));
        Self { seen, left }
    }

    /// The places of one sign.
    pub fn of(&self, sign: Sign) -> impl Iterator<Item = &Seen> + '_ {
        self.seen.iter().filter(move |it| it.sign == sign)
    }

    /// The first place of one sign in each file.
    pub fn first_in_each(&self, sign: Sign) -> Vec<&Seen> {
        let mut out: Vec<&Seen> = Vec::new();
        for it in self.of(sign) {
            if out.last().is_none_or(|last| last.file != it.file) {
                out.push(it);
            }
        }
        out
    }
}

/// What one text says. Of schema changes only whether they can be taken back is asked.
fn of_text(file: FileId, language: Language, migration: bool, text: &[u8]) -> Vec<Seen> {
    let mut seen = Vec::new();
    for (sign, languages, words) in MARKS {
        if !languages.contains(&language) || (migration && *sign != Sign::Rollback) {
            continue;
        }
        let mut places = 0;
        for word in *words {
            for at in memchr::memmem::find_iter(text, word) {
                if places == MOST_PLACES {
                    break;
                }
                let used = matches!(sign, Sign::Query | Sign::Call);
                if is_comment(text, at)
                    || continues_a_word(text, at, word)
                    || (used && is_import(text, at))
                {
                    continue;
                }
                places += 1;
                seen.push(Seen { file, line: line_at(text, at), sign: *sign, word });
            }
        }
    }
    if !migration {
        let caught = swallowed::find(language, text).into_iter().take(MOST_PLACES);
        seen.extend(caught.map(|(at, word)| Seen {
            file,
            line: line_at(text, at),
            sign: Sign::Swallowed,
            word,
        }));
    }
    seen
}

/// Whether the word is the end of a longer one: `forget(` is no `get(`.
fn continues_a_word(text: &[u8], at: usize, word: &str) -> bool {
    let own = word.as_bytes().first().is_some_and(|it| it.is_ascii_alphanumeric() || *it == b'_');
    let before = at.checked_sub(1).and_then(|at| text.get(at));
    own && before.is_some_and(|it| it.is_ascii_alphanumeric() || *it == b'_')
}

/// The line that holds `at`, up to there.
fn line_before(text: &[u8], at: usize) -> &[u8] {
    let before = text.get(..at).unwrap_or_default();
    let start = memchr::memrchr(b'\n', before).map_or(0, |it| it + 1);
    before.get(start..).unwrap_or_default().trim_ascii_start()
}

/// Whether the line that holds `at` only brings in what is used elsewhere.
fn is_import(text: &[u8], at: usize) -> bool {
    let line = line_before(text, at);
    let begins = ["import ", "from ", "use ", "using ", "} from"];
    begins.iter().any(|it| line.starts_with(it.as_bytes()))
}

/// Whether the line that holds `at` is a comment up to there.
pub fn is_comment(text: &[u8], at: usize) -> bool {
    begins_comment(line_before(text, at))
}

/// Whether a line without its indent begins a comment.
pub fn begins_comment(line: &[u8]) -> bool {
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
    ["#", "@*", "<!--", "//", "*", "/*", "--", "\"\"\""]
        .iter()
        .any(|it| line.starts_with(it.as_bytes()))
        && !line.starts_with(b"#[")
}

/// The 1-based line of a byte.
pub fn line_at(text: &[u8], at: usize) -> u32 {
    memchr::memchr_iter(b'\n', text.get(..at).unwrap_or_default()).count() as u32 + 1
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(language: Language, text: &str) -> Vec<(Sign, u32)> {
        of_text(0, language, false, text.as_bytes()).iter().map(|it| (it.sign, it.line)).collect()
    }

    #[test]
    fn words_are_found_with_their_lines_outside_of_comments() {
        let text = "import os\n# os.environ\nurl = os.environ['X']\n\nrequests.get(url)\n";
        assert_eq!(lines(Python, text), [(Sign::Environment, 3), (Sign::Call, 5)]);
        assert_eq!(lines(JavaScript, "forgot(1)\n// process.env.X\ngot(2)"), [(Sign::Call, 3)]);
        assert_eq!(lines(Rust, "#[cfg(test)]\nmod tests {}\n"), [(Sign::InlineTest, 1)]);
        assert_eq!(lines(Go, "x := os.environ"), []);
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_are_survived(
            text: Vec<u8>,
            words in proptest::collection::vec("(except|catch|rescue|if err != nil|\\(|\\)|\\{|\\}|=>|\n|:|pass|\\.catch\\() ?", 0..40),
        ) {
            let words = words.concat();
            for (_, language) in crate::engine::roles::LANGUAGES {
                for text in [text.as_slice(), words.as_bytes()] {
                    let lines = memchr::memchr_iter(b'\n', text).count() as u32 + 1;
                    let seen = of_text(0, *language, false, text);
                    proptest::prop_assert!(seen.iter().all(|it| (1..=lines).contains(&it.line)));
                }
            }
        }
    }

    #[test]
    fn a_file_full_of_one_sign_is_bounded() {
        let text = "process.env.A\n".repeat(1000);
        assert_eq!(lines(JavaScript, &text).len(), MOST_PLACES);
    }
}
