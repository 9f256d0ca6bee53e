//! Parts of a page, for snapshots.

/// The page of a record.
#[track_caller]
pub(crate) fn page(record: &sim_metrics::RunRecord) -> String {
    reports::html(record).expect("every record has a page")
}

/// The words of the element with that ID, a line for each text and each row of a table; pictures are left out, apart from
/// the words that stand for them.
#[track_caller]
pub(crate) fn words(page: &str, id: &str) -> String {
    let at = page
        .find(&format!("id=\"{id}\""))
        .expect("the page has that part");
    let part = &page[at..];
    let end = part
        .find("</section>")
        .or_else(|| part.find("</footer>"))
        .expect("parts end");
    let body = part[..end]
        .split_once('>')
        .expect("the element's tag ends")
        .1;
    let mut lines: Vec<String> = Vec::new();
    let mut after_row = false;
    for piece in body.split('<') {
        // Each piece is a tag and the text behind it.
        let (tag, text) = piece.split_once('>').unwrap_or(("", piece));
        after_row |= tag == "tr" || tag.starts_with("tr ");
        if !tag.starts_with("text ") && !text.trim().is_empty() {
            let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
            let starts_row = lines.last().is_none() || after_row;
            match lines.last_mut() {
                Some(row) if !starts_row && is_cell(tag) => {
                    row.push_str(" | ");
                    row.push_str(&text);
                }
                _ => lines.push(text),
            }
            after_row = false;
        }
    }
    lines.join("\n")
}

fn is_cell(tag: &str) -> bool {
    ["td", "th"]
        .into_iter()
        .any(|cell| tag == cell || tag.starts_with(&format!("{cell} ")))
}
