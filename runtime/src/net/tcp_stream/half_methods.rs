//! What a reading or writing half can do, whether it borrows its stream or shares it.
//!
//! Both kinds of halves are a way to a [`TcpStream`](super::TcpStream) and the right to one of its
//! sides; these macros write the methods once.

/// Methods of a reading half: `|half| path to the stream`.
macro_rules! read_half_methods {
    (impl $half:ty, |$this:ident| $stream:expr) => {
        impl $half {
            /// Reads what is there and leaves it there; waits until there is something.
            ///
            /// # Errors
            ///
            /// Those of [`TcpStream::poll_peek`].
            #[track_caller]
            pub fn poll_peek(
                &mut self,
                cx: &mut Context<'_>,
                buf: &mut ReadBuf<'_>,
            ) -> Poll<io::Result<usize>> {
                let $this = self;
                $stream.poll_peek(cx, buf)
            }

            /// Reads what is there and leaves it there; waits until there is something.
            ///
            /// # Errors
            ///
            /// Those of [`TcpStream::peek`].
            ///
            /// # Cancel safety
            ///
            /// Dropping the future loses nothing.
            #[track_caller]
            pub fn peek<'b>(&'b mut self, buf: &'b mut [u8]) -> Peek<'b> {
                let $this = self;
                $stream.peek(buf)
            }

            /// Waits until the stream is ready for some of `interest`; see [`TcpStream::ready`].
            ///
            /// # Errors
            ///
            /// The runtime has shut down.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future loses nothing.
            #[track_caller]
            pub fn ready(&self, interest: Interest) -> ReadyWait<'_> {
                let $this = self;
                $stream.ready(interest)
            }

            /// Waits until the stream is readable.
            ///
            /// # Errors
            ///
            /// The runtime has shut down.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future loses nothing.
            #[track_caller]
            pub fn readable(&self) -> DirectionWait<'_> {
                let $this = self;
                $stream.readable()
            }

            /// Reads what is there, without waiting; see [`TcpStream::try_read`].
            ///
            /// # Errors
            ///
            /// `WouldBlock` if there is nothing.
            pub fn try_read(&self, buf: &mut [u8]) -> io::Result<usize> {
                let $this = self;
                $stream.try_read(buf)
            }

            /// As [`try_read`](Self::try_read), into several buffers one after the other.
            ///
            /// # Errors
            ///
            /// `WouldBlock` if there is nothing.
            pub fn try_read_vectored(&self, bufs: &mut [IoSliceMut<'_>]) -> io::Result<usize> {
                let $this = self;
                $stream.try_read_vectored(bufs)
            }
        }

        impl AsyncRead for $half {
            #[track_caller]
            fn poll_read(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &mut ReadBuf<'_>,
            ) -> Poll<io::Result<()>> {
                let $this = &*self;
                $stream.poll_read_at(cx, buf, Location::caller())
            }
        }

        half_addresses!(impl $half, |$this| $stream);
    };
}

/// Methods of a writing half: `|half| path to the stream`, and what follows a shutdown.
macro_rules! write_half_methods {
    (impl $half:ty, |$this:ident| $stream:expr, on_shutdown: $on_shutdown:expr) => {
        impl $half {
            /// Waits until the stream is ready for some of `interest`; see [`TcpStream::ready`].
            ///
            /// # Errors
            ///
            /// The runtime has shut down.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future loses nothing.
            #[track_caller]
            pub fn ready(&self, interest: Interest) -> ReadyWait<'_> {
                let $this = self;
                $stream.ready(interest)
            }

            /// Waits until the stream is writable.
            ///
            /// # Errors
            ///
            /// The runtime has shut down.
            ///
            /// # Cancel safety
            ///
            /// Dropping the future loses nothing.
            #[track_caller]
            pub fn writable(&self) -> DirectionWait<'_> {
                let $this = self;
                $stream.writable()
            }

            /// Writes what there is room for, without waiting; see [`TcpStream::try_write`].
            ///
            /// # Errors
            ///
            /// `WouldBlock` if there is no room.
            pub fn try_write(&self, buf: &[u8]) -> io::Result<usize> {
                let $this = self;
                $stream.try_write(buf)
            }

            /// As [`try_write`](Self::try_write), from several buffers one after the other.
            ///
            /// # Errors
            ///
            /// `WouldBlock` if there is no room.
            pub fn try_write_vectored(&self, bufs: &[IoSlice<'_>]) -> io::Result<usize> {
                let $this = self;
                $stream.try_write_vectored(bufs)
            }
        }

        impl AsyncWrite for $half {
            #[track_caller]
            fn poll_write(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                buf: &[u8],
            ) -> Poll<io::Result<usize>> {
                let $this = &*self;
                $stream.poll_write_at(cx, buf, Location::caller())
            }

            #[track_caller]
            fn poll_write_vectored(
                self: Pin<&mut Self>,
                cx: &mut Context<'_>,
                bufs: &[IoSlice<'_>],
            ) -> Poll<io::Result<usize>> {
                let $this = &*self;
                $stream.poll_write_vectored_at(cx, bufs, Location::caller())
            }

            fn is_write_vectored(&self) -> bool {
                true
            }

            /// There is nothing to flush: what was written is with the kernel.
            fn poll_flush(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                Poll::Ready(Ok(()))
            }

            /// Ends the writing side; the peer reads the end. Never waits.
            fn poll_shutdown(self: Pin<&mut Self>, _cx: &mut Context<'_>) -> Poll<io::Result<()>> {
                let half = self.get_mut();
                let $this = &*half;
                let result = $stream.poll_shutdown_write();
                if matches!(result, Poll::Ready(Ok(()))) {
                    let on_shutdown: fn(&mut Self) = $on_shutdown;
                    on_shutdown(half);
                }
                result
            }
        }

        half_addresses!(impl $half, |$this| $stream);
    };
}

/// The two ends of the connection, and the stream itself.
macro_rules! half_addresses {
    (impl $half:ty, |$this:ident| $stream:expr) => {
        impl $half {
            /// The address of the other end.
            ///
            /// # Errors
            ///
            /// `NotConnected` if the connection is gone.
            pub fn peer_addr(&self) -> io::Result<SocketAddr> {
                let $this = self;
                $stream.peer_addr()
            }

            /// The address of this end.
            ///
            /// # Errors
            ///
            /// That of the operating system.
            pub fn local_addr(&self) -> io::Result<SocketAddr> {
                let $this = self;
                $stream.local_addr()
            }
        }

        impl AsRef<TcpStream> for $half {
            fn as_ref(&self) -> &TcpStream {
                let $this = self;
                &$stream
            }
        }
    };
}

pub(super) use {half_addresses, read_half_methods, write_half_methods};
