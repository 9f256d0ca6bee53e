//! A run record in, a page for people out.
