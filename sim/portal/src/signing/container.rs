//! The signed document. The only place that knows how one is made.
//!
//! Interim: until the crate `sim-signed-documents` is there, a document is a ZIP file with the data
//! files, the certificate and the bare signature; it is no ASiC-E container, nobody else can
//! validate it, and neither OCSP nor time-stamp is asked for.

use std::io::{Cursor, Write};

use aws_lc_rs::digest::{Context, SHA256};
use bytes::Bytes;
use sim_clock::UtcTime;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipWriter};

/// The media type of a signed document (ETSI EN 319 162-1).
pub(crate) const MEDIA_TYPE: &str = "application/vnd.etsi.asic-e+zip";

/// A file that is signed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct DataFile {
    pub(crate) name: String,
    pub(crate) media_type: &'static str,
    pub(crate) bytes: Bytes,
}

/// A document that waits for its signature.
pub(super) struct Draft {
    files: Vec<DataFile>,
    certificate: Vec<u8>,
    digest: [u8; 32],
}

/// Completes signed documents with what makes them last.
pub(crate) struct Notary;

/// Why there is no document.
#[derive(Debug, thiserror::Error)]
pub(super) enum ContainerError {
    #[error("the signature has {0} bytes instead of 64")]
    Signature(usize),
    #[error("pack the files: {0}")]
    Zip(#[from] zip::result::ZipError),
    #[error("pack the files: {0}")]
    Io(#[from] std::io::Error),
}

// === impl Draft ===

impl Draft {
    pub(super) fn new(
        files: Vec<DataFile>,
        certificate: Vec<u8>,
        _at: UtcTime,
    ) -> Result<Self, ContainerError> {
        let mut context = Context::new(&SHA256);
        context.update(&certificate);
        for file in &files {
            context.update(file.name.as_bytes());
            context.update(&file.bytes);
        }
        let mut digest = [0; 32];
        digest.copy_from_slice(context.finish().as_ref());
        Ok(Self {
            files,
            certificate,
            digest,
        })
    }

    /// SHA-256, for ECDSA on P-256.
    pub(super) const fn digest_to_sign(&self) -> [u8; 32] {
        self.digest
    }
}

// === impl Notary ===

impl Notary {
    pub(super) async fn complete(
        &self,
        draft: Draft,
        signature: &[u8],
    ) -> Result<Bytes, ContainerError> {
        if signature.len() != 64 {
            return Err(ContainerError::Signature(signature.len()));
        }
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let stored = SimpleFileOptions::default().compression_method(CompressionMethod::Stored);
        let mut put = |name: &str, bytes: &[u8]| -> Result<(), ContainerError> {
            zip.start_file(name, stored)?;
            Ok(zip.write_all(bytes)?)
        };
        put("mimetype", MEDIA_TYPE.as_bytes())?;
        for file in &draft.files {
            put(&file.name, &file.bytes)?;
        }
        put("META-INF/certificate.der", &draft.certificate)?;
        put("META-INF/signature.bin", signature)?;
        Ok(zip.finish()?.into_inner().into())
    }
}
