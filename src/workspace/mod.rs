//! The application over its ports: commands, queries, the runner, recovery.
