//! Datagrams of Unix under a whole runtime.

use selvedge::io::ErrorKind;
use selvedge::net::UnixDatagram;

use crate::support::{TempDir, both_flavors, multi_thread, watched};

both_flavors! {
    fn a_server_answers_by_path(flavor) {
        let dir = TempDir::new();
        flavor.build().block_on(async {
            let (server_path, client_path) = (dir.path().join("server"), dir.path().join("client"));
            let server = UnixDatagram::bind(&server_path).unwrap();
            let client = UnixDatagram::bind(&client_path).unwrap();
            selvedge::spawn(async move {
                let mut buf = [0; 64];
                loop {
                    let (length, sender) = server.recv_from(&mut buf).await.unwrap();
                    let path = sender.as_pathname().unwrap();
                    server.send_to(&buf[..length], path).await.unwrap();
                }
            });
            client.connect(&server_path).unwrap();
            for round in 0..50_u8 {
                client.send(&[round; 3]).await.unwrap();
                let mut answer = [0; 8];
                assert_eq!(client.recv(&mut answer).await.unwrap(), 3);
                assert_eq!(answer[..3], [round; 3]);
            }
        });
    }

    fn a_fast_sender_waits_for_a_slow_receiver(flavor) {
        flavor.build().block_on(async {
            let (one, other) = UnixDatagram::pair().unwrap();
            let sender = selvedge::spawn(async move {
                for number in 0..2000_u32 {
                    one.send(&number.to_ne_bytes()).await.unwrap();
                }
            });
            for number in 0..2000 {
                let mut buf = [0; 4];
                other.recv(&mut buf).await.unwrap();
                assert_eq!(u32::from_ne_bytes(buf), number);
            }
            sender.await.unwrap();
        });
    }
}

watched! {
    fn an_unbound_socket_sends_without_a_name() {
        let dir = TempDir::new();
        multi_thread().block_on(async {
            let path = dir.path().join("server");
            let server = UnixDatagram::bind(&path).unwrap();
            let client = UnixDatagram::unbound().unwrap();
            client.send_to(b"", &path).await.unwrap();
            let mut buf = Vec::with_capacity(8);
            let (length, sender) = server.recv_buf_from(&mut buf).await.unwrap();
            assert_eq!(length, 0);
            assert!(sender.is_unnamed());
            drop(server);
            let error = client.send_to(b"x", &path).await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::ConnectionRefused);
        });
    }
}
