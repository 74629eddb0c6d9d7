//! Bytes on their way into a `String`, which must be valid on every way out.
//!
//! While text is being read the string's allocation serves as a byte vector and the string itself
//! is empty. [`put_back`] turns the bytes into the string again: when the future is ready, when it
//! fails, and when it is dropped.

use std::str::Utf8Error;

/// What becomes of the bytes that were read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Keep {
    /// They stay if they are valid UTF-8, all or none.
    AllOrNone,
    /// They stay up to a character that was cut off at the end, unless another is invalid.
    WholeChars,
    /// They do not stay.
    None,
}

/// Makes `target` of `bytes`, of which the first `before` were its content to begin with.
///
/// # Errors
///
/// If the bytes read are not valid UTF-8, whether or not a part of them was kept.
pub(super) fn put_back(
    target: &mut String,
    mut bytes: Vec<u8>,
    before: usize,
    keep: Keep,
) -> Result<(), Utf8Error> {
    if keep == Keep::None {
        bytes.truncate(before);
    }
    let error = match String::from_utf8(bytes) {
        Ok(text) => {
            *target = text;
            return Ok(());
        }
        Err(error) => error,
    };
    let reason = error.utf8_error();
    let cut_off = reason.error_len().is_none();
    let kept = if keep == Keep::WholeChars && cut_off {
        reason.valid_up_to()
    } else {
        before
    };
    let mut bytes = error.into_bytes();
    bytes.truncate(kept);
    *target = String::from_utf8(bytes).expect("what precedes the first invalid byte is valid");
    Err(reason)
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
