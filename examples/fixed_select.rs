//! How `select!` loses nothing: one future that goes on over all rounds, instead of a new one in each.
//!
//! *Shows*: the loop of `broken_select` with the future that is not cancel safe made once, pinned, and selected by
//! reference. When the other branch is ready first, it stays where it is, with the message it holds, and goes
//! on in the next round.
//!
//! *Run with*: `cargo run --example fixed_select`
//!
//! *Try this*: the other way to repair it is to select over `messages.recv()`, which is cancel safe, and to prepare
//! the message in the handler. While a handler waits, though, no other branch is polled.

use selvedge::sync::mpsc;
use selvedge::task::yield_now;

const MESSAGES: u32 = 1_000;

/// Takes a message and prepares it. Not cancel safe, as in `broken_select`; it gives the receiver back, so
/// that the next one can be made.
async fn next_prepared(mut messages: mpsc::Receiver<u32>) -> (Option<u32>, mpsc::Receiver<u32>) {
    let message = messages.recv().await;
    yield_now().await;
    yield_now().await;
    (message, messages)
}

#[selvedge::main(flavor = "current_thread")]
async fn main() {
    let (sender, messages) = mpsc::channel(16);
    selvedge::spawn(async move {
        for number in 1..=MESSAGES {
            // Fails when nobody receives any more.
            let _ = sender.send(number).await;
        }
    });

    let (mut count, mut sum, mut interruptions) = (0, 0, 0);
    let next = next_prepared(messages);
    selvedge::pin!(next);
    loop {
        selvedge::select! {
            (message, messages) = &mut next => match message {
                Some(number) => {
                    count += 1;
                    sum += number;
                    // This one is complete: another one takes its place.
                    next.set(next_prepared(messages));
                }
                None => break,
            },
            () = two_turns() => interruptions += 1,
        }
    }

    println!(
        "sent     {MESSAGES}, their sum is {}",
        MESSAGES * (MESSAGES + 1) / 2
    );
    println!("received {count}, their sum is {sum}");
    println!("{interruptions} times the other branch was ready first; nothing is lost");
    assert_eq!((count, sum), (MESSAGES, MESSAGES * (MESSAGES + 1) / 2));
}

async fn two_turns() {
    yield_now().await;
    yield_now().await;
}
