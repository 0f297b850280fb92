//! Customers and their settings.
