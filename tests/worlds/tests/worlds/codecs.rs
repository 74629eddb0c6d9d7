//! Codecs of `tokio-util` on sockets, halves and pipes in memory.

use bytes::{Bytes, BytesMut};
use futures_util::{SinkExt, StreamExt};
use selvedge::bridge::tokio_io::ToTokio;
use selvedge::io::{BufStream, duplex};
use tokio_util::codec::{Framed, FramedRead, FramedWrite, LengthDelimitedCodec, LinesCodec};

use super::pair::{bounded, pair};

#[selvedge::test]
async fn lines_on_a_socket() {
    bounded(async {
        let (client, server) = pair().await;
        let mut client = Framed::new(client, LinesCodec::new());
        let mut server = Framed::new(server, LinesCodec::new());
        client.send("ping").await.unwrap();
        assert_eq!(server.next().await.unwrap().unwrap(), "ping");
        server.send("pong").await.unwrap();
        assert_eq!(client.next().await.unwrap().unwrap(), "pong");
        drop(client);
        assert!(server.next().await.is_none());
    })
    .await;
}

#[selvedge::test]
async fn frames_on_halves() {
    bounded(async {
        let (client, server) = pair().await;
        let mut write = FramedWrite::new(client.into_split().1, LengthDelimitedCodec::new());
        let mut read = FramedRead::new(server.into_split().0, LengthDelimitedCodec::new());
        let large = Bytes::from(vec![7; 3_000_000]);
        let sent = large.clone();
        let sender = selvedge::spawn(async move {
            write.send(Bytes::new()).await.unwrap();
            write.send(sent).await.unwrap();
        });
        assert_eq!(read.next().await.unwrap().unwrap(), BytesMut::new());
        assert_eq!(read.next().await.unwrap().unwrap(), large);
        sender.await.unwrap();
        assert!(read.next().await.is_none());
    })
    .await;
}

#[selvedge::test]
async fn lines_in_memory_and_wrapped() {
    bounded(async {
        let (near, far) = duplex(16);
        let mut near = Framed::new(near, LinesCodec::new());
        let mut far = Framed::new(ToTokio::new(BufStream::new(far)), LinesCodec::new());
        let sender = selvedge::spawn(async move {
            near.send("longer than the pipe has room for")
                .await
                .unwrap();
        });
        let line = far.next().await.unwrap().unwrap();
        assert_eq!(line, "longer than the pipe has room for");
        sender.await.unwrap();
    })
    .await;
}
