//! JSON as a request writes it: read strictly, with a path to every part.

pub mod case;
pub mod locate;
pub mod path;
pub mod strict;
pub mod text;
