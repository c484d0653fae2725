//! Builtin actions, run natively: one file each (`spec` runtime 5.7, 9.2).
