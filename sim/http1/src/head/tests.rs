//! Where a head ends, and what it says.

use bytes::{Bytes, BytesMut};

use super::{Framing, HeadError, RequestHead, cut};

#[test]
fn a_head_is_cut_off_once_it_is_whole() {
    let mut buffer =
        BytesMut::from(&b"\r\nPOST /x?y HTTP/1.1\r\nHost: h\r\ncontent-length: 2\r"[..]);
    let mut searched = 0;
    assert_eq!(cut(&mut buffer, &mut searched).unwrap(), None);
    buffer.extend_from_slice(b"\n\r\nab");
    let text = cut(&mut buffer, &mut searched).unwrap().unwrap();
    assert_eq!(buffer, Bytes::from_static(b"ab"));
    let head = RequestHead::parse(&text).unwrap();
    assert_eq!((head.path(), head.query()), ("/x", Some("y")));
    assert_eq!(head.framing, Framing::Length(2));
    assert_eq!(head.headers.iter().next(), Some(("Host", &b"h"[..])));
}

#[test]
fn a_bare_line_feed_is_refused_before_the_head_is_whole() {
    for pieces in [
        &["GET / HTTP/1.1\n"][..],
        &["GET / HTTP/1.1", "\n"],
        &["GET / HTTP/1.1\r\na: b", "\n\r\n"],
        &["\r", "\n\n"],
        &["\n"],
    ] {
        let (last, first) = pieces.split_last().unwrap();
        let (mut buffer, mut searched) = (BytesMut::new(), 0);
        for piece in first {
            buffer.extend_from_slice(piece.as_bytes());
            assert_eq!(cut(&mut buffer, &mut searched), Ok(None));
        }
        buffer.extend_from_slice(last.as_bytes());
        let refused = HeadError::Malformed("a line does not end in CR and LF");
        assert_eq!(cut(&mut buffer, &mut searched), Err(refused), "{pieces:?}");
    }
}

#[test]
fn what_follows_a_head_stays_in_the_buffer() {
    let mut buffer = BytesMut::from(&b"GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\nGET"[..]);
    let mut searched = 0;
    for target in ["/1", "/2"] {
        let text = cut(&mut buffer, &mut searched).unwrap().unwrap();
        assert_eq!(RequestHead::parse(&text).unwrap().target, target);
    }
    assert_eq!(cut(&mut buffer, &mut searched), Ok(None));
    assert_eq!(buffer, Bytes::from_static(b"GET"));
}
