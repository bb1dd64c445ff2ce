//! See `image_trust_fuzz::settings`.
#![cfg_attr(fuzzing, no_main)]

image_trust_fuzz::target!(settings, json after 0);
