//! Handlers in the operating system: installed once per signal, never taken out.
#![allow(
    unsafe_code,
    reason = "installing a signal handler is, and so is `sigaction`"
)]
//!
//! The handlers are those of `signal-hook-registry`, which calls whatever handler was there before and
//! whatever else is registered with it. System calls that were interrupted are restarted where the
//! kernel can.

use std::ffi::c_int;
use std::io;
use std::mem::MaybeUninit;
use std::ptr;

use super::hub::Hub;
use super::number::Number;

/// Signals that nobody can handle, or that mean that this very thread cannot go on.
pub(super) fn is_forbidden(signal: c_int) -> bool {
    signal_hook_registry::FORBIDDEN.contains(&signal)
}

/// Has the hub told whenever the signal comes.
///
/// # Errors
///
/// Those of the operating system.
pub(super) fn install(hub: &'static Hub, number: Number) -> io::Result<()> {
    let signal = number.raw();
    // SAFETY: `Hub::handle` does only what is allowed in a signal handler: it asks for the process's
    // id, sets a bit and writes to a descriptor; it neither allocates nor locks nor panics.
    let id = unsafe { signal_hook_registry::register(signal, move || hub.handle(number)) }?;
    use_alternate_stack(signal).inspect_err(|_| {
        signal_hook_registry::unregister(id);
    })
}

/// Has the handler run on the alternate stack of threads that have one (`SA_ONSTACK`), and no two at once.
///
/// Others put threads with small stacks into our process, such as those of Go, and rely on every handler
/// to leave these alone. The registry does not ask for it. As an alternate stack may have room for one
/// handler only, all signals wait while it runs. If another handler is installed between the two calls
/// here, it is lost; that is as with any two parties that call `sigaction` at the same time.
fn use_alternate_stack(signal: c_int) -> io::Result<()> {
    let mut action = MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: no new action, and room for the one there is.
    check(unsafe { libc::sigaction(signal, ptr::null(), action.as_mut_ptr()) })?;
    // SAFETY: the call succeeded, so it wrote the action.
    let mut action = unsafe { action.assume_init() };
    action.sa_flags |= libc::SA_ONSTACK;
    // SAFETY: a set of signals to fill.
    check(unsafe { libc::sigfillset(&raw mut action.sa_mask) })?;
    // SAFETY: the action that was there, which stays valid on another stack and with signals blocked.
    check(unsafe { libc::sigaction(signal, &raw const action, ptr::null_mut()) })
}

fn check(result: c_int) -> io::Result<()> {
    match result {
        0 => Ok(()),
        _ => Err(io::Error::last_os_error()),
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
