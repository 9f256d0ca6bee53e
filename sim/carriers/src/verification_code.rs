//! The four digits that a person compares: on the screen and on the phone they must be the same.

use sha2::{Digest, Sha256};

/// Mobile-ID's: the first six and the last seven bits of the hash as one number of 13 bits, 0000 to
/// 8191 (SK-EID/MID, section 2.4.1). A hash has at least two bytes.
#[must_use]
pub fn of_mobile_id(hash: &[u8]) -> String {
    let (first, last) = (
        hash.first().copied().unwrap_or_default(),
        hash.last().copied().unwrap_or_default(),
    );
    let code = (u16::from(first & 0xfc) << 5) | u16::from(last & 0x7f);
    format!("{code:04}")
}

/// Smart-ID's: the last two bytes of the SHA-256 of the hash, modulo 10,000 (Smart-ID
/// documentation, version 2, section 2.3.12.2); in version 3, of the challenge instead of the hash.
#[must_use]
pub fn of_smart_id(hash: &[u8]) -> String {
    let digest = Sha256::digest(hash);
    let last = u16::from_be_bytes([digest[30], digest[31]]);
    format!("{:04}", last % 10_000)
}

#[cfg(test)]
mod tests {
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::*;

    /// The example of Mobile-ID's documentation.
    #[test]
    fn mobile_id_takes_thirteen_bits_of_both_ends() {
        let hash = [
            0x2f, 0x66, 0x5f, 0x6a, 0x69, 0x99, 0xe0, 0xef, 0x07, 0x52, 0xe0, 0x0e, 0xc9, 0xf4,
            0x53, 0xad, 0xf5, 0x9d, 0x8c, 0xb6,
        ];
        assert_eq!(of_mobile_id(&hash), "1462");
        assert_eq!(of_mobile_id(&[0xff; 32]), "8191");
        assert_eq!(of_mobile_id(&[0; 32]), "0000");
    }

    /// The example of Smart-ID's documentation.
    #[test]
    fn smart_id_takes_the_end_of_the_digest() {
        let challenge = "GYS+yoah6emAcVDNIajwSs6UB/M95XrDxMzXBUkwQJ9YFDipXXzGpPc7raWcuc2+TEoRc7WvIZ/7dU/iRXenYg==";
        let challenge = STANDARD.decode(challenge).unwrap();
        assert_eq!(of_smart_id(&challenge), "7180");
    }
}
