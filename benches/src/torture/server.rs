//! The server's process: one of the examples, its address, memory and descriptors.

use std::fs;
use std::io::{self, BufRead, BufReader};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::thread;

/// A running example.
#[derive(Debug)]
pub struct Server {
    name: &'static str,
    child: Child,
    address: SocketAddr,
}

impl Server {
    /// Starts the example `name`, which was built with the same profile as this program, and waits until it
    /// says where it listens.
    ///
    /// # Errors
    ///
    /// If it was not built or does not listen.
    pub fn start(name: &'static str, arguments: &[String]) -> Result<Server, String> {
        let program = program(name)?;
        let mut child = Command::new(&program)
            .args(arguments)
            // glibc gives threads arenas of their own, and what is freed in one is not used by another: the level
            // creeps for dozens of waves, although nothing is kept.
            .env("MALLOC_ARENA_MAX", "1")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            // It tells of each connection that breaks off, which is what we do all the time.
            .stderr(Stdio::null())
            .spawn()
            .map_err(|error| format!("cannot start {}: {error}", program.display()))?;
        let mut output = BufReader::new(child.stdout.take().expect("it was asked for"));
        let mut line = String::new();
        // An empty line has no address in it, so an error is told below.
        let _ = output.read_line(&mut line);
        let address = address_in(&line);
        // The rest is read by nobody, but it must not fill the pipe.
        thread::spawn(move || io::copy(&mut output, &mut io::sink()));
        let mut server = Server {
            name,
            child,
            address: SocketAddr::from(([0, 0, 0, 0], 0)),
        };
        // On an error it is stopped by being dropped.
        server.address = address.ok_or_else(|| format!("{name} does not say where it listens"))?;
        Ok(server)
    }

    /// The name of the example.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its resident memory, in KiB.
    ///
    /// # Errors
    ///
    /// If it is not running, or this is not Linux.
    pub fn memory_kib(&self) -> Result<u64, String> {
        let path = format!("/proc/{}/status", self.child.id());
        let status = fs::read_to_string(&path).map_err(|error| format!("{path}: {error}"))?;
        status
            .lines()
            .find_map(|line| line.strip_prefix("VmRSS:"))
            .and_then(|rest| rest.split_whitespace().next()?.parse().ok())
            .ok_or_else(|| format!("{} is no longer there", self.name))
    }

    /// How many descriptors it has open.
    ///
    /// # Errors
    ///
    /// If it is not running, or this is not Linux.
    pub fn descriptors(&self) -> Result<usize, String> {
        let path = format!("/proc/{}/fd", self.child.id());
        let list = fs::read_dir(&path).map_err(|error| format!("{path}: {error}"))?;
        Ok(list.count())
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The example beside this program: `target/release/torture`, `target/release/examples/tcp_proxy`.
fn program(name: &str) -> Result<PathBuf, String> {
    let own = std::env::current_exe().map_err(|error| format!("where am I? {error}"))?;
    let path = own.with_file_name("examples").join(name);
    if path.exists() {
        return Ok(path);
    }
    let release = if cfg!(debug_assertions) {
        ""
    } else {
        " --release"
    };
    Err(format!(
        "there is no {}: cargo build{release} --features hyper --example {name}",
        path.display()
    ))
}

/// The first word that is an address, with or without `http://`.
fn address_in(line: &str) -> Option<SocketAddr> {
    line.split_whitespace()
        .find_map(|word| word.trim_start_matches("http://").parse().ok())
}
