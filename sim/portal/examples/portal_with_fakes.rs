//! A portal among the tests' stand-ins, to be looked at in a browser: `cargo run --example
//! portal_with_fakes -- 8443`. Everybody who logs in is Avocet Whimbrel.

#![expect(clippy::print_stdout, reason = "it tells where it can be looked at")]
#![expect(clippy::unwrap_used, reason = "the stand-ins belong to tests")]

#[path = "../tests/portal/fakes.rs"]
#[expect(dead_code, reason = "what only attacks need is for the tests")]
mod fakes;

use std::error::Error;
use std::net::SocketAddr;

use fakes::Fakes;
use fakes::exchange::Reply;
use serde_json::{Value, json};

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    let port = std::env::args().nth(1).map_or(Ok(0), |port| port.parse())?;
    let fakes = Fakes::start().await;
    with_looks(&fakes);
    with_answers(&fakes);
    let taken = json!({ "id": "1770023652000-0", "kind": "child-benefit", "status": "granted",
                        "submitted_at": "2026-02-02T09:14:12.000Z" });
    fakes
        .exchange
        .set("POST social/applications", Reply::Json(201, taken));
    if std::env::args().any(|argument| argument == "patient") {
        fakes.carriers.decide(None);
    }
    if std::env::args().any(|argument| argument == "broken") {
        fakes.exchange.set("tax/declaration", Reply::Silence);
        fakes.exchange.set("tax/findUsage", Reply::Silence);
        fakes.exchange.set("insurer/inquiries", Reply::Silence);
        let code = "Server.ServerProxy.ServiceFailed";
        fakes.exchange.set(
            "social/benefits",
            Reply::Fault(code, "Could not connect to the service"),
        );
    }
    if std::env::args().any(|argument| argument == "no-consent") {
        let refusal = json!({ "code": "no_consent", "message": "a consent was asked for" });
        fakes
            .exchange
            .set("insurer/offer", Reply::Json(403, refusal));
    }
    let mut config = fakes.config();
    config.listen = SocketAddr::from(([127, 0, 0, 1], port));
    let tell = |ready: sim_portal::Ready| println!("{}", ready.url);
    sim_portal::run(config, tell, std::future::pending()).await?;
    Ok(())
}

/// What those who looked answer.
fn with_answers(fakes: &Fakes) {
    let inquiry = |time: &str, verdict: &str, question: &str, answer: &str| {
        json!({ "id": time, "register": "Population register", "logtime": time,
                "question": question, "asked_at": "2026-02-02T11:20:31Z", "verdict": verdict,
                "answer": answer, "case": null, "sanction": null })
    };
    let mut justified = inquiry(
        "2026-02-02T07:34:12Z",
        "justified",
        "What did you need my data for?",
        "Your application for a child benefit was decided.",
    );
    justified["case"] = json!("1767000000000-0, child-benefit");
    let mut unjustified = inquiry(
        "2026-02-01T22:51:07Z",
        "unjustified",
        "I have never been a client of yours. Why did you look?",
        "No case of yours was open, and the official who looked had none.",
    );
    unjustified["sanction"] = json!("The official may look at nobody's data any more.");
    let all = json!({ "inquiries": [justified, unjustified] });
    fakes
        .exchange
        .set("social/inquiries", Reply::Json(200, all));
    let answer = json!({ "id": "1", "verdict": "justified", "answer": "A case was open." });
    fakes
        .exchange
        .set("POST social/inquiries", Reply::Json(201, answer));
}

fn with_looks(fakes: &Fakes) {
    let look = |time: &str, action: &str, code: &str, name: &str, system: &str| {
        json!({ "logtime": time, "action": action, "receiverCode": code, "receiverName": name,
                "receiverSystem": system })
    };
    let set = |registry: &str, usages: &[Value]| {
        let answer = json!({ "totalUsages": usages.len(), "usages": usages });
        fakes
            .exchange
            .set(&format!("{registry}/findUsage"), Reply::Json(200, answer));
    };
    set(
        "people",
        &[
            look(
                "2026-02-02T07:34:12Z",
                "Child benefit: who are the parents?",
                "600",
                "Social insurance",
                "desk",
            ),
            look(
                "2026-02-01T19:02:40Z",
                "The person looked at their own data in the portal",
                "700",
                "State portal",
                "portal",
            ),
            look(
                "2026-01-19T09:15:03Z",
                "Address for a letter about kindergarten places",
                "75014913",
                "Tidewater town hall",
                "letters",
            ),
        ],
    );
    set(
        "health",
        &[
            look(
                "2026-01-30T13:41:55Z",
                "Prescription renewed",
                "90001478",
                "Saltmarsh Family Doctors",
                "surgery",
            ),
            look(
                "2026-01-30T13:40:11Z",
                "Visit to the family doctor",
                "90001478",
                "Saltmarsh Family Doctors",
                "surgery",
            ),
        ],
    );
    set(
        "social",
        &[look(
            "2026-01-05T04:00:09Z",
            "Monthly payment of benefits",
            "70001975",
            "Pension Office",
            "payments",
        )],
    );
}
