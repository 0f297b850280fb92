//! Start and stop: the router, the workers, the listener.
