//! Our style sheets, scripts and icons, and htmx: embedded, and served under names that carry their content.
//!
//! `desk.css` and `desk.js` are what every desk page loads, joined by `build.rs`, which packs every file, too.
//! `/static/app.css` is asked for as `/static/app.1f0a93c4d2be.css`, so a browser may keep it for good and a new
//! release is seen at once. A name without or with another release's hash still answers, but is asked for again.

use super::{Error, packing};
use axum::Router;
use axum::extract::Path;
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};
use std::collections::HashMap;
use std::fmt::Write as _;
use std::sync::LazyLock;

/// Name, bytes, and bytes packed with brotli of every embedded file; written by `build.rs`.
const FILES: &[(&str, &[u8], &[u8])] = include!(concat!(env!("OUT_DIR"), "/assets.rs"));

#[derive(Debug)]
struct Asset {
    bytes: &'static [u8],
    packed: &'static [u8],
    url: String,
    etag: String,
    kind: &'static str,
}

static ASSETS: LazyLock<HashMap<&'static str, Asset>> = LazyLock::new(|| {
    let mut assets = HashMap::new();
    for (name, bytes, packed) in FILES {
        let mut hash = String::with_capacity(12);
        for byte in Sha256::digest(bytes).iter().take(6) {
            let _ = write!(hash, "{byte:02x}");
        }
        let (stem, extension) = name.rsplit_once('.').unwrap_or((name, "bin"));
        assets.insert(
            *name,
            Asset {
                bytes,
                packed,
                url: format!("/static/{stem}.{hash}.{extension}"),
                etag: format!("\"{hash}\""),
                kind: kind(extension),
            },
        );
    }
    assets
});

fn kind(extension: &str) -> &'static str {
    match extension {
        "css" => "text/css; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// The address of the embedded file `name` (`app.css`), with its hash; for templates:
/// `{{ crate::web::asset("app.css") }}`. An unknown name gives an address that answers 404.
pub fn asset(name: &str) -> &'static str {
    ASSETS.get(name).map_or("/static/unknown", |asset| &asset.url)
}

/// Files for sandboxed frames, which are of no origin, not even ours.
const FRAMED: [&str; 1] = ["letter.css"];

/// The route that serves the embedded files.
pub fn routes<S: Clone + Send + Sync + 'static>() -> Router<S> {
    Router::new().route("/static/{name}", get(serve))
}

async fn serve(Path(asked): Path<String>, headers: HeaderMap) -> Result<Response, Error> {
    let name = plain_name(&asked);
    let asset = ASSETS.get(name.as_str()).ok_or(Error::NotFound)?;
    let current = asset.url.strip_prefix("/static/") == Some(asked.as_str());
    let keep = if current {
        "public, max-age=31536000, immutable"
    } else {
        "no-cache"
    };
    // An entity tag names what travels, so the packed form has its own.
    let is_packed = packing::takes(&headers, "br");
    let (body, etag) = if is_packed {
        (asset.packed, asset.etag.replacen('"', "\"br-", 1))
    } else {
        (asset.bytes, asset.etag.clone())
    };
    let etag = HeaderValue::from_str(&etag).map_err(Error::internal)?;
    let known = headers.get(header::IF_NONE_MATCH).is_some_and(|known| known == etag);
    let head = [
        (header::CACHE_CONTROL, HeaderValue::from_static(keep)),
        (header::ETAG, etag),
        (header::CONTENT_TYPE, HeaderValue::from_static(asset.kind)),
        (header::VARY, HeaderValue::from_static("accept-encoding")),
    ];
    let mut response = if known {
        (StatusCode::NOT_MODIFIED, head).into_response()
    } else {
        (head, body).into_response()
    };
    if is_packed {
        let packed = HeaderValue::from_static("br");
        response.headers_mut().insert(header::CONTENT_ENCODING, packed);
    }
    if FRAMED.contains(&name.as_str()) {
        let policy = HeaderName::from_static("cross-origin-resource-policy");
        response
            .headers_mut()
            .insert(policy, HeaderValue::from_static("cross-origin"));
    }
    Ok(response)
}

/// `app.1f0a93c4d2be.css` → `app.css`; any other name stays as it is.
fn plain_name(asked: &str) -> String {
    let mut parts: Vec<&str> = asked.split('.').collect();
    let hash = parts.len().checked_sub(2).filter(|at| *at > 0);
    if let Some(at) = hash.filter(|at| parts[*at].len() == 12 && parts[*at].bytes().all(|b| b.is_ascii_hexdigit())) {
        parts.remove(at);
    }
    parts.join(".")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_carries_its_content_and_leads_back_to_the_file() {
        for (name, _, _) in FILES {
            let url = asset(name);
            let asked = url.strip_prefix("/static/").expect("an address below /static/");
            assert_ne!(asked, *name);
            assert_eq!(plain_name(asked), *name);
        }
        assert_eq!(plain_name("app.css"), "app.css");
        assert_eq!(plain_name("1f0a93c4d2be.css"), "1f0a93c4d2be.css");
    }

    #[test]
    fn htmx_comes_with_its_guard() {
        let bytes = ASSETS.get("desk.js").expect("it is embedded").bytes;
        let text = std::str::from_utf8(bytes).expect("a script");
        let guard = text.find("registerExtension('guard'").expect("the guard");
        assert!(guard > 30_000, "htmx stands before it");
        assert!(guard < text.find("data-countdown").expect("our own script"));
    }
}
