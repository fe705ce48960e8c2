//! What crosses from the page to the engine and back: calls, answers, events, problems.
