//! What desk and public share: errors into answers, extractors, page frame, assets, headers, filters.
