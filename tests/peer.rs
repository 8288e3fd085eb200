//! The other end of a connection, byte by byte, plain or encrypted: servers and proxies that respond
//! early, late, slowly or never, and keep the connection open.

use std::io::{self, Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use rustls::{ServerConnection, StreamOwned};

use crate::tls::{Authority, params};

/// Between two bytes of a peer that drips: often enough to renew any limit on a single read.
pub(crate) const DRIP: Duration = Duration::from_millis(20);

/// A listener that hands each connection to a script, on a thread of its own.
pub(crate) struct Peer {
    pub(crate) address: SocketAddr,
    /// The certificate of the authority that signed the peer's, if it speaks TLS.
    pub(crate) authority: Option<String>,
    heads: Arc<Mutex<Vec<String>>>,
}

/// One connection, as its script sees it.
pub(crate) struct Line {
    stream: Box<dyn Stream>,
    heads: Arc<Mutex<Vec<String>>>,
}

trait Stream: Read + Write {}

impl<S: Read + Write> Stream for S {}

impl Peer {
    pub(crate) fn plain(
        serve: impl Fn(&mut Line) -> io::Result<()> + Send + Sync + 'static,
    ) -> Peer {
        Peer::start(None, |stream| Ok(Box::new(stream)), serve)
    }

    /// The same with TLS 1.3, whose session tickets follow the handshake.
    pub(crate) fn encrypted(
        serve: impl Fn(&mut Line) -> io::Result<()> + Send + Sync + 'static,
    ) -> Peer {
        let authority = Authority::new("Our company");
        let config = Arc::new(authority.sign(params("localhost")).config());
        let secure = move |stream| {
            let connection =
                ServerConnection::new(Arc::clone(&config)).map_err(io::Error::other)?;
            Ok(Box::new(StreamOwned::new(connection, stream)) as Box<dyn Stream>)
        };
        Peer::start(Some(authority.pem()), secure, serve)
    }

    fn start(
        authority: Option<String>,
        open: impl Fn(TcpStream) -> io::Result<Box<dyn Stream>> + Send + Sync + 'static,
        serve: impl Fn(&mut Line) -> io::Result<()> + Send + Sync + 'static,
    ) -> Peer {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("a free port");
        let address = listener.local_addr().expect("an address");
        let heads: Arc<Mutex<Vec<String>>> = Arc::default();
        let (remembered, script) = (Arc::clone(&heads), Arc::new((open, serve)));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (heads, script) = (Arc::clone(&remembered), Arc::clone(&script));
                thread::spawn(move || -> io::Result<()> {
                    let (open, serve) = &*script;
                    let mut line = Line { stream: open(stream)?, heads };
                    serve(&mut line)?;
                    // The end of a script is not the end of the connection.
                    line.stays()
                });
            }
        });
        Peer { address, authority, heads }
    }

    pub(crate) fn base(&self) -> String {
        match self.authority {
            Some(_) => format!("https://localhost:{}", self.address.port()),
            None => format!("http://{}", self.address),
        }
    }

    /// The heads of all requests so far.
    pub(crate) fn heads(&self) -> Vec<String> {
        self.heads.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Line {
    pub(crate) fn read_head(&mut self) -> io::Result<String> {
        let (mut head, mut byte) = (Vec::new(), [0]);
        while !head.ends_with(b"\r\n\r\n") {
            self.stream.read_exact(&mut byte)?;
            head.push(byte[0]);
        }
        let head = String::from_utf8_lossy(&head).into_owned();
        self.heads.lock().unwrap_or_else(PoisonError::into_inner).push(head.clone());
        Ok(head)
    }

    pub(crate) fn read(&mut self, length: usize) -> io::Result<Vec<u8>> {
        let mut bytes = vec![0; length];
        self.stream.read_exact(&mut bytes)?;
        Ok(bytes)
    }

    pub(crate) fn says(&mut self, text: impl AsRef<[u8]>) -> io::Result<()> {
        self.stream.write_all(text.as_ref())?;
        self.stream.flush()
    }

    /// Says this, and then one byte after the other until the client is gone.
    pub(crate) fn drips(&mut self, start: &[u8], byte: u8) -> io::Result<()> {
        self.says(start)?;
        loop {
            thread::park_timeout(DRIP);
            self.says([byte])?;
        }
    }

    /// Ends the script and the connection, with whatever came unread.
    pub(crate) fn closes(&mut self) -> io::Result<()> {
        Err(io::ErrorKind::ConnectionAborted.into())
    }

    /// Neither reads nor speaks, and leaves the connection open.
    fn stays(&self) -> io::Result<()> {
        loop {
            thread::park();
        }
    }
}
