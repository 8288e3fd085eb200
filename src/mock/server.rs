//! The listener on loopback, and at most 64 connections at once, each with a thread of its own.

use std::io::{self, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use super::connection;
use super::exchange::{Request, Response};
use super::head::Refusal;
use super::trouble::Trouble;
use super::wire::{self, Dress};
use super::world::World;
use crate::clock::Clock;
use crate::terminal::streams::Ui;

/// The maximum number of connections that are served at once.
const MOST_CONNECTIONS: usize = 64;

/// The time that another connection waits for one of them to end, before it gets a 503.
const ADMISSION: Duration = Duration::from_secs(5);

/// The time that a client gets to take a response: one that never reads must not hold its thread.
const WRITE_TIMEOUT: Duration = Duration::from_secs(60);

/// The pause after the system accepted no connection, such as for want of file descriptors.
const ACCEPT_PAUSE: Duration = Duration::from_millis(50);

/// The parts that all connections share.
pub(super) struct Shared {
    pub port: u16,
    pub world: World,
    pub trouble: Trouble,
    /// The delay of the responses that trouble gives; the world delays its own.
    pub latency: Duration,
    /// A line per request goes here.
    pub log: Option<Ui>,
    pub clock: Arc<dyn Clock + Send + Sync>,
    /// A connection without a byte for this long is closed.
    pub idle_timeout: Duration,
    pub gate: Gate,
}

impl Shared {
    /// The response that a request gets whatever its body is.
    pub(super) fn early_response(&self, request: &Request) -> Option<Response> {
        let response = self.trouble.response(request, self.clock.now())?;
        if !self.latency.is_zero() {
            self.clock.sleep(self.latency);
        }
        Some(response)
    }
}

/// The places for connections.
#[derive(Default)]
pub(super) struct Gate {
    served: Mutex<usize>,
    one_ended: Condvar,
    /// Set while a connection waits for a place: idle ones then end.
    is_full: AtomicBool,
    is_stopping: AtomicBool,
}

impl Gate {
    /// Returns whether connections between two requests are to end.
    pub(super) fn wants_places(&self) -> bool {
        self.is_full.load(Ordering::Relaxed) || self.is_stopping()
    }

    fn is_stopping(&self) -> bool {
        self.is_stopping.load(Ordering::Relaxed)
    }

    /// Takes a place; false if none became free in time.
    fn enter(&self, patience: Duration) -> bool {
        let is_full = |served: &mut usize| *served >= MOST_CONNECTIONS && !self.is_stopping();
        let served = self.served();
        self.is_full.store(*served >= MOST_CONNECTIONS, Ordering::Relaxed);
        let waited = self.one_ended.wait_timeout_while(served, patience, is_full);
        let (mut served, _) = waited.unwrap_or_else(PoisonError::into_inner);
        self.is_full.store(false, Ordering::Relaxed);
        let has_place = *served < MOST_CONNECTIONS;
        *served += usize::from(has_place);
        has_place
    }

    fn leave(&self) {
        *self.served() -= 1;
        self.one_ended.notify_all();
    }

    fn served(&self) -> MutexGuard<'_, usize> {
        self.served.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A place that is free again when this is dropped, also after a panic.
struct Place(Arc<Shared>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.gate.leave();
    }
}

/// A server that listens until it is dropped.
pub(super) struct Server {
    shared: Arc<Shared>,
    accepting: Option<JoinHandle<()>>,
}

/// A listener on a port of loopback; a free one for 0.
///
/// # Errors
/// The port is taken.
pub(super) fn listen(port: u16) -> io::Result<TcpListener> {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port))
}

impl Server {
    /// Serves the connections to a listener.
    ///
    /// # Errors
    /// The system has no more threads.
    pub(super) fn start(listener: TcpListener, shared: Shared) -> io::Result<Server> {
        let shared = Arc::new(shared);
        let own = Arc::clone(&shared);
        let accepting = thread::Builder::new().name("mock".to_owned());
        let accepting = accepting.spawn(move || accept(&listener, &own))?;
        Ok(Server { shared, accepting: Some(accepting) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.shared.gate.is_stopping.store(true, Ordering::Relaxed);
        self.shared.gate.one_ended.notify_all();
        // Its own connection wakes the listener up.
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, self.shared.port));
        let woken = TcpStream::connect_timeout(&address, Duration::from_secs(1)).is_ok();
        if let Some(accepting) = self.accepting.take().filter(|_| woken) {
            let _ = accepting.join();
        }
    }
}

fn accept(listener: &TcpListener, shared: &Arc<Shared>) {
    while !shared.gate.is_stopping() {
        let Ok((stream, _)) = listener.accept() else {
            shared.clock.sleep(ACCEPT_PAUSE);
            continue;
        };
        if shared.gate.is_stopping() {
            return;
        }
        if !shared.gate.enter(ADMISSION) {
            turn_away(&stream, shared);
            continue;
        }
        let place = Place(Arc::clone(shared));
        let connection = thread::Builder::new().name("connection".to_owned());
        // Without a thread the connection is closed.
        let _ = connection.spawn(move || serve(&stream, &place.0));
    }
}

fn serve(stream: &TcpStream, shared: &Shared) {
    let is_ready = stream.set_nodelay(true).is_ok()
        && stream.set_write_timeout(Some(WRITE_TIMEOUT)).is_ok()
        && stream.set_read_timeout(Some(connection::SLICE)).is_ok();
    if is_ready {
        connection::serve(stream, shared);
    }
}

/// Says that all places are taken.
fn turn_away(mut stream: &TcpStream, shared: &Shared) {
    const BUSY: Refusal = Refusal::new(503, "64 connections are open, which is the maximum");
    let mut response = wire::refused(BUSY);
    response.headers.push(("retry-after".to_owned(), "1".to_owned()));
    let mut bytes = Vec::new();
    let dress = Dress { is_head: false, keeps_alive: false, now: shared.clock.today() };
    wire::write_head(&mut bytes, &response, dress);
    bytes.extend_from_slice(&response.body);
    // A client that is gone needs no response.
    let _ = stream.set_write_timeout(Some(Duration::from_millis(100)));
    let _ = stream.write_all(&bytes);
    connection::linger(stream, shared, Duration::from_millis(100));
}
