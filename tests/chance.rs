//! Seeded chance: the same seed walks the same way each time.

/// A linear congruential generator; the constants are Knuth's for 64 bits.
pub struct Chance(pub u64);

impl Chance {
    /// A number below `below`, or 0 where that is 0.
    pub fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below.max(1)
    }

    /// A place in something of that length.
    pub fn place(&mut self, length: usize) -> usize {
        self.next(length as u64) as usize
    }
}
