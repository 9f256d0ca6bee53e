//! Tests of the comparison as its callers see it: from run records to the verdict.

mod fixture;
mod folders;
mod recorded;
mod verdicts;
