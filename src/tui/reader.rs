//! Reads keys on a thread of its own, which can be told to leave the terminal to an editor.
//!
//! It sleeps in one `poll` on the terminal and on a pipe, so that an idle navi uses no processor.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::os::fd::{AsFd, OwnedFd};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::Duration;

use crossterm::event::{self, Event, MouseButton, MouseEventKind};
use rustix::event::{PollFd, PollFlags, poll};

use super::input::chord_of;
use super::runtime::Incoming;
use crate::app::{Mouse, What};
use crate::workers::{Sink, Worker};

const PAUSE: u8 = b'p';
const GO_ON: u8 = b'g';
const END: u8 = b'e';

/// How long the end of a burst is waited for. It must not be zero: crossterm's level-triggered
/// source (the feature `use-dev-tty`) looks neither at the terminal nor at the keys that it has read
/// already then, and its other source loses keys that arrive together with SIGWINCH.
const ONE_MORE: Duration = Duration::from_millis(1);

/// The reading thread.
pub struct Reader {
    orders: File,
    paused: Receiver<()>,
    _worker: Worker,
}

impl Reader {
    /// Starts reading.
    pub fn start(inbox: &Sender<Incoming>, sink: &Sink) -> io::Result<Self> {
        let tty: OwnedFd = if io::stdin().is_terminal() {
            io::stdin().as_fd().try_clone_to_owned()?
        } else {
            File::open("/dev/tty")?.into()
        };
        let (told, orders) = rustix::pipe::pipe()?;
        let (say_paused, paused) = channel();
        let inbox = inbox.clone();
        let worker = Worker::start("reader", sink, move || {
            read(&tty, &mut File::from(told), &say_paused, &inbox);
        })?;
        Ok(Self { orders: File::from(orders), paused, _worker: worker })
    }

    /// Stops reading until [`Reader::go_on`]; returns once it has stopped.
    pub fn pause(&mut self) {
        if self.orders.write_all(&[PAUSE]).is_ok() {
            let _ = self.paused.recv_timeout(Duration::from_secs(1));
        }
    }

    /// Reads again.
    pub fn go_on(&mut self) {
        // A reader that has ended said so.
        let _ = self.orders.write_all(&[GO_ON]);
    }
}

impl Drop for Reader {
    fn drop(&mut self) {
        let _ = self.orders.write_all(&[END]);
    }
}

fn read(tty: &OwnedFd, told: &mut File, paused: &Sender<()>, inbox: &Sender<Incoming>) {
    loop {
        let mut fds = [PollFd::new(tty, PollFlags::IN), PollFd::new(&*told, PollFlags::IN)];
        match poll(&mut fds, None) {
            Ok(_) => {}
            Err(rustix::io::Errno::INTR) => continue,
            Err(_) => return,
        }
        let (keys, order) = (fds[0].revents(), fds[1].revents());
        if !order.is_empty() {
            let mut byte = [0];
            loop {
                if told.read_exact(&mut byte).is_err() || byte[0] == END {
                    return;
                }
                if byte[0] == GO_ON {
                    break;
                }
                let _ = paused.send(());
            }
            continue;
        }
        if keys.intersects(PollFlags::HUP | PollFlags::ERR | PollFlags::NVAL) {
            let _ = inbox.send(Incoming::HungUp);
            return;
        }
        loop {
            match event::poll(ONE_MORE) {
                Ok(true) => {}
                Ok(false) => break,
                Err(_) => {
                    let _ = inbox.send(Incoming::HungUp);
                    return;
                }
            }
            let Ok(event) = event::read() else { break };
            if let Some(what) = translate(event)
                && inbox.send(Incoming::Happened(what)).is_err()
            {
                return;
            }
        }
    }
}

fn translate(event: Event) -> Option<What> {
    Some(match event {
        Event::Key(key) => What::Key(chord_of(&key)?),
        Event::Paste(text) => What::Paste(text),
        Event::Mouse(mouse) => {
            let kind = match mouse.kind {
                MouseEventKind::Down(MouseButton::Left) => Mouse::Press,
                MouseEventKind::ScrollUp => Mouse::WheelUp,
                MouseEventKind::ScrollDown => Mouse::WheelDown,
                _ => return None,
            };
            What::Mouse(kind, mouse.column, mouse.row)
        }
        // The size comes with SIGWINCH, which `signals` waits for.
        Event::Resize(..) | Event::FocusGained | Event::FocusLost => return None,
    })
}
