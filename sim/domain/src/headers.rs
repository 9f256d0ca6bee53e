//! Names of the HTTP headers that mean something to X-Road, in lower case.
//!
//! HTTP compares header names without regard to case; [`is`] does so too.

/// Who asks: a client identifier, percent-encoded. Mandatory in a request.
pub const CLIENT: &str = "x-road-client";
/// The message ID; the client's security server adds one where it is absent.
pub const ID: &str = "x-road-id";
/// The end user on whose behalf the client asks.
pub const USER_ID: &str = "x-road-userid";
/// A reference to the case or document the request is about.
pub const ISSUE: &str = "x-road-issue";
/// The provider's security server that must serve the request.
pub const SECURITY_SERVER: &str = "x-road-security-server";
/// The party the client represents.
pub const REPRESENTED_PARTY: &str = "x-road-represented-party";
/// The service that answered; in responses.
pub const SERVICE: &str = "x-road-service";
/// A fresh UUID for every exchange, added by the client's security server.
pub const REQUEST_ID: &str = "x-road-request-id";
/// Base64 of the digest of the request that a response answers.
pub const REQUEST_HASH: &str = "x-road-request-hash";
/// The fault code, where a security server could not do what was asked.
pub const ERROR: &str = "x-road-error";

/// Between security servers: the digest algorithm, by its short name.
pub const HASH_ALGORITHM: &str = "x-hash-algorithm";
/// Between security servers: the sender's software version.
pub const PROXY_VERSION: &str = "x-proxy-version";
/// Between security servers: the content type of the original message.
pub const ORIGINAL_CONTENT_TYPE: &str = "x-original-content-type";
/// Between security servers: the kind of message, [`MESSAGE_TYPE_REST`] or absent.
pub const MESSAGE_TYPE: &str = "x-road-message-type";
/// The value of [`MESSAGE_TYPE`] for REST messages.
pub const MESSAGE_TYPE_REST: &str = "REST";

/// Headers that belong to one connection or one hop and are never part of a message.
///
/// Besides HTTP's own hop-by-hop headers X-Road drops those that name software or are set anew.
const NEVER_FORWARDED: [&str; 13] = [
    "connection",
    "content-length",
    "expect",
    "host",
    "keep-alive",
    "proxy-authenticate",
    "proxy-authorization",
    "server",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
];

/// Whether `name` is the header `constant` of this module.
#[must_use]
pub const fn is(name: &str, constant: &str) -> bool {
    name.eq_ignore_ascii_case(constant)
}

/// Whether a message must not carry a header of this name.
#[must_use]
pub fn never_forwarded(name: &str) -> bool {
    NEVER_FORWARDED.iter().any(|listed| is(name, listed))
}

/// Whether `name` can be a header name: a token of RFC 9110, section 5.6.2.
#[must_use]
pub fn is_name(name: &str) -> bool {
    let token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    !name.is_empty() && name.bytes().all(token)
}

/// Whether `value` can stand on a header line: no control character but a tab.
#[must_use]
pub fn is_value(value: &str) -> bool {
    !value
        .chars()
        .any(|character| character.is_control() && character != '\t')
}

#[cfg(test)]
mod tests {
    use super::{CLIENT, is, is_name, is_value, never_forwarded};

    #[test]
    fn names_are_compared_without_case() {
        assert!(never_forwarded("User-Agent") && never_forwarded("TE"));
        assert!(!never_forwarded("X-Road-Client") && !never_forwarded("Content-Type"));
        assert!(is("X-Road-Client", CLIENT));
    }

    #[test]
    fn nothing_can_break_a_header_line() {
        assert!(is_name("X-Road-Id") && !is_name("") && !is_name("a b") && !is_name("a:"));
        assert!(is_value("a: b\tö") && !is_value("a\r\nb") && !is_value("a\u{85}b"));
    }
}
