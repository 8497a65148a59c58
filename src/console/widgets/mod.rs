//! What screens are drawn with. Everything takes values and an area; nothing here knows the model.

pub mod dialog;
pub mod look;
pub mod paint;
