//! See `image_trust_fuzz::signature`.
#![cfg_attr(fuzzing, no_main)]

image_trust_fuzz::target!(signature);
