use bytes::{Bytes, BytesMut};

use super::{Framing, RequestHead, cut};

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
