//! Which path answers what.

use axum::Json;
use axum::Router;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde_json::json;

use super::metrics::Metrics;
use super::page::Page;
use super::{readiness, status};
use crate::serve::View;

#[derive(Clone)]
struct Shown {
    view: View,
    metrics: Metrics,
    page: Page,
}

/// The routes. All of them only read.
pub(super) fn routes(view: View, metrics: Metrics) -> Router {
    Router::new()
        .route("/", get(show_page))
        .route("/livez", get(async || "ok\n"))
        .route("/readyz", get(readyz))
        .route("/status", get(show_status))
        .route("/metrics", get(show_metrics))
        .with_state(Shown { view, metrics, page: Page::new() })
}

async fn readyz(State(shown): State<Shown>) -> Response {
    let missing = readiness::missing(&shown.view).await;
    let code = if missing.is_empty() { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (code, Json(json!({"ready": missing.is_empty(), "missing": missing}))).into_response()
}

async fn show_page(State(shown): State<Shown>) -> Response {
    shown.page.response()
}

async fn show_status(State(shown): State<Shown>) -> Response {
    let missing = readiness::missing(&shown.view).await;
    Json(status::status(&shown.view, &missing)).into_response()
}

async fn show_metrics(State(shown): State<Shown>) -> Response {
    let text = shown.metrics.render(&shown.view);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text).into_response()
}
