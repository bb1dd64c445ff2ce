//! What holds of any bytes: a function for each fuzz target, which panics where it does not.
//!
//! libFuzzer calls them with what it makes of the seeds; the tests call them with the seeds
//! themselves, and with what was found. `docs/fuzzing.md` says what each asserts.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a panic is the finding"
)]

pub mod certificate;
pub mod json;
pub mod manifest;
pub mod payload;
pub mod reference;
pub mod seeds;
pub mod settings;
pub mod signature;

#[path = "../../../tests/common/mod.rs"]
mod common;
#[path = "../../../tests/common/one_more.rs"]
mod one_more;
#[path = "../../../tests/common/paths.rs"]
mod paths;

use std::path::Path;

/// The entry point of a target: libFuzzer's, or, where there is none, one that tries files again.
/// Where the input is JSON, after so many bytes that choose, it is changed as such.
#[macro_export]
macro_rules! target {
    ($target:ident $(, json after $choices:literal)?) => {
        #[cfg(fuzzing)]
        libfuzzer_sys::fuzz_target!(|input: &[u8]| $crate::$target::check(input));
        $(
            #[cfg(fuzzing)]
            libfuzzer_sys::fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
                $crate::json::mutate($choices, data, size, max_size, seed, libfuzzer_sys::fuzzer_mutate)
            });
        )?
        #[cfg(not(fuzzing))]
        fn main() {
            $crate::check_files($crate::$target::check);
        }
    };
}

/// Tries the files that are named on the command line.
pub fn check_files(check: fn(&[u8])) {
    for file in std::env::args().skip(1) {
        check(&std::fs::read(&file).expect(&file));
        println!("{file}: nothing found");
    }
}

/// The root of the repository.
fn root() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../.."))
}

/// What an answer says of itself is one line, and nothing in it that a terminal would obey.
fn assert_harmless(line: &str) {
    assert!(!line.chars().any(char::is_control), "{line:?}");
}

#[cfg(test)]
mod tests {
    use super::{certificate, manifest, payload, reference, seeds, settings, signature};

    #[test]
    fn what_is_asserted_holds_of_every_seed() {
        let seeds = seeds::all();
        for (target, check) in [
            ("certificate", certificate::check as fn(&[u8])),
            ("manifest", manifest::check),
            ("payload", payload::check),
            ("reference", reference::check),
            ("settings", settings::check),
            ("signature", signature::check),
        ] {
            assert!(seeds[target].len() > 10, "{target}");
            seeds[target].iter().for_each(|seed| check(seed));
        }
        assert_eq!(seeds.len(), 6);
    }

    #[test]
    fn seeds_have_each_algorithm_of_version_6_and_each_setting_about_signatures() {
        let settings = seeds::version_6();
        let text = settings.to_string();
        let verdict = openshift_image_trust::validate_settings(text.as_bytes(), crate::common::NOW);
        assert!(verdict.valid, "{verdict:?}");
        for name in ["anyOf", "postQuantum", "maxAgeDays", "help"] {
            assert!(text.contains(&format!("\"{name}\"")), "{name}");
        }
        assert!(seeds::all()["settings"].contains(&text.into_bytes()));
        // A one-pass signature of version 6, by its algorithm.
        let algorithms: std::collections::BTreeSet<u8> = seeds::blobs()
            .iter()
            .filter_map(|blob| {
                let at = blob.iter().position(|byte| *byte == 6)?;
                (blob[0] == 0xc4 && at < 7).then(|| blob[at + 3])
            })
            .collect();
        assert_eq!(algorithms, [1, 19, 27, 28, 30, 31].into());
    }

    #[test]
    fn a_choice_is_of_the_settings_that_its_seeds_are_meant_for() {
        assert_eq!(payload::fixed().len(), payload::PACKS - 1);
    }

    #[test]
    fn json_is_changed_into_json() {
        fn same(_: &mut [u8], size: usize, _: usize) -> usize {
            size
        }
        let text = br#"{"a":[{"b":"c"},1],"d":"{\"e\":[]}"}"#;
        let (mut changed, mut buffer) = (0, [0; 4096]);
        for seed in 0..1000 {
            buffer[..text.len()].copy_from_slice(text);
            let size = super::json::mutate(0, &mut buffer, text.len(), 4096, seed, same);
            assert!(serde_json::from_slice::<serde_json::Value>(&buffer[..size]).is_ok());
            changed += usize::from(buffer[..size] != text[..]);
        }
        assert!(changed > 500, "{changed}");
    }
}
