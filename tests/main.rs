//! The integration tests, in one binary: building one links the program once.

mod findings;
