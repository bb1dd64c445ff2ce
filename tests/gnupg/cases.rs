//! What is compared: signatures of every kind, under keys of every fate.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::home::{Home, Key, at};
use super::packets;
use super::skopeo::Image;
use super::tables::{ALGORITHMS, FLIPS, PAYLOAD, PAYLOADS, RARE, REFERENCE, REFERENCES, SIGNED};

/// One image, its signatures, and what is asked of them.
pub struct Case {
    pub name: String,
    pub blobs: Vec<Vec<u8>>,
    pub certificates: Vec<u8>,
    /// As policy.json and our settings have it.
    pub identity: Value,
    /// What our settings say of the signer beyond the certificates.
    pub stance: Value,
    /// Whether a subkey signed, of which skopeo may know nothing.
    pub by_subkey: bool,
}

/// The requirement that a signature is for exactly this reference.
pub fn exact(reference: &str) -> Value {
    json!({"type": "exactReference", "dockerReference": reference})
}

/// What is signed, for a reference and a digest.
pub fn payload(reference: &str, digest: &str) -> Vec<u8> {
    PAYLOAD.replace("{R}", reference).replace("{D}", digest).into_bytes()
}

/// The keys, what became of their certificates, and the cases so far.
struct Desk<'a> {
    home: &'a Home,
    image: &'a Image,
    keys: BTreeMap<&'static str, Key>,
    /// Certificates by name: those of all keys, and later editions.
    editions: BTreeMap<&'static str, Vec<u8>>,
    cases: Vec<Case>,
    unmade: Vec<String>,
}

/// All cases, and the names of those that this GnuPG cannot make.
pub fn cases(home: &Home, image: &Image) -> (Vec<Case>, Vec<String>) {
    let mut desk = Desk {
        home,
        image,
        keys: BTreeMap::new(),
        editions: BTreeMap::new(),
        cases: Vec::new(),
        unmade: Vec::new(),
    };
    desk.make_keys();
    desk.make_editions();
    desk.keys_and_tools();
    desk.ways_to_sign();
    desk.fates_of_keys();
    desk.rings();
    desk.payloads();
    desk.references();
    desk.surgery();
    desk.several_signatures();
    (desk.cases, desk.unmade)
}

impl Desk<'_> {
    fn make_keys(&mut self) {
        for name in ALGORITHMS {
            match self.home.generate(&format!("{name}@example.com"), name, "sign", "20240101") {
                Ok(key) => self.keep(name, key),
                Err(error) => assert!(RARE.contains(&name), "{name}: {error}"),
            }
        }
        let made = |key: Result<Key, String>| key.expect("a key that every GnuPG makes");
        let ed25519 = |name, usage, day| made(self.home.generate(name, "ed25519", usage, day));
        let mut with_subkeys = ed25519("with-subkeys", "cert", "20240101");
        self.home.add_subkey(&mut with_subkeys, "ed25519", "sign", "never", "20240101");
        self.home.add_subkey(&mut with_subkeys, "cv25519", "encr", "never", "20240101");
        let lapsed =
            made(self.home.generate_with("lapsed", "ed25519", "sign", "20210101T000000", &[&at("20200101")]));
        let sha1 = ["--cert-digest-algo=SHA1", &at("20240101")];
        let sha1 = made(self.home.generate_with("sha1", "ed25519", "sign", "never", &sha1));
        let unborn = ed25519("unborn", "sign", "20990101");
        let other = ed25519("other", "sign", "20240101");
        for (name, key) in [
            ("with-subkeys", with_subkeys),
            ("lapsed", lapsed),
            ("sha1", sha1),
            ("unborn", unborn),
            ("other", other),
        ] {
            self.keep(name, key);
        }
    }

    fn keep(&mut self, name: &'static str, key: Key) {
        self.editions.insert(name, key.certificate.clone());
        self.keys.insert(name, key);
    }

    fn make_editions(&mut self) {
        type Edit = fn(&Home, &str);
        let expire: Edit = |home, key| {
            home.gpg([&at("20240601"), "--quick-set-expire", key, "20250101T000000"], &[])
                .expect("an expiry");
        };
        let expire_later: Edit = |home, key| {
            home.gpg(["--quick-set-expire", key, "10y"], &[]).expect("an expiry");
        };
        let edits: [(&str, &str, Edit); 19] = [
            ("ed25519", "revoked without a reason", |home, key| home.revoke(key, "0")),
            ("ed25519", "revoked as compromised", |home, key| home.revoke(key, "1")),
            ("ed25519", "revoked as superseded", |home, key| home.revoke(key, "2")),
            ("ed25519", "revoked as no longer used", |home, key| home.revoke(key, "3")),
            ("ed25519", "revoked, then renewed", |home, key| {
                home.gpg(["--quick-set-expire", key, "10y"], &[]).expect("an expiry");
                home.revoke(key, "2");
            }),
            ("ed25519", "expired", expire),
            ("ed25519", "to expire", expire_later),
            ("ed25519", "may no longer sign", |home, key| home.edit(key, &["change-usage", "S", "Q"])),
            ("ed25519", "one user id revoked", |home, key| {
                home.gpg(["--quick-add-uid", key, "former"], &[]).expect("a user id");
                home.gpg(["--quick-revoke-uid", key, "former"], &[]).expect("a user id");
            }),
            ("ed25519", "encryption subkey added", |home, key| {
                home.gpg(["--quick-add-key", key, "cv25519", "encr", "never"], &[]).expect("a subkey");
            }),
            ("lapsed", "renewed", expire_later),
            ("with-subkeys", "subkey revoked without a reason", |home, key| {
                home.edit(key, &["key 1", "revkey", "y", "0", "", "y"]);
            }),
            ("with-subkeys", "subkey revoked as superseded", |home, key| {
                home.edit(key, &["key 1", "revkey", "y", "2", "", "y"]);
            }),
            ("with-subkeys", "other subkey revoked", |home, key| {
                home.edit(key, &["key 2", "revkey", "y", "1", "", "y"]);
            }),
            ("with-subkeys", "subkey expired", |home, key| {
                let arguments = [&at("20240601"), "--quick-set-expire", key, "20250101T000000", "*"];
                home.gpg(arguments, &[]).expect("an expiry");
            }),
            ("with-subkeys", "primary key expired", expire),
            ("with-subkeys", "primary key revoked as superseded", |home, key| home.revoke(key, "2")),
            ("with-subkeys", "subkey may no longer sign", |home, key| {
                home.edit(key, &["key 1", "change-usage", "S", "A", "Q"]);
            }),
            ("with-subkeys", "without its encryption subkey", |home, key| {
                home.edit(key, &["key 2", "delkey", "y"]);
            }),
        ];
        for (key, edition, edit) in edits {
            let certificate = self.home.edition(&self.keys[key], edit);
            self.editions.insert(edition, certificate);
        }
    }

    fn payload(&self) -> Vec<u8> {
        payload(REFERENCE, &self.image.digest)
    }

    fn sign(&self, keys: &str, command: &str, payload: &[u8]) -> Result<Vec<u8>, String> {
        let keys: Option<Vec<&Key>> = keys.split(' ').map(|name| self.keys.get(name)).collect();
        self.home.sign(&keys.ok_or("no such key")?, command, payload)
    }

    /// A case like any other, signed by an Ed25519 key: what every test varies.
    fn plain(&self, name: &str) -> Case {
        Case {
            name: name.to_owned(),
            blobs: Vec::new(),
            certificates: self.editions["ed25519"].clone(),
            identity: exact(REFERENCE),
            stance: json!({}),
            by_subkey: false,
        }
    }

    fn add(&mut self, ring: &str, name: &str, blob: Result<Vec<u8>, String>) {
        match (blob, self.editions.get(ring)) {
            (Ok(blob), Some(certificates)) => {
                let certificates = certificates.clone();
                self.cases.push(Case { blobs: vec![blob], certificates, ..self.plain(name) });
            }
            (Err(error), _) => {
                assert!(RARE.iter().any(|rare| name.contains(rare)), "{name}: {error}");
                self.unmade.push(name.to_owned());
            }
            (Ok(_), None) => panic!("{name}: no certificate {ring}"),
        }
    }

    fn keys_and_tools(&mut self) {
        for name in ALGORITHMS.into_iter().chain(["with-subkeys", "sha1"]) {
            self.add(name, &format!("{name} by gpg"), self.sign(name, "--sign", &self.payload()));
            let by_skopeo = match self.keys.get(name) {
                Some(key) => self.image.sign(self.home, key, REFERENCE),
                None => Err("no such key".to_owned()),
            };
            self.add(name, &format!("{name} by skopeo"), by_skopeo);
        }
    }

    fn ways_to_sign(&mut self) {
        for (name, keys, command) in SIGNED {
            let ring = keys.split(' ').next().unwrap_or_default();
            self.add(ring, name, self.sign(keys, command, &self.payload()));
        }
        let mut long = self.payload();
        long.resize(20_000, b' ');
        self.add("rsa2048", "partial lengths", self.sign("rsa2048", "--compress-algo none --sign", &long));
        self.add("rsa2048", "partial lengths, compressed", self.sign("rsa2048", "--sign", &long));
    }

    fn fates_of_keys(&mut self) {
        let day = |day| format!("{} --sign", at(day));
        for (key, edition, day) in [
            ("ed25519", "revoked without a reason", Some("20240201")),
            ("ed25519", "revoked as compromised", Some("20240201")),
            ("ed25519", "revoked as superseded", Some("20240201")),
            ("ed25519", "revoked as superseded", None),
            ("ed25519", "revoked as no longer used", Some("20240201")),
            ("ed25519", "revoked, then renewed", Some("20240201")),
            ("ed25519", "expired", Some("20240201")),
            ("ed25519", "expired", Some("20250601")),
            ("ed25519", "to expire", Some("20240201")),
            ("ed25519", "to expire", None),
            ("ed25519", "may no longer sign", Some("20240201")),
            ("ed25519", "may no longer sign", None),
            ("ed25519", "one user id revoked", None),
            ("ed25519", "encryption subkey added", None),
            ("lapsed", "lapsed", Some("20200601")),
            ("lapsed", "renewed", Some("20200601")),
            ("unborn", "unborn", Some("20990601")),
            ("with-subkeys", "subkey revoked without a reason", Some("20240201")),
            ("with-subkeys", "subkey revoked as superseded", Some("20240201")),
            ("with-subkeys", "other subkey revoked", None),
            ("with-subkeys", "subkey expired", Some("20240201")),
            ("with-subkeys", "primary key expired", Some("20240201")),
            ("with-subkeys", "primary key revoked as superseded", Some("20240201")),
            ("with-subkeys", "subkey may no longer sign", Some("20240201")),
            ("with-subkeys", "without its encryption subkey", None),
        ] {
            let command = day.map_or("--sign".to_owned(), |it| format!("{} --sign", at(it)));
            let name = format!("key {edition}, signed {}", day.unwrap_or("now"));
            self.add(edition, &name, self.sign(key, &command, &self.payload()));
            if let Some(case) = self.cases.last_mut() {
                case.by_subkey = key == "with-subkeys";
            }
        }
        for (key, edition, stance) in [
            ("ed25519", "expired", json!({"expiredKey": "allowSignedBefore"})),
            ("ed25519", "revoked as superseded", json!({"revokedKey": "allowSignedBefore"})),
            ("ed25519", "revoked as compromised", json!({"revokedKey": "allowSignedBefore"})),
            ("sha1", "sha1", json!({"sha1SelfSignatures": true})),
        ] {
            let name = format!("key {edition}, with {stance}");
            self.add(edition, &name, self.sign(key, &day("20240201"), &self.payload()));
            if let Some(case) = self.cases.last_mut() {
                case.stance = stance;
            }
        }
    }

    fn rings(&mut self) {
        let blob = self.sign("ed25519", "--sign", &self.payload()).expect("a signature");
        let ed25519 = self.editions["ed25519"].clone();
        let armored = |name: &str| {
            self.home.gpg(["--armor", "--export", &self.keys[name].fingerprint], &[]).expect("armor")
        };
        let both = |one: &[u8], other: &[u8]| [one, other].concat();
        for (name, certificates) in [
            ("ring of another key", self.editions["other"].clone()),
            ("ring of two keys", both(&self.editions["other"], &ed25519)),
            ("ring of two keys, the first", both(&ed25519, &self.editions["other"])),
            ("ring of two editions", both(&ed25519, &self.editions["revoked as superseded"])),
            (
                "ring of two editions, the other first",
                both(&self.editions["revoked as superseded"], &ed25519),
            ),
            ("ring with a key that cannot sign", both(&self.editions["lapsed"], &ed25519)),
            ("ring in armor", armored("ed25519")),
            ("ring of two armored keys", both(&armored("ed25519"), &armored("other"))),
            ("ring of two armored keys, the second", both(&armored("other"), &armored("ed25519"))),
            ("ring with text before its armor", both(b"pub   ed25519 2024-01-01\n\n", &armored("ed25519"))),
            ("ring that is none", b"this is no key".to_vec()),
            ("ring that is empty", Vec::new()),
            ("ring that is cut short", ed25519.split_at(ed25519.len() / 2).0.to_vec()),
        ] {
            self.cases.push(Case { blobs: vec![blob.clone()], certificates, ..self.plain(name) });
        }
    }

    fn payloads(&mut self) {
        let digest = self.image.digest.clone();
        let members = [
            ("{T}", r#""type":"atomic container signature""#.to_owned()),
            ("{I}", format!(r#""identity":{{"docker-reference":"{REFERENCE}"}}"#)),
            ("{J}", format!(r#""image":{{"docker-manifest-digest":"{digest}"}}"#)),
            ("{O}", format!(r#""image":{{"docker-manifest-digest":"sha256:{}"}}"#, "0".repeat(64))),
            ("{U}", format!(r#""image":{{"docker-manifest-digest":"{}"}}"#, digest.to_uppercase())),
            ("{D}", digest),
            ("{R}", REFERENCE.to_owned()),
        ];
        for (name, template) in PAYLOADS {
            let json =
                members.iter().fold((*template).to_owned(), |json, (key, text)| json.replace(key, text));
            self.add("ed25519", &format!("json: {name}"), self.sign("ed25519", "--sign", json.as_bytes()));
        }
        for (name, depth) in [("json: nested deeply", 100), ("json: nested very deeply", 200)] {
            let nest = format!(r#""optional":{{"x":{}{}}}"#, "[".repeat(depth), "]".repeat(depth));
            let json =
                format!(r#"{{"critical":{{{},{},{}}},{nest}}}"#, members[0].1, members[1].1, members[2].1);
            self.add("ed25519", name, self.sign("ed25519", "--sign", json.as_bytes()));
        }
        let mut not_utf8 = self.payload();
        let at = not_utf8.windows(6).position(|it| it == b"a test").expect("the creator");
        not_utf8[at] = 0xff;
        self.add("ed25519", "json: not UTF-8", self.sign("ed25519", "--sign", &not_utf8));
    }

    fn references(&mut self) {
        let digest = self.image.digest.clone();
        for (name, asked, signed) in REFERENCES {
            let [asked, signed] = [asked, signed].map(|reference| reference.replace("{D}", &digest));
            let blob = self.sign("ed25519", "--sign", &payload(&signed, &digest)).expect("a signature");
            let case = self.plain(&format!("reference: {name}"));
            self.cases.push(Case { blobs: vec![blob], identity: exact(&asked), ..case });
        }
        for (name, repository, signed) in [
            ("tag", "registry.test/ns/app", "registry.test/ns/app:v7"),
            ("no tag", "registry.test/ns/app", "registry.test/ns/app"),
            ("another repository", "registry.test/ns/app", "registry.test/ns/application:v1"),
            ("a short name", "busybox", "docker.io/library/busybox:1"),
        ] {
            let blob = self.sign("ed25519", "--sign", &payload(signed, &digest)).expect("a signature");
            let identity = json!({"type": "exactRepository", "dockerRepository": repository});
            let case = self.plain(&format!("repository: {name}"));
            self.cases.push(Case { blobs: vec![blob], identity, ..case });
        }
    }

    fn surgery(&mut self) {
        let whole =
            self.sign("ed25519", "--compress-algo none --sign", &self.payload()).expect("a signature");
        let packets = packets::take_apart(&whole);
        let [one_pass, literal, signature] = packets.as_slice() else {
            panic!("{packets:?}");
        };
        let elsewhere = payload("registry.test/ns/other:v1", &self.image.digest);
        let elsewhere = self.sign("ed25519", "--compress-algo none --sign", &elsewhere).expect("a signature");
        let elsewhere = packets::take_apart(&elsewhere);
        let join = |parts: &[&(u8, Vec<u8>)]| packets::put_together(parts.iter().copied());
        let message = join(&[one_pass, literal, signature]);
        let marker = packets::packet(10, b"PGP");
        let after = |tail: &[u8]| [&whole, tail].concat();
        let cut = |end: usize| whole[..end].to_vec();
        let made = [
            ("packets as they were", message.clone()),
            ("without a one-pass packet", join(&[signature, literal])),
            ("without a one-pass packet, signature last", join(&[literal, signature])),
            ("without a signature", join(&[one_pass, literal])),
            ("without data", join(&[one_pass, signature])),
            ("only a signature", join(&[signature])),
            ("two literal packets", join(&[one_pass, literal, literal, signature])),
            ("two signatures for one one-pass packet", join(&[one_pass, literal, signature, signature])),
            ("signed twice by the same", join(&[one_pass, one_pass, literal, signature, signature])),
            ("another message behind", after(&whole)),
            ("another message before", [packets::put_together(&elsewhere), whole.clone()].concat()),
            ("another's signature", join(&[one_pass, literal, &elsewhere[2]])),
            ("another's data", join(&[one_pass, &elsewhere[1], signature])),
            ("zero behind", after(&[0])),
            ("newline behind", after(b"\n")),
            ("text behind", after(b"and so on")),
            ("marker behind", after(&marker)),
            ("marker before", [&marker, whole.as_slice()].concat()),
            ("newline before", [b"\n", whole.as_slice()].concat()),
            ("compressed once", packets::zip(&message)),
            ("compressed twice", packets::zip(&packets::zip(&message))),
            ("compressed by no algorithm", packets::packet(8, &[&[0], message.as_slice()].concat())),
            (
                "compressed data within",
                [
                    packets::put_together([one_pass]),
                    packets::zip(&join(&[literal])),
                    packets::put_together([signature]),
                ]
                .concat(),
            ),
            ("compressed, with a zero behind", [packets::zip(&message), vec![0]].concat()),
            ("cut before the signature", cut(whole.len() - signature.1.len())),
            ("cut by a byte", cut(whole.len() - 1)),
            ("cut to a byte", cut(1)),
            ("nothing at all", Vec::new()),
            ("a frame for sigstore", [b"\0simple-signing\n", whole.as_slice()].concat()),
        ];
        for (name, blob) in made {
            self.add("ed25519", &format!("packets: {name}"), Ok(blob));
        }
        for (name, index, offset, bits) in FLIPS {
            let mut packets = packets.clone();
            let body = &mut packets[*index].1;
            let offset = offset(body);
            body[offset] ^= bits;
            self.add("ed25519", &format!("flipped: {name}"), Ok(packets::put_together(&packets)));
        }
    }

    fn several_signatures(&mut self) {
        let by = |key| self.sign(key, "--sign", &self.payload()).expect("a signature");
        let (good, other) = (by("ed25519"), by("other"));
        let wrong = self.sign("ed25519", "--sign", &payload("registry.test/ns/other:v1", &self.image.digest));
        let wrong = wrong.expect("a signature");
        let unreadable = b"this is no signature".to_vec();
        for (name, blobs) in [
            ("none", vec![]),
            ("the same twice", vec![good.clone(), good.clone()]),
            ("a stranger's, then a good one", vec![other.clone(), good.clone()]),
            ("a good one, then a stranger's", vec![good.clone(), other.clone()]),
            ("one for another name, then a good one", vec![wrong.clone(), good.clone()]),
            ("one for another name and a stranger's", vec![wrong, other]),
            ("a good one, then one that cannot be read", vec![good, unreadable]),
        ] {
            self.cases.push(Case { blobs, ..self.plain(&format!("several: {name}")) });
        }
    }
}
