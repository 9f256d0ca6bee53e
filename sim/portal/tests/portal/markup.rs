//! A page's tags, as far as tests look at them. It reads what this portal writes, and no more.

use std::collections::BTreeMap;

/// One opening tag.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) attributes: BTreeMap<String, String>,
    /// What stands between it and its closing tag, without tags; empty where it has none.
    pub(crate) text: String,
    /// Names of the elements around it, the outermost first.
    pub(crate) within: Vec<String>,
}

/// Elements without an end.
const VOID: [&str; 5] = ["input", "meta", "link", "br", "img"];

impl Tag {
    pub(crate) fn get(&self, attribute: &str) -> Option<&str> {
        self.attributes.get(attribute).map(String::as_str)
    }

    pub(crate) fn is_within(&self, name: &str) -> bool {
        self.within.iter().any(|around| around == name)
    }
}

/// The tags of a page in their order.
///
/// # Panics
/// Where elements are not closed in order.
pub(crate) fn tags(page: &str) -> Vec<Tag> {
    let mut tags: Vec<Tag> = Vec::new();
    let mut open: Vec<usize> = Vec::new();
    let mut rest = page;
    while let Some((text, from)) = rest.split_once('<') {
        for index in &open {
            tags[*index].text.push_str(text);
        }
        let end = end_of(from);
        let (inside, after) = (&from[..end], &from[end + 1..]);
        rest = after;
        if inside.starts_with('!') {
            continue;
        }
        if let Some(name) = inside.strip_prefix('/') {
            let index = open
                .pop()
                .unwrap_or_else(|| panic!("</{name}> closes nothing"));
            assert_eq!(tags[index].name, name.trim(), "closed in another order");
            continue;
        }
        let mut tag = parsed(inside.trim_end_matches('/'));
        tag.within = open.iter().map(|index| tags[*index].name.clone()).collect();
        if !VOID.contains(&tag.name.as_str()) && !inside.ends_with('/') {
            open.push(tags.len());
        }
        tags.push(tag);
    }
    assert!(open.is_empty(), "not closed: {:?}", tags[open[0]]);
    tags
}

/// Where a tag ends: at the first `>` outside of quotes.
fn end_of(from: &str) -> usize {
    let mut is_quoted = false;
    let end = from.find(|character| {
        is_quoted ^= character == '"';
        character == '>' && !is_quoted
    });
    end.unwrap_or_else(|| panic!("a tag without an end: {from}"))
}

fn parsed(inside: &str) -> Tag {
    let (name, mut rest) = inside
        .split_once(char::is_whitespace)
        .unwrap_or((inside, ""));
    let mut attributes = BTreeMap::new();
    loop {
        rest = rest.trim_start();
        let end = rest
            .find(|character: char| character == '=' || character.is_whitespace())
            .unwrap_or(rest.len());
        if end == 0 {
            break;
        }
        let attribute = rest[..end].to_owned();
        rest = &rest[end..];
        let mut value = String::new();
        if let Some(quoted) = rest.strip_prefix("=\"") {
            let (text, after) = quoted.split_once('"').unwrap();
            value = text.to_owned();
            rest = after;
        } else {
            assert!(!rest.starts_with('='), "a value without quotes: {inside}");
        }
        assert_eq!(attributes.insert(attribute, value), None, "{inside}");
    }
    Tag {
        name: name.to_owned(),
        attributes,
        ..Tag::default()
    }
}
