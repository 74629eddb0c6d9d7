//! The server behind the proxy: plays the other side of each conversation, and notes what goes wrong.

use std::io;
use std::net::SocketAddr;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use selvedge::io::AsyncReadExt;
use selvedge::net::{TcpListener, TcpStream};
use selvedge::time::{sleep, timeout};

use super::proxy::Conversation;
use super::wave::Progress;

/// How long conversations may last on this side after they have ended on the client's.
const PATIENCE: Duration = Duration::from_secs(30);

/// The server behind the proxy.
#[derive(Debug)]
pub struct Origin {
    seed: u64,
    address: SocketAddr,
    open: AtomicUsize,
    faults: Mutex<Vec<String>>,
}

/// Starts the server on any free port, in tasks of their own.
///
/// # Errors
///
/// If it cannot listen.
pub async fn start(seed: u64) -> io::Result<Arc<Origin>> {
    let listener = TcpListener::bind("127.0.0.1:0").await?;
    let origin = Arc::new(Origin {
        seed,
        address: listener.local_addr()?,
        open: AtomicUsize::new(0),
        faults: Mutex::default(),
    });
    selvedge::spawn(Arc::clone(&origin).serve(listener));
    Ok(origin)
}

impl Origin {
    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// What the conversations follow from.
    pub fn seed(&self) -> u64 {
        self.seed
    }

    /// Waits until all conversations have ended on this side, too; returns what was wrong.
    pub async fn settle(&self) -> Vec<String> {
        let all_ended = async {
            // Ordering: nothing else is read on the strength of it; the faults have a lock.
            while self.open.load(Ordering::Relaxed) > 0 {
                sleep(Duration::from_millis(5)).await;
            }
        };
        let ended = timeout(PATIENCE, all_ended).await;
        let mut faults = std::mem::take(&mut *self.lock_faults());
        if ended.is_err() {
            let open = self.open.load(Ordering::Relaxed);
            faults.push(format!("{open} connections of the proxy do not end"));
        }
        faults
    }

    async fn serve(self: Arc<Self>, listener: TcpListener) {
        loop {
            match listener.accept().await {
                Ok((stream, _)) => {
                    self.open.fetch_add(1, Ordering::Relaxed);
                    let origin = Arc::clone(&self);
                    selvedge::spawn(async move {
                        if let Err(fault) = origin.talk(stream).await {
                            origin
                                .lock_faults()
                                .push(format!("behind the proxy, {fault}"));
                        }
                        origin.open.fetch_sub(1, Ordering::Relaxed);
                    });
                }
                Err(error) => {
                    self.lock_faults().push(format!("cannot accept: {error}"));
                    sleep(Duration::from_millis(100)).await;
                }
            }
        }
    }

    async fn talk(&self, mut stream: TcpStream) -> Result<(), String> {
        let mut number = [0; 8];
        // Somebody silent, or one who broke off so early that even this was lost. If it should have come,
        // the client misses the answers.
        if stream.read_exact(&mut number).await.is_err() {
            return Ok(());
        }
        let number = u64::from_be_bytes(number);
        let conversation = Conversation::of(self.seed, number);
        let manner = conversation.manner;
        let client = conversation
            .client
            .ok_or_else(|| format!("connection {number} should be silent"))?;
        let progress = Progress::default();
        conversation
            .from_origin(client, &progress)
            .run(stream)
            .await
            .map_err(|fault| format!("{manner} ({number}): {fault}"))
    }

    fn lock_faults(&self) -> std::sync::MutexGuard<'_, Vec<String>> {
        self.faults.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
