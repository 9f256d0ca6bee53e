//! How an information system connects: HTTP, HTTPS, HTTPS with its certificate.

use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;

use crate::client::{Ask, ECHO, connect, fault_of, send_bytes};
use crate::country::Country;
use crate::tls::{self, Credential};
use crate::wire;

/// How a request arrives.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Way {
    Http,
    Https,
    HttpsAsStranger,
    HttpsAsRegistered,
}

#[tokio::test]
async fn a_client_must_connect_as_configured() {
    let country = Country::start().await;
    let stranger = Credential::self_signed("stranger");
    let ready = country.consumer.ready.clone();
    let secure = ready.client_tls_listen.unwrap();
    let all = [
        Way::Http,
        Way::Https,
        Way::HttpsAsStranger,
        Way::HttpsAsRegistered,
    ];
    for (client, allowed) in [
        ("EE/GOV/1/pensions", &all[..]),
        ("EE/GOV/1/secure", &all[1..]),
        ("EE/GOV/1/mutual", &all[3..]),
    ] {
        for way in all {
            let ask = Ask::echo("").from(client);
            let calls = country.service.calls().len();
            let answer = match way {
                Way::Http => ask.send(ready.client_listen).await,
                Way::Https => ask.send_tls(secure, None).await,
                Way::HttpsAsStranger => ask.send_tls(secure, Some(&stranger)).await,
                Way::HttpsAsRegistered => ask.send_tls(secure, Some(&country.registered)).await,
            };
            if allowed.contains(&way) {
                assert_eq!(answer.status(), 200, "{client} by {way:?}: {answer:?}");
                country.note_answer(&answer);
            } else {
                let code = "server.clientproxy.ssl_authentication_failed";
                assert_eq!(fault_of(&answer), (500, code), "{client} by {way:?}");
                assert_eq!(country.service.calls().len(), calls);
            }
        }
    }
    country.end().await;
}

#[tokio::test]
async fn the_certificate_that_is_announced_is_the_one_that_is_shown() {
    let country = Country::start().await;
    let ready = &country.consumer.ready;
    let stream = TcpStream::connect(ready.client_tls_listen.unwrap()).await;
    let stream = tls::connect(stream.unwrap(), None).await.unwrap();
    let shown = stream.get_ref().1.peer_certificates().unwrap()[0].to_vec();
    let announced = pem::parse(&ready.tls_certificate_pem).unwrap();
    assert_eq!(shown, announced.contents());
}

#[tokio::test]
async fn what_is_no_tls_gets_no_answer() {
    let country = Country::start().await;
    let secure = country.consumer.ready.client_tls_listen.unwrap();
    for to in [secure, country.provider.message_address()] {
        let mut stream = TcpStream::connect(to).await.unwrap();
        stream.write_all(&Ask::echo("").bytes()).await.unwrap();
        // At most a TLS alert comes, then the end.
        let answer = wire::read(&mut stream, false).await;
        assert!(answer.is_err() || answer.unwrap().is_none());
    }
    country.good().await;
    country.end().await;
}

#[tokio::test]
async fn a_connection_serves_one_message_after_another_also_after_a_refusal() {
    let country = Country::start().await;
    let listen = country.consumer.ready.client_listen;
    let mut stream = connect(listen).await;
    for round in 0..3 {
        let refused = Ask::new("POST", ECHO).from("EE/GOV/1/nobody");
        let refused = refused.body(vec![b'x'; 100_000]);
        stream.write_all(&refused.bytes()).await.unwrap();
        let answer = wire::read(&mut stream, false).await.unwrap().unwrap();
        let code = "server.clientproxy.unknown_member";
        assert_eq!(fault_of(&answer), (500, code), "round {round}");
        let good = Ask::new("POST", ECHO).body("good");
        stream.write_all(&good.bytes()).await.unwrap();
        let answer = wire::read(&mut stream, false).await.unwrap().unwrap();
        assert_eq!((answer.status(), answer.text()), (200, "good"));
        country.note_answer(&answer);
    }
    // What is no HTTP is answered by the library, and harms nobody.
    let answer = send_bytes(listen, b"what is this\r\n\r\n").await.unwrap();
    assert_eq!(answer.status(), 400);
    country.good().await;
    country.end().await;
}
