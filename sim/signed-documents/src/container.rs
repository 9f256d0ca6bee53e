//! The ZIP file around files and signature (ETSI EN 319 162-1, section 4.4).

use std::io::{Cursor, Write as _};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

use crate::draft::DataFile;
use crate::xml::text;

/// Media type of a container, and the whole content of its first entry.
pub const MEDIA_TYPE: &str = "application/vnd.etsi.asic-e+zip";
const SIGNATURES: &str = "META-INF/signatures0.xml";
const MANIFEST: &str = "META-INF/manifest.xml";
/// Why the writer's errors cannot happen.
const NO_FAILURE: &str = "a document in memory is far below the 4 GiB at which a plain zip ends";

/// The container of some files and the document of their signature. Equal parts give equal bytes.
pub(crate) fn write(files: &[DataFile], signatures: &[u8]) -> Vec<u8> {
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
    let packed = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated);
    let mut put = |name: &str, options: SimpleFileOptions, content: &[u8]| {
        zip.start_file(name, options).expect(NO_FAILURE);
        zip.write_all(content).expect(NO_FAILURE);
    };
    put("mimetype", stored, MEDIA_TYPE.as_bytes());
    for file in files {
        put(&file.name, packed, &file.bytes);
    }
    put(MANIFEST, packed, manifest(files).as_bytes());
    put(SIGNATURES, packed, signatures);
    zip.finish().expect(NO_FAILURE).into_inner()
}

/// The OpenDocument manifest: every data file with its media type.
fn manifest(files: &[DataFile]) -> String {
    let entry = |path: &str, media_type: &str| {
        format!(
            "<manifest:file-entry manifest:full-path=\"{path}\" manifest:media-type=\"{}\"/>",
            text(media_type)
        )
    };
    let entries: String = files
        .iter()
        .map(|file| entry(&file.name, &file.media_type))
        .collect();
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\" standalone=\"no\"?>\n<manifest:manifest \
         xmlns:manifest=\"urn:oasis:names:tc:opendocument:xmlns:manifest:1.0\" \
         manifest:version=\"1.2\">{}{entries}</manifest:manifest>",
        entry("/", MEDIA_TYPE)
    )
}
