//! Realistic dumps, deterministic by seed.
