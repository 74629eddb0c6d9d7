//! Moving the position of a file.

use std::io::{self, SeekFrom};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use selvedge_sync::context;

use super::File;
use super::desk::Landed;
use super::state::OnSeek;
use crate::io::AsyncSeek;

impl AsyncSeek for File {
    fn start_seek(self: Pin<&mut Self>, position: SeekFrom) -> io::Result<()> {
        let this = self.get_mut();
        let desk = this.desk.get_mut();
        let (next, duty) = desk.state.on_seek(position);
        match duty {
            OnSeek::Start(target) => desk.seek(&this.open, next, target),
            OnSeek::Skip { skip, unread } => desk.skip(&this.open, next, skip, unread),
            OnSeek::Refuse => Err(io::Error::other(
                "another operation on this file is in flight: call poll_complete before start_seek",
            )),
            OnSeek::OutOfRange => Err(io::Error::new(
                io::ErrorKind::InvalidInput,
                "no position in a file is that far away",
            )),
        }
    }

    fn poll_complete(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<u64>> {
        let unit = ready!(context::poll_proceed(cx));
        let desk = self.get_mut().desk.get_mut();
        while desk.state.in_flight().is_some() {
            match ready!(desk.poll_landing(cx)) {
                Landed::Seek(result) => {
                    unit.made_progress();
                    return Poll::Ready(result);
                }
                other => desk.keep_error(other),
            }
        }
        unit.made_progress();
        Poll::Ready(Ok(desk.position()))
    }
}
