//! See `image_trust_fuzz::payload`.
#![cfg_attr(fuzzing, no_main)]

image_trust_fuzz::target!(payload, json after 1);
