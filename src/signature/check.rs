//! What the certificates of a signer are worth, for whoever writes the settings.

use time::UtcDateTime;

use crate::signature::certificate_info::{CertificateProblem, CheckedCertificates};
use crate::signature::openpgp;
use crate::signature::signer::Signer;

/// Reads all certificates of a signer, so that a mistake is found before a signature needs them.
///
/// What time brings about, an expired or revoked key, is a [`Note`]: a policy that worked must not
/// stop loading.
///
/// # Errors
/// None of the certificates can ever count, or something is wrong with one that can be mended.
pub fn check_certificates(
    signer: &Signer<'_>,
    now: UtcDateTime,
) -> Result<CheckedCertificates, Vec<CertificateProblem>> {
    let (usable, problems) = openpgp::check(signer, now);
    if usable.is_empty() || !problems.iter().all(|problem| problem.fault.is_for_good()) {
        return Err(problems);
    }
    Ok(CheckedCertificates { usable, left_out: problems })
}
