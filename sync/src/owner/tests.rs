//! Tasks and threads are told apart.

use std::thread;

use super::*;
use crate::context::Budget;

#[test]
fn a_task_is_itself_and_outside_of_tasks_the_thread_is() {
    let task = NonZeroU64::new(7).unwrap();
    let outside = Owner::current();
    let inside = context::enter(task, None, Budget::initial(), Owner::current);
    assert_eq!(inside.task(), Some(task));
    assert_eq!(inside.to_string(), "task 7");
    assert_eq!(outside.task(), None);
    assert!(outside.to_string().starts_with("thread "), "{outside}");
    assert_eq!(Owner::current(), outside);
    let main = context::enter(task, None, Budget::initial(), || {
        context::enter_main(Owner::current)
    });
    assert_eq!(main, outside);
    let elsewhere = thread::spawn(Owner::current).join().unwrap();
    assert_ne!(elsewhere, outside);
}

#[test]
fn the_holder_is_who_took_it_last() {
    let holder = Holder::new();
    assert_eq!(holder.get(), None);
    holder.set_current();
    assert_eq!(holder.get(), Some(Owner::current()));
}
