//! Asks an HTTP address or a TCP port whether it answers, so that a check needs no other program.
//!
//! HTTP/1.1 (RFC 9112) as far as one GET needs it: no TLS, no proxies, no redirects followed. The
//! answer comes as lines: the status line as it was sent, the headers, an empty line, the body.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpStream, ToSocketAddrs};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread::Builder;
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use super::runner::{Lines, Piece};
use crate::engine::commands::{Outcome, Status, Work, hex};
use crate::engine::output::{Line, Parser, Stream};

/// Time for a probe that says nothing of it.
const LONGEST: Duration = Duration::from_secs(10);

/// Bytes of a body that are read.
const LARGEST_BODY: u64 = 1 << 20;

/// Bytes of the status line and the headers.
const LARGEST_HEAD: u64 = 64 << 10;

/// How often it is looked whether the probe is to stop.
const LOOK: Duration = Duration::from_millis(50);

/// What came back.
struct Answer {
    /// The status line, the headers, an empty line, the body.
    bytes: Vec<u8>,
    /// The status; 0 for a port that was only connected to.
    status: u16,
    /// Bytes of the body that were not read.
    cut: bool,
}

/// Probes, passes the answer on as lines, and says how it went. Returns the digest of the answer
/// too. The exit status is 0 for a port that accepts and for a status below 400, 1 for others.
pub fn probe(
    work: &Work,
    deadline: Option<Duration>,
    stop: &dyn Fn() -> bool,
    sink: &mut dyn FnMut(Piece),
) -> (Outcome, String) {
    let began = Instant::now();
    let longest = deadline.unwrap_or(LONGEST);
    let until = began + longest;
    let (send, receive) = channel();
    let work = work.clone();
    // A thread of its own, since a name may take long to be resolved and nothing can stop that; it
    // ends by itself and holds nothing.
    let started = Builder::new().name("probe".into()).spawn(move || {
        // Whoever asked may have given up.
        let _ = send.send(match &work {
            Work::Http { url } => get(url, until),
            Work::Tcp { host, port } => reach(host, *port, until),
            Work::Program(_) | Work::Shell(_) => Err(Fault::Never("this is no probe".into())),
        });
    });
    let answer = match started {
        Err(error) => Some(Err(Fault::Never(format!("no thread can be started: {error}")))),
        Ok(_) => loop {
            match receive.recv_timeout(LOOK) {
                Ok(answer) => break Some(answer),
                Err(RecvTimeoutError::Disconnected) => {
                    break Some(Err(Fault::Never("the probe failed".into())));
                }
                Err(RecvTimeoutError::Timeout) if stop() => break None,
                Err(RecvTimeoutError::Timeout) if Instant::now() >= until => {
                    break Some(Err(Fault::Late("no answer".into())));
                }
                Err(RecvTimeoutError::Timeout) => {}
            }
        },
    };
    let ms = began.elapsed().as_millis() as u64;
    let outcome = |status, exit, notes| Outcome { status, exit, ms, dropped_bytes: 0, notes };
    let mut say = |stream: Stream, text: &str| {
        let mut parser = Parser::new(stream);
        let mut lines: Vec<Line> = Vec::new();
        parser.feed(text.as_bytes(), &mut |line| {
            lines.push(line);
            true
        });
        lines.extend(parser.finish());
        sink(Piece::Lines(Lines { lines, ..Lines::default() }));
    };
    match answer {
        None => (outcome(Status::Cancelled, None, Vec::new()), String::new()),
        Some(Ok(answer)) => {
            let digest = hex(&Sha256::digest(&answer.bytes));
            say(Stream::Out, &String::from_utf8_lossy(&answer.bytes));
            let notes = answer.cut.then(|| "only the first MiB of the body was read".to_owned());
            let fine = answer.status < 400;
            let status = if fine { Status::Ok } else { Status::Failed };
            (outcome(status, Some(i32::from(!fine)), notes.into_iter().collect()), digest)
        }
        Some(Err(Fault::Never(why))) => {
            (outcome(Status::NotStarted, None, vec![why]), String::new())
        }
        Some(Err(Fault::Late(why))) => {
            let why = format!("{why} within {:.1} s", longest.as_secs_f64());
            say(Stream::Err, &why);
            (outcome(Status::Timeout, None, Vec::new()), String::new())
        }
        Some(Err(Fault::Broken(why))) => {
            say(Stream::Err, &why);
            (outcome(Status::Failed, Some(1), Vec::new()), String::new())
        }
    }
}

/// Why there is no answer.
enum Fault {
    /// It cannot be asked.
    Never(String),
    /// It did not come in time.
    Late(String),
    /// It went wrong.
    Broken(String),
}

impl Fault {
    fn of(what: &str, error: &io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::TimedOut | io::ErrorKind::WouldBlock => Self::Late(what.to_owned()),
            _ => Self::Broken(format!("{what}: {error}")),
        }
    }
}

fn left(until: Instant) -> Result<Duration, Fault> {
    let left = until.saturating_duration_since(Instant::now());
    if left.is_zero() { Err(Fault::Late("no answer".into())) } else { Ok(left) }
}

fn connect(host: &str, port: u16, until: Instant) -> Result<TcpStream, Fault> {
    let found = (host, port).to_socket_addrs();
    let found = found.map_err(|error| Fault::of(&format!("{host} is not known"), &error))?;
    let addresses: Vec<SocketAddr> = found.collect();
    let mut last = Fault::Broken(format!("{host} has no address"));
    for (at, address) in addresses.iter().enumerate() {
        // One that hangs is not to take the time of the others.
        let share = (addresses.len() - at) as u32;
        match TcpStream::connect_timeout(address, left(until)? / share) {
            Ok(stream) => return Ok(stream),
            Err(error) => last = Fault::of(&format!("no connection to {address}"), &error),
        }
    }
    Err(last)
}

fn reach(host: &str, port: u16, until: Instant) -> Result<Answer, Fault> {
    let stream = connect(host, port, until)?;
    let peer = stream.peer_addr().map_or_else(|_| host.to_owned(), |it| it.to_string());
    Ok(Answer { bytes: format!("connected to {peer}\n").into_bytes(), status: 0, cut: false })
}

/// An address that can be asked.
struct Address {
    host: String,
    /// As it stands in the request: with the port where one is given.
    authority: String,
    port: u16,
    path: String,
}

fn address(url: &str) -> Result<Address, Fault> {
    let never = |why: &str| Fault::Never(format!("{}: {why}", crate::base::text::clean(url)));
    let rest = match url.split_once("://") {
        Some((scheme, rest)) if scheme.eq_ignore_ascii_case("http") => rest,
        Some((scheme, _)) if scheme.eq_ignore_ascii_case("https") => {
            return Err(never("navi speaks no TLS; ask with `curl -sS` instead"));
        }
        _ => return Err(never("is no http address")),
    };
    if url.chars().any(|it| it.is_control() || it == ' ') {
        return Err(never("has a blank or a control character"));
    }
    let rest = rest.split('#').next().unwrap_or_default();
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    if authority.contains('@') {
        return Err(never("has a name and a password in it; navi sends none"));
    }
    let (host, port) = match authority.strip_prefix('[') {
        Some(six) => {
            let (host, rest) = six.split_once(']').ok_or_else(|| never("its host has no end"))?;
            (host, rest.strip_prefix(':'))
        }
        None => match authority.split_once(':') {
            Some((host, port)) => (host, Some(port)),
            None => (authority, None),
        },
    };
    let port = port.map_or(Ok(80), str::parse).map_err(|_| never("its port is no number"))?;
    if host.is_empty() {
        return Err(never("has no host"));
    }
    let path = match path.chars().next() {
        None => "/".to_owned(),
        Some('/') => path.to_owned(),
        Some(_) => format!("/{path}"),
    };
    Ok(Address { host: host.to_owned(), authority: authority.to_owned(), port, path })
}

/// Reads with a deadline for all of it, however slowly the bytes come.
struct Until {
    stream: TcpStream,
    until: Instant,
}

impl Read for Until {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = self.until.saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Err(io::ErrorKind::TimedOut.into());
        }
        self.stream.set_read_timeout(Some(left))?;
        self.stream.read(buffer)
    }
}

fn get(url: &str, until: Instant) -> Result<Answer, Fault> {
    let to = address(url)?;
    let mut stream = connect(&to.host, to.port, until)?;
    let sending = |error: io::Error| Fault::of("the request was not taken", &error);
    stream.set_write_timeout(Some(left(until)?)).map_err(sending)?;
    let request = format!(
        "GET {} HTTP/1.1\r\nHost: {}\r\nUser-Agent: navi-oncall/{}\r\nAccept: */*\r\n\
         Connection: close\r\n\r\n",
        to.path,
        to.authority,
        env!("CARGO_PKG_VERSION")
    );
    stream.write_all(request.as_bytes()).map_err(sending)?;
    read_answer(BufReader::new(Until { stream, until }))
}

fn read_answer(mut reader: impl BufRead) -> Result<Answer, Fault> {
    let broken = |error: io::Error| Fault::of("the answer broke off", &error);
    let mut bytes = Vec::new();
    let (mut status, mut length, mut chunked) = (0, None, false);
    let mut head = reader.by_ref().take(LARGEST_HEAD);
    loop {
        let start = bytes.len();
        let read = head.read_until(b'\n', &mut bytes).map_err(|error| {
            if bytes.is_empty() {
                Fault::of("connected, and no answer", &error)
            } else {
                broken(error)
            }
        })?;
        if read == 0 {
            return Err(Fault::Broken(if bytes.is_empty() {
                "the connection was closed without an answer".into()
            } else {
                "the head of the answer has no end".into()
            }));
        }
        let line = String::from_utf8_lossy(bytes.get(start..).unwrap_or_default()).into_owned();
        let line = line.trim_end_matches(['\r', '\n']);
        if start == 0 {
            let code = line.strip_prefix("HTTP/").and_then(|it| it.split(' ').nth(1));
            status = code.and_then(|it| it.parse().ok()).ok_or_else(|| {
                let shown: String = line.chars().take(60).collect();
                Fault::Broken(format!("this is no HTTP: {}", crate::base::text::clean(&shown)))
            })?;
        } else if line.is_empty() {
            // An interim answer (RFC 9110 §15.2): the real one follows.
            if (100..200).contains(&status) && status != 101 {
                bytes.clear();
                (length, chunked) = (None, false);
                continue;
            }
            break;
        } else if let Some((name, value)) = line.split_once(':') {
            let value = value.trim();
            if name.eq_ignore_ascii_case("content-length") {
                length = value.parse::<u64>().ok();
            } else if name.eq_ignore_ascii_case("transfer-encoding") {
                chunked = value.to_ascii_lowercase().ends_with("chunked");
            }
        }
    }
    let mut cut = false;
    // These have no body, whatever their headers say.
    if matches!(status, 101 | 204 | 304) {
        return Ok(Answer { bytes, status, cut });
    }
    if chunked {
        cut = read_chunks(&mut reader, &mut bytes).map_err(broken)?;
    } else {
        let wanted = length.unwrap_or(u64::MAX).min(LARGEST_BODY);
        let read = reader.by_ref().take(wanted).read_to_end(&mut bytes).map_err(broken)? as u64;
        if let Some(length) = length {
            cut = length > LARGEST_BODY;
            if read < wanted {
                return Err(Fault::Broken(format!(
                    "the answer broke off after {read} of {length} bytes"
                )));
            }
        } else {
            cut = read == LARGEST_BODY;
        }
    }
    Ok(Answer { bytes, status, cut })
}

/// Reads chunks (RFC 9112 §7.1) up to the bound. Returns whether more was there.
fn read_chunks(reader: &mut impl BufRead, out: &mut Vec<u8>) -> io::Result<bool> {
    let mut free = LARGEST_BODY;
    loop {
        let mut line = Vec::new();
        reader.by_ref().take(1024).read_until(b'\n', &mut line)?;
        let line = String::from_utf8_lossy(&line);
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = u64::from_str_radix(size, 16)
            .map_err(|_| io::Error::new(io::ErrorKind::InvalidData, "a chunk has no size"))?;
        if size == 0 {
            return Ok(false);
        }
        let take = size.min(free);
        let read = reader.by_ref().take(take).read_to_end(out)? as u64;
        if read < take {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        free -= take;
        if free == 0 {
            return Ok(true);
        }
        let mut end = Vec::new();
        reader.by_ref().take(2).read_until(b'\n', &mut end)?;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::TcpListener;

    /// Serves one connection so, and probes it.
    fn probed(serve: impl FnOnce(TcpStream) + Send, deadline: Duration) -> (Outcome, Vec<String>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/health?a=b", listener.local_addr().unwrap());
        let mut lines = Vec::new();
        let outcome = std::thread::scope(|scope| {
            scope.spawn(|| serve(listener.accept().unwrap().0));
            let work = Work::Http { url };
            probe(&work, Some(deadline), &|| false, &mut |piece| {
                if let Piece::Lines(it) = piece {
                    lines.extend(it.lines.into_iter().map(|it| it.text));
                }
            })
            .0
        });
        (outcome, lines)
    }

    fn answered(answer: &'static [u8]) -> (Outcome, Vec<String>) {
        let serve = move |mut stream: TcpStream| {
            let mut request = Vec::new();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            while !request.ends_with(b"\r\n\r\n") {
                reader.read_until(b'\n', &mut request).unwrap();
            }
            let request = String::from_utf8(request).unwrap();
            assert!(request.starts_with("GET /health?a=b HTTP/1.1\r\nHost: 127.0.0.1:"));
            // Whoever was told enough closes early.
            let _ = stream.write_all(answer);
        };
        probed(serve, Duration::from_secs(20))
    }

    #[test]
    fn an_answer_comes_as_lines() {
        let (outcome, lines) =
            answered(b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nup\x1btoo much");
        assert_eq!(outcome.status, Status::Ok);
        assert_eq!(lines, ["HTTP/1.1 200 OK", "Content-Length: 3", "", "up␛"]);
        let (outcome, lines) = answered(b"HTTP/1.1 503 Unavailable\r\n\r\n{\"db\":false}");
        assert_eq!((outcome.status, outcome.exit), (Status::Failed, Some(1)));
        assert_eq!(lines, ["HTTP/1.1 503 Unavailable", "", "{\"db\":false}"]);
        let chunks = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x\r\nde\r\n0\r\n\r\n";
        assert_eq!(answered(chunks).1.last().unwrap(), "abcde");
        let interim = b"HTTP/1.1 103 Early\r\nA: b\r\n\r\nHTTP/1.1 204 None\r\n\r\n";
        assert_eq!(answered(interim).1, ["HTTP/1.1 204 None", ""]);
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (answer, said) in [
            (b"SSH-2.0-OpenSSH_9\r\n".as_slice(), "this is no HTTP: SSH-2.0-OpenSSH_9"),
            (b"", "the connection was closed without an answer"),
            (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nab", "broke off after 2 of 9 bytes"),
            (
                b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n",
                "a chunk has no size",
            ),
            (b"HTTP/1.1 200 OK\r\nA: b\r\n", "the head of the answer has no end"),
        ] {
            let (outcome, lines) = answered(answer);
            assert_eq!(outcome.status, Status::Failed, "{said}");
            assert!(lines.last().unwrap().contains(said), "{lines:?}");
        }
    }

    #[test]
    fn a_port_that_hangs_is_a_timeout() {
        // It accepts and says nothing until the other side has gone.
        let hang = |mut stream: TcpStream| drop(stream.read_to_end(&mut Vec::new()));
        let (outcome, lines) = probed(hang, Duration::from_millis(200));
        assert_eq!(outcome.status, Status::Timeout);
        assert!(lines[0].contains("no answer within 0.2 s"), "{lines:?}");
    }

    #[test]
    fn an_endless_body_is_cut() {
        let (sent, rest) = (b"HTTP/1.1 200 OK\r\n\r\n".to_vec(), vec![b'a'; 1 << 16]);
        let flood = move |mut stream: TcpStream| {
            let _ = stream.write_all(&sent);
            while stream.write_all(&rest).is_ok() {}
        };
        let (outcome, _) = probed(flood, Duration::from_secs(20));
        assert_eq!(outcome.status, Status::Ok);
        assert_eq!(outcome.notes, ["only the first MiB of the body was read"]);
    }

    #[test]
    fn ports_and_addresses() {
        let probe = |work: Work| {
            super::probe(&work, Some(Duration::from_secs(20)), &|| false, &mut |_| {}).0
        };
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let tcp = || Work::Tcp { host: "127.0.0.1".into(), port };
        assert_eq!(probe(tcp()).status, Status::Ok);
        drop(listener);
        assert_eq!(probe(tcp()).status, Status::Failed);
        for (url, why) in [
            ("https://x/", "speaks no TLS"),
            ("ftp://x/", "is no http address"),
            ("http://a:b@x/", "a password"),
            ("http://x/a\r\nX: y", "a control character"),
            ("http://:80/", "has no host"),
            ("http://x:y/", "its port is no number"),
        ] {
            let outcome = probe(Work::Http { url: url.into() });
            assert_eq!(outcome.status, Status::NotStarted);
            assert!(outcome.notes[0].contains(why), "{:?}", outcome.notes);
        }
        let to = address("http://[::1]:8000?x#y").ok().unwrap();
        assert_eq!((to.host.as_str(), to.port, to.path.as_str()), ("::1", 8000, "/?x"));
    }
}
