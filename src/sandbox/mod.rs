//! The practice Kombo and its make-believe ATS.
//!
//! It speaks Kombo's API under `/v1/…` (wire-true, refusing what Kombo would refuse), plays a customer's ATS under
//! `/ats/…` for a person in a browser, and does mischief on demand. Its state stands in a SQLite file of its own; rules
//! of mischief and counters last until it stops. It uses `kombo`'s wire types and never our store.
//!
//! # The control interface
//! JSON, for tests and demos; nobody else must reach it, so the sandbox listens on the loopback by default.
//!
//! | call | what it does |
//! | --- | --- |
//! | `POST /control/integrations` | makes an integration: `tool`, `organization_name`, `creator_email`, `origin_id`, `state`, `setup_status`, `id`, `webhook` (false: tell nobody); all can be left out; answers the integration |
//! | `GET /control/integrations` | all of them |
//! | `PUT /control/integrations/{id}/state` | `{"state":"INVALID","setup_status":…,"webhook":true}` |
//! | `DELETE /control/integrations/{id}` | deletes it and says so by webhook |
//! | `PUT /control/integrations/{id}/packages` | `{"packages":[…]}` without Kombo's checks |
//! | `POST /control/orders` | places an order: `integration`, `package`; and where wanted `inline`, `candidate`, `application`, `job`, `status`, `created_at`, `id`, `event_id`, `webhook` (false: Kombo stays silent), `wait` (false: answer before the webhook is sent). Answers `{"order":…,"webhook":{"event_id","http_status","body","note"}}` |
//! | `POST /control/orders/{id}/resend` | sends its webhook again: `event_id` (default: a new one; `"same"`: the last one), `data` (merged over the order's), `wait` |
//! | `POST /control/orders/{id}/cancel` | the recruiter cancels in the ATS: no webhook |
//! | `PUT /control/orders/{id}/status` | `{"status":"OPEN"}` sets Kombo's status by force |
//! | `DELETE /control/orders/{id}` | makes Kombo forget it |
//! | `GET /control/orders/{id}` | `{"order","results":[{"id","at","status","body"}],"attachments":[{"name","content_type","size","sha256"}],"webhooks":[…]}`; `results` is every write that was applied, oldest first |
//! | `GET /control/orders` | ids and statuses of all, oldest first |
//! | `POST /control/webhooks` | sends any webhook: `type`, `data`, `event_id`; or `raw` (the exact body) and `signature` (instead of the right one) |
//! | `GET /control/webhooks` · `GET /control/calls` | what was sent and what was called, newest first, 1,000 at most: time, method, path, integration, answer, code, mischief |
//! | `GET /control/counters` | `{"calls":{"result":3,…},"most_in_flight":{"greenhouse:…":2}}` since the start or the last reset |
//! | `GET /control/mischief` · `PUT /control/mischief` · `DELETE /control/mischief` | reads, sets, ends mischief; see [`mischief::Rules`] |
//! | `PUT /control/target` | `{"url":…}`: where webhooks go |
//! | `POST /control/reset` | forgets everything |

pub mod api;
pub mod ats;
pub mod control;
mod error;
pub mod mischief;
pub mod play;
pub mod sender;
mod serve;
mod state;
pub mod store;
pub mod tools;

pub use error::Error;
pub use serve::{Running, Settings, router, serve, start};
pub use state::Sandbox;
