//! Why an authority refuses a request: `PKIFailureInfo` as RFC 3161 section 2.4.2 limits it.

/// The reason of a rejection; the discriminant is its bit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum FailInfo {
    /// The digest algorithm is unknown or not supported.
    BadAlg = 0,
    /// The request is not permitted or not supported.
    BadRequest = 2,
    /// The data has the wrong format.
    BadDataFormat = 5,
    /// The authority's clock is not available.
    TimeNotAvailable = 14,
    /// The policy asked for is not the authority's.
    UnacceptedPolicy = 15,
    /// An extension asked for is not supported.
    UnacceptedExtension = 16,
    /// Additional information is not understood or not available.
    AddInfoNotAvailable = 17,
    /// The authority failed.
    SystemFailure = 25,
}

impl FailInfo {
    const ALL: [Self; 8] = [
        Self::BadAlg,
        Self::BadRequest,
        Self::BadDataFormat,
        Self::TimeNotAvailable,
        Self::UnacceptedPolicy,
        Self::UnacceptedExtension,
        Self::AddInfoNotAvailable,
        Self::SystemFailure,
    ];

    /// Contents octets of the named BIT STRING with this bit alone: no trailing zero bits.
    pub(super) fn bit_string_contents(self) -> Vec<u8> {
        let bit = self as u8;
        let octet = usize::from(bit / 8);
        let mut contents = vec![0; octet + 2];
        contents[0] = 7 - bit % 8;
        contents[octet + 1] = 0x80 >> (bit % 8);
        contents
    }

    /// The first reason that the contents octets of a BIT STRING name.
    pub(super) fn from_bit_string_contents(contents: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|reason| {
            let bit = *reason as u8;
            contents
                .get(usize::from(bit / 8) + 1)
                .is_some_and(|octet| octet & (0x80 >> (bit % 8)) != 0)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::FailInfo;

    #[test]
    fn reasons_survive_their_bit_string() {
        assert_eq!(FailInfo::BadAlg.bit_string_contents(), [7, 0x80]);
        assert_eq!(FailInfo::BadDataFormat.bit_string_contents(), [2, 0x04]);
        assert_eq!(
            FailInfo::UnacceptedPolicy.bit_string_contents(),
            [0, 0, 0x01]
        );
        for reason in FailInfo::ALL {
            let contents = reason.bit_string_contents();
            assert_eq!(FailInfo::from_bit_string_contents(&contents), Some(reason));
        }
    }
}
