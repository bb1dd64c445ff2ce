//! The library's fingerprints and times, as they are told.

use std::time::SystemTime;

use sequoia_openpgp::cert::amalgamation::key::ErasedKeyAmalgamation;
use sequoia_openpgp::packet::key::PublicParts;
use time::UtcDateTime;

/// The fingerprint of one of a certificate's keys.
pub(super) fn name(key: &ErasedKeyAmalgamation<'_, PublicParts>) -> String {
    hex(&key.key().fingerprint())
}

pub(super) fn hex(fingerprint: &sequoia_openpgp::Fingerprint) -> String {
    fingerprint.to_hex()
}

/// The library's times have no fraction and fit: they are 32 bits of seconds.
pub(super) fn utc(time: SystemTime) -> UtcDateTime {
    UtcDateTime::from(time)
}

pub(super) fn system(time: UtcDateTime) -> SystemTime {
    SystemTime::from(time)
}
