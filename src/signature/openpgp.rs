//! Keys, certificates and signatures: the only module that names the OpenPGP library.
//!
//! Sequoia is in charge: it reads packets, merges the editions of a certificate, finds the
//! self-signature that speaks for a key, and verifies every signature. What it accepts is said once,
//! in the policy that is handed to it ([`rules`]). Its verdicts are asked for one by one, rather than
//! by a filter over all keys, so that a refusal has its reason. Beyond them, this module adds:
//!
//! - The newest self-signature speaks for the time before it, too: certificates are judged as of now,
//!   and a signature's date is compared with the ends of its key. Otherwise nothing older than the
//!   last renewal of a certificate would count.
//! - Each revocation by the key's owner counts, however weak its hash is and whatever
//!   self-signatures follow it: to believe one too many is safe.
//! - A subkey must say itself that it may sign. Sequoia lets it inherit the primary key's word, and
//!   does not ask for its back-signature then.
//! - A certificate all of whose user ids are revoked, and that has no other self-signature, does not
//!   vouch for its keys.

#[cfg(test)]
#[expect(clippy::expect_used, clippy::indexing_slicing, reason = "a test stops at what it did not expect")]
mod tests;

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::RangeInclusive;
use std::time::SystemTime;

use sequoia_openpgp::cert::amalgamation::key::{
    ErasedKeyAmalgamation, PrimaryKey as _, ValidErasedKeyAmalgamation,
};
use sequoia_openpgp::cert::amalgamation::{ValidAmalgamation as _, ValidateAmalgamation as _};
use sequoia_openpgp::crypto::mpi::PublicKey;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedParts, UnspecifiedRole};
use sequoia_openpgp::packet::signature::subpacket::{SubpacketTag, SubpacketValue};
use sequoia_openpgp::packet::{Key, Signature, Tag, Unknown, UserID};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::policy::{AsymmetricAlgorithm, HashAlgoSecurity, Policy as _, StandardPolicy};
use sequoia_openpgp::types::{Curve, HashAlgorithm, PublicKeyAlgorithm, RevocationStatus, RevocationType};
use sequoia_openpgp::{Cert, KeyHandle, Packet};
use time::macros::utc_datetime;
use time::{Duration, UtcDateTime};

use super::certificates::{self, RawCertificate, Unreadable};
use super::framing::{self, Head, Malformed, Message};
use super::rejection::{At, Reason, Rejection};
use super::{CLOCK_SKEW, CertificateInfo, CertificateProblem, Fault, Note, Past, Signer, Stance};

/// What signatures on certificates and their keys are made of: SHA-2, RSA and the common curves, and
/// packets of version 4.
///
/// Each thing that counts is named here, so that no later version of the library accepts another
/// one, and no date on the calendar changes a verdict: all dates from which the library distrusts
/// something have passed for it.
fn rules() -> StandardPolicy<'static> {
    let mut rules = StandardPolicy::at(system(utc_datetime!(2100-01-01 00:00)));
    rules.reject_all_hashes();
    for hash in [HashAlgorithm::SHA256, HashAlgorithm::SHA384, HashAlgorithm::SHA512] {
        rules.accept_hash(hash);
    }
    // A revocation may use any.
    rules.hash_revocation_tolerance(sequoia_openpgp::types::Duration::seconds(u32::MAX));
    rules.reject_all_asymmetric_algos();
    for algorithm in [
        AsymmetricAlgorithm::RSA2048,
        AsymmetricAlgorithm::RSA3072,
        AsymmetricAlgorithm::RSA4096,
        AsymmetricAlgorithm::NistP256,
        AsymmetricAlgorithm::NistP384,
        AsymmetricAlgorithm::EdDSA,
        AsymmetricAlgorithm::Ed25519,
    ] {
        rules.accept_asymmetric_algo(algorithm);
    }
    // What the library knows but leaves to us, who do not heed it: bounds on whom a key may vouch
    // for, and for whom the data is.
    for tag in [
        SubpacketTag::TrustSignature,
        SubpacketTag::RegularExpression,
        SubpacketTag::IntendedRecipient,
        SubpacketTag::ApprovedCertifications,
    ] {
        rules.reject_critical_subpacket(tag);
    }
    rules.reject_packet_tag(Tag::Signature);
    rules.accept_packet_tag_version(Tag::Signature, 4);
    rules
}

/// The rules for a signer's certificates.
fn certificate_rules(stance: &Stance) -> StandardPolicy<'static> {
    let mut rules = rules();
    if stance.sha1_self_signatures {
        // Only where a forger would need a second preimage: not over user ids so long that a
        // prepared collision can hide in them.
        rules.accept_hash_property(HashAlgorithm::SHA1, HashAlgoSecurity::SecondPreImageResistance);
    }
    rules
}

/// The rules for signatures over data.
fn data_rules() -> StandardPolicy<'static> {
    let mut rules = rules();
    rules.accept_packet_tag_version(Tag::Signature, 3);
    rules
}

/// The sizes of RSA keys that are neither too weak nor more than the library computes with.
const RSA_BITS: RangeInclusive<usize> = 2048..=4096;

/// The fingerprint of a key of version 4.
pub(super) type Fingerprint = [u8; 20];

/// RFC 9580, 5.5.4.2: SHA-1 over the packet as it was framed once. `None` for other versions.
pub(super) fn fingerprint(body: &[u8]) -> Option<Fingerprint> {
    let length = u16::try_from(body.len()).ok()?;
    if body.first() != Some(&4) {
        return None;
    }
    let mut hash = HashAlgorithm::SHA1.context().ok()?.for_digest();
    hash.update(&[0x99]);
    hash.update(&length.to_be_bytes());
    hash.update(body);
    hash.into_digest().ok()?.try_into().ok()
}

/// A signature over data, its form checked, its truth not.
#[derive(Debug)]
pub(super) struct DataSignature {
    packet: Signature,
    /// The keys it names, by key id or fingerprint; all the same, and at least one.
    issuers: Vec<KeyHandle>,
    created: UtcDateTime,
}

impl DataSignature {
    /// Reads the signature packet of a message, and refuses the forms that we do not accept.
    pub(super) fn read(message: &Message) -> Result<Self, Reason> {
        let (head, rules) = (message.head, data_rules());
        if rules.packet_tag_version_cutoff(Tag::Signature, head.version).is_some() {
            return Err(Reason::Version(head.version));
        }
        if head.signature_type != 0 {
            return Err(Reason::Type(head.signature_type));
        }
        let malformed = || Reason::Malformed(Malformed::Signature);
        let hash = HashAlgorithm::from(head.hash);
        if rules.hash_cutoff(hash, HashAlgoSecurity::CollisionResistance).is_some() {
            return Err(Reason::Hash(hash_name(hash)));
        }
        let packet = Signature::from_bytes(&message.signature).map_err(|_| malformed())?;
        let issuers = packet.get_issuers();
        if issuers.is_empty() {
            return Err(Reason::NoIssuer);
        }
        let announced = KeyHandle::from(sequoia_openpgp::KeyID::from_bytes(&message.key_id));
        if !issuers.iter().all(|issuer| issuer.aliases(&announced)) {
            return Err(Reason::Malformed(Malformed::Disagree("keys")));
        }
        if let Some(what) = critical(&packet, &rules) {
            return Err(Reason::Critical(what));
        }
        // All that it may object to is told above, in more detail.
        rules.signature(&packet, HashAlgoSecurity::CollisionResistance).map_err(|_| malformed())?;
        let created = packet.signature_creation_time().map(utc).ok_or_else(malformed)?;
        Ok(Self { packet, issuers, created })
    }

    fn names(&self, key: &Fingerprint) -> bool {
        let key = KeyHandle::from(sequoia_openpgp::Fingerprint::V4(*key));
        self.issuers.iter().all(|issuer| issuer.aliases(&key))
    }

    /// The key it names, as exactly as it does.
    fn issuer(&self) -> String {
        let exact = self.issuers.iter().find(|issuer| matches!(issuer, KeyHandle::Fingerprint(_)));
        exact.or(self.issuers.first()).map(KeyHandle::to_hex).unwrap_or_default()
    }

    /// Whether `key` made this signature over `data`.
    fn is_by(&self, key: &Key<PublicParts, UnspecifiedRole>, data: &[u8]) -> bool {
        self.packet.verify_message(key, data).is_ok()
            // The library does not compare the digest's first octets, which the packet repeats.
            && self.packet.computed_digest().is_some_and(|it| it.starts_with(self.packet.digest_prefix()))
    }
}

/// What the fields that a signature and its one-pass packet share say.
pub(super) fn describe_head(head: Head) -> Vec<String> {
    let public_key = match PublicKeyAlgorithm::from(head.public_key) {
        PublicKeyAlgorithm::Unknown(number) => format!("unknown algorithm {number}"),
        known => known.to_string(),
    };
    vec![
        format!("version {}, type 0x{:02x}", head.version, head.signature_type),
        format!("{public_key}, {}", hash_name(HashAlgorithm::from(head.hash))),
    ]
}

/// What the body of a signature packet says, whether it is true or not.
pub(super) fn describe_signature(body: &[u8]) -> Vec<String> {
    let mut lines = match framing::read_head(body) {
        Ok(head) => describe_head(head),
        Err(malformed) => return vec![format!("unread: {malformed}")],
    };
    let Ok(packet) = Signature::from_bytes(body) else {
        lines.push(format!("unread: {}", Malformed::Signature));
        return lines;
    };
    if let Some(created) = packet.signature_creation_time() {
        lines.push(format!("created {}", At(utc(created))));
    }
    if let Some(expires) = packet.signature_expiration_time() {
        lines.push(format!("expires {}", At(utc(expires))));
    }
    lines.extend(packet.get_issuers().iter().map(|issuer| format!("by key {}", issuer.to_hex())));
    if let Some(user) = packet.signers_user_id() {
        lines.push(format!("as {}", super::quote(&String::from_utf8_lossy(user))));
    }
    if let Some(what) = critical(&packet, &data_rules()) {
        lines.push(format!("critical {what}"));
    }
    lines
}

/// All signers' certificates.
#[derive(Debug)]
pub(super) struct Pool<'a> {
    signers: &'a [Signer<'a>],
    certificates: Vec<Pooled>,
    /// The signers whose text cannot be read. None of their certificates counts, for a revocation
    /// may be in the part that is lost.
    unreadable: Vec<(&'a str, Unreadable)>,
}

/// One certificate, as all signers' texts together tell it.
#[derive(Debug)]
struct Pooled {
    primary: sequoia_openpgp::Fingerprint,
    editions: Vec<RawCertificate>,
    /// The signers that list it, by position.
    signers: Vec<usize>,
    cert: OnceCell<Result<Cert, String>>,
}

/// Who vouches for a signature's data.
#[derive(Debug)]
pub(super) struct Vouched {
    pub(super) signers: Vec<String>,
    pub(super) fingerprint: String,
    pub(super) key: String,
    pub(super) created: UtcDateTime,
    pub(super) expires: Option<UtcDateTime>,
}

impl<'a> Pool<'a> {
    pub(super) fn new(signers: &'a [Signer<'a>]) -> Self {
        let (mut listed, mut unreadable) = (Vec::new(), Vec::new());
        for (position, signer) in signers.iter().enumerate() {
            match certificates::read(signer.openpgp) {
                Ok(raws) => listed.extend(raws.into_iter().map(|raw| (position, raw))),
                Err(why) => unreadable.push((signer.name, why)),
            }
        }
        Self { signers, certificates: pool(listed), unreadable }
    }

    /// Finds the signers who made `signature` over `data`, or the most telling reason that none did.
    pub(super) fn judge(
        &self,
        signature: &DataSignature,
        data: &[u8],
        now: UtcDateTime,
    ) -> Result<Vouched, Rejection> {
        let mut vouched: Option<Vouched> = None;
        let mut rejections = Vec::new();
        for pooled in &self.certificates {
            for fingerprint in pooled.keys().filter(|key| signature.names(key)) {
                let signers = pooled.signers.iter().filter_map(|&i| self.signers.get(i));
                let key = match pooled.key_that_made(fingerprint, signature, data) {
                    Ok(key) => key,
                    Err(reason) => {
                        rejections.extend(signers.map(|s| Rejection::of(s.name, reason.clone())));
                        continue;
                    }
                };
                for signer in signers {
                    let expires = match validate(&key, signature, &signer.stance, now) {
                        Ok(expires) => expires,
                        Err(reason) => {
                            rejections.push(Rejection::of(signer.name, reason));
                            continue;
                        }
                    };
                    let first = vouched.get_or_insert_with(|| Vouched {
                        signers: Vec::new(),
                        fingerprint: hex(&key.cert().fingerprint()),
                        key: name(&key),
                        created: signature.created,
                        expires,
                    });
                    if first.fingerprint != hex(&key.cert().fingerprint()) {
                        let key = name(&key);
                        return Err(Rejection::of(signer.name, Reason::AmbiguousKey { key }));
                    }
                    first.signers.push(signer.name.to_owned());
                }
            }
        }
        if let Some(vouched) = vouched {
            return Ok(vouched);
        }
        if rejections.is_empty() {
            rejections.extend(
                self.unreadable
                    .iter()
                    .map(|(name, why)| Rejection::of(name, Reason::UnreadableSigner(why.clone()))),
            );
        }
        // The first of several of the same rank, in the order of the settings.
        let best = rejections.into_iter().rev().max_by_key(Rejection::rank);
        Err(best.unwrap_or_else(|| Rejection::new(Reason::UnknownKey { key: signature.issuer() })))
    }
}

/// Brings the editions of each certificate together, in the order of their first mention.
fn pool(listed: impl IntoIterator<Item = (usize, RawCertificate)>) -> Vec<Pooled> {
    let mut by_primary = BTreeMap::new();
    let mut pool: Vec<Pooled> = Vec::new();
    for (signer, raw) in listed {
        // Other versions than 4 have no fingerprint here, and no signature names them.
        let Some(&primary) = raw.keys.first() else { continue };
        let index = *by_primary.entry(primary).or_insert(pool.len());
        let Some(pooled) = pool.get_mut(index) else {
            let (editions, signers) = (vec![raw], vec![signer]);
            let primary = sequoia_openpgp::Fingerprint::V4(primary);
            pool.push(Pooled { primary, editions, signers, cert: OnceCell::new() });
            continue;
        };
        if pooled.signers.last() != Some(&signer) {
            pooled.signers.push(signer);
        }
        if !pooled.editions.contains(&raw) {
            pooled.editions.push(raw);
        }
    }
    pool
}

impl Pooled {
    /// The fingerprints of its keys, each once.
    fn keys(&self) -> impl Iterator<Item = &Fingerprint> {
        let all: BTreeSet<_> = self.editions.iter().flat_map(|edition| &edition.keys).collect();
        all.into_iter()
    }

    fn cert(&self) -> Result<&Cert, &String> {
        self.cert.get_or_init(|| merge(&self.editions)).as_ref()
    }

    fn key_that_made(
        &self,
        fingerprint: &Fingerprint,
        signature: &DataSignature,
        data: &[u8],
    ) -> Result<ErasedKeyAmalgamation<'_, PublicParts>, Reason> {
        let cert = self.cert().map_err(|detail| Reason::UnreadableCertificate(detail.clone()))?;
        let handle = KeyHandle::from(sequoia_openpgp::Fingerprint::V4(*fingerprint));
        let key = cert.keys().key_handle(handle).next();
        let key = key.ok_or_else(|| Reason::UnknownKey { key: signature.issuer() })?;
        if let Some(algorithm) = weak(key.key()) {
            return Err(Reason::WeakKey { key: name(&key), algorithm });
        }
        // Before the cryptography, which the library refuses for this reason too, without saying so.
        let created = signature.created;
        let key_created = utc(key.key().creation_time()).max(utc(cert.primary_key().key().creation_time()));
        if created < key_created {
            return Err(Reason::OlderThanKey { created, key_created });
        }
        if !signature.is_by(key.key(), data) {
            return Err(Reason::BadSignature { key: name(&key) });
        }
        Ok(key)
    }
}

/// Reads a certificate from all its editions.
fn merge(editions: &[RawCertificate]) -> Result<Cert, String> {
    let mut whole: Option<Cert> = None;
    for edition in editions {
        let next = assemble(edition).map_err(|error| format!("{error:#}"))?;
        whole = Some(match whole {
            None => next,
            Some(cert) => cert.merge_public(next).map_err(|error| format!("{error:#}"))?,
        });
    }
    whole.ok_or_else(|| "it has no packets".to_owned())
}

/// Has each packet read by itself, since they are told apart already: the library's reader of streams, with
/// its armor, would bring into the module all that it knows of encryption.
fn assemble(edition: &RawCertificate) -> sequoia_openpgp::Result<Cert> {
    let (mut packets, mut rest) = (Vec::new(), edition.packets.as_slice());
    while !rest.is_empty() {
        let (next, after) = framing::packet(rest)?;
        rest = after;
        packets.push(match read_packet(&next) {
            Ok(packet) => packet,
            // It may revoke or limit a key, and be well-made but for what follows it in its packet.
            Err(error) if is_signature_that_counts(&next) => return Err(error),
            // What cannot be read stays in its place, as in a stream: another version of a signature or a
            // subkey makes no certificate unusable.
            Err(error) => {
                let mut unknown = Unknown::new(Tag::from(next.tag), error);
                unknown.set_body(next.body.into_owned());
                Packet::Unknown(unknown)
            }
        });
    }
    Cert::from_packets(packets.into_iter())
}

fn is_signature_that_counts(packet: &framing::Packet<'_>) -> bool {
    packet.tag == framing::tag::SIGNATURE
        && framing::read_head(&packet.body).is_ok_and(|head| head.version <= 4)
}

fn read_packet(packet: &framing::Packet<'_>) -> sequoia_openpgp::Result<Packet> {
    let key = || -> sequoia_openpgp::Result<_> {
        let key = Key::<UnspecifiedParts, UnspecifiedRole>::from_bytes(&packet.body)?;
        // Read without its frame, a key may turn out to have a secret half.
        if key.has_secret() {
            let reason = "a public key with more behind it".to_owned();
            return Err(sequoia_openpgp::Error::MalformedPacket(reason).into());
        }
        Ok(key.parts_into_public())
    };
    Ok(match packet.tag {
        framing::tag::PUBLIC_KEY => Packet::PublicKey(key()?.role_into_primary()),
        framing::tag::PUBLIC_SUBKEY => Packet::PublicSubkey(key()?.role_into_subordinate()),
        framing::tag::USER_ID => Packet::UserID(UserID::from(packet.body.to_vec())),
        _ => Packet::Signature(Signature::from_bytes(&packet.body)?),
    })
}

/// Whether a key may have made a signature that it did make: what its certificate allows, now and
/// when it was made. Gives the end of its validity.
fn validate(
    key: &ErasedKeyAmalgamation<'_, PublicParts>,
    signature: &DataSignature,
    stance: &Stance,
    now: UtcDateTime,
) -> Result<Option<UtcDateTime>, Reason> {
    let created = signature.created;
    if created > now.saturating_add(CLOCK_SKEW) {
        return Err(Reason::FromTheFuture { created });
    }
    let rules = certificate_rules(stance);
    let bound = bind(key, &rules, now.max(created))?;
    if !may_sign(&bound) {
        return Err(Reason::NotASigningKey { key: name(key) });
    }

    let revocations = revocations(key);
    if let Some(hard) = revocations.iter().find(|revocation| revocation.hard) {
        return Err(Reason::KeyCompromised { key: hard.key.clone(), revoked: hard.at });
    }
    let revocation = revocations.into_iter().min_by_key(|revocation| revocation.at);
    let expires = expiry(&bound);
    match (&revocation, &expires) {
        (Some(Revocation { at: revoked, .. }), _) if created >= *revoked => {
            return Err(Reason::SignedAfterRevocation { created, revoked: *revoked });
        }
        (_, Some((_, expired))) if created >= *expired => {
            return Err(Reason::SignedAfterExpiry { created, expired: *expired });
        }
        _ => {}
    }
    if let Some(expired) = signature.packet.signature_expiration_time().map(utc)
        && now >= expired
    {
        return Err(Reason::SignatureExpired { expired });
    }
    match (revocation, &expires) {
        (Some(Revocation { key, at: revoked, .. }), _) if stance.revoked_key == Past::Deny => {
            return Err(Reason::KeyRevoked { key, revoked });
        }
        (_, Some((key, expired))) if now >= *expired && stance.expired_key == Past::Deny => {
            return Err(Reason::KeyExpired { key: key.clone(), expired: *expired });
        }
        _ => {}
    }

    if let Some(from) = stance.signed_from
        && created < from
    {
        return Err(Reason::BeforeWindow { created, from });
    }
    if let Some(until) = stance.signed_until
        && created >= until
    {
        return Err(Reason::AfterWindow { created, until });
    }
    Ok(expires.map(|(_, end)| end))
}

/// Reads all certificates of a signer, as the settings are.
pub(super) fn check(
    signer: &Signer<'_>,
    now: UtcDateTime,
) -> Result<Vec<CertificateInfo>, Vec<CertificateProblem>> {
    let problem = |fingerprint, fault| CertificateProblem { fingerprint, fault };
    let raws =
        certificates::read(signer.openpgp).map_err(|why| vec![problem(None, Fault::Unreadable(why))])?;
    let mut problems: Vec<_> = raws
        .iter()
        .filter(|raw| raw.keys.is_empty())
        .map(|raw| problem(None, Fault::Version(raw.version)))
        .collect();
    let mut infos = Vec::new();
    for pooled in &pool(raws.into_iter().map(|raw| (0, raw))) {
        let read = match pooled.cert() {
            Ok(cert) => info(cert, &signer.stance, now),
            Err(detail) => Err(Fault::Malformed(detail.clone())),
        };
        match read {
            Ok(info) => infos.push(info),
            Err(fault) => problems.push(problem(Some(hex(&pooled.primary)), fault)),
        }
    }
    if problems.is_empty() { Ok(infos) } else { Err(problems) }
}

fn info(cert: &Cert, stance: &Stance, now: UtcDateTime) -> Result<CertificateInfo, Fault> {
    let rules = certificate_rules(stance);
    let primary = ErasedKeyAmalgamation::from(cert.primary_key());
    // A certificate that is not valid yet, or no longer vouches for itself, was or will be fine: it
    // is judged as of the day after it was made.
    let created = utc(primary.key().creation_time());
    let first_day = created.saturating_add(Duration::DAY);
    let stale = bind(&primary, &rules, now).is_err() && bind(&primary, &rules, first_day).is_ok();
    let at = if stale { first_day } else { now };
    let expires = match bind(&primary, &rules, at) {
        Ok(bound) => expiry(&bound).map(|(_, end)| end),
        Err(Reason::Sha1SelfSignature { .. }) => return Err(Fault::Sha1SelfSignature),
        Err(Reason::NotBound { detail, .. }) => return Err(Fault::NotBound(detail)),
        Err(Reason::WeakKey { algorithm, .. }) => return Err(Fault::WeakKey(algorithm)),
        Err(other) => return Err(Fault::NotBound(other.to_string())),
    };

    let (mut signing_keys, mut refusals, mut notes) = (Vec::new(), Vec::new(), Vec::new());
    let mut note = |note: Note| {
        // What befell the primary key is told once, not again for each of its subkeys.
        if !notes.contains(&note) {
            notes.push(note);
        }
    };
    if stale {
        note(if created > now { Note::NotYetValid { created } } else { Note::Stale });
    }
    for key in cert.keys() {
        if let Some(algorithm) = weak(key.key()) {
            refusals.push(Reason::WeakKey { key: name(&key), algorithm });
            continue;
        }
        let bound = match bind(&key, &rules, at) {
            Ok(bound) if may_sign(&bound) => bound,
            Ok(_) => {
                refusals.push(Reason::NotASigningKey { key: name(&key) });
                continue;
            }
            Err(reason) => {
                refusals.push(reason);
                continue;
            }
        };
        for Revocation { key, at: revoked, hard } in revocations(&key) {
            note(if hard {
                Note::Compromised { key, revoked }
            } else {
                Note::Revoked { key, revoked, past: stance.revoked_key }
            });
        }
        if let Some((key, expired)) = expiry(&bound)
            && expired <= now
        {
            note(Note::Expired { key, expired, past: stance.expired_key });
        }
        signing_keys.push(name(&key));
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
        notes,
    })
}

/// What a certificate says about one of its keys as of a moment, if it vouches for it.
fn bind<'a>(
    key: &ErasedKeyAmalgamation<'a, PublicParts>,
    rules: &'a StandardPolicy<'a>,
    at: UtcDateTime,
) -> Result<ValidErasedKeyAmalgamation<'a, PublicParts>, Reason> {
    if let Some(algorithm) = weak(key.key()) {
        return Err(Reason::WeakKey { key: name(key), algorithm });
    }
    // First of all, so that a refusal names the key that it is about.
    if !key.primary() {
        bind(&key.cert().primary_key().into(), rules, at)?;
    }
    bind_by(key, rules, at).map_err(|detail| {
        let key_name = name(key);
        let mut lenient = rules.clone();
        lenient.accept_hash(HashAlgorithm::SHA1);
        match bind_by(key, &lenient, at) {
            Ok(_) => Reason::Sha1SelfSignature { key: key_name },
            Err(_) => Reason::NotBound { key: key_name, detail },
        }
    })
}

fn bind_by<'a>(
    key: &ErasedKeyAmalgamation<'a, PublicParts>,
    rules: &'a StandardPolicy<'a>,
    at: UtcDateTime,
) -> Result<ValidErasedKeyAmalgamation<'a, PublicParts>, String> {
    let bound = key.with_policy(rules, system(at)).map_err(|error| format!("{error:#}"))?;
    let cert = bound.valid_cert();
    // The library prefers one that is not revoked.
    let user_id = cert.primary_userid().map(|id| id.revocation_status());
    if matches!(user_id, Ok(RevocationStatus::Revoked(_))) && cert.direct_key_signature().is_err() {
        return Err("its user ids are revoked".to_owned());
    }
    if !bound.primary() && may_sign(&bound) && !is_back_signed(&bound, rules, at) {
        return Err("the subkey did not sign that it belongs to it".to_owned());
    }
    Ok(bound)
}

/// Whether the certificate lets the key sign data.
///
/// Keys from before key flags have none; a primary key can then do what its algorithm can (RFC
/// 9580, 5.2.3.29, leaves it open; GnuPG reads it so). A subkey must say so in its own binding.
fn may_sign(bound: &ValidErasedKeyAmalgamation<'_, PublicParts>) -> bool {
    if bound.primary() {
        bound.key_flags().is_none_or(|flags| flags.for_signing())
    } else {
        bound.binding_signature().key_flags().is_some_and(|flags| flags.for_signing())
    }
}

/// Whether a subkey itself signed that it belongs to the certificate, or anybody could adopt it.
///
/// One signature must be all that is asked for. The library would be content with two, one of which
/// verifies, and another that the rules allow.
fn is_back_signed(
    bound: &ValidErasedKeyAmalgamation<'_, PublicParts>,
    rules: &StandardPolicy<'_>,
    at: UtcDateTime,
) -> bool {
    let (primary, subkey) = (bound.cert().primary_key(), bound.key().role_as_subordinate());
    bound.binding_signature().embedded_signatures().any(|signature| {
        rules.packet_tag_version_cutoff(Tag::Signature, signature.version()).is_none()
            && rules.signature(signature, subkey.hash_algo_security()).is_ok()
            && signature.signature_alive(system(at), std::time::Duration::ZERO).is_ok()
            && signature.verify_primary_key_binding(primary.key(), subkey).is_ok()
    })
}

/// When the key stops being valid, and by which key's end: its own or its primary key's. Of several
/// ends, the earliest counts.
fn expiry(bound: &ValidErasedKeyAmalgamation<'_, PublicParts>) -> Option<(String, UtcDateTime)> {
    let primary = bound.valid_cert().primary_key();
    let name = hex(&primary.key().fingerprint());
    // The library asks a user id first, and the key itself only if that is silent.
    let direct = primary.direct_key_signature().ok();
    let ends = [
        (name.clone(), direct.and_then(|signature| signature.key_expiration_time(primary.key()))),
        (name, primary.key_expiration_time()),
        (hex(&bound.key().fingerprint()), bound.key_expiration_time()),
    ];
    let ends = ends.into_iter().filter_map(|(key, end)| Some((key, utc(end?))));
    ends.min_by_key(|(_, end)| *end)
}

/// A key's end by its owner's word.
#[derive(Debug)]
struct Revocation {
    key: String,
    at: UtcDateTime,
    /// Whether earlier signatures are worth nothing either.
    hard: bool,
}

/// The revocations of a key and of its primary key, by their own certificate.
///
/// The library verified each, but nothing else is asked of them. Its own status is more forgiving: to
/// it, a newer self-signature undoes a revocation that is not hard.
fn revocations(key: &ErasedKeyAmalgamation<'_, PublicParts>) -> Vec<Revocation> {
    let primary = ErasedKeyAmalgamation::from(key.cert().primary_key());
    let keys = if key.primary() { vec![primary] } else { vec![primary, key.clone()] };
    let all = keys.iter().flat_map(|key| key.self_revocations().map(|signature| (name(key), signature)));
    let read = |(key, signature): (String, &Signature)| Revocation {
        key,
        at: signature.signature_creation_time().map_or(UtcDateTime::UNIX_EPOCH, utc),
        // No reason given counts as the worst (RFC 9580, 5.2.3.31).
        hard: signature
            .reason_for_revocation()
            .is_none_or(|(reason, _)| reason.revocation_type() == RevocationType::Hard),
    };
    all.map(read).collect()
}

fn hash_name(hash: HashAlgorithm) -> String {
    match hash {
        HashAlgorithm::MD5 => "MD5".to_owned(),
        HashAlgorithm::SHA1 => "SHA-1".to_owned(),
        HashAlgorithm::RipeMD => "RIPEMD-160".to_owned(),
        HashAlgorithm::SHA224 => "SHA-224".to_owned(),
        HashAlgorithm::SHA256 => "SHA-256".to_owned(),
        HashAlgorithm::SHA384 => "SHA-384".to_owned(),
        HashAlgorithm::SHA512 => "SHA-512".to_owned(),
        other => format!("hash algorithm {}", u8::from(other)),
    }
}

/// The name of a key's algorithm, if it is too weak, is not for signing, or we cannot verify with
/// it.
///
/// The rules refuse these, too. But the library asks them only about keys with a good self-signature,
/// which no key has that it cannot verify with.
fn weak(key: &Key<PublicParts, UnspecifiedRole>) -> Option<String> {
    match key.mpis() {
        _ if !key.pk_algo().for_signing() => Some(key.pk_algo().to_string()),
        PublicKey::RSA { n, .. } => {
            let size = n.bits();
            (!RSA_BITS.contains(&size)).then(|| format!("RSA with {size} bits"))
        }
        PublicKey::Ed25519 { .. }
        | PublicKey::EdDSA { curve: Curve::Ed25519, .. }
        | PublicKey::ECDSA { curve: Curve::NistP256 | Curve::NistP384, .. } => None,
        PublicKey::EdDSA { curve, .. } | PublicKey::ECDSA { curve, .. } => {
            Some(format!("an elliptic curve key on {curve}"))
        }
        _ => Some(key.pk_algo().to_string()),
    }
}

/// The name of a subpacket marked critical whose meaning we do not know, or do not heed.
///
/// RFC 9580, 5.2.3.7: then the whole signature must not count. The area that the signature does not
/// cover is held to the same, which the library overlooks.
fn critical(signature: &Signature, rules: &StandardPolicy<'_>) -> Option<String> {
    let areas = [signature.hashed_area(), signature.unhashed_area()];
    let mut subpackets = areas.into_iter().flat_map(|area| area.iter()).filter(|it| it.critical());
    subpackets.find_map(|subpacket| match (subpacket.value(), subpacket.tag()) {
        (SubpacketValue::NotationData(notation), _) => {
            Some(format!("notation {}", super::quote(notation.name())))
        }
        (_, tag) if rules.critical_subpacket_cutoff(tag).is_some() => {
            Some(format!("subpacket of type {}", u8::from(tag)))
        }
        _ => None,
    })
}

/// The fingerprint of one of a certificate's keys.
fn name(key: &ErasedKeyAmalgamation<'_, PublicParts>) -> String {
    hex(&key.key().fingerprint())
}

fn hex(fingerprint: &sequoia_openpgp::Fingerprint) -> String {
    fingerprint.to_hex()
}

/// The library's times have no fraction and fit: they are 32 bits of seconds.
fn utc(time: SystemTime) -> UtcDateTime {
    UtcDateTime::from(time)
}

fn system(time: UtcDateTime) -> SystemTime {
    SystemTime::from(time)
}
