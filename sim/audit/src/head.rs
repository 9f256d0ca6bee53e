//! The head of a message: what X-Road serialises, signs and logs of a REST request or response.
//!
//! Lines end with CRLF, the last one too. A request begins with its method and its target on a
//! line each, a response with its status and reason; then come headers, `Name:Value` without a
//! blank.

use sim_domain::{ClientId, ServiceId};

/// What this audit needs of a request's head.
#[derive(Debug)]
pub(crate) struct RequestHead<'a> {
    pub(crate) method: &'a str,
    /// Path and query, as they were sent.
    pub(crate) target: &'a str,
    pub(crate) id: &'a str,
    pub(crate) request_id: &'a str,
    /// As it was sent.
    pub(crate) client_text: &'a str,
    pub(crate) client: ClientId,
    pub(crate) service: ServiceId,
}

/// What this audit needs of a response's head.
#[derive(Debug)]
pub(crate) struct ResponseHead<'a> {
    pub(crate) status: u16,
    pub(crate) id: &'a str,
    pub(crate) request_id: &'a str,
    pub(crate) request_hash: &'a str,
    pub(crate) client: ClientId,
    pub(crate) service: ServiceId,
}

/// What is wrong with a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadHead(pub(crate) &'static str);

/// Lines of a head, after its first two.
struct Headers<'a>(Vec<(&'a str, &'a str)>);

impl<'a> RequestHead<'a> {
    pub(crate) fn parse(head: &'a [u8]) -> Result<Self, BadHead> {
        let (method, target, headers) = split(head)?;
        let client_text = headers.one("x-road-client")?;
        Ok(Self {
            method,
            target,
            id: headers.one("x-road-id")?,
            request_id: headers.one("x-road-request-id")?,
            client_text,
            client: client(client_text)?,
            service: service_of_target(target)?,
        })
    }
}

impl<'a> ResponseHead<'a> {
    pub(crate) fn parse(head: &'a [u8]) -> Result<Self, BadHead> {
        let (status, _reason, headers) = split(head)?;
        let status = status
            .parse()
            .ok()
            .filter(|status| (100..1000).contains(status));
        let service = headers.one("x-road-service")?;
        Ok(Self {
            status: status.ok_or(BadHead("its first line is no status"))?,
            id: headers.one("x-road-id")?,
            request_id: headers.one("x-road-request-id")?,
            request_hash: headers.one("x-road-request-hash")?,
            client: client(headers.one("x-road-client")?)?,
            service: ServiceId::parse_encoded(service)
                .map_err(|_| BadHead("x-road-service is no service"))?,
        })
    }
}

impl<'a> Headers<'a> {
    /// The value of a header that must be there exactly once.
    fn one(&self, name: &'static str) -> Result<&'a str, BadHead> {
        let mut values = self
            .0
            .iter()
            .filter(|(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| *value);
        match (values.next(), values.next()) {
            (Some(value), None) if !value.is_empty() => Ok(value),
            _ => Err(BadHead(match name {
                "x-road-client" => "not exactly one x-road-client",
                "x-road-id" => "not exactly one x-road-id",
                "x-road-request-id" => "not exactly one x-road-request-id",
                "x-road-request-hash" => "not exactly one x-road-request-hash",
                _ => "not exactly one x-road-service",
            })),
        }
    }
}

fn split(head: &[u8]) -> Result<(&str, &str, Headers<'_>), BadHead> {
    let text = std::str::from_utf8(head).map_err(|_| BadHead("not UTF-8"))?;
    let text = text
        .strip_suffix("\r\n")
        .ok_or(BadHead("its last line does not end"))?;
    let mut lines = text.split("\r\n");
    let first = lines.next().unwrap_or_default();
    let second = lines.next().ok_or(BadHead("it has only one line"))?;
    let headers = lines
        .map(|line| line.split_once(':').filter(|(name, _)| !name.is_empty()))
        .collect::<Option<_>>()
        .ok_or(BadHead("a line is no header"))?;
    Ok((first, second, Headers(headers)))
}

fn client(text: &str) -> Result<ClientId, BadHead> {
    ClientId::parse_encoded(text).map_err(|_| BadHead("x-road-client is no client"))
}

/// The service in `/r1/INSTANCE/CLASS/CODE/SUBSYSTEM/SERVICE[/path][?query]`.
fn service_of_target(target: &str) -> Result<ServiceId, BadHead> {
    let no_service = BadHead("its target names no service");
    let path = target.split('?').next().unwrap_or_default();
    let parts = path.strip_prefix("/r1/").ok_or(no_service)?;
    let end = parts
        .match_indices('/')
        .nth(4)
        .map_or(parts.len(), |(end, _)| end);
    ServiceId::parse_encoded(&parts[..end]).map_err(|_| no_service)
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &str = "POST\r\n/r1/EE/GOV/7/rr/liveness/v1?x=/y\r\nX-Road-Client:EE/GOV/8/board\r\n\
        Content-Type:application/json\r\nx-road-request-id:r\r\nx-road-id:m\r\n";

    #[test]
    fn a_request_is_read() {
        let head = RequestHead::parse(REQUEST.as_bytes()).unwrap();
        assert_eq!(
            (head.method, head.target),
            ("POST", "/r1/EE/GOV/7/rr/liveness/v1?x=/y")
        );
        assert_eq!(
            (head.id, head.request_id, head.client_text),
            ("m", "r", "EE/GOV/8/board")
        );
        assert_eq!(head.service.to_encoded(), "EE/GOV/7/rr/liveness");
        assert_eq!(head.client.to_encoded(), "EE/GOV/8/board");
    }

    #[test]
    fn what_is_no_request_is_refused() {
        for (from, to) in [
            ("x-road-id:m", "x-road-id:"),
            ("x-road-id:m\r\n", ""),
            ("x-road-id:m\r\n", "x-road-id:m"),
            ("x-road-id:m", "x-road-id:m\r\nX-Road-Id:n"),
            ("Content-Type:", "Content-Type"),
            ("/r1/EE/GOV/7/rr/liveness/v1?x=/y", "/r1/EE/GOV/7/rr?x=/y"),
            ("/r1/", "/r2/"),
            ("EE/GOV/8/board", "EE"),
        ] {
            let head = REQUEST.replacen(from, to, 1);
            assert_ne!(head, REQUEST);
            assert!(RequestHead::parse(head.as_bytes()).is_err(), "{head}");
        }
    }

    #[test]
    fn a_response_is_read() {
        let text = "200\r\nOK\r\nContent-Type:application/json\r\nx-road-id:m\r\n\
            x-road-client:EE/GOV/8/board\r\nx-road-service:EE/GOV/7/rr/liveness\r\n\
            x-road-request-id:r\r\nx-road-request-hash:aGFzaA==\r\n";
        let head = ResponseHead::parse(text.as_bytes()).unwrap();
        assert_eq!(
            (head.status, head.id, head.request_hash),
            (200, "m", "aGFzaA==")
        );
        assert_eq!(head.service.to_encoded(), "EE/GOV/7/rr/liveness");
        for status in ["20", "2000", "OK", ""] {
            assert!(ResponseHead::parse(text.replacen("200", status, 1).as_bytes()).is_err());
        }
    }
}
