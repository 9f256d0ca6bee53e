//! The head of a message: what X-Road serialises, signs and logs of a REST request or response.
//!
//! Lines end with CRLF, the last one too. A request begins with its method and its target on a
//! line each, a response with its status and reason; then come headers, `Name:Value` without a
//! blank.

use sim_domain::{ClientId, ServiceId};

use crate::names::{Named, Names};

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
    pub(crate) client: Named<ClientId>,
    pub(crate) service: Named<ServiceId>,
}

/// What this audit needs of a response's head.
#[derive(Debug)]
pub(crate) struct ResponseHead<'a> {
    pub(crate) status: u16,
    pub(crate) id: &'a str,
    pub(crate) request_id: &'a str,
    pub(crate) request_hash: &'a str,
    pub(crate) client: Named<ClientId>,
    pub(crate) service: Named<ServiceId>,
}

/// What is wrong with a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct BadHead(pub(crate) &'static str);

/// Headers that this audit reads.
const HEADERS: [&str; 5] = [
    "x-road-client",
    "x-road-id",
    "x-road-request-id",
    "x-road-request-hash",
    "x-road-service",
];

/// Values of [`HEADERS`], each of which may be there once, or not.
struct Headers<'a>([Value<'a>; HEADERS.len()]);

/// How often a header is there.
#[derive(Clone, Copy)]
enum Value<'a> {
    None,
    One(&'a str),
    Many,
}

impl<'a> RequestHead<'a> {
    pub(crate) fn parse(head: &'a [u8], names: &mut Names) -> Result<Self, BadHead> {
        let (method, target, headers) = split(head)?;
        let client_text = headers.one("x-road-client")?;
        Ok(Self {
            method,
            target,
            id: headers.one("x-road-id")?,
            request_id: headers.one("x-road-request-id")?,
            client_text,
            client: client(client_text, names)?,
            service: service_text_of_target(target)
                .and_then(|service| names.service(service))
                .ok_or(BadHead("its target names no service"))?,
        })
    }
}

impl<'a> ResponseHead<'a> {
    pub(crate) fn parse(head: &'a [u8], names: &mut Names) -> Result<Self, BadHead> {
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
            client: client(headers.one("x-road-client")?, names)?,
            service: names
                .service(service)
                .ok_or(BadHead("x-road-service is no service"))?,
        })
    }
}

impl<'a> Headers<'a> {
    fn note(&mut self, name: &str, value: &'a str) {
        let place = HEADERS
            .iter()
            .position(|known| known.eq_ignore_ascii_case(name));
        if let Some(place) = place {
            self.0[place] = match self.0[place] {
                Value::None => Value::One(value),
                Value::One(_) | Value::Many => Value::Many,
            };
        }
    }

    /// The value of a header that must be there exactly once.
    fn one(&self, name: &'static str) -> Result<&'a str, BadHead> {
        let place = HEADERS.iter().position(|known| *known == name);
        match place.map(|place| self.0[place]) {
            Some(Value::One(value)) if !value.is_empty() => Ok(value),
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
    let mut headers = Headers([Value::None; HEADERS.len()]);
    for line in lines {
        let (name, value) = line
            .split_once(':')
            .filter(|(name, _)| !name.is_empty())
            .ok_or(BadHead("a line is no header"))?;
        headers.note(name, value);
    }
    Ok((first, second, headers))
}

fn client(text: &str, names: &mut Names) -> Result<Named<ClientId>, BadHead> {
    names
        .client(text)
        .ok_or(BadHead("x-road-client is no client"))
}

/// The service in `/r1/INSTANCE/CLASS/CODE/SUBSYSTEM/SERVICE[/path][?query]`.
pub(crate) fn service_text_of_target(target: &str) -> Option<&str> {
    let path = target.split('?').next().unwrap_or_default();
    let parts = path.strip_prefix("/r1/")?;
    let end = parts
        .match_indices('/')
        .nth(4)
        .map_or(parts.len(), |(end, _)| end);
    Some(&parts[..end])
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &str = "POST\r\n/r1/EE/GOV/7/rr/liveness/v1?x=/y\r\nX-Road-Client:EE/GOV/8/board\r\n\
        Content-Type:application/json\r\nx-road-request-id:r\r\nx-road-id:m\r\n";

    #[test]
    fn a_request_is_read() {
        let head = RequestHead::parse(REQUEST.as_bytes(), &mut Names::default()).unwrap();
        assert_eq!(
            (head.method, head.target),
            ("POST", "/r1/EE/GOV/7/rr/liveness/v1?x=/y")
        );
        assert_eq!(
            (head.id, head.request_id, head.client_text),
            ("m", "r", "EE/GOV/8/board")
        );
        assert_eq!(head.service.id.to_encoded(), "EE/GOV/7/rr/liveness");
        assert_eq!(head.client.id.to_encoded(), "EE/GOV/8/board");
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
            let parsed = RequestHead::parse(head.as_bytes(), &mut Names::default());
            assert!(parsed.is_err(), "{head}");
        }
    }

    #[test]
    fn a_response_is_read() {
        let text = "200\r\nOK\r\nContent-Type:application/json\r\nx-road-id:m\r\n\
            x-road-client:EE/GOV/8/board\r\nx-road-service:EE/GOV/7/rr/liveness\r\n\
            x-road-request-id:r\r\nx-road-request-hash:aGFzaA==\r\n";
        let head = ResponseHead::parse(text.as_bytes(), &mut Names::default()).unwrap();
        assert_eq!(
            (head.status, head.id, head.request_hash),
            (200, "m", "aGFzaA==")
        );
        assert_eq!(head.service.id.to_encoded(), "EE/GOV/7/rr/liveness");
        for status in ["20", "2000", "OK", ""] {
            let text = text.replacen("200", status, 1);
            assert!(ResponseHead::parse(text.as_bytes(), &mut Names::default()).is_err());
        }
    }
}
