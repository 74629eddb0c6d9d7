//! An HTTP server: hyper on the sockets, timers and tasks of selvedge.
//!
//! *Shows*: with the feature `hyper` a `TcpStream` can be given to hyper as it is; `bridge::hyper::Timer` gives
//! it limits of time, here for clients that connect and never ask.
//!
//! *Run with*: `cargo run --release --features hyper --example http_server`, then
//! `curl http://127.0.0.1:8080/greet/you`. With `--check` it asks itself and ends.
//!
//! *Try this*: `wrk -c 1000 -d 10 http://127.0.0.1:8080/`, and meanwhile `nc 127.0.0.1 8080` without a word.

use std::convert::Infallible;
use std::io;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use selvedge::bridge::hyper::Timer;
use selvedge::io::{AsyncReadExt, AsyncWriteExt};
use selvedge::net::{TcpListener, TcpStream};
use selvedge::time::sleep;

const DEFAULT_ADDRESS: &str = "127.0.0.1:8080";
/// How long a client may take for the head of a request.
const PATIENCE: Duration = Duration::from_secs(10);
/// How long to leave a failing `accept` alone.
const PAUSE: Duration = Duration::from_millis(200);

#[selvedge::main]
async fn main() -> io::Result<()> {
    match std::env::args().nth(1).as_deref() {
        Some("--check") => check().await,
        address => {
            let listener = TcpListener::bind(address.unwrap_or(DEFAULT_ADDRESS)).await?;
            println!("listening on http://{}", listener.local_addr()?);
            serve(listener).await
        }
    }
}

/// Serves for ever, each connection in a task of its own.
async fn serve(listener: TcpListener) -> ! {
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                selvedge::spawn(async move {
                    if let Err(error) = serve_connection(stream).await {
                        eprintln!("{peer}: {error}");
                    }
                });
            }
            // Most likely no file descriptor is free; those who are connected are served.
            Err(error) => {
                eprintln!("cannot accept: {error}");
                sleep(PAUSE).await;
            }
        }
    }
}

async fn serve_connection(stream: TcpStream) -> hyper::Result<()> {
    // Answers are written whole: nothing is gained by waiting for more to send.
    let _ = stream.set_nodelay(true);
    http1::Builder::new()
        .timer(Timer)
        .header_read_timeout(PATIENCE)
        // Who has finished asking still gets the answers.
        .half_close(true)
        .serve_connection(stream, service_fn(answer))
        .await
}

async fn answer(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
    let (status, text) = match (request.method(), request.uri().path()) {
        (&Method::GET, "/") => (StatusCode::OK, "Hello, world!\n".to_owned()),
        (&Method::GET, path) => match path.strip_prefix("/greet/") {
            Some(name) => (StatusCode::OK, format!("Hello, {name}!\n")),
            None => (StatusCode::NOT_FOUND, format!("{path} is not here\n")),
        },
        _ => (StatusCode::METHOD_NOT_ALLOWED, "only GET\n".to_owned()),
    };
    let mut response = Response::new(Full::from(text));
    *response.status_mut() = status;
    Ok(response)
}

/// Serves on any free port and asks three times over one connection.
async fn check() -> io::Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let mut client = TcpStream::connect(listener.local_addr()?).await?;
    selvedge::spawn(serve(listener));

    for head in ["GET /", "GET /greet/you", "POST /"] {
        let request = format!("{head} HTTP/1.1\r\nhost: check\r\n\r\n");
        client.write_all(request.as_bytes()).await?;
    }
    let last = "GET /nowhere HTTP/1.1\r\nhost: check\r\nconnection: close\r\n\r\n";
    client.write_all(last.as_bytes()).await?;
    let mut answers = String::new();
    client.read_to_string(&mut answers).await?;

    let expected = [
        "200 OK",
        "Hello, world!",
        "Hello, you!",
        "405 Method",
        "404 Not Found",
    ];
    for part in expected {
        if !answers.contains(part) {
            return Err(io::Error::other(format!("no {part:?} in {answers:?}")));
        }
    }
    println!("four requests, four answers");
    Ok(())
}
