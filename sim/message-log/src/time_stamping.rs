//! Where time-stamps come from: X-Road's client of time-stamping authorities, and the task that
//! has a log stamped at intervals.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{Request, StatusCode};
use sim_clock::UtcTime;
use sim_evidence::certificate::Certificate;
use sim_evidence::digest::Sha512;
use sim_evidence::time_stamp::{self, TimeStampError};
use sim_http_client::{Bounds, HttpClientError};
use tokio::time;

use crate::error::LogError;
use crate::log::MessageLog;

/// X-Road's `timestamper-client-read-timeout`; a token with certificates takes a few kilobytes.
const BOUNDS: Bounds = Bounds {
    max_answer_bytes: 256 << 10,
    within: Duration::from_secs(60),
};

/// Turns an imprint into a token.
pub trait Stamper: Sync {
    /// Has `imprint` stamped.
    ///
    /// # Errors
    /// Where no token can be had.
    fn stamp(&self, imprint: Sha512) -> impl Future<Output = Result<Stamp, StampError>> + Send;
}

/// A verified token.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stamp {
    /// The token's own time.
    pub at: UtcTime,
    /// The token, DER, its authority's certificate enclosed.
    pub token: Bytes,
}

/// No time-stamp could be had.
#[derive(Debug, thiserror::Error)]
pub enum StampError {
    /// The global configuration names no time-stamping authority, or is not there.
    #[error("no time-stamping authority is approved")]
    NoAuthority,
    /// The authority could not be asked.
    #[error("time-stamping authority {url} cannot be asked")]
    Exchange {
        /// The authority's address.
        url: String,
        /// What failed.
        #[source]
        source: HttpClientError,
    },
    /// The authority did not do what it was asked.
    #[error("time-stamping authority {url} answered {status}")]
    Status {
        /// The authority's address.
        url: String,
        /// What it answered.
        status: StatusCode,
    },
    /// The authority's answer is no token that we can use.
    #[error("answer of time-stamping authority {url} is no usable token")]
    Token {
        /// The authority's address.
        url: String,
        /// What is wrong with it.
        #[source]
        source: TimeStampError,
    },
    /// The runtime is shutting down.
    #[error("time-stamping was interrupted")]
    Interrupted,
}

/// The approved time-stamping authorities.
#[derive(Clone, Debug, Default)]
pub struct TimeStampingAuthorities {
    /// Where to ask, in this order.
    pub urls: Vec<String>,
    /// Who may answer.
    pub certificates: Vec<Certificate>,
}

/// Asks the approved authorities in order until one grants a token.
///
/// As X-Road does: SHA-512 imprint, no nonce, the authority's certificate not asked for but put
/// into the token from the global configuration.
#[derive(Clone, Debug)]
pub struct TimeStampClient<A> {
    authorities: A,
}

/// Has `log` stamped every `interval`, and whenever a whole batch waits; never returns.
///
/// After a failure it waits for the next interval, however full the batch.
pub async fn run_time_stamping(log: MessageLog, stamper: impl Stamper, interval: Duration) {
    let mut failed = false;
    loop {
        if failed {
            time::sleep(interval).await;
        } else {
            tokio::select! {
                () = time::sleep(interval) => {}
                () = log.batch_is_full() => {}
            }
        }
        let outcome = log.stamp_now(&stamper).await;
        failed = outcome.is_err();
        match outcome {
            Ok(count) => tracing::debug!(count.tokens, count.signatures, "time-stamped"),
            Err(error) => warn(&error),
        }
    }
}

/// Has every signature document of `log` stamped as it comes, for a log with
/// [`StampingTime::AtOnce`](crate::StampingTime::AtOnce); never returns.
pub async fn run_time_stamping_at_once(log: MessageLog, stamper: impl Stamper + Send + 'static) {
    log.stamp_at_once(Arc::new(stamper)).await;
}

fn warn(error: &LogError) {
    let cause = std::error::Error::source(error)
        .map(ToString::to_string)
        .unwrap_or_default();
    tracing::warn!(%error, cause, "time-stamping failed");
}

// === impl Stamper ===

impl<S: Stamper> Stamper for &S {
    fn stamp(&self, imprint: Sha512) -> impl Future<Output = Result<Stamp, StampError>> + Send {
        (**self).stamp(imprint)
    }
}

impl<A: Fn() -> TimeStampingAuthorities + Sync> Stamper for TimeStampClient<A> {
    async fn stamp(&self, imprint: Sha512) -> Result<Stamp, StampError> {
        let authorities = (self.authorities)();
        let request = Bytes::from(time_stamp::request(&imprint));
        let mut outcome = Err(StampError::NoAuthority);
        for url in &authorities.urls {
            outcome = ask(url, request.clone(), &imprint, &authorities.certificates).await;
            match &outcome {
                Ok(_) => break,
                Err(error) => tracing::warn!(%error, "trying the next authority"),
            }
        }
        outcome
    }
}

// === impl TimeStampClient ===

impl<A: Fn() -> TimeStampingAuthorities> TimeStampClient<A> {
    /// A client of the authorities that `authorities` names when a token is wanted: they change
    /// with the global configuration.
    pub fn new(authorities: A) -> Self {
        Self { authorities }
    }
}

/// Asks one authority and verifies what it says.
async fn ask(
    url: &str,
    request: Bytes,
    imprint: &Sha512,
    certificates: &[Certificate],
) -> Result<Stamp, StampError> {
    let failed = |source| StampError::Exchange {
        url: url.to_owned(),
        source,
    };
    let request = Request::post(url)
        .header(CONTENT_TYPE, "application/timestamp-query")
        .body(request)
        .map_err(|error| failed(error.into()))?;
    let answer = sim_http_client::once(request, BOUNDS)
        .await
        .map_err(failed)?;
    if answer.status != StatusCode::OK {
        return Err(StampError::Status {
            url: url.to_owned(),
            status: answer.status,
        });
    }
    let token = time_stamp::token_of_response(&answer.body)
        .and_then(|token| verified(&token, imprint, certificates));
    token.map_err(|source| StampError::Token {
        url: url.to_owned(),
        source,
    })
}

/// The token with the certificate of whichever authority proves to have signed it.
fn verified(
    token: &[u8],
    imprint: &Sha512,
    certificates: &[Certificate],
) -> Result<Stamp, TimeStampError> {
    let mut refusal = TimeStampError::UnknownAuthority;
    for certificate in certificates {
        match time_stamp::verify_token(token, imprint, std::slice::from_ref(certificate)) {
            Ok(at) => {
                let token = time_stamp::with_certificate(token, certificate)?.into();
                return Ok(Stamp { at, token });
            }
            // Another authority's word: the refusal that says most is the one to report.
            Err(TimeStampError::UnknownAuthority) => {}
            Err(error) => refusal = error,
        }
    }
    Err(refusal)
}
