//! Names of cipher suites.

use schemars::{Schema, json_schema};

use super::{Scalar, ValueError};
use crate::model::CipherSuite;
use crate::suggest::did_you_mean;

impl Scalar for CipherSuite {
    fn accepted() -> String {
        "a cipher suite of TLS 1.3 or 1.2 by its IANA name, such as `TLS_AES_256_GCM_SHA384` or \
         `TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384`"
            .to_owned()
    }

    fn schema() -> Schema {
        let names: Vec<&str> = Self::all().map(Self::name).collect();
        json_schema!({ "type": "string", "enum": names })
    }

    fn parse(text: &str) -> Result<Self, ValueError> {
        Self::of_name(text).ok_or_else(|| {
            ValueError::with_help(
                format!("`{text}` is no cipher suite that can be named here"),
                did_you_mean(text, Self::all().map(Self::name)),
            )
        })
    }
}
