//! The server: the same service of hyper, on either runtime.

use std::convert::Infallible;
use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{Request, Response};

use crate::runtimes::on_both;

/// A stream of a runtime as hyper takes it.
trait IntoHyper {
    type Io: hyper::rt::Read + hyper::rt::Write + Unpin + Send + 'static;
    fn into_hyper(self) -> Self::Io;
}

impl IntoHyper for selvedge::net::TcpStream {
    type Io = selvedge::net::TcpStream;
    fn into_hyper(self) -> Self::Io {
        self
    }
}

impl IntoHyper for tokio::net::TcpStream {
    type Io = hyper_util::rt::TokioIo<tokio::net::TcpStream>;
    fn into_hyper(self) -> Self::Io {
        hyper_util::rt::TokioIo::new(self)
    }
}

async fn hello(_: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    Ok(Response::new(Full::new(Bytes::from_static(
        b"Hello, world!",
    ))))
}

on_both! {
    use hyper::server::conn::http1;
    use rt::net::TcpListener;

    pub(super) fn serve() -> ! {
        let runtime = multi_thread();
        on_worker(&runtime, async {
            let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).await.unwrap();
            announce(listener.local_addr().unwrap());
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                rt::spawn(async move {
                    stream.set_nodelay(true).unwrap();
                    let connection =
                        http1::Builder::new().serve_connection(stream.into_hyper(), service_fn(hello));
                    // Clients go when they like.
                    let _ = connection.await;
                });
            }
        })
    }
}

/// Says where the server listens.
fn announce(address: SocketAddr) {
    println!("{address}");
    // If nobody reads it, nobody asks either.
    let _ = std::io::stdout().flush();
}

/// Serves on the runtime with this name until the process is killed.
///
/// # Errors
///
/// If there is no such runtime.
pub fn serve(who: &str) -> Result<(), String> {
    match who {
        "selvedge" => on_selvedge::serve(),
        "tokio" => on_tokio::serve(),
        _ => Err(format!("there is no runtime `{who}`")),
    }
}
