//! Tests of `time_stamp`.
