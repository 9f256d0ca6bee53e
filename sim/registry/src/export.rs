//! The register as CSV, a chunk at a time.

use std::io::{self, Write};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame};
use sim_population::iso_date;
use tokio::sync::{OwnedSemaphorePermit, mpsc};

use crate::error::StoreError;
use crate::register::{Record, Register};

/// The first line.
const HEADER: &str = "national_id,birth_date,sex,status,died_on\n";
/// Size at which a chunk is sent.
const CHUNK_BYTES: usize = 64 << 10;
/// Chunks that may wait for a slow reader.
const CHUNKS_AHEAD: usize = 4;

/// The export as the body of a response; an error breaks the transfer off, so that a shortened
/// export is never taken for a whole one.
#[derive(Debug)]
pub(crate) struct ExportBody {
    chunks: mpsc::Receiver<Result<Bytes, StoreError>>,
}

/// Starts an export on a thread of its own, which ends when the reader does and holds `permit`
/// until then.
pub(crate) fn start(
    register: Arc<Register>,
    permit: OwnedSemaphorePermit,
) -> io::Result<ExportBody> {
    let (sender, chunks) = mpsc::channel(CHUNKS_AHEAD);
    std::thread::Builder::new()
        .name("export".to_owned())
        .spawn(move || {
            let _permit = permit;
            if let Err(error) = write_all(&register, &sender) {
                // Refused only where the reader has gone, who then needs no reason either.
                let _ = sender.blocking_send(Err(error));
            }
        })?;
    Ok(ExportBody { chunks })
}

type Sender = mpsc::Sender<Result<Bytes, StoreError>>;

fn write_all(register: &Register, sender: &Sender) -> Result<(), StoreError> {
    let mut chunk = Vec::with_capacity(CHUNK_BYTES * 2);
    chunk.extend_from_slice(HEADER.as_bytes());
    for person in register.everybody()? {
        let (national_id, record) = person?;
        write_line(&mut chunk, &national_id, &record);
        if chunk.len() >= CHUNK_BYTES {
            let full = std::mem::replace(&mut chunk, Vec::with_capacity(CHUNK_BYTES * 2));
            if sender.blocking_send(Ok(full.into())).is_err() {
                return Ok(());
            }
        }
    }
    let _ = sender.blocking_send(Ok(chunk.into()));
    Ok(())
}

fn write_line(out: &mut Vec<u8>, national_id: &str, record: &Record) {
    let birth_date = iso_date::to_text(record.birth_date);
    let sex = record.sex.as_str();
    let written = match record.died_on {
        None => writeln!(out, "{national_id},{birth_date},{sex},alive,"),
        Some(on) => {
            let died_on = iso_date::to_text(on);
            writeln!(out, "{national_id},{birth_date},{sex},deceased,{died_on}")
        }
    };
    written.expect("memory takes what is written");
}

impl Body for ExportBody {
    type Data = Bytes;
    type Error = StoreError;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, StoreError>>> {
        self.chunks
            .poll_recv(context)
            .map(|chunk| chunk.map(|chunk| chunk.map(Frame::data)))
    }
}
