//! The contract of stores on real IndexedDB in a worker, and what that store has beyond it: schema, other tabs, the
//! ways in which a browser fails.
//!
//! `wasm-pack test --headless --chrome -- --test store_web`
#![cfg(target_family = "wasm")]
#![allow(clippy::unwrap_used, reason = "the helpers of tests are tests too")]

#[path = "stored/answers.rs"]
mod answers;
#[path = "store_web/blobs.rs"]
mod blobs;
#[path = "store_web/browser.rs"]
mod browser;
mod contract;
#[path = "store_web/old.rs"]
mod old;
#[path = "store_web/raw.rs"]
mod raw;
#[path = "store_web/schema.rs"]
mod schema;
#[path = "store_web/writes.rs"]
mod writes;

use wasm_bindgen_test::{wasm_bindgen_test, wasm_bindgen_test_configure};

use browser::Browser;

wasm_bindgen_test_configure!(run_in_dedicated_worker);

macro_rules! run {
    ($($case:ident),* $(,)?) => {
        $(
            #[wasm_bindgen_test]
            async fn $case() {
                let browser = Browser::new(stringify!($case)).await;
                contract::$case(&browser).await;
                browser.end().await;
            }
        )*
    };
}
contract::for_each_case!(run);
