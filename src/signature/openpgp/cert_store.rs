//! The certificates of all signers, and which of them made a signature.

use std::cell::OnceCell;
use std::collections::{BTreeMap, BTreeSet};

use sequoia_openpgp::cert::amalgamation::key::ErasedKeyAmalgamation;
use sequoia_openpgp::packet::key::{PublicParts, UnspecifiedParts, UnspecifiedRole};
use sequoia_openpgp::packet::{Key, Signature, Tag, Unknown, UserID};
use sequoia_openpgp::parse::Parse as _;
use sequoia_openpgp::{Cert, KeyHandle, Packet};
use time::UtcDateTime;

use crate::signature::certificates::{self, RawCertificate, UnreadableKeyText};
use crate::signature::framing;
use crate::signature::openpgp::algorithms::{effort, weak};
use crate::signature::openpgp::data_signature::DataSignature;
use crate::signature::openpgp::fingerprint::Fingerprint;
use crate::signature::openpgp::material::signing_key;
use crate::signature::openpgp::statements::Statements;
use crate::signature::openpgp::units::{hex, name, utc};
use crate::signature::openpgp::validity::validate;
use crate::signature::rejection::{Reason, Rejection};
use crate::signature::signer::Signer;
use crate::signature::signing_key::SigningKey;

/// All signers' certificates.
#[derive(Debug)]
pub(in crate::signature) struct CertStore<'a> {
    signers: &'a [Signer<'a>],
    certificates: Vec<StoredCert>,
    /// The keys of each key id, and the positions of their certificates, in order.
    keys: BTreeMap<[u8; 8], Vec<(usize, Fingerprint)>>,
    /// The signers whose text cannot be read. None of their certificates counts, for a revocation
    /// may be in the part that is lost.
    unreadable: Vec<(&'a str, UnreadableKeyText)>,
}

/// One certificate, as all signers' texts together tell it.
#[derive(Debug)]
pub(super) struct StoredCert {
    pub(super) primary: sequoia_openpgp::Fingerprint,
    copies: Vec<RawCertificate>,
    /// The signers that list it, by position.
    signers: Vec<usize>,
    read: OnceCell<Result<ReadCert, String>>,
}

/// A certificate that was read.
#[derive(Debug)]
pub(super) struct ReadCert {
    pub(super) cert: Cert,
    /// What bounds its keys.
    pub(super) statements: Statements,
}

/// Who vouches for a signature's data.
#[derive(Debug)]
pub(in crate::signature) struct Vouched {
    pub(in crate::signature) signers: Vec<String>,
    pub(in crate::signature) fingerprint: String,
    pub(in crate::signature) key: SigningKey,
    pub(in crate::signature) created: UtcDateTime,
    pub(in crate::signature) expires: Option<UtcDateTime>,
}

impl<'a> CertStore<'a> {
    pub(in crate::signature) fn new(signers: &'a [Signer<'a>]) -> Self {
        let (mut listed, mut unreadable) = (Vec::new(), Vec::new());
        for (position, signer) in signers.iter().enumerate() {
            match certificates::read(signer.openpgp) {
                Ok(raws) => listed.extend(raws.into_iter().map(|raw| (position, raw))),
                Err(why) => unreadable.push((signer.name, why)),
            }
        }
        let certificates = gather(listed);
        let mut keys: BTreeMap<_, Vec<_>> = BTreeMap::new();
        for (position, stored) in certificates.iter().enumerate() {
            for key in stored.keys() {
                keys.entry(key.key_id()).or_default().push((position, *key));
            }
        }
        Self { signers, certificates, keys, unreadable }
    }

    /// What it takes to verify a signature, in the terms of [`effort`]: nothing, where no signer has its key.
    pub(in crate::signature) fn effort(&self, signature: &DataSignature) -> u32 {
        let candidates = self.candidates(signature);
        let keys = candidates.filter_map(|(stored, fingerprint)| {
            let handle = KeyHandle::from(sequoia_openpgp::Fingerprint::from(*fingerprint));
            let key = stored.read().ok()?.cert.keys().key_handle(handle).next()?;
            Some(effort(key.key()))
        });
        keys.sum()
    }

    /// The certificates that have the key which a signature names, and the key.
    fn candidates<'s>(
        &'s self,
        signature: &'s DataSignature,
    ) -> impl Iterator<Item = (&'s StoredCert, &'s Fingerprint)> {
        let named = self.keys.get(&signature.key_id()).into_iter().flatten();
        let named = named.filter(|(_, key)| signature.names(key));
        named.filter_map(|(position, key)| Some((self.certificates.get(*position)?, key)))
    }

    /// Finds the signers who made `signature` over `data`, or the most telling reason that none did.
    pub(in crate::signature) fn judge(
        &self,
        signature: &DataSignature,
        data: &[u8],
        now: UtcDateTime,
    ) -> Result<Vouched, Rejection> {
        let mut vouched: Option<Vouched> = None;
        let mut rejections = Vec::new();
        for (stored, fingerprint) in self.candidates(signature) {
            let signers = stored.signers.iter().filter_map(|&i| self.signers.get(i));
            let (key, statements) = match stored.key_that_made(fingerprint, signature, data) {
                Ok(made) => made,
                Err(reason) => {
                    rejections.extend(signers.map(|s| Rejection::of(s.name, reason.clone())));
                    continue;
                }
            };
            for signer in signers {
                let expires = match validate(&key, statements, signature, &signer.key_policy, now) {
                    Ok(expires) => expires,
                    Err(reason) => {
                        rejections.push(Rejection::of(signer.name, reason));
                        continue;
                    }
                };
                let first = vouched.get_or_insert_with(|| Vouched {
                    signers: Vec::new(),
                    fingerprint: hex(&key.cert().fingerprint()),
                    key: signing_key(&key),
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

/// Brings the copies of each certificate together, in the order of their first mention.
pub(super) fn gather(listed: impl IntoIterator<Item = (usize, RawCertificate)>) -> Vec<StoredCert> {
    let mut by_primary = BTreeMap::new();
    let mut store: Vec<StoredCert> = Vec::new();
    for (signer, raw) in listed {
        // Other versions than 4 and 6 have no fingerprint here, and no signature names them.
        let Some(&primary) = raw.keys.first() else { continue };
        let index = *by_primary.entry(primary).or_insert(store.len());
        let Some(stored) = store.get_mut(index) else {
            let (copies, signers) = (vec![raw], vec![signer]);
            let primary = sequoia_openpgp::Fingerprint::from(primary);
            store.push(StoredCert { primary, copies, signers, read: OnceCell::new() });
            continue;
        };
        if stored.signers.last() != Some(&signer) {
            stored.signers.push(signer);
        }
        if !stored.copies.contains(&raw) {
            stored.copies.push(raw);
        }
    }
    store
}

impl StoredCert {
    /// The fingerprints of its keys, each once.
    fn keys(&self) -> impl Iterator<Item = &Fingerprint> {
        let mut all = BTreeSet::new();
        all.extend(self.copies.iter().flat_map(|copy| &copy.keys));
        all.into_iter()
    }

    pub(super) fn read(&self) -> Result<&ReadCert, &String> {
        self.read.get_or_init(|| merge(&self.copies)).as_ref()
    }

    fn key_that_made(
        &self,
        fingerprint: &Fingerprint,
        signature: &DataSignature,
        data: &[u8],
    ) -> Result<(ErasedKeyAmalgamation<'_, PublicParts>, &Statements), Reason> {
        let unreadable = |detail: &String| Reason::UnreadableCertificate(detail.clone());
        let ReadCert { cert, statements } = self.read().map_err(unreadable)?;
        let handle = KeyHandle::from(sequoia_openpgp::Fingerprint::from(*fingerprint));
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
        Ok((key, statements))
    }
}

/// Reads a certificate from all its copies.
fn merge(copies: &[RawCertificate]) -> Result<ReadCert, String> {
    let mut whole: Option<Cert> = None;
    let mut statements = Statements::default();
    for copy in copies {
        let next = assemble(copy, &mut statements).map_err(|error| format!("{error:#}"))?;
        whole = Some(match whole {
            None => next,
            Some(cert) => cert.merge_public(next).map_err(|error| format!("{error:#}"))?,
        });
    }
    let cert = whole.ok_or_else(|| "it has no packets".to_owned())?;
    Ok(ReadCert { cert, statements })
}

/// Has each packet read by itself, since they are told apart already: the library's reader of streams, with
/// its armor, would bring into the module all that it knows of encryption.
pub(super) fn assemble(copy: &RawCertificate, statements: &mut Statements) -> sequoia_openpgp::Result<Cert> {
    let (mut packets, mut rest) = (Vec::new(), copy.packets.as_slice());
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
    statements.read(&packets);
    Cert::from_packets(packets.into_iter())
}

fn is_signature_that_counts(packet: &framing::Packet<'_>) -> bool {
    packet.tag == framing::tag::SIGNATURE
        && framing::read_head(&packet.body).is_ok_and(|head| head.version <= 4 || head.version == 6)
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
