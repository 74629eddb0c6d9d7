//! On which stack a handler runs.
#![allow(unsafe_code, reason = "asks for stacks and raises a signal")]

use std::sync::atomic::{AtomicUsize, Ordering};

use super::*;
use crate::reactor::driven::Hand;
use crate::signal::hub::Listener;

/// handlers without `SA_ONSTACK` crashed threads that were not Rust's.
#[test]
fn r157_handlers_run_on_the_alternate_stack() {
    static ADDRESS: AtomicUsize = AtomicUsize::new(0);
    let hand = Hand::new();
    let _listener = Listener::new(libc::SIGXFSZ, &hand.reactor).unwrap();
    let note_stack = || {
        let local = 0_u8;
        ADDRESS.store((&raw const local).addr(), Ordering::SeqCst);
    };
    // SAFETY: the action stores to an atomic.
    unsafe { signal_hook_registry::register(libc::SIGXFSZ, note_stack) }.unwrap();
    // SAFETY: the handler above and our own allow for it.
    assert_eq!(unsafe { libc::raise(libc::SIGXFSZ) }, 0);

    let mut stack = MaybeUninit::<libc::stack_t>::uninit();
    // SAFETY: no new stack, and room for what there is.
    check(unsafe { libc::sigaltstack(ptr::null(), stack.as_mut_ptr()) }).unwrap();
    // SAFETY: the call succeeded.
    let stack = unsafe { stack.assume_init() };
    assert_eq!(
        stack.ss_flags & libc::SS_DISABLE,
        0,
        "std gives its threads one"
    );
    let address = ADDRESS.load(Ordering::SeqCst);
    let begin = stack.ss_sp.addr();
    assert!((begin..begin + stack.ss_size).contains(&address));
}
