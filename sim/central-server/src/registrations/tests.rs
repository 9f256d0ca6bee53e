//! What changes do to registrations.

use super::*;

fn country() -> Registrations {
    let member = |id: &str, subsystems: &[&str]| MemberConfig {
        id: id.parse().unwrap(),
        name: id.to_owned(),
        subsystems: subsystems.iter().map(|code| (*code).to_owned()).collect(),
    };
    let members = [member("EE/GOV/1", &["a"]), member("EE/GOV/2", &["b", "c"])];
    Registrations::initial(&members).unwrap()
}

fn register(id: &str, certificate: &str, clients: &[&str]) -> Change {
    let server = RegisteredServer {
        address: "127.0.0.1".to_owned(),
        authentication_certificate_sha256: Some(certificate.to_owned()),
        clients: clients
            .iter()
            .map(|client| client.parse().unwrap())
            .collect(),
        maintenance: None,
    };
    Change::RegisterServer(id.parse().unwrap(), server)
}

fn check_refused(registrations: &Registrations, change: Change, code: &str) {
    let error = registrations.after(change).unwrap_err();
    assert_eq!(error.code(), code, "{error}");
}

#[test]
fn a_server_is_registered_once_and_may_repeat_itself() {
    let registered = country()
        .after(register("EE/GOV/1/ss", "aa", &["EE/GOV/1/a"]))
        .unwrap();
    assert_eq!(registered.security_servers.len(), 1);
    let again = registered.after(register("EE/GOV/1/ss", "aa", &["EE/GOV/1/a"]));
    assert_eq!(again.as_ref(), Ok(&registered));
    let other = register("EE/GOV/1/ss", "bb", &["EE/GOV/1/a"]);
    check_refused(&registered, other, "duplicate_security_server");
    let other = register("EE/GOV/2/ss", "aa", &[]);
    check_refused(&registered, other, "duplicate_authentication_certificate");
}

#[test]
fn only_registered_members_own_servers_and_are_clients() {
    check_refused(
        &country(),
        register("EE/GOV/9/ss", "aa", &[]),
        "unknown_member",
    );
    for client in ["EE/GOV/9/a", "EE/GOV/1/z", "EE/GOV/9"] {
        let change = register("EE/GOV/1/ss", "aa", &[client]);
        check_refused(&country(), change, "unknown_client");
    }
}

#[test]
fn an_address_is_a_host() {
    for address in ["", "a b", "x/y", "http://x", &"a".repeat(254)] {
        let Change::RegisterServer(id, mut server) = register("EE/GOV/1/ss", "aa", &[]) else {
            unreachable!("the helper registers");
        };
        server.address = address.to_owned();
        check_refused(
            &country(),
            Change::RegisterServer(id, server),
            "bad_address",
        );
    }
}

#[test]
fn with_a_member_go_its_subsystems_and_servers() {
    let registered = country()
        .after(register("EE/GOV/1/ss", "aa", &["EE/GOV/1/a", "EE/GOV/2/b"]))
        .unwrap()
        .after(register("EE/GOV/2/ss", "bb", &["EE/GOV/2/b"]))
        .unwrap();
    let member: MemberId = "EE/GOV/2".parse().unwrap();
    let left = registered
        .after(Change::RemoveMember(member.clone()))
        .unwrap();
    assert_eq!(left.members.len(), 1);
    assert_eq!(left.security_servers.len(), 1);
    let clients = &left.security_servers.values().next().unwrap().clients;
    assert_eq!(
        clients.iter().map(ToString::to_string).collect::<Vec<_>>(),
        ["EE/GOV/1/a"]
    );
    check_refused(&left, Change::RemoveMember(member), "unknown_member");
}

#[test]
fn a_withdrawn_certificate_can_be_followed_by_a_new_one() {
    let registered = country().after(register("EE/GOV/1/ss", "aa", &[])).unwrap();
    let id: SecurityServerId = "EE/GOV/1/ss".parse().unwrap();
    let remove = Change::RemoveAuthenticationCertificate(id);
    let without = registered.after(remove.clone()).unwrap();
    check_refused(&without, remove, "no_authentication_certificate");
    without.after(register("EE/GOV/1/ss", "bb", &[])).unwrap();
}

#[test]
fn maintenance_outlives_neither_its_end_nor_an_unknown_server() {
    let id: SecurityServerId = "EE/GOV/1/ss".parse().unwrap();
    let state = Some(MaintenanceState {
        message: Some("back at noon".to_owned()),
    });
    let on = Change::SetMaintenance(id.clone(), state.clone());
    check_refused(&country(), on.clone(), "unknown_security_server");
    let registered = country().after(register("EE/GOV/1/ss", "aa", &[])).unwrap();
    let in_maintenance = registered.after(on).unwrap();
    assert_eq!(in_maintenance.security_servers[&id].maintenance, state);
    let back = in_maintenance
        .after(Change::SetMaintenance(id, None))
        .unwrap();
    assert_eq!(back, registered);
}

#[test]
fn a_subsystem_or_member_twice_is_no_country() {
    let member = |subsystems: &[&str]| MemberConfig {
        id: "EE/GOV/1".parse().unwrap(),
        name: String::new(),
        subsystems: subsystems.iter().map(|code| (*code).to_owned()).collect(),
    };
    let twice = Registrations::initial(&[member(&["a", "a"])]);
    assert!(matches!(twice, Err(ConfigError::Duplicate(_))));
    let twice = Registrations::initial(&[member(&[]), member(&["a"])]);
    assert!(matches!(twice, Err(ConfigError::Duplicate(_))));
}
