//! Models of the pipe: each side waits while the other one changes what it waits for (I1, I2).

use std::future::{Future, poll_fn};
use std::io::IoSlice;

use loom::future::block_on;
use loom::sync::Arc;
use loom::thread;

use super::Pipe;
use crate::io::ReadBuf;

fn read(pipe: &Pipe) -> impl Future<Output = Vec<u8>> {
    poll_fn(|cx| {
        let mut bytes = [0; 2];
        let mut buf = ReadBuf::new(&mut bytes);
        let poll = pipe.poll_read(cx, &mut buf);
        poll.map(|result| {
            result.unwrap();
            buf.filled().to_vec()
        })
    })
}

fn write(pipe: &Pipe, byte: u8) -> impl Future<Output = std::io::Result<usize>> {
    poll_fn(move |cx| pipe.poll_write(cx, &[IoSlice::new(&[byte])]))
}

#[test]
fn a_write_and_the_end_race_a_reader() {
    loom::model(|| {
        let pipe = Arc::new(Pipe::new(1));
        let writer = thread::spawn({
            let pipe = pipe.clone();
            move || {
                block_on(write(&pipe, 1)).unwrap();
                drop(pipe.close());
            }
        });
        assert_eq!(block_on(read(&pipe)), [1]);
        assert_eq!(block_on(read(&pipe)), []);
        writer.join().unwrap();
    });
}

#[test]
fn a_read_races_a_writer_without_room() {
    loom::model(|| {
        let pipe = Arc::new(Pipe::new(1));
        block_on(write(&pipe, 1)).unwrap();
        let reader = thread::spawn({
            let pipe = pipe.clone();
            move || block_on(read(&pipe))
        });
        block_on(write(&pipe, 2)).unwrap();
        assert_eq!(reader.join().unwrap(), [1]);
    });
}

#[test]
fn a_drop_races_a_writer_without_room() {
    loom::model(|| {
        let pipe = Arc::new(Pipe::new(1));
        block_on(write(&pipe, 1)).unwrap();
        let closer = thread::spawn({
            let pipe = pipe.clone();
            move || drop(pipe.close())
        });
        assert!(block_on(write(&pipe, 2)).is_err());
        closer.join().unwrap();
    });
}
