//! Fault codes: who failed, why, and of what nature in detail.

use std::fmt;

use super::dialect::{Dialect, to_current, to_legacy};

/// Longest code that is kept from a peer, in bytes; it must fit a header.
const MAX_CODE_BYTES: usize = 250;

/// Which part of a security server failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Side {
    /// The client's security server.
    ClientProxy,
    /// The provider's security server.
    ServerProxy,
}

/// Defines [`Reason`] and its texts: one row for each code.
macro_rules! reasons {
    ($($(#[$doc:meta])+ $variant:ident = $text:literal,)+) => {
        /// Why a security server refused or failed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Reason { $($(#[$doc])+ $variant,)+ }

        impl Reason {
            /// Every reason, in the order of this list.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)+];

            /// The part of a code that stands for this reason, in the current dialect.
            #[must_use]
            pub const fn text(self) -> &'static str {
                match self { $(Self::$variant => $text,)+ }
            }
        }
    };
}

reasons! {
    /// No access right for this client, method and path.
    AccessDenied = "access_denied",
    /// No signature could be made.
    CannotCreateSignature = "cannot_create_signature",
    /// The client's security server is too old for the provider's.
    ClientProxyVersionNotSupported = "client_proxy_version_not_supported",
    /// A store of the server failed.
    DatabaseError = "database_error",
    /// The global configuration has expired.
    GlobalConfOutdated = "global_conf_outdated",
    /// A peer answered with an HTTP status that is none of the transport's.
    HttpError = "http_error",
    /// The response does not belong to the request.
    InconsistentResponse = "inconsistent_response",
    /// A certificate is not what it must be.
    IncorrectCertificate = "incorrect_certificate",
    /// Anything that has no code of its own, such as a malformed request.
    InternalError = "internal_error",
    /// No path from the certificate to an approved authority.
    InvalidCertPath = "invalid_cert_path",
    /// The request has no `X-Road-Client`.
    InvalidClientIdentifier = "invalid_client_identifier",
    /// A message between security servers is of the wrong content type.
    InvalidContentType = "invalid_content_type",
    /// The HTTP method is not accepted here.
    InvalidHttpMethod = "invalid_http_method",
    /// A message between security servers breaks the rules of its form.
    InvalidMessage = "invalid_message",
    /// The named security server is unknown, or does not host the provider.
    InvalidSecurityServer = "invalid_security_server",
    /// The signature value, or a digest under it, is wrong.
    InvalidSignatureValue = "invalid_signature_value",
    /// A SOAP fault or message is malformed.
    InvalidSoap = "invalid_soap",
    /// Reading or writing failed or took too long.
    IoError = "io_error",
    /// The message could not be logged.
    LoggingFailed = "logging_failed",
    /// Every security server of the provider is in maintenance.
    MaintenanceMode = "maintenance_mode",
    /// The signature document is malformed.
    MalformedSignature = "malformed_signature",
    /// The multipart of a message could not be parsed.
    MimeParsingFailed = "mime_parsing_failed",
    /// A message between security servers holds no REST part.
    MissingRest = "missing_rest",
    /// A message between security servers holds no signature.
    MissingSignature = "missing_signature",
    /// A connection could not be made.
    NetworkError = "network_error",
    /// The service is disabled.
    ServiceDisabled = "service_disabled",
    /// The peer's message could not be decoded, or the service failed.
    ServiceFailed = "service_failed",
    /// The service has no address.
    ServiceMissingUrl = "service_missing_url",
    /// The service is of another type than the request.
    ServiceType = "service_type",
    /// A signature does not verify.
    SignatureVerification = "signature_verification",
    /// A TLS certificate is missing or not acceptable.
    SslAuthenticationFailed = "ssl_authentication_failed",
    /// Time-stamping has been failing for too long.
    TimestampingFailed = "timestamping_failed",
    /// A host name does not resolve.
    UnknownHost = "unknown_host",
    /// The client is not registered, or the provider is nowhere to be found.
    UnknownMember = "unknown_member",
    /// There is no such service.
    UnknownService = "unknown_service",
    /// Roadtest's own: the body is longer than the server's limit.
    BodyTooLarge = "body_too_large",
    /// Roadtest's own: the headers are longer than the server's limit.
    HeadersTooLarge = "headers_too_large",
    /// Roadtest's own: as many messages are under way as the server admits.
    Overloaded = "overloaded",
}

/// Codes of Roadtest alone, which have an HTTP status of their own.
const LIMITS: [(Reason, u16); 3] = [
    (Reason::BodyTooLarge, 413),
    (Reason::HeadersTooLarge, 431),
    (Reason::Overloaded, 503),
];

/// A fault code, such as `server.clientproxy.network_error`.
///
/// Two codes are equal when they mean the same, whatever dialect they came in.
#[derive(Clone, Debug)]
pub struct FaultCode {
    /// The code in the current dialect.
    canonical: String,
    /// What a peer wrote: a relayed code is passed on untouched.
    received: Option<String>,
}

impl FaultCode {
    /// The code of `reason` on `side`.
    #[must_use]
    pub fn new(side: Side, reason: Reason) -> Self {
        let side = match side {
            Side::ClientProxy => "clientproxy",
            Side::ServerProxy => "serverproxy",
        };
        Self {
            canonical: format!("server.{side}.{}", reason.text()),
            received: None,
        }
    }

    /// The code of `reason` on the client's security server.
    #[must_use]
    pub fn client_proxy(reason: Reason) -> Self {
        Self::new(Side::ClientProxy, reason)
    }

    /// The code of `reason` on the provider's security server.
    #[must_use]
    pub fn server_proxy(reason: Reason) -> Self {
        Self::new(Side::ServerProxy, reason)
    }

    /// This code with a deeper suffix of the current dialect, such as
    /// `invalid_cert_path.cert_validation`. Takes a [`Reason`] or text.
    #[must_use]
    pub fn nested(mut self, suffix: impl AsRef<str>) -> Self {
        self.canonical.push('.');
        self.canonical.push_str(suffix.as_ref());
        self.received = None;
        self
    }

    /// Reads a code of either dialect.
    ///
    /// Never fails: a peer may say anything. Characters that no header can carry are left out,
    /// and what is longer than a code can be is cut off.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let kept: String = text
            .chars()
            .filter(char::is_ascii_graphic)
            .take(MAX_CODE_BYTES)
            .collect();
        let canonical = to_current(&kept);
        Self {
            received: (kept != canonical).then_some(kept),
            canonical,
        }
    }

    /// The code as it is sent by a server of `dialect`; one received from a peer is unchanged.
    #[must_use]
    pub fn text(&self, dialect: Dialect) -> String {
        match (&self.received, dialect) {
            (Some(received), _) => received.clone(),
            (None, Dialect::Current) => self.canonical.clone(),
            (None, Dialect::Legacy) => to_legacy(&self.canonical),
        }
    }

    /// The code in the current dialect, for comparing and counting.
    #[must_use]
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// The HTTP status with which a server of the dialect `own` answers an information system.
    ///
    /// 500 where the code says, in the server's own dialect, that a server failed, else 400; so a
    /// code relayed from a peer of the other dialect gives 400, as in X-Road. Roadtest's own
    /// limits have the statuses 413, 431 and 503.
    #[must_use]
    pub fn http_status(&self, own: Dialect) -> u16 {
        let limit = LIMITS.iter().find(|(reason, _)| self.ends_with(*reason));
        if let Some((_, status)) = limit {
            return *status;
        }
        let prefix = match own {
            Dialect::Current => "server.",
            Dialect::Legacy => "Server.",
        };
        if self.text(own).starts_with(prefix) {
            500
        } else {
            400
        }
    }

    /// Whether the last part of the code is `reason`.
    #[must_use]
    pub fn ends_with(&self, reason: Reason) -> bool {
        self.canonical.rsplit('.').next() == Some(reason.text())
    }
}

impl AsRef<str> for Reason {
    fn as_ref(&self) -> &str {
        self.text()
    }
}

impl PartialEq for FaultCode {
    fn eq(&self, other: &Self) -> bool {
        self.canonical == other.canonical
    }
}

impl Eq for FaultCode {}

impl fmt::Display for FaultCode {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.text(Dialect::Current))
    }
}

#[cfg(test)]
mod tests {
    use super::{Dialect, FaultCode, Reason, Side, to_current, to_legacy};

    #[test]
    fn every_reason_reads_back_from_either_dialect() {
        for reason in Reason::ALL {
            for side in [Side::ClientProxy, Side::ServerProxy] {
                let code = FaultCode::new(side, *reason);
                for dialect in [Dialect::Current, Dialect::Legacy] {
                    assert_eq!(FaultCode::parse(&code.text(dialect)), code);
                }
            }
            assert_eq!(to_current(&to_legacy(reason.text())), reason.text());
        }
    }

    #[test]
    fn the_status_depends_on_the_servers_own_dialect() {
        let own = FaultCode::server_proxy(Reason::AccessDenied);
        assert_eq!(own.http_status(Dialect::Current), 500);
        assert_eq!(own.http_status(Dialect::Legacy), 500);
        let relayed = FaultCode::parse("Server.ServerProxy.AccessDenied");
        assert_eq!(relayed.http_status(Dialect::Current), 400);
        assert_eq!(relayed.http_status(Dialect::Legacy), 500);
        assert_eq!(relayed, own);
        assert_eq!(
            FaultCode::parse("Client.BadRequest").http_status(Dialect::Legacy),
            400
        );
    }

    #[test]
    fn limits_have_their_own_status() {
        for (reason, status) in super::LIMITS {
            let code = FaultCode::client_proxy(reason);
            assert_eq!(code.http_status(Dialect::Current), status);
            assert_eq!(code.http_status(Dialect::Legacy), status);
        }
    }

    #[test]
    fn a_received_code_is_passed_on_untouched_but_cannot_break_a_header() {
        let relayed = FaultCode::parse("Server.ServerProxy.ServiceFailed.IOError");
        assert_eq!(
            relayed.text(Dialect::Current),
            "Server.ServerProxy.ServiceFailed.IOError"
        );
        assert_eq!(
            relayed.canonical(),
            "server.serverproxy.service_failed.io_error"
        );
        let hostile = FaultCode::parse("a\r\nSet-Cookie: ö");
        assert_eq!(hostile.text(Dialect::Current), "aSet-Cookie:");
        assert!(FaultCode::parse(&"x".repeat(9999)).canonical().len() <= 250);
    }

    #[test]
    fn suffixes_nest() {
        let code = FaultCode::client_proxy(Reason::ServiceFailed).nested(Reason::MissingRest);
        assert_eq!(
            code.canonical(),
            "server.clientproxy.service_failed.missing_rest"
        );
        assert_eq!(
            code.text(Dialect::Legacy),
            "Server.ClientProxy.ServiceFailed.MissingRest"
        );
    }
}
