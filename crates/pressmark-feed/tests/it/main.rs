//! What the reader makes of whole documents, and of what the writers write.

mod round_trip;
