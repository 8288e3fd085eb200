//! Large request bodies.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::thread;

use crate::support::{Test, str};

#[test]
fn rejected_upload_is_not_sent() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let base = format!("http://{}", listener.local_addr().expect("an address"));
    let server = thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a connection");
        let mut head = Vec::new();
        while !head.ends_with(b"\r\n\r\n") {
            let mut byte = [0];
            stream.read_exact(&mut byte).expect("a request");
            head.push(byte[0]);
        }
        let body = r#"{"error":{"code":"payload_too_large","message":"The file is too large."}}"#;
        let length = body.len();
        write!(stream, "HTTP/1.1 413 Payload Too Large\r\nContent-Type: application/json\r\nContent-Length: {length}\r\n\r\n{body}")
            .expect("a response");
        String::from_utf8_lossy(&head).to_ascii_lowercase()
    });
    Test::new(&["post", "/v3/assets", "--form", "file=@large.bin", "--api-base", &base])
        .file("large.bin", vec![7; 4 * 1024 * 1024])
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: 413 payload_too_large: The file is too large.

"#]])
        .exits(1);
    assert!(server.join().expect("a request").contains("expect: 100-continue\r\n"));
}
