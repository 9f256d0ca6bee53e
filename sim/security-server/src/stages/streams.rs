//! TLS and sockets: the processor time inside the calls that read and write.
//!
//! An encrypted connection is wrapped twice, above TLS and below it; the difference is TLS. Each
//! call does little, so one in [`CALLS_ONE_IN`] is measured and stands for the others.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use sim_metrics::stages::StreamsCpu;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

use super::Stages;
use super::calls::Calls;

/// One call in so many is measured. A prime, so that it is not always the same call of an exchange.
const CALLS_ONE_IN: u64 = 199;

/// Where a connection is wrapped.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Layer {
    /// The encrypted stream, with the socket below it.
    Encrypted,
    /// The socket below an encrypted stream.
    BelowTls,
    /// A socket without TLS.
    Plain,
}

/// The calls of each layer.
#[derive(Default)]
pub(super) struct Streams([Calls; 3]);

/// A stream whose calls are measured.
pub(crate) struct Metered<Stream> {
    stream: Stream,
    layer: Layer,
    stages: Arc<Stages>,
}

// === impl Metered ===

impl<Stream> Metered<Stream> {
    pub(crate) fn new(stream: Stream, layer: Layer, stages: &Arc<Stages>) -> Self {
        let stages = Arc::clone(stages);
        Self {
            stream,
            layer,
            stages,
        }
    }

    fn call<T>(&mut self, call: impl FnOnce(Pin<&mut Stream>) -> T) -> T
    where
        Stream: Unpin,
    {
        let stream = Pin::new(&mut self.stream);
        let calls = &self.stages.streams.0[self.layer as usize];
        calls.timed(&self.stages, CALLS_ONE_IN, || call(stream))
    }
}

impl<Stream: AsyncRead + Unpin> AsyncRead for Metered<Stream> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        self.call(|stream| stream.poll_read(context, buffer))
    }
}

impl<Stream: AsyncWrite + Unpin> AsyncWrite for Metered<Stream> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        self.call(|stream| stream.poll_write(context, bytes))
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        self.call(|stream| stream.poll_flush(context))
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        self.call(|stream| stream.poll_write_vectored(context, slices))
    }

    fn is_write_vectored(&self) -> bool {
        self.stream.is_write_vectored()
    }
}

// === impl Streams ===

impl Streams {
    /// What was measured, scaled to all calls and by `to_all` to the time without accounting.
    pub(super) fn cpu(&self, to_all: f64) -> StreamsCpu {
        let cpu_us = |layer: Layer| self.0[layer as usize].cpu_us() * to_all;
        let below_us = cpu_us(Layer::BelowTls);
        StreamsCpu {
            tls_us: (cpu_us(Layer::Encrypted) - below_us).max(0.0),
            sockets_us: below_us + cpu_us(Layer::Plain),
            calls: self.0.iter().map(Calls::all).sum(),
            measured: self.0.iter().map(Calls::measured).sum(),
        }
    }
}

#[cfg(test)]
mod tests {
    use sim_clock::Clock;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    use super::*;
    use crate::config::StageAccounting;

    #[tokio::test]
    async fn what_is_written_arrives_and_one_call_in_so_many_is_measured() {
        let stages = Arc::new(Stages::new(StageAccounting::On, Clock::wall()));
        let (near, far) = tokio::io::duplex(64);
        let mut near = Metered::new(near, Layer::Plain, &stages);
        let mut far = Metered::new(far, Layer::BelowTls, &stages);
        let rounds = 3 * CALLS_ONE_IN;
        for number in 0..rounds {
            near.write_u64(number).await.unwrap();
            assert_eq!(far.read_u64().await.unwrap(), number);
        }
        let streams = stages.streams.cpu(1.0);
        assert!(streams.calls >= 2 * rounds, "{streams:?}");
        let expected = streams.calls / CALLS_ONE_IN;
        assert!(
            (expected..=expected + 2).contains(&streams.measured),
            "{streams:?}"
        );
        assert!(streams.tls_us == 0.0, "no call was above TLS");
        assert!(streams.sockets_us > 0.0, "{streams:?}");
    }
}
