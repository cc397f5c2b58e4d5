//! A client that hides nothing.

use pressmark_testkit::Internet;
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

/// `GET`, asking for the connection to be closed afterwards.
pub(crate) fn get(host: &str, path: &str, more: &str) -> String {
    format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{more}\r\n")
}

/// Sends a request and reads until the connection ends.
pub(crate) async fn exchange<S: AsyncRead + AsyncWrite + Unpin>(
    mut stream: S,
    request: &str,
) -> std::io::Result<Vec<u8>> {
    stream.write_all(request.as_bytes()).await?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).await?;
    Ok(answer)
}

/// What a site answers to a plain `GET` with these header lines: its head and its body.
pub(crate) async fn ask(net: &Internet, host: &str, path: &str, more: &str) -> (String, Vec<u8>) {
    let stream = TcpStream::connect(net.address()).await.unwrap();
    let answer = exchange(stream, &get(host, path, more)).await.unwrap();
    let end = answer
        .windows(4)
        .position(|four| four == b"\r\n\r\n")
        .unwrap();
    (
        String::from_utf8(answer[..end].to_vec()).unwrap(),
        answer[end + 4..].to_vec(),
    )
}
