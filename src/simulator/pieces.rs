//! A body that comes in pieces, and may break off.

use hyper::body::{Body, Bytes, Frame};
use std::collections::VecDeque;
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// How much comes at once, in bytes.
const PIECE: usize = 700;

/// A body in pieces.
pub(super) struct Pieces {
    pieces: VecDeque<io::Result<Bytes>>,
    /// The break has been held back once, so that a server sends what came before it.
    paused: bool,
}

impl Pieces {
    /// The whole body, or one that breaks off after so many bytes.
    pub fn new(body: &[u8], until: Option<usize>) -> Self {
        let kept = until.and_then(|n| body.get(..n)).unwrap_or(body);
        let mut pieces: VecDeque<_> = kept.chunks(PIECE).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        if until.is_some() {
            pieces.push_back(Err(io::ErrorKind::UnexpectedEof.into()));
        }
        Self { pieces, paused: false }
    }
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if matches!(self.pieces.front(), Some(Err(_))) && !self.paused {
            self.paused = true;
            context.waker().wake_by_ref();
            return Poll::Pending;
        }
        Poll::Ready(self.pieces.pop_front().map(|piece| piece.map(Frame::data)))
    }
}
