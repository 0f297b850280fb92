//! The practice Kombo and its make-believe ATS.
