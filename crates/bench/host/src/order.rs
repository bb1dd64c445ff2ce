//! A random order that a seed brings back.

/// The numbers below `kinds`, each about equally often, in an order that only the seed decides.
pub(crate) fn shuffled(kinds: usize, length: usize, seed: u64) -> Vec<usize> {
    let mut random = SplitMix(seed);
    let mut order: Vec<usize> = (0..kinds).cycle().take(length).collect();
    for last in (1..order.len()).rev() {
        // Of 2^64 numbers, those that make this uneven are too few to be seen.
        let other = (random.next() % (last as u64 + 1)) as usize;
        order.swap(last, other);
    }
    order
}

/// SplitMix64, as Java has it.
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_numbers_are_those_of_the_algorithm() {
        let mut random = SplitMix(1_234_567);
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!([random.next(), random.next(), random.next()], expected);
    }

    #[test]
    fn an_order_is_its_seeds() {
        let order = shuffled(3, 7, 1);
        assert_eq!(order, shuffled(3, 7, 1));
        assert_ne!(order, shuffled(3, 7, 2));
        let mut sorted = order;
        sorted.sort_unstable();
        assert_eq!(sorted, [0, 0, 0, 1, 1, 2, 2]);
        assert!(shuffled(3, 0, 1).is_empty());
    }
}
