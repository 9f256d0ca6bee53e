//! A signed directory is accepted as it was composed, by others too, and no other way.

use proptest::prelude::*;
use sim_evidence::digest::Sha512;
use sim_global_configuration::signed_directory::{
    Directory, DirectoryError, DirectoryPart, DirectorySigner, MAX_DIRECTORY_BYTES, MAX_PARTS,
    PartHash, compose, dissect, verify,
};

use crate::country;

pub(crate) const SHARED: &[u8] = b"<shared/>";
pub(crate) const PRIVATE: &[u8] = b"<private/>";

pub(crate) fn sample() -> (Directory, DirectorySigner, Vec<u8>) {
    let directory = country::directory(SHARED, PRIVATE, country::soon());
    let signer = country::signer();
    let composed = compose(&directory, &signer);
    (directory, signer, composed)
}

fn accepted(bytes: &[u8], signer: &DirectorySigner) -> Result<Directory, DirectoryError> {
    verify(bytes, &[signer.certificate().clone()])
}

#[test]
fn what_was_composed_is_read_back() {
    let (directory, signer, composed) = sample();
    assert_eq!(accepted(&composed, &signer).unwrap(), directory);
}

#[test]
fn the_bytes_are_those_of_the_format() {
    let (directory, signer, composed) = sample();
    let text = String::from_utf8(composed).unwrap();
    let parts = dissect(text.as_bytes()).unwrap();
    let (outer, inner) = (&text[57..77], parts.content_boundary);
    let expires_at = directory.expires_at.rfc3339_seconds();
    let hash = |content| Sha512::of(content).to_base64();
    let (shared, private) = (hash(SHARED), hash(PRIVATE));
    let certificate = signer.certificate().sha512().to_base64();
    let signature = parts.signature;
    let expected = format!(
        r#"Content-Type: multipart/related; charset=UTF-8; boundary={outer}

--{outer}
Content-Type: multipart/mixed; charset=UTF-8; boundary={inner}

--{inner}
Expire-date: {expires_at}
Version: 6

--{inner}
Content-type: application/octet-stream
Content-transfer-encoding: base64
Content-identifier: SHARED-PARAMETERS; instance='EE'
Content-location: /V6/1/shared-params.xml
Hash-algorithm-id: http://www.w3.org/2001/04/xmlenc#sha512

{shared}
--{inner}
Content-type: application/octet-stream
Content-transfer-encoding: base64
Content-identifier: PRIVATE-PARAMETERS; instance='EE'
Content-location: /V6/1/private-params.xml
Hash-algorithm-id: http://www.w3.org/2001/04/xmlenc#sha512

{private}
--{inner}--

--{outer}
Content-Type: application/octet-stream
Content-Transfer-Encoding: base64
Signature-Algorithm-Id: http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha512
Verification-certificate-hash: {certificate}; hash-algorithm-id="http://www.w3.org/2001/04/xmlenc#sha512"

{signature}
--{outer}--
"#
    );
    assert_eq!(text, expected.replace('\n', "\r\n"));
    assert!(parts.signed.starts_with(&format!("--{inner}\r\n")));
    assert!(parts.signed.ends_with(&format!("--{inner}--\r\n")));
}

/// Every byte matters: changed, it must be refused. Names of headers and the encoding's name are
/// the exception, as their case does not matter; so another case is not tried.
#[test]
fn a_change_of_any_byte_is_refused() {
    let (_, signer, composed) = sample();
    for at in 0..composed.len() {
        let mut changed = composed.clone();
        changed[at] ^= 0x01;
        let outcome = accepted(&changed, &signer);
        assert!(
            outcome.is_err(),
            "byte {at}, {:?}",
            char::from(composed[at])
        );
    }
}

#[test]
fn a_directory_cut_short_or_with_more_behind_it_is_refused() {
    let (directory, signer, composed) = sample();
    // The last line end is not part of the format; everything before is.
    let last_line_end = composed.len() - 2;
    for length in 0..last_line_end {
        assert!(
            accepted(&composed[..length], &signer).is_err(),
            "{length} bytes"
        );
    }
    assert_eq!(
        accepted(&composed[..last_line_end], &signer).unwrap(),
        directory
    );
    for more in ["x", "\r\n", "\n", "--"] {
        let longer = [&composed, more.as_bytes()].concat();
        assert!(accepted(&longer, &signer).is_err(), "{more:?}");
    }
}

fn check_refused(find: &str, replace: &str, words: &str) {
    let (_, signer, composed) = sample();
    let text = String::from_utf8(composed).unwrap();
    assert!(text.contains(find), "{find:?} is not in the directory");
    let error = accepted(text.replacen(find, replace, 1).as_bytes(), &signer).unwrap_err();
    assert!(
        error.to_string().contains(words),
        "{find:?} -> {replace:?}: {error}"
    );
}

#[test]
fn errors_say_which_step_failed() {
    check_refused(
        "multipart/related",
        "multipart/mixed",
        "read the directory: the content type",
    );
    check_refused(
        "charset=UTF-8; ",
        "",
        "read the directory: the content type",
    );
    check_refused(
        "\r\nSignature-Algorithm-Id",
        "\r\nSignature-Algorithm",
        "Signature-Algorithm-Id: missing",
    );
    check_refused(
        "#ecdsa-sha512",
        "#ecdsa-sha1",
        "ecdsa-sha1` is not accepted",
    );
    check_refused(
        "#ecdsa-sha512",
        "#rsa-sha512",
        "made with another kind of key",
    );
    check_refused(
        "Verification-certificate-hash: ",
        "Verification-certificate-hash: *",
        "not a hash",
    );
    check_refused(
        "Content-Transfer-Encoding: base64\r\nSig",
        "Content-Transfer-Encoding: 8bit\r\nSig",
        "not the value",
    );
    check_refused(
        "\r\nSignature-Algorithm-Id",
        "\r\nColour: red\r\nSignature-Algorithm-Id",
        "Colour: not expected",
    );
    check_refused("Expire-date: 2", "Expire-date: 3", "verify the signature");
    check_refused("/V6/1/", "/V6/2/", "verify the signature");
}

/// What only the signer could do wrong: the signature is right, what was signed is not.
#[test]
fn a_signed_directory_that_makes_no_sense_is_refused() {
    let (directory, signer, _) = sample();
    let check = |change: &dyn Fn(&mut DirectoryPart), words: &str| {
        let mut directory = directory.clone();
        change(&mut directory.parts[0]);
        let error = accepted(&compose(&directory, &signer), &signer)
            .unwrap_err()
            .to_string();
        assert!(error.contains(words), "{error}");
    };
    check(
        &|part| part.content_identifier = "A; b".to_owned(),
        "Content-identifier",
    );
    check(
        &|part| part.location = "x\r\nColour: red".to_owned(),
        "Colour: not expected",
    );
    check(
        &|part| part.location = "x\r\nContent-location: y".to_owned(),
        "Content-location: not expected",
    );
    check(
        &|part| part.location = "x\r\nColour".to_owned(),
        "not of the form",
    );
    let mut many = directory.clone();
    many.parts = vec![many.parts[0].clone(); MAX_PARTS + 1];
    let refused = accepted(&compose(&many, &signer), &signer);
    assert_eq!(refused, Err(DirectoryError::TooManyParts));
}

#[test]
fn another_key_is_unknown_even_with_the_same_name() {
    let (_, _, composed) = sample();
    let refused = accepted(&composed, &country::signer());
    assert_eq!(refused, Err(DirectoryError::UnknownCertificate));
    assert_eq!(
        verify(&composed, &[]),
        Err(DirectoryError::UnknownCertificate)
    );
}

#[test]
fn a_key_that_is_not_the_certificates_cannot_sign() {
    let (key, _) = country::certificate("one");
    let (_, certificate) = country::certificate("two");
    assert!(DirectorySigner::new(key, certificate).is_err());
}

#[test]
fn the_size_is_limited() {
    let (_, signer, composed) = sample();
    let big = [composed, vec![b' '; MAX_DIRECTORY_BYTES]].concat();
    assert_eq!(
        accepted(&big, &signer),
        Err(DirectoryError::TooLong(big.len()))
    );
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn any_sensible_directory_round_trips(
        parts in proptest::collection::vec(part(), 0..8),
        second in 0_i64..4_000_000_000,
        version in any::<u32>(),
    ) {
        let expires_at = sim_clock::UtcTime::from_millis(second * 1000);
        let directory = Directory { expires_at, version, parts };
        let signer = country::signer();
        let composed = compose(&directory, &signer);
        prop_assert_eq!(accepted(&composed, &signer).unwrap(), directory);
    }

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        prop_assert!(verify(&bytes, &[]).is_err());
    }
}

fn part() -> impl Strategy<Value = DirectoryPart> {
    let hash = prop_oneof![
        any::<[u8; 16]>().prop_map(|content| PartHash::of(&content)),
        any::<[u8; 32]>().prop_map(PartHash::Sha256),
    ];
    let file_name = proptest::option::of("[a-z]{1,8}");
    (
        "[A-Z-]{1,12}",
        proptest::option::of("[A-Za-z' äõ]{0,8}"),
        "/[!-~]{0,20}",
        file_name,
        hash,
    )
        .prop_map(
            |(content_identifier, instance, location, file_name, hash)| DirectoryPart {
                content_identifier,
                instance,
                location,
                file_name,
                hash,
            },
        )
}
