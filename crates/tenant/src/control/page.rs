//! `GET /tenant`: a page that shows the state and the events as they come.

use axum::response::{Html, IntoResponse, Response};

/// The page; it holds no data itself.
pub(super) fn page() -> Response {
    Html(include_str!("page.html")).into_response()
}
