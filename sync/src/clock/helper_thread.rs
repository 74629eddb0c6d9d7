//! The clock of last resort: alarms by a thread that serves the whole process.
//!
//! The thread is that of `futures-timer`, and does not survive a waker that panics. So it never meets a
//! waker of somebody else: it wakes a bell of ours, which contains what the waker it rings does, and which
//! loses that waker before the thread can be the last to drop it.

use std::future::Future;
use std::pin::Pin;
// `Wake` asks for this one.
use std::sync::Arc;
use std::task::{Context, Poll, Wake, Waker};

use super::{Alarm, Duration};
use crate::wake_batch::FirstPanic;
use crate::waker_cell::WakerCell;

/// Wakes the task, whatever its waker does.
struct Bell(WakerCell);

impl Wake for Bell {
    fn wake(self: Arc<Self>) {
        self.wake_by_ref();
    }

    fn wake_by_ref(self: &Arc<Self>) {
        let mut panic = FirstPanic::default();
        panic.catch(|| self.0.wake());
        panic.swallow();
    }
}

struct HelperAlarm {
    delay: futures_timer::Delay,
    bell: Arc<Bell>,
    waker: Waker,
}

impl Future for HelperAlarm {
    type Output = ();

    /// It is woken: by the thread, through the bell, which has the latest waker before the thread is asked.
    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.bell.0.register(cx.waker());
        let this = &mut *self;
        Pin::new(&mut this.delay).poll(&mut Context::from_waker(&this.waker))
    }
}

impl Drop for HelperAlarm {
    fn drop(&mut self) {
        // Here, and not where the last bell is dropped.
        drop(self.bell.0.take());
    }
}

pub(super) fn alarm(delay: Duration) -> Alarm {
    let bell = Arc::new(Bell(WakerCell::new()));
    Box::pin(HelperAlarm {
        delay: futures_timer::Delay::new(delay),
        waker: Waker::from(bell.clone()),
        bell,
    })
}
