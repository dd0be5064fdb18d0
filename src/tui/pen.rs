//! What is written to the terminal: each frame in one piece, and only when it changes something.

use std::cell::RefCell;
use std::io::{self, Write};
use std::rc::Rc;

use crossterm::queue;
use crossterm::terminal::{BeginSynchronizedUpdate, EndSynchronizedUpdate};

/// Writes to the terminal. Clones share one terminal.
#[derive(Clone)]
pub struct Pen(Rc<RefCell<State>>);

struct State {
    out: Box<dyn Write + Send>,
    /// Not written yet.
    waiting: Vec<u8>,
    /// The last frame, as long as nothing else was written after it.
    last: Vec<u8>,
    /// Whether a frame is being drawn.
    held: bool,
}

impl Pen {
    /// A pen that writes there.
    pub fn new(out: Box<dyn Write + Send>) -> Self {
        let (waiting, last) = (Vec::new(), Vec::new());
        Self(Rc::new(RefCell::new(State { out, waiting, last, held: false })))
    }

    /// Keeps what follows until [`Pen::show`].
    pub fn hold(&self) {
        self.0.borrow_mut().held = true;
    }

    /// Writes the frame, in one piece and marked as one, unless the screen shows it already.
    ///
    /// A frame places all it writes and ends by placing the cursor. So one with which the last frame
    /// ended changes nothing.
    pub fn show(&self) -> io::Result<()> {
        let state = &mut *self.0.borrow_mut();
        state.held = false;
        if !state.waiting.is_empty() && state.last.ends_with(&state.waiting) {
            state.waiting.clear();
            return Ok(());
        }
        let mut whole = Vec::with_capacity(state.waiting.len() + 32);
        queue!(whole, BeginSynchronizedUpdate)?;
        whole.extend_from_slice(&state.waiting);
        queue!(whole, EndSynchronizedUpdate)?;
        std::mem::swap(&mut state.last, &mut state.waiting);
        state.waiting.clear();
        state.out.write_all(&whole)?;
        state.out.flush()
    }
}

impl Write for Pen {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.borrow_mut().waiting.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let state = &mut *self.0.borrow_mut();
        if state.held || state.waiting.is_empty() {
            return Ok(());
        }
        state.last.clear();
        let waiting = std::mem::take(&mut state.waiting);
        state.out.write_all(&waiting)?;
        state.out.flush()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::{Arc, Mutex};

    #[derive(Clone, Default)]
    struct Paper(Arc<Mutex<Vec<String>>>);

    impl Write for Paper {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.lock().unwrap().push(String::from_utf8_lossy(bytes).into_owned());
            Ok(bytes.len())
        }

        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }

    #[test]
    fn a_frame_is_one_piece_and_only_sent_when_it_changes_something() {
        let paper = Paper::default();
        let mut pen = Pen::new(Box::new(paper.clone()));
        let mut frame = |text: &str| {
            pen.hold();
            pen.write_all(text.as_bytes()).unwrap();
            pen.flush().unwrap();
            pen.show().unwrap();
            std::mem::take(&mut *paper.0.lock().unwrap())
        };
        assert_eq!(frame("cells cursor"), ["\x1b[?2026hcells cursor\x1b[?2026l"]);
        assert_eq!(frame(" cursor"), Vec::<String>::new());
        assert_eq!(frame(" cursor elsewhere").len(), 1);
        pen.write_all(b"clipboard").unwrap();
        pen.flush().unwrap();
        assert_eq!(std::mem::take(&mut *paper.0.lock().unwrap()), ["clipboard"]);
    }
}
