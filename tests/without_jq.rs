//! `-q` in a build without jq.

use crate::support::{Server, Test, str};

#[test]
fn rejects_jq_before_sending() {
    let server = Server::in_turn(Vec::new());
    Test::new(&["get", "/v3/videos", "-q", "."])
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: --jq: this build of heygen has no jq
hint: pipe the response into jq, or build with `cargo install --features jq`

"#]])
        .sends(&[])
        .exits(2);
}
