//! One folder a screen: its state, what commands do to it, and how it is drawn. A screen is a folder, a line here
//! and its place in `core::model::Screen`.

pub mod approval;
pub mod findings;
pub mod incident;
pub mod overlay;
pub mod page;
pub mod review;
pub mod runbooks;
pub mod search;
pub mod sessions;
pub mod text;
