//! `docs/fault-codes.md` lists every part of a code that a security server can give, in both dialects.

use sim_domain::fault::{Dialect, FaultCode, Reason};

const PAGE: &str = include_str!("../../../docs/fault-codes.md");

#[test]
fn every_code_is_on_the_page() {
    for reason in Reason::ALL {
        let code = FaultCode::client_proxy(*reason);
        let [current, legacy] = [Dialect::Current, Dialect::Legacy].map(|dialect| {
            let text = code.text(dialect);
            let last = text.rsplit('.').next().map(str::to_owned);
            last.expect("a code has parts")
        });
        let status = code.http_status(Dialect::Current);
        let row = match status {
            500 => format!("| `{current}` | `{legacy}` | "),
            _ => format!("| `{current}` | `{legacy}` | {status} | "),
        };
        assert!(PAGE.contains(&row), "no row begins with {row}");
    }
    let words = PAGE.split("## The words that codes are made of").nth(1);
    let rows = words.expect("the page has this heading").lines();
    let rows = rows.filter(|line| line.starts_with("| `"));
    assert_eq!(
        rows.count(),
        Reason::ALL.len(),
        "the page lists what does not exist"
    );
}
