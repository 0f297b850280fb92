//! Changes become hints for open pages.
