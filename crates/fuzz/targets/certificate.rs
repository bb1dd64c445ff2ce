//! See `image_trust_fuzz::certificate`.
#![cfg_attr(fuzzing, no_main)]

image_trust_fuzz::target!(certificate);
