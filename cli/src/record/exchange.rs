//! How the exchange is set up, as the record says it.

use sim_metrics::{ExchangeFacts, ExchangeSetting};
use sim_scenario::{BodyLogging, ConnectionReuse, ExchangeSettings, Profile, TimeStamping};

/// Every setting in effect, and where the run does otherwise than X-Road would.
pub(super) fn facts(settings: &ExchangeSettings) -> ExchangeFacts {
    let of_profile = ExchangeSettings::of(settings.profile).words();
    let words = settings.words().into_iter().zip(of_profile);
    let settings_in_effect = words.map(|((name, value), (_, of_profile))| ExchangeSetting {
        name: name.to_owned(),
        differs_from_profile: value != of_profile,
        value,
    });
    ExchangeFacts {
        profile: settings.profile.word().to_owned(),
        settings: settings_in_effect.collect(),
        departures: departures(settings),
    }
}

fn departures(settings: &ExchangeSettings) -> Vec<String> {
    let mut departures: Vec<String> = settings
        .substitutions()
        .map(|substitution| {
            format!(
                "the TLS library has no {}; {} is offered instead",
                substitution.asked.name(),
                substitution.used.name()
            )
        })
        .collect();
    if settings.profile == Profile::Modern {
        return departures;
    }
    if settings.connections == ConnectionReuse::PerMessage {
        departures.push(
            "TLS sessions are not resumed: each connection makes a full handshake, where X-Road's \
             may be abbreviated for 600 s"
                .to_owned(),
        );
    }
    if settings.bodies == BodyLogging::NotLogged {
        departures.push(
            "without bodies the log keeps the whole head and the body's digest, so that signatures \
             can be verified; X-Road drops path, query and most headers and keeps no digest"
                .to_owned(),
        );
    }
    if settings.time_stamps == TimeStamping::AtOnce {
        departures.push(
            "at once means one token for each signature document; X-Road takes one for each record"
                .to_owned(),
        );
    }
    departures
}
