//! Identifiers read back what they write, in both forms, and refuse what X-Road refuses.

use proptest::prelude::{Strategy, any, prop_assert, prop_assert_eq, proptest};
use sim_domain::{ClientId, IdentifierError, MemberId, SecurityServerId, ServiceId};

fn part() -> impl Strategy<Value = String> {
    proptest::string::string_regex("[^\\p{Cc}]{1,20}")
        .expect("the pattern is well formed")
        .prop_filter("dot segments", |text| text != "." && text != "..")
}

proptest! {
    #[test]
    fn both_forms_read_back(instance in part(), class in part(), code in part(), last in part(), service in part()) {
        let member = MemberId::new(&instance, &class, &code).unwrap();
        let client = ClientId::subsystem_of(member.clone(), &last).unwrap();
        let server = SecurityServerId::new(member.clone(), &last).unwrap();
        let service = ServiceId::new(client.clone(), &service).unwrap();

        prop_assert_eq!(&MemberId::parse_encoded(&member.to_encoded()).unwrap(), &member);
        prop_assert_eq!(&member.to_string().parse::<MemberId>().unwrap(), &member);
        prop_assert_eq!(&ClientId::parse_encoded(&client.to_encoded()).unwrap(), &client);
        prop_assert_eq!(&client.to_string().parse::<ClientId>().unwrap(), &client);
        prop_assert_eq!(&ServiceId::parse_encoded(&service.to_encoded()).unwrap(), &service);
        prop_assert_eq!(&service.to_string().parse::<ServiceId>().unwrap(), &service);
        prop_assert_eq!(&SecurityServerId::parse_encoded(&server.to_encoded()).unwrap(), &server);
        prop_assert_eq!(&server.to_string().parse::<SecurityServerId>().unwrap(), &server);
        prop_assert!(service.to_encoded().is_ascii());
    }

    #[test]
    fn any_text_parses_or_is_refused_without_panic(text in any::<String>()) {
        if let Ok(client) = ClientId::parse_encoded(&text) {
            prop_assert_eq!(ClientId::parse_encoded(&client.to_encoded()).unwrap(), client);
        }
        if let Ok(client) = text.parse::<ClientId>() {
            prop_assert_eq!(client.to_string(), text);
        }
    }
}

#[test]
fn special_characters_are_encoded_part_by_part() {
    let member = MemberId::new("DEV", "COM", "s/ub ö%").unwrap();
    assert_eq!(member.to_encoded(), "DEV/COM/s%2Fub%20%C3%B6%25");
    assert_eq!(member.to_string(), "DEV/COM/s%2Fub ö%25");
    let kept = MemberId::new("-._~", "!$&'()*", "+,;=:@").unwrap();
    assert_eq!(kept.to_encoded(), "-._~/!$&'()*/+,;=:@");
}

#[test]
fn a_client_has_three_or_four_parts() {
    assert_eq!(
        ClientId::parse_encoded("EE/GOV/1").unwrap().subsystem(),
        None
    );
    assert_eq!(
        ClientId::parse_encoded("EE/GOV/1/a").unwrap().subsystem(),
        Some("a")
    );
    for (text, found) in [("EE/GOV", 2), ("EE", 1), ("EE/GOV/1/a/b", 5)] {
        let refused = ClientId::parse_encoded(text).unwrap_err();
        assert!(
            matches!(refused, IdentifierError::PartCount { found: count, .. } if count == found),
            "{text}: {refused}"
        );
    }
}

#[test]
fn malformed_encodings_are_refused() {
    for text in [
        "EE/GOV/1%",
        "EE/GOV/1%2",
        "EE/GOV/%zz",
        "EE/GOV/ö",
        "EE/GOV/a b",
        " EE/GOV/1",
    ] {
        let refused = ClientId::parse_encoded(text).unwrap_err();
        assert!(
            matches!(refused, IdentifierError::Encoding(_)),
            "{text}: {refused}"
        );
    }
    assert!(matches!(
        ClientId::parse_encoded("EE/GOV/%ff"),
        Err(IdentifierError::Utf8(_))
    ));
    assert!(matches!(
        ClientId::parse_encoded("EE//1"),
        Err(IdentifierError::EmptyPart(_))
    ));
    assert!(matches!(
        ClientId::parse_encoded("EE/GOV/%0d%0a"),
        Err(IdentifierError::Unusable { .. })
    ));
    assert!(matches!(
        ClientId::parse_encoded("EE/GOV/1/%2e%2e"),
        Err(IdentifierError::Unusable { .. })
    ));
    let long = "x".repeat(256);
    assert!(matches!(
        MemberId::new("EE", "GOV", &long),
        Err(IdentifierError::LongPart(_))
    ));
    assert!(
        "EE/GOV/50%".parse::<MemberId>().is_err(),
        "a bare % has no raw meaning"
    );
}

#[test]
fn the_files_hold_the_raw_form() {
    let service: ServiceId = serde_json::from_str("\"EE/GOV/70000310/register/liveness\"").unwrap();
    assert_eq!(service.provider().member().class(), "GOV");
    assert_eq!(service.code(), "liveness");
    assert_eq!(
        serde_json::to_string(&service).unwrap(),
        "\"EE/GOV/70000310/register/liveness\""
    );
    assert!(serde_json::from_str::<ServiceId>("\"EE/GOV/1/x\"").is_err());
}
