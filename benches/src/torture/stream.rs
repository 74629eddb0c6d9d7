//! Bytes whose every position is known to both ends: sent from a number, and checked against it.

/// One direction of one conversation: each byte follows from the stream's number and its position.
#[derive(Clone, Copy, Debug)]
pub struct Bytes {
    number: u64,
    position: u64,
}

impl Bytes {
    /// The stream with this number, from its beginning.
    pub fn new(number: u64) -> Bytes {
        Bytes {
            number,
            position: 0,
        }
    }

    /// How many bytes were taken or checked.
    pub fn position(&self) -> u64 {
        self.position
    }

    /// Goes on by `count` bytes.
    pub fn advance(&mut self, count: usize) {
        self.position += count as u64;
    }

    /// Fills `buffer` with what comes next, without going on.
    pub fn fill(&self, buffer: &mut [u8]) {
        for (at, byte) in (self.position..).zip(buffer) {
            *byte = self.byte(at);
        }
    }

    /// Checks that `came` is what comes next, and goes on.
    ///
    /// # Errors
    ///
    /// If it is not, with the position of the first wrong byte.
    pub fn check(&mut self, came: &[u8]) -> Result<(), String> {
        for &byte in came {
            let expected = self.byte(self.position);
            if byte != expected {
                return Err(format!(
                    "byte {} is {byte} and not {expected}",
                    self.position
                ));
            }
            self.position += 1;
        }
        Ok(())
    }

    /// Eight bytes are one mixed number, so that neither a shift nor a swap nor a gap goes unseen.
    fn byte(&self, at: u64) -> u8 {
        (mix(self.number ^ (at / 8).wrapping_mul(0x9E37_79B9_7F4A_7C15)) >> (at % 8 * 8)) as u8
    }
}

/// A number whose bits all depend on all bits of `number` (the finalizer of SplitMix64).
pub fn mix(number: u64) -> u64 {
    let number = number.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let number = (number ^ (number >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    let number = (number ^ (number >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    number ^ (number >> 31)
}

/// Random numbers from a seed.
#[derive(Clone, Copy, Debug)]
pub struct Random(u64);

impl Random {
    /// The numbers that follow from `seed`.
    pub fn new(seed: u64) -> Random {
        Random(mix(seed))
    }

    /// The next one, below `end`.
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = mix(self.0);
        self.0 % end
    }

    /// The next one, from 1 to `max`.
    pub fn up_to(&mut self, max: usize) -> usize {
        self.below(max as u64) as usize + 1
    }
}

#[cfg(test)]
mod tests;
