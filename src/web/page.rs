//! A template as an answer.

use super::Error;
use askama::Template;
use axum::response::{Html, IntoResponse, Response};

/// Answers with the rendered template: `Ok(Page(OrdersPage { … }))`, or `(StatusCode::UNPROCESSABLE_ENTITY, Page(…))`.
///
/// A template that cannot be rendered becomes [`Error::Internal`].
#[derive(Debug)]
pub struct Page<T>(pub T);

impl<T: Template> IntoResponse for Page<T> {
    fn into_response(self) -> Response {
        render(&self.0)
    }
}

/// The rendered template, or the error page's answer.
pub fn render(template: &impl Template) -> Response {
    match template.render() {
        Ok(text) => Html(text).into_response(),
        Err(error) => Error::internal(error).into_response(),
    }
}
