//! The adapters of `futures` on sockets, and its streams here.

use futures_util::io::{AsyncReadExt, AsyncWriteExt, Cursor};
use selvedge::bridge::futures_io::FromFutures;
use selvedge::io::AsyncBufReadExt as _;

use super::pair::{bounded, pair};

#[selvedge::test]
async fn their_methods_on_our_socket() {
    bounded(async {
        let (mut client, server) = pair().await;
        client.write_all(b"ping").await.unwrap();
        AsyncWriteExt::close(&mut client).await.unwrap();
        let mut text = String::new();
        let (mut read, _write) = AsyncReadExt::split(server);
        read.read_to_string(&mut text).await.unwrap();
        assert_eq!(text, "ping");
    })
    .await;
}

#[selvedge::test]
async fn our_methods_on_their_reader() {
    let mut lines = FromFutures::new(Cursor::new(b"one\ntwo\n")).lines();
    assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("one"));
    assert_eq!(lines.next_line().await.unwrap().as_deref(), Some("two"));
    assert_eq!(lines.next_line().await.unwrap(), None);
}
