//! The live tasks of a scheduler, so that a shutdown (and a dump) finds them all.
//!
//! A table per worker, each under its own short lock: a worker enters the tasks it spawns in its own
//! table, so spawning shares no line with other workers. The end of a task takes the lock of the
//! table it was entered in.
//!
//! # Invariants
//!
//! I1. A task is in exactly one table from its spawn to its end, and its memory exists meanwhile.
//! I2. A closed table takes no task: who spawns after the close is told so and drops the task.
//! I3. No user code runs under a table's lock.
#![allow(unsafe_code, reason = "the tables hold tasks as pointers")]

use std::ptr::NonNull;

use selvedge_sync::primitive::Mutex;
use slab::Slab;

use super::header::Header;
use super::runnable::Runnable;
use super::state::OnWake;
use crate::cache_line::CacheLine;

#[derive(Debug)]
pub(crate) struct Registry {
    tables: Box<[CacheLine<Mutex<Table>>]>,
}

#[derive(Debug)]
struct Table {
    tasks: Slab<Entry>,
    closed: bool,
}

#[derive(Debug)]
struct Entry(NonNull<Header>);

// SAFETY: an entry is used under the table's lock, for the parts of a header that are atomic.
unsafe impl Send for Entry {}

impl Registry {
    pub(crate) fn new(tables: usize) -> Self {
        let table = || {
            CacheLine(Mutex::new(Table {
                tasks: Slab::new(),
                closed: false,
            }))
        };
        Self {
            tables: (0..tables).map(|_| table()).collect(),
        }
    }

    /// Enters a new task; false if the registry is closed.
    pub(crate) fn insert(&self, table: usize, task: &Runnable) -> bool {
        let table_index = table % self.tables.len();
        let mut table = self.tables[table_index].0.lock();
        if table.closed {
            return false;
        }
        let header = task.header();
        let key = table.tasks.insert(Entry(NonNull::from(header)));
        header.set_registry_place(table_index, key);
        true
    }

    /// Removes a task that is over; true if that left a closed table empty.
    pub(crate) fn remove(&self, task: &Header) -> bool {
        let Some((table, key)) = task.registry_place() else {
            return false;
        };
        let mut table = self.tables[table].0.lock();
        table.tasks.remove(key);
        table.closed && table.tasks.is_empty()
    }

    /// Refuses further tasks and cancels those there are. The caller schedules the runnables.
    pub(crate) fn close(&self) -> Vec<Runnable> {
        let mut runnables = Vec::new();
        for table in &self.tables {
            let mut table = table.0.lock();
            table.closed = true;
            for (_, entry) in &table.tasks {
                // SAFETY: an entered task exists (I1).
                if unsafe { entry.0.as_ref() }.state.cancel() == OnWake::Schedule {
                    // SAFETY: the transition made the runnable.
                    runnables.push(unsafe { Runnable::from_raw(entry.0) });
                }
            }
        }
        runnables
    }

    pub(crate) fn len(&self) -> usize {
        self.tables
            .iter()
            .map(|table| table.0.lock().tasks.len())
            .sum()
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.tables
            .iter()
            .all(|table| table.0.lock().tasks.is_empty())
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests;
