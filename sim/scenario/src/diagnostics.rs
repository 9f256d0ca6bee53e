//! What is wrong with a scenario file, where, and what would be accepted.
//!
//! A [`Diagnostics`] holds every problem of one file. `Display` shows them as plain text, without
//! colour; whoever wants another form reads the fields.

mod display;

use std::collections::BTreeMap;
use std::error::Error;
use std::sync::Arc;

/// Problems shown one by one; of the rest only the number is told.
pub const MAX_LISTED: usize = 50;
/// Problems kept of one file; the rest is only counted.
pub const MAX_KEPT: usize = 1_000;
/// Longest message or hint, in characters: a file may hold a name of a million letters.
const MAX_FRAGMENT_CHARACTERS: usize = 400;

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
    pub source_line: Arc<str>,
}

/// All problems of one file, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostics {
    file: String,
    problems: Vec<Diagnostic>,
    omitted: usize,
}

// === impl Diagnostic ===

impl Diagnostic {
    /// A problem at `span`; its source line is filled in by the [`Report`].
    pub(crate) fn new(kind: ProblemKind, span: Option<Span>, message: impl Into<String>) -> Self {
        Self {
            kind,
            span,
            message: shortened(message.into()),
            help: Vec::new(),
            source_line: Arc::default(),
        }
    }

    /// The same problem with one more hint.
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(shortened(help.into()));
        self
    }

    /// The same problem, with a hint if there is one.
    pub(crate) fn maybe_help(self, help: Option<String>) -> Self {
        match help {
            Some(help) => self.help(help),
            None => self,
        }
    }
}

fn shortened(text: String) -> String {
    match text.char_indices().nth(MAX_FRAGMENT_CHARACTERS) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

// === impl Diagnostics ===

impl Diagnostics {
    /// The one problem of `file` as a whole.
    pub(crate) fn of_file(file: &str, problem: Diagnostic) -> Self {
        Self {
            file: file.to_owned(),
            problems: vec![problem],
            omitted: 0,
        }
    }

    /// The file's name as it was given.
    #[must_use]
    pub fn file(&self) -> &str {
        &self.file
    }

    /// The problems, in the order of the file: at least one, at most [`MAX_KEPT`].
    #[must_use]
    pub fn problems(&self) -> &[Diagnostic] {
        &self.problems
    }

    /// How many problems there are, including those beyond [`MAX_KEPT`].
    #[must_use]
    pub const fn count(&self) -> usize {
        self.problems.len() + self.omitted
    }
}

impl Error for Diagnostics {}

/// Collects problems while a file is being read.
#[derive(Debug)]
pub(crate) struct Report<'a> {
    lines: Vec<&'a str>,
    /// Lines that problems point at, shared between them.
    quoted: BTreeMap<usize, Arc<str>>,
    problems: Vec<Diagnostic>,
    omitted: usize,
}

// === impl Report ===

impl<'a> Report<'a> {
    pub(crate) fn new(text: &'a str) -> Self {
        let lines = text.lines().collect();
        Self {
            lines,
            quoted: BTreeMap::new(),
            problems: Vec::new(),
            omitted: 0,
        }
    }

    pub(crate) fn add(&mut self, mut problem: Diagnostic) {
        if self.problems.len() == MAX_KEPT {
            self.omitted += 1;
            return;
        }
        if let Some(span) = problem.span {
            let lines = &self.lines;
            let line = || {
                lines
                    .get(span.line.saturating_sub(1))
                    .map_or_else(Arc::default, |line| Arc::from(*line))
            };
            problem.source_line = Arc::clone(self.quoted.entry(span.line).or_insert_with(line));
        }
        self.problems.push(problem);
    }

    /// How many problems there are so far.
    pub(crate) const fn count(&self) -> usize {
        self.problems.len() + self.omitted
    }

    pub(crate) const fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }

    /// What was collected, sorted by place.
    pub(crate) fn into_diagnostics(mut self, file: &str) -> Diagnostics {
        self.problems.sort_by_key(|problem| problem.span);
        Diagnostics {
            file: file.to_owned(),
            problems: self.problems,
            omitted: self.omitted,
        }
    }
}
