//! The policy as the module that is shipped: what its `guest.rs` exports, and nothing else.
//!
//! A crate of its own since the level at which this one is optimised is that of link-time optimisation. There, `z`
//! inlines across crates only what gets smaller by it; the functions themselves keep their crates' levels. Linked at
//! the policy's own level, the module would be a twentieth larger, and no faster.

pub use openshift_image_trust as policy;
