//! What each security server says of itself: batches, disk, what it remembers, what waits, and
//! what saying so costs.

use sim_metrics::stages::{AccountingCost, CacheUse, Requests};
use sim_metrics::{Role, RoleStages, RunRecord, ServerStages, Stage, StageUse};

use super::{MAX_SERVERS, named, us};
use crate::format::{NOTHING, count, decimal, fraction};
use crate::table::Table;

/// Batches, disk, caches and queues, a column for each server.
pub(super) fn facts(record: &RunRecord) -> Table {
    let servers: Vec<&ServerStages> = record.stages.iter().take(MAX_SERVERS).collect();
    let mut columns = vec![String::from("Figure")];
    columns.extend(servers.iter().map(|server| {
        let name = named(&server.server, "unnamed");
        format!("#{name}")
    }));
    let mut table = Table::new("Inside the security servers", &columns);
    let mut row = |name: &str, figure: &dyn Fn(&ServerStages) -> String| {
        let figures = servers.iter().map(|server| figure(server));
        table.push(std::iter::once(name.to_owned()).chain(figures));
    };
    row("messages signed together: mean, most", &|server| {
        let batches = server.signature_batches;
        format!("{}, {}", decimal(batches.mean()), count(batches.largest))
    });
    row("messages written to disk together: mean, most", &|server| {
        let groups = server.log_groups;
        format!("{}, {}", decimal(groups.mean()), count(groups.largest))
    });
    row(
        "times the disk was forced, and how long each took",
        &|server| {
            let groups = server.log_groups;
            let each = server.log_sync_us / groups.batches.max(1) as f64;
            format!("{}, {}", count(groups.batches), us(each))
        },
    );
    row("signatures of others that were known already", &|server| {
        remembered(server.signature_documents)
    });
    row(
        "certificates of others that were known to be good",
        &|server| remembered(server.peer_statuses),
    );
    row("connections that were kept from before", &|server| {
        remembered(server.connections)
    });
    row("messages in work at once: mean, most", &|server| {
        let most = server.roles().map(|role| role.most_in_work).max();
        let sampled: u64 = server.roles().map(|role| role.sampled).sum();
        let weighed = |role: &RoleStages| role.mean_in_work * role.sampled as f64;
        let mean = server.roles().map(weighed).sum::<f64>() / sampled.max(1) as f64;
        format!("{}, {}", decimal(mean), count(most.unwrap_or(0)))
    });
    row("of them waiting for a signature, in the mean", &|server| {
        decimal(server.mean_in_stage(Stage::Sign))
    });
    row("of them waiting for the disk, in the mean", &|server| {
        let waiting = [Stage::Log, Stage::LogMeanwhile];
        decimal(
            waiting
                .map(|stage| server.mean_in_stage(stage))
                .iter()
                .sum(),
        )
    });
    row("time-stamps asked for, and how long each took", &|server| {
        asked(server.time_stamps)
    });
    row(
        "certificate statuses asked for, and how long each took",
        &|server| asked(server.ocsp_requests),
    );
    table.left_out = record.stages.len().saturating_sub(MAX_SERVERS);
    table
}

/// Every step that was measured, an exchange.
pub(super) fn steps(record: &RunRecord) -> Table {
    let columns = [
        "Server, role, step",
        "#Processor",
        "#Time",
        "#Median of one",
        "#99\u{a0}% of one",
    ];
    let mut table = Table::new("Steps of an exchange that were measured", &columns);
    for server in record.stages.iter().take(MAX_SERVERS) {
        for role in server.roles().filter(|role| role.sampled > 0) {
            let name = named(&server.server, "unnamed");
            let each = |sum: f64| us(sum / role.sampled as f64);
            table.push_marked(
                "sum",
                [
                    format!("{name}, {}", asked_by(role.role)),
                    String::new(),
                    each(role.time_us),
                ],
            );
            for used in &role.stages {
                table.push(step(used, each));
            }
        }
    }
    table
}

fn step(used: &StageUse, each: impl Fn(f64) -> String) -> [String; 5] {
    let cpu = if used.cpu_us > 0.0 {
        each(used.cpu_us)
    } else {
        NOTHING.to_owned()
    };
    [
        step_name(used.stage).to_owned(),
        cpu,
        each(used.time_us),
        us(used.p50_us as f64),
        us(used.p99_us as f64),
    ]
}

/// What the accounting costs, a sentence.
pub(super) fn cost(record: &RunRecord) -> String {
    let one_in = record.stages.iter().map(|server| server.one_in).max();
    let measured = format!(
        "One exchange in {} was measured.",
        count(one_in.unwrap_or(0))
    );
    let servers = record.stages.iter().take(MAX_SERVERS);
    let costs: Vec<String> = servers
        .filter_map(|server| {
            let cost = server.accounting_cost.as_ref()?;
            Some(cost_at(&named(&server.server, "unnamed"), cost))
        })
        .collect();
    if costs.is_empty() {
        return format!("{measured} What measuring costs was not tried.");
    }
    format!(
        "{measured} Measuring was switched on and off in turn; with it, an exchange took this \
         much more of a server’s processor time: {}.",
        costs.join("; ")
    )
}

fn cost_at(server: &str, cost: &AccountingCost) -> String {
    let percent = |share: f64| {
        let percent = share * 100.0;
        if percent.is_finite() {
            format!("{percent:.1}").replace('-', "−")
        } else {
            NOTHING.to_owned()
        }
    };
    let error = if cost.comparisons > 1 {
        format!(" ± {}", percent(cost.standard_error))
    } else {
        String::new()
    };
    format!(
        "{server} {}{error}\u{a0}% ({} comparisons)",
        percent(cost.overhead),
        count(cost.comparisons)
    )
}

fn remembered(cache: CacheUse) -> String {
    match cache.hits.saturating_add(cache.misses) {
        0 => NOTHING.to_owned(),
        all => format!("{} of {}", fraction(cache.hit_share()), count(all)),
    }
}

fn asked(requests: Requests) -> String {
    match requests.count {
        0 => "0".to_owned(),
        number => format!("{}, {}", count(number), us(requests.mean_us())),
    }
}

const fn asked_by(role: Role) -> &'static str {
    match role {
        Role::ClientProxy => "asked by its own information systems",
        Role::ServerProxy => "asked by another security server",
    }
}

const fn step_name(stage: Stage) -> &'static str {
    match stage {
        Stage::Admit => "admit",
        Stage::Receive => "receive the rest of the message",
        Stage::Parse => "parse and write",
        Stage::Ocsp => "certificate status of the other server",
        Stage::Sign => "digest, and wait for the signature",
        Stage::Verify => "digest, and verify",
        Stage::Log => "record, and wait for the disk",
        Stage::LogMeanwhile => "wait for the disk while the request travels",
        Stage::Transport => "from sending until the answer is there",
        Stage::Service => "call the service",
    }
}
