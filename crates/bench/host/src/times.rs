//! What is said of many times: percentiles, and how many fall where.

use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Buckets of a histogram in each power of ten.
const PER_DECADE: f64 = 20.0;

/// Times, in no order.
#[derive(Clone, Debug, Default)]
pub(crate) struct Times(Vec<Duration>);

/// How many times fall between two.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub(crate) struct Bucket {
    /// The shortest that does.
    pub(crate) from_ms: f64,
    /// The shortest that no longer does.
    pub(crate) to_ms: f64,
    /// How many.
    pub(crate) count: usize,
}

impl Times {
    /// Adds one.
    pub(crate) fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// Adds all of another.
    pub(crate) fn append(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// The time that half of them do not exceed.
    pub(crate) fn median_ms(&self) -> f64 {
        let [median] = self.percentiles_ms([50.0]);
        median
    }

    /// The times that so many of a hundred do not exceed, by the nearest rank; for 0 the least.
    pub(crate) fn percentiles_ms<const N: usize>(&self, percentiles: [f64; N]) -> [f64; N] {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        percentiles.map(|percentile| {
            let rank = (percentile / 100.0 * sorted.len() as f64).ceil() as usize;
            sorted.get(rank.saturating_sub(1)).map_or(0.0, |time| milliseconds(*time))
        })
    }

    /// The times in buckets that each reach equally far on a logarithmic scale.
    pub(crate) fn histogram(&self) -> Vec<Bucket> {
        let index = |time: &Duration| (milliseconds(*time).log10() * PER_DECADE).floor() as i32;
        let bound = |index: i32| 10_f64.powf(f64::from(index) / PER_DECADE);
        // A clock that does not see that time passes would give no logarithm.
        let indices = || self.0.iter().filter(|time| !time.is_zero()).map(index);
        let (Some(first), Some(last)) = (indices().min(), indices().max()) else { return Vec::new() };
        let mut buckets: Vec<Bucket> = (first..=last)
            .map(|index| Bucket { from_ms: bound(index), to_ms: bound(index + 1), count: 0 })
            .collect();
        for index in indices() {
            if let Some(bucket) = usize::try_from(index - first).ok().and_then(|at| buckets.get_mut(at)) {
                bucket.count += 1;
            }
        }
        buckets
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn times(milliseconds: impl IntoIterator<Item = u64>) -> Times {
        Times(milliseconds.into_iter().map(Duration::from_millis).collect())
    }

    #[test]
    fn percentiles_are_times_that_were_measured() {
        let hundred = times((1..=100).rev());
        let cases = [
            (times([]), [0.0, 0.0, 0.0]),
            (times([7]), [7.0, 7.0, 7.0]),
            (times([3, 1, 2]), [2.0, 3.0, 3.0]),
            (hundred, [50.0, 99.0, 100.0]),
        ];
        for (times, expected) in cases {
            assert_eq!(times.percentiles_ms([50.0, 99.0, 100.0]), expected, "{times:?}");
        }
        assert_eq!(times([4, 1, 2, 3]).median_ms(), 2.0);
        assert_eq!(times([4, 1, 2, 3]).percentiles_ms([0.0]), [1.0]);
    }

    #[test]
    fn every_time_is_in_the_bucket_between_whose_bounds_it_lies() {
        let buckets = times([0, 1, 1, 10, 12, 100]).histogram();
        assert_eq!(buckets.len(), 41);
        assert!(buckets.windows(2).all(|pair| matches!(pair, [one, next] if one.to_ms == next.from_ms)));
        let filled: Vec<_> = buckets.iter().filter(|bucket| bucket.count > 0).collect();
        let counts: Vec<_> = filled.iter().map(|bucket| bucket.count).collect();
        assert_eq!(counts, [2, 1, 1, 1]);
        for (bucket, time) in filled.iter().zip([1.0, 10.0, 12.0, 100.0]) {
            assert!((bucket.from_ms..bucket.to_ms).contains(&time), "{time}: {bucket:?}");
        }
        assert_eq!(times([]).histogram(), []);
    }
}
