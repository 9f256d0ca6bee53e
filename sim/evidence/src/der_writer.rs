//! DER (X.690), written by hand: the few forms that OCSP responses and time-stamp tokens consist of.
//!
//! A [`DerWriter`] only appends. What it emits is DER as long as its callers keep two promises that
//! the type cannot check: the elements of a SET OF are handed to [`DerWriter::set_of`], which sorts
//! them, and fields that hold their DEFAULT are left out.

use der::asn1::ObjectIdentifier;
use sim_clock::UtcTime;
use time::OffsetDateTime;

/// Universal and context tags as they stand in the first octet of an element.
pub mod tag {
    /// BOOLEAN.
    pub const BOOLEAN: u8 = 0x01;
    /// INTEGER.
    pub const INTEGER: u8 = 0x02;
    /// BIT STRING.
    pub const BIT_STRING: u8 = 0x03;
    /// OCTET STRING.
    pub const OCTET_STRING: u8 = 0x04;
    /// NULL.
    pub const NULL: u8 = 0x05;
    /// OBJECT IDENTIFIER.
    pub const OBJECT_IDENTIFIER: u8 = 0x06;
    /// ENUMERATED.
    pub const ENUMERATED: u8 = 0x0a;
    /// UTF8String.
    pub const UTF8_STRING: u8 = 0x0c;
    /// GeneralizedTime.
    pub const GENERALIZED_TIME: u8 = 0x18;
    /// SEQUENCE and SEQUENCE OF.
    pub const SEQUENCE: u8 = 0x30;
    /// SET and SET OF.
    pub const SET: u8 = 0x31;

    /// `[number]` over a constructed encoding: EXPLICIT, or IMPLICIT over a SEQUENCE or SET.
    #[must_use]
    pub const fn constructed(number: u8) -> u8 {
        0xa0 | number
    }

    /// `[number]` IMPLICIT over a primitive encoding.
    #[must_use]
    pub const fn primitive(number: u8) -> u8 {
        0x80 | number
    }
}

/// Appends DER elements to a buffer.
#[derive(Debug, Default)]
pub struct DerWriter {
    bytes: Vec<u8>,
}

impl DerWriter {
    /// An empty buffer.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// One SEQUENCE, written by `contents`, as bytes of its own.
    pub fn sequence_of_bytes(contents: impl FnOnce(&mut Self)) -> Vec<u8> {
        let mut writer = Self::new();
        writer.sequence(contents);
        writer.into_bytes()
    }

    /// What was written.
    #[must_use]
    pub fn into_bytes(self) -> Vec<u8> {
        self.bytes
    }

    /// Elements that are encoded already, as they are.
    pub fn raw(&mut self, encoded: &[u8]) {
        self.bytes.extend_from_slice(encoded);
    }

    /// An element with these contents octets.
    pub fn element(&mut self, tag: u8, contents: &[u8]) {
        self.bytes.push(tag);
        self.length(contents.len());
        self.raw(contents);
    }

    /// An element whose contents are the elements that `contents` writes.
    pub fn nested(&mut self, tag: u8, contents: impl FnOnce(&mut Self)) {
        let mut inner = Self::new();
        contents(&mut inner);
        self.element(tag, &inner.bytes);
    }

    /// A SEQUENCE of the elements that `contents` writes.
    pub fn sequence(&mut self, contents: impl FnOnce(&mut Self)) {
        self.nested(tag::SEQUENCE, contents);
    }

    /// A SET OF under `tag` (SET, or an IMPLICIT context tag): encoded elements in ascending order,
    /// as X.690 section 11.6 wants it.
    pub fn set_of(&mut self, tag: u8, mut elements: Vec<Vec<u8>>) {
        elements.sort_unstable();
        self.element(tag, &elements.concat());
    }

    /// A BOOLEAN.
    pub fn boolean(&mut self, value: bool) {
        self.element(tag::BOOLEAN, &[if value { 0xff } else { 0x00 }]);
    }

    /// A non-negative INTEGER, given as big-endian octets of any length.
    pub fn unsigned(&mut self, magnitude: &[u8]) {
        self.element(tag::INTEGER, &integer_contents(magnitude));
    }

    /// NULL.
    pub fn null(&mut self) {
        self.element(tag::NULL, &[]);
    }

    /// An OCTET STRING.
    pub fn octet_string(&mut self, octets: &[u8]) {
        self.element(tag::OCTET_STRING, octets);
    }

    /// A BIT STRING of whole octets.
    pub fn bit_string(&mut self, octets: &[u8]) {
        self.bytes.push(tag::BIT_STRING);
        self.length(octets.len() + 1);
        // No bit of the last octet is unused.
        self.bytes.push(0);
        self.raw(octets);
    }

    /// An OBJECT IDENTIFIER.
    pub fn oid(&mut self, oid: ObjectIdentifier) {
        self.element(tag::OBJECT_IDENTIFIER, oid.as_bytes());
    }

    /// An `AlgorithmIdentifier` without parameters.
    pub fn algorithm(&mut self, oid: ObjectIdentifier) {
        self.sequence(|writer| writer.oid(oid));
    }

    /// A GeneralizedTime in whole seconds, the only form RFC 5280 and RFC 6960 know.
    pub fn generalized_time_seconds(&mut self, at: UtcTime) {
        let text = format!("{}Z", civil_seconds(at.to_offset_date_time()));
        self.element(tag::GENERALIZED_TIME, text.as_bytes());
    }

    /// A GeneralizedTime to the millisecond, without trailing zeros (RFC 3161 section 2.4.2).
    pub fn generalized_time_millis(&mut self, at: UtcTime) {
        let time = at.to_offset_date_time();
        let fraction = format!(".{:03}", time.millisecond());
        let fraction = fraction.trim_end_matches('0').trim_end_matches('.');
        let text = format!("{}{fraction}Z", civil_seconds(time));
        self.element(tag::GENERALIZED_TIME, text.as_bytes());
    }

    fn length(&mut self, length: usize) {
        match u8::try_from(length) {
            Ok(short) if short < 0x80 => self.bytes.push(short),
            _ => {
                let octets = length.to_be_bytes();
                let octets = trim_leading_zeros(&octets);
                self.bytes.push(0x80 | octets.len() as u8);
                self.raw(octets);
            }
        }
    }
}

/// Contents octets of the non-negative INTEGER with this big-endian magnitude: no needless leading
/// zero, and one where the first bit would otherwise read as a sign.
#[must_use]
pub fn integer_contents(magnitude: &[u8]) -> Vec<u8> {
    let magnitude = trim_leading_zeros(magnitude);
    let mut contents = Vec::with_capacity(magnitude.len() + 1);
    if magnitude.first().is_none_or(|first| *first >= 0x80) {
        contents.push(0);
    }
    contents.extend_from_slice(magnitude);
    contents
}

fn trim_leading_zeros(octets: &[u8]) -> &[u8] {
    let zeros = octets.iter().take_while(|octet| **octet == 0).count();
    &octets[zeros..]
}

fn civil_seconds(time: OffsetDateTime) -> String {
    format!(
        "{:04}{:02}{:02}{:02}{:02}{:02}",
        time.year(),
        u8::from(time.month()),
        time.day(),
        time.hour(),
        time.minute(),
        time.second()
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn written(write: impl FnOnce(&mut DerWriter)) -> Vec<u8> {
        let mut writer = DerWriter::new();
        write(&mut writer);
        writer.into_bytes()
    }

    #[test]
    fn lengths_take_the_shortest_form() {
        assert_eq!(written(|w| w.octet_string(&[7; 0x7f]))[..2], [0x04, 0x7f]);
        assert_eq!(
            written(|w| w.octet_string(&[7; 0x80]))[..3],
            [0x04, 0x81, 0x80]
        );
        assert_eq!(
            written(|w| w.octet_string(&[7; 0x100]))[..4],
            [0x04, 0x82, 1, 0]
        );
    }

    #[test]
    fn integers_are_minimal_and_never_negative() {
        assert_eq!(written(|w| w.unsigned(&[])), [2, 1, 0]);
        assert_eq!(written(|w| w.unsigned(&[0, 0, 0x7f])), [2, 1, 0x7f]);
        assert_eq!(written(|w| w.unsigned(&[0x80])), [2, 2, 0, 0x80]);
    }

    #[test]
    fn sets_are_sorted_by_their_encoding() {
        let elements = vec![vec![4, 2, 0, 0], vec![2, 1, 9], vec![4, 1, 5]];
        assert_eq!(
            written(|w| w.set_of(tag::SET, elements)),
            [0x31, 10, 2, 1, 9, 4, 1, 5, 4, 2, 0, 0]
        );
    }

    #[test]
    fn fractions_of_a_second_have_no_trailing_zeros() {
        let text = |millis| {
            let bytes = written(|w| w.generalized_time_millis(UtcTime::from_millis(millis)));
            String::from_utf8(bytes[2..].to_vec()).unwrap()
        };
        assert_eq!(text(0), "19700101000000Z");
        assert_eq!(text(500), "19700101000000.5Z");
        assert_eq!(text(1_010), "19700101000001.01Z");
        assert_eq!(text(86_399_999), "19700101235959.999Z");
    }
}
