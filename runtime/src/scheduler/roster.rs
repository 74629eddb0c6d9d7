//! How many stand-ins there should be, and which seats they have: a plain value.
//!
//! # Invariants
//!
//! I1. `active <= limit`; seats `workers..workers + limit` are each active, resting, or vacant.
//! I2. A stand-in leaves when there are more active ones than stuck workers.

/// Which stand-in to call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[must_use]
pub(super) enum OnStuck {
    /// Unpark the thread that rests at this seat.
    Call(usize),
    /// Start a thread for this seat.
    Hire(usize),
    /// Enough stand-ins are active, or the limit is reached.
    Nothing,
}

#[derive(Debug)]
pub(super) struct Roster {
    pub(super) stuck: usize,
    active: usize,
    resting: Vec<usize>,
    vacant: Vec<usize>,
}

impl Roster {
    pub(super) fn new(workers: usize, limit: usize) -> Self {
        Self {
            stuck: 0,
            active: 0,
            resting: Vec::new(),
            // Reversed: the lowest seat is hired first, so that few seats are ever searched.
            vacant: (workers..workers + limit).rev().collect(),
        }
    }

    pub(super) fn active(&self) -> usize {
        self.active
    }

    /// Stand-ins that should leave.
    pub(super) fn surplus(&self) -> usize {
        self.active.saturating_sub(self.stuck)
    }

    /// A worker is stuck and nobody idle can step in.
    pub(super) fn call(&mut self) -> OnStuck {
        if self.active >= self.stuck {
            return OnStuck::Nothing;
        }
        let (seat, duty) = match (self.resting.pop(), self.vacant.pop()) {
            (Some(seat), vacant) => {
                self.vacant.extend(vacant);
                (seat, OnStuck::Call(seat))
            }
            (None, Some(seat)) => (seat, OnStuck::Hire(seat)),
            (None, None) => return OnStuck::Nothing,
        };
        debug_assert!(
            !self.resting.contains(&seat) && !self.vacant.contains(&seat),
            "I1"
        );
        self.active += 1;
        duty
    }

    /// The thread hired for `seat` could not be started.
    pub(super) fn hire_failed(&mut self, seat: usize) {
        self.active -= 1;
        self.vacant.push(seat);
    }

    /// A stand-in asks whether it should leave; if so it rests now.
    pub(super) fn leave_if_surplus(&mut self, seat: usize) -> bool {
        if self.surplus() == 0 {
            return false;
        }
        self.active -= 1;
        self.resting.push(seat);
        true
    }

    /// Was the thread that rests at `seat` called?
    pub(super) fn was_called(&self, seat: usize) -> bool {
        !self.resting.contains(&seat)
    }

    /// The thread that rests at `seat` ends; false if it was called meanwhile.
    pub(super) fn resign(&mut self, seat: usize) -> bool {
        let Some(position) = self.resting.iter().position(|&resting| resting == seat) else {
            return false;
        };
        self.resting.remove(position);
        self.vacant.push(seat);
        true
    }
}

#[cfg(all(test, not(selvedge_loom)))]
mod tests {
    use super::*;

    #[test]
    fn one_stand_in_for_each_stuck_worker_up_to_the_limit() {
        let mut roster = Roster::new(2, 2);
        assert_eq!(roster.call(), OnStuck::Nothing, "nobody is stuck");
        roster.stuck = 3;
        assert_eq!(roster.call(), OnStuck::Hire(2));
        assert_eq!(roster.call(), OnStuck::Hire(3));
        assert_eq!(roster.call(), OnStuck::Nothing, "the limit");
        assert!(!roster.leave_if_surplus(2));
        roster.stuck = 1;
        assert_eq!(roster.surplus(), 1);
        assert!(roster.leave_if_surplus(3));
        assert!(
            !roster.leave_if_surplus(2),
            "one stuck worker keeps one stand-in"
        );
        roster.stuck = 2;
        assert!(!roster.was_called(3));
        assert_eq!(roster.call(), OnStuck::Call(3), "who rests is called first");
        assert!(roster.was_called(3));
        assert!(!roster.resign(3), "called meanwhile");
        roster.stuck = 0;
        assert!(roster.leave_if_surplus(2));
        assert!(roster.resign(2));
        roster.stuck = 2;
        assert_eq!(roster.call(), OnStuck::Hire(2));
        roster.hire_failed(2);
        assert_eq!(roster.call(), OnStuck::Hire(2), "tried again");
    }
}
