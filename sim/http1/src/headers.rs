//! Header lines as they came.

use bytes::Bytes;

/// The header lines of a message, in their order and case; slices of the head they came in.
#[derive(Clone, Debug, Default)]
pub struct Headers {
    text: Bytes,
    lines: Vec<Line>,
}

/// Where one line's name and value stand.
#[derive(Clone, Copy, Debug)]
struct Line {
    name: Span,
    value: Span,
}

/// Positions in a head, which is far shorter than 4 GiB.
#[derive(Clone, Copy, Debug)]
struct Span {
    start: u32,
    end: u32,
}

// === impl Headers ===

impl Headers {
    /// The lines that `parsed` found in `text`; none where one does not lie in it.
    pub(crate) fn within(text: &Bytes, parsed: &[httparse::Header<'_>]) -> Option<Self> {
        let lines = parsed
            .iter()
            .map(|header| {
                Some(Line {
                    name: Span::of(text, header.name.as_bytes())?,
                    value: Span::of(text, header.value)?,
                })
            })
            .collect::<Option<Vec<_>>>()?;
        Some(Self {
            text: text.clone(),
            lines,
        })
    }

    /// As if these names and values had come.
    #[must_use]
    pub fn of(lines: &[(&str, &[u8])]) -> Self {
        let mut text = Vec::new();
        let mut put = |part: &[u8]| {
            let start = text.len() as u32;
            text.extend_from_slice(part);
            let end = text.len() as u32;
            Span { start, end }
        };
        let lines = lines.iter().map(|(name, value)| Line {
            name: put(name.as_bytes()),
            value: put(value),
        });
        Self {
            lines: lines.collect(),
            text: text.into(),
        }
    }

    /// Names and values, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.lines.iter().map(|line| {
            let name = std::str::from_utf8(line.name.slice(&self.text)).unwrap_or_default();
            (name, line.value.slice(&self.text))
        })
    }

    /// The value of the first header of this name, however it is written.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&[u8]> {
        let mut lines = self.iter();
        let found = lines.find(|(found, _)| found.eq_ignore_ascii_case(name));
        found.map(|(_, value)| value)
    }

    /// As [`Self::get`], where it is UTF-8.
    #[must_use]
    pub fn text(&self, name: &str) -> Option<&str> {
        std::str::from_utf8(self.get(name)?).ok()
    }

    /// The values of every header of this name, in order.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a [u8]> {
        self.iter()
            .filter(move |(found, _)| found.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
    }

    /// Bytes of all names and values together.
    #[must_use]
    pub fn bytes(&self) -> usize {
        self.lines
            .iter()
            .map(|line| line.name.len() + line.value.len())
            .sum()
    }
}

// === impl Span ===

impl Span {
    /// Where `part`, a slice of `whole`, stands in it.
    fn of(whole: &[u8], part: &[u8]) -> Option<Self> {
        if part.is_empty() {
            return Some(Self { start: 0, end: 0 });
        }
        let start = part.as_ptr().addr().checked_sub(whole.as_ptr().addr())?;
        let end = start + part.len();
        if end > whole.len() {
            return None;
        }
        Some(Self {
            start: u32::try_from(start).ok()?,
            end: u32::try_from(end).ok()?,
        })
    }

    const fn len(self) -> usize {
        (self.end - self.start) as usize
    }

    fn slice(self, whole: &[u8]) -> &[u8] {
        &whole[self.start as usize..self.end as usize]
    }
}
