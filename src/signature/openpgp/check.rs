//! What a signer's certificates are worth, before any signature needs them.

use sequoia_openpgp::cert::amalgamation::key::ErasedKeyAmalgamation;
use sequoia_openpgp::packet::key::PublicParts;
use sequoia_openpgp::policy::StandardPolicy;
use time::{Duration, UtcDateTime};

use crate::signature::certificate_info::{CertificateInfo, CertificateProblem, Fault, Note};
use crate::signature::certificates;
use crate::signature::openpgp::algorithms::{certificate_rules, weak};
use crate::signature::openpgp::cert_store::{ReadCert, gather};
use crate::signature::openpgp::material::signing_key;
use crate::signature::openpgp::statements::{Revocation, Statements};
use crate::signature::openpgp::units::{hex, name, utc};
use crate::signature::openpgp::validity::{DAMAGED, bind, may_sign};
use crate::signature::rejection::Reason;
use crate::signature::signer::{KeyPolicy, Signer};

/// Reads all certificates of a signer: what those are worth that can count, and what is wrong with
/// the others. At least one of the two lists has something in it.
pub(in crate::signature) fn check(
    signer: &Signer<'_>,
    now: UtcDateTime,
) -> (Vec<CertificateInfo>, Vec<CertificateProblem>) {
    let problem = |fingerprint, fault| CertificateProblem { fingerprint, fault };
    let raws = match certificates::read(signer.openpgp) {
        Ok(raws) => raws,
        Err(why) => return (Vec::new(), vec![problem(None, Fault::Unreadable(why))]),
    };
    let mut problems: Vec<_> = raws
        .iter()
        .filter(|raw| raw.keys.is_empty())
        .map(|raw| problem(None, Fault::Version(raw.version)))
        .collect();
    let mut infos = Vec::new();
    for stored in &gather(raws.into_iter().map(|raw| (0, raw))) {
        let read = match stored.read() {
            Ok(read) => info(read, &signer.key_policy, now),
            Err(detail) => Err(Fault::Malformed(detail.clone())),
        };
        match read {
            Ok(info) => infos.push(info),
            Err(fault) => problems.push(problem(Some(hex(&stored.primary)), fault)),
        }
    }
    (infos, problems)
}

fn info(read: &ReadCert, key_policy: &KeyPolicy, now: UtcDateTime) -> Result<CertificateInfo, Fault> {
    let ReadCert { cert, statements } = read;
    let rules = certificate_rules(key_policy);
    let primary = ErasedKeyAmalgamation::from(cert.primary_key());
    let mut notes = Notes::default();
    let at = moment(&primary, &rules, now, &mut notes);
    let bound = bind(&primary, &rules, at).map_err(fault)?;
    if statements.is_damaged(&bound) {
        return Err(Fault::NotBound(DAMAGED.to_owned()));
    }
    let expires = statements.expiry(&bound).map(|(_, end)| end);
    let (mut signing_keys, mut refusals) = (Vec::new(), Vec::new());
    for key in cert.keys() {
        match signs(&key, statements, &rules, at) {
            Ok(end) => {
                notes.of(statements.revocations(&key), end, key_policy, now);
                signing_keys.push(signing_key(&key));
            }
            Err(reason) => refusals.push(reason),
        }
    }
    if signing_keys.is_empty() {
        return Err(Fault::NoSigningKey(refusals));
    }
    let user_ids = cert.userids().map(|id| String::from_utf8_lossy(id.userid().value()).into_owned());
    Ok(CertificateInfo {
        fingerprint: hex(&cert.fingerprint()),
        user_ids: user_ids.collect(),
        signing_keys,
        expires,
        notes: notes.0,
    })
}

/// The moment as of which a certificate is judged. One that is not valid yet, or no longer vouches
/// for itself, was or will be fine: it is judged as of the day after it was made.
fn moment(
    primary: &ErasedKeyAmalgamation<'_, PublicParts>,
    rules: &StandardPolicy<'_>,
    now: UtcDateTime,
    notes: &mut Notes,
) -> UtcDateTime {
    let created = utc(primary.key().creation_time());
    let first_day = created.saturating_add(Duration::DAY);
    if bind(primary, rules, now).is_ok() || bind(primary, rules, first_day).is_err() {
        return now;
    }
    notes.add(if created > now { Note::NotYetValid { created } } else { Note::Stale });
    first_day
}

/// What is wrong with a certificate whose primary key is not bound, for this reason.
fn fault(reason: Reason) -> Fault {
    match reason {
        Reason::Sha1SelfSignature { .. } => Fault::Sha1SelfSignature,
        Reason::NotBound { detail, .. } => Fault::NotBound(detail),
        Reason::WeakKey { algorithm, .. } => Fault::WeakKey(algorithm),
        other => Fault::NotBound(other.to_string()),
    }
}

/// Whether a key may sign images, and when it, or its primary key, expires.
fn signs(
    key: &ErasedKeyAmalgamation<'_, PublicParts>,
    statements: &Statements,
    rules: &StandardPolicy<'_>,
    at: UtcDateTime,
) -> Result<Option<(String, UtcDateTime)>, Reason> {
    if let Some(algorithm) = weak(key.key()) {
        return Err(Reason::WeakKey { key: name(key), algorithm });
    }
    let bound = bind(key, rules, at)?;
    if statements.is_damaged(&bound) {
        return Err(Reason::NotBound { key: name(key), detail: DAMAGED.to_owned() });
    }
    if !may_sign(&bound) || statements.takes_signing_back(&bound) {
        return Err(Reason::NotASigningKey { key: name(key) });
    }
    Ok(statements.expiry(&bound))
}

#[derive(Default)]
struct Notes(Vec<Note>);

impl Notes {
    /// What befell the primary key is told once, not again for each of its subkeys.
    fn add(&mut self, note: Note) {
        if !self.0.contains(&note) {
            self.0.push(note);
        }
    }

    /// What befell a key that may sign.
    fn of(
        &mut self,
        revocations: Vec<Revocation>,
        end: Option<(String, UtcDateTime)>,
        key_policy: &KeyPolicy,
        now: UtcDateTime,
    ) {
        for Revocation { key, at: revoked, hard } in revocations {
            self.add(if hard {
                Note::Compromised { key, revoked }
            } else {
                Note::Revoked { key, revoked, past: key_policy.revoked_key }
            });
        }
        if let Some((key, expired)) = end.filter(|(_, expired)| *expired <= now) {
            self.add(Note::Expired { key, expired, past: key_policy.expired_key });
        }
    }
}
