//! The future that waits for one source, in the source's list.
//!
//! It can be polled again after it was ready: each poll says what the source is ready for *now*, so
//! an operation that was wrong about it clears the readiness and polls once more.

use std::io;
use std::panic::Location;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use pin_project_lite::pin_project;
use selvedge_sync::context::{self, WaitKind};

use super::readiness::ReadyEvent;
use super::registration::{Done, Slot, open_event, poll_attempts};
use super::waiters::{Place, WaitNode};
use crate::io::Ready;

pin_project! {
    /// A wait for readiness; brings its own node, so it allocates nothing.
    #[derive(Debug)]
    #[must_use = "futures do nothing unless polled"]
    pub(crate) struct ReadinessWait<'a> {
        slot: &'a Slot,
        mask: Ready,
        place: &'static Location<'static>,
        // False only if the node is in no list.
        is_queued: bool,
        #[pin]
        node: WaitNode,
    }

    impl PinnedDrop for ReadinessWait<'_> {
        fn drop(this: Pin<&mut Self>) {
            this.leave();
        }
    }
}

impl<'a> ReadinessWait<'a> {
    pub(super) fn new(slot: &'a Slot, mask: Ready, place: &'static Location<'static>) -> Self {
        Self {
            slot,
            mask,
            place,
            is_queued: false,
            node: WaitNode::new(mask),
        }
    }

    /// Waits until the source is ready, and says for what.
    pub(crate) fn poll_ready(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<io::Result<ReadyEvent>> {
        let coop = ready!(context::poll_proceed(cx));
        let event = ready!(self.as_mut().poll_event(cx));
        coop.made_progress();
        Poll::Ready(event)
    }

    /// Runs `op` until it says something other than `WouldBlock`.
    pub(crate) fn poll_io<R>(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        mut op: impl FnMut() -> io::Result<R>,
    ) -> Poll<io::Result<R>> {
        let slot = self.slot;
        poll_attempts(
            cx,
            slot,
            |cx| self.as_mut().poll_event(cx),
            || op().map(Done::Kept),
        )
    }

    /// It is woken: the node is in the source's list when this returns `Pending`, see `source.rs`.
    fn poll_event(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<ReadyEvent>> {
        let this = self.project();
        let source = this.slot.source();
        let node = this.node.as_ref();
        match source.poll_wait(cx, *this.mask, Place::Node(node)) {
            Poll::Ready(event) => {
                if std::mem::take(this.is_queued) {
                    source.cancel(Place::Node(node));
                }
                Poll::Ready(open_event(event))
            }
            Poll::Pending => {
                *this.is_queued = true;
                context::note_wait(WaitKind::Io, this.place);
                Poll::Pending
            }
        }
    }

    /// Takes the node out of the list, so that it may be dropped.
    fn leave(self: Pin<&mut Self>) {
        let this = self.project();
        if std::mem::take(this.is_queued) {
            let node = this.node.as_ref();
            this.slot.source().cancel(Place::Node(node));
        }
    }
}
