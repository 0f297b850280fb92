//! Every SQL statement; both engines behind one face.
