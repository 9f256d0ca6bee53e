//! Every page that somebody can open who is logged in.

use crate::visitor::Visitor;

const PAGES: [(&str, &str); 14] = [
    ("/", "tour-home"),
    ("/?q=tax", "tour-search"),
    ("/?q=xyzzy", "tour-search-none"),
    ("/me", "tour-my-data"),
    ("/applications", "tour-applications"),
    ("/applications/new?kind=old-age-pension", "tour-pension"),
    ("/tracker", "tour-tracker"),
    ("/blocking", "tour-access"),
    ("/appointments", "tour-appointments"),
    ("/companies/new", "tour-company"),
    ("/consents", "tour-consents"),
    ("/insurance", "tour-insurance"),
    ("/assistant", "tour-assistant"),
    ("/nothing-here", "tour-no-page"),
];

/// None fails, in English and in Estonian; in the dark there is a picture of each as well.
pub(super) async fn walk(visitor: Visitor) {
    visitor.log_in().await;
    for (path, name) in PAGES {
        visitor.open(path).await;
        visitor.find("main h1").await;
        visitor.prefer_colours("dark").await;
        visitor.keep_picture(&format!("{name}-dark")).await;
        visitor.prefer_colours("light").await;
        visitor.look(name).await;
        assert_eq!(
            visitor.count("[data-trouble]").await,
            0,
            "a registry failed"
        );
    }
    visitor.open("/").await;
    visitor.press(".languages button[value=\"et\"]").await;
    visitor.find("html[lang=\"et\"]").await;
    for (path, name) in PAGES {
        visitor.open(path).await;
        visitor.find("main h1").await;
        visitor.look(&format!("{name}-estonian")).await;
    }
    visitor.log_out().await;
}
