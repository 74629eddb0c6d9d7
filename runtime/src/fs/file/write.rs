//! Writing to a file: into memory, from where it is on its way at once.

use std::io::{self, IoSlice};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use selvedge_sync::context;

use super::File;
use super::desk::Landed;
use super::gather;
use super::state::OnWrite;
use crate::io::AsyncWrite;

impl AsyncWrite for File {
    fn poll_write(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.poll_write_vectored(cx, &[IoSlice::new(buf)])
    }

    fn poll_write_vectored(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let unit = ready!(context::poll_proceed(cx));
        let result = ready!(self.get_mut().poll_accept(cx, bufs));
        unit.made_progress();
        Poll::Ready(result)
    }

    fn is_write_vectored(&self) -> bool {
        true
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        let unit = ready!(context::poll_proceed(cx));
        let result = ready!(self.get_mut().desk.get_mut().poll_flush(cx));
        unit.made_progress();
        Poll::Ready(result)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.poll_flush(cx)
    }
}

impl File {
    fn poll_accept(
        &mut self,
        cx: &mut Context<'_>,
        bufs: &[IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let desk = self.desk.get_mut();
        let max = self.max_buf_size;
        let wanted = gather::total(bufs).min(max);
        loop {
            let (next, duty) = desk.state.on_write();
            match duty {
                OnWrite::Report => {
                    desk.state = next;
                    return Poll::Ready(Err(desk.pay()));
                }
                _ if wanted == 0 => return Poll::Ready(Ok(0)),
                OnWrite::Start { back } => {
                    desk.write(&self.open, next, back, (bufs, wanted))?;
                    return Poll::Ready(Ok(wanted));
                }
                OnWrite::Gather if self.open.gather.offer(bufs, wanted, max) => {
                    return Poll::Ready(Ok(wanted));
                }
                OnWrite::Gather | OnWrite::Await => {
                    if let Landed::Write(Err(error)) = ready!(desk.poll_landing(cx)) {
                        return Poll::Ready(Err(error));
                    }
                }
            }
        }
    }
}
