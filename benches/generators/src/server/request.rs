//! As much of HTTP/1.1 as it takes to see where a request ends.

use std::io;

/// Header lines of a request at most.
const MAX_HEADERS: usize = 32;

/// Bytes of the request that `buffer` begins with; none as long as it is not whole.
///
/// # Errors
/// Where it is no request, or its body has no length.
pub(super) fn length(buffer: &[u8]) -> io::Result<Option<usize>> {
    let mut headers = [httparse::EMPTY_HEADER; MAX_HEADERS];
    let mut request = httparse::Request::new(&mut headers);
    let broken = |why: &str| io::Error::new(io::ErrorKind::InvalidData, why);
    let head = match request.parse(buffer) {
        Ok(httparse::Status::Complete(head)) => head,
        Ok(httparse::Status::Partial) => return Ok(None),
        Err(_) => return Err(broken("no request")),
    };
    let length = request
        .headers
        .iter()
        .find(|header| header.name.eq_ignore_ascii_case("content-length"))
        .ok_or_else(|| broken("no length"))?;
    let body: usize = std::str::from_utf8(length.value)
        .ok()
        .and_then(|length| length.parse().ok())
        .ok_or_else(|| broken("a length that is no number"))?;
    let whole = head
        .checked_add(body)
        .ok_or_else(|| broken("a length beyond all"))?;
    Ok((buffer.len() >= whole).then_some(whole))
}

#[cfg(test)]
mod tests {
    use super::*;

    const REQUEST: &[u8] = b"POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabcPOST";

    #[test]
    fn a_request_ends_with_its_body() {
        let whole = REQUEST.len() - 4;
        for cut in 0..whole {
            assert_eq!(length(&REQUEST[..cut]).unwrap(), None, "{cut} bytes");
        }
        assert_eq!(length(REQUEST).unwrap(), Some(whole));
    }

    #[test]
    fn what_is_no_request_with_a_length_is_refused() {
        for bytes in [
            &b"\x01\x02\r\n\r\n"[..],
            b"POST / HTTP/1.1\r\n\r\n",
            b"POST / HTTP/1.1\r\ncontent-length: x\r\n\r\n",
        ] {
            assert!(length(bytes).is_err(), "{bytes:?}");
        }
    }
}
