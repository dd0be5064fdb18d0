//! The terminal's state: taken over, given back, in every way that navi can end.
//!
//! The panic hook gives it back only when the thread of the screen fails: a worker that fails must
//! not take the screen with it.

use std::fs::File;
use std::io::{self, IsTerminal, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Once};

use crossterm::clipboard::CopyToClipboard;
use crossterm::event::{
    DisableBracketedPaste, DisableMouseCapture, EnableBracketedPaste, EnableMouseCapture,
};
use crossterm::terminal::{
    EndSynchronizedUpdate, EnterAlternateScreen, LeaveAlternateScreen, disable_raw_mode,
    enable_raw_mode,
};
use crossterm::{cursor, execute};
use ratatui::Terminal;
use ratatui::backend::CrosstermBackend;
use ratatui::layout::Rect;

use super::pen::Pen;

/// The taken terminal; given back on drop.
pub struct Screen {
    terminal: Terminal<CrosstermBackend<Pen>>,
    pen: Pen,
    mouse: bool,
    taken: Arc<AtomicBool>,
}

/// Where frames go: stdout when it is a terminal and not needed for the answer, else `/dev/tty`.
fn out(answer_on_stdout: bool) -> io::Result<Box<dyn Write + Send>> {
    if !answer_on_stdout && io::stdout().is_terminal() {
        return Ok(Box::new(io::stdout()));
    }
    if let Ok(tty) = File::options().write(true).open("/dev/tty") {
        return Ok(Box::new(tty));
    }
    if io::stderr().is_terminal() {
        return Ok(Box::new(io::stderr()));
    }
    Err(io::Error::new(io::ErrorKind::NotConnected, "there is no terminal"))
}

impl Screen {
    /// Takes the terminal.
    pub fn take(answer_on_stdout: bool, mouse: bool) -> io::Result<Self> {
        let taken = Arc::new(AtomicBool::new(false));
        let pen = Pen::new(out(answer_on_stdout)?);
        install_hook(&taken, answer_on_stdout);
        let terminal = Terminal::new(CrosstermBackend::new(pen.clone()))?;
        let mut screen = Self { terminal, pen, mouse, taken };
        screen.enter()?;
        Ok(screen)
    }

    /// Takes it (again).
    pub fn enter(&mut self) -> io::Result<()> {
        enable_raw_mode()?;
        self.taken.store(true, Ordering::SeqCst);
        let out = self.terminal.backend_mut();
        execute!(out, EnterAlternateScreen, EnableBracketedPaste, cursor::Hide)?;
        if self.mouse {
            execute!(out, EnableMouseCapture)?;
        }
        self.forget()
    }

    /// Gives it back.
    pub fn leave(&mut self) {
        if self.taken.swap(false, Ordering::SeqCst) {
            restore(self.terminal.backend_mut());
        }
    }

    /// Draws everything afresh with the next frame.
    ///
    /// `Terminal::clear` would ask the terminal for its cursor and wait for the answer, which a
    /// slow line or a bare PTY never gives; resizing to the same size does not ask.
    pub fn forget(&mut self) -> io::Result<()> {
        let size = self.terminal.size()?;
        self.terminal.resize(Rect::new(0, 0, size.width, size.height))
    }

    /// Draws one frame, which appears at once and whole on terminals that can do so. A frame that
    /// changes nothing is not sent.
    pub fn draw(&mut self, frame: impl FnOnce(&mut ratatui::Frame<'_>)) -> io::Result<()> {
        self.pen.hold();
        let drawn = self.terminal.draw(frame).map(drop);
        self.pen.show().and(drawn)
    }

    /// Asks the terminal to put text on the clipboard (OSC 52). It never says whether it did.
    pub fn copy(&mut self, text: &str) -> io::Result<()> {
        execute!(self.terminal.backend_mut(), CopyToClipboard::to_clipboard_from(text))
    }

    /// Columns and rows.
    pub fn size(&self) -> io::Result<(u16, u16)> {
        let size = self.terminal.size()?;
        Ok((size.width, size.height))
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        self.leave();
    }
}

/// Brings the terminal back as well as it can; a terminal that is gone is no fault.
fn restore(out: &mut impl Write) {
    let _ = execute!(
        out,
        EndSynchronizedUpdate,
        DisableMouseCapture,
        DisableBracketedPaste,
        LeaveAlternateScreen,
        cursor::Show
    );
    let _ = disable_raw_mode();
}

fn install_hook(taken: &Arc<AtomicBool>, answer_on_stdout: bool) {
    static ONCE: Once = Once::new();
    let taken = Arc::clone(taken);
    ONCE.call_once(|| {
        let ui = std::thread::current().id();
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |info| {
            if std::thread::current().id() != ui {
                // Caught and reported where the thread was started.
                return;
            }
            if taken.swap(false, Ordering::SeqCst)
                && let Ok(mut out) = out(answer_on_stdout)
            {
                restore(&mut out);
            }
            before(info);
        }));
    });
}
