//! Packs answers for their way: with brotli, or with gzip for those who cannot unpack that.
//!
//! Only whole answers are packed, each in one go and with a window that fits it. A packer for streams, which cannot know
//! what else will come, takes ten megabytes for each answer that is under way. Event streams, files that are
//! packed by their nature and answers that are packed already pass as they are.

use super::Error;
use axum::body::{Body, Bytes, HttpBody};
use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use brotli::enc::BrotliEncoderParams;
use flate2::Compression;
use flate2::write::GzEncoder;
use std::io::{self, Write};
use std::ops::RangeInclusive;

/// How hard answers are packed: the next step after 4 saves a twelfth; those behind it save next to nothing.
const EFFORT: u8 = 5;

/// The bytes of answers that are packed. Shorter ones would save less than the header costs; longer ones are files that
/// somebody loads once, and packing them would keep a thread from its other work.
const SIZES: RangeInclusive<u64> = 100..=1_048_576;

/// The bits of brotli's window: 128 KiB, more than a long page, up to 256. The packer goes by other books where the window is
/// smaller, which take 33 MB.
const WINDOW: RangeInclusive<u32> = 17..=18;

/// A way to pack that both sides know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Brotli,
    Gzip,
}

/// Packs what the handler answers, where the request says that it may be.
pub(super) async fn pack(request: Request, next: Next) -> Response {
    let coding = Coding::chosen(request.headers());
    let mut response = next.run(request).await;
    if !is_packable(&response) {
        return response;
    }
    vary(response.headers_mut());
    let Some(coding) = coding else {
        return response;
    };
    let (mut head, body) = response.into_parts();
    // It is in memory as a whole: such a body says its size beforehand.
    let plain = match axum::body::to_bytes(body, usize::MAX).await {
        Ok(plain) => plain,
        Err(error) => return Error::internal(error).into_response(),
    };
    let body = match coding.pack(&plain) {
        Ok(packed) if packed.len() < plain.len() => {
            head.headers.insert(header::CONTENT_ENCODING, coding.name());
            head.headers.remove(header::CONTENT_LENGTH);
            head.headers.remove(header::ACCEPT_RANGES);
            Bytes::from(packed)
        }
        Ok(_) => plain,
        Err(error) => {
            tracing::warn!(%error, "an answer could not be packed");
            plain
        }
    };
    Response::from_parts(head, Body::from(body))
}

/// Whether the request lets the answer travel in this coding: it names it, or any, and not with the weight 0.
pub(super) fn takes(headers: &HeaderMap, coding: &str) -> bool {
    weight(headers, coding) > 0.0
}

/// How much the request wants a coding, from 0 (not at all) to 1.
fn weight(headers: &HeaderMap, coding: &str) -> f32 {
    let mut any = 0.0;
    let lines = headers.get_all(header::ACCEPT_ENCODING).into_iter();
    let named = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    for one in named {
        let (name, weight) = one.split_once(';').unwrap_or((one, ""));
        let weight = weight
            .trim()
            .strip_prefix("q=")
            .map_or(1.0, |q| q.parse().unwrap_or(0.0));
        if name.trim().eq_ignore_ascii_case(coding) {
            return weight;
        }
        if name.trim() == "*" {
            any = weight;
        }
    }
    any
}

/// Whether an answer is whole, of a size that pays, of a kind that shrinks, and neither packed nor cut out already.
fn is_packable(response: &Response) -> bool {
    let headers = response.headers();
    response
        .body()
        .size_hint()
        .exact()
        .is_some_and(|size| SIZES.contains(&size))
        && !headers.contains_key(header::CONTENT_ENCODING)
        && !headers.contains_key(header::CONTENT_RANGE)
        && headers.get(header::CONTENT_TYPE).is_some_and(shrinks)
}

/// Text and drawings shrink. An event stream must not wait for its packer, so it never counts, whatever its size.
fn shrinks(kind: &HeaderValue) -> bool {
    let kind = kind.to_str().unwrap_or_default().to_ascii_lowercase();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    match kind.split_once('/') {
        Some(("text", "event-stream")) | None => false,
        Some(("text", _)) => true,
        Some((_, rest)) => ["json", "xml", "javascript"].iter().any(|end| rest.ends_with(end)),
    }
}

/// Tells caches between us and the browser that another request may get the same answer packed otherwise.
fn vary(headers: &mut HeaderMap) {
    let lines = headers.get_all(header::VARY).into_iter();
    let mut named = lines
        .filter_map(|line| line.to_str().ok())
        .flat_map(|line| line.split(','));
    let is_told = named.any(|name| name.trim() == "*" || name.trim().eq_ignore_ascii_case("accept-encoding"));
    if !is_told {
        headers.append(header::VARY, HeaderValue::from_static("accept-encoding"));
    }
}

impl Coding {
    /// The coding that the request wants most; brotli, which packs better, where it wants both as much.
    fn chosen(headers: &HeaderMap) -> Option<Self> {
        let (brotli, gzip) = (weight(headers, "br"), weight(headers, "gzip"));
        if brotli > 0.0 && brotli >= gzip {
            Some(Self::Brotli)
        } else {
            Some(Self::Gzip).filter(|_| gzip > 0.0)
        }
    }

    fn name(self) -> HeaderValue {
        HeaderValue::from_static(match self {
            Self::Brotli => "br",
            Self::Gzip => "gzip",
        })
    }

    fn pack(self, plain: &[u8]) -> io::Result<Vec<u8>> {
        match self {
            Self::Brotli => brotli_of(plain),
            Self::Gzip => {
                let mut packer = GzEncoder::new(Vec::new(), Compression::new(EFFORT.into()));
                packer.write_all(plain)?;
                packer.finish()
            }
        }
    }
}

fn brotli_of(plain: &[u8]) -> io::Result<Vec<u8>> {
    let window = usize::BITS - plain.len().leading_zeros();
    let params = BrotliEncoderParams {
        quality: EFFORT.into(),
        lgwin: window.clamp(*WINDOW.start(), *WINDOW.end()).cast_signed(),
        size_hint: plain.len(),
        ..BrotliEncoderParams::default()
    };
    let mut packed = Vec::new();
    brotli::BrotliCompress(&mut &*plain, &mut packed, &params)?;
    Ok(packed)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::Router;
    use axum::http::{Method, StatusCode};
    use axum::middleware::from_fn;
    use axum::routing::get;
    use futures_util::stream;
    use http_body_util::BodyExt;
    use std::convert::Infallible;
    use std::io::Read;
    use tower::ServiceExt;

    const HTML: &str = "text/html; charset=utf-8";

    /// A page as long as a list of orders.
    fn page() -> String {
        (0..2_000).fold(String::new(), |page, row| {
            page + &format!("<td class=\"name\">Order {row}</td>")
        })
    }

    fn answer(head: &[(&'static str, &'static str)], body: impl Into<Body>) -> Response {
        let mut answer = Response::new(body.into());
        for (name, value) in head {
            answer.headers_mut().append(*name, HeaderValue::from_static(value));
        }
        answer
    }

    /// An answer of which nobody knows what will come, or how much.
    fn in_pieces(kind: &'static str) -> Response {
        let pieces = [page(), page()].map(Ok::<_, Infallible>);
        answer(&[("content-type", kind)], Body::from_stream(stream::iter(pieces)))
    }

    async fn ask(method: Method, path: &str, coding: &str) -> (HeaderMap, Vec<u8>) {
        let router = Router::new()
            .route("/page", get(|| async { answer(&[("content-type", HTML)], page()) }))
            .route("/short", get(|| async { answer(&[("content-type", HTML)], "Saved.") }))
            .route(
                "/part",
                get(|| async { answer(&[("content-type", HTML), ("vary", "hx-request")], page()) }),
            )
            .route(
                "/told",
                get(|| async {
                    answer(
                        &[("content-type", HTML), ("vary", "hx-request, Accept-Encoding")],
                        page(),
                    )
                }),
            )
            .route(
                "/known",
                get(|| async { answer(&[("content-type", HTML), ("etag", "\"1f0a\"")], page()) }),
            )
            .route(
                "/photo",
                get(|| async { answer(&[("content-type", "image/jpeg")], page()) }),
            )
            .route(
                "/drawing",
                get(|| async { answer(&[("content-type", "image/svg+xml")], page()) }),
            )
            .route(
                "/problem",
                get(|| async { answer(&[("content-type", "application/problem+json")], page()) }),
            )
            .route(
                "/packed",
                get(|| async { answer(&[("content-type", HTML), ("content-encoding", "br")], page()) }),
            )
            .route(
                "/cut",
                get(|| async { answer(&[("content-type", HTML), ("content-range", "bytes 0-9/99")], page()) }),
            )
            .route(
                "/file",
                get(|| async { answer(&[("content-type", "text/csv")], "a;b\n".repeat(500_000)) }),
            )
            .route("/noise", get(|| async { answer(&[("content-type", HTML)], noise()) }))
            .route("/live", get(|| async { in_pieces("text/event-stream") }))
            .route(
                "/event",
                get(|| async { answer(&[("content-type", "text/event-stream")], page()) }),
            )
            .route("/pieces", get(|| async { in_pieces(HTML) }))
            .layer(from_fn(pack));
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header("accept-encoding", coding);
        let answer = router
            .oneshot(request.body(Body::empty()).expect("a request"))
            .await
            .expect("an answer");
        assert_eq!(answer.status(), StatusCode::OK);
        let (head, body) = answer.into_parts();
        (head.headers, body.collect().await.expect("a body").to_bytes().to_vec())
    }

    /// Bytes in which nothing repeats.
    fn noise() -> Vec<u8> {
        crate::store::vault::random::<200>().expect("random bytes").to_vec()
    }

    fn unpacked(coding: &str, body: &[u8]) -> String {
        let mut text = String::new();
        match coding {
            "br" => brotli::Decompressor::new(body, 4_096).read_to_string(&mut text),
            "gzip" => flate2::read::GzDecoder::new(body).read_to_string(&mut text),
            other => panic!("packed as {other:?}"),
        }
        .expect("it opens");
        text
    }

    fn coding(head: &HeaderMap) -> &str {
        head.get("content-encoding")
            .map_or("", |coding| coding.to_str().expect("text"))
    }

    #[tokio::test]
    async fn a_page_travels_in_the_coding_that_is_wanted_most() {
        for (asked, given) in [
            ("gzip, deflate, br, zstd", "br"),
            ("BR;q=0.5", "br"),
            ("*", "br"),
            ("gzip;q=0.8, br;q=0.2", "gzip"),
            ("gzip, br;q=0", "gzip"),
            ("br;q=0, *", "gzip"),
        ] {
            let (head, body) = ask(Method::GET, "/page", asked).await;
            assert_eq!(coding(&head), given, "{asked}");
            assert_eq!(head["vary"], "accept-encoding");
            assert_eq!(head["content-length"], body.len().to_string());
            assert!(body.len() * 10 < page().len(), "{asked}: {} bytes", body.len());
            assert_eq!(unpacked(given, &body), page());
        }
    }

    #[tokio::test]
    async fn who_takes_no_coding_of_ours_gets_it_plain_and_caches_are_told_so() {
        for asked in [
            "",
            "identity",
            "zstd",
            "br;q=0",
            "gzip;q=0.0, br;q=0.000",
            "*;q=0",
            "brotli",
            "br;q=much",
        ] {
            let (head, body) = ask(Method::GET, "/page", asked).await;
            assert_eq!(coding(&head), "", "{asked}");
            assert_eq!(head["vary"], "accept-encoding");
            assert_eq!(head["content-length"], page().len().to_string());
            assert_eq!(body, page().as_bytes());
        }
    }

    #[tokio::test]
    async fn streams_files_and_packed_answers_pass_as_they_are() {
        for path in ["/short", "/photo", "/cut", "/file", "/live", "/event", "/pieces"] {
            let (head, _) = ask(Method::GET, path, "br").await;
            assert_eq!((coding(&head), head.get("vary")), ("", None), "{path}");
        }
        let (head, body) = ask(Method::GET, "/packed", "br").await;
        assert_eq!(coding(&head), "br");
        assert_eq!(body, page().as_bytes(), "not packed once more");
        for path in ["/drawing", "/problem"] {
            assert_eq!(coding(&ask(Method::GET, path, "br").await.0), "br", "{path}");
        }
    }

    #[tokio::test]
    async fn what_does_not_shrink_stays_plain() {
        let (head, body) = ask(Method::GET, "/noise", "br").await;
        assert_eq!((coding(&head), body.len()), ("", 200));
    }

    #[tokio::test]
    async fn what_else_an_answer_depends_on_stays_told() {
        let (head, _) = ask(Method::GET, "/part", "br").await;
        let told: Vec<_> = head.get_all("vary").into_iter().collect();
        assert_eq!(told, ["hx-request", "accept-encoding"]);
        let (head, _) = ask(Method::GET, "/told", "br").await;
        assert_eq!(head.get_all("vary").into_iter().count(), 1);
        assert_eq!(ask(Method::GET, "/known", "br").await.0["etag"], "\"1f0a\"");
    }

    #[tokio::test]
    async fn a_question_for_the_head_alone_is_told_what_the_whole_would_weigh() {
        let (whole, _) = ask(Method::GET, "/page", "br").await;
        let (head, body) = ask(Method::HEAD, "/page", "br").await;
        assert!(body.is_empty());
        for name in ["content-encoding", "content-length", "vary"] {
            assert_eq!(head[name], whole[name], "{name}");
        }
    }

    #[test]
    fn a_long_page_opens_also_where_its_window_is_narrower_than_it() {
        let long = page().repeat(8);
        assert!(long.len() > 1 << WINDOW.end());
        assert_eq!(unpacked("br", &brotli_of(long.as_bytes()).expect("packed")), long);
        assert_eq!(unpacked("br", &brotli_of(b"").expect("packed")), "");
    }
}
