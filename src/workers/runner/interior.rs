//! What a stopped `exec` leaves running inside its container. The engine forwards no signals
//! (moby #35703), so what runs there carries a mark in its environment and is looked for by it.

use std::time::Duration;

use super::compose::{Call, STOP_MARKED};
use super::{Piece, RunOptions, prepare};
use crate::engine::commands::Status;
use crate::engine::output::{Stream, shown};

/// Time for the clean-up.
const LONGEST: Duration = Duration::from_secs(4);

/// An `exec` that was started with a mark.
#[derive(Debug, Clone)]
pub struct Inside {
    /// The call, taken apart.
    pub call: Call,
    /// Its argument array.
    pub argv: Vec<String>,
    /// The mark, as `NAME=VALUE`.
    pub mark: String,
    /// What is needed to run the like.
    pub ready: Box<prepare::Ready>,
}

impl Inside {
    /// Ends what is left inside and says what became of it.
    pub fn clean(&self, options: &RunOptions<'_>) -> String {
        let of = self.call.of(&self.argv).unwrap_or_default();
        let of = crate::base::text::clean(of);
        let look = self.call.instead(&self.argv, &["ps", "aux"]).unwrap_or_default();
        let unsure =
            format!("what it started inside {of} may still run; look with: {}", shown(&look));
        let script = ["sh", "-c", STOP_MARKED, "navi", &self.mark];
        let Some(argv) = self.call.instead(&self.argv, &script) else { return unsure };
        let ready = prepare::Ready { argv, inside: None, notes: Vec::new(), ..*self.ready.clone() };
        let limits = super::Limits { began: std::time::Instant::now(), deadline: Some(LONGEST) };
        let mut said = String::new();
        let options = RunOptions { ready: &|| true, grace: Duration::from_millis(200), ..*options };
        let ended = super::follow(&ready, &options, &limits, &|| false, &mut |piece| {
            if let Piece::Lines(lines) = piece {
                // Processes end while they are looked at, which the shell complains of.
                let out = lines.lines.iter().filter(|it| it.stream == Stream::Out);
                said.extend(out.map(|it| it.text.as_str()));
            }
        });
        match (ended, said.trim().parse::<u32>()) {
            (Ok((outcome, _)), Ok(0)) if outcome.status == Status::Ok => {
                format!(
                    "nothing of it is left inside {of}; a query may still run in a server there"
                )
            }
            (Ok((outcome, _)), Ok(count)) if outcome.status == Status::Ok => format!(
                "{count} process{} that it had left inside {of} {} ended; a query may still run in a \
                 server there",
                if count == 1 { "" } else { "es" },
                if count == 1 { "was" } else { "were" },
            ),
            _ => unsure,
        }
    }
}
