//! Calls that do not come to their end.

use std::io;

use super::{offload, start};
use crate::runtime::{Builder, Runtime, is_rt_shutdown_err};

fn runtime() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime")
}

#[test]
fn a_panic_in_a_call_is_an_error_with_its_message() {
    let error = runtime()
        .block_on(offload::<(), _>(|| panic!("no luck")))
        .unwrap_err();
    assert_eq!(error.kind(), io::ErrorKind::Other);
    assert!(error.to_string().contains("no luck"), "{error}");
}

#[test]
fn a_call_on_a_runtime_that_has_shut_down_is_refused() {
    let runtime = runtime();
    let handle = runtime.handle().clone();
    drop(runtime);
    let _entered = handle.enter();
    let error = start(|| unreachable!("nobody runs this")).map(|_: crate::task::JoinHandle<()>| ());
    assert!(is_rt_shutdown_err(&error.unwrap_err()));
}
