//! The queue against one ring, and what memory it keeps.

use std::collections::VecDeque;

use super::*;

#[test]
fn it_is_a_queue() {
    const CHUNK: usize = Messages::<u64>::CHUNK;
    let mut queue = Messages::new();
    let mut oracle = VecDeque::new();
    let mut next = 0_u64;
    // Lengths around the borders of chunks, in both directions.
    for step in [1, 3, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK, 2] {
        for rest in [0, 1, CHUNK] {
            for _ in 0..step {
                queue.push(next);
                oracle.push_back(next);
                next += 1;
            }
            while oracle.len() > rest {
                assert_eq!(queue.pop(), oracle.pop_front());
            }
        }
    }
    let mut rest = Vec::new();
    queue.push_front(u64::MAX);
    queue.pop_many(oracle.len() + 1, &mut rest);
    assert_eq!(rest[0], u64::MAX);
    assert_eq!(rest[1..], oracle.into_iter().collect::<Vec<_>>());
    assert_eq!(queue.pop(), None);
}

#[test]
fn many_are_popped_in_order_across_chunks() {
    let mut queue = Messages::new();
    let count = Messages::<u64>::CHUNK * 3 + 5;
    (0..count as u64).for_each(|message| queue.push(message));
    let mut got = Vec::new();
    for some in [7, Messages::<u64>::CHUNK, 1, count] {
        let before = got.len();
        let some = some.min(count - before);
        queue.pop_many(some, &mut got);
        assert_eq!(got.len(), before + some);
    }
    assert_eq!(got, (0..count as u64).collect::<Vec<_>>());
}

#[test]
fn an_empty_queue_keeps_one_chunk_at_most() {
    fn bytes<T>(queue: &Messages<T>) -> usize {
        queue.front.capacity() * size_of::<T>()
            + queue.rest.capacity() * size_of::<VecDeque<T>>()
            + queue
                .rest
                .iter()
                .map(|chunk| chunk.capacity() * size_of::<T>())
                .sum::<usize>()
    }
    let mut queue = Messages::new();
    assert_eq!(bytes(&queue), 0, "a new one keeps nothing");
    (0..1_000_000_u64).for_each(|message| queue.push(message));
    assert!(bytes(&queue) >= 8_000_000);
    while queue.pop().is_some() {}
    assert!(bytes(&queue) <= CHUNK_BYTES);

    let mut queue = Messages::new();
    (0..9).for_each(|_| queue.push([0_u8; 5000]));
    while queue.pop().is_some() {}
    assert_eq!(bytes(&queue), 0, "big messages are not kept room for");
}

#[test]
fn messages_without_size_are_counted() {
    let mut queue = Messages::new();
    (0..10_000).for_each(|_| queue.push(()));
    let mut got = Vec::new();
    queue.pop_many(9_999, &mut got);
    assert_eq!(got.len(), 9_999);
    assert_eq!((queue.pop(), queue.pop()), (Some(()), None));
}
