//! A message between security servers: parts to multipart body, and back.

use bytes::Bytes;
use sim_security_server::bench::{Received, Request, Written};

use crate::exchange;
use crate::hash_tree::Batch;

/// Messages of the batch that the message is from.
const BATCH: usize = 64;

/// One request, before it is written and as it comes in.
pub struct Multipart {
    request: Request,
    request_id: String,
    received: Received,
}

impl Multipart {
    /// Prepares the first request of a batch of 64 with this signature document, which is not
    /// read.
    #[must_use]
    pub fn new(signature: Bytes) -> Self {
        let request = Request {
            head: exchange::request(0).serialised,
            body: exchange::request_body(0).into(),
            chain: Batch::new(BATCH).chains().swap_remove(0),
            signature,
        };
        let request_id = exchange::request_id(0);
        Self {
            received: request.write(&request_id).into_received(),
            request,
            request_id,
        }
    }

    /// Writes the request: header lines, and pieces that are sent one behind the other.
    #[must_use]
    pub fn write(&self) -> Written {
        self.request.write(&self.request_id)
    }

    /// Reads it, at the other server.
    ///
    /// # Errors
    ///
    /// None, unless something is broken.
    pub fn read(&self) -> Result<Request, String> {
        self.received.read()
    }
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;

    use super::Multipart;
    use crate::exchange;

    #[test]
    fn what_is_read_is_what_was_written() {
        let multipart = Multipart::new(Bytes::from_static(b"<signature/>"));
        let again = multipart.write().into_received().read().unwrap();
        for read in [multipart.read().unwrap(), again] {
            assert_eq!(read.head, exchange::request(0).serialised);
            assert_eq!(read.body, exchange::request_body(0));
            assert_eq!(read.chain, multipart.request.chain);
            assert_eq!(read.signature, "<signature/>");
        }
    }
}
