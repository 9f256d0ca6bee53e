//! Applications: filled in, signed on the phone, and the signed document taken home.

use std::fs;
use std::io::Read as _;
use std::path::PathBuf;

use super::login::Answer;
use crate::visitor::Visitor;

/// What a container of signed documents says of itself (ETSI EN 319 162-1).
const MEDIA_TYPE: &str = "application/vnd.etsi.asic-e+zip";
/// What such a container begins with: a ZIP entry, uncompressed, that is called `mimetype`.
const ZIP: &[u8] = b"PK\x03\x04";
const FIRST_NAME_AT: usize = 30;
/// What a page says of the code of a signature, and not of that of a document's choice.
const SECOND: &str = "second PIN";
/// Where the money shall go.
const ACCOUNT: &str = "EE382200221020145685";

pub(super) async fn with_mobile_id(visitor: Visitor) {
    visitor.log_in().await;
    visitor.press(".menu a[href=\"/applications\"]").await;
    visitor.find(".notice[role=\"status\"]").await;
    visitor.look("applications-none").await;
    visitor
        .press("a[href=\"/applications/new?kind=child-benefit\"]")
        .await;
    visitor.arrive("/applications/new").await;
    let name = visitor.text("[data-field=\"name\"]").await;
    assert_eq!(name, visitor.person.name(), "it is filled in already");
    let child = format!("input[name=\"child\"][value=\"{}\"]", visitor.person.minor);
    visitor.press(&child).await;
    visitor.fill_in("#account", "where I bank!").await;
    visitor.press("input[value=\"mobile-id\"]").await;
    visitor.press("#application .actions button").await;
    visitor.find("[role=\"alert\"]").await;
    visitor.look("application-mistyped").await;
    visitor.fill_in("#account", ACCOUNT).await;
    let number = &visitor.person.phone_number;
    visitor.fill_in("#phone_number", number).await;
    visitor.press("#application .actions button").await;

    visitor.find("#verification-code").await;
    let text = visitor.text("#what-is-signed").await;
    assert!(text.contains(ACCOUNT), "{text}");
    visitor.look_at_renewing("sign-wait").await;
    visitor
        .answer_phone(Answer::Confirm, Some("phone-sign"))
        .await;
    let status = visitor.attribute("[data-field=\"status\"]", "data-value");
    assert_eq!(status.await, "granted");
    visitor.look("signed").await;
    visitor.takes_document_home().await;

    visitor.press(".actions a[href=\"/applications\"]").await;
    visitor
        .find("#applications tbody tr[data-kind=\"child-benefit\"]")
        .await;
    visitor.look("applications").await;
    visitor.log_out().await;
}

pub(super) async fn with_smart_id(visitor: Visitor) {
    visitor.log_in().await;
    visitor.open("/applications/new?kind=tax-declaration").await;
    visitor.find("[data-field=\"refund\"]").await;
    visitor.press("input[value=\"smart-id\"]").await;
    visitor.look("declaration").await;
    visitor.press("#application .actions button").await;
    // First which of the person's documents signs; then the signature, which has another code.
    visitor.find(".code-card").await;
    visitor
        .on_the_phone(async || {
            visitor.press_on_phone("confirm").await;
            visitor.find(".phone output").await;
        })
        .await;
    visitor
        .until("the code of the signature", async || {
            let texts = visitor.texts(".code-card p").await;
            texts.iter().any(|text| text.contains(SECOND)).then_some(())
        })
        .await;
    visitor.answer_phone(Answer::Confirm, None).await;
    visitor.find("[data-field=\"status\"]").await;
    visitor.takes_document_home().await;
    visitor.log_out().await;
}

impl Visitor {
    /// The signed document is downloaded, and is one.
    async fn takes_document_home(&self) {
        self.press("#document").await;
        let file = self.downloaded("asice").await;
        let bytes = fs::read(&file).expect("the download can be read");
        assert!(bytes.starts_with(ZIP), "{}", file.display());
        let says = format!("mimetype{MEDIA_TYPE}");
        assert!(bytes[FIRST_NAME_AT..].starts_with(says.as_bytes()));
        let opened = fs::File::open(&file).expect("the download can be opened");
        let mut container = zip::ZipArchive::new(opened).expect("it is a container");
        let mut signature = String::new();
        let entry = container.by_name("META-INF/signatures0.xml");
        entry
            .expect("a signature")
            .read_to_string(&mut signature)
            .expect("a signature is XML");
        assert!(signature.contains("SignatureTimeStamp"));
    }

    /// Waits for a file whose name ends so. While it is on its way its content has another name,
    /// and an empty file keeps its own free.
    async fn downloaded(&self, extension: &str) -> PathBuf {
        let is_whole = |file: &PathBuf| {
            let has_name = file.extension().is_some_and(|found| found == extension);
            has_name && file.metadata().is_ok_and(|data| data.len() > 0)
        };
        self.until("a download", async || {
            let files = fs::read_dir(&self.downloads).ok()?;
            files
                .filter_map(|entry| Some(entry.ok()?.path()))
                .find(is_whole)
        })
        .await
    }
}
