//! Who carries a request out.
