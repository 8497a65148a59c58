//! All integration tests in one program: linking it once is quicker than linking many.

mod timeline;
