//! A stream and what was read of it but not used yet.

use std::future::{Future as _, poll_fn};
use std::io::{self, IoSlice};
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use bytes::{Bytes, BytesMut};
use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, ReadBuf};

/// Room that a read finds at least: most messages come in one.
const READ_BYTES: usize = 16 * 1024;
/// Pieces that one system call gathers.
const MAX_GATHERED: usize = 16;

/// What HTTP is spoken over.
pub trait Stream: AsyncRead + AsyncWrite + Send + Unpin {}

impl<S: AsyncRead + AsyncWrite + Send + Unpin> Stream for S {}

/// A stream with its read buffer.
pub(crate) struct Wire {
    stream: Box<dyn Stream>,
    pub(crate) buffer: BytesMut,
}

/// How far a message has been written: pieces done, and bytes of the next one.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Progress {
    piece: usize,
    bytes: usize,
    pub(crate) written: u64,
}

impl Wire {
    pub(crate) fn new(stream: impl Stream + 'static) -> Self {
        Self {
            stream: Box::new(stream),
            buffer: BytesMut::new(),
        }
    }

    /// Reads what there is into the buffer; 0 at the stream's end.
    pub(crate) async fn read_more(&mut self) -> io::Result<usize> {
        poll_fn(|context| self.poll_read_more(context)).await
    }

    pub(crate) fn poll_read_more(&mut self, context: &mut Context<'_>) -> Poll<io::Result<usize>> {
        if self.buffer.capacity() - self.buffer.len() < READ_BYTES / 2 {
            self.buffer.reserve(READ_BYTES);
        }
        // What the buffer holds beyond its length is not initialised; tokio's reader knows how to
        // fill it all the same.
        pin!(self.stream.read_buf(&mut self.buffer)).poll(context)
    }

    /// Writes all `pieces`, one behind the other, and flushes.
    pub(crate) async fn write(&mut self, pieces: &[Bytes]) -> io::Result<()> {
        let mut progress = Progress::default();
        poll_fn(|context| self.poll_write(pieces, &mut progress, context)).await
    }

    /// As [`Self::write`]; `progress` says how far earlier calls came.
    pub(crate) fn poll_write(
        &mut self,
        pieces: &[Bytes],
        progress: &mut Progress,
        context: &mut Context<'_>,
    ) -> Poll<io::Result<()>> {
        while progress.skip_done(pieces) {
            let mut slices = [IoSlice::new(&[]); MAX_GATHERED];
            let count = progress.slices(pieces, &mut slices);
            let stream = Pin::new(&mut *self.stream);
            match stream.poll_write_vectored(context, &slices[..count]) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Ok(0)) => return Poll::Ready(Err(io::ErrorKind::WriteZero.into())),
                Poll::Ready(Ok(written)) => progress.advance(written, pieces),
                Poll::Ready(Err(error)) => return Poll::Ready(Err(error)),
            }
        }
        Pin::new(&mut *self.stream).poll_flush(context)
    }

    /// Tells the other side that nothing more will come, and reads until it says so too, or until
    /// `max_bytes` have come: what is still under way would reset the connection, and with it the
    /// last answer.
    pub(crate) async fn end(&mut self, max_bytes: usize) {
        let shut_down = poll_fn(|context| Pin::new(&mut *self.stream).poll_shutdown(context));
        if shut_down.await.is_err() {
            return;
        }
        let mut left = max_bytes;
        while let Ok(count @ 1..) = self.read_more().await {
            self.buffer.clear();
            let Some(rest) = left.checked_sub(count) else {
                return;
            };
            left = rest;
        }
    }

    /// Whether the other side has neither closed nor sent anything, as far as can be told at once.
    pub(crate) fn is_silent(&mut self) -> bool {
        if !self.buffer.is_empty() {
            return false;
        }
        let mut byte = [0_u8; 1];
        let mut context = Context::from_waker(Waker::noop());
        let stream = Pin::new(&mut *self.stream);
        stream
            .poll_read(&mut context, &mut ReadBuf::new(&mut byte))
            .is_pending()
    }
}

// === impl Progress ===

impl Progress {
    /// Steps over pieces that are done; false where all are.
    fn skip_done(&mut self, pieces: &[Bytes]) -> bool {
        while let Some(piece) = pieces.get(self.piece) {
            if self.bytes < piece.len() {
                return true;
            }
            self.piece += 1;
            self.bytes = 0;
        }
        false
    }

    fn slices<'a>(&self, pieces: &'a [Bytes], slices: &mut [IoSlice<'a>; MAX_GATHERED]) -> usize {
        let left = pieces[self.piece..].iter().enumerate();
        let left = left.map(|(index, piece)| {
            if index == 0 {
                &piece[self.bytes..]
            } else {
                piece
            }
        });
        let mut count = 0;
        for (slice, piece) in slices.iter_mut().zip(left) {
            *slice = IoSlice::new(piece);
            count += 1;
        }
        count
    }

    fn advance(&mut self, mut written: usize, pieces: &[Bytes]) {
        self.written += written as u64;
        while let Some(piece) = pieces.get(self.piece) {
            let left = piece.len() - self.bytes;
            if written < left {
                self.bytes += written;
                return;
            }
            written -= left;
            self.piece += 1;
            self.bytes = 0;
        }
    }
}
