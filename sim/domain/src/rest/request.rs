//! Requests: from a client's HTTP request, and back from their serialised form.

use bytes::Bytes;

use super::{Headers, MAX_MESSAGE_ID_BYTES, MessageError, PATH_PREFIX, RequestError, lines};
use crate::headers;
use crate::identifiers::{ClientId, SecurityServerId, ServiceId, decode_part};

/// The HTTP methods a REST message may have.
pub const VERBS: [&str; 8] = [
    "DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT", "TRACE",
];

/// A REST request, without its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RestRequest {
    /// The HTTP method, one of [`VERBS`].
    pub verb: String,
    /// Path and query as received.
    pub target: String,
    /// Who asks.
    pub client: ClientId,
    /// What is asked.
    pub service: ServiceId,
    /// What follows the service code in the path, as received: empty, or beginning with `/`.
    pub service_path: String,
    /// What follows the `?`, as received.
    pub query: Option<String>,
    /// The message ID.
    pub id: String,
    /// The UUID of this exchange.
    pub request_id: String,
    /// The provider's security server that must serve the request, where the client names one.
    pub security_server: Option<SecurityServerId>,
    /// The surviving headers, in order, with those that the client's security server added.
    pub headers: Headers,
    /// The bytes that are signed, sent and logged.
    pub serialised: Bytes,
}

/// What a request's target says.
struct Target {
    service: ServiceId,
    service_path: String,
    query: Option<String>,
}

impl RestRequest {
    /// The message that a client's HTTP request becomes.
    ///
    /// `headers` are all that came, in order. Those of one hop, any request ID and any request
    /// hash are left out; `request_id` is added, then `generated_id` as message ID unless the
    /// client gave one.
    pub fn from_parts<N: AsRef<str>, V: AsRef<str>>(
        verb: &str,
        target: &str,
        headers: &[(N, V)],
        request_id: &str,
        generated_id: impl FnOnce() -> String,
    ) -> Result<Self, RequestError> {
        let mut kept = Headers::with_capacity(headers.len() + 2);
        for (name, value) in headers {
            let (name, value) = (name.as_ref(), value.as_ref());
            if is_dropped(name, value) {
                continue;
            }
            if !headers::is_name(name) || !headers::is_value(value) {
                return Err(RequestError::Header(name.escape_debug().to_string()));
            }
            kept.push((name.to_owned(), value.to_owned()));
        }
        kept.push((headers::REQUEST_ID.to_owned(), request_id.to_owned()));
        let id = if let Some(id) = lines::last(&kept, headers::ID) {
            id.to_owned()
        } else {
            let id = generated_id();
            kept.push((headers::ID.to_owned(), id.clone()));
            id
        };
        let serialised = lines::write([verb, target], &kept);
        Self::interpret([verb, target], kept, id, request_id.to_owned(), serialised)
    }

    /// Reads a request that another security server serialised.
    pub fn parse(serialised: Bytes) -> Result<Self, MessageError> {
        let lines = lines::read(&serialised)?;
        let opening = lines.opening.map(str::to_owned);
        let id = lines::last(&lines.headers, headers::ID)
            .filter(|id| !id.is_empty())
            .ok_or(MessageError::MissingHeader(headers::ID))?
            .to_owned();
        let request_id = lines::required(&lines.headers, headers::REQUEST_ID)?.to_owned();
        let [verb, target] = &opening;
        Ok(Self::interpret(
            [verb, target],
            lines.headers,
            id,
            request_id,
            serialised,
        )?)
    }

    fn interpret(
        [verb, target]: [&str; 2],
        headers: Headers,
        id: String,
        request_id: String,
        serialised: Bytes,
    ) -> Result<Self, RequestError> {
        if !VERBS.contains(&verb) {
            return Err(RequestError::Verb(verb.escape_debug().take(40).collect()));
        }
        let Target {
            service,
            service_path,
            query,
        } = Target::read(target)?;
        let client = lines::last(&headers, headers::CLIENT).ok_or(RequestError::MissingClient)?;
        let client = ClientId::parse_encoded(client).map_err(RequestError::Client)?;
        let security_server = lines::last(&headers, headers::SECURITY_SERVER)
            .map(SecurityServerId::parse_encoded)
            .transpose()
            .map_err(RequestError::SecurityServer)?;
        if id.len() > MAX_MESSAGE_ID_BYTES || request_id.len() > MAX_MESSAGE_ID_BYTES {
            return Err(RequestError::MessageId);
        }
        Ok(Self {
            verb: verb.to_owned(),
            target: target.to_owned(),
            client,
            service,
            service_path,
            query,
            id,
            request_id,
            security_server,
            headers,
            serialised,
        })
    }
}

/// Whether a client's header does not become part of the message. An empty message ID counts as
/// none, so that every message can be found by its ID.
fn is_dropped(name: &str, value: &str) -> bool {
    headers::never_forwarded(name)
        || headers::is(name, headers::REQUEST_ID)
        || headers::is(name, headers::REQUEST_HASH)
        || (headers::is(name, headers::ID) && value.is_empty())
}

impl Target {
    /// Splits the raw target: segments are decoded only after the split, so that an encoded `/`
    /// stays inside its segment.
    fn read(target: &str) -> Result<Self, RequestError> {
        let refused = || RequestError::Target(target.escape_debug().take(200).collect());
        let (path, query) = match target.split_once('?') {
            Some((path, query)) => (path, Some(query)),
            None => (target, None),
        };
        let well_formed = path
            .split('/')
            .all(|segment| decode_part(segment).is_ok() || is_escaped(segment))
            && query.is_none_or(is_query);
        let rest = path
            .strip_prefix(PATH_PREFIX)
            .filter(|_| well_formed)
            .ok_or_else(refused)?;
        let mut slashes = rest.match_indices('/').map(|(at, _)| at);
        let service_end = slashes.nth(4).unwrap_or(rest.len());
        let (service, service_path) = rest.split_at(service_end);
        if service.split('/').count() != 5 {
            return Err(refused());
        }
        Ok(Self {
            service: ServiceId::parse_encoded(service).map_err(RequestError::Service)?,
            service_path: service_path.to_owned(),
            query: query.map(str::to_owned),
        })
    }
}

/// Whether a segment's escapes are well formed although they do not decode to UTF-8: such a
/// service path is the service's affair.
fn is_escaped(segment: &str) -> bool {
    matches!(decode_part(segment), Err(crate::IdentifierError::Utf8(_)))
}

/// Whether `text` can be a query: printable ASCII without quotes, brackets of markup and the like,
/// and every `%` followed by two hexadecimal digits.
fn is_query(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.iter().enumerate().all(|(at, byte)| match byte {
        b'%' => bytes
            .get(at + 1..at + 3)
            .is_some_and(|hex| hex.iter().all(u8::is_ascii_hexdigit)),
        b'"' | b'<' | b'>' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' | b'#' => false,
        byte => byte.is_ascii_graphic(),
    })
}
