//! Models of the user and the job: each changes the desk while the other one looks at it.

use std::future::{Future, poll_fn};
use std::io::{self, IoSlice, Write};

use loom::future::block_on;
use loom::sync::{Arc, Mutex};
use loom::thread;
use selvedge_sync::model_check::check;

use super::{Desk, Start, Workplace};

/// What was written, and how much of it was flushed.
#[derive(Default)]
struct Target(Mutex<(Vec<u8>, usize)>);

impl Write for &Target {
    fn write(&mut self, buf: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap().0.extend_from_slice(buf);
        Ok(buf.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        let mut target = self.0.lock().unwrap();
        target.1 = target.0.len();
        Ok(())
    }
}

fn workplace() -> Arc<Workplace<Target>> {
    Arc::new(Workplace {
        target: Target::default(),
        desk: selvedge_sync::primitive::Mutex::new(Desk::default()),
        user: selvedge_sync::waker_cell::WakerCell::new(),
    })
}

/// Writes one byte and does the duty that may come with it.
fn write(workplace: &Arc<Workplace<Target>>, byte: u8) -> impl Future<Output = ()> {
    poll_fn(move |cx| {
        let written = workplace.poll_desk(cx, |desk| desk.write(&[IoSlice::new(&[byte])]));
        written.map(|(result, start)| {
            assert_eq!(result.unwrap(), 1);
            work_if(workplace, start);
        })
    })
}

fn work_if(workplace: &Arc<Workplace<Target>>, start: Start) {
    if start == Start::Yes {
        let workplace = Arc::clone(workplace);
        thread::spawn(move || workplace.work());
    }
}

#[test]
fn writes_and_a_flush_race_the_job() {
    check("background write", Some(2), || {
        let workplace = workplace();
        block_on(write(&workplace, 1));
        block_on(write(&workplace, 2));
        let start = workplace.desk.lock().flush();
        work_if(&workplace, start);
        block_on(poll_fn(|cx| workplace.poll_desk(cx, Desk::outcome))).unwrap();
        assert_eq!(*workplace.target.0.lock().unwrap(), (vec![1, 2], 2));
    });
}

#[test]
fn a_write_without_room_races_the_job() {
    check("background write, full", Some(2), || {
        let workplace = workplace();
        for byte in 1..=3 {
            block_on(write(&workplace, byte));
        }
        let start = workplace.desk.lock().flush();
        work_if(&workplace, start);
        block_on(poll_fn(|cx| workplace.poll_desk(cx, Desk::outcome))).unwrap();
        assert_eq!(*workplace.target.0.lock().unwrap(), (vec![1, 2, 3], 3));
    });
}
