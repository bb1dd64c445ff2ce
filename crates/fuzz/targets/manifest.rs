//! See `image_trust_fuzz::manifest`.
#![cfg_attr(fuzzing, no_main)]

image_trust_fuzz::target!(manifest, json after 0);
