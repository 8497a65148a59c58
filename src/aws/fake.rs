//! An AWS that answers what a test tells it to.
