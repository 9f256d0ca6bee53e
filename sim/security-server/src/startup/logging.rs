//! The message log as this server is told to keep it.

use std::time::Duration;

use sim_global_configuration::ConfigurationHandle;
use sim_message_log::{
    BodyLogging as LogBodies, LogConfig, MessageLog, Stamper, StampingTime, run_time_stamping,
    run_time_stamping_at_once,
};

use crate::config::{BodyLogging, ExchangeSettings, TimeStamping};

/// X-Road's interval, for a configuration that names none.
const DEFAULT_STAMPING_INTERVAL: Duration = Duration::from_secs(60);

/// `log` with what the settings say of bodies and time-stamps.
pub(super) fn configured(log: LogConfig, settings: &ExchangeSettings) -> LogConfig {
    let log = LogConfig {
        bodies: match settings.bodies {
            BodyLogging::Logged => LogBodies::Whole,
            BodyLogging::NotLogged => LogBodies::Digest,
        },
        ..log
    };
    match settings.time_stamps {
        TimeStamping::InBatches => log,
        TimeStamping::AtOnce => LogConfig {
            stamping: StampingTime::AtOnce,
            time_stamp_batch: 1,
            ..log
        },
    }
}

/// Has the log stamped for as long as this server runs.
pub(super) async fn keep_stamping(
    log: MessageLog,
    configuration: ConfigurationHandle,
    stamper: impl Stamper + Send + 'static,
    when: TimeStamping,
) {
    match when {
        TimeStamping::AtOnce => run_time_stamping_at_once(log, stamper).await,
        TimeStamping::InBatches => {
            let interval = configuration
                .current()
                .map_or(DEFAULT_STAMPING_INTERVAL, |current| {
                    current.time_stamping_interval()
                });
            run_time_stamping(log, stamper, interval).await;
        }
    }
}
