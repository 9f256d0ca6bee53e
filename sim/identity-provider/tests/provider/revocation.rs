//! A certificate that no longer counts, or of which nobody says that it does, logs nobody in.

use sim_clock::UtcTime;
use sim_evidence::ocsp::CertificateStatus;

use crate::country::Authority;
use crate::responder::Says;
use crate::world::World;

#[tokio::test]
async fn only_a_certificate_that_is_known_to_be_good_logs_anybody_in() {
    let world = World::new().await;
    let revoked = CertificateStatus::Revoked {
        at: UtcTime::from_millis(1_700_000_000_000),
        reason: Some(1),
    };
    let unknown = "CERTIFICATE_STATUS_UNKNOWN";
    for (says, result) in [
        (Says::Status(revoked), "CERTIFICATE_REVOKED"),
        (
            Says::Status(CertificateStatus::Unknown),
            "CERTIFICATE_NOT_TRUSTED",
        ),
        (Says::ToAnotherQuestion, unknown),
        (Says::Stale, unknown),
        (Says::Nothing, unknown),
    ] {
        world.responder.say(says);
        let page = world.log_in(&[]).await;
        assert_eq!(page.after("data-result=\""), result, "{says:?}");
    }
    world.responder.say(Says::Status(CertificateStatus::Good));
    assert!(world.log_in(&[]).await.sent("code").is_some());
    world.responder.replace(Authority::new().responder());
    let page = world.log_in(&[]).await;
    assert_eq!(
        page.after("data-result=\""),
        unknown,
        "a responder of somebody else"
    );
}
