//! Against the slow way, and against forgeries of PKCS #1 v1.5 signatures.

use num_bigint::BigUint;
use proptest::prelude::{Strategy, any, prop, prop_assert_eq, proptest};
use sha2::{Digest as _, Sha256, Sha384, Sha512};

use crate::traits::PublicKeyParts as _;
use crate::{Error, Pkcs1v15Sign, RsaPublicKey};

/// A key made for these tests, whose private half is worth nothing.
const MODULUS: &str = "\
    da5cacf95e18e464dbf7dc9e095d00f5e0ae6f45264e001b0f76ef3b89745b1c77620bc7221c48023a922197c8e92c47\
    e5b0b295888d66e75126d0e25bd1a251fe2b4c218cbe1d755506055234b744cb2a2ef6b853d04d1c4a58c8829f3398a4\
    dfbe5e93d541b026341bc3c29362a394e43a38515f4636ae44de27b8e45a6cd68a51de1362cd4be6f916540b04aa2e62\
    c89f529021fc451b345ba576a8c83bb3414b5a256452ee0ad610c56e551206e00586b3702099d132f455a04dcb2f4cac\
    e9f529903e2d3956c48396c8e978e8413fac434c497fd0b7e4844b54c2f0902baa1d0caf066e53ae0fabbfb90e16fada\
    a4e8603694de2ecd7556444ca6537f63";
const PRIVATE_EXPONENT: &str = "\
    232e7154101c149847748ce00d84258677f7c2c7b25f38d7234bb749b160c4d93646debcebbb00c3132abe2cd55af41e\
    755c5db987f1b855a696896b1efe0c98074a748ea73d6e439c3a471b3291208d57338fdeacea4fb2322c51c9f1da7f4a\
    791e13e0dfa820b85706ee286854a924710d0c4bd7fcd90c84de022a60e84cc68bf8ef4df411bd54e1bde100fea68ca5\
    316820158fdf6a42e712b24485f6ad3461bcd32f18de0388058628e8bbe772ce821541a88bbbc7f80fb3bf42d11aab8e\
    0ea45e6ac8f2705d5e7d441845ca5f2c31b0e69625044e891f7c29c36e11cc4fc53d78210140094f60afb1379d9ecd29\
    5a16f03abae68c0caa3513a18c530db1";

fn hex(text: &str) -> BigUint {
    BigUint::parse_bytes(text.as_bytes(), 16).expect("hexadecimal digits")
}

fn key() -> RsaPublicKey {
    RsaPublicKey::new(hex(MODULUS), BigUint::from(65537_u32)).expect("a key")
}

fn scheme() -> Pkcs1v15Sign {
    Pkcs1v15Sign::new::<Sha256>()
}

fn digest() -> Vec<u8> {
    Sha256::digest(b"message").to_vec()
}

/// The number as octets, as many as the modulus has.
fn octets(number: &BigUint, length: usize) -> Vec<u8> {
    let bytes = number.to_bytes_be();
    let mut padded = vec![0; length - bytes.len()];
    padded.extend(bytes);
    padded
}

/// A signature over an encoded message, whatever is in that.
fn sign(message: &[u8]) -> Vec<u8> {
    let number = BigUint::from_bytes_be(message).modpow(&hex(PRIVATE_EXPONENT), &hex(MODULUS));
    octets(&number, 256)
}

fn good() -> Vec<u8> {
    scheme().encode(&digest(), 256).expect("room")
}

#[test]
fn a_signature_verifies_for_its_digest_and_key_alone() {
    let signature = sign(&good());
    assert_eq!(key().verify(scheme(), &digest(), &signature), Ok(()));
    let other = Sha256::digest(b"massage");
    assert_eq!(key().verify(scheme(), &other, &signature), Err(Error::Verification));
    for scheme in [Pkcs1v15Sign::new::<Sha384>(), Pkcs1v15Sign::new::<Sha512>()] {
        assert_eq!(key().verify(scheme, &digest(), &signature), Err(Error::Digest));
    }
    let n = hex(MODULUS) - BigUint::from(2_u32);
    let neighbour = RsaPublicKey::new(n, BigUint::from(65537_u32)).expect("odd");
    assert_eq!(neighbour.verify(scheme(), &digest(), &signature), Err(Error::Verification));
    for bit in 0..8 {
        for position in [0, 1, 100, 254, 255] {
            let mut flipped = signature.clone();
            flipped[position] ^= 1 << bit;
            assert_eq!(key().verify(scheme(), &digest(), &flipped), Err(Error::Verification));
        }
    }
}

/// After Wycheproof's and Bleichenbacher's.
#[test]
fn messages_that_only_look_right_do_not_verify() {
    let info = scheme().encode(&[], 256).expect("room");
    let prefix = info.rsplit(|octet| *octet == 0xff).next().expect("a prefix")[1..].to_vec();
    let message = |start: &[u8], padding: usize, rest: &[&[u8]]| {
        let mut message = start.to_vec();
        message.resize(start.len() + padding, 0xff);
        message.extend(rest.concat());
        assert!(message.len() <= 256);
        message.resize(256, 0);
        message
    };
    let (digest, room) = (digest(), 256 - 3 - prefix.len() - 32);
    assert_eq!(message(&[0, 1], room, &[&[0], &prefix, &digest]), good());
    let longer = |at: usize| {
        let mut prefix = prefix.clone();
        prefix.insert(at, 0x81);
        prefix
    };
    let without_null = [&[0x30, 0x2f, 0x30, 0x0b][..], &prefix[4..15], &[0x04, 0x20]].concat();
    let mut other_algorithm = prefix.clone();
    other_algorithm[14] ^= 3;
    for (what, forged) in [
        ("another block type", message(&[0, 2], room, &[&[0], &prefix, &digest])),
        ("no block type", message(&[0, 0], room, &[&[0], &prefix, &digest])),
        ("a first octet", message(&[1, 1], room, &[&[0], &prefix, &digest])),
        ("octets behind the digest", message(&[0, 1], room - 9, &[&[0], &prefix, &digest, &[7; 9]])),
        ("short padding", message(&[0, 1], 8, &[&[0], &prefix, &digest])),
        ("no padding", message(&[0, 1], 0, &[&[0], &prefix, &digest])),
        ("a zero in the padding", {
            let mut forged = good();
            forged[9] = 0;
            forged
        }),
        ("another octet in the padding", {
            let mut forged = good();
            forged[9] = 0xfe;
            forged
        }),
        ("no separator", message(&[0, 1], room + 1, &[&prefix, &digest])),
        ("the digest alone", message(&[0, 1], 256 - 3 - 32, &[&[0], &digest])),
        (
            "no parameters",
            message(&[0, 1], 256 - 3 - without_null.len() - 32, &[&[0], &without_null, &digest]),
        ),
        ("another algorithm", message(&[0, 1], room, &[&[0], &other_algorithm, &digest])),
        ("a length in another form", message(&[0, 1], room - 1, &[&[0], &longer(1), &digest])),
        ("an inner length in another form", message(&[0, 1], room - 1, &[&[0], &longer(3), &digest])),
        ("nothing", vec![0; 256]),
    ] {
        assert_ne!(forged, good(), "{what}");
        assert_eq!(key().verify(scheme(), &digest, &sign(&forged)), Err(Error::Verification), "{what}");
    }
}

#[test]
fn signatures_that_are_no_number_below_the_modulus_do_not_verify() {
    let signature = sign(&good());
    let n = hex(MODULUS);
    let number = BigUint::from_bytes_be(&signature);
    let mut longer = vec![0];
    longer.extend_from_slice(&signature);
    for (what, signature) in [
        ("nothing", Vec::new()),
        ("0", vec![0; 256]),
        ("1", octets(&BigUint::from(1_u32), 256)),
        ("the modulus less 1", octets(&(&n - BigUint::from(1_u32)), 256)),
        ("the modulus", octets(&n, 256)),
        ("the modulus more", (&number + &n).to_bytes_be()),
        ("the inverse", octets(&(&n - &number), 256)),
        ("shorter", signature[1..].to_vec()),
        ("longer", longer),
        ("twice", [signature.as_slice(), &signature].concat()),
    ] {
        assert_eq!(key().verify(scheme(), &digest(), &signature), Err(Error::Verification), "{what}");
    }
}

/// With the exponent 3 a cube root of something that begins well is a signature for whoever does not
/// look at the end.
#[test]
fn a_cube_root_is_no_signature() {
    let n = (BigUint::from(1_u32) << 3071) + BigUint::from(15_u32);
    let key = RsaPublicKey::new(n, BigUint::from(3_u32)).expect("a key");
    let short = scheme().encode(&digest(), 3 + 8 + 19 + 32).expect("room");
    let mut wanted = short.clone();
    wanted.resize(384, 0);
    let wanted = BigUint::from_bytes_be(&wanted);
    let (mut low, mut high) = (BigUint::from(0_u32), BigUint::from(1_u32) << 1024);
    while &low + BigUint::from(1_u32) < high {
        let middle = (&low + &high) >> 1;
        if &middle * &middle * &middle < wanted { low = middle } else { high = middle }
    }
    let cube = &high * &high * &high;
    assert_eq!(octets(&cube, 384)[..short.len()], short[..], "it begins as a signed message does");
    assert_eq!(key.verify(scheme(), &digest(), &octets(&high, 384)), Err(Error::Verification));
}

#[test]
fn a_message_has_room_for_its_padding_or_there_is_none() {
    let needed = 19 + 32 + 3 + 8;
    assert_eq!(scheme().encode(&digest(), needed - 1), None);
    assert_eq!(scheme().encode(&digest(), needed).map(|message| message.len()), Some(needed));
    assert_eq!(scheme().encode(&digest(), 0), None);
}

/// RFC 8017, section 9.2, note 1.
#[test]
fn prefixes_are_those_of_the_standard() {
    for (scheme, expected) in [
        (scheme(), "3031300d060960864801650304020105000420"),
        (Pkcs1v15Sign::new::<Sha384>(), "3041300d060960864801650304020205000430"),
        (Pkcs1v15Sign::new::<Sha512>(), "3051300d060960864801650304020305000440"),
    ] {
        let message = scheme.encode(&[], 64).expect("room");
        let hex: String = message[64 - 19..].iter().map(|octet| format!("{octet:02x}")).collect();
        assert_eq!(hex, expected);
    }
}

#[test]
fn what_is_no_key_is_refused() {
    let two_to_the = |bits: usize| BigUint::from(1_u32) << bits;
    let (one, f4) = (BigUint::from(1_u32), BigUint::from(65537_u32));
    let (n, largest) = (hex(MODULUS), two_to_the(4096) - BigUint::from(1_u32));
    assert!(RsaPublicKey::new(largest.clone(), f4.clone()).is_ok());
    assert!(RsaPublicKey::new(n.clone(), two_to_the(33) - &one).is_ok());
    for (what, n, e) in [
        ("an even modulus", &n - &one, f4.clone()),
        ("a modulus of 0", BigUint::from(0_u32), f4.clone()),
        ("a modulus below the exponent", BigUint::from(65535_u32), f4.clone()),
        ("a modulus that is the exponent", f4.clone(), f4.clone()),
        ("a modulus that is too long", largest + BigUint::from(2_u32), f4.clone()),
        ("an even exponent", n.clone(), BigUint::from(65536_u32)),
        ("an exponent of 0", n.clone(), BigUint::from(0_u32)),
        ("an exponent of 1", n.clone(), one.clone()),
        ("an exponent that is too long", n.clone(), two_to_the(33) + &one),
    ] {
        assert_eq!(RsaPublicKey::new(n, e), Err(Error::Key), "{what}");
    }
}

/// Odd moduli of lengths around those of digits.
fn moduli() -> impl Strategy<Value = BigUint> {
    let bits = prop::sample::select(vec![
        17, 25, 26, 27, 28, 31, 32, 33, 51, 52, 53, 54, 55, 63, 64, 65, 1024, 2047, 2048, 4095, 4096,
    ]);
    (bits, prop::collection::vec(any::<u8>(), 512)).prop_map(|(bits, octets)| {
        let random = BigUint::from_bytes_be(&octets) % (BigUint::from(1_u32) << bits);
        let ends = (BigUint::from(1_u32) << (bits - 1)) | BigUint::from(1_u32) | BigUint::from(0x1_0000_u32);
        random | ends
    })
}

/// Sums of products are largest, and carries longest, where every bit is set; an overflow panics here.
#[test]
fn digits_of_ones_do_not_overflow() {
    let one = BigUint::from(1_u32);
    for bits in [27, 28, 53, 54, 55, 80, 81, 82, 2048, 4094, 4095, 4096] {
        let n = (&one << bits) - &one;
        let near = [&n - &one, &n - BigUint::from(2_u32), &n >> 1, (&one << (bits - 1)) + &one, one.clone()];
        for e in [3_u64, 65537, (1 << 33) - 1] {
            let Ok(key) = RsaPublicKey::new(n.clone(), BigUint::from(e)) else { continue };
            for number in near.iter().chain([&BigUint::from(0_u32)]) {
                assert_eq!(key.raise(number), number.modpow(key.e(), &n), "{bits} bits, exponent {e}");
            }
        }
    }
}

proptest! {
    #[test]
    fn the_short_way_gives_what_the_long_way_gives(
        n in moduli(),
        octets in prop::collection::vec(any::<u8>(), 0..512),
        near in 0_u32..4,
        from_the_end in any::<bool>(),
        e in prop::sample::select(vec![3_u64, 5, 17, 257, 65535, 65537, 65539, (1 << 32) + 1, (1 << 33) - 1]),
    ) {
        let Ok(key) = RsaPublicKey::new(n.clone(), BigUint::from(e)) else { return Ok(()) };
        let edge = BigUint::from(near);
        let edge = if from_the_end { &n - edge - BigUint::from(1_u32) } else { edge };
        for number in [BigUint::from_bytes_be(&octets) % &n, edge] {
            prop_assert_eq!(key.raise(&number), number.modpow(key.e(), &n));
        }
    }

    #[test]
    fn no_octets_make_it_panic_or_verify(octets in prop::collection::vec(any::<u8>(), 0..300), n in moduli()) {
        let Ok(key) = RsaPublicKey::new(n, BigUint::from(65537_u32)) else { return Ok(()) };
        prop_assert_eq!(key.verify(scheme(), &digest(), &octets), Err(Error::Verification));
    }
}
