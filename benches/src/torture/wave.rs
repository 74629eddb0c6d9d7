//! Many conversations at once: all are connected before the first word, and each is watched.

use std::collections::BTreeMap;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use selvedge::net::{TcpSocket, TcpStream};
use selvedge::sync::{Barrier, Semaphore};
use selvedge::task::JoinSet;
use selvedge::time::sleep;

/// Who is tortured.
pub trait Target: Send + Sync + 'static {
    /// Where to connect.
    fn address(&self) -> SocketAddr;

    /// How the table calls the conversation with this number.
    fn manner(&self, number: u64) -> &'static str;

    /// Whether the client's window is to be small.
    fn reads_slowly(&self, number: u64) -> bool;

    /// How many rounds it has, if its progress is compared with that of others.
    fn rounds(&self, number: u64) -> Option<u64>;

    /// The client's side.
    fn talk(
        self: Arc<Self>,
        stream: TcpStream,
        number: u64,
        progress: Arc<Progress>,
    ) -> impl Future<Output = Result<(), String>> + Send + 'static;

    /// Waits until the other sides have ended as well; returns what was wrong with them.
    fn settle(&self) -> impl Future<Output = Vec<String>> + Send;
}

/// How far one conversation has come.
#[derive(Debug, Default)]
pub struct Progress {
    rounds: AtomicU64,
    sent: AtomicU64,
    came: AtomicU64,
    ended: AtomicBool,
}

// Ordering: figures for people and for comparing, one writer each; nothing else is read on their strength.
impl Progress {
    /// Another question was answered.
    pub fn round(&self) {
        self.rounds.fetch_add(1, Ordering::Relaxed);
    }

    /// So many bytes were sent.
    pub fn sent(&self, count: usize) {
        self.sent.fetch_add(count as u64, Ordering::Relaxed);
    }

    /// So many bytes came.
    pub fn came(&self, count: usize) {
        self.came.fetch_add(count as u64, Ordering::Relaxed);
    }

    fn steps(&self) -> u64 {
        let bytes = self.sent.load(Ordering::Relaxed) + self.came.load(Ordering::Relaxed);
        bytes + u64::from(self.ended.load(Ordering::Relaxed))
    }
}

/// How far the others were when the first had all its rounds behind it.
#[derive(Clone, Copy, Debug)]
pub struct Spread {
    /// How many were compared.
    pub compared: usize,
    /// The rounds of the first.
    pub first: u64,
    /// The rounds of the one in the middle.
    pub median: u64,
    /// The rounds of the one that a hundredth of the others were behind.
    pub hundredth: u64,
    /// The rounds of the last.
    pub last: u64,
}

/// What conversations of one manner did.
#[derive(Clone, Copy, Debug, Default)]
pub struct Tally {
    /// How many there were.
    pub connections: u64,
    /// How many bytes their clients sent.
    pub sent: u64,
    /// How many bytes came to their clients.
    pub came: u64,
}

/// What a wave did.
#[derive(Debug, Default)]
pub struct WaveOutcome {
    /// By manner.
    pub tallies: BTreeMap<&'static str, Tally>,
    /// How far the others were when the first was done.
    pub spread: Option<Spread>,
    /// What was wrong.
    pub faults: Vec<String>,
}

/// Connections that are being made at the same time.
const CONNECTING_MAX: usize = 256;
/// Nothing at all happens for that long: those that have not ended are stuck.
const STUCK_AFTER_S: u32 = 20;

struct Wave<T> {
    target: Arc<T>,
    connecting: Semaphore,
    all_connected: Barrier,
    progress: Vec<Arc<Progress>>,
    base: u64,
    spread: OnceLock<Spread>,
}

/// Holds `connections` conversations at once, numbered from `base`.
pub async fn run<T: Target>(target: &Arc<T>, connections: usize, base: u64) -> WaveOutcome {
    let wave = Arc::new(Wave {
        target: Arc::clone(target),
        connecting: Semaphore::new(CONNECTING_MAX),
        all_connected: Barrier::new(connections),
        progress: (0..connections).map(|_| Arc::default()).collect(),
        base,
        spread: OnceLock::new(),
    });
    let mut tasks = JoinSet::new();
    for index in 0..connections {
        tasks.spawn(Arc::clone(&wave).converse(index));
    }
    let mut outcome = WaveOutcome::default();
    let all = async {
        while let Some(result) = tasks.join_next().await {
            match result {
                Ok(Ok(())) => {}
                Ok(Err(fault)) => outcome.faults.push(fault),
                Err(error) => outcome
                    .faults
                    .push(format!("a conversation panicked: {error}")),
            }
        }
    };
    let stuck = selvedge::select! {
        () = all => Vec::new(),
        stuck = wave.watch() => stuck,
    };
    outcome.faults.extend(stuck);
    tasks.shutdown().await;
    outcome.faults.extend(target.settle().await);
    outcome.tallies = wave.tallies();
    outcome.spread = wave.spread.get().copied();
    outcome
}

impl<T: Target> Wave<T> {
    async fn converse(self: Arc<Self>, index: usize) -> Result<(), String> {
        let number = self.base + index as u64;
        let progress = Arc::clone(&self.progress[index]);
        let connected = {
            let _permit = self.connecting.acquire().await;
            self.connect(number).await
        };
        // Everybody waits here, also who could not connect.
        self.all_connected.wait().await;
        let named = |fault| format!("{} ({number}): {fault}", self.target.manner(number));
        let stream = connected.map_err(|error| named(format!("cannot connect: {error}")))?;
        let target = Arc::clone(&self.target);
        let result = target.talk(stream, number, Arc::clone(&progress)).await;
        progress.ended.store(true, Ordering::Relaxed);
        if result.is_ok() && self.target.rounds(number).is_some() {
            self.spread.get_or_init(|| self.compare());
        }
        result.map_err(named)
    }

    async fn connect(&self, number: u64) -> io::Result<TcpStream> {
        let socket = TcpSocket::new_v4()?;
        if self.target.reads_slowly(number) {
            socket.set_recv_buffer_size(4096)?;
        }
        let stream = socket.connect(self.target.address()).await?;
        stream.set_nodelay(true)?;
        Ok(stream)
    }

    fn compare(&self) -> Spread {
        let mut rounds: Vec<u64> = self
            .numbered()
            .filter(|(number, _)| self.target.rounds(*number).is_some())
            .map(|(_, progress)| progress.rounds.load(Ordering::Relaxed))
            .collect();
        rounds.sort_unstable();
        Spread {
            compared: rounds.len(),
            first: rounds[rounds.len() - 1],
            median: rounds[rounds.len() / 2],
            hundredth: rounds[rounds.len() / 100],
            last: rounds[0],
        }
    }

    /// Returns when nothing happens any more, with a line for each that has not ended.
    async fn watch(&self) -> Vec<String> {
        let steps = || self.progress.iter().map(|progress| progress.steps()).sum();
        let (mut before, mut idle_s): (u64, u32) = (0, 0);
        while idle_s < STUCK_AFTER_S {
            sleep(Duration::from_secs(1)).await;
            let now = steps();
            idle_s = if now == before { idle_s + 1 } else { 0 };
            before = now;
            let ended = self
                .progress
                .iter()
                .filter(|one| one.ended.load(Ordering::Relaxed));
            eprint!(
                "\r{} of {} ended, {now} bytes ",
                ended.count(),
                self.progress.len()
            );
        }
        let stuck = self
            .numbered()
            .filter(|(_, one)| !one.ended.load(Ordering::Relaxed));
        let tell = |(number, one): (u64, &Arc<Progress>)| {
            let manner = self.target.manner(number);
            format!("{manner} ({number}): stuck; {one:?}")
        };
        stuck.map(tell).collect()
    }

    fn numbered(&self) -> impl Iterator<Item = (u64, &Arc<Progress>)> {
        (self.base..).zip(&self.progress)
    }

    fn tallies(&self) -> BTreeMap<&'static str, Tally> {
        let mut tallies: BTreeMap<_, Tally> = BTreeMap::new();
        for (number, progress) in self.numbered() {
            let tally = tallies.entry(self.target.manner(number)).or_default();
            tally.connections += 1;
            tally.sent += progress.sent.load(Ordering::Relaxed);
            tally.came += progress.came.load(Ordering::Relaxed);
        }
        tallies
    }
}
