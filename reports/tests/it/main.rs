//! Tests of the page.

mod fixture;
