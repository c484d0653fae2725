//! One round: so many users at once, each sending its messages one after the other.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use hdrhistogram::{CreationError, Histogram};
use indicatif::{ProgressBar, ProgressStyle};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::target::{Sample, Target};

/// Significant digits of the times.
const DIGITS: u8 = 3;
/// Longest time that is told apart, in microseconds: twice what an answer may take.
const LONGEST_MICROS: u64 = 120_000_000;
/// Samples on their way to the histogram.
const QUEUE: usize = 1024;
/// Kinds of failures that are told apart; the rest is counted together.
const MAX_KINDS: usize = 20;

/// What a round measured.
#[derive(Debug)]
pub(super) struct Round {
    /// Users at once.
    pub(super) users: u32,
    /// Times of the answers, in microseconds.
    pub(super) times: Histogram<u64>,
    /// Messages without an answer, by what came instead.
    pub(super) failures: BTreeMap<String, u64>,
    /// From the first message to the last answer.
    pub(super) took: Duration,
}

impl Round {
    /// A round of which nothing is measured yet.
    pub(super) fn new(users: u32) -> Result<Self, CreationError> {
        let times = Histogram::new_with_bounds(1, LONGEST_MICROS, DIGITS)?;
        Ok(Self { users, times, failures: BTreeMap::new(), took: Duration::ZERO })
    }

    /// Counts one message.
    pub(super) fn add(&mut self, sample: Sample) {
        match sample.failure {
            None => {
                let micros = u64::try_from(sample.took.as_micros()).unwrap_or(u64::MAX);
                self.times.saturating_record(micros);
            }
            Some(kind) if self.failures.len() < MAX_KINDS || self.failures.contains_key(&kind) => {
                *self.failures.entry(kind).or_default() += 1;
            }
            Some(_) => *self.failures.entry("others".to_owned()).or_default() += 1,
        }
    }

    /// Messages without an answer.
    pub(super) fn failed(&self) -> u64 {
        self.failures.values().sum()
    }

    /// Messages sent.
    pub(super) fn sent(&self) -> u64 {
        self.times.len() + self.failed()
    }
}

/// Runs a round to its end.
pub(super) async fn run(
    target: &Target,
    users: u32,
    messages: u32,
    texts: &[String],
) -> Result<Round, CreationError> {
    let mut round = Round::new(users)?;
    let bar = progress(users, messages);
    let texts: Arc<[String]> = texts.into();
    let (samples, mut measured) = mpsc::channel(QUEUE);
    let run_id = fastrand::u64(..);
    let started = Instant::now();
    let mut talks = JoinSet::new();
    for number in 0..users {
        let (target, texts, samples) = (target.clone(), Arc::clone(&texts), samples.clone());
        talks.spawn(async move {
            let user = format!("benchmark{run_id}-{number}");
            for text in texts.iter().cycle().take(messages as usize) {
                let sample = target.say(&user, text).await;
                if samples.send(sample).await.is_err() {
                    return;
                }
            }
        });
    }
    drop(samples);
    while let Some(sample) = measured.recv().await {
        round.add(sample);
        bar.inc(1);
    }
    round.took = started.elapsed();
    talks.join_all().await;
    bar.finish_and_clear();
    Ok(round)
}

/// Drawn on a terminal's standard error only.
fn progress(users: u32, messages: u32) -> ProgressBar {
    let bar = ProgressBar::new(u64::from(users) * u64::from(messages));
    let template = "{prefix} {wide_bar} {pos}/{len} {per_sec} {eta}";
    if let Ok(style) = ProgressStyle::with_template(template) {
        bar.set_style(style);
    }
    bar.set_prefix(format!("{users} users"));
    bar
}
