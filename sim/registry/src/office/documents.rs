//! Signed documents that people hand in: kept, not judged.

use super::Refusal;

/// Largest one, in characters of base64.
const MAX_DOCUMENT: usize = 700_000;
/// What fills base64 up, at most.
const MAX_PADDING: usize = 2;

/// Refuses what is no document at all: nothing, too much, or no base64.
pub(super) fn check(document: &str) -> Result<(), Refusal> {
    let data = document.trim_end_matches('=');
    let is_base64 = !data.is_empty()
        && document.len() - data.len() <= MAX_PADDING
        && data
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/'));
    if !is_base64 || document.len() > MAX_DOCUMENT {
        return Err(Refusal::Malformed(
            "the signed document is missing, too large or not base64".to_owned(),
        ));
    }
    Ok(())
}
