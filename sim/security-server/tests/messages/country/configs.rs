//! What the parts of the country are told.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::Path;

use sim_central_server::config::{CentralServerConfig, MemberConfig, Settings};
use sim_domain::{AccessRight, PathPattern, ServiceId};
use sim_security_server::config::{
    ClientConfig, ConnectionType, ExchangeSettings, Limits, SecurityServerConfig, ServiceConfig,
    StageAccounting,
};
use sim_trust_services::{authority, ocsp, time_stamping};

use super::{Plan, TOKEN, member, server_id, subsystem};
use crate::addresses::{Block, MESSAGE_PORT, OCSP_PORT};
use crate::tls::Credential;

const LOOPBACK: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 0);
/// Seconds between two looks at the global configuration.
const REFRESH_S: f64 = 0.05;

pub(super) fn authority_config(folder: &Path) -> authority::CaConfig {
    authority::CaConfig {
        listen: LOOPBACK,
        instance: "EE".to_owned(),
        name: "Test CA".to_owned(),
        enrolment_token: TOKEN.to_owned(),
        folder: folder.join("ca"),
        ocsp_url: None,
        certificate_days: 2,
        clock_offset_ms: 0,
    }
}

pub(super) fn responder_config(ca_url: &str) -> ocsp::OcspConfig {
    ocsp::OcspConfig {
        listen: LOOPBACK,
        ca_url: ca_url.to_owned(),
        enrolment_token: TOKEN.to_owned(),
        name: "Test OCSP".to_owned(),
        validity_s: 3600,
        cache_s: 1,
        clock_offset_ms: 0,
    }
}

pub(super) fn time_stamping_config(ca_url: &str) -> time_stamping::TsaConfig {
    time_stamping::TsaConfig {
        listen: LOOPBACK,
        ca_url: ca_url.to_owned(),
        enrolment_token: TOKEN.to_owned(),
        name: "Test TSA".to_owned(),
        policy: None,
        clock_offset_ms: 0,
    }
}

pub(super) fn central_config(folder: &Path, plan: &Plan) -> CentralServerConfig {
    let members = [
        ("1", &["pensions", "secure", "mutual", "leaving"][..]),
        ("2", &["population", "pää st"]),
        ("3", &["third"]),
        ("4", &["hostile"]),
        ("5", &["fake"]),
        ("6", &["nowhere"]),
    ];
    CentralServerConfig {
        instance: "EE".to_owned(),
        listen: LOOPBACK,
        data_folder: folder.join("central-server"),
        members: members
            .iter()
            .map(|(code, subsystems)| MemberConfig {
                id: member(code),
                name: format!("Member {code}"),
                subsystems: subsystems.iter().map(|&code| code.to_owned()).collect(),
            })
            .collect(),
        authorities: Vec::new(),
        time_stamping: Vec::new(),
        settings: Settings {
            refresh_s: 1,
            expire_s: plan.expire_s,
            time_stamping_interval_s: plan.time_stamping_interval_s,
            ocsp_freshness_s: 3600,
        },
        management_token: TOKEN.to_owned(),
        clock_offset_ms: 0,
    }
}

/// A security server without clients, services, country.
pub(super) fn server_config(
    owner: &str,
    code: &str,
    block: &Block,
    host: u8,
    folder: &Path,
) -> SecurityServerConfig {
    let address = block.host(host);
    SecurityServerConfig {
        id: server_id(owner, code),
        address,
        message_port: MESSAGE_PORT,
        ocsp_port: OCSP_PORT,
        client_listen: SocketAddr::new(address, 0),
        client_tls_listen: Some(SocketAddr::new(address, 0)),
        admin_listen: SocketAddr::new(address, 0),
        data_folder: folder.join(code),
        log_folder: folder.join(format!("{code}-log")),
        anchor_xml: String::new(),
        configuration_refresh_s: REFRESH_S,
        ocsp_fetch_interval_s: 1200.0,
        ca_url: String::new(),
        enrolment_token: TOKEN.to_owned(),
        management_url: String::new(),
        management_token: TOKEN.to_owned(),
        awaited_servers: Vec::new(),
        clients: Vec::new(),
        services: Vec::new(),
        limits: Limits::default(),
        exchange: ExchangeSettings::default(),
        fault_dialect: sim_domain::Dialect::Current,
        clock_offset_ms: 0,
        stage_accounting: StageAccounting::On,
        core: None,
    }
}

pub(super) fn client(text: &str) -> ClientConfig {
    ClientConfig {
        id: subsystem(text),
        connection: ConnectionType::Http,
        certificates_pem: Vec::new(),
    }
}

pub(super) fn consumer_clients(registered: &Credential) -> Vec<ClientConfig> {
    let connecting = |text: &str, connection| ClientConfig {
        connection,
        ..client(text)
    };
    vec![
        client("1/pensions"),
        client("1/leaving"),
        connecting("1/secure", ConnectionType::Https),
        ClientConfig {
            certificates_pem: vec![registered.certificate.to_pem()],
            ..connecting("1/mutual", ConnectionType::MutualTls)
        },
    ]
}

/// The services of the provider; `base` is the information system that does what its path says.
pub(super) fn services(base: &str) -> Vec<ServiceConfig> {
    let everybody = [
        "1/pensions",
        "1/secure",
        "1/mutual",
        "1/leaving",
        "3/third",
        "4/hostile",
    ]
    .map(|client| AccessRight::to_everything(subsystem(client)));
    let open = |code: &str, url: &str| ServiceConfig {
        id: ServiceId::new(subsystem("2/population"), code).unwrap(),
        url: url.to_owned(),
        timeout_ms: 10_000,
        disabled_notice: None,
        access: everybody.to_vec(),
    };
    let right = |method: &str, path: &str| AccessRight {
        subject: subsystem("1/pensions"),
        method: method.to_owned(),
        path: PathPattern::parse(path).unwrap(),
    };
    vec![
        open("echo", base),
        ServiceConfig {
            access: vec![
                right("GET", "/pets/*"),
                right("POST", "/pets"),
                right("*", "/toys/**"),
            ],
            ..open("pets", base)
        },
        ServiceConfig {
            access: vec![AccessRight::to_everything(subsystem("3/third"))],
            ..open("others", base)
        },
        ServiceConfig {
            disabled_notice: Some("moving house".to_owned()),
            ..open("disabled", base)
        },
        ServiceConfig {
            timeout_ms: 100,
            ..open("hasty", base)
        },
        open("addressless", ""),
        open("secret", "https://127.0.0.1:1/"),
        open("down", "http://127.0.0.1:1/"),
        open("lost", "http://no-such-host.invalid/"),
        ServiceConfig {
            id: ServiceId::new(subsystem("2/pää st"), "küsi/100%").unwrap(),
            ..open("echo", base)
        },
    ]
}
