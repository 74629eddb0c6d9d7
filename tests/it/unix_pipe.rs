//! Pipes under a whole runtime, and with other processes.

use std::process::{Command, Stdio};

use selvedge::io::{AsyncReadExt, AsyncWriteExt, ErrorKind};
use selvedge::net::unix::pipe::{self, Receiver, Sender};

use crate::support::{both_flavors, multi_thread, watched};

both_flavors! {
    fn a_large_transfer_passes_a_pipe(flavor) {
        flavor.build().block_on(async {
            let (mut sender, mut receiver) = pipe::pipe().unwrap();
            let sent: Vec<u8> = (0..1_000_000_u32).map(|at| (at % 251) as u8).collect();
            let expected = sent.clone();
            let writer = selvedge::spawn(async move { sender.write_all(&sent).await.unwrap() });
            let mut received = Vec::new();
            receiver.read_to_end(&mut received).await.unwrap();
            writer.await.unwrap();
            assert!(received == expected);
        });
    }
}

watched! {
    fn a_child_process_is_fed_and_read() {
        let mut child = Command::new("cat");
        let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let (stdin, stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        multi_thread().block_on(async {
            let mut stdin = Sender::from_owned_fd(stdin.into()).unwrap();
            let mut stdout = Receiver::from_owned_fd(stdout.into()).unwrap();
            let feeder = selvedge::spawn(async move {
                for _ in 0..1000 {
                    stdin.write_all(&[7; 1000]).await.unwrap();
                }
            });
            let mut output = Vec::new();
            stdout.read_to_end(&mut output).await.unwrap();
            feeder.await.unwrap();
            assert_eq!(output.len(), 1_000_000);
        });
        assert!(child.wait().unwrap().success());
    }

    fn a_pipe_without_reader_breaks() {
        multi_thread().block_on(async {
            let (mut sender, receiver) = pipe::pipe().unwrap();
            drop(receiver);
            let error = sender.write_all(b"x").await.unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BrokenPipe);
        });
    }
}
