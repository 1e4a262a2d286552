//! For authors of connectors: the contract that every connector must keep, as a suite to run in a test, and receivers
//! that collect what a connector delivers.
//!
//! ```ignore
//! #[tokio::test]
//! async fn the_contract_is_kept() {
//!     let sample = Sample::new(ObjectClass::ACCOUNT, |n| AttributeSet::new().with(Attribute::single("__NAME__", format!("user{n}"))));
//!     Contract::new(registration(), properties(), sample)
//!         .exempt(Check::UnknownAttributeInCreate, "the format drops columns it does not have")
//!         .run()
//!         .await
//!         .assert_kept();
//! }
//! ```

mod collect;
mod contract;
#[cfg(feature = "http")]
pub mod http;

pub use collect::{Collector, Found, search, sync};
pub use contract::{Check, Contract, Outcome, Report, Sample};
