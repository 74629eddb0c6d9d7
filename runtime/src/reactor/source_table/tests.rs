//! Index arithmetic, reuse of slots and the end of the table.

use super::*;
use crate::io::Interest;

#[test]
fn chunks_cover_every_index_once() {
    let (mut chunk, mut offset) = (0, 0);
    for index in 0..FIRST_CHUNK_SLOTS * 63 {
        assert_eq!(locate(index), (chunk, offset), "index {index}");
        offset += 1;
        if offset == FIRST_CHUNK_SLOTS << chunk {
            (chunk, offset) = (chunk + 1, 0);
        }
    }
    let (last, _) = locate(SLOTS_MAX - 1);
    assert!(last < CHUNKS_MAX);
}

#[test]
fn tokens_carry_index_and_generation() {
    for index in [0, 1, 4711, SLOTS_MAX - 1] {
        for generation in [0, 1, u16::MAX] {
            let key = SourceKey { index, generation };
            assert_eq!(SourceKey::from_token(key.to_token()), key);
            assert_ne!(key.to_token(), mio::Token(usize::MAX));
        }
    }
}

#[test]
fn slots_are_reused_with_another_generation() {
    let table = SourceTable::new();
    let first = table.acquire(Ready::EMPTY).unwrap();
    let address = std::ptr::from_ref(table.get(first));
    table.release(first);
    let second = table.acquire(Ready::EMPTY).unwrap();
    assert_eq!(std::ptr::from_ref(table.get(second)), address);
    assert_ne!(first, second);
    assert_eq!(table.used(), 1);
}

#[test]
fn addresses_stay_when_the_table_grows() {
    let table = SourceTable::new();
    let keys: Vec<_> = (0..1000)
        .map(|_| table.acquire(Ready::EMPTY).unwrap())
        .collect();
    let addresses: Vec<_> = keys
        .iter()
        .map(|key| std::ptr::from_ref(table.get(*key)))
        .collect();
    let mut distinct = addresses.clone();
    distinct.sort();
    distinct.dedup();
    assert_eq!(distinct.len(), keys.len());
    let more: Vec<_> = (0..1000)
        .map(|_| table.acquire(Ready::EMPTY).unwrap())
        .collect();
    for (key, address) in keys.iter().zip(addresses) {
        assert_eq!(std::ptr::from_ref(table.get(*key)), address);
    }
    assert_eq!(table.owned(), keys.len() + more.len());
}

#[test]
fn tokens_nobody_had_are_not_found() {
    let table = SourceTable::new();
    let key = SourceKey {
        index: SLOTS_MAX - 1,
        generation: 0,
    };
    assert!(table.find(key).is_none());
    assert!(
        table
            .find(SourceKey::from_token(mio::Token(usize::MAX)))
            .is_none()
    );
}

#[test]
fn a_closed_table_has_shut_slots_and_admits_nobody() {
    let table = SourceTable::new();
    let key = table.acquire(Ready::EMPTY).unwrap();
    table.close(&mut Vec::new());
    assert!(
        table
            .get(key)
            .look(Ready::of_interest(Interest::READABLE))
            .is_shutdown
    );
    assert!(table.acquire(Ready::EMPTY).is_err());
    table.release(key);
    assert!(table.acquire(Ready::EMPTY).is_err());
}
