//! `-q` in a build without jq.

use crate::support::{Server, Test, str};

#[test]
fn a_filter_is_refused_before_anything_is_sent() {
    let server = Server::in_turn(Vec::new());
    Test::new(&["get", "/v3/videos", "-q", "."])
        .server(&server)
        .env("HEYGEN_ERROR_FORMAT", "text")
        .stderr(str![[r#"
error: --jq: this build of heygen has no jq
hint: pipe the answer into jq, or build with `cargo install --features jq`

"#]])
        .sends(&[])
        .exits(2);
}
