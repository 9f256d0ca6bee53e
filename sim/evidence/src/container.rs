//! ASiC-E containers (ETSI TS 102 918): one message with everything that proves it, in a zip.
//!
//! The entries, their names and their order are those of X-Road's message log. The signature
//! references its parts with a leading `/`, the entries have none.

use std::io::{Cursor, Write};

use bytes::Bytes;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::digest::Sha512;
use crate::hash_chain::HashChain;

/// The container's media type: content of its first entry, and its comment.
pub const MEDIA_TYPE: &str = "application/vnd.etsi.asic-e+zip";

const SIGNATURE_RESULT: &str = "sig-hashchainresult.xml";
const SIGNATURE_CHAIN: &str = "sig-hashchain.xml";
const TIME_STAMP_RESULT: &str = "ts-hashchainresult.xml";
const TIME_STAMP_CHAIN: &str = "ts-hashchain.xml";
const MESSAGE: &str = "message.xml";
const ATTACHMENT: &str = "attachment1";
const TIME_STAMP: &str = "META-INF/timestamp.tst";

/// Why the writer's errors cannot happen: its target is memory, and its names are distinct.
const NO_FAILURE: &str = "a logged message is far below the 4 GiB at which a plain zip ends";

/// What goes into a container.
#[derive(Clone, Debug)]
pub struct ContainerParts {
    /// The head: the serialised request or response.
    pub message: Bytes,
    /// The body, where there is one.
    pub attachment: Option<Bytes>,
    /// The signature document.
    pub signature_document: Bytes,
    /// The chain from the message to its signature; none where that is over the message itself.
    pub signature_chain: Option<HashChain>,
    /// The chain from the signature document to its time-stamp.
    pub time_stamp_chain: HashChain,
    /// The RFC 3161 token over the result of that chain, in DER.
    pub time_stamp_token: Bytes,
}

/// The container of one message. Equal parts give equal bytes.
#[must_use]
pub fn write_container(parts: &ContainerParts) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    zip.set_comment(format!("mimetype={MEDIA_TYPE}"))
        .expect("the comment is short");
    for (name, content) in entries(parts) {
        zip.start_file(name, options(name)).expect(NO_FAILURE);
        zip.write_all(&content).expect(NO_FAILURE);
    }
    zip.finish().expect(NO_FAILURE).into_inner()
}

/// The media type comes first and uncompressed, so that its bytes stand at a fixed offset.
fn options(name: &str) -> SimpleFileOptions {
    let method = match name {
        "mimetype" => CompressionMethod::Stored,
        _ => CompressionMethod::Deflated,
    };
    SimpleFileOptions::default().compression_method(method)
}

fn entries(parts: &ContainerParts) -> Vec<(&'static str, Bytes)> {
    let mut entries = vec![
        ("mimetype", Bytes::from_static(MEDIA_TYPE.as_bytes())),
        (MESSAGE, parts.message.clone()),
        ("META-INF/signatures.xml", parts.signature_document.clone()),
    ];
    if let Some(chain) = &parts.signature_chain {
        entries.push((SIGNATURE_RESULT, chain.result.clone()));
        entries.push((SIGNATURE_CHAIN, chain.chain.clone()));
    }
    let result = &parts.time_stamp_chain.result;
    entries.extend([
        (TIME_STAMP_RESULT, result.clone()),
        (TIME_STAMP_CHAIN, parts.time_stamp_chain.chain.clone()),
        ("META-INF/manifest.xml", Bytes::from(manifest(parts))),
        (
            "META-INF/ASiCManifest.xml",
            Bytes::from(asic_manifest(&Sha512::of(result))),
        ),
        (TIME_STAMP, parts.time_stamp_token.clone()),
    ]);
    entries.extend(parts.attachment.clone().map(|body| (ATTACHMENT, body)));
    entries
}

/// The OpenDocument 1.2 manifest: every entry outside `META-INF`.
fn manifest(parts: &ContainerParts) -> String {
    let mut files = vec![("/", MEDIA_TYPE), (MESSAGE, "text/xml")];
    if parts.signature_chain.is_some() {
        files.extend([
            (SIGNATURE_RESULT, "text/xml"),
            (SIGNATURE_CHAIN, "text/xml"),
        ]);
    }
    files.extend([
        (TIME_STAMP_RESULT, "text/xml"),
        (TIME_STAMP_CHAIN, "text/xml"),
    ]);
    if parts.attachment.is_some() {
        files.push((ATTACHMENT, "application/octet-stream"));
    }
    let files: String = files
        .into_iter()
        .map(|(path, media_type)| {
            format!(
                "    <manifest:file-entry manifest:media-type=\"{media_type}\" \
                 manifest:full-path=\"{path}\"/>\n"
            )
        })
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<manifest:manifest \
         xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\" \
         manifest:version=\"1.2\">\n{files}</manifest:manifest>\n"
    )
}

/// What the time-stamp is over. X-Road writes this namespace with `2918`, unlike signatures.
fn asic_manifest(result: &Sha512) -> String {
    let digest = result.to_base64();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<asic:ASiCManifest \
         xmlns:asic=\"http://uri.etsi.org/2918/v1.2.1#\" \
         xmlns:ds=\"http://www.w3.org/2000/09/xmldsig#\">\n\
         <asic:SigReference URI=\"{TIME_STAMP}\" MimeType=\"vnd.etsi.timestamp-token\"/>\n\
         <asic:DataObjectReference URI=\"{TIME_STAMP_RESULT}\" MimeType=\"text/xml\">\n\
         <ds:DigestMethod Algorithm=\"http://www.w3.org/2001/04/xmlenc#sha512\"/>\n\
         <ds:DigestValue>{digest}</ds:DigestValue>\n</asic:DataObjectReference>\n\
         </asic:ASiCManifest>\n"
    )
}

#[cfg(test)]
mod oracles;

#[cfg(test)]
mod tests {
    use std::io::Read;

    use bytes::Bytes;
    use zip::{CompressionMethod, ZipArchive};

    use super::{ContainerParts, MEDIA_TYPE, write_container};
    use crate::digest::Sha512;
    use crate::hash_chain::{HashChain, Leaf, TreePath, message_chain, time_stamp_chain};

    fn parts(body: Option<&'static str>) -> ContainerParts {
        let message = Bytes::from_static(b"200\r\nOK\r\nx-road-id:1\r\n");
        let attachment = body.map(|body| Bytes::from_static(body.as_bytes()));
        let leaf = Leaf {
            message: Sha512::of(&message),
            attachment: attachment.as_deref().map(Sha512::of),
        };
        let signature_document = Bytes::from_static(b"<signature/>");
        let path = TreePath::default();
        ContainerParts {
            signature_chain: body.map(|_| message_chain(&leaf, &path)),
            time_stamp_chain: time_stamp_chain(Sha512::of(&signature_document), &path),
            time_stamp_token: Bytes::from_static(b"\x30\x00"),
            message,
            attachment,
            signature_document,
        }
    }

    fn read(container: &[u8]) -> Vec<(String, Vec<u8>)> {
        let mut archive = ZipArchive::new(std::io::Cursor::new(container)).unwrap();
        let mut entries = Vec::new();
        for index in 0..archive.len() {
            let mut file = archive.by_index(index).unwrap();
            let mut content = Vec::new();
            file.read_to_end(&mut content).unwrap();
            entries.push((file.name().unwrap().into_owned(), content));
        }
        entries
    }

    fn check_names(container: &[u8], expected: &[&str]) {
        let entries = read(container);
        let names: Vec<_> = entries.iter().map(|(name, _)| name.as_str()).collect();
        assert_eq!(names, expected);
    }

    #[test]
    fn entries_stand_in_x_roads_order() {
        check_names(
            &write_container(&parts(None)),
            &[
                "mimetype",
                "message.xml",
                "META-INF/signatures.xml",
                "ts-hashchainresult.xml",
                "ts-hashchain.xml",
                "META-INF/manifest.xml",
                "META-INF/ASiCManifest.xml",
                "META-INF/timestamp.tst",
            ],
        );
        check_names(
            &write_container(&parts(Some("{}"))),
            &[
                "mimetype",
                "message.xml",
                "META-INF/signatures.xml",
                "sig-hashchainresult.xml",
                "sig-hashchain.xml",
                "ts-hashchainresult.xml",
                "ts-hashchain.xml",
                "META-INF/manifest.xml",
                "META-INF/ASiCManifest.xml",
                "META-INF/timestamp.tst",
                "attachment1",
            ],
        );
    }

    #[test]
    fn contents_are_the_parts_byte_for_byte() {
        let parts = parts(Some("{\"ids\":[]}"));
        let entries = read(&write_container(&parts));
        let content = |name: &str| {
            let (_, content) = entries.iter().find(|(entry, _)| entry == name).unwrap();
            Bytes::from(content.clone())
        };
        let HashChain { result, chain } = parts.signature_chain.unwrap();
        assert_eq!(content("message.xml"), parts.message);
        assert_eq!(content("attachment1"), parts.attachment.unwrap());
        assert_eq!(content("META-INF/signatures.xml"), parts.signature_document);
        assert_eq!(content("sig-hashchainresult.xml"), result);
        assert_eq!(content("sig-hashchain.xml"), chain);
        assert_eq!(
            content("ts-hashchainresult.xml"),
            parts.time_stamp_chain.result
        );
        assert_eq!(content("ts-hashchain.xml"), parts.time_stamp_chain.chain);
        assert_eq!(content("META-INF/timestamp.tst"), parts.time_stamp_token);
        let manifest = String::from_utf8(content("META-INF/manifest.xml").to_vec()).unwrap();
        for (name, _) in entries
            .iter()
            .filter(|(name, _)| name.ends_with("chain.xml"))
        {
            assert!(
                manifest.contains(&format!("full-path=\"{name}\"")),
                "{name}"
            );
        }
        let stamped = String::from_utf8(content("META-INF/ASiCManifest.xml").to_vec()).unwrap();
        let digest = Sha512::of(&parts.time_stamp_chain.result).to_base64();
        assert!(stamped.contains(&format!("<ds:DigestValue>{digest}</ds:DigestValue>")));
    }

    #[test]
    fn the_media_type_is_found_without_unpacking() {
        let container = write_container(&parts(None));
        // Local header of 30 bytes, name, no extra field, content: TS 102 918, annex A.1.
        assert_eq!(&container[30..38], b"mimetype");
        assert_eq!(&container[38..38 + MEDIA_TYPE.len()], MEDIA_TYPE.as_bytes());
        assert!(container.ends_with(b"mimetype=application/vnd.etsi.asic-e+zip"));
        let mut archive = ZipArchive::new(std::io::Cursor::new(&container)).unwrap();
        assert_eq!(
            archive.by_index(0).unwrap().compression(),
            CompressionMethod::Stored
        );
        assert_eq!(
            archive.by_index(1).unwrap().compression(),
            CompressionMethod::Deflated
        );
    }

    #[test]
    fn the_same_parts_make_the_same_container() {
        assert_eq!(write_container(&parts(None)), write_container(&parts(None)));
    }
}
