//! `CancellationToken`: trees of tasks that stop.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use selvedge_sync::CancellationToken;

use crate::executors::{any_executor, spawn, until, watched};
use crate::support::hooked::{EVENTS, Event, bomb, reentrant};
use crate::support::{Seat, panics, poll, poll_once};

any_executor! {
    async fn a_tree_of_tasks_stops() {
        let root = CancellationToken::new();
        let stopped = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..4).flat_map(|_| {
            let branch = root.child_token();
            [branch.child_token(), branch.clone(), branch]
        }).map(|token| {
            let stopped = stopped.clone();
            spawn(async move {
                assert_eq!(token.run_until_cancelled(std::future::pending::<()>()).await, None);
                token.cancelled().await;
                stopped.fetch_add(1, Ordering::Relaxed);
            })
        }).collect();
        root.cancel();
        for task in tasks {
            task.await;
        }
        assert_eq!(stopped.load(Ordering::Relaxed), 12);
    }

    async fn a_guard_cancels_for_a_task_that_ends() {
        let token = CancellationToken::new();
        let guard = token.clone().drop_guard();
        let task = spawn(async move { drop(guard) });
        token.cancelled().await;
        task.await;
    }

    async fn children_come_and_go_while_the_parent_is_cancelled() {
        let root = CancellationToken::new();
        let made = Arc::new(AtomicUsize::new(0));
        let tasks: Vec<_> = (0..3).map(|_| {
            let (root, made) = (root.clone(), made.clone());
            spawn(async move {
                loop {
                    let child = root.child_token();
                    let grandchild = child.child_token();
                    drop(child);
                    made.fetch_add(1, Ordering::Relaxed);
                    if grandchild.is_cancelled() {
                        return;
                    }
                    crate::executors::yield_now().await;
                }
            })
        }).collect();
        until(|| made.load(Ordering::Relaxed) > 100).await;
        root.cancel();
        for task in tasks {
            task.await;
        }
    }

    async fn threads_wait_too() {
        let token = CancellationToken::new();
        let thread = {
            let token = token.child_token();
            thread::spawn(move || token.blocking_cancelled())
        };
        token.cancel();
        thread.join().unwrap();
    }
}

watched! {
    /// What a waker may do when the token it waits for is cancelled, cloned or dropped under it.
    fn wakers_may_use_the_tree() {
        for when in EVENTS {
            for way in 0..5 {
                let root = CancellationToken::new();
                let token = root.child_token();
                let hooked = reentrant({
                    let (root, token) = (root.clone(), token.clone());
                    move |event| if event == when {
                        match way {
                            0 => root.cancel(),
                            1 => token.cancel(),
                            2 => drop(token.child_token()),
                            3 => drop(root.child_token().child_token()),
                            _ => drop(poll_once(root.cancelled())),
                        }
                    }
                });
                let waker = hooked.waker();
                let mut wait = Box::pin(token.cancelled());
                let _ = poll(wait.as_mut(), &waker);
                root.cancel();
                assert!(token.is_cancelled());
                assert!(poll(wait.as_mut(), std::task::Waker::noop()).is_ready());
                drop((wait, waker));
                assert_eq!(hooked.alive(), 0);
            }
        }
    }

    /// The waker owns the last handle of a token in the tree that is being cancelled.
    fn wakers_may_own_tokens() {
        let root = CancellationToken::new();
        let token = root.child_token();
        let owned = std::sync::Mutex::new(Some(root.child_token()));
        let hooked = reentrant(move |_| drop(owned.lock().unwrap().take()));
        let waker = hooked.waker();
        let mut wait = Box::pin(token.cancelled());
        assert!(poll(wait.as_mut(), &waker).is_pending());
        root.cancel();
        drop((wait, waker));
        assert_eq!(hooked.alive(), 0);
    }

    fn a_panicking_waker_does_not_keep_the_tree() {
        let (hooked, armed) = bomb(Event::Wake);
        let (root, waker) = (CancellationToken::new(), hooked.waker());
        let tokens: Vec<_> = (0..3).map(|_| root.child_token()).collect();
        let mut hostile = Box::pin(tokens[1].cancelled());
        assert!(poll(hostile.as_mut(), &waker).is_pending());
        let mut friendly = [Seat::waiting(tokens[0].cancelled()), Seat::waiting(tokens[2].cancelled())];
        armed.store(true, Ordering::Relaxed);
        assert!(panics(|| root.cancel()));
        armed.store(false, Ordering::Relaxed);
        for seat in &mut friendly {
            seat.woken();
        }
        assert!(root.is_cancelled() && tokens.iter().all(CancellationToken::is_cancelled));
    }

    fn a_forgotten_wait_harms_nobody() {
        let token: &'static CancellationToken = Box::leak(Box::new(CancellationToken::new()));
        std::mem::forget(Seat::waiting(token.cancelled()));
        let mut waits = Seat::waiting(token.cancelled());
        token.cancel();
        waits.woken();
    }
}
