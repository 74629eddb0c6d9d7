//! A TCP server that sends back what it receives, with one task per connection.
//!
//! *Shows*: `TcpListener`, a task per connection, `io::split` and `io::copy`, and what to do when
//! `accept` fails: report it, wait, go on. A server that runs out of file descriptors keeps the
//! connections it has and takes new ones as soon as it can.
//!
//! *Run with*: `cargo run --example echo_server`, then `nc 127.0.0.1 7777` in other terminals
//!
//! *Try this*: `(ulimit -n 20; target/debug/examples/echo_server)`, and open 20 connections.

use std::io;
use std::process::ExitCode;
use std::time::Duration;

use selvedge::io::{copy, split};
use selvedge::net::{TcpListener, TcpStream};
use selvedge::time::sleep;

const DEFAULT_ADDRESS: &str = "127.0.0.1:7777";
const USAGE: &str = "\
Sends back every byte it receives.

Usage: echo_server [ADDRESS:PORT]    (default 127.0.0.1:7777; port 0 takes any free port)

Exit code: 1 if it cannot listen there, 2 for bad arguments.";

/// How long to leave a failing `accept` alone.
const PAUSE: Duration = Duration::from_millis(200);

#[selvedge::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args_os()
        .skip(1)
        .map(|word| word.to_string_lossy().into_owned())
        .collect();
    let address = match arguments.as_slice() {
        [] => DEFAULT_ADDRESS,
        [help] if help == "--help" || help == "-h" => {
            println!("{USAGE}");
            return ExitCode::SUCCESS;
        }
        [address] if !address.starts_with('-') => address,
        _ => {
            eprintln!(
                "error: unexpected arguments: {}\n\n{USAGE}",
                arguments.join(" ")
            );
            return ExitCode::from(2);
        }
    };
    match serve(address).await {
        Ok(never) => match never {},
        Err(error) => {
            eprintln!("error: cannot listen on {address}: {error}");
            ExitCode::FAILURE
        }
    }
}

/// Serves for ever; fails only if it cannot start.
async fn serve(address: &str) -> io::Result<std::convert::Infallible> {
    let listener = TcpListener::bind(address).await?;
    println!("listening on {}", listener.local_addr()?);

    let mut failures = 0_u32;
    loop {
        match listener.accept().await {
            Ok((stream, peer)) => {
                if failures > 0 {
                    eprintln!("accepting again (failed attempts: {failures})");
                    failures = 0;
                }
                // The handle is dropped: the task lives on until its client leaves.
                selvedge::spawn(async move {
                    if let Err(error) = echo(stream).await {
                        eprintln!("{peer}: {error}");
                    }
                });
            }
            // That client gave up before its turn came; the next one is waiting.
            Err(error) if error.kind() == io::ErrorKind::ConnectionAborted => {}
            // Most likely no file descriptor is free. Trying again at once would only burn CPU
            // time, and one line says as much as a thousand.
            Err(error) => {
                if failures == 0 {
                    eprintln!("cannot accept: {error}; trying again every {PAUSE:?}");
                }
                failures = failures.saturating_add(1);
                sleep(PAUSE).await;
            }
        }
    }
}

/// Copies from the client to the client until it sends no more.
async fn echo(stream: TcpStream) -> io::Result<u64> {
    let (mut from_client, mut to_client) = split(stream);
    copy(&mut from_client, &mut to_client).await
}
