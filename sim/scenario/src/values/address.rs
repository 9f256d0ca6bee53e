//! Addresses of services that people log in to.

use schemars::{Schema, json_schema};
use sim_domain::{BackChannelAddress, ReturnAddress};

use super::{Scalar, ValueError};

/// Longest address, in bytes: what browsers and servers are known to carry.
const MAX_ADDRESS_BYTES: usize = 2_000;

// === impl ReturnAddress ===

impl Scalar for ReturnAddress {
    fn accepted() -> String {
        "an address of the service, such as `http://127.0.0.1:9000/callback`: `https`, or `http` on \
         this machine, without `#`"
            .to_owned()
    }

    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^https?://[^#@]+$",
            "maxLength": MAX_ADDRESS_BYTES,
        })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        short_enough(text)?;
        Self::new(text).map_err(|error| ValueError::new(error.to_string()))
    }
}

// === impl BackChannelAddress ===

impl Scalar for BackChannelAddress {
    fn accepted() -> String {
        "an address over plain HTTP, such as `http://127.0.0.1:9000/logout`".to_owned()
    }

    fn schema() -> Schema {
        json_schema!({
            "type": "string",
            "pattern": "^http://[^@]+$",
            "maxLength": MAX_ADDRESS_BYTES,
        })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        short_enough(text)?;
        Self::new(text).map_err(|error| ValueError::new(error.to_string()))
    }
}

fn short_enough(text: &str) -> Result<(), ValueError> {
    if text.len() > MAX_ADDRESS_BYTES {
        let words = format!("the address is longer than {MAX_ADDRESS_BYTES} bytes");
        return Err(ValueError::new(words));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_say_what_is_wrong_with_them() {
        let parse = <ReturnAddress as Scalar>::parse;
        assert!(parse("http://127.0.0.1:9000/callback").is_ok());
        let said = parse("http://service.example/").expect_err("no TLS");
        assert!(said.message.contains("loopback"), "{}", said.message);
        let long = format!("https://service.example/{}", "a".repeat(MAX_ADDRESS_BYTES));
        let said = parse(&long).expect_err("too long");
        assert!(said.message.contains("longer than"), "{}", said.message);
        let parse = <BackChannelAddress as Scalar>::parse;
        assert!(parse("http://127.0.0.1:9000/logout").is_ok());
        assert!(parse("https://127.0.0.1:9000/logout").is_err());
    }
}
