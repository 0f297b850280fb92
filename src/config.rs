//! Every setting: name, default, check, and the sentence that says how to mend it. The only reader of the environment.
