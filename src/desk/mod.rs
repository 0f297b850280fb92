//! The staff's screens, one file each, thin: read the request, call an action or a store read, render.
