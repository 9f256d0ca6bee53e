//! Diagnostics as plain text: the message, the place, the line with a caret, the help.

use std::fmt::{Display, Formatter, Result};

use super::{Diagnostic, Diagnostics, MAX_LISTED, Span};

/// Characters of a source line that are shown at most.
const MAX_LINE_WIDTH: usize = 100;
/// Characters before the problem that a cropped line still shows.
const CONTEXT_WIDTH: usize = 40;

impl Display for Diagnostics {
    fn fmt(&self, f: &mut Formatter<'_>) -> Result {
        for problem in self.problems.iter().take(MAX_LISTED) {
            write_problem(f, &self.file, problem)?;
        }
        let count = self.count();
        if count > MAX_LISTED {
            writeln!(f, "… and {} more\n", count - MAX_LISTED)?;
        }
        let noun = if count == 1 { "error" } else { "errors" };
        write!(f, "{count} {noun} in {}", self.file)
    }
}

fn write_problem(f: &mut Formatter<'_>, file: &str, problem: &Diagnostic) -> Result {
    writeln!(f, "error: {}", printable(&problem.message))?;
    let margin = match problem.span {
        Some(span) => {
            let number = span.line.to_string();
            writeln!(
                f,
                "{:width$}--> {file}:{}:{}",
                "",
                span.line,
                span.column,
                width = number.len()
            )?;
            write_line(f, &number, span, &problem.source_line)?;
            number.len()
        }
        None => {
            writeln!(f, " --> {file}")?;
            1
        }
    };
    for help in &problem.help {
        writeln!(f, "{:margin$} = {}", "", printable(help))?;
    }
    writeln!(f)
}

/// The source line, cropped around the problem, with carets below it.
fn write_line(f: &mut Formatter<'_>, number: &str, span: Span, line: &str) -> Result {
    let blank = " ".repeat(number.len());
    let characters: Vec<char> = printable(line).chars().collect();
    let column = (span.column - 1).min(characters.len());
    let start = if characters.len() > MAX_LINE_WIDTH {
        column.saturating_sub(CONTEXT_WIDTH)
    } else {
        0
    };
    let end = characters.len().min(start + MAX_LINE_WIDTH);
    let before = if start > 0 { "…" } else { "" };
    let after = if end < characters.len() { "…" } else { "" };
    let shown: String = characters[start..end].iter().collect();
    let indent = column - start + before.chars().count();
    let carets = span.length.clamp(1, (end - column).max(1));
    writeln!(f, "{blank} |")?;
    writeln!(f, "{number} | {before}{shown}{after}")?;
    writeln!(f, "{blank} | {}{}", " ".repeat(indent), "^".repeat(carets))
}

/// One character for one: a tab becomes a space, and control characters, which could steer a
/// terminal, become the replacement character.
fn printable(text: &str) -> String {
    let visible = |c: char| match c {
        '\t' => ' ',
        c if c.is_control() => char::REPLACEMENT_CHARACTER,
        c => c,
    };
    text.chars().map(visible).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostics::{ProblemKind, Report};

    fn shown(text: &str, span: Span) -> String {
        let mut report = Report::new(text);
        report
            .add(Diagnostic::new(ProblemKind::BadValue, Some(span), "no good").help("accepted: 1"));
        report.into_diagnostics("file.yaml").to_string()
    }

    #[test]
    fn the_caret_stands_below_the_problem() {
        let text = shown(
            "a: 1\nb:\tõx\n",
            Span {
                line: 2,
                column: 4,
                length: 2,
            },
        );
        let expected = "\
error: no good
 --> file.yaml:2:4
  |
2 | b: õx
  |    ^^
  = accepted: 1

1 error in file.yaml";
        assert_eq!(text, expected);
    }

    #[test]
    fn a_long_line_is_cropped_around_the_problem() {
        let line = format!("{}BAD{}", "a".repeat(500), "b".repeat(500));
        let text = shown(
            &line,
            Span {
                line: 1,
                column: 501,
                length: 3,
            },
        );
        let rows: Vec<&str> = text.lines().collect();
        let at = |row: &str, c: char| row.chars().position(|found| found == c);
        assert_eq!(at(rows[3], 'B'), at(rows[4], '^'));
        assert!(rows[3].chars().count() < 120, "{}", rows[3]);
    }

    #[test]
    fn escape_sequences_do_not_reach_the_terminal() {
        let text = shown(
            "a: \u{1b}[2J",
            Span {
                line: 1,
                column: 4,
                length: 1,
            },
        );
        assert!(!text.contains('\u{1b}'));
    }

    #[test]
    fn a_span_beyond_the_line_still_has_a_caret() {
        let text = shown(
            "abc",
            Span {
                line: 1,
                column: 40,
                length: 9,
            },
        );
        assert!(text.contains("|    ^\n"), "{text}");
    }

    #[test]
    fn many_problems_are_listed_up_to_a_limit() {
        let mut report = Report::new("");
        for index in 0..MAX_LISTED + 7 {
            report.add(Diagnostic::new(
                ProblemKind::Conflict,
                None,
                format!("problem {index}."),
            ));
        }
        let text = report.into_diagnostics("x.yaml").to_string();
        assert_eq!(text.matches("error: problem").count(), MAX_LISTED);
        assert!(text.contains("… and 7 more"));
        assert!(text.ends_with("57 errors in x.yaml"));
    }
}
