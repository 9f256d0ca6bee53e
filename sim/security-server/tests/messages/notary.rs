//! Certificates and OCSP responses of a test's choice, all of them from the country's own
//! authority.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use sim_clock::{Clock, UtcTime};
use sim_domain::MemberId;
use sim_evidence::certificate::Certificate;
use sim_evidence::keys::{KeyType, SigningKey};
use sim_evidence::ocsp::{
    self, CertId, CertIdAlgorithm, CertificateStatus, ResponseSigner, SingleStatus,
};
use sim_trust_services::Profile;
use sim_trust_services::enrolment::{self, Period};

use crate::client::Ask;
use crate::country::{Country, TOKEN};
use crate::tls::Credential;

/// Has certificates issued, and signs OCSP responses as a delegate of the authority.
pub(crate) struct Notary {
    ca_url: String,
    ocsp_address: SocketAddr,
    authority: Certificate,
    responder: ResponseSigner,
}

impl Notary {
    pub(crate) async fn of(country: &Country) -> Self {
        let ca_url = country.ca_url.clone();
        let authority = enrolment::authority_certificate(&ca_url).await.unwrap();
        let profile = Profile::OcspResponder;
        let (key, certificate) = enrolment::enrol_service(&ca_url, TOKEN, profile, "delegate")
            .await
            .unwrap();
        Self {
            ca_url,
            ocsp_address: country.ocsp_address,
            authority,
            responder: ResponseSigner::new(key, certificate),
        }
    }

    /// A key with a certificate that is valid now.
    pub(crate) async fn credential(&self, profile: Profile, member: &MemberId) -> Credential {
        let key_type = KeyType::EcP256;
        let enrolled = enrolment::enrol_member(&self.ca_url, TOKEN, profile, member, key_type);
        let (key, certificate) = enrolled.await.unwrap();
        Credential { key, certificate }
    }

    /// A key with a certificate whose time is over.
    pub(crate) async fn expired(&self, profile: Profile, member: &MemberId) -> Credential {
        self.valid_until(ago(60), profile, member).await
    }

    /// A key with a certificate that is valid until then.
    pub(crate) async fn valid_until(
        &self,
        not_after: UtcTime,
        profile: Profile,
        member: &MemberId,
    ) -> Credential {
        let key = SigningKey::generate().unwrap();
        let request = enrolment::member_request(&key, member).unwrap();
        let period = Period {
            not_before: ago(7_200),
            not_after,
        };
        let der =
            enrolment::request_certificate_for(&self.ca_url, TOKEN, profile, request, period).await;
        let certificate = Certificate::parse(der.unwrap()).unwrap();
        let key = key.into();
        Credential { key, certificate }
    }

    /// Has a certificate revoked by the authority.
    pub(crate) async fn revoke(&self, credential: &Credential) {
        self.revoke_certificate(&credential.certificate).await;
    }

    /// As [`Self::revoke`], for a certificate whose key is elsewhere.
    pub(crate) async fn revoke_certificate(&self, certificate: &Certificate) {
        enrolment::revoke(&self.ca_url, TOKEN, certificate, None)
            .await
            .unwrap();
    }

    /// What the country's own OCSP responder says.
    pub(crate) async fn status(&self, credential: &Credential) -> Bytes {
        let ask = Ask::new("POST", "/")
            .header("Content-Type", "application/ocsp-request")
            .body(ocsp::request(&credential.certificate, &self.authority));
        let answer = ask.send(self.ocsp_address).await;
        assert_eq!(answer.status(), 200);
        answer.body
    }

    /// The OCSP response that a certificate is good.
    pub(crate) fn good(&self, credential: &Credential) -> Bytes {
        self.respond(credential, CertificateStatus::Good, 1)
    }

    /// The OCSP response that a certificate was good, longer ago than counts.
    pub(crate) fn stale(&self, credential: &Credential) -> Bytes {
        self.respond(credential, CertificateStatus::Good, 3_700)
    }

    /// The OCSP response that a certificate is revoked.
    pub(crate) fn revoked(&self, credential: &Credential) -> Bytes {
        let status = CertificateStatus::Revoked {
            at: ago(10),
            reason: None,
        };
        self.respond(credential, status, 1)
    }

    fn respond(&self, credential: &Credential, status: CertificateStatus, age_s: u64) -> Bytes {
        let certificate = &credential.certificate;
        let status = SingleStatus {
            cert_id: CertId::of(certificate, &self.authority, CertIdAlgorithm::Sha1),
            status,
            this_update: ago(age_s),
            next_update: None,
        };
        self.responder.respond(&[status], None, ago(age_s)).into()
    }
}

pub(crate) fn now() -> UtcTime {
    Clock::wall().now()
}

fn ago(seconds: u64) -> UtcTime {
    now().minus(Duration::from_secs(seconds))
}
