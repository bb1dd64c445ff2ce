//! What a load found, and how the process grew meanwhile.

use serde::{Deserialize, Serialize};

use crate::report::{Machine, kibibytes, milliseconds};
use crate::row::grouped;
use crate::table::Table;
use crate::times::Bucket;

/// What a load found.
#[derive(Serialize, Deserialize)]
pub(crate) struct Report {
    /// Where it was run.
    pub(crate) machine: Machine,
    /// Which module it was.
    pub(crate) sha256: String,
    pub(super) seed: u64,
    /// How many different requests.
    pub(super) cases: usize,
    /// How many were judged.
    pub(super) requests: usize,
    pub(super) workers: usize,
    pub(super) seconds: f64,
    pub(super) per_second: f64,
    pub(super) p50_ms: f64,
    pub(super) p90_ms: f64,
    pub(super) p99_ms: f64,
    pub(super) p999_ms: f64,
    pub(super) max_ms: f64,
    /// The process after a tenth of the requests.
    pub(super) resident_at_tenth_bytes: usize,
    /// The process after the last request.
    pub(super) resident_at_end_bytes: usize,
    /// By how much it may have grown in between.
    pub(super) growth_bound_bytes: usize,
    /// How long the requests took.
    pub(crate) histogram: Vec<Bucket>,
    /// The process over time.
    pub(crate) samples: Vec<Sample>,
}

/// The size of the process at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Sample {
    /// How many requests had been begun.
    pub(crate) requests: usize,
    /// What was resident.
    pub(crate) bytes: usize,
}

impl Report {
    /// The figures.
    pub(crate) fn table(&self) -> Table {
        let mut table = Table::new(["load", ""]);
        let mut line = |what: &str, figure: String| table.line([what.to_owned(), figure]);
        line("requests, every answer as expected", grouped(self.requests));
        line("different requests", grouped(self.cases));
        line("at a time", self.workers.to_string());
        line("time", format!("{:.0} s", self.seconds));
        line("throughput", format!("{} a second", grouped(self.per_second as usize)));
        line("p50", milliseconds(self.p50_ms));
        line("p90", milliseconds(self.p90_ms));
        line("p99", milliseconds(self.p99_ms));
        line("p99.9", milliseconds(self.p999_ms));
        line("longest", milliseconds(self.max_ms));
        line("process after a tenth of the requests", kibibytes(self.resident_at_tenth_bytes as f64));
        line("process at the end", kibibytes(self.resident_at_end_bytes as f64));
        line("may have grown by", kibibytes(self.growth_bound_bytes as f64));
        line("seed", self.seed.to_string());
        table
    }

    /// What the histogram marks.
    pub(crate) fn marks(&self) -> [(&'static str, f64); 4] {
        [("p50", self.p50_ms), ("p90", self.p90_ms), ("p99", self.p99_ms), ("p99.9", self.p999_ms)]
    }
}

/// The size after a tenth of the requests, and the last one. Puts the samples in order.
pub(super) fn ends(samples: &mut [Sample]) -> Option<(usize, usize)> {
    samples.sort_by_key(|sample| sample.requests);
    let last = *samples.last()?;
    let tenth = samples.iter().find(|sample| sample.requests * 10 >= last.requests)?;
    Some((tenth.bytes, last.bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn growth_is_counted_from_the_first_tenth() {
        let sample = |requests| Sample { requests, bytes: requests + 7 };
        let cases = [
            (vec![], None),
            (vec![sample(5)], Some((12, 12))),
            (vec![sample(100), sample(0), sample(9), sample(20), sample(10)], Some((17, 107))),
        ];
        for (mut samples, expected) in cases {
            assert_eq!(ends(&mut samples), expected, "{samples:?}");
        }
    }
}
