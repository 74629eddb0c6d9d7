//! How `select!` loses messages: a branch that is dropped between taking a message and handing it over.
//!
//! *Shows*: a future that is not cancel safe in a branch of `select!`. It takes a message from a channel and
//! works on it; when the other branch is ready first, it is dropped with the message. Nothing fails, and the sum
//! is wrong.
//!
//! *Run with*: `cargo run --example broken_select`, then `cargo run --example fixed_select`
//!
//! *Try this*: move the second `yield_now` before `recv`: what waits only before it has the message loses none.

use selvedge::sync::mpsc;
use selvedge::task::yield_now;

const MESSAGES: u32 = 1_000;

/// Takes a message and prepares it. Not cancel safe: between the two waits it owns a message.
async fn next_prepared(messages: &mut mpsc::Receiver<u32>) -> Option<u32> {
    let message = messages.recv().await?;
    // Stands for a look into a database, a write to a socket, a lock.
    yield_now().await;
    yield_now().await;
    Some(message)
}

#[selvedge::main(flavor = "current_thread")]
async fn main() {
    let (sender, mut messages) = mpsc::channel(16);
    selvedge::spawn(async move {
        for number in 1..=MESSAGES {
            // Fails when nobody receives any more.
            let _ = sender.send(number).await;
        }
    });

    let (mut count, mut sum, mut interruptions) = (0, 0, 0);
    loop {
        selvedge::select! {
            message = next_prepared(&mut messages) => match message {
                Some(number) => {
                    count += 1;
                    sum += number;
                }
                None => break,
            },
            // Stands for a tick, a signal, another channel.
            () = two_turns() => interruptions += 1,
        }
    }

    println!(
        "sent     {MESSAGES}, their sum is {}",
        MESSAGES * (MESSAGES + 1) / 2
    );
    println!("received {count}, their sum is {sum}");
    println!(
        "{interruptions} times the other branch was ready first; {} messages are lost",
        MESSAGES - count
    );
    assert!(count < MESSAGES, "the example shows a loss");
}

async fn two_turns() {
    yield_now().await;
    yield_now().await;
}
