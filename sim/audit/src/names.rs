//! Identifiers by the texts in which heads and records write them, each read once.

use std::collections::BTreeMap;
use std::sync::Arc;

use sim_domain::{ClientId, ServiceId};

/// Texts remembered; when there are more, it begins anew.
const MAX_TEXTS: usize = 4_096;

/// Clients and services met lately.
#[derive(Debug, Default)]
pub(crate) struct Names {
    clients: BTreeMap<Box<str>, Option<Named<ClientId>>>,
    services: BTreeMap<Box<str>, Option<Named<ServiceId>>>,
}

/// An identifier and its raw text, of which there is one only.
#[derive(Clone, Debug)]
pub(crate) struct Named<T> {
    pub(crate) id: T,
    pub(crate) text: Arc<str>,
}

impl Names {
    /// The client that a percent-encoded text names; `None` where it names none.
    pub(crate) fn client(&mut self, encoded: &str) -> Option<Named<ClientId>> {
        known(&mut self.clients, encoded, |text| {
            let id = ClientId::parse_encoded(text).ok()?;
            let text = id.to_string().into();
            Some(Named { id, text })
        })
    }

    /// The service that a percent-encoded text names; `None` where it names none.
    pub(crate) fn service(&mut self, encoded: &str) -> Option<Named<ServiceId>> {
        known(&mut self.services, encoded, |text| {
            let id = ServiceId::parse_encoded(text).ok()?;
            let text = id.to_string().into();
            Some(Named { id, text })
        })
    }
}

fn known<T: Clone>(
    texts: &mut BTreeMap<Box<str>, Option<Named<T>>>,
    text: &str,
    read: impl FnOnce(&str) -> Option<Named<T>>,
) -> Option<Named<T>> {
    if let Some(named) = texts.get(text) {
        return named.clone();
    }
    let named = read(text);
    if texts.len() == MAX_TEXTS {
        texts.clear();
    }
    texts.insert(text.into(), named.clone());
    named
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read_alike_every_time() {
        let mut names = Names::default();
        for _ in 0..2 {
            for text in ["EE/GOV/8/board", "EE/GOV/8/b%6Fard"] {
                let client = names.client(text).unwrap();
                assert_eq!(
                    client.id,
                    ClientId::parse_encoded("EE/GOV/8/board").unwrap()
                );
                assert_eq!(&*client.text, "EE/GOV/8/board");
            }
            let service = names.service("EE/GOV/8/board/%C3%B6").unwrap();
            assert_eq!(&*service.text, "EE/GOV/8/board/ö");
            assert!(names.client("EE").is_none());
            assert!(names.service("EE/GOV/8/board").is_none());
        }
        for number in 0..2 * MAX_TEXTS {
            assert!(names.client(&format!("EE/GOV/{number}/a")).is_some());
        }
        assert!(names.clients.len() <= MAX_TEXTS);
    }
}
