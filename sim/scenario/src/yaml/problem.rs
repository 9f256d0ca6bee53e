//! What is wrong where a text is no YAML, or more YAML than a scenario may hold.

use std::borrow::Cow;

use serde_saphyr::{Error, Location, MessageFormatter, UserMessageFormatter};

use super::{MAX_ALIASES, MAX_DEPTH, MAX_VALUES, span_of};
use crate::diagnostics::{Diagnostic, ProblemKind, Span};

/// The problem that `error` tells of.
pub(super) fn syntax_problem(text: &str, error: &Error) -> Diagnostic {
    let error = error.without_snippet();
    let place = error
        .location()
        .filter(|location| *location != Location::UNKNOWN);
    let span = place.map(|location| Span {
        length: 1,
        ..span_of(location)
    });
    let message: Cow<'_, str> = UserMessageFormatter.format_message(error);
    if exceeds_a_limit(error) || message.contains("recursion limit") {
        let message = "the file nests too deep, or its aliases stand for too much";
        return Diagnostic::new(ProblemKind::Syntax, span, message).help(format!(
            "accepted: {MAX_DEPTH} maps and lists inside each other, {MAX_ALIASES} aliases, \
             {MAX_VALUES} values"
        ));
    }
    Diagnostic::new(ProblemKind::Syntax, span, message).help(syntax_help(text, span))
}

fn exceeds_a_limit(error: &Error) -> bool {
    match error {
        Error::AliasError { error, .. } => exceeds_a_limit(error),
        Error::Budget { .. }
        | Error::AliasReplayCounterOverflow { .. }
        | Error::AliasReplayLimitExceeded { .. }
        | Error::AliasExpansionLimitExceeded { .. }
        | Error::AliasReplayStackDepthExceeded { .. } => true,
        _ => false,
    }
}

/// A hint for mistakes that YAML itself words badly.
fn syntax_help(text: &str, span: Option<Span>) -> String {
    // YAML often notices a mistake one line late or early.
    let number = span.map_or(1, |span| span.line);
    let near = |line: &usize| (number.saturating_sub(1)..=number + 1).contains(line);
    let lines = || {
        (1..)
            .zip(text.lines())
            .filter(|(line, _)| near(line))
            .map(|(_, text)| text)
    };
    let begins_a_block = |line: &str| {
        let value = line
            .split_once(": ")
            .map_or("", |(_, value)| value.trim_start());
        value.starts_with('>')
    };
    if lines().any(begins_a_block) {
        return "in YAML `>` begins a block of text: write `above` or `at least`".to_owned();
    }
    if lines().any(|line| line.trim_start_matches(' ').starts_with('\t')) {
        return "YAML is indented with spaces, not tabs".to_owned();
    }
    "look for an indentation, bracket, colon or quote that is wrong, here or a line before"
        .to_owned()
}
