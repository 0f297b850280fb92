//! Days of trouble in minutes: the real program is killed, starved and lied to, and what it promised must hold.
//!
//! Each scenario drives the program and writes down what it did and heard ([`history`]); what stands in the database and
//! at Kombo in the end is written down, too; and a checker that knows nothing of the driver reads that file alone
//! ([`checker`]). The sizes come from the environment ([`sizes`]): small ones for every day, big ones for `make chaos`.
//! `docs/chaos.md` tells what is shown and how to run it.

#![allow(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests ask the environment for their servers, and name things as they like"
)]
#![allow(clippy::print_stdout, reason = "the seed and the figures are what a run has to say")]

#[allow(
    dead_code,
    unused_imports,
    unused_macros,
    reason = "shared with the other tests, of which this uses a part"
)]
#[path = "../it/support/mod.rs"]
mod support;

mod checker;
mod clock;
mod found;
mod full_disk;
mod history;
mod kills;
mod kombo;
mod people;
mod points;
mod restarts;
mod results;
mod server;
mod sizes;
mod trial;
mod webhooks;

/// Makes two tests, `sqlite` and `postgres`, of one `async fn(Engine)`.
macro_rules! on_both {
    ($name:ident, $run:expr) => {
        mod $name {
            use crate::support::Engine;

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn sqlite() {
                Box::pin($run(Engine::Sqlite)).await;
            }

            #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
            async fn postgres() {
                if Engine::Postgres.is_there() {
                    Box::pin($run(Engine::Postgres)).await;
                }
            }
        }
    };
}

on_both!(
    everything_answered_is_one_order_whenever_the_program_is_killed,
    crate::kills::run
);

on_both!(
    every_released_result_arrives_once_while_kombo_fails_half_of_all_calls,
    crate::results::run
);

on_both!(what_was_promised_holds_after_a_death_at_any_point, crate::points::run);

on_both!(nothing_comes_early_or_twice_while_the_clock_jumps, crate::clock::run);

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn postgresql_may_crash_while_webhooks_come_in() {
    Box::pin(restarts::run()).await;
}

mod a_full_disk_costs_nothing_that_was_answered {
    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn sqlite() {
        Box::pin(crate::full_disk::sqlite()).await;
    }

    #[tokio::test(flavor = "multi_thread", worker_threads = 2)]
    async fn postgres() {
        Box::pin(crate::full_disk::postgres()).await;
    }
}
