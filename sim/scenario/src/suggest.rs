//! "Did you mean": the known name that a misspelt one is nearest to.

/// Longer texts are no slips of names, and slow to compare.
const MAX_COMPARED_BYTES: usize = 200;

/// The nearest of `known` to `written`, as a hint, if it is near enough to be a slip.
pub(crate) fn did_you_mean<'a>(
    written: &str,
    known: impl IntoIterator<Item = &'a str>,
) -> Option<String> {
    if written.len() > MAX_COMPARED_BYTES {
        return None;
    }
    let plain = normal_form(written);
    let near = known
        .into_iter()
        .map(|name| (strsim::osa_distance(&plain, &normal_form(name)), name))
        .min_by_key(|(distance, _)| *distance);
    // A third of the letters wrong is still a slip; more is another word.
    let tolerance = plain.chars().count().max(3) / 3;
    near.filter(|(distance, _)| *distance <= tolerance)
        .map(|(_, name)| format!("did you mean `{name}`?"))
}

/// Capitals and the sort of hyphen are no difference at all.
fn normal_form(name: &str) -> String {
    name.to_lowercase().replace(['_', ' '], "-")
}

/// `known` as a list for people: `` `a`, `b` or `c` ``.
pub(crate) fn one_of<'a>(known: impl IntoIterator<Item = &'a str>) -> String {
    let quoted: Vec<String> = known.into_iter().map(|name| format!("`{name}`")).collect();
    match quoted.split_last() {
        None => "nothing".to_owned(),
        Some((only, [])) => only.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [&str; 4] = ["people", "deceased", "id-scheme", "max-in-flight"];

    fn check(written: &str, expected: Option<&str>) {
        let hint = expected.map(|name| format!("did you mean `{name}`?"));
        assert_eq!(did_you_mean(written, KEYS), hint, "{written}");
    }

    #[test]
    fn slips_are_recognised() {
        check("poeple", Some("people"));
        check("decesed", Some("deceased"));
        check("id_scheme", Some("id-scheme"));
        check("ID-Scheme", Some("id-scheme"));
        check("max in flight", Some("max-in-flight"));
    }

    #[test]
    fn other_words_are_not() {
        check("horses", None);
        check("x", None);
        check("", None);
        assert_eq!(did_you_mean("people", []), None);
    }

    #[test]
    fn lists_read_as_sentences() {
        assert_eq!(one_of([]), "nothing");
        assert_eq!(one_of(["a"]), "`a`");
        assert_eq!(one_of(["a", "b", "c"]), "`a`, `b` or `c`");
    }
}
