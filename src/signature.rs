//! From bytes that anybody may have written to a fact that a signer vouched for.
//!
//! ```text
//! blob --framing--> one signed message --openpgp--> made by a signer's key, which may sign,
//!      --payload--> image digest and name            now and when it did
//! ```
//!
//! In that order, and nothing of a later step is read before the earlier ones hold: the payload's
//! JSON is looked at only when a trusted signer made it. What comes out is a
//! [`VerifiedSignature`], which nothing else can make, or a [`Rejection`] that says how far the
//! blob came.
//!
//! # Whose signature it is
//!
//! A signer is known by the fingerprints of their certificates' primary keys; a signing subkey
//! counts as its primary key. Names, mail addresses and short key ids prove nothing. What any
//! signer's text says about a certificate counts for all of them: when the same key is listed
//! twice, once with its revocation or a later expiry date, it is one certificate. When several
//! signers list the key, as with one key under two names and two windows, the signature counts for
//! each signer whose key policy accepts it.
//!
//! Of a text, certificates that can never count are left out where another can: key files that
//! distributions ship have old keys, and those of a future version, beside today's.
//!
//! # Choices
//!
//! Programs that read these signatures disagree in places. Here:
//!
//! | case | verdict |
//! |---|---|
//! | signature packets of version 3 | accepted: Red Hat's were, until about 2023 |
//! | of version 6, and certificates of version 6 | accepted: Red Hat publishes them beside the others |
//! | of other versions, or by other algorithms | refused, as not supported: they may be good |
//! | SHA-1, RIPEMD-160, MD5, SHA-224 | refused: no real signature uses the last, and it is the weakest of its family |
//! | keys | RSA from 2048 to 4096 bits, Ed25519, Ed448, ECDSA on P-256 and P-384; in version 6 also ML-DSA-65 with Ed25519 and ML-DSA-87 with Ed448; others refused |
//! | text signatures (type 0x01) | refused: they also cover texts with other line ends |
//! | signature before the data, without a one-pass packet | refused: no tool writes it |
//! | one-pass packet that contradicts the signature | refused |
//! | a signature that names no key | refused |
//! | one of version 6 that names its key otherwise than by its fingerprint | refused |
//! | keys of different versions in one certificate | the subkey does not count |
//! | zip, zlib or no compression | accepted; bzip2, "uncompressed" and nested compression refused |
//! | a short first chunk of partial lengths | accepted: OpenShift's CI writes it |
//! | any byte before or after the message | refused |
//! | the `\0simple-signing` line that registries put before a blob in files | refused: objects hold the blob alone |
//! | first octets of the digest that do not fit | refused: GnuPG does not look |
//! | JSON: `null` for the creator or the timestamp | refused: neither is text or number |
//! | JSON: not UTF-8, a lone surrogate, more than 128 levels | refused: every reader must see the same text |
//! | an unreadable signature beside a good one | the good one counts, as for readers of OpenShift's images; those of files refuse the image |
//! | one signing subkey on two certificates | refused, if both would count |
//! | a key without key flags | a primary key may sign; a subkey may not |
//! | a revocation followed by a newer self-signature | still revoked |
//! | a revocation that does not verify, and says that it is by the key's owner | revoked |
//! | one by a revoker whom the certificate names | revoked, whether or not the revoker's key is known |
//! | a revocation without a certificate, as `gpg --gen-revoke` writes it | counts for the certificate in the same text; refused where that is not there |
//! | a newer self-signature with an earlier expiry date, or without the right to sign, by whatever hash | counts |
//! | a self-signature, newer than all others, that says it is by the key's owner and is damaged | the key does not count: what is lost may have ended it |
//! | several expiry dates in one signature | the first counts |
//! | one public key under several fingerprints | one key, where signatures are counted |
//!
//! # Time
//!
//! A key must be valid now and must have been valid when it signed, as its newest self-signature
//! tells. The moment of signing is what the signature itself says: whoever has a key can write any
//! date. So an expired or retired key stops counting, unless the signer's [`KeyPolicy`] lets older
//! signatures count, and a compromised key never counts, whatever its signatures say.

mod certificate_info;
mod certificates;
mod check;
mod cost;
mod framing;
mod inspection;
mod keyring;
mod openpgp;
pub mod payload;
mod rejection;
mod signer;
mod signing_key;
pub mod stored;

pub use self::certificate_info::{CertificateInfo, CertificateProblem, CheckedCertificates, Fault, Note};
pub use self::certificates::{UnreadableKeyText, one_by_one};
pub use self::check::check_certificates;
pub use self::cost::Cost;
pub use self::framing::Malformed;
pub use self::inspection::inspect;
pub use self::keyring::{Keyring, OpenedSignature, VerifiedSignature};
pub use self::payload::{Payload, PayloadProblem};
pub use self::rejection::{Reason, Rejection};
pub use self::signer::{EndedKey, KeyPolicy, Limits, Signer};
pub use self::signing_key::SigningKey;
