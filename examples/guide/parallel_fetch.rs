//! Parallel fetch: many pages, some at a time, over sockets of this machine.
//!
//! *Shows*: a server that takes 20 ms per page, and all pages one by one, and four at a time; a missing one fails alone.
//!
//! *Run with*: `cargo run --example guide_parallel_fetch`
//!
//! *Try this*: raise `AT_ONCE` to `PAGES`: tasks do not mind, threads are one per page then.
//!
//! *Key line*: threads, 4 at a time: 24 pages, 1 missing

use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::{Duration, Instant};

use selvedge::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use selvedge::net::{TcpListener, TcpStream};
use selvedge::pool::ThreadPool;
use selvedge::runtime::Runtime;
use selvedge::task;
use selvedge::time::sleep;

const PAGES: usize = 24;
const AT_ONCE: usize = 4;

/// Requests in the server, and the most so far.
static OPEN: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

async fn answer(stream: TcpStream) -> io::Result<()> {
    let mut stream = BufReader::new(stream);
    let mut request = String::new();
    stream.read_line(&mut request).await?;
    MOST.fetch_max(1 + OPEN.fetch_add(1, Relaxed), Relaxed);
    sleep(Duration::from_millis(20)).await;
    OPEN.fetch_sub(1, Relaxed);
    let missing = request.starts_with("GET /page/13 ");
    let status = if missing { "404 Not Found" } else { "200 OK" };
    let response = format!("HTTP/1.0 {status}\r\n\r\nasked: {request}");
    stream.write_all(response.as_bytes()).await
}

fn request(page: usize) -> String {
    format!("GET /page/{page} HTTP/1.0\r\n\r\n")
}

fn body(page: usize, response: &str) -> io::Result<String> {
    match response.split_once("\r\n\r\n") {
        Some((head, body)) if head.starts_with("HTTP/1.0 200 ") => Ok(body.to_owned()),
        _ => Err(io::Error::other(format!("page {page} is missing"))),
    }
}

async fn fetch(server: SocketAddr, page: usize) -> io::Result<String> {
    let mut stream = TcpStream::connect(server).await?;
    stream.write_all(request(page).as_bytes()).await?;
    let mut response = String::new();
    stream.read_to_string(&mut response).await?;
    body(page, &response)
}

fn blocking_fetch(server: SocketAddr, page: usize) -> io::Result<String> {
    let mut stream = std::net::TcpStream::connect(server)?;
    stream.write_all(request(page).as_bytes())?;
    body(page, &io::read_to_string(stream)?)
}

fn main() -> io::Result<()> {
    let runtime = Runtime::new()?;
    let listener = runtime.block_on(TcpListener::bind("127.0.0.1:0"))?;
    let server = listener.local_addr()?;
    runtime.spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            selvedge::spawn(answer(stream));
        }
    });
    for at_once in [1, AT_ONCE] {
        let now = Instant::now();
        report(
            "tasks",
            at_once,
            now,
            runtime.block_on(with_tasks(server, at_once)),
        );
        let now = Instant::now();
        report("threads", at_once, now, with_threads(server, at_once));
    }
    Ok(())
}

fn report(who: &str, at_once: usize, start: Instant, pages: Vec<io::Result<String>>) {
    let missing = pages.iter().filter(|page| page.is_err()).count();
    let (took, most) = (start.elapsed().as_millis(), MOST.swap(0, Relaxed));
    println!("{who}, {at_once} at a time: {PAGES} pages, {missing} missing, {took} ms");
    assert!(pages.len() == PAGES && missing == 1 && most <= at_once);
}

async fn with_tasks(server: SocketAddr, at_once: usize) -> Vec<io::Result<String>> {
    let pages = task::map(at_once, 0..PAGES, move |page| fetch(server, page));
    pages.await.expect("no panic")
}

fn with_threads(server: SocketAddr, at_once: usize) -> Vec<io::Result<String>> {
    let pool = ThreadPool::new(at_once);
    let pages = pool.map(0..PAGES, move |page| blocking_fetch(server, page));
    pages
        .into_iter()
        .map(|page| page.expect("no panic"))
        .collect()
}
