//! The machine: inputs in, records and effects out. No I/O, no clock, no drawing.

pub mod active;
pub mod answer;
mod approve;
pub mod arrive;
pub mod command;
pub mod confirm;
pub mod drafts;
mod editor;
pub mod effect;
mod entity;
pub mod follow;
pub mod input;
pub mod key;
pub mod keymap;
mod lookup;
pub mod model;
mod naming;
pub mod palette;
pub mod planned;
pub mod prompt;
mod strike;
mod unsaved;
pub mod update;
pub mod withhold;
pub mod witness;
