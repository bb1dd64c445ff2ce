//! Makes certificates and signatures to order, the impossible ones too.

#![allow(dead_code, reason = "each test binary needs a part of it")]
#![allow(unreachable_pub, reason = "a module of several test binaries")]

use base64::Engine as _;
use sequoia_openpgp::crypto::{KeyPair, Signer as _};
use sequoia_openpgp::packet::key::{Key4, Key6, KeyRole, PrimaryRole, SecretParts, SubordinateRole};
use sequoia_openpgp::packet::signature::SignatureBuilder;
use sequoia_openpgp::packet::signature::subpacket::{Subpacket, SubpacketValue};
use sequoia_openpgp::packet::{Key, Signature, UserID};
use sequoia_openpgp::serialize::MarshalInto as _;
use sequoia_openpgp::types::{Curve, HashAlgorithm, KeyFlags, ReasonForRevocation, SignatureType};
use std::time::{Duration, SystemTime};
use time::UtcDateTime;

/// A day in the middle of everything, and the unit of this file's clock.
pub const DAY_ZERO: i64 = 1_700_000_000;

/// The moment so many days after [`DAY_ZERO`].
pub fn day(day: i64) -> UtcDateTime {
    UtcDateTime::from_unix_timestamp(DAY_ZERO + day * 86400).expect("a time")
}

fn system(day: i64) -> SystemTime {
    let seconds = u64::try_from(DAY_ZERO + day * 86400).expect("after 1970");
    SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)
}

pub fn base64(bytes: &[u8]) -> String {
    base64::engine::general_purpose::STANDARD.encode(bytes)
}

/// A packet in the new format.
pub fn packet(tag: u8, body: &[u8]) -> Vec<u8> {
    let length = u32::try_from(body.len()).expect("short").to_be_bytes();
    [&[0xc0 | tag, 0xff][..], &length, body].concat()
}

/// What a signature on a certificate is to say.
pub type Edit = fn(SignatureBuilder) -> SignatureBuilder;

pub fn certify_only(builder: SignatureBuilder) -> SignatureBuilder {
    builder.set_key_flags(KeyFlags::empty().set_certification()).expect("flags")
}

pub fn signs(builder: SignatureBuilder) -> SignatureBuilder {
    builder.set_key_flags(KeyFlags::empty().set_signing()).expect("flags")
}

pub fn days(builder: SignatureBuilder, days: u64) -> SignatureBuilder {
    builder.set_key_validity_period(Duration::from_secs(days * 86400)).expect("a period")
}

fn builder(kind: SignatureType, at: i64, edit: Edit) -> SignatureBuilder {
    let builder = SignatureBuilder::new(kind).set_hash_algo(HashAlgorithm::SHA256);
    edit(builder.set_signature_creation_time(system(at)).expect("a time"))
}

/// What a key is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Version 4, EdDSA on Curve25519.
    Version4,
    /// Version 4, ECDSA.
    Version4P256,
    Version4P384,
    /// Version 6, as the others.
    Ed25519,
    Ed448,
    P256,
    P384,
    MlDsa65,
    MlDsa87,
}

impl Kind {
    pub const VERSION_4: [Self; 3] = [Self::Version4, Self::Version4P256, Self::Version4P384];
    pub const VERSION_6: [Self; 6] =
        [Self::Ed25519, Self::Ed448, Self::P256, Self::P384, Self::MlDsa65, Self::MlDsa87];

    fn key<R: KeyRole>(self, created: i64) -> Key<SecretParts, R> {
        let mut key: Key<SecretParts, R> = match self {
            Self::Version4 => Key4::generate_ecc(true, Curve::Ed25519).expect("a key").into(),
            Self::Version4P256 => Key4::generate_ecc(true, Curve::NistP256).expect("a key").into(),
            Self::Version4P384 => Key4::generate_ecc(true, Curve::NistP384).expect("a key").into(),
            Self::Ed25519 => Key6::generate_ed25519().expect("a key").into(),
            Self::Ed448 => Key6::generate_ed448().expect("a key").into(),
            Self::P256 => Key6::generate_ecc(true, Curve::NistP256).expect("a key").into(),
            Self::P384 => Key6::generate_ecc(true, Curve::NistP384).expect("a key").into(),
            Self::MlDsa65 => Key6::generate_mldsa65_ed25519().expect("a key").into(),
            Self::MlDsa87 => Key6::generate_mldsa87_ed448().expect("a key").into(),
        };
        key.set_creation_time(system(created)).expect("a time");
        key
    }
}

/// Somebody with a primary key, and the certificate as it grows.
pub struct Owner {
    pub key: Key<SecretParts, PrimaryRole>,
    pub pair: KeyPair,
    pub packets: Vec<u8>,
}

impl Owner {
    /// A bare primary key.
    pub fn new(created: i64) -> Self {
        Self::of(Kind::Version4.key(created))
    }

    /// A bare primary key of this kind.
    pub fn of_kind(kind: Kind, created: i64) -> Self {
        Self::of(kind.key(created))
    }

    pub fn of(key: Key<SecretParts, PrimaryRole>) -> Self {
        let pair = key.clone().into_keypair().expect("unencrypted");
        let body = key.clone().take_secret().0.to_vec().expect("serializable");
        Self { key, pair, packets: packet(6, &body) }
    }

    /// An ordinary one: made on day 0, with a user id that lets it sign.
    pub fn ordinary() -> Self {
        Self::new(0).user_id("a@b.test", 0, signs)
    }

    pub fn fingerprint(&self) -> String {
        self.key.fingerprint().to_hex()
    }

    pub fn push(mut self, tag: u8, body: &[u8]) -> Self {
        self.packets.extend(packet(tag, body));
        self
    }

    pub fn signature(self, signature: &Signature) -> Self {
        let body = signature.to_vec().expect("serializable");
        self.push(2, &body)
    }

    pub fn user_id(self, id: &str, at: i64, edit: Edit) -> Self {
        self.push(13, id.as_bytes()).certify(id, at, edit)
    }

    /// Another self-signature over a user id.
    pub fn certify(mut self, id: &str, at: i64, edit: Edit) -> Self {
        let builder = builder(SignatureType::PositiveCertification, at, edit);
        let id = UserID::from(id);
        let key = self.key.parts_as_public().clone();
        let signature = builder.sign_userid_binding(&mut self.pair, &key, &id).expect("signed");
        self.signature(&signature)
    }

    pub fn revoke_user_id(self, id: &str, at: i64) -> Self {
        self.revoke_user_id_by(HashAlgorithm::SHA256, id, at)
    }

    pub fn revoke_user_id_by(mut self, hash: HashAlgorithm, id: &str, at: i64) -> Self {
        let builder = builder(SignatureType::CertificationRevocation, at, |builder| builder);
        let builder = builder.set_hash_algo(hash);
        let id = UserID::from(id);
        let key = self.key.parts_as_public().clone();
        let signature = builder.sign_userid_binding(&mut self.pair, &key, &id).expect("signed");
        self.signature(&signature)
    }

    pub fn direct(mut self, at: i64, edit: Edit) -> Self {
        let builder = builder(SignatureType::DirectKey, at, edit);
        let key = self.key.parts_as_public().clone();
        let signature = builder.sign_direct_key(&mut self.pair, &key).expect("signed");
        self.signature(&signature)
    }

    /// Revokes the key without a reason, by a hash that no other signature may use.
    pub fn revoke_by(mut self, hash: HashAlgorithm, at: i64) -> Self {
        let builder = builder(SignatureType::KeyRevocation, at, |builder| builder).set_hash_algo(hash);
        let key = self.key.parts_as_public().clone();
        let signature = builder.sign_direct_key(&mut self.pair, &key).expect("signed");
        self.signature(&signature)
    }

    pub fn revoke(mut self, at: i64, reason: Option<ReasonForRevocation>) -> Self {
        let mut pair = self.pair.clone();
        let key = self.key.parts_as_public().clone();
        let signature = revocation(&mut pair, &key, at, reason);
        self.pair = pair;
        self.signature(&signature)
    }

    /// Adds a subkey whose binding says what `edit` says, with a back-signature if asked for.
    pub fn subkey(&mut self, created: i64, back_signed: bool, edit: Edit) -> Subkey {
        let kind = if self.key.version() == 6 { Kind::Ed25519 } else { Kind::Version4 };
        self.subkey_of_kind(kind, created, back_signed, edit)
    }

    pub fn subkey_of_kind(&mut self, kind: Kind, created: i64, back_signed: bool, edit: Edit) -> Subkey {
        let subkey = Subkey::of(kind.key(created));
        self.bind(&subkey, created, back_signed, edit);
        subkey
    }

    pub fn bind(&mut self, subkey: &Subkey, at: i64, back_signed: bool, edit: Edit) {
        let back = back_signed.then(|| {
            builder(SignatureType::PrimaryKeyBinding, at, |builder| builder)
                .sign_primary_key_binding(
                    &mut subkey.pair.clone(),
                    self.key.parts_as_public(),
                    subkey.key.parts_as_public(),
                )
                .expect("signed")
        });
        self.bind_with(subkey, at, back, edit);
    }

    /// Binds a subkey with these as its back-signatures.
    pub fn bind_with(
        &mut self,
        subkey: &Subkey,
        at: i64,
        back: impl IntoIterator<Item = Signature>,
        edit: Edit,
    ) {
        let mut binding = builder(SignatureType::SubkeyBinding, at, edit);
        let key = self.key.parts_as_public().clone();
        let public = subkey.key.parts_as_public().clone();
        for back in back {
            let value = SubpacketValue::EmbeddedSignature(back);
            let back = Subpacket::new(value, false).expect("a subpacket");
            binding = binding.modify_hashed_area(|mut area| area.add(back).map(|()| area)).expect("embedded");
        }
        let signature = binding.sign_subkey_binding(&mut self.pair, &key, &public).expect("signed");
        let body = subkey.key.clone().take_secret().0.to_vec().expect("serializable");
        self.packets.extend(packet(14, &body));
        self.packets.extend(packet(2, &signature.to_vec().expect("serializable")));
    }

    pub fn revoke_subkey(mut self, subkey: &Subkey, at: i64, reason: Option<ReasonForRevocation>) -> Self {
        let mut builder = builder(SignatureType::SubkeyRevocation, at, |builder| builder);
        if let Some(reason) = reason {
            builder = builder.set_reason_for_revocation(reason, b"").expect("a reason");
        }
        let key = self.key.parts_as_public().clone();
        let public = subkey.key.parts_as_public().clone();
        let signature = builder.sign_subkey_binding(&mut self.pair, &key, &public).expect("signed");
        self.signature(&signature)
    }

    /// The certificate, as settings hold it.
    pub fn text(&self) -> String {
        base64(&self.packets)
    }

    pub fn sign(&mut self, payload: &[u8], at: i64) -> Vec<u8> {
        blob(&mut self.pair, payload, at, |builder| builder)
    }
}

/// A binding signature, of either direction, made by the subkey.
pub fn by_subkey(subkey: &Subkey, owner: &Owner, kind: SignatureType, at: i64, edit: Edit) -> Signature {
    let (mut pair, builder) = (subkey.pair.clone(), builder(kind, at, edit));
    let (key, public) = (owner.key.parts_as_public(), subkey.key.parts_as_public());
    match kind {
        SignatureType::PrimaryKeyBinding => builder.sign_primary_key_binding(&mut pair, key, public),
        _ => builder.sign_subkey_binding(&mut pair, key, public),
    }
    .expect("signed")
}

/// A self-signature of version 3, over the primary key alone.
pub fn direct_version_3(owner: &mut Owner, at: i64) -> Vec<u8> {
    let body = owner.key.clone().take_secret().0.to_vec().expect("serializable");
    let time = u32::try_from(DAY_ZERO + at * 86400).expect("a time").to_be_bytes();
    let mut hash = HashAlgorithm::SHA256.context().expect("supported").for_digest();
    hash.update(&[0x99]);
    hash.update(&u16::try_from(body.len()).expect("short").to_be_bytes());
    hash.update(&body);
    hash.update(&[0x1f]);
    hash.update(&time);
    let digest = hash.into_digest().expect("supported");
    let numbers = owner.pair.sign(HashAlgorithm::SHA256, &digest).expect("signed");
    let key_id = owner.key.keyid();
    [
        &[3, 5, 0x1f][..],
        &time,
        key_id.as_bytes(),
        &[22, 8],
        digest.get(..2).expect("long"),
        &numbers.to_vec().expect("serializable"),
    ]
    .concat()
}

/// Somebody's statement that `key` is revoked; their own key's, or somebody else's.
pub fn revocation(
    pair: &mut KeyPair,
    key: &Key<sequoia_openpgp::packet::key::PublicParts, PrimaryRole>,
    at: i64,
    reason: Option<ReasonForRevocation>,
) -> Signature {
    let mut builder = builder(SignatureType::KeyRevocation, at, |builder| builder);
    if let Some(reason) = reason {
        builder = builder.set_reason_for_revocation(reason, b"").expect("a reason");
    }
    builder.sign_direct_key(pair, key).expect("signed")
}

/// Somebody else's certification of a user id.
pub fn certification(pair: &mut KeyPair, of: &Owner, id: &str, at: i64) -> Signature {
    builder(SignatureType::GenericCertification, at, |builder| builder)
        .sign_userid_binding(pair, of.key.parts_as_public(), &UserID::from(id))
        .expect("signed")
}

pub struct Subkey {
    pub key: Key<SecretParts, SubordinateRole>,
    pub pair: KeyPair,
}

impl Subkey {
    pub fn of(key: Key<SecretParts, SubordinateRole>) -> Self {
        let pair = key.clone().into_keypair().expect("unencrypted");
        Self { key, pair }
    }

    pub fn fingerprint(&self) -> String {
        self.key.fingerprint().to_hex()
    }

    pub fn sign(&mut self, payload: &[u8], at: i64) -> Vec<u8> {
        blob(&mut self.pair, payload, at, |builder| builder)
    }
}

/// A signature packet over data.
pub fn data_signature(pair: &mut KeyPair, payload: &[u8], at: i64, edit: Edit) -> Signature {
    builder(SignatureType::Binary, at, edit).sign_message(pair, payload).expect("signed")
}

/// A whole signed message.
pub fn blob(pair: &mut KeyPair, payload: &[u8], at: i64, edit: Edit) -> Vec<u8> {
    let signature = data_signature(pair, payload, at, edit).to_vec().expect("serializable");
    let key = pair.public();
    match signature.first() {
        Some(6) => frame(&signature, key.fingerprint().as_bytes(), payload),
        _ => frame(&signature, key.keyid().as_bytes(), payload),
    }
}

/// The packets around the body of a signature, by a key of this key id, or of this fingerprint in
/// version 6.
pub fn frame(signature: &[u8], key: &[u8], payload: &[u8]) -> Vec<u8> {
    let literal = [b"b\0\0\0\0\0", payload].concat();
    [packet(4, &one_pass(signature, key)), packet(11, &literal), packet(2, signature)].concat()
}

/// The body of the one-pass packet that announces a signature.
pub fn one_pass(signature: &[u8], key: &[u8]) -> Vec<u8> {
    let [version, kind, public_key, hash, ref rest @ ..] = *signature else { panic!("too short") };
    if version != 6 {
        return [&[3, kind, hash, public_key][..], key, &[1]].concat();
    }
    let area = |bytes: &[u8]| -> usize {
        let (length, _) = bytes.split_first_chunk::<4>().expect("an area");
        4 + usize::try_from(u32::from_be_bytes(*length)).expect("short")
    };
    let hashed = area(rest);
    let unhashed = area(rest.get(hashed..).expect("another"));
    let salt = rest.get(hashed + unhashed + 2..).expect("a salt");
    let (&length, _) = salt.split_first().expect("a length");
    let salt = salt.get(..=usize::from(length)).expect("whole");
    [&[6, kind, hash, public_key][..], salt, key, &[1]].concat()
}

pub const DIGEST: &str = "sha256:0205374946b5e089dfd3017e2743df600adad17678a5c975f7074dc4ab4393d1";

/// A payload that is fine.
pub fn payload() -> Vec<u8> {
    format!(
        r#"{{"critical":{{"type":"atomic container signature","image":{{"docker-manifest-digest":"{DIGEST}"}},"identity":{{"docker-reference":"registry.test/ns/app:v1"}}}},"optional":{{}}}}"#
    )
    .into_bytes()
}
