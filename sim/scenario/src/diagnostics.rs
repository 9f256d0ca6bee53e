//! What is wrong with a scenario file, where, and what would be accepted.
//!
//! A [`Diagnostics`] holds every problem of one file. `Display` shows them as plain text, without
//! colour; whoever wants another form reads the fields.

mod display;

use std::error::Error;

/// Problems listed one by one; of the rest only the number is told.
pub const MAX_LISTED: usize = 50;

/// A place in a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// Length in characters; 0 where only the beginning is known.
    pub length: usize,
}

/// What sort of problem it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProblemKind {
    /// The file cannot be read, is too large or is not UTF-8.
    Unreadable,
    /// The text is no YAML, or YAML beyond what a scenario may use.
    Syntax,
    /// A key that no scenario has at this place.
    UnknownKey,
    /// A key that a scenario must have at this place.
    MissingKey,
    /// A value that does not have the right form, unit or range.
    BadValue,
    /// A name that nothing in the file bears.
    UnknownReference,
    /// A key, name or code that occurs twice.
    Duplicate,
    /// Two parts of the file that contradict each other.
    Conflict,
}

/// One problem.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// What sort of problem it is.
    pub kind: ProblemKind,
    /// Where it is; `None` when it concerns the whole file.
    pub span: Option<Span>,
    /// What is wrong, as a lower-case fragment.
    pub message: String,
    /// What would be accepted, and what else helps; a fragment each.
    pub help: Vec<String>,
    /// The line as it stands in the file; empty without a span.
    pub source_line: String,
}

/// All problems of one file, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics {
    file: String,
    problems: Vec<Diagnostic>,
}

// === impl Diagnostic ===

impl Diagnostic {
    /// A problem at `span`; its source line is filled in by the [`Report`].
    pub(crate) fn new(kind: ProblemKind, span: Option<Span>, message: impl Into<String>) -> Self {
        Self {
            kind,
            span,
            message: message.into(),
            help: Vec::new(),
            source_line: String::new(),
        }
    }

    /// The same problem with one more hint.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// The same problem, with a hint if there is one.
    pub(crate) fn maybe_help(mut self, help: Option<String>) -> Self {
        self.help.extend(help);
        self
    }
}

// === impl Diagnostics ===

impl Diagnostics {
    /// Problems of `file`, sorted by place.
    pub(crate) fn new(file: &str, mut problems: Vec<Diagnostic>) -> Self {
        problems.sort_by_key(|problem| problem.span);
        Self {
            file: file.to_owned(),
            problems,
        }
    }

    /// The file's name as it was given.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The problems, in the order of the file; at least one.
    #[must_use]
    pub fn problems(&self) -> &[Diagnostic] {
        &self.problems
    }
}

impl Error for Diagnostics {}

/// Collects problems while a file is being read.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    lines: Vec<&'a str>,
    problems: Vec<Diagnostic>,
}

// === impl Report ===

impl<'a> Report<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        Self {
            lines: text.lines().collect(),
            problems: Vec::new(),
        }
    }

    pub(crate) fn add(&mut self, mut problem: Diagnostic) {
        if let Some(span) = problem.span {
            let line = self.lines.get(span.line.saturating_sub(1)).copied();
            problem.source_line = line.unwrap_or_default().to_owned();
        }
        self.problems.push(problem);
    }

    pub(crate) fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    pub(crate) fn into_diagnostics(self, file: &str) -> Diagnostics {
        Diagnostics::new(file, self.problems)
    }
}
