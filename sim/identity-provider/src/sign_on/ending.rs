//! Ending sessions, whoever wishes it.

use super::claims;
use crate::provider::Provider;

impl Provider {
    /// Ends a session and tells the services that share it.
    pub(crate) fn end_session(&self, sid: &str) {
        let clients = self.sessions.end(sid);
        for client_id in &clients {
            let client = self.clients.get(client_id);
            let uri = client.and_then(|client| client.backchannel_logout_uri.clone());
            let Some(uri) = uri else {
                continue;
            };
            let claims = claims::logout_token(&self.sign_on_issuer, client_id, sid, self.now());
            match self.key.sign_logout(&claims) {
                Ok(token) => self.back_channel.tell(uri, &token),
                Err(error) => tracing::error!(%error, "a logout token could not be signed"),
            }
        }
    }
}
