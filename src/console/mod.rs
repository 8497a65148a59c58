//! The only room that draws: the machine, its screens, what they are drawn with, and the shell around them.

pub mod core;
pub mod screens;
pub mod widgets;
