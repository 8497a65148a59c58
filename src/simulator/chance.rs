//! Everything that looks random: drawn from the seed and a name, so that the same seed gives the same account.

use sha2::{Digest, Sha256};
use std::fmt::Write;

/// The seed of an account.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chance(pub u64);

impl Chance {
    fn digest(self, label: &str, n: u64) -> [u8; 32] {
        let mut hash = Sha256::new();
        hash.update(self.0.to_be_bytes());
        hash.update(n.to_be_bytes());
        hash.update(label.as_bytes());
        hash.finalize().into()
    }

    /// A number from 0 up to, not including, 1.
    pub fn unit(self, label: &str, n: u64) -> f64 {
        let [a, b, c, d, e, f, g, h, ..] = self.digest(label, n);
        fastrand::Rng::with_seed(u64::from_be_bytes([a, b, c, d, e, f, g, h])).f64()
    }

    /// 32 lower-case hexadecimal digits: the grammar of detector and finding ids.
    pub fn hex(self, label: &str, n: u64) -> String {
        self.digest(label, n).iter().take(16).fold(String::new(), |mut out, byte| {
            // Writing into a String can't fail.
            let _ = write!(out, "{byte:02x}");
            out
        })
    }

    /// A UUID of version 4's form.
    pub fn uuid(self, label: &str, n: u64) -> String {
        let hex = self.hex(label, n);
        let part = |from: usize, to: usize| hex.get(from..to).unwrap_or_default().to_owned();
        format!("{}-{}-4{}-a{}-{}", part(0, 8), part(8, 12), part(13, 16), part(17, 20), part(20, 32))
    }

    /// Upper-case base32 letters: the grammar of access keys and unique ids after their prefix.
    pub fn base32(self, label: &str, n: u64, length: usize) -> String {
        const LETTERS: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
        let digest = self.digest(label, n);
        digest.iter().take(length).map(|b| char::from(*LETTERS.get(usize::from(b & 31)).unwrap_or(&b'A'))).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_fit_their_grammars_and_depend_on_seed_label_and_number() {
        let chance = Chance(7);
        assert_eq!(chance.hex("a", 0).len(), 32);
        assert_eq!(chance.uuid("a", 0).len(), 36);
        assert_eq!(chance.uuid("a", 0).matches('-').count(), 4);
        assert_eq!(chance.base32("a", 0, 16).len(), 16);
        assert_eq!(chance.hex("a", 0), Chance(7).hex("a", 0));
        assert_ne!(chance.hex("a", 0), Chance(8).hex("a", 0));
        assert_ne!(chance.hex("a", 0), chance.hex("b", 0));
        assert_ne!(chance.hex("a", 0), chance.hex("a", 1));
        assert!((0.0..1.0).contains(&chance.unit("a", 0)));
    }
}
