//! See `image_trust_fuzz::reference`.
#![cfg_attr(fuzzing, no_main)]

image_trust_fuzz::target!(reference);
