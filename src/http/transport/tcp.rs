//! Bytes over TCP, in a way that never waits for a peer that speaks instead of listening.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpStream};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use ureq::Timeout;
use ureq::config::Config;
use ureq::unversioned::resolver::ResolvedSocketAddrs;
use ureq::unversioned::transport::time::Duration;
use ureq::unversioned::transport::{Buffers, LazyBuffers, NextTimeout, Transport};

use super::deadline::Deadline;
use super::faults::Fault;
use super::forward::Forward;

/// Output that is kept for a peer that does not read; beyond it nothing more is accepted.
const MOST_UNSENT: usize = 1024 * 1024;

/// The longest wait that every system can be asked for at once.
const LONGEST_WAIT: std::time::Duration = std::time::Duration::from_secs(24 * 60 * 60);

/// Ready for a write, be it one that fails.
const WRITABLE: PollFlags =
    PollFlags::OUT.union(PollFlags::ERR).union(PollFlags::HUP).union(PollFlags::NVAL);

/// A socket, and what is on its way through it.
///
/// A write that blocks while the peer has sent something returns, and its rest is kept: the peer may
/// have responded already and never read again. Whoever writes next looks at the input first.
pub(super) struct Tcp {
    stream: TcpStream,
    buffers: LazyBuffers,
    unsent: Vec<u8>,
    forward: Option<Forward>,
    /// Nothing of a request has been written since the last response.
    is_idle: bool,
    /// The reason that nothing more is sent.
    end: Option<End>,
}

/// The reason that nothing more is sent: a part of something may be gone, and must not follow twice.
#[derive(Debug, Clone, Copy)]
enum End {
    /// Whatever follows is thrown away, so that what the peer said before can still be read: TLS
    /// reads nothing as long as it cannot write.
    Closed,
    /// The same, after it was reported again: TLS keeps the first report of an error for itself.
    TimedOut(Timeout),
}

impl Tcp {
    /// Connects to the first address that accepts.
    ///
    /// # Errors
    /// None of them does, or the time ran out.
    pub(super) fn connect(
        addresses: &ResolvedSocketAddrs,
        config: &Config,
        deadline: &Deadline,
        forward: Option<Forward>,
    ) -> Result<Tcp, ureq::Error> {
        let stream = connect_to_any(addresses, deadline)?;
        prepare(&stream, config).map_err(Fault::connect)?;
        let buffers = LazyBuffers::new(config.input_buffer_size(), config.output_buffer_size());
        let unsent = Vec::new();
        Ok(Tcp { stream, buffers, unsent, forward, is_idle: true, end: None })
    }

    /// Sends so many bytes of the output buffer, after what was kept.
    fn send(&mut self, amount: usize, deadline: &Deadline) -> Result<(), ureq::Error> {
        let output = &self.buffers.output()[..amount];
        let is_start = std::mem::take(&mut self.is_idle);
        match &self.forward {
            Some(forward) if is_start => self.unsent.extend(forward.rewritten(output)),
            _ if self.unsent.is_empty() => {
                let sent = write(&self.stream, output, true, deadline)?;
                self.unsent.extend(&output[sent..]);
                return Ok(());
            }
            _ => self.unsent.extend(output),
        }
        let yields = self.unsent.len() < MOST_UNSENT;
        let sent = write(&self.stream, &self.unsent, yields, deadline)?;
        self.unsent.drain(..sent);
        Ok(())
    }

    /// Waits until there is input, and sends meanwhile what was kept.
    fn wait_for_input(&mut self, deadline: &Deadline) -> Result<(), ureq::Error> {
        let limit = deadline.left()?.for_read();
        if self.unsent.is_empty() {
            return wait(&self.stream, PollFlags::IN, limit).map(|_| ());
        }
        let ready = wait(&self.stream, PollFlags::IN | PollFlags::OUT, limit)?;
        if ready.contains(PollFlags::OUT) {
            match self.stream.write(&self.unsent) {
                Ok(count) => drop(self.unsent.drain(..count)),
                Err(error) if is_passing(&error) => {}
                // What it had to say before it went can still be read.
                Err(_) => {
                    self.unsent.clear();
                    self.end = Some(End::Closed);
                }
            }
        }
        Ok(())
    }
}

impl Transport for Tcp {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, limit: NextTimeout) -> Result<(), ureq::Error> {
        let deadline = Deadline::new(limit)?;
        match self.end {
            Some(End::TimedOut(reason)) => {
                self.end = Some(End::Closed);
                return Err(ureq::Error::Timeout(reason));
            }
            Some(End::Closed) => return Ok(()),
            None => {}
        }
        let sent = self.send(amount, &deadline);
        match &sent {
            Ok(()) => {}
            Err(ureq::Error::Timeout(reason)) => self.end = Some(End::TimedOut(*reason)),
            Err(_) => self.end = Some(End::Closed),
        }
        sent
    }

    fn await_input(&mut self, limit: NextTimeout) -> Result<bool, ureq::Error> {
        let deadline = Deadline::new(limit)?;
        loop {
            match self.stream.read(self.buffers.input_append_buf()) {
                Ok(count) => {
                    self.buffers.input_appended(count);
                    return Ok(count > 0);
                }
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                    self.wait_for_input(&deadline)?;
                }
                Err(error) => return Err(error.into()),
            }
        }
    }

    fn is_open(&mut self) -> bool {
        self.is_idle = true;
        // Bytes that nobody asked for, or the end: nothing to be read is the right state.
        let is_quiet = matches!(
            self.stream.read(&mut [0]),
            Err(error) if error.kind() == io::ErrorKind::WouldBlock
        );
        is_quiet && self.unsent.is_empty() && self.end.is_none()
    }
}

impl fmt::Debug for Tcp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tcp").field("peer", &self.stream.peer_addr().ok()).finish()
    }
}

/// Tries the addresses in turn, each with half of the time that is left, the last with all of it.
fn connect_to_any(
    addresses: &ResolvedSocketAddrs,
    deadline: &Deadline,
) -> Result<TcpStream, ureq::Error> {
    let mut fault = ureq::Error::ConnectionFailed;
    for (index, address) in addresses.iter().enumerate() {
        let is_last = index + 1 == addresses.len();
        match connect_to(address, deadline.left()?.after, is_last) {
            Ok(stream) => return Ok(stream),
            Err(error) if error.kind() == io::ErrorKind::TimedOut => {
                deadline.left()?;
                fault = ureq::Error::Timeout(Timeout::Connect);
            }
            Err(error) => fault = Fault::connect(error).into(),
        }
    }
    Err(fault)
}

fn connect_to(address: &SocketAddr, left: Duration, is_last: bool) -> io::Result<TcpStream> {
    match left {
        Duration::NotHappening => TcpStream::connect(address),
        Duration::Exact(left) if is_last => TcpStream::connect_timeout(address, left),
        Duration::Exact(left) => TcpStream::connect_timeout(address, left.div_f64(2.0)),
    }
}

fn prepare(stream: &TcpStream, config: &Config) -> io::Result<()> {
    if config.no_delay() {
        stream.set_nodelay(true)?;
    }
    stream.set_nonblocking(true)
}

/// Writes and returns how much went out: all of it, unless `yields` is set and the peer sends
/// something instead of reading.
fn write(
    mut stream: &TcpStream,
    output: &[u8],
    yields: bool,
    deadline: &Deadline,
) -> Result<usize, ureq::Error> {
    let interest = if yields { PollFlags::IN | PollFlags::OUT } else { PollFlags::OUT };
    let mut sent = 0;
    while sent < output.len() {
        match stream.write(&output[sent..]) {
            Ok(0) => return Err(io::Error::from(io::ErrorKind::WriteZero).into()),
            Ok(count) => sent += count,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                let ready = wait(stream, interest, deadline.left()?.for_write())?;
                if !ready.is_empty() && !ready.intersects(WRITABLE) {
                    break;
                }
            }
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(sent)
}

/// Waits until the socket is ready and returns for what; for nothing if a signal came first.
fn wait(
    stream: &TcpStream,
    interest: PollFlags,
    limit: NextTimeout,
) -> Result<PollFlags, ureq::Error> {
    if limit.after.is_zero() {
        return Err(ureq::Error::Timeout(limit.reason));
    }
    let limited = match limit.after {
        Duration::Exact(after) => Some(after.min(LONGEST_WAIT)),
        Duration::NotHappening => None,
    };
    let timeout = limited.and_then(|after| Timespec::try_from(after).ok());
    let mut sockets = [PollFd::new(&stream, interest)];
    match poll(&mut sockets, timeout.as_ref()) {
        Ok(0) if limited == Some(LONGEST_WAIT) => Ok(PollFlags::empty()),
        Ok(0) => Err(ureq::Error::Timeout(limit.reason)),
        Ok(_) => Ok(sockets[0].revents()),
        Err(Errno::INTR) => Ok(PollFlags::empty()),
        Err(error) => Err(io::Error::from(error).into()),
    }
}

fn is_passing(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::Interrupted)
}
