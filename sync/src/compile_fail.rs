//! What must not compile: uses of the primitives that would not be sound, or not do what they say.
//!
//! A guard ends before its lock does:
//!
//! ```compile_fail,E0505
//! use selvedge::sync::Mutex;
//! let mutex = Mutex::new(1);
//! let guard = mutex.try_lock().unwrap();
//! drop(mutex);
//! drop(guard);
//! ```
//!
//! ```compile_fail,E0505
//! use selvedge::sync::RwLock;
//! let lock = RwLock::new(1);
//! let guard = lock.try_read().unwrap();
//! let value = lock.into_inner();
//! drop(guard);
//! ```
//!
//! ```compile_fail,E0597
//! use selvedge::sync::Semaphore;
//! let permit = {
//!     let semaphore = Semaphore::new(1);
//!     semaphore.try_acquire().unwrap()
//! };
//! drop(permit);
//! ```
//!
//! So does a wait:
//!
//! ```compile_fail,E0505
//! use selvedge::sync::Notify;
//! let notify = Notify::new();
//! let wait = notify.notified();
//! drop(notify);
//! drop(wait);
//! ```
//!
//! ```compile_fail,E0597
//! use selvedge::sync::CancellationToken;
//! let wait = {
//!     let token = CancellationToken::new();
//!     token.cancelled()
//! };
//! drop(wait);
//! ```
//!
//! Nobody gets at the value past a guard:
//!
//! ```compile_fail,E0502
//! use selvedge::sync::Mutex;
//! let mut mutex = Mutex::new(1);
//! let guard = mutex.try_lock().unwrap();
//! *mutex.get_mut() = 2;
//! drop(guard);
//! ```
//!
//! ```compile_fail,E0502
//! use selvedge::sync::OnceCell;
//! let mut cell = OnceCell::new_with(Some(1));
//! let value = cell.get();
//! cell.take();
//! drop(value);
//! ```
//!
//! ```compile_fail,E0594
//! use selvedge::sync::RwLock;
//! let lock = RwLock::new(1);
//! *lock.try_read().unwrap() = 2;
//! ```
//!
//! ```compile_fail,E0594
//! use selvedge::sync::ReentrantMutex;
//! let mutex = ReentrantMutex::new(1);
//! *mutex.try_lock().unwrap() = 2;
//! ```
//!
//! What must stay on its thread does not leave it in a primitive:
//!
//! ```compile_fail,E0277
//! use selvedge::sync::Mutex;
//! use std::rc::Rc;
//! use std::sync::Arc;
//! let mutex = Arc::new(Mutex::new(Rc::new(1)));
//! std::thread::spawn(move || drop(mutex));
//! ```
//!
//! ```compile_fail,E0277
//! use selvedge::sync::RwLock;
//! use std::cell::Cell;
//! let lock = RwLock::new(Cell::new(1));
//! std::thread::scope(|scope| {
//!     scope.spawn(|| lock.try_read().unwrap().set(2));
//! });
//! ```
//!
//! ```compile_fail,E0277
//! use selvedge::sync::Mutex;
//! use std::cell::Cell;
//! let mutex = Mutex::new(Cell::new(1));
//! let guard = mutex.try_lock().unwrap();
//! std::thread::scope(|scope| {
//!     scope.spawn(|| guard.set(2));
//! });
//! ```
//!
//! ```compile_fail,E0277
//! use selvedge::sync::oneshot;
//! use std::rc::Rc;
//! let (tx, rx) = oneshot::channel::<Rc<u8>>();
//! std::thread::spawn(move || drop(tx));
//! ```
//!
//! ```compile_fail,E0277
//! use selvedge::sync::mpsc;
//! use std::rc::Rc;
//! let (tx, rx) = mpsc::channel::<Rc<u8>>(1);
//! std::thread::spawn(move || drop(rx));
//! ```
//!
//! ```compile_fail,E0277
//! use selvedge::sync::OnceCell;
//! use std::cell::Cell;
//! static CELL: OnceCell<Cell<u8>> = OnceCell::const_new();
//! ```
//!
//! Nor does a guard that others of the same owner may have too, if they would share what is not to be
//! shared:
//!
//! ```compile_fail,E0277
//! use selvedge::sync::ReentrantMutex;
//! use std::cell::Cell;
//! let mutex = ReentrantMutex::new(Cell::new(1));
//! let guard = mutex.try_lock().unwrap();
//! std::thread::scope(|scope| {
//!     scope.spawn(move || drop(guard));
//! });
//! ```
//!
//! A task that outlives the lock needs an owned guard:
//!
//! ```compile_fail,E0597
//! use selvedge::sync::Mutex;
//! # #[selvedge::main(flavor = "current_thread")]
//! # async fn main() {
//! let mutex = Mutex::new(1);
//! let guard = mutex.lock().await;
//! selvedge::spawn(async move { drop(guard) });
//! # }
//! ```
//!
//! One value, one send; one receiver, one wait at a time:
//!
//! ```compile_fail,E0382
//! use selvedge::sync::oneshot;
//! let (tx, rx) = oneshot::channel();
//! tx.send(1).unwrap();
//! tx.send(2).unwrap();
//! ```
//!
//! ```compile_fail,E0499
//! use selvedge::sync::mpsc;
//! let (tx, mut rx) = mpsc::channel::<u8>(1);
//! let first = rx.recv();
//! let second = rx.recv();
//! drop((first, second));
//! ```
//!
//! ```compile_fail,E0499
//! use selvedge::sync::watch;
//! let (tx, mut rx) = watch::channel(1);
//! let first = rx.changed();
//! let second = rx.changed();
//! drop((first, second));
//! ```
//!
//! ```compile_fail,E0599
//! use selvedge::sync::mpsc;
//! let (tx, rx) = mpsc::channel::<u8>(1);
//! let other = rx.clone();
//! ```
//!
//! A wait that may be queued is not moved:
//!
//! ```compile_fail,E0277
//! use selvedge::sync::Notify;
//! use std::pin::Pin;
//! let notify = Notify::new();
//! let mut wait = notify.notified();
//! Pin::new(&mut wait).enable();
//! ```
//!
//! ```compile_fail,E0277
//! use selvedge::sync::Semaphore;
//! use std::future::Future;
//! use std::pin::Pin;
//! use std::task::{Context, Waker};
//! let semaphore = Semaphore::new(1);
//! let mut wait = semaphore.acquire();
//! let _ = Pin::new(&mut wait).poll(&mut Context::from_waker(Waker::noop()));
//! ```
