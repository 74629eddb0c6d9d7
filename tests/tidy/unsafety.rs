//! Rule: `unsafe` lives in these files and in no other; each says why.
//!
//! The compiler denies `unsafe` in the workspace, and each file here allows it for itself, with a
//! reason. The list makes a new one a decision that a reviewer sees. Pure values and what is only
//! glue for users have no place on it.

use crate::source::{Source, assert_none, has_word, repository};

/// The files with `unsafe`. A file whose `unsafe` goes leaves the list.
const UNSAFE_FILES: &[&str] = &[
    "runtime/src/bridge/hyper.rs",
    "runtime/src/bridge/tokio_io.rs",
    "runtime/src/context.rs",
    "runtime/src/fs/unix.rs",
    "runtime/src/io/fill_buf.rs",
    "runtime/src/io/read_buf.rs",
    "runtime/src/io/read_into_buf.rs",
    "runtime/src/io/read_to_end.rs",
    "runtime/src/io/take.rs",
    "runtime/src/io/unix/async_fd.rs",
    "runtime/src/io/unix/tests.rs",
    "runtime/src/net/socket/descriptor.rs",
    "runtime/src/net/socket/handle.rs",
    "runtime/src/net/uninit.rs",
    "runtime/src/net/unix/socket.rs",
    "runtime/src/process/command.rs",
    "runtime/src/pool/scope.rs",
    "runtime/src/reactor/waiters.rs",
    "runtime/src/scheduler.rs",
    "runtime/src/scheduler/current.rs",
    "runtime/src/scheduler/ledger.rs",
    "runtime/src/scheduler/lifo_slot.rs",
    "runtime/src/scheduler/local_queue.rs",
    "runtime/src/scheduler/numbered.rs",
    "runtime/src/signal/handler.rs",
    "runtime/src/signal/handler/tests.rs",
    "runtime/src/task/blocking.rs",
    "runtime/src/task/error.rs",
    "runtime/src/task/join.rs",
    "runtime/src/task/local_set.rs",
    "runtime/src/task/loom.rs",
    "runtime/src/task/loom/shutdown.rs",
    "runtime/src/task/origin.rs",
    "runtime/src/task/raw.rs",
    "runtime/src/task/registry.rs",
    "runtime/src/task/registry/tests.rs",
    "runtime/src/task/runnable.rs",
    "runtime/src/task/spawn.rs",
    "runtime/src/task/waker.rs",
    "runtime/src/time/entry.rs",
    "runtime/src/time/list.rs",
    "runtime/src/time/list/tests.rs",
    "runtime/src/time/wheel/tests.rs",
    "sync/src/broadcast/slot.rs",
    "sync/src/channel/inbox.rs",
    "sync/src/context.rs",
    "sync/src/mutex.rs",
    "sync/src/mutex/guard.rs",
    "sync/src/mutex/lock.rs",
    "sync/src/mutex/owned_guard.rs",
    "sync/src/once_value.rs",
    "sync/src/oneshot/slot.rs",
    "sync/src/primitive/short_lock.rs",
    "sync/src/rwlock/guard/mapped.rs",
    "sync/src/rwlock/guard/read.rs",
    "sync/src/rwlock/guard/upgradable.rs",
    "sync/src/rwlock/guard/write.rs",
    "sync/src/rwlock/held.rs",
    "sync/src/rwlock/value.rs",
    "sync/src/promise/shared.rs",
    "sync/src/wait_list.rs",
    "sync/src/wait_list/call_up.rs",
    "sync/src/wait_list/waiter.rs",
    "sync/src/wake_batch.rs",
    "sync/src/waker_cell.rs",
    "tests/allocations.rs",
    "tests/it/os_limits.rs",
    "tests/it/processes.rs",
    "tests/it/signals.rs",
    "sync/tests/suite/support/hooked.rs",
    "sync/tests/suite/world.rs",
];

/// Is `unsafe_code` allowed, for the file or for an item, and always with a reason?
fn allows_unsafe(code: &str) -> bool {
    let mut allowed = code.match_indices("unsafe_code").peekable();
    allowed.peek().is_some()
        && allowed.all(|(at, _)| {
            let begin = code[..at].rfind("allow(").unwrap_or(at);
            let end = at + code[at..].find(")]").unwrap_or(0);
            has_word(&code[begin..end], "reason")
        })
}

/// Is there unsafe code? The type of a function that is unsafe to call is none.
fn is_unsafe(code: &str) -> bool {
    has_word(&code.replace("unsafe fn(", "fn("), "unsafe")
}

fn outside_of(list: &[&str], sources: &[Source]) -> Vec<String> {
    let mut findings = Vec::new();
    for source in sources.iter().filter(|source| source.is_rust()) {
        let code = source.code();
        let path = source.path.as_str();
        let uses = is_unsafe(code);
        let allows = has_word(code, "unsafe_code");
        match list.contains(&path) {
            false if uses || allows => findings.push(format!("{path}: not on the list")),
            true if !uses => findings.push(format!("{path}: on the list without need")),
            true if !allows_unsafe(code) => {
                findings.push(format!(
                    "{path}: does not allow itself `unsafe_code` with a reason"
                ));
            }
            _ => {}
        }
    }
    for listed in list {
        if !sources.iter().any(|source| source.path == *listed) {
            findings.push(format!("{listed}: on the list, and no file"));
        }
    }
    findings
}

#[test]
fn unsafe_lives_in_listed_files() {
    assert_none(
        &outside_of(UNSAFE_FILES, repository()),
        "Can a primitive that is on the list do it? If not, add the file to UNSAFE_FILES, and to its \
         head `#![allow(unsafe_code, reason = \"...\")]`; give it a model or an exemption in \
         tests/tidy/models.rs.",
    );
}

#[test]
fn unlisted_unsafe_is_found() {
    let allow = "#![allow(unsafe_code, reason = \"because\")]\n";
    let fakes = [
        Source::fake("a.rs", "//! Says unsafe only.\n"),
        Source::fake("b.rs", "fn f() { unsafe { g() } }"),
        Source::fake("c.rs", &format!("{allow}unsafe fn f() {{}}")),
        Source::fake("d.rs", allow),
        Source::fake("e.rs", "#[allow(unsafe_code)]\nunsafe fn f() {}"),
        Source::fake("g.rs", "struct Vtable { free: unsafe fn(*mut ()) }"),
    ];
    assert_eq!(
        outside_of(&["c.rs", "d.rs", "e.rs", "f.rs"], &fakes),
        [
            "b.rs: not on the list",
            "d.rs: on the list without need",
            "e.rs: does not allow itself `unsafe_code` with a reason",
            "f.rs: on the list, and no file",
        ]
    );
}
