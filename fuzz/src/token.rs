//! Answers of token endpoints.

pub use icf_http::fuzzing::token_answer as run;
