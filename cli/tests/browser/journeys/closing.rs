//! Closing a record, what is read of it meanwhile, and opening it again.

use std::process::Command;

use crate::visitor::Visitor;

/// Who reads on where a record is closed, since the law says so.
const LAWFUL: &str = "EE/GOV/70001975/skais2";
/// Who reads open records alone.
const OTHER: &str = "EE/COM/10000001/accounts";
/// The end of what stands in the data tracker then.
const ON_THIS_GROUND: &str = "closed record, read under a legal exception";

pub(super) async fn walk(visitor: Visitor) {
    assert_eq!(visitor.read_by(OTHER), "200");
    visitor.log_in().await;
    visitor.press(".menu a[href=\"/blocking\"]").await;
    visitor
        .find("[data-field=\"blocked\"][data-value=\"false\"]")
        .await;
    visitor.look("access").await;
    visitor
        .press("form[action=\"/blocking\"] button.danger")
        .await;
    visitor
        .find("[data-field=\"blocked\"][data-value=\"true\"]")
        .await;
    visitor.look("access-closed").await;
    visitor.press(".menu a[href=\"/me\"]").await;
    visitor
        .find("#health [data-field=\"blocked\"][data-value=\"true\"]")
        .await;

    // With effect from now on, for all but those whom the law exempts.
    assert_eq!(visitor.read_by(OTHER), "403");
    assert_eq!(visitor.read_by(LAWFUL), "200");
    visitor.open("/tracker").await;
    let reasons = visitor.texts("#usages [data-field=\"why\"]").await;
    let on_this_ground = reasons.iter().filter(|why| why.contains(ON_THIS_GROUND));
    assert_eq!(on_this_ground.count(), 1, "{reasons:?}");

    visitor.press(".menu a[href=\"/blocking\"]").await;
    visitor
        .press("form[action=\"/blocking\"] input[value=\"false\"] ~ button")
        .await;
    visitor
        .find("[data-field=\"blocked\"][data-value=\"false\"]")
        .await;
    assert_eq!(visitor.read_by(OTHER), "200");
    visitor.log_out().await;
}

impl Visitor {
    /// The status that an official gets who asks for the visitor's health record over the exchange,
    /// as this subsystem.
    fn read_by(&self, client: &str) -> String {
        let asked = Command::new("curl")
            .args(["-s", "-o", "/dev/null", "-w", "%{http_code}"])
            .args(["-H", &format!("X-Road-Client: {client}")])
            .args(["-H", "X-Road-UserId: EE37001010001"])
            .arg(format!(
                "{}/r1/EE/GOV/70009770/digilugu/record/{}",
                self.world.exchange_url, self.person.national_id
            ))
            .output()
            .expect("curl is installed");
        String::from_utf8_lossy(&asked.stdout).into_owned()
    }
}
