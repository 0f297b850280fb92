//! Why an action did not happen.

use crate::store;

/// Why an action did not happen. Nothing was changed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// There is no such thing, or the viewer may not see it.
    #[error("there is no such thing")]
    NotFound,
    /// It cannot be done as things stand; the sentence is for the person who tried.
    #[error("{0}")]
    Refused(String),
    /// The store failed, or somebody else was faster ([`store::Error::Changed`]).
    #[error(transparent)]
    Store(#[from] store::Error),
}

impl Error {
    /// It cannot be done as things stand, and why.
    pub fn refused(why: impl Into<String>) -> Self {
        Self::Refused(why.into())
    }
}

impl From<store::vault::Error> for Error {
    fn from(error: store::vault::Error) -> Self {
        Self::Store(error.into())
    }
}
