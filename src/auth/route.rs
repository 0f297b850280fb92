//! A route with everything that is known of it in one place: method, path, who may use it, what answers.

use super::guard::{Guard, admit};
use super::session;
use crate::app::App;
use crate::domain::role::Permission;
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::handler::Handler;
use axum::http::Method;
use axum::middleware::from_fn_with_state;
use axum::routing::{MethodRouter, get, post};

/// Who may use a route.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Everybody: sign-in, health, and pages that prove by themselves who may see them (a signature, a secret link).
    Public,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever is signed in and whose role may do this.
    Needs(Permission),
}

/// One method at one path.
#[derive(Clone, Debug)]
pub struct Route {
    /// The method (`GET` answers `HEAD`, too).
    pub method: Method,
    /// The path as axum writes it (`/orders/{id}`).
    pub path: &'static str,
    /// Who may use it.
    pub access: Access,
    /// Whether it knows of sessions. Public routes do not (no cookie is read, no session looked up), but for those at
    /// which one begins.
    pub has_session: bool,
    /// Whether pages ask for it by themselves: then it is no use of the session.
    quiet: bool,
    service: MethodRouter<App>,
}

impl Route {
    /// A page: it changes nothing.
    pub fn get<H, T>(path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        Self {
            method: Method::GET,
            path,
            access,
            has_session: access != Access::Public,
            quiet: false,
            service: get(handler),
        }
    }

    /// Something that changes something.
    pub fn post<H, T>(path: &'static str, access: Access, handler: H) -> Self
    where
        H: Handler<T, App>,
        T: 'static,
    {
        Self {
            method: Method::POST,
            path,
            access,
            has_session: access != Access::Public,
            quiet: false,
            service: post(handler),
        }
    }

    /// A public route at which a session begins.
    #[must_use]
    pub fn with_session(self) -> Self {
        Self {
            has_session: true,
            ..self
        }
    }

    /// Pages ask for it by themselves, without their person having done anything.
    #[must_use]
    pub fn quiet(self) -> Self {
        Self { quiet: true, ..self }
    }

    /// Takes bodies of at most `bytes` (by default axum's 2 MB).
    #[must_use]
    pub fn body_limit(self, bytes: usize) -> Self {
        Self {
            service: self.service.layer(DefaultBodyLimit::max(bytes)),
            ..self
        }
    }

    /// Whether it changes something.
    pub fn writes(&self) -> bool {
        self.method != Method::GET
    }
}

/// A router of these routes, each behind the guard that its access asks for.
pub fn mount(routes: Vec<Route>, app: &App) -> Router<App> {
    let sessions = session::layer(app);
    routes.into_iter().fold(Router::new(), |router, route| {
        let guard = Guard {
            app: app.clone(),
            access: route.access,
            quiet: route.quiet,
        };
        let mut service = route.service.route_layer(from_fn_with_state(guard, admit));
        if route.has_session {
            service = service.route_layer(sessions.clone());
        }
        router.route(route.path, service)
    })
}
