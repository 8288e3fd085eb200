//! A scripted HTTP/1.1 server on 127.0.0.1 that records every byte it receives.
//!
//! Scope: one thread accepts, one thread per connection reads requests, asks the script and sends
//! its `Reply`. No TLS, no compression, no async. Nothing sleeps: whoever waits, waits on one
//! condition variable, and dropping the server shuts every connection and releases everybody. A
//! server that saw what its script did not foresee fails the test when it is dropped.

use std::collections::VecDeque;
use std::net::{Ipv4Addr, Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::conversation::Conversation;
use super::recorded::{Recorded, contains};
use super::reply::Reply;

/// The longest that teardown waits for a thread.
const PATIENCE: Duration = Duration::from_secs(5);

/// A server that runs until it is dropped.
pub(crate) struct Server {
    address: SocketAddr,
    shared: Arc<Shared>,
    acceptor: Option<JoinHandle<()>>,
}

/// The state that the threads of one server share.
pub(super) struct Shared {
    pub(super) base: String,
    pub(super) script: Script,
    log: Mutex<Log>,
    /// Notified whenever something in `log` changed that somebody may wait for.
    pub(super) changed: Condvar,
}

pub(super) enum Script {
    Call(Box<dyn Fn(&Recorded) -> Reply + Send + Sync>),
    Always(Reply),
    InTurn(Mutex<VecDeque<Reply>>),
    Routes(Vec<(String, Reply)>),
}

#[derive(Default)]
pub(super) struct Log {
    pub(super) requests: Vec<Recorded>,
    pub(super) connections: Vec<Connection>,
    problems: Vec<String>,
    /// Ports of connections made by `settle`, not by a client.
    probes: Vec<u16>,
    /// Bytes that `Reply::on_demand` may send.
    pub(super) permits: usize,
    pub(super) stopping: bool,
}

pub(super) struct Connection {
    pub(super) received: Vec<u8>,
    pub(super) state: State,
    /// A second handle, to end what the thread is waiting for.
    pub(super) stream: Option<TcpStream>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Busy,
    Stalled,
    Ended,
}

impl Server {
    /// A server that responds to each request with the reply of `script`.
    pub(crate) fn start(script: impl Fn(&Recorded) -> Reply + Send + Sync + 'static) -> Server {
        Server::with(Script::Call(Box::new(script)))
    }

    /// The same reply to every request.
    pub(crate) fn always(reply: Reply) -> Server {
        Server::with(Script::Always(reply))
    }

    /// One reply after the other. A reply that nobody fetched fails the test, and so does a request
    /// too many.
    pub(crate) fn in_turn(replies: Vec<Reply>) -> Server {
        Server::with(Script::InTurn(Mutex::new(replies.into())))
    }

    /// A reply by request line, as in `GET /v3/users/me`, query included; `GET /v3/videos?*` takes
    /// any query or none. A request without a route fails the test.
    pub(crate) fn routes(routes: &[(&str, Reply)]) -> Server {
        let owned = |(line, reply): &(&str, Reply)| ((*line).to_owned(), reply.clone());
        Server::with(Script::Routes(routes.iter().map(owned).collect()))
    }

    /// A base URL at which nobody listens.
    pub(crate) fn nowhere() -> String {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        format!("http://{}", listener.local_addr().expect("a bound listener has an address"))
    }

    fn with(script: Script) -> Server {
        let listener =
            TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has a free port");
        let address = listener.local_addr().expect("a bound listener has an address");
        let shared = Arc::new(Shared {
            base: format!("http://{address}"),
            script,
            log: Mutex::default(),
            changed: Condvar::new(),
        });
        let accepting = Arc::clone(&shared);
        let acceptor = Some(thread::spawn(move || accepting.accept(&listener)));
        Server { address, shared, acceptor }
    }

    /// `http://127.0.0.1:PORT`, without a slash at the end.
    pub(crate) fn base(&self) -> String {
        self.shared.base.clone()
    }

    /// The port alone.
    pub(crate) fn port(&self) -> u16 {
        self.address.port()
    }

    /// The complete requests so far, in the order in which they were completed.
    pub(crate) fn requests(&self) -> Vec<Recorded> {
        self.shared.log().requests.clone()
    }

    /// The number of connections, with or without a request.
    pub(crate) fn connections(&self) -> usize {
        self.shared.log().connections.len()
    }

    /// True if the bytes came in over any connection, be the request complete or not.
    pub(crate) fn saw(&self, bytes: &[u8]) -> bool {
        self.shared.log().connections.iter().any(|connection| contains(&connection.received, bytes))
    }

    /// Lets `Reply::on_demand` send this many more bytes.
    pub(crate) fn drip(&self, bytes: usize) {
        self.shared.log().permits += bytes;
        self.shared.changed.notify_all();
    }

    /// Returns when the given number of requests was received, and fails the test after five
    /// seconds.
    pub(crate) fn wait_for_requests(&self, count: usize) {
        let missing = |log: &mut Log| log.requests.len() < count;
        let waited = self.shared.changed.wait_timeout_while(self.shared.log(), PATIENCE, missing);
        let (log, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
        let arrived = log.requests.len();
        drop(log);
        assert!(!timeout.timed_out(), "{arrived} requests came, waited for {count}");
    }

    /// Returns when everything that an ended client sent was received. The test builder calls it
    /// after each run.
    pub(crate) fn settle(&self) {
        let mut log = self.shared.log();
        // Connections are accepted in order: when this one is, so is every earlier one. The
        // acceptor needs the lock that is held here, so it cannot meet the connection before its
        // port is noted.
        let Ok(probe) = TcpStream::connect_timeout(&self.address, PATIENCE) else {
            return;
        };
        let Ok(address) = probe.local_addr() else {
            return;
        };
        log.probes.push(address.port());
        let unsettled = |log: &mut Log| {
            !log.probes.is_empty()
                || log.connections.iter().any(|connection| connection.state == State::Busy)
        };
        let _ = self.shared.changed.wait_timeout_while(log, PATIENCE, unsettled);
    }

    /// Takes the events that the script did not foresee; those left over fail the test.
    pub(crate) fn take_problems(&self) -> Vec<String> {
        std::mem::take(&mut self.shared.log().problems)
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let mut log = self.shared.log();
        log.stopping = true;
        for stream in log.connections.iter().filter_map(|connection| connection.stream.as_ref()) {
            let _ = stream.shutdown(Shutdown::Both);
        }
        drop(log);
        self.shared.changed.notify_all();
        // A last connection wakes the acceptor, which then sees that it is to stop.
        if TcpStream::connect_timeout(&self.address, PATIENCE).is_ok()
            && let Some(acceptor) = self.acceptor.take()
        {
            let _ = acceptor.join();
        }
        let open = |log: &mut Log| {
            log.connections.iter().any(|connection| connection.state != State::Ended)
        };
        let _ = self.shared.changed.wait_timeout_while(self.shared.log(), PATIENCE, open);
        let mut problems = self.take_problems();
        problems.extend(self.shared.script.left_over());
        assert!(
            thread::panicking() || problems.is_empty(),
            "the server complains:\n  {}",
            problems.join("\n  ")
        );
    }
}

impl Script {
    /// The reply for a connection whose next request is not even to be read.
    pub(super) fn unread(&self) -> Option<Reply> {
        match self {
            Script::Always(reply) => Some(reply).filter(|reply| reply.is_unread()).cloned(),
            Script::InTurn(replies) => {
                let mut replies = replies.lock().unwrap_or_else(PoisonError::into_inner);
                if replies.front().is_some_and(Reply::is_unread) {
                    replies.pop_front()
                } else {
                    None
                }
            }
            Script::Call(_) | Script::Routes(_) => None,
        }
    }

    /// The reply to a request, or what is wrong with asking.
    pub(super) fn reply(&self, request: &Recorded) -> Result<Reply, String> {
        match self {
            Script::Call(script) => Ok(script(request)),
            Script::Always(reply) => Ok(reply.clone()),
            Script::InTurn(replies) => {
                let mut replies = replies.lock().unwrap_or_else(PoisonError::into_inner);
                replies
                    .pop_front()
                    .ok_or_else(|| format!("no reply was left for `{}`", request.line()))
            }
            Script::Routes(routes) => {
                let route = routes.iter().find(|(line, _)| takes(line, &request.line()));
                let reply = route.map(|(_, reply)| reply.clone());
                reply.ok_or_else(|| format!("no route for `{}`", request.line()))
            }
        }
    }

    fn left_over(&self) -> Option<String> {
        let Script::InTurn(replies) = self else {
            return None;
        };
        let left = replies.lock().unwrap_or_else(PoisonError::into_inner).len();
        (left > 0).then(|| format!("{left} of the promised replies were never fetched"))
    }
}

/// True if a route takes a request line.
fn takes(route: &str, line: &str) -> bool {
    match route.strip_suffix("?*") {
        Some(before) => {
            line == before || line.strip_prefix(before).is_some_and(|rest| rest.starts_with('?'))
        }
        None => line == route,
    }
}

impl Shared {
    /// A panic elsewhere leaves the log valid, so poison is ignored.
    pub(super) fn log(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn accept(self: Arc<Self>, listener: &TcpListener) {
        for stream in listener.incoming() {
            let Ok(stream) = stream else { continue };
            let mut log = self.log();
            if log.stopping {
                return;
            }
            let port = stream.peer_addr().map_or(0, |peer| peer.port());
            if log.probes.contains(&port) {
                log.probes.retain(|probe| *probe != port);
                self.changed.notify_all();
                continue;
            }
            let number = log.connections.len();
            let handle = stream.try_clone().ok();
            log.connections.push(Connection {
                received: Vec::new(),
                state: State::Busy,
                stream: handle,
            });
            drop(log);
            let shared = Arc::clone(&self);
            thread::spawn(move || Conversation::new(shared, stream, number).hold());
        }
    }

    pub(super) fn set_state(&self, number: usize, state: State) {
        self.log().connections[number].state = state;
        self.changed.notify_all();
    }

    pub(super) fn complain(&self, problem: String) {
        self.log().problems.push(problem);
    }
}
