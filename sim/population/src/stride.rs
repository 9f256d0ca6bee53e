//! A walk around a circle that visits every place once, and can be walked back.

/// place = (step × factor + offset) modulo the number of places.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Stride {
    /// Number of places.
    pub(crate) modulus: u32,
    factor: u32,
    inverse: u32,
}

impl Stride {
    /// A walk over `modulus` places (1 to [`crate::MAX_SERIALS`]), in steps of about the
    /// golden section, which keeps the first few places far apart.
    pub(crate) fn new(modulus: u32) -> Self {
        let from = (u64::from(modulus) * 618 / 1_000) as u32;
        let (factor, inverse) = (from.max(1)..)
            .find_map(|factor| Some((factor, inverse(factor, modulus)?)))
            .expect("a factor without common divisor exists for every modulus");
        Self {
            modulus,
            factor,
            inverse,
        }
    }

    /// The place of `step`, counted from place `offset`; both are below the modulus.
    #[inline]
    pub(crate) const fn place_of(&self, step: u32, offset: u32) -> u32 {
        (step * self.factor + offset) % self.modulus
    }

    /// The step that leads to `place` from place `offset`; both are below the modulus.
    #[inline]
    pub(crate) const fn step_of(&self, place: u32, offset: u32) -> u32 {
        (place + self.modulus - offset) % self.modulus * self.inverse % self.modulus
    }
}

/// The factor that undoes a multiplication by `factor`, modulo `modulus`, if there is one.
fn inverse(factor: u32, modulus: u32) -> Option<u32> {
    (0..modulus).find(|&candidate| factor * candidate % modulus == 1 % modulus)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(modulus: u32) {
        let stride = Stride::new(modulus);
        let mut visited = vec![false; modulus as usize];
        for step in 0..modulus {
            let offset = modulus / 3;
            let place = stride.place_of(step, offset);
            assert!(
                !std::mem::replace(&mut visited[place as usize], true),
                "{place} twice"
            );
            assert_eq!(stride.step_of(place, offset), step);
        }
    }

    #[test]
    fn every_place_is_visited_once_and_leads_back() {
        for modulus in [1, 2, 3, 6, 60, 365, 366, 449, 1_000, 1_024, 65_536] {
            check(modulus);
        }
    }
}
