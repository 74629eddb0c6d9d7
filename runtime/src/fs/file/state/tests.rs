//! Every state, and every sequence of calls up to a length, against a file that consists of a position.

use std::io::SeekFrom;

use super::*;

/// All valid states of a small file.
fn states() -> Vec<FileState> {
    let operations = [
        None,
        Some(Operation::Read),
        Some(Operation::Write),
        Some(Operation::Seek),
        Some(Operation::Resize),
    ];
    let mut states = Vec::new();
    for in_flight in operations {
        for unread in [0, 1, 2, 5] {
            for window in [WINDOW_MIN, 2 * WINDOW_MIN, WINDOW_MAX] {
                for ahead in [Ahead::Unknown, Ahead::Yes, Ahead::No] {
                    for owes_error in [false, true] {
                        states.push(FileState {
                            in_flight,
                            unread,
                            window,
                            ahead,
                            owes_error,
                        });
                    }
                }
            }
        }
    }
    states.retain(|state| state.is_valid());
    states
}

const TARGETS: [SeekFrom; 7] = [
    SeekFrom::Start(3),
    SeekFrom::End(-1),
    SeekFrom::Current(0),
    SeekFrom::Current(1),
    SeekFrom::Current(9),
    SeekFrom::Current(-4),
    SeekFrom::Current(i64::MIN),
];

#[test]
fn every_transition_of_every_valid_state_is_valid() {
    for state in states() {
        let mut next = vec![
            state.on_read(0).0,
            state.on_read(1).0,
            state.on_read(100).0,
            state.on_write().0,
            state.on_resize().0,
            state.on_settle().0,
            state.on_flush().0,
            state.on_share(),
        ];
        next.extend(TARGETS.map(|target| state.on_seek(target).0));
        if state.in_flight != Some(Operation::Write) {
            next.push(state.on_owed());
        }
        if state.in_flight == Some(Operation::Read) {
            for got in [0, 1, 5] {
                let ahead = Ahead::Yes;
                next.push(state.on_landing(Landing::Read { got, ahead }));
            }
        } else if state.in_flight.is_some() {
            next.push(state.on_landing(Landing::Moved));
            let skipped = state.unread.min(1);
            next.push(state.on_landing(Landing::Stayed { skipped }));
        }
        for next in next {
            assert!(next.is_valid(), "{state:?} -> {next:?}");
        }
    }
}

#[test]
fn nothing_starts_while_something_is_in_flight() {
    for state in states() {
        let starts = [
            matches!(state.on_read(1).1, OnRead::Start { .. }),
            matches!(state.on_write().1, OnWrite::Start { .. }),
            matches!(state.on_resize().1, OnSettle::Start { .. }),
            matches!(state.on_settle().1, OnSettle::Start { .. }),
            matches!(
                state.on_seek(SeekFrom::Start(0)).1,
                OnSeek::Start(_) | OnSeek::Skip { .. }
            ),
        ];
        if state.in_flight.is_some() {
            assert_eq!(starts, [false; 5], "{state:?}");
        } else {
            // A seek and a resize always start, the others unless there is something nearer.
            assert!(starts[2] && starts[4], "{state:?}");
            assert_eq!(starts[0], state.unread == 0, "{state:?}");
            assert_eq!(starts[1], !state.owes_error, "{state:?}");
            assert_eq!(starts[3], state.unread > 0, "{state:?}");
        }
    }
}

#[test]
fn an_error_is_reported_once_by_whoever_writes_or_flushes_next() {
    for state in states().into_iter().filter(|state| state.owes_error) {
        let (written, duty) = state.on_write();
        assert_eq!(duty, OnWrite::Report);
        assert_ne!(written.on_write().1, OnWrite::Report);
        let (flushed, duty) = state.on_flush();
        assert_eq!((flushed, duty), (written, OnFlush::Report));
        assert_ne!(flushed.on_flush().1, OnFlush::Report);
    }
}

#[test]
fn the_window_grows_while_reading_in_sequence() {
    let mut state = FileState::new(Ahead::Unknown);
    let mut windows = Vec::new();
    for _ in 0..6 {
        let (reading, duty) = state.on_read(1);
        let OnRead::Start { window, .. } = duty else {
            panic!("{duty:?}")
        };
        windows.push(window / WINDOW_MIN);
        let ahead = Ahead::Yes;
        let landed = reading.on_landing(Landing::Read { got: 1, ahead });
        state = landed.on_read(1).0;
    }
    assert_eq!(windows, [1, 2, 4, 8, 16, 16]);
    let (seeking, _) = state.on_seek(SeekFrom::Start(0));
    let sought = seeking.on_landing(Landing::Moved);
    assert!(matches!(sought.on_read(1).1, OnRead::Start { window, .. } if window == WINDOW_MIN));
}

#[test]
fn what_others_may_move_is_not_read_ahead() {
    let reading = FileState::new(Ahead::Unknown).on_read(1).0.on_share();
    let ahead = Ahead::Yes;
    let landed = reading.on_landing(Landing::Read { got: 3, ahead });
    assert_eq!(landed.ahead, Ahead::No);
    // What was read ahead before is still ours, but the system has to be asked.
    let (_, duty) = landed.on_seek(SeekFrom::Current(1));
    assert_eq!(duty, OnSeek::Start(SeekFrom::Current(-2)));
}

/// What the user of the pretended file does next.
#[derive(Clone, Copy, Debug)]
enum Call {
    Read(usize),
    Write,
    Seek(SeekFrom),
    Resize,
    Settle,
    /// The operation in flight succeeds, or fails; without one nothing happens.
    Land {
        ok: bool,
    },
}

const CALLS: [Call; 11] = [
    Call::Read(1),
    Call::Read(4),
    Call::Write,
    Call::Seek(SeekFrom::Start(1)),
    Call::Seek(SeekFrom::Current(0)),
    Call::Seek(SeekFrom::Current(2)),
    Call::Seek(SeekFrom::Current(-1)),
    Call::Resize,
    Call::Settle,
    Call::Land { ok: true },
    Call::Land { ok: false },
];

/// A file of [`LENGTH`] bytes, of which only the positions are real.
#[derive(Clone, Copy, Debug)]
struct Pretended {
    state: FileState,
    /// Where the operating system is.
    system: i64,
    /// Where the user is, as soon as nothing is in flight.
    user: i64,
    flight: Flight,
}

#[derive(Clone, Copy, Debug)]
enum Flight {
    None,
    Read(usize),
    Write { back: usize },
    Seek { target: SeekFrom, user: i64 },
    Skip { skip: usize },
    Resize { back: usize },
    Settle { back: usize },
}

const LENGTH: i64 = 9;
/// What a read fetches if it may: the window of the pretended file.
const FETCHED: i64 = 5;

impl Pretended {
    fn call(&mut self, call: Call) {
        match call {
            Call::Read(room) => self.read(room),
            Call::Write => {
                if let (next, OnWrite::Start { back }) = self.state.on_write() {
                    (self.state, self.flight) = (next, Flight::Write { back });
                }
            }
            Call::Seek(target) => self.seek(target),
            Call::Resize => {
                if let (next, OnSettle::Start { back }) = self.state.on_resize() {
                    (self.state, self.flight) = (next, Flight::Resize { back });
                }
            }
            Call::Settle => match self.state.on_settle() {
                (next, OnSettle::Start { back }) => {
                    (self.state, self.flight) = (next, Flight::Settle { back });
                }
                (_, OnSettle::Done) => assert_eq!(self.system, self.user, "{self:?}"),
                (_, OnSettle::Await) => {}
            },
            Call::Land { ok } => self.land(ok),
        }
        if self.state.in_flight.is_none() {
            let truth = self.system - self.state.unread as i64;
            assert_eq!(truth, self.user, "after {call:?}: {self:?}");
        }
    }

    fn read(&mut self, room: usize) {
        let (next, duty) = self.state.on_read(room);
        match duty {
            OnRead::Serve(n) => {
                self.state = next;
                self.user += n as i64;
            }
            OnRead::Start { ahead, .. } => {
                self.state = next;
                let wanted = if ahead == Ahead::No {
                    1
                } else {
                    FETCHED as usize
                };
                self.flight = Flight::Read(wanted);
            }
            OnRead::Await => {}
        }
    }

    fn seek(&mut self, target: SeekFrom) {
        let (next, duty) = self.state.on_seek(target);
        let flight = match duty {
            OnSeek::Start(system) => {
                let user = match target {
                    SeekFrom::Start(n) => n as i64,
                    SeekFrom::End(n) => LENGTH + n,
                    SeekFrom::Current(n) => self.user + n,
                };
                Flight::Seek {
                    target: system,
                    user,
                }
            }
            OnSeek::Skip { skip, unread } => {
                assert_eq!(unread, self.state.unread);
                Flight::Skip { skip }
            }
            OnSeek::Refuse | OnSeek::OutOfRange => return,
        };
        (self.state, self.flight) = (next, flight);
    }

    fn land(&mut self, ok: bool) {
        let flight = std::mem::replace(&mut self.flight, Flight::None);
        let stayed = Landing::Stayed { skipped: 0 };
        let landing = match flight {
            Flight::None => return,
            Flight::Read(wanted) => {
                let got = (LENGTH - self.system).clamp(0, wanted as i64) * i64::from(ok);
                self.system += got;
                let got = got as usize;
                let ahead = Ahead::Yes;
                Landing::Read { got, ahead }
            }
            Flight::Write { back } | Flight::Resize { back } if ok => {
                self.system -= back as i64;
                if matches!(flight, Flight::Write { .. }) {
                    self.system += 1;
                    self.user += 1;
                }
                Landing::Moved
            }
            Flight::Settle { back } if ok => {
                self.system -= back as i64;
                Landing::Moved
            }
            Flight::Seek { target, user } if ok && user >= 0 => {
                self.system = match target {
                    SeekFrom::Start(n) => n as i64,
                    SeekFrom::End(n) => LENGTH + n,
                    SeekFrom::Current(n) => self.system + n,
                };
                self.user = user;
                Landing::Moved
            }
            Flight::Skip { skip } if ok => {
                self.user += skip as i64;
                Landing::Stayed { skipped: skip }
            }
            _ => stayed,
        };
        self.state = self.state.on_landing(landing);
    }
}

#[test]
fn the_position_is_true_after_every_sequence_of_calls() {
    const DEPTH: usize = 5;

    fn explore(file: Pretended, depth: usize, seen: &mut usize) {
        *seen += 1;
        if depth == DEPTH {
            return;
        }
        for call in CALLS {
            let mut next = file;
            next.call(call);
            explore(next, depth + 1, seen);
        }
    }

    let mut seen = 0;
    for ahead in [Ahead::Unknown, Ahead::No] {
        let fresh = Pretended {
            state: FileState::new(ahead),
            system: 0,
            user: 0,
            flight: Flight::None,
        };
        // Once more from a file with bytes in memory, which takes two calls to get.
        let mut read = fresh;
        read.call(Call::Read(1));
        read.call(Call::Land { ok: true });
        read.call(Call::Read(1));
        explore(fresh, 0, &mut seen);
        explore(read, 0, &mut seen);
    }
    assert!(seen > 4 * CALLS.len().pow(DEPTH as u32));
}
