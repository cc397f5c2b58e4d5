//! The style sheet and the icon: part of the program, named by their content, cached for a year.

use std::sync::LazyLock;

use axum::extract::Path;
use axum::http::header::{CACHE_CONTROL, CONTENT_TYPE};
use axum::response::{IntoResponse, Response};
use pressmark_model::Digest;

use crate::respond::Fault;

const FOR_GOOD: &str = "public, max-age=31536000, immutable";

/// A file that pages link to.
pub(crate) struct Asset {
    /// Its name with the start of its digest.
    name: String,
    media_type: &'static str,
    text: &'static str,
}

pub(crate) static STYLE: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "style",
        "css",
        "text/css; charset=utf-8",
        include_str!("assets/style.css"),
    )
});
pub(crate) static ICON: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new(
        "icon",
        "svg",
        "image/svg+xml",
        include_str!("assets/icon.svg"),
    )
});

impl Asset {
    fn new(stem: &str, extension: &str, media_type: &'static str, text: &'static str) -> Self {
        let digest: String = Digest::of(text.as_bytes()).hex().chars().take(16).collect();
        Self {
            name: format!("{stem}-{digest}.{extension}"),
            media_type,
            text,
        }
    }

    /// Its address.
    pub(crate) fn href(&self) -> String {
        format!("/assets/{}", self.name)
    }
}

/// Answers with the asset of this name.
pub(crate) async fn asset(Path(name): Path<String>) -> Result<Response, Fault> {
    let asset = [&*STYLE, &*ICON]
        .into_iter()
        .find(|asset| asset.name == name);
    let asset = asset.ok_or(Fault::Missing)?;
    let headers = [(CONTENT_TYPE, asset.media_type), (CACHE_CONTROL, FOR_GOOD)];
    Ok((headers, asset.text).into_response())
}

/// Answers to browsers that look for an icon by habit.
pub(crate) async fn favicon() -> Response {
    let headers = [
        (CONTENT_TYPE, ICON.media_type),
        (CACHE_CONTROL, "public, max-age=86400"),
    ];
    (headers, ICON.text).into_response()
}
