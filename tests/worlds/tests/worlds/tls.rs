//! TLS by rustls, through the traits of tokio and of `futures-io`.

use std::sync::Arc;

use rustls::pki_types::{PrivatePkcs8KeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use selvedge::bridge::futures_io::FromFutures;
use selvedge::bridge::tokio_io::FromTokio;
use selvedge::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use super::pair::{bounded, pair};

/// Settings of a client and a server that trust each other.
fn settings() -> (Arc<ClientConfig>, Arc<ServerConfig>) {
    let made = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let certificate = made.cert.der().clone();
    let key = PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let mut roots = RootCertStore::empty();
    roots.add(certificate.clone()).unwrap();
    let client = ClientConfig::builder().with_root_certificates(roots);
    let server = ServerConfig::builder().with_no_client_auth();
    let server = server.with_single_cert(vec![certificate], key.into());
    (
        Arc::new(client.with_no_client_auth()),
        Arc::new(server.unwrap()),
    )
}

fn name() -> ServerName<'static> {
    ServerName::try_from("localhost").unwrap()
}

/// A megabyte each way at once, then a proper end.
async fn talk(
    client: impl AsyncRead + AsyncWrite + Unpin,
    server: impl AsyncRead + AsyncWrite + Unpin,
) {
    async fn exchange(stream: impl AsyncRead + AsyncWrite + Unpin, say: u8, hear: u8) {
        let (mut read, mut write) = selvedge::io::split(stream);
        let mut heard = Vec::new();
        let (said, read) = futures_util::join!(
            async {
                write.write_all(&vec![say; 1 << 20]).await?;
                write.shutdown().await
            },
            read.read_to_end(&mut heard)
        );
        said.unwrap();
        read.unwrap();
        assert!(heard.len() == 1 << 20 && heard.iter().all(|byte| *byte == hear));
    }
    futures_util::join!(exchange(client, 1, 2), exchange(server, 2, 1));
}

#[selvedge::test]
async fn through_the_traits_of_tokio() {
    bounded(async {
        let (client, server) = settings();
        let (near, far) = pair().await;
        let (near, far) = futures_util::join!(
            tokio_rustls::TlsConnector::from(client).connect(name(), near),
            tokio_rustls::TlsAcceptor::from(server).accept(far),
        );
        talk(FromTokio::new(near.unwrap()), FromTokio::new(far.unwrap())).await;
    })
    .await;
}

#[selvedge::test]
async fn through_the_traits_of_futures() {
    bounded(async {
        let (client, server) = settings();
        let (near, far) = pair().await;
        let (near, far) = futures_util::join!(
            futures_rustls::TlsConnector::from(client).connect(name(), near),
            futures_rustls::TlsAcceptor::from(server).accept(far),
        );
        talk(
            FromFutures::new(near.unwrap()),
            FromFutures::new(far.unwrap()),
        )
        .await;
    })
    .await;
}
