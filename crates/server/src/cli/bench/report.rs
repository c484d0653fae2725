//! What was measured, as text for people and as JSON for programs.

use std::fmt;

use serde_json::{Value, json};

use super::round::Round;

/// The service level that is asked for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Sla {
    /// Longest time for an answer, in milliseconds.
    pub(super) limit_ms: u64,
    /// Percentage of messages that must be answered within it.
    pub(super) target_percent: f64,
}

/// All rounds.
#[derive(Debug)]
pub(super) struct Report {
    target: String,
    sla: Sla,
    rounds: Vec<Round>,
}

impl Report {
    /// A report without rounds.
    pub(super) fn new(target: String, sla: Sla) -> Self {
        Self { target, sla, rounds: Vec::new() }
    }

    /// Adds a round; returns whether it met the service level.
    pub(super) fn add(&mut self, round: Round) -> bool {
        let met = self.sla.is_met_by(&round);
        self.rounds.push(round);
        met
    }

    /// Whether the first round met the service level. Later rounds, which `--increments` asks for,
    /// look for the point where it is missed.
    pub(super) fn is_met(&self) -> bool {
        self.rounds.first().is_some_and(|round| self.sla.is_met_by(round))
    }

    /// Most users at once with the service level met.
    fn most_users(&self) -> Option<u32> {
        let met = self.rounds.iter().filter(|round| self.sla.is_met_by(round));
        met.map(|round| round.users).max()
    }

    /// The report as JSON; times in milliseconds.
    pub(super) fn to_json(&self) -> String {
        let rounds: Vec<Value> = self.rounds.iter().map(|round| self.round_json(round)).collect();
        let report = json!({
            "target": self.target,
            "slaLimitMs": self.sla.limit_ms,
            "slaTargetPercent": self.sla.target_percent,
            "met": self.is_met(),
            "mostUsers": self.most_users(),
            "rounds": rounds,
        });
        format!("{report:#}")
    }

    fn round_json(&self, round: &Round) -> Value {
        json!({
            "users": round.users,
            "messages": round.sent(),
            "failed": round.failed(),
            "failures": round.failures,
            "seconds": round.took.as_secs_f64(),
            "perSecond": per_second(round),
            "meanMs": round.times.mean() / 1000.0,
            "p50Ms": quantile(round, 0.5),
            "p90Ms": quantile(round, 0.9),
            "p99Ms": quantile(round, 0.99),
            "maxMs": millis(round.times.max()),
            "withinPercent": self.sla.within(round),
            "met": self.sla.is_met_by(round),
        })
    }
}

impl Sla {
    /// Percentage of messages answered in time.
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    fn within(&self, round: &Round) -> f64 {
        if round.sent() == 0 {
            return 0.0;
        }
        let limit = self.limit_ms.saturating_mul(1000);
        let in_time = if round.times.max() <= limit {
            round.times.len()
        } else {
            round.times.count_between(0, limit)
        };
        in_time as f64 / round.sent() as f64 * 100.0
    }

    fn is_met_by(&self, round: &Round) -> bool {
        self.within(round) >= self.target_percent
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "{}", self.target)?;
        writeln!(
            f,
            "{:>6} {:>9} {:>7} {:>9} {:>9} {:>9} {:>9} {:>9} {:>8}",
            "users",
            "messages",
            "failed",
            "per s",
            "p50 ms",
            "p90 ms",
            "p99 ms",
            "max ms",
            "in time"
        )?;
        for round in &self.rounds {
            writeln!(
                f,
                "{:>6} {:>9} {:>7} {:>9.1} {:>9.1} {:>9.1} {:>9.1} {:>9.1} {:>7.2}%",
                round.users,
                round.sent(),
                round.failed(),
                per_second(round),
                quantile(round, 0.5),
                quantile(round, 0.9),
                quantile(round, 0.99),
                millis(round.times.max()),
                self.sla.within(round)
            )?;
        }
        for (kind, count) in self.rounds.iter().flat_map(|round| &round.failures) {
            writeln!(f, "failed {count} times: {kind}")?;
        }
        let wanted = format!("{}% within {} ms", self.sla.target_percent, self.sla.limit_ms);
        match self.most_users() {
            Some(users) if self.is_met() => write!(f, "SLA met: {wanted} with up to {users} users"),
            _ => write!(f, "SLA missed: {wanted}"),
        }
    }
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn per_second(round: &Round) -> f64 {
    round.sent() as f64 / round.took.as_secs_f64().max(f64::EPSILON)
}

fn quantile(round: &Round, quantile: f64) -> f64 {
    millis(round.times.value_at_quantile(quantile))
}

#[expect(clippy::cast_precision_loss, reason = "times far below 2^52 microseconds")]
fn millis(micros: u64) -> f64 {
    micros as f64 / 1000.0
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::target::Sample;
    use super::*;

    fn round(users: u32, millis: &[u64], failed: usize) -> Round {
        let mut round = Round::new(users).unwrap();
        for took in millis {
            round.add(Sample { took: Duration::from_millis(*took), failure: None });
        }
        for _ in 0..failed {
            let failure = Some("status 500".to_owned());
            round.add(Sample { took: Duration::ZERO, failure });
        }
        Round { took: Duration::from_secs(2), ..round }
    }

    fn report(target_percent: f64, rounds: Vec<Round>) -> Report {
        let mut report = Report::new("bot".to_owned(), Sla { limit_ms: 100, target_percent });
        for round in rounds {
            report.add(round);
        }
        report
    }

    #[test]
    fn answers_within_the_limit_meet_the_level() {
        let met = report(100.0, vec![round(1, &[10, 20, 100], 0)]);
        assert!(met.is_met() && met.to_string().contains("SLA met"), "{met}");
    }

    #[test]
    fn late_and_failed_messages_miss_it() {
        assert!(!report(100.0, vec![round(1, &[10, 101], 0)]).is_met());
        let failed = report(100.0, vec![round(1, &[10], 1)]);
        assert!(!failed.is_met());
        assert!(failed.to_string().contains("failed 1 times: status 500"), "{failed}");
        assert!(report(50.0, vec![round(1, &[10], 1)]).is_met());
        assert!(!report(50.0, vec![round(1, &[], 0)]).is_met(), "nothing sent is nothing met");
    }

    #[test]
    fn more_users_are_tried_until_it_is_missed() {
        let found = report(100.0, vec![round(1, &[1], 0), round(2, &[1], 0), round(3, &[500], 0)]);
        assert!(found.is_met());
        assert_eq!(found.most_users(), Some(2));
    }

    #[test]
    fn the_json_holds_the_same_figures() {
        let text = report(100.0, vec![round(4, &[10, 10], 0)]).to_json();
        let json: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(json["rounds"][0]["users"], 4);
        assert_eq!(json["rounds"][0]["perSecond"], 1.0);
        assert_eq!(json["met"], true);
        let p50 = json["rounds"][0]["p50Ms"].as_f64().unwrap();
        assert!((p50 - 10.0).abs() < 0.1, "{p50}");
    }
}
