//! Reading from a file: from memory, and into it.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use selvedge_sync::context;

use super::File;
use super::desk::Landed;
use super::state::OnRead;
use crate::io::{AsyncRead, ReadBuf};

impl AsyncRead for File {
    fn poll_read(
        self: Pin<&mut Self>,
        cx: &mut Context<'_>,
        buf: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let unit = ready!(context::poll_proceed(cx));
        let result = ready!(self.get_mut().poll_fill(cx, buf));
        unit.made_progress();
        Poll::Ready(result)
    }
}

impl File {
    fn poll_fill(&mut self, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let desk = self.desk.get_mut();
        loop {
            let (next, duty) = desk.state.on_read(buf.remaining());
            match duty {
                OnRead::Serve(n) => {
                    desk.serve(buf, n, next);
                    return Poll::Ready(Ok(()));
                }
                OnRead::Start { window, ahead } => {
                    let sizes = (buf.remaining(), window, self.max_buf_size);
                    desk.read(&self.open, next, sizes, ahead)?;
                }
                OnRead::Await => match ready!(desk.poll_landing(cx)) {
                    Landed::Read(Ok(0)) => return Poll::Ready(Ok(())),
                    Landed::Read(Err(error)) => return Poll::Ready(Err(error)),
                    other => desk.keep_error(other),
                },
            }
        }
    }
}
