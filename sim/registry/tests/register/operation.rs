//! Description, start, stop, and starts that fail.

use std::collections::BTreeSet;
use std::future::{pending, ready};
use std::io::ErrorKind;

use http::StatusCode;
use serde_json::{Value, json};
use sim_registry::{Error, Lies, MAX_BODY_BYTES, MAX_IDS, RegistryConfig};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::time::timeout;

use crate::running::{DEADLINE, Running, config};

#[tokio::test]
async fn the_description_tells_the_limits_and_every_path() {
    let running = Running::start(Lies::default()).await;
    let mut client = running.client().await;
    let description = client.get("/openapi.json").await.json();
    assert_eq!(description["openapi"], "3.1.0");
    let ids = &description["components"]["schemas"]["Question"]["properties"]["ids"];
    assert_eq!(ids["maxItems"], json!(MAX_IDS));
    let ask = &description["paths"]["/liveness"]["post"];
    assert_eq!(MAX_BODY_BYTES, 1_048_576);
    assert_eq!(
        ask["requestBody"]["description"],
        "At most 1,048,576 bytes."
    );
    for (path, operations) in description["paths"].as_object().unwrap() {
        if operations.get("get").is_some() {
            assert_eq!(client.get(path).await.status, StatusCode::OK, "{path}");
        }
    }
    let example = &ask["requestBody"]["content"]["application/json"]["example"];
    let reply = client.send("POST", "/liveness", example.to_string()).await;
    assert_eq!(reply.status, StatusCode::OK);
    assert_eq!(
        keys(&reply.json()),
        keys(&json!({"deceased": 0, "unknown": 0}))
    );
    assert_eq!(client.get("/health").await.json(), json!({"status": "up"}));
    running.stop().await;
}

fn keys(object: &Value) -> BTreeSet<&String> {
    object.as_object().unwrap().keys().collect()
}

/// The half-sent request is answered after the register has been told to stop; the idle connection
/// holds nobody up.
#[tokio::test]
async fn a_request_under_way_is_answered_before_the_end() {
    let running = Running::start(Lies::default()).await;
    let mut idle = running.client().await;
    idle.get("/health").await;
    let mut stream = TcpStream::connect(running.ready.listen).await.unwrap();
    let body = br#"{"ids":["60001019906"]}"#;
    let head = format!(
        "POST /liveness HTTP/1.1\r\nhost: register\r\nexpect: 100-continue\r\n\
         content-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    // Only once it wants the body is the request certainly under way.
    let mut reply = vec![0; 25];
    stream.read_exact(&mut reply).await.unwrap();
    assert_eq!(reply, b"HTTP/1.1 100 Continue\r\n\r\n");

    let address = running.ready.listen;
    let stopping = tokio::spawn(running.stop());
    let refused = async {
        while TcpStream::connect(address).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    timeout(DEADLINE, refused)
        .await
        .expect("it stops listening before it has drained");
    stream.write_all(body).await.unwrap();
    let mut rest = String::new();
    stream.read_to_string(&mut rest).await.unwrap();
    assert!(rest.starts_with("HTTP/1.1 200 OK\r\n"), "{rest}");
    assert!(
        rest.ends_with(r#"{"deceased":[],"unknown":["60001019906"]}"#),
        "{rest}"
    );
    assert_eq!(stopping.await.unwrap().answered, 1);
}

#[tokio::test]
async fn an_earlier_register_is_replaced() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let config = config(&folder, Lies::default());
        let summary = sim_registry::run(config, |_| (), ready(())).await.unwrap();
        assert_eq!(summary.answered, 0);
    }
}

#[tokio::test]
async fn what_cannot_start_says_why() {
    let folder = tempfile::tempdir().unwrap();
    let run = |config: RegistryConfig| {
        sim_registry::run(config, |_| panic!("it must not be ready"), pending())
    };
    let good = config(&folder, Lies::default());

    let mut crowded = good.clone();
    crowded.population.plan.deceased = 3_000;
    assert!(matches!(run(crowded).await, Err(Error::Population(_))));

    let mut never = good.clone();
    never.lies.false_answer_every = Some(0);
    assert!(matches!(
        run(never).await,
        Err(Error::Lies {
            key: "false_answer_every"
        })
    ));

    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut twice = good.clone();
    twice.listen = listener.local_addr().unwrap();
    let Err(Error::Listen { source, .. }) = run(twice).await else {
        panic!("two cannot listen on one address");
    };
    assert_eq!(source.kind(), ErrorKind::AddrInUse);

    let file = folder.path().join("file");
    std::fs::write(&file, "in the way").unwrap();
    let mut blocked = good;
    blocked.database = file;
    assert!(matches!(run(blocked).await, Err(Error::Folder { .. })));
}

#[test]
fn the_configuration_is_read_strictly() {
    let text = r#"{
        "listen": "127.0.0.1:0",
        "database": "/tmp/register",
        "population": {
            "seed": 11,
            "plan": {"people": 2000, "deceased": 40, "reference_date": "2026-02-05"}
        }
    }"#;
    let read = |text: &str| serde_json::from_str::<RegistryConfig>(text);
    let config = read(text).unwrap();
    assert_eq!(config.lies, Lies::default());
    assert_eq!(
        read(&serde_json::to_string(&config).unwrap()).unwrap(),
        config
    );
    assert!(read(&text.replace("listen", "lisen")).is_err());
    assert!(read(&text.replace("deceased", "dead")).is_err());
}
