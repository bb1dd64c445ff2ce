//! An admission request, and the verdict on it.

pub mod request;
pub mod user;
pub mod verdict;
