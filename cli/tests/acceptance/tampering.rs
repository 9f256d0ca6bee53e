//! Whatever is changed in a container, one of the four judges refuses it.

use std::collections::BTreeSet;
use std::path::PathBuf;

use crate::finished_run::{Evidence, finished_run};
use crate::judges::{
    Entries, Judge, hash_chains, somebody_else_refuses, unnoticed_changes, unpack, unzip,
    who_refuses,
};

/// Bytes of a token that are changed for OpenSSL, spread over its length.
const SAMPLES: usize = 24;
const SIGNATURES: &str = "META-INF/signatures.xml";
const TOKEN: &str = "META-INF/timestamp.tst";

/// Changed containers, each said to be what, unpacked for the judges.
struct Forgeries<'a> {
    evidence: &'a Evidence,
    made: Vec<(String, PathBuf)>,
}

// === impl Forgeries ===

impl<'a> Forgeries<'a> {
    fn of(evidence: &'a Evidence) -> Self {
        let made = Vec::new();
        Self { evidence, made }
    }

    fn add(&mut self, what: impl Into<String>, entries: &Entries) {
        let number = self.made.len();
        let folder = self.evidence.folder.join(format!("forged-{number}"));
        unpack(entries, &folder);
        self.made.push((what.into(), folder));
    }

    /// What the quick judge lets pass is shown to the others.
    #[track_caller]
    fn convince_nobody(&self) {
        let folders: Vec<_> = self.made.iter().map(|(_, folder)| folder.clone()).collect();
        for ((what, folder), is_accepted) in self.made.iter().zip(hash_chains(&folders)) {
            let is_refused = !is_accepted || somebody_else_refuses(folder, &self.evidence.folder);
            assert!(is_refused, "convinced everybody: {what}");
        }
    }
}

/// The same, but for one byte.
fn with_a_changed_byte(original: &Entries, entry: &str, at: usize) -> Entries {
    let mut entries = original.clone();
    let content = entries.get_mut(entry).expect("the entry is there");
    content[at] ^= 1;
    entries
}

#[test]
fn no_byte_of_any_entry_can_be_changed() {
    let run = finished_run();
    let evidence = run.evidence(&run.messages[7]);
    for (server, direction) in [
        ("pension-gateway", "request"),
        ("register-gateway", "response"),
    ] {
        let container = evidence.container(server, direction);
        let original = unzip(&container);
        assert_eq!(original.len(), 11);
        // The checker has tried every byte. What it lets pass are only parts of the token that
        // somebody signed: those are for OpenSSL, which starts too slowly to try them all.
        let unnoticed = unnoticed_changes(&container);
        assert!(
            unnoticed.iter().all(|(entry, _)| entry == TOKEN),
            "{unnoticed:?}"
        );
        let mut forgeries = Forgeries::of(&evidence);
        for (entry, at) in unnoticed.iter().step_by(unnoticed.len() / SAMPLES) {
            let what = format!("{entry} of the {direction} with byte {at} changed");
            forgeries.add(what, &with_a_changed_byte(&original, entry, *at));
        }
        assert!(forgeries.made.len() >= SAMPLES);
        forgeries.convince_nobody();
    }
}

#[test]
fn no_entry_can_be_left_out_emptied_or_added() {
    let run = finished_run();
    let evidence = run.evidence(&run.messages[8]);
    let original = unzip(&evidence.container("register-gateway", "request"));
    let mut forgeries = Forgeries::of(&evidence);
    for entry in original.keys() {
        let mut entries = original.clone();
        entries.remove(entry);
        forgeries.add(format!("without {entry}"), &entries);
        entries.insert(entry.clone(), Vec::new());
        forgeries.add(format!("with an empty {entry}"), &entries);
    }
    for entry in ["attachment2", "META-INF/signatures2.xml"] {
        let mut entries = original.clone();
        entries.insert(entry.to_owned(), b"<more/>".to_vec());
        forgeries.add(format!("with {entry} besides"), &entries);
    }
    // The body could be taken out of everything that is not signed, too.
    let mut entries = original.clone();
    entries.remove("attachment1");
    let manifest = entries
        .get_mut("META-INF/manifest.xml")
        .expect("it is there");
    let text = String::from_utf8(manifest.clone()).expect("a manifest is text");
    let lines = text.lines().filter(|line| !line.contains("attachment1"));
    *manifest = lines
        .map(|line| format!("{line}\n"))
        .collect::<String>()
        .into_bytes();
    forgeries.add("without a body, nor a word about one", &entries);
    forgeries.convince_nobody();
}

#[test]
fn no_entry_can_come_from_another_container() {
    let run = finished_run();
    let [own, other] = [&run.messages[9], &run.messages[190]].map(|id| run.evidence(id));
    let original = unzip(&own.container("pension-gateway", "request"));
    let others = [
        (
            "another message",
            unzip(&other.container("pension-gateway", "request")),
        ),
        (
            "the response",
            unzip(&own.container("pension-gateway", "response")),
        ),
        (
            "the other server",
            unzip(&own.container("register-gateway", "request")),
        ),
    ];
    let mut forgeries = Forgeries::of(&own);
    let mut swapped = BTreeSet::new();
    for (whose, other) in &others {
        for (entry, content) in other
            .iter()
            .filter(|(entry, content)| original[*entry] != **content)
        {
            let mut entries = original.clone();
            entries.insert(entry.clone(), content.clone());
            forgeries.add(format!("{entry} of {whose}"), &entries);
            swapped.insert(entry.clone());
        }
    }
    forgeries.convince_nobody();
    // Every entry but those that are the same in all containers.
    let same: BTreeSet<_> = ["mimetype", "META-INF/manifest.xml"]
        .map(str::to_owned)
        .into();
    let expected: BTreeSet<_> = original.keys().cloned().collect();
    assert_eq!(&swapped | &same, expected);
}

#[test]
fn each_judge_is_needed() {
    let run = finished_run();
    let evidence = run.evidence(&run.messages[11]);
    let original = unzip(&evidence.container("pension-gateway", "response"));
    let mut forgeries = Forgeries::of(&evidence);

    forgeries.add(
        "another body",
        &with_a_changed_byte(&original, "attachment1", 0),
    );
    // The last byte of a token is of its signature.
    let last = original[TOKEN].len() - 1;
    forgeries.add(
        "another token",
        &with_a_changed_byte(&original, TOKEN, last),
    );
    forgeries.add(
        "another time",
        &with_a_change_after(&original, "<xades:SigningTime>"),
    );
    // The first letter of an OCSP response says that it is DER.
    let status = "Id=\"ocsp-response-1\">";
    forgeries.add("another status", &with_a_change_after(&original, status));

    let folders: Vec<_> = forgeries
        .made
        .iter()
        .map(|(_, folder)| folder.clone())
        .collect();
    let refusing = who_refuses(&folders, &evidence.folder);
    assert_eq!(refusing[0], [Judge::HashChains]);
    assert_eq!(refusing[1], [Judge::OpensslTs]);
    // The time-stamp is over the whole signature document, whose end nobody signed.
    assert_eq!(refusing[2], [Judge::Xmlsec, Judge::HashChains]);
    assert_eq!(refusing[3], [Judge::OpensslOcsp, Judge::HashChains]);
}

/// The same, but for the byte that follows these words in the signature document.
fn with_a_change_after(original: &Entries, words: &str) -> Entries {
    let document = String::from_utf8_lossy(&original[SIGNATURES]);
    let at = document
        .find(words)
        .expect("the words are in the signature document");
    with_a_changed_byte(original, SIGNATURES, at + words.len())
}
