//! What users do, without I/O: arrival processes and the questions asked.
