//! What figures shall reach.

use serde::Deserialize;

/// Figures that a module shall not exceed.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ModuleTargets {
    /// The size of the file.
    pub(crate) bytes: Option<usize>,
    /// How long it takes to compile.
    pub(crate) compile_ms: Option<f64>,
}

/// Figures that a row shall not exceed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Targets {
    /// Times the empty policy.
    pub(crate) empty: Option<f64>,
    /// Times a run of gpgv.
    pub(crate) gpgv: Option<f64>,
    /// Milliseconds.
    pub(crate) ms: Option<f64>,
}
