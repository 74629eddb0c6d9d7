//! The same comparison again and again with another number of tasks or threads: the report's curves.

use super::{Load, Side, Unit};

/// How one comparison goes from few to many.
#[derive(Debug)]
pub(crate) struct Sweep {
    /// What is counted along the horizontal axis.
    pub(crate) counted: &'static str,
    /// What the report says about it.
    pub(crate) remark: &'static str,
    pub(crate) panels: &'static [Panel],
    /// How many tasks or threads one after the other.
    pub(crate) counts: fn(&Load, Side) -> Vec<usize>,
    /// `load` with so many.
    pub(crate) with_count: fn(&Load, usize) -> Load,
}

/// One of the plots of a sweep.
#[derive(Debug)]
pub(crate) struct Panel {
    pub(crate) title: &'static str,
    pub(crate) unit: Unit,
    /// Name of the value in the samples of both sides.
    pub(crate) value: &'static str,
}

/// From one that waits to as many as the system bears.
pub(crate) static ALIVE: Sweep = Sweep {
    counted: "alive at once",
    remark: "So many were started, waited for one signal until all were there, and were joined.",
    panels: &[
        Panel {
            title: "Time from the first start to the last end",
            unit: Unit::Seconds,
            value: "life",
        },
        Panel {
            title: "Memory while all wait",
            unit: Unit::Bytes,
            value: "all",
        },
    ],
    counts: |load, side| {
        let most = match side {
            Side::Tasks => load.tasks,
            Side::Threads => load.threads,
        };
        powers(10, 10 * most.min(MOST_ALIVE))
    },
    with_count: |load, count| Load {
        tasks: count,
        threads: count,
        ..*load
    },
};

/// The curves end with ten times as many.
const MOST_ALIVE: usize = 100_000;

/// From one that has everything for itself to 64.
pub(crate) static CONTENDERS: Sweep = Sweep {
    counted: "contenders",
    remark: "Time of one addition, over all of them together. With no more CPUs than shown above, \
             more contenders cannot make it quicker; flat is good.",
    panels: &[
        Panel {
            title: "One lock",
            unit: Unit::Seconds,
            value: "lock",
        },
        Panel {
            title: "64 locks",
            unit: Unit::Seconds,
            value: "stripes",
        },
        Panel {
            title: "64 atomics",
            unit: Unit::Seconds,
            value: "atomics",
        },
    ],
    counts: |_, _| powers(2, 64),
    with_count: |load, count| Load {
        contenders: count,
        ..*load
    },
};

/// 1, `base`, and so on, to `most`.
fn powers(base: usize, most: usize) -> Vec<usize> {
    let next = |last: &usize| last.checked_mul(base).filter(|next| *next <= most);
    std::iter::successors(Some(1), next).collect()
}
