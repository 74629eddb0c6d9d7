//! hyper: servers, clients, both versions of HTTP, its timers, an upgraded connection.

use std::convert::Infallible;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::header::{CONNECTION, UPGRADE};
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Version};
use selvedge::bridge::hyper::{Executor, FromHyper, Timer, ToHyper};
use selvedge::io::{AsyncReadExt, AsyncWriteExt, BufStream, duplex};

use super::pair::{bounded, pair};

/// Answers with the body of the request, twice.
async fn twice(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, hyper::Error> {
    let body = request.into_body().collect().await?.to_bytes();
    Ok(Response::new(Full::from([&body[..], &body[..]].concat())))
}

fn request(body: &'static [u8]) -> Request<Full<Bytes>> {
    let request = Request::post("http://localhost/");
    request.body(Full::from(body)).unwrap()
}

async fn text(response: Response<Incoming>) -> Bytes {
    assert_eq!(response.status(), StatusCode::OK);
    response.into_body().collect().await.unwrap().to_bytes()
}

#[selvedge::test]
async fn http_1_on_sockets() {
    bounded(async {
        let (client, server) = pair().await;
        let server = hyper::server::conn::http1::Builder::new()
            .timer(Timer)
            .serve_connection(server, service_fn(twice));
        let server = selvedge::spawn(server);
        let (mut sender, connection) = hyper::client::conn::http1::handshake(client).await.unwrap();
        let connection = selvedge::spawn(connection);
        for body in [&b"ab"[..], b"", &[7; 100_000]] {
            sender.ready().await.unwrap();
            let response = sender.send_request(request(body)).await.unwrap();
            assert_eq!(text(response).await, [body, body].concat());
        }
        drop(sender);
        connection.await.unwrap().unwrap();
        server.await.unwrap().unwrap();
    })
    .await;
}

#[selvedge::test(flavor = "multi_thread", worker_threads = 2)]
async fn http_2_on_sockets_with_tasks_of_hyper() {
    bounded(async {
        let (client, server) = pair().await;
        let server = hyper::server::conn::http2::Builder::new(Executor)
            .timer(Timer)
            .serve_connection(server, service_fn(twice));
        let server = selvedge::spawn(server);
        let (sender, connection) = hyper::client::conn::http2::Builder::new(Executor)
            .timer(Timer)
            .handshake(client)
            .await
            .unwrap();
        let connection = selvedge::spawn(connection);
        let requests = (0..50).map(|_| {
            let mut sender = sender.clone();
            selvedge::spawn(
                async move { text(sender.send_request(request(b"x")).await.unwrap()).await },
            )
        });
        for answer in requests.collect::<Vec<_>>() {
            assert_eq!(answer.await.unwrap(), "xx");
        }
        drop(sender);
        connection.await.unwrap().unwrap();
        server.await.unwrap().unwrap();
    })
    .await;
}

#[selvedge::test]
async fn either_version_as_the_client_wishes() {
    bounded(async {
        let (client, server) = duplex(100);
        let server = selvedge::spawn(async move {
            hyper_util::server::conn::auto::Builder::new(Executor)
                .serve_connection(server, service_fn(twice))
                .await
        });
        let handshake = hyper::client::conn::http2::handshake(Executor, client);
        let (mut sender, connection) = handshake.await.unwrap();
        let connection = selvedge::spawn(connection);
        let response = sender.send_request(request(b"ab")).await.unwrap();
        assert_eq!(response.version(), Version::HTTP_2);
        assert_eq!(text(response).await, "abab");
        drop(sender);
        connection.await.unwrap().unwrap();
        assert!(server.await.unwrap().is_ok());
    })
    .await;
}

/// hyper gives up on a client that sends no request, by the paused clock of the runtime.
#[selvedge::test(start_paused = true)]
async fn timers_of_hyper_follow_the_clock_of_the_runtime() {
    let (client, server) = duplex(1000);
    let start = selvedge::time::Instant::now();
    let served = hyper::server::conn::http1::Builder::new()
        .timer(Timer)
        .header_read_timeout(Duration::from_secs(3600))
        .serve_connection(server, service_fn(twice))
        .await;
    assert!(served.unwrap_err().is_timeout());
    assert_eq!(start.elapsed().as_secs(), 3600);
    drop(client);
}

#[selvedge::test]
async fn an_upgraded_connection_is_one_of_ours() {
    async fn upgrade(request: Request<Incoming>) -> Result<Response<Full<Bytes>>, Infallible> {
        selvedge::spawn(async move {
            let mut stream = FromHyper::new(hyper::upgrade::on(request).await.unwrap());
            let word = stream.read_u32().await.unwrap();
            stream.write_u32(word + 1).await.unwrap();
            stream.shutdown().await.unwrap();
        });
        let response = Response::builder().status(StatusCode::SWITCHING_PROTOCOLS);
        let response = response.header(UPGRADE, "counting");
        Ok(response.body(Full::default()).unwrap())
    }
    bounded(async {
        let (client, server) = pair().await;
        // What is no socket goes through a wrapper.
        let server = hyper::server::conn::http1::Builder::new()
            .serve_connection(ToHyper::new(BufStream::new(server)), service_fn(upgrade));
        selvedge::spawn(server.with_upgrades());
        let (mut sender, connection) = hyper::client::conn::http1::handshake(client).await.unwrap();
        selvedge::spawn(connection.with_upgrades());
        let mut request = request(b"");
        request
            .headers_mut()
            .insert(CONNECTION, "upgrade".parse().unwrap());
        request
            .headers_mut()
            .insert(UPGRADE, "counting".parse().unwrap());
        let response = sender.send_request(request).await.unwrap();
        let mut stream = FromHyper::new(hyper::upgrade::on(response).await.unwrap());
        stream.write_u32(41).await.unwrap();
        assert_eq!(stream.read_u32().await.unwrap(), 42);
        assert_eq!(stream.read(&mut [0]).await.unwrap(), 0);
    })
    .await;
}
