//! The documented texts: each is a cause of its own, or rightly one with another; the fixture says why.
