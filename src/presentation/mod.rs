//! Pure view logic: viewport, selection, labels, formats, keys.
