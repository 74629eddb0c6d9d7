//! `OnceCell` and `SetOnce` as worlds: a turn that goes round, a value that comes once.

use std::future::{poll_fn, ready};
use std::pin::Pin;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::task::Poll;

use selvedge_sync::{OnceCell, SetOnce};

use crate::support::{Census, Counted, poll_once};
use crate::world::{Kind, Operation, Wait, World};

pub(crate) fn operations() -> Vec<Operation> {
    vec![
        Operation::new::<Turns<GET_OR_INIT>>("OnceCell::get_or_init", Kind::Group),
        Operation::new::<Turns<GET_OR_TRY_INIT>>("OnceCell::get_or_try_init", Kind::LOCK),
        Operation::new::<Values>("SetOnce::wait", Kind::Group),
    ]
}

const GET_OR_INIT: u8 = 0;
const GET_OR_TRY_INIT: u8 = 1;

type Running = Pin<Box<dyn Future<Output = ()> + Send>>;

/// An initialiser runs. It is served by ending that: with a value, or without.
struct Turns<const HOW: u8> {
    cell: Arc<OnceCell<()>>,
    running: Mutex<Option<Running>>,
    succeeds: Arc<AtomicBool>,
}

impl<const HOW: u8> Default for Turns<HOW> {
    fn default() -> Self {
        let (cell, succeeds) = (Arc::new(OnceCell::new()), Arc::new(AtomicBool::new(false)));
        let (own, is_over) = (cell.clone(), succeeds.clone());
        let mut running: Running = Box::pin(async move {
            let init = || {
                poll_fn(|_cx| match is_over.load(Ordering::SeqCst) {
                    true => Poll::Ready(()),
                    false => Poll::Pending,
                })
            };
            own.get_or_init(init).await;
        });
        assert_eq!(poll_once(running.as_mut()), None);
        Self {
            cell,
            running: Mutex::new(Some(running)),
            succeeds,
        }
    }
}

impl<const HOW: u8> World for Turns<HOW> {
    fn wait(&self) -> Wait<'_> {
        match HOW {
            GET_OR_INIT => Wait::plain(self.cell.get_or_init(|| ready(()))),
            // Fails, so that the next one has its turn.
            _ => Wait::plain(self.cell.get_or_try_init(|| ready(Err("refused")))),
        }
    }

    fn serve(&self) {
        let running = self.running.lock().unwrap().take();
        if let (Some(running), GET_OR_INIT) = (running, HOW) {
            self.succeeds.store(true, Ordering::SeqCst);
            assert_eq!(poll_once(running), Some(()));
        }
    }

    fn touch(&self) {
        drop(format!("{:?}", self.cell));
        self.cell.get();
    }

    fn audit(&self, served: usize, _completed: usize) {
        let turn = poll_once(self.cell.get_or_try_init(|| ready(Err(()))));
        assert_eq!(turn.is_some(), served > 0, "the turn is not lost");
        let value = HOW == GET_OR_INIT && served > 0;
        assert_eq!(self.cell.initialized(), value);
    }
}

#[derive(Default)]
struct Values {
    once: SetOnce<Counted>,
    census: Census,
}

impl World for Values {
    fn wait(&self) -> Wait<'_> {
        Wait::plain(self.once.wait())
    }

    fn serve(&self) {
        // Refused if it is set, which is what later calls find.
        drop(self.once.set(self.census.value(1)));
    }

    fn touch(&self) {
        drop(format!("{:?}", self.once));
        self.once.get();
    }

    fn census(&self) -> Option<Census> {
        Some(self.census.clone())
    }

    fn audit(&self, served: usize, _completed: usize) {
        assert_eq!(self.once.initialized(), served > 0);
        assert_eq!(self.census.alive(), usize::from(served > 0));
    }
}
