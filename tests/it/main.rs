//! The one integration test binary.

mod ranking;
