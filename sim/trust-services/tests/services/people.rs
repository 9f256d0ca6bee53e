//! Certificates for people: what they are for, what they say, and whom the authority refuses.

use sim_evidence::certificate::Certificate;
use sim_evidence::keys::SigningKey;
use sim_trust_services::Profile;
use sim_trust_services::enrolment::{self, EnrolmentError, PersonName};

use crate::country::{Country, TOKEN};

/// A national ID that is known to be good; no person's.
const NATIONAL_ID: &str = "36805280109";
/// `QcCompliance`, `QcSSCD` and `QcType` of `esign` (ETSI EN 319 412-5), encoded by hand.
const STATEMENTS: &str =
    "3029300806060400 8E46010130080606 04008E4601043013 060604008E460106 3009060704008E46 010601";

fn mari() -> PersonName<'static> {
    PersonName {
        country: "EE",
        national_id: NATIONAL_ID,
        given_name: "Mari-Liis",
        surname: "Männik",
    }
}

fn ask(
    country: &Country,
    profile: Profile,
    person: &PersonName<'_>,
) -> Result<Certificate, EnrolmentError> {
    let key = SigningKey::generate().unwrap();
    let csr = enrolment::person_request(&key, person).unwrap();
    let url = &country.ca.ready.url;
    let der = country.wait(enrolment::request_certificate(url, TOKEN, profile, csr))?;
    let certificate = Certificate::parse(der).unwrap();
    country.write(&format!("{profile}.pem"), certificate.to_pem().as_bytes());
    Ok(certificate)
}

#[test]
fn openssl_accepts_people_for_what_their_certificates_are_for() {
    let country = Country::new();
    let _ocsp = country.start_ocsp(|_| {});
    for (profile, purpose, wrong) in [
        (Profile::PersonAuthentication, "sslclient", "sslserver"),
        (Profile::PersonSigning, "any", "sslclient"),
    ] {
        ask(&country, profile, &mari()).unwrap();
        let verify = |purpose: &str| {
            country.openssl(&format!(
                "verify -x509_strict -CAfile ca.pem -purpose {purpose} {profile}.pem"
            ))
        };
        verify(purpose).accepts("OK");
        verify(wrong).refuses("purpose");
    }
}

#[test]
fn people_are_named_as_on_estonian_cards() {
    let country = Country::new();
    for profile in [Profile::PersonAuthentication, Profile::PersonSigning] {
        ask(&country, profile, &mari()).unwrap();
        let said = country.openssl(&format!(
            "x509 -noout -subject -nameopt sep_multiline,utf8,lname -in {profile}.pem"
        ));
        for line in [
            "countryName=EE",
            "commonName=MÄNNIK,MARI-LIIS,36805280109",
            "surname=MÄNNIK",
            "givenName=MARI-LIIS",
            "serialNumber=PNOEE-36805280109",
        ] {
            said.accepts(line);
        }
    }
}

#[test]
fn only_signatures_are_qualified() {
    let country = Country::new();
    let ocsp = country.start_ocsp(|_| {});
    let usages = "-ext keyUsage,extendedKeyUsage,basicConstraints,certificatePolicies,\
                  authorityInfoAccess";
    let shown = |profile: Profile| {
        ask(&country, profile, &mari()).unwrap();
        let said = country.openssl(&format!("x509 -noout -in {profile}.pem {usages}"));
        said.accepts("CA:FALSE");
        said.accepts(&format!("OCSP - URI:{}", ocsp.ready.url));
        let dump = country.openssl(&format!("asn1parse -in {profile}.pem"));
        (said, dump.text)
    };

    let (signing, dump) = shown(Profile::PersonSigning);
    signing.accepts("Key Usage: critical\n    Non Repudiation\n");
    signing.accepts("Policy: 0.4.0.194112.1.2");
    assert!(!signing.text.contains("Extended Key Usage"));
    let statements = dump.split(":qcStatements").nth(1).unwrap();
    let encoded = statements.split("[HEX DUMP]:").nth(1).unwrap();
    let encoded = encoded.lines().next().unwrap();
    assert_eq!(encoded, STATEMENTS.replace(' ', ""));

    let (authentication, dump) = shown(Profile::PersonAuthentication);
    authentication.accepts("Key Usage: critical\n    Digital Signature, Key Agreement\n");
    authentication.accepts("Extended Key Usage: \n    TLS Web Client Authentication\n");
    assert!(!authentication.text.contains("Policy:"));
    assert!(!dump.contains("qcStatements"));
}

#[test]
fn nobody_without_a_code_of_the_country_is_certified() {
    let country = Country::new();
    let latvian = PersonName {
        country: "LV",
        ..mari()
    };
    let nameless = PersonName {
        national_id: "",
        ..mari()
    };
    for profile in [Profile::PersonAuthentication, Profile::PersonSigning] {
        for person in [latvian, nameless] {
            match ask(&country, profile, &person) {
                Err(EnrolmentError::Refused { status, message }) => {
                    assert_eq!(status.as_u16(), 422, "{message}");
                    assert!(message.contains("PNOEE-"), "{message}");
                }
                other => panic!("{other:?}"),
            }
        }
        let key = SigningKey::generate().unwrap();
        let service = enrolment::service_request(&key, "Nobody").unwrap();
        let url = &country.ca.ready.url;
        let asked = enrolment::request_certificate(url, TOKEN, profile, service);
        let refused = country.wait(asked);
        assert!(
            matches!(&refused, Err(EnrolmentError::Refused { status, .. }) if *status == 422),
            "{refused:?}"
        );
    }
    assert_eq!(country.stop_ca().2.issued, 0);
}
