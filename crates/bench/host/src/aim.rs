//! Figures beside their targets.

use serde::{Deserialize, Serialize};

use crate::measurement::Measurement;
use crate::module::Profile;
use crate::target::{ModuleTargets, Targets};

/// A figure beside its target.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Aim {
    /// What was measured.
    pub(crate) what: String,
    /// What it shall not exceed.
    pub(crate) target: String,
    /// What it is.
    pub(crate) measured: String,
    /// Whether it keeps within the target.
    pub(crate) met: bool,
}

impl Aim {
    fn new(what: &str, target: f64, measured: f64, show: impl Fn(f64) -> String) -> Self {
        let met = measured <= target;
        Self { what: what.to_owned(), target: show(target), measured: show(measured), met }
    }
}

impl ModuleTargets {
    /// The targets of a module.
    pub(crate) fn aims(&self, profile: &Profile) -> Vec<Aim> {
        let size = self.bytes.map(|target| {
            Aim::new("size of the module", target as f64, profile.bytes as f64, |bytes| {
                format!("{:.2} MB", bytes / 1e6)
            })
        });
        let compilation = self
            .compile_ms
            .map(|target| Aim::new("compilation", target, profile.compile_ms, |ms| format!("{ms:.0} ms")));
        size.into_iter().chain(compilation).collect()
    }
}

impl Targets {
    /// The targets of a row. Where there is no gpgv, nothing can be said of one that names it.
    pub(crate) fn aims(&self, row: &Measurement) -> Vec<Aim> {
        let empty = self.empty.map(|target| {
            Aim::new(&row.name, target, row.ratio, |ratio| format!("{ratio:.2} × the empty policy"))
        });
        let gpgv = self.gpgv.zip(row.gpgv_ms).map(|(target, gpgv_ms)| {
            Aim::new(&row.name, target, row.ms / gpgv_ms, |ratio| format!("{ratio:.2} × gpgv"))
        });
        let ms = self.ms.map(|target| Aim::new(&row.name, target, row.ms, |ms| format!("{ms:.2} ms")));
        empty.into_iter().chain(gpgv).chain(ms).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::series::tests::row;

    #[test]
    fn a_target_is_met_up_to_itself() {
        let measured = Measurement { gpgv_ms: Some(4.0), ..row(10, 2.0, 0) };
        let without_gpgv = Measurement { gpgv_ms: None, ..measured.clone() };
        let targets = |empty, gpgv, ms| Targets { empty, gpgv, ms };
        let cases = [
            (targets(None, None, None), &measured, vec![]),
            (targets(Some(2.0), None, None), &measured, vec![("2.00 × the empty policy", true)]),
            (
                targets(Some(1.9), None, Some(1.0)),
                &measured,
                vec![("2.00 × the empty policy", false), ("2.00 ms", false)],
            ),
            (targets(None, Some(1.0), None), &measured, vec![("0.50 × gpgv", true)]),
            (targets(None, Some(1.0), None), &without_gpgv, vec![]),
        ];
        for (targets, row, expected) in cases {
            let aims = targets.aims(row);
            let found: Vec<_> = aims.iter().map(|aim| (aim.measured.as_str(), aim.met)).collect();
            assert_eq!(found, expected, "{targets:?}");
        }
    }
}
