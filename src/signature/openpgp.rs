//! Keys, certificates and signatures: the only module that names the OpenPGP library.
//!
//! Sequoia is in charge: it reads packets, merges the editions of a certificate, finds the
//! self-signature that speaks for a key, and verifies every signature. What it accepts is said once,
//! in the policy that is handed to it (`algorithms`). Its verdicts are asked for one by one, rather than
//! by a filter over all keys, so that a refusal has its reason. Beyond them, this module adds:
//!
//! - The newest self-signature speaks for the time before it, too: certificates are judged as of now,
//!   and a signature's date is compared with the ends of its key. Otherwise nothing older than the
//!   last renewal of a certificate would count.
//! - Each revocation that says that it is by the key's owner, or by a revoker whom the certificate names,
//!   counts, however weak its hash is, whatever self-signatures follow it, and whether or not it verifies
//!   (`statements`). So does an earlier expiry date, and the loss of the right to sign, in a signature that
//!   is newer than the one that speaks for the key. Where that newer one is damaged, the key does not count.
//! - A subkey must say itself that it may sign. Sequoia lets it inherit the primary key's word, and
//!   does not ask for its back-signature then.
//! - A certificate all of whose user ids are revoked, and that has no other self-signature, does not
//!   vouch for its keys.

#[cfg(test)]
#[expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]
mod tests;

mod algorithms;
mod cert_store;
mod check;
mod data_signature;
mod describe;
pub(super) mod fingerprint;
mod material;
mod statements;
mod units;
mod validity;

pub(super) use self::cert_store::CertStore;
pub(super) use self::check::check;
pub(super) use self::data_signature::DataSignature;
pub(super) use self::describe::{describe_head, describe_signature};
