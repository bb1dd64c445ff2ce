//! Powers modulo an odd number, by Montgomery's multiplication (P. L. Montgomery, "Modular Multiplication
//! Without Trial Division", 1985).
//!
//! Digits have 27 bits, so that the sum of as many products as a number has digits fits into 64 bits:
//! carries wait until a product is complete, and the inner loop has only additions and multiplications
//! that WebAssembly has instructions for.

use num_bigint::BigUint;

/// Bits of a digit.
const BITS: usize = 27;
const MASK: u64 = (1 << BITS) - 1;
/// The longest modulus, in bits: for one of `d` digits `2 * d` products and a carry must fit into 64 bits.
pub(crate) const MODULUS_BITS: usize = 4096;

/// A number's digits, the lowest first.
type Digits = Vec<u32>;

/// An odd modulus that is computed with.
pub(crate) struct Modulus<'n> {
    number: &'n BigUint,
    digits: Digits,
    /// What a lowest digit is multiplied with to know how often the modulus makes it zero.
    negative_inverse: u64,
}

impl<'n> Modulus<'n> {
    /// Takes an odd number of at most [`MODULUS_BITS`].
    pub(crate) fn new(number: &'n BigUint) -> Self {
        // The radix to the power of this length is above four times the modulus, so that products of
        // numbers below twice the modulus are below it again, with no comparison.
        let digits = digits(number, (number.bits() + 2).div_ceil(BITS));
        let lowest = digits.first().copied().map_or(1, u64::from);
        // Newton's iteration doubles the bits that are right, of which an odd number begins with three.
        let inverse =
            (0..4).fold(lowest, |x, _| x.wrapping_mul(2_u64.wrapping_sub(lowest.wrapping_mul(x))) & MASK);
        Self { number, digits, negative_inverse: inverse.wrapping_neg() & MASK }
    }

    /// A number below the modulus to the power of an odd exponent.
    pub(crate) fn raise(&self, base: &BigUint, exponent: &BigUint) -> BigUint {
        let length = self.digits.len();
        let plain = digits(base, length);
        // Times the radix to the power of the length: each multiplication takes one such factor away.
        let scaled = digits(&((base << (length * BITS)) % self.number), length);
        let mut power = scaled.clone();
        for bit in (1..exponent.bits().saturating_sub(1)).rev() {
            power = self.multiply(&power, &power);
            if is_set(exponent, bit) {
                power = self.multiply(&power, &scaled);
            }
        }
        if exponent.bits() > 1 {
            power = self.multiply(&power, &power);
        }
        // The lowest bit is set, and takes the last such factor away.
        number(&self.multiply(&power, &plain)) % self.number
    }

    /// The product, divided by the radix to the power of the length; below twice the modulus where the
    /// factors are.
    fn multiply(&self, left: &[u32], right: &[u32]) -> Digits {
        let mut sums = vec![0_u64; 2 * self.digits.len() + 1];
        for (place, &left) in left.iter().enumerate() {
            let left = u64::from(left);
            let Some(window) = sums.get_mut(place..) else { break };
            let (Some(lowest), Some(&first)) = (window.first(), right.first()) else { break };
            let lowest = lowest.wrapping_add(left * u64::from(first));
            let times = lowest.wrapping_mul(self.negative_inverse) & MASK;
            for ((sum, &right), &modulus) in window.iter_mut().zip(right).zip(&self.digits) {
                *sum += left * u64::from(right) + times * u64::from(modulus);
            }
            // Of the lowest, which the modulus made a multiple of the radix, only the carry is left.
            if let [lowest, next, ..] = window {
                *next += *lowest >> BITS;
            }
        }
        let mut carry = 0;
        let carried = sums.iter().skip(left.len()).take(self.digits.len()).map(|sum| {
            let sum = sum + carry;
            carry = sum >> BITS;
            (sum & MASK) as u32
        });
        carried.collect()
    }
}

fn is_set(number: &BigUint, bit: usize) -> bool {
    let octet = number.to_bytes_le().get(bit / 8).copied().unwrap_or_default();
    octet >> (bit % 8) & 1 == 1
}

/// The digits of a number, and zeros up to a length.
fn digits(number: &BigUint, length: usize) -> Digits {
    let (mut digits, mut waiting, mut bits) = (Digits::with_capacity(length), 0_u64, 0);
    for octet in number.to_bytes_le() {
        waiting |= u64::from(octet) << bits;
        bits += 8;
        if bits >= BITS {
            digits.push((waiting & MASK) as u32);
            waiting >>= BITS;
            bits -= BITS;
        }
    }
    digits.push(waiting as u32);
    digits.resize(length, 0);
    digits
}

fn number(digits: &[u32]) -> BigUint {
    let (mut octets, mut waiting, mut bits) = (Vec::with_capacity(digits.len() * 4), 0_u64, 0);
    for &digit in digits {
        waiting |= u64::from(digit) << bits;
        bits += BITS;
        while bits >= 8 {
            octets.push((waiting & 0xff) as u8);
            waiting >>= 8;
            bits -= 8;
        }
    }
    octets.push(waiting as u8);
    BigUint::from_bytes_le(&octets)
}
