//! The client against small servers that answer one thing each.

use super::*;
use crate::kombo::{Code, Fate};
use std::net::SocketAddr;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

/// Answers every connection with `answer` and closes it; with no answer at all, it only reads and closes.
async fn server(answer: &'static str) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let mut seen = [0; 4096];
            let _ = stream.read(&mut seen).await;
            let _ = stream.write_all(answer.as_bytes()).await;
        }
    });
    address
}

fn client(address: SocketAddr) -> Client {
    let timeouts = Timeouts {
        connect: Duration::from_secs(1),
        call: Duration::from_millis(300),
        result: Duration::from_millis(300),
    };
    Client::new(&format!("http://{address}/v1/"), &"key".into(), timeouts).expect("a client")
}

#[tokio::test]
async fn a_success_brings_its_data() {
    let at = server(
        "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"status\":\"success\",\"data\":{\"environment_id\":\"e\"}}",
    )
    .await;
    let reply = client(at).check_api_key().await.expect("a success");
    assert_eq!(
        (
            reply.data.environment_id.as_str(),
            reply.http_status,
            reply.warnings.len()
        ),
        ("e", 200, 0)
    );
}

#[tokio::test]
async fn warnings_of_a_write_are_kept() {
    let at = server("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n{\"status\":\"success\",\"data\":{},\"warnings\":[{\"message\":\"m\"}]}").await;
    let reply = client(at).put_result_bytes("t:1", "o", "{}").await.expect("a success");
    assert_eq!(reply.warnings[0].message, "m");
}

#[tokio::test]
async fn a_refusal_brings_code_log_and_wait() {
    let at = server("HTTP/1.1 429 No\r\nretry-after: 7\r\nconnection: close\r\n\r\n{\"status\":\"error\",\"error\":{\"code\":\"PLATFORM.RATE_LIMIT_EXCEEDED\",\"title\":\"t\",\"message\":\"secret@example.com\",\"log_url\":\"https://l\"}}").await;
    let error = client(at).tools().await.expect_err("a refusal");
    assert_eq!(error.code(), Some(&Code::PlatformRateLimitExceeded));
    assert_eq!(error.retry_after(), Some(Duration::from_secs(7)));
    assert_eq!(error.fate(), Fate::Retry);
    assert_eq!(error.message(), "secret@example.com");
    assert!(
        !format!("{error} {error:?}").contains("secret"),
        "a message can quote personal data"
    );
}

#[tokio::test]
async fn a_refusal_that_is_not_kombos_goes_by_its_status() {
    let at = server("HTTP/1.1 502 Bad\r\nconnection: close\r\n\r\n<html>").await;
    let error = client(at).put_packages("t:1", &[]).await.expect_err("a refusal");
    assert_eq!(
        (error.http_status(), error.code(), error.fate()),
        (Some(502), None, Fate::ReadBack)
    );
    assert_eq!(error.raw().map(Raw::as_bytes), Some(&b"<html>"[..]));
}

#[tokio::test]
async fn nobody_there_is_certainly_not_applied() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    drop(listener);
    let error = client(address)
        .put_packages("t:1", &[])
        .await
        .expect_err("no connection");
    assert!(matches!(error, Error::NotConnected(_)), "{error:?}");
    assert_eq!(error.fate(), Fate::Retry);
}

#[tokio::test]
async fn a_broken_connection_leaves_the_fate_unknown() {
    let error = client(server("").await)
        .put_packages("t:1", &[])
        .await
        .expect_err("broken");
    assert!(matches!(error, Error::Broken(_)), "{error:?}");
    let cut = server("HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\n{\"sta").await;
    let error = client(cut).put_packages("t:1", &[]).await.expect_err("broken");
    assert_eq!(error.fate(), Fate::ReadBack);
}

#[tokio::test]
async fn a_time_out_leaves_the_fate_unknown() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = listener.local_addr().expect("its address");
    let error = client(address)
        .put_result_bytes("t:1", "o", "{}")
        .await
        .expect_err("too late");
    assert!(matches!(error, Error::TimedOut(_)), "{error:?}");
    assert_eq!(error.fate(), Fate::ReadBack);
}

#[tokio::test]
async fn a_success_that_cannot_be_read_leaves_the_fate_unknown() {
    let error = client(server("HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nok").await)
        .put_packages("t:1", &[])
        .await
        .expect_err("odd");
    assert!(
        matches!(error, Error::UnreadableAnswer { http_status: 200, .. }),
        "{error:?}"
    );
    assert_eq!(error.fate(), Fate::ReadBack);
}

#[tokio::test]
async fn ids_never_name_another_resource() {
    let client = client(server("").await);
    for id in ["", ".", ".."] {
        let error = client.put_result_bytes("t:1", id, "{}").await.expect_err("refused");
        assert!(matches!(error, Error::Unsendable(Unsendable::Id)), "{error:?}");
    }
    let request = client
        .request(Method::GET, &["integrations", "a/b?c:d"])
        .expect("a request")
        .build()
        .expect("built");
    assert_eq!(request.url().path(), "/v1/integrations/a%2Fb%3Fc:d");
}

#[test]
fn a_wrong_address_or_key_is_said_at_the_start() {
    let new = |base: &str, key: &str| Client::new(base, &key.into(), Timeouts::default()).err();
    assert_eq!(new("api.kombo.dev", "k"), Some(Unsendable::BaseUrl));
    assert_eq!(new("ftp://api.kombo.dev", "k"), Some(Unsendable::BaseUrl));
    assert_eq!(new("https://api.kombo.dev/v1", "k\n"), Some(Unsendable::ApiKey));
    assert_eq!(new("https://api.kombo.dev/v1", "k"), None);
}
