//! What the readings say: ratios by round, the best peer, the means.
//!
//! A ratio is made inside a round, from two runs that lie next to each other in time, and the median
//! of these ratios is the result. It may differ a little from the ratio of the two medians; trust
//! the former.

pub mod json;
pub mod markdown;

use crate::rounds::{Outcome, Reading, Scored};
use crate::row::Role;
use crate::statistics::Summary;

impl Outcome {
    fn of_role(&self, role: Role) -> impl Iterator<Item = &Scored> {
        self.scored
            .iter()
            .filter(move |scored| scored.entrant.role == role)
    }

    fn subject(&self) -> Option<&Scored> {
        self.of_role(Role::Subject).next()
    }

    /// The async runtime with the lowest median.
    pub fn best_peer(&self) -> Option<&Scored> {
        let median = |scored: &Scored| scored.figure().map_or(f64::INFINITY, |f| f.median);
        self.of_role(Role::Peer)
            .min_by(|a, b| median(a).total_cmp(&median(b)))
    }

    /// Selvedge's figure divided by that of `other`, by round.
    pub fn ratio(&self, other: &Scored) -> Option<Summary> {
        self.ratio_of(other, |reading| Some(reading.figure))
    }

    /// Selvedge's CPU time divided by that of `other`, by round.
    pub fn cpu_ratio(&self, other: &Scored) -> Option<Summary> {
        self.ratio_of(other, |reading| reading.cpu)
    }

    fn ratio_of(&self, other: &Scored, of: fn(&Reading) -> Option<f64>) -> Option<Summary> {
        let subject = self.subject()?;
        let pairs = subject.readings.iter().zip(&other.readings);
        let ratios = pairs.map(|(ours, theirs)| Some(of(ours)? / of(theirs)?));
        Summary::of(&ratios.collect::<Option<Vec<f64>>>()?)
    }
}

impl Scored {
    /// The figure that counts in this row.
    pub fn figure(&self) -> Option<Summary> {
        Summary::of(
            &self
                .readings
                .iter()
                .map(|reading| reading.figure)
                .collect::<Vec<_>>(),
        )
    }

    /// CPU time per operation, where the harness kept the clock.
    pub fn cpu(&self) -> Option<Summary> {
        let readings = self.readings.iter().map(|reading| reading.cpu);
        Summary::of(&readings.collect::<Option<Vec<f64>>>()?)
    }
}

#[cfg(test)]
mod tests;
