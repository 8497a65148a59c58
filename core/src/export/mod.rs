//! stub
pub mod markdown;
