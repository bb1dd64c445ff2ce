//! Rows that grow, and how what they cost grows with them.

use std::f64::consts::LN_10;

use crate::measurement::Measurement;

/// By which power of the count time or memory may grow before it no longer counts as linear. A
/// quadratic cost has 2; what allocators round up to stays below.
const LINEAR: f64 = 1.3;

/// The rows of a series, in its order.
pub(crate) struct Series<'m> {
    /// What grows.
    pub(crate) name: &'m str,
    /// A row for each count.
    pub(crate) rows: Vec<(usize, &'m Measurement)>,
}

/// The series among measurements.
pub(crate) fn of(measurements: &[Measurement]) -> Vec<Series<'_>> {
    let mut all: Vec<Series<'_>> = Vec::new();
    for row in measurements {
        let Some(step) = &row.step else { continue };
        match all.iter_mut().find(|series| series.name == step.series) {
            Some(series) => series.rows.push((step.count, row)),
            None => all.push(Series { name: &step.series, rows: vec![(step.count, row)] }),
        }
    }
    all
}

impl Series<'_> {
    /// Why it is not linear at its end, if it is not.
    pub(crate) fn excess(&self) -> Option<String> {
        let [.., (count, row), (last_count, last)] = self.rows.as_slice() else { return None };
        let grown = (*last_count as f64 / *count as f64).ln() / LN_10;
        let power = |from: f64, to: f64| (to / from).ln() / LN_10 / grown;
        let memory = power(row.memory_bytes as f64, last.memory_bytes as f64);
        [("time", power(row.least_ms, last.least_ms)), ("memory", memory)]
            .into_iter()
            .find(|(_, power)| *power > LINEAR)
            .map(|(what, power)| format!("{what} grows by the power {power:.2} of the {}", self.name))
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::row::Step;

    /// A row with these figures.
    pub(crate) fn row(count: usize, ms: f64, memory_bytes: usize) -> Measurement {
        Measurement {
            name: format!("{count} tags"),
            step: Some(Step { series: "tags".to_owned(), count }),
            module: "image-trust".to_owned(),
            payload_bytes: 100 * count,
            accepted: true,
            ms,
            least_ms: ms,
            empty_ms: ms / 2.0,
            ratio: 2.0,
            gpgv_ms: None,
            memory_bytes,
            empty_memory_bytes: memory_bytes,
            host_calls: 0,
            host_bytes: 0,
        }
    }

    #[test]
    fn linear_is_what_grows_no_faster_than_its_count() {
        let cases = [
            ([(1, 1.0, 100), (10, 1.1, 100), (100, 2.0, 100)], None),
            ([(1, 1.0, 100), (10, 10.0, 1000), (100, 100.0, 10_000)], None),
            // An allocator that doubles.
            ([(1, 1.0, 100), (10, 10.0, 1000), (100, 100.0, 16_000)], None),
            (
                [(1, 1.0, 100), (10, 10.0, 100), (100, 1000.0, 100)],
                Some("time grows by the power 2.00 of the tags"),
            ),
            (
                [(1, 1.0, 100), (10, 10.0, 100), (100, 10.0, 10_000)],
                Some("memory grows by the power 2.00 of the tags"),
            ),
        ];
        for (figures, expected) in cases {
            let rows = figures.map(|(count, ms, memory)| row(count, ms, memory));
            let excesses: Vec<_> = of(&rows).iter().map(Series::excess).collect();
            assert_eq!(excesses, [expected.map(str::to_owned)], "{figures:?}");
        }
        assert!(of(&[row(1, 1.0, 1)]).iter().all(|series| series.excess().is_none()));
    }
}
