//! The judge himself: of a page with every fault, he must find each.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use crate::judge::faults;
use crate::visitor::Visitor;

const FAULTY: &str = include_str!("../faulty.html");
/// What must be said of it, in words of the judge's.
const FAULTS: [&str; 12] = [
    "pixels wide on a screen of",
    "scrolls sideways",
    "it has no title",
    "it does not say its language",
    "it has 2 main headings",
    "two elements have the id same",
    "nameless has no label",
    "<button> \"\" says nothing",
    "\"x\" is 12 by 12 pixels",
    "\"Pale\" has a contrast of 1.92",
    "\"Dim in the dark\" has a contrast of 1.63, in the dark",
    "something broke",
];

pub(super) async fn walk(visitor: Visitor) {
    let page = BASE64.encode(FAULTY);
    visitor.go(&format!("data:text/html;base64,{page}")).await;
    visitor.find("h1").await;
    let found = faults(&visitor).await;
    for fault in FAULTS {
        let is_found = found.iter().any(|said| said.contains(fault));
        assert!(is_found, "nobody said {fault:?}, but {found:#?}");
    }

    // And of titles: the one of another page is not its own.
    visitor.open("/").await;
    let page = format!("{}/me", visitor.world.portal_url).parse();
    let page = page.expect("a URL");
    let mine = visitor.takes_title("Nobody's title", &page);
    assert_eq!(mine, None);
    assert_eq!(visitor.takes_title("Nobody's title", &page), None);
    let again = visitor.takes_title("Nobody's title", &visitor.url().await);
    assert!(again.is_some_and(|fault| fault.contains("/me")));
}
