//! The page for people: one file without anything from elsewhere. It shows what `/status` tells.

use aws_lc_rs::digest::{SHA256, digest};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const PAGE: &str = include_str!("page.html");

/// The page, and what the browser is allowed to do for it: run this one script, apply this one style sheet, and ask this
/// server.
#[derive(Clone, Debug)]
pub(super) struct Page {
    policy: String,
}

impl Page {
    pub(super) fn new() -> Self {
        let policy = format!(
            "default-src 'none'; script-src {}; style-src {}; connect-src 'self'; img-src data:; base-uri 'none'; \
             form-action 'none'; frame-ancestors 'none'",
            hash(between("<script>", "</script>")),
            hash(between("<style>", "</style>")),
        );
        Self { policy }
    }

    pub(super) fn response(&self) -> Response {
        let headers = [
            (header::CONTENT_TYPE, "text/html; charset=utf-8"),
            (header::CONTENT_SECURITY_POLICY, self.policy.as_str()),
            (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
            (header::REFERRER_POLICY, "no-referrer"),
            (header::CACHE_CONTROL, "no-cache"),
        ];
        (headers, PAGE).into_response()
    }
}

/// The only element of its kind in the page.
fn between(start: &str, end: &str) -> &'static str {
    let inside = PAGE.split_once(start).and_then(|(_, rest)| rest.split_once(end));
    inside.map_or("", |(inside, _)| inside)
}

fn hash(text: &str) -> String {
    format!("'sha256-{}'", STANDARD.encode(digest(&SHA256, text.as_bytes())))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_page_is_of_one_piece() {
        for (start, end) in [("<script>", "</script>"), ("<style>", "</style>")] {
            assert_eq!((PAGE.matches(start).count(), PAGE.matches(end).count()), (1, 1), "{start}");
            assert!(between(start, end).len() > 100);
        }
        for foreign in ["//", "@import", "url(", " src=", " style="] {
            let without_namespace = PAGE.replace("http://www.w3.org/2000/svg", "");
            let found =
                without_namespace.lines().find(|line| line.contains(foreign) && !line.starts_with("//"));
            assert_eq!(found, None, "{foreign}");
        }
    }
}
