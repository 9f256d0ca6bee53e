//! Access rights on method and path: what is matched is what the service receives.

use crate::client::Ask;
use crate::country::Country;

const PETS: &str = "/r1/EE/GOV/2/population/pets";

#[tokio::test]
async fn the_path_that_was_matched_is_the_one_that_is_called() {
    let country = Country::start().await;
    for (method, path, called) in [
        ("GET", "/pets/1", "/base/pets/1"),
        ("GET", "/pets/", "/base/pets/"),
        ("GET", "/pets/1?x=/../y", "/base/pets/1?x=/../y"),
        ("GET", "/./pets//1", "/base/pets/1"),
        ("GET", "/toys/../pets/1", "/base/pets/1"),
        ("GET", "/%70ets%2F1", "/base/pets/1"),
        ("GET", "/pets/a%20b%3Fc", "/base/pets/a%20b%3Fc"),
        ("POST", "/pets", "/base/pets"),
        ("DELETE", "/toys/a/b/c", "/base/toys/a/b/c"),
        ("PUT", "/toys/%2525", "/base/toys/%2525"),
    ] {
        let ask = Ask::new(method, &format!("{PETS}{path}"));
        let answer = country.answered(&ask).await;
        assert_eq!(answer.status(), 200, "{method} {path}");
        assert_eq!(country.service.last_call().word(1), called, "{path}");
    }
    country.end().await;
}

#[tokio::test]
async fn no_disguise_of_a_path_gets_further_than_its_meaning() {
    let country = Country::start().await;
    let denied = "server.serverproxy.access_denied";
    for (method, path, code) in [
        ("GET", "", denied),
        ("GET", "/", denied),
        ("GET", "/pets", denied),
        ("GET", "/pets/1/2", denied),
        ("GET", "/pets/1%2F2", denied),
        ("POST", "/pets/1", denied),
        ("DELETE", "/pets/1", denied),
        ("GET", "/pets/..", denied),
        ("GET", "/toys/../secret", denied),
        ("GET", "/toys/%2e%2e/secret", denied),
        ("GET", "/toys/%2E./secret", denied),
        ("GET", "/toys/..%2Fsecret", denied),
        ("GET", "/toys%2F..%2Fsecret", denied),
        ("GET", "/toys/..%5Csecret", denied),
        ("GET", "/toys/..;/secret", denied),
        ("GET", "/toys/%252e%252e/secret", denied),
        ("GET", "/toys/%25252e%25252e%25252fsecret", denied),
        ("GET", "/toys/%00", denied),
        ("GET", "/toys/%0d%0aX:y", denied),
        ("GET", "/toys/%ff", "server.serverproxy.internal_error"),
        ("GET", "/toys/%zz", "server.clientproxy.internal_error"),
    ] {
        let target = format!("{PETS}{path}");
        country.refused(&Ask::new(method, &target), 500, code).await;
    }
    country.end().await;
}
