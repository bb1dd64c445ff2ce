//! No system interface for components, in the place of the crate `wasmtime-wasi`: waPC's engine passes it on, and
//! modules get theirs from `wasi-common`.
