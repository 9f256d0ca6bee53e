//! Reading an authorization request: everything that is said to be wrong with it.

use super::parameters::{Parameters, Unusable};
use crate::config::OidcClient;
use crate::flows::{AuthorizationRequest, Protocol};
use crate::person::Method;
use crate::provider::Provider;
use crate::secrets::is_random_text;

/// The shortest `state` (TARA): shorter ones can be guessed.
const MIN_STATE_BYTES: usize = 8;

pub(crate) const ACR_VALUES: [&str; 3] = ["low", "substantial", "high"];
pub(super) const SCOPES: &[&str] = &["openid", "idcard", "mid", "smartid", "phone", "email"];
pub(crate) const SIGN_ON_SCOPES: &[&str] = &["openid", "phone"];
/// Scopes that name a way of logging in.
const METHOD_SCOPES: [&str; 4] = ["idcard", "mid", "smartid", "eidas"];
/// Known to TARA, and not offered here: there is no node of another country behind it.
const FOREIGN_SCOPES: [&str; 2] = ["eidas", "eidasonly"];

/// A request, and how the person shall be asked.
pub(super) struct Asked {
    pub(super) request: AuthorizationRequest,
    pub(super) prompt: Prompt,
    /// How long ago the person may have logged in, in seconds.
    pub(super) max_age_s: Option<u64>,
}

/// What people may be asked, or must.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Prompt {
    /// Nothing.
    None,
    /// To log in, session or not.
    LogIn,
    /// Whatever is needed.
    Any,
}

/// What a relying party is told (RFC 6749, section 4.1.2.1).
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Refused {
    pub(super) error: &'static str,
    pub(super) description: String,
}

/// The request, where all of it is as it should be. Parameters that nobody knows are ignored.
pub(super) fn read(
    provider: &Provider,
    protocol: Protocol,
    parameters: &Parameters,
    client: &OidcClient,
    redirect_uri: &str,
) -> Result<Asked, Refused> {
    for (name, error) in [
        ("request", "request_not_supported"),
        ("request_uri", "request_uri_not_supported"),
    ] {
        if parameters.get(name)?.is_some() {
            return Err(Refused::new(error, format!("`{name}` is not supported")));
        }
    }
    let state = parameters.get("state")?.unwrap_or_default();
    if state.len() < MIN_STATE_BYTES {
        let words = format!("`state` needs at least {MIN_STATE_BYTES} characters");
        return Err(Refused::invalid(words));
    }
    match parameters.get("response_type")? {
        Some("code") => {}
        Some(_) => {
            let words = "only `response_type=code` is supported";
            return Err(Refused::new("unsupported_response_type", words));
        }
        None => return Err(Refused::invalid("`response_type` is missing")),
    }
    if parameters
        .get("response_mode")?
        .is_some_and(|mode| mode != "query")
    {
        return Err(Refused::invalid("only `response_mode=query` is supported"));
    }
    let level = parameters.get("acr_values")?;
    if level.is_some_and(|level| !ACR_VALUES.contains(&level)) {
        return Err(Refused::invalid(
            "`acr_values` is one of low, substantial, high",
        ));
    }
    let scopes: Vec<&str> = parameters
        .get("scope")?
        .unwrap_or_default()
        .split(' ')
        .collect();
    let methods = match protocol {
        Protocol::LogIn => methods(provider, &scopes)?,
        Protocol::SignOn => every_method(provider, &scopes)?,
    };
    let max_age_s = match protocol {
        // Everybody logs in anew.
        Protocol::LogIn => None,
        Protocol::SignOn => max_age(parameters)?,
    };
    Ok(Asked {
        prompt: prompt(parameters)?,
        max_age_s,
        request: AuthorizationRequest {
            protocol,
            methods,
            wants_phone: scopes.contains(&"phone"),
            wants_time: max_age_s.is_some(),
            client_id: client.client_id.clone(),
            redirect_uri: redirect_uri.to_owned(),
            state: state.to_owned(),
            nonce: parameters.get("nonce")?.map(str::to_owned),
            code_challenge: code_challenge(parameters)?,
        },
    })
}

/// What people may be asked (OpenID Connect Core, section 3.1.2.1).
fn prompt(parameters: &Parameters) -> Result<Prompt, Refused> {
    let wishes: Vec<&str> = parameters
        .get("prompt")?
        .unwrap_or_default()
        .split(' ')
        .collect();
    match wishes.as_slice() {
        ["none"] => Ok(Prompt::None),
        several if several.contains(&"none") => Err(Refused::invalid("`prompt=none` stands alone")),
        several if several.contains(&"login") => Ok(Prompt::LogIn),
        _ => Ok(Prompt::Any),
    }
}

fn max_age(parameters: &Parameters) -> Result<Option<u64>, Refused> {
    let wished = parameters.get("max_age")?;
    let seconds = wished.map(|text| text.parse().ok().filter(|_| !text.starts_with('+')));
    match seconds {
        Some(None) => Err(Refused::invalid("`max_age` is not a number of seconds")),
        Some(seconds) => Ok(seconds),
        None => Ok(None),
    }
}

/// A session may be gone on with by services that would have asked otherwise: all ways are good.
fn every_method(provider: &Provider, scopes: &[&str]) -> Result<Vec<Method>, Refused> {
    if !scopes.contains(&"openid") {
        return Err(Refused::scope("the scope `openid` is missing"));
    }
    let is_known = |scope: &&str| scope.is_empty() || SIGN_ON_SCOPES.contains(scope);
    if !scopes.iter().all(is_known) {
        return Err(Refused::scope("a scope is not known"));
    }
    Ok(offered(provider).collect())
}

fn offered(provider: &Provider) -> impl Iterator<Item = Method> {
    let has_card = provider.id_card_base.is_some();
    [Method::MobileId, Method::SmartId, Method::IdCard]
        .into_iter()
        .filter(move |method| *method != Method::IdCard || has_card)
}

/// The ways that the scopes name, or all of them where they name none.
fn methods(provider: &Provider, scopes: &[&str]) -> Result<Vec<Method>, Refused> {
    if !scopes.contains(&"openid") {
        return Err(Refused::scope("the scope `openid` is missing"));
    }
    let is_foreign =
        |scope: &str| FOREIGN_SCOPES.contains(&scope) || scope.starts_with("eidas:country:");
    let is_known = |scope: &&str| scope.is_empty() || SCOPES.contains(scope) || is_foreign(scope);
    if !scopes.iter().all(is_known) {
        return Err(Refused::scope("a scope is not known"));
    }
    if scopes.contains(&"eidasonly") {
        return Err(Refused::scope(
            "there is no logging in with means of other countries here",
        ));
    }
    let named = |method: &Method| scopes.contains(&method.scope());
    let names_any = METHOD_SCOPES.iter().any(|scope| scopes.contains(scope));
    let methods: Vec<_> = offered(provider)
        .filter(|method| !names_any || named(method))
        .collect();
    if methods.is_empty() {
        return Err(Refused::scope(
            "none of the ways of logging in that it names is offered here",
        ));
    }
    Ok(methods)
}

/// PKCE with `S256`; the method `plain` proves nothing and is refused.
fn code_challenge(parameters: &Parameters) -> Result<Option<String>, Refused> {
    let challenge = parameters.get("code_challenge")?;
    let method = parameters.get("code_challenge_method")?;
    match (challenge, method) {
        (None, None) => Ok(None),
        (Some(challenge), Some("S256")) if is_random_text(challenge) => {
            Ok(Some(challenge.to_owned()))
        }
        _ => Err(Refused::invalid("only PKCE with `S256` is supported")),
    }
}

// === impl Refused ===

impl Refused {
    pub(super) fn new(error: &'static str, description: impl Into<String>) -> Self {
        Self {
            error,
            description: description.into(),
        }
    }

    fn scope(description: &str) -> Self {
        Self::new("invalid_scope", description)
    }

    fn invalid(description: impl Into<String>) -> Self {
        Self::new("invalid_request", description)
    }
}

impl From<Unusable> for Refused {
    fn from(unusable: Unusable) -> Self {
        Self::invalid(unusable.to_string())
    }
}
