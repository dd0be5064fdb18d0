//! Answers other processes of the same user: what `navi find` asks beside a navi that follows the
//! repository need not be looked for on the disk once more.
//!
//! The navi that writes the index listens on a socket in the index folder, which only the user can
//! enter. Before it answers, it has taken in all that happened in the repository before it was
//! asked: the system's own queue of events is read to its end. When it cannot be sure of that, it
//! hangs up, and whoever asked looks for itself. Linux only; elsewhere nobody listens.
//!
//! A question is the bytes up to the end of what the asker sends. The answer is one byte to say
//! that it comes, then its length in eight bytes, the least first, then the answer itself.

use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::Sender;
use std::time::Duration;

use crate::engine::index::Snapshot;
use crate::engine::search::Finder;

/// Answers a question, or does not; the last argument tells when to give up.
pub type Reply = Arc<
    dyn Fn(&[u8], &Finder, &Snapshot, &(dyn Fn() -> bool + Sync)) -> Option<Vec<u8>> + Send + Sync,
>;

/// Gets the snapshot of all that had happened when it was asked for, or is dropped.
pub type Current = Sender<Snapshot>;

/// The longest until an answer is promised: looking for oneself takes about as long.
const SOON: Duration = Duration::from_millis(250);
/// The longest until the next part of it comes.
const LATE: Duration = Duration::from_secs(10);

#[cfg(target_os = "linux")]
pub use listening::Door;

/// Nobody listens.
#[cfg(not(target_os = "linux"))]
pub struct Door;

#[cfg(not(target_os = "linux"))]
impl Door {
    /// There is no way to be sure of having taken in all changes.
    pub fn open(
        _folder: &Path,
        _options: &super::Options,
        _reply: &Reply,
        _latest: &Arc<super::Latest>,
        _orders: &Sender<super::Order>,
        _sink: &super::Sink,
    ) -> std::io::Result<Self> {
        Err(std::io::ErrorKind::Unsupported.into())
    }
}

/// Asks the navi that writes the index in `folder`. `None` when none does, or it cannot answer.
#[cfg(target_os = "linux")]
pub fn ask(folder: &Path, question: &[u8]) -> Option<Vec<u8>> {
    listening::ask(folder, question).ok()
}

/// Asks the navi that writes the index in `folder`. `None` when none does, or it cannot answer.
#[cfg(not(target_os = "linux"))]
pub fn ask(_folder: &Path, _question: &[u8]) -> Option<Vec<u8>> {
    None
}

#[cfg(target_os = "linux")]
mod listening {
    use std::fs::{File, remove_file};
    use std::io::{self, Read, Write};
    use std::net::Shutdown;
    use std::os::fd::{AsRawFd, OwnedFd};
    use std::os::unix::net::{UnixListener, UnixStream};
    use std::path::{Path, PathBuf};
    use std::sync::atomic::{AtomicBool, Ordering};
    use std::sync::mpsc::{Sender, channel};
    use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
    use std::time::Duration;

    use rustix::event::{PollFd, PollFlags, poll};
    use rustix::io::Errno;

    use super::{LATE, Reply, SOON};
    use crate::engine::owners::Owners;
    use crate::workers::historian::is_history_of_head;
    use crate::workers::indexer::Order;
    use crate::workers::shared::Latest;
    use crate::workers::thread::Worker;
    use crate::workers::{Options, Sink};

    /// The socket's name in the index folder.
    const NAME: &str = "asked";
    /// Longest question, in bytes.
    const LONGEST: u64 = 2 << 20;
    /// Largest answer, in bytes.
    const LARGEST: u64 = 1 << 30;
    /// The byte that promises an answer.
    const COMES: u8 = b'+';

    /// A path of the socket that is short, wherever the folder lies: the system takes no more than
    /// 107 bytes. It holds while the folder is open.
    fn short(folder: &File) -> PathBuf {
        PathBuf::from(format!("/proc/self/fd/{}/{NAME}", folder.as_raw_fd()))
    }

    pub fn ask(folder: &Path, question: &[u8]) -> io::Result<Vec<u8>> {
        let folder = File::open(folder)?;
        let mut stream = UnixStream::connect(short(&folder))?;
        stream.set_write_timeout(Some(SOON))?;
        stream.write_all(question)?;
        stream.shutdown(Shutdown::Write)?;
        stream.set_read_timeout(Some(SOON))?;
        let mut comes = [0];
        stream.read_exact(&mut comes)?;
        stream.set_read_timeout(Some(LATE))?;
        let mut length = [0; 8];
        stream.read_exact(&mut length)?;
        let length = u64::from_le_bytes(length);
        if comes != [COMES] || length > LARGEST {
            return Err(io::ErrorKind::InvalidData.into());
        }
        let mut answer = Vec::with_capacity(length as usize);
        stream.take(length).read_to_end(&mut answer)?;
        if answer.len() as u64 == length {
            Ok(answer)
        } else {
            Err(io::ErrorKind::UnexpectedEof.into())
        }
    }

    /// Listens until it is dropped.
    pub struct Door {
        socket: PathBuf,
        shared: Arc<Shared>,
        // Dropped in this order: the first ends the second.
        _stop: OwnedFd,
        _worker: Worker,
    }

    impl Door {
        /// Listens in `folder`, whose index nobody else may write meanwhile.
        pub fn open(
            folder: &Path,
            options: &Options,
            reply: &Reply,
            latest: &Arc<Latest>,
            orders: &Sender<Order>,
            sink: &Sink,
        ) -> io::Result<Self> {
            let socket = folder.join(NAME);
            // One that was killed has left its socket behind.
            match remove_file(&socket) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            let listener = UnixListener::bind(short(&File::open(folder)?))?;
            listener.set_nonblocking(true)?;
            let (stop, ended) = rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)
                .map(|(read, write)| (write, read))?;
            let shared = Arc::new(Shared::default());
            let mut host = Host {
                options: options.clone(),
                reply: Arc::clone(reply),
                latest: Arc::clone(latest),
                orders: orders.clone(),
                shared: Arc::clone(&shared),
            };
            let worker = Worker::start("answerer", sink, move || host.listen(&listener, &ended))?;
            Ok(Self { socket, shared, _stop: stop, _worker: worker })
        }
    }

    impl Drop for Door {
        fn drop(&mut self) {
            self.shared.closing.store(true, Ordering::Relaxed);
            if let Some(asker) = &*self.shared.asker() {
                // Who does not take the answer must not keep this navi from leaving.
                let _ = asker.shutdown(Shutdown::Both);
            }
            // What stays behind is taken away by the next who listens.
            let _ = remove_file(&self.socket);
        }
    }

    /// What the door and its host share.
    #[derive(Default)]
    struct Shared {
        closing: AtomicBool,
        asker: Mutex<Option<UnixStream>>,
    }

    impl Shared {
        fn asker(&self) -> MutexGuard<'_, Option<UnixStream>> {
            self.asker.lock().unwrap_or_else(PoisonError::into_inner)
        }
    }

    struct Host {
        options: Options,
        reply: Reply,
        latest: Arc<Latest>,
        orders: Sender<Order>,
        shared: Arc<Shared>,
    }

    impl Host {
        /// One asker after the other.
        fn listen(&mut self, listener: &UnixListener, ended: &OwnedFd) {
            loop {
                let mut fds =
                    [PollFd::new(listener, PollFlags::IN), PollFd::new(ended, PollFlags::IN)];
                match poll(&mut fds, None) {
                    Ok(_) | Err(Errno::INTR) => {}
                    Err(_) => return,
                }
                if !fds[1].revents().is_empty() {
                    return;
                }
                match listener.accept() {
                    // Whoever hangs up is no matter of ours.
                    Ok((stream, _)) => {
                        *self.shared.asker() = stream.try_clone().ok();
                        if self.shared.closing.load(Ordering::Relaxed) {
                            return;
                        }
                        drop(self.serve(stream));
                        *self.shared.asker() = None;
                    }
                    Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                    // Out of file descriptors, likely: not again at once.
                    Err(_) => std::thread::sleep(Duration::from_millis(100)),
                }
            }
        }

        fn serve(&mut self, mut stream: UnixStream) -> io::Result<()> {
            stream.set_nonblocking(false)?;
            stream.set_read_timeout(Some(SOON))?;
            stream.set_write_timeout(Some(LATE))?;
            let mut question = Vec::new();
            Read::by_ref(&mut stream).take(LONGEST).read_to_end(&mut question)?;
            let unsure = || io::Error::from(io::ErrorKind::NotConnected);
            let (current, told) = channel();
            self.orders.send(Order::Asked(current)).map_err(|_| unsure())?;
            let mut snapshot = told.recv_timeout(SOON).map_err(|_| unsure())?;
            if !is_history_of_head(&self.options, &self.latest.history()) {
                return Err(unsure());
            }
            snapshot.past = self.latest.past();
            let finder = &mut self.options.finder;
            if let Some(roles) = self.latest.roles() {
                finder.roles = roles;
            }
            finder.owners = Arc::new(Owners::read(&finder.root));
            stream.write_all(&[COMES])?;
            let gives_up = || self.shared.closing.load(Ordering::Relaxed);
            let answer = (self.reply)(&question, finder, &snapshot, &gives_up);
            let answer = answer.ok_or_else(unsure)?;
            stream.write_all(&(answer.len() as u64).to_le_bytes())?;
            stream.write_all(&answer)
        }
    }
}
