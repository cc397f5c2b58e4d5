//! What the reader makes of whole documents, and of what the writers write.

mod differential;
mod golden;
mod round_trip;
