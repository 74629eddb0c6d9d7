//! Web sockets by tungstenite.

use async_tungstenite::tungstenite::Message;
use async_tungstenite::{accept_async, client_async};
use futures_util::StreamExt;

use super::pair::{bounded, pair};

#[selvedge::test]
async fn messages_go_both_ways() {
    bounded(async {
        let (client, server) = pair().await;
        let server = selvedge::spawn(async move {
            let mut server = accept_async(server).await.unwrap();
            while let Some(Ok(message)) = server.next().await {
                if message.is_close() {
                    break;
                }
                server.send(message).await.unwrap();
            }
        });
        let (mut client, _) = client_async("ws://localhost/", client).await.unwrap();
        let messages = [Message::text("ping"), Message::binary(vec![7; 1 << 20])];
        for message in messages {
            client.send(message.clone()).await.unwrap();
            assert_eq!(client.next().await.unwrap().unwrap(), message);
        }
        client.close(None).await.unwrap();
        server.await.unwrap();
    })
    .await;
}
