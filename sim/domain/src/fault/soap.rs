//! SOAP 1.1 faults, the form in which one security server tells another (PR-MESS, section 2).

use quick_xml::Reader;
use quick_xml::events::{BytesRef, Event};

use super::body::escape;
use super::{Dialect, Fault, FaultCode, MAX_MESSAGE_CHARS};

/// Content type of a SOAP fault.
pub const SOAP_CONTENT_TYPE: &str = "text/xml;charset=UTF-8";

/// Longest SOAP fault that is read, in bytes.
pub const MAX_SOAP_FAULT_BYTES: usize = 64 * 1024;

/// Deepest nesting of a SOAP fault's elements that is read.
const MAX_DEPTH: usize = 16;

impl Fault {
    /// The SOAP envelope for a peer, without line breaks.
    #[must_use]
    pub fn to_soap(&self, dialect: Dialect) -> String {
        format!(
            "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\
             <SOAP-ENV:Envelope xmlns:SOAP-ENV=\"http://schemas.xmlsoap.org/soap/envelope/\" \
             xmlns:xroad=\"http://x-road.eu/xsd/xroad.xsd\"><SOAP-ENV:Body><SOAP-ENV:Fault>\
             <faultcode>{}</faultcode><faultstring>{}</faultstring><faultactor></faultactor>\
             <detail><faultDetail xmlns=\"\">{}</faultDetail></detail>\
             </SOAP-ENV:Fault></SOAP-ENV:Body></SOAP-ENV:Envelope>",
            escape(&self.code.text(dialect)),
            escape(&self.message),
            escape(&self.detail)
        )
    }

    /// Reads a peer's SOAP fault; `None` where `bytes` are none.
    ///
    /// Prefixes do not matter, an absent message or detail is empty, and long ones are cut.
    #[must_use]
    pub fn parse_soap(bytes: &[u8]) -> Option<Self> {
        if bytes.len() > MAX_SOAP_FAULT_BYTES {
            return None;
        }
        let mut reader = Reader::from_str(std::str::from_utf8(bytes).ok()?);
        let mut fields = Fields::default();
        loop {
            match reader.read_event().ok()? {
                Event::Start(element) => fields.open(element.local_name().as_ref())?,
                Event::End(_) => fields.close(),
                Event::Text(text) => fields.text(&text.xml10_content()),
                Event::CData(text) => fields.text(&text.xml10_content()),
                Event::GeneralRef(reference) => fields.text(&resolve(&reference)?),
                // Nothing of SOAP needs a document type, and entities are a way to do harm.
                Event::DocType(_) => return None,
                Event::Eof => return fields.finish(),
                Event::Empty(_) | Event::Comment(_) | Event::Decl(_) | Event::PI(_) => {}
            }
        }
    }
}

/// The elements that are open, and what has been read so far.
#[derive(Default)]
struct Fields {
    path: Vec<String>,
    code: Option<String>,
    message: String,
    detail: String,
}

impl Fields {
    fn open(&mut self, name: &str) -> Option<()> {
        self.path.push(name.to_owned());
        if self.in_fault("faultcode") && self.path.len() == 4 {
            self.code = Some(String::new());
        }
        (self.path.len() <= MAX_DEPTH).then_some(())
    }

    fn close(&mut self) {
        self.path.pop();
    }

    fn text(&mut self, text: &str) {
        let field = if self.in_fault("faultcode") {
            let Some(code) = &mut self.code else { return };
            code
        } else if self.in_fault("faultstring") {
            &mut self.message
        } else if self.in_fault("detail") {
            &mut self.detail
        } else {
            return;
        };
        field.push_str(text);
    }

    fn in_fault(&self, child: &str) -> bool {
        self.path
            .starts_with(&["Envelope", "Body", "Fault", child].map(str::to_owned))
    }

    fn finish(self) -> Option<Fault> {
        let code = self.code.filter(|_| self.path.is_empty())?;
        let cut = |text: String| {
            text.trim()
                .chars()
                .take(MAX_MESSAGE_CHARS)
                .collect::<String>()
        };
        Some(Fault::new(
            FaultCode::parse(&code),
            cut(self.message),
            cut(self.detail),
        ))
    }
}

fn resolve(reference: &BytesRef<'_>) -> Option<String> {
    let named = match reference.as_ref() {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        _ => reference.resolve_char_ref().ok()?,
    };
    named.map(String::from)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::{any, prop_assert_eq, proptest};

    use crate::fault::{Dialect, Fault, FaultCode, Reason};

    proptest! {
        #[test]
        fn a_fault_survives_the_way_to_a_peer(
            message in "[^\\p{Cc}\u{fffe}\u{ffff}]{0,200}",
            detail in "[0-9a-f-]{0,36}",
            legacy in any::<bool>(),
        ) {
            let code = FaultCode::server_proxy(Reason::ServiceFailed).nested("invalid_cert_path.cert_validation");
            let fault = Fault::new(code, message.trim(), detail);
            let dialect = if legacy { Dialect::Legacy } else { Dialect::Current };
            let read = Fault::parse_soap(fault.to_soap(dialect).as_bytes());
            prop_assert_eq!(read.as_ref(), Some(&fault));
            prop_assert_eq!(read.unwrap().code.text(Dialect::Current), fault.code.text(dialect));
        }

        #[test]
        fn any_bytes_are_a_fault_or_none(bytes in any::<Vec<u8>>()) {
            let _ = Fault::parse_soap(&bytes);
        }
    }

    #[test]
    fn other_prefixes_and_cdata_are_read() {
        let text = "<?xml version='1.0'?>\n<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'>\
                    <s:Body><s:Fault>\n<faultcode>Server.ServerProxy.IOError</faultcode>\
                    <faultstring><![CDATA[a < b]]> &#38; c</faultstring><faultactor/>\
                    <detail><x:faultDetail xmlns:x='y'> uuid </x:faultDetail></detail>\
                    </s:Fault></s:Body></s:Envelope>";
        let fault = Fault::parse_soap(text.as_bytes()).unwrap();
        assert_eq!(fault.code.canonical(), "server.serverproxy.io_error");
        assert_eq!(
            (fault.message.as_str(), fault.detail.as_str()),
            ("a < b & c", "uuid")
        );
    }

    #[test]
    fn what_is_no_fault_is_none() {
        for text in [
            "",
            "not xml",
            "<Envelope><Body><Fault></Fault></Body></Envelope>",
            "<Envelope><Body><Fault><faultcode>a</faultcode>",
            "<Envelope><Body><other><faultcode>a</faultcode></other></Body></Envelope>",
            "<!DOCTYPE x [<!ENTITY e 'x'>]><Envelope><Body><Fault><faultcode>a</faultcode></Fault></Body></Envelope>",
            "<Envelope><Body><Fault><faultcode>&e;</faultcode></Fault></Body></Envelope>",
        ] {
            assert_eq!(Fault::parse_soap(text.as_bytes()), None, "{text}");
        }
        let deep = format!("{}{}", "<a>".repeat(1000), "</a>".repeat(1000));
        assert_eq!(Fault::parse_soap(deep.as_bytes()), None);
    }
}
