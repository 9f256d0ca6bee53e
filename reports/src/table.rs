//! Rows and columns, with a caption and the alignment of each column.

use askama::Template;

/// Columns of a table that needs less than the full width.
const SLIM: usize = 4;
/// Columns beyond which a table needs more than the full width at the usual size.
const USUAL: usize = 9;
/// Columns that a narrow screen has room for.
const STACKED: usize = 2;
/// Cells of a table that can be read as cards.
const MAX_STACKED_CELLS: usize = 200;

/// A table of text. The first column names the row.
#[derive(Clone, Debug, Default, Template)]
#[template(path = "table.html")]
pub(crate) struct Table {
    /// What it shows, one line.
    pub(crate) caption: String,
    /// Heads of the columns.
    pub(crate) columns: Vec<Column>,
    /// Rows, each as long as `columns`.
    pub(crate) rows: Vec<Row>,
    /// Rows that were left out of the page.
    pub(crate) left_out: usize,
}

/// Head of a column.
#[derive(Clone, Debug)]
pub(crate) struct Column {
    pub(crate) name: String,
    /// Numbers stand flush right.
    pub(crate) numeric: bool,
    /// The rows' bars are drawn below its figures.
    pub(crate) barred: bool,
}

/// One row; some are marked as a sum or as trouble.
#[derive(Clone, Debug, Default)]
pub(crate) struct Row {
    /// Class of the row: empty, `sum`, `bad`, or `trouble`, which marks its name alone.
    pub(crate) mark: &'static str,
    pub(crate) cells: Vec<String>,
    /// What stands below the row's name, a line each.
    pub(crate) notes: Vec<String>,
    /// Length of the row's bar, 0 to 100.
    pub(crate) bar: Option<f64>,
}

// === impl Table ===

impl Table {
    /// An empty table. Column names that begin with `#` are of numbers; the sign is not shown.
    pub(crate) fn new(caption: impl Into<String>, columns: &[impl AsRef<str>]) -> Self {
        let column = |name: &_| {
            let name: &str = AsRef::as_ref(name);
            let bare = name.strip_prefix('#');
            Column {
                name: bare.unwrap_or(name).to_owned(),
                numeric: bare.is_some(),
                barred: false,
            }
        };
        Self {
            caption: caption.into(),
            columns: columns.iter().map(column).collect(),
            ..Self::default()
        }
    }

    /// Adds a row.
    pub(crate) fn push(&mut self, cells: impl IntoIterator<Item = String>) -> &mut Row {
        self.push_marked("", cells)
    }

    /// Adds a row with a mark: `sum`, `bad` or `trouble`.
    pub(crate) fn push_marked(
        &mut self,
        mark: &'static str,
        cells: impl IntoIterator<Item = String>,
    ) -> &mut Row {
        let mut cells: Vec<String> = cells.into_iter().collect();
        cells.resize(self.columns.len(), String::new());
        self.rows.push(Row {
            mark,
            cells,
            ..Row::default()
        });
        self.rows.last_mut().expect("a row was just added")
    }

    /// Classes of the table.
    fn class(&self) -> String {
        let classes = [
            ("slim", self.is_slim()),
            ("stacked", self.is_stacked()),
            ("dense", self.columns.len() > USUAL),
        ];
        let own = classes.into_iter().filter(|&(_, is_own)| is_own);
        own.map(|(class, _)| class).collect::<Vec<_>>().join(" ")
    }

    /// Draws the rows' bars below the figures of the column with that name.
    pub(crate) fn bar(&mut self, column: &str) {
        for own in &mut self.columns {
            own.barred = own.name == column;
        }
    }

    /// True for names with a few numbers, which would stand too far apart over the full width.
    fn is_slim(&self) -> bool {
        self.columns.len() <= SLIM && self.columns.iter().skip(1).all(|column| column.numeric)
    }

    /// True for tables whose rows are cards on a narrow screen; long lists of figures are not, for
    /// they are compared down a column.
    fn is_stacked(&self) -> bool {
        let cells = self.rows.len() * self.columns.len();
        !self.is_slim() && self.columns.len() > STACKED && cells <= MAX_STACKED_CELLS
    }

    /// True where the page has nothing to show.
    pub(crate) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }
}

// === impl Row ===

impl Row {
    /// The row's name.
    pub(crate) fn head(&self) -> &str {
        self.cells.first().map_or("", String::as_str)
    }

    /// The cells behind the name.
    pub(crate) fn rest(&self) -> &[String] {
        self.cells.get(1..).unwrap_or_default()
    }
}
