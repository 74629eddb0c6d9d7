//! The server's process, and what the kernel counts of it.

use std::fs;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

/// A server on one of the runtimes.
#[derive(Debug)]
pub struct Server {
    child: Child,
    url: String,
}

/// What a server has used since it was started.
#[derive(Clone, Copy, Debug)]
pub struct Used {
    /// User and system time.
    pub cpu: Duration,
    /// How often one of its threads went to sleep.
    pub sleeps: u64,
}

impl Server {
    /// Starts this program again, as the server on the runtime `who`, and waits until it listens.
    ///
    /// # Errors
    ///
    /// If it cannot be started.
    pub fn start(who: &str) -> Result<Server, String> {
        let program = std::env::current_exe().map_err(|error| format!("where am I? {error}"))?;
        let mut child = Command::new(program)
            .args(["--serve", who])
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("cannot start the server on {who}: {error}"))?;
        let output = child.stdout.take().expect("it was asked for");
        let mut address = String::new();
        // Without an address `wrk` says what is wrong.
        let _ = BufReader::new(output).read_line(&mut address);
        let url = format!("http://{}/", address.trim());
        Ok(Server { child, url })
    }

    /// Where it listens.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Its process.
    pub fn id(&self) -> u32 {
        self.child.id()
    }

    /// What it has used until now.
    ///
    /// # Errors
    ///
    /// If it is not running, or this is not Linux.
    pub fn used(&self) -> Result<Used, String> {
        let threads = format!("/proc/{}/task", self.child.id());
        let list = fs::read_dir(&threads).map_err(|error| format!("{threads}: {error}"))?;
        let (mut ns, mut sleeps) = (0, 0);
        for thread in list.flatten() {
            // A thread may have ended meanwhile.
            let scheduled = fs::read_to_string(thread.path().join("schedstat")).unwrap_or_default();
            ns += scheduled
                .split(' ')
                .next()
                .and_then(|first| first.parse::<u64>().ok())
                .unwrap_or(0);
            let status = fs::read_to_string(thread.path().join("status")).unwrap_or_default();
            sleeps += status
                .lines()
                .find_map(|line| line.strip_prefix("voluntary_ctxt_switches:"))
                .and_then(|rest| rest.trim().parse::<u64>().ok())
                .unwrap_or(0);
        }
        Ok(Used {
            cpu: Duration::from_nanos(ns),
            sleeps,
        })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
