//! What is known about dual-write errors: aliases of entities, the grammar of messages, categories, causes.
