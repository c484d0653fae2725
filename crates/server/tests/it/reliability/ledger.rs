//! The test's own record of what the server acknowledged, kept outside the server.

use std::collections::BTreeMap;

use crate::harness::Reply;

/// What one user was told, turn by turn.
#[derive(Debug, Default)]
pub(crate) struct Ledger {
    answers: BTreeMap<usize, String>,
    findings: Findings,
}

/// What went wrong. All zero is the promise.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Findings {
    /// Acknowledged turns that the state does not know any more.
    pub(crate) lost: usize,
    /// Turns that ran more than once.
    pub(crate) doubled: usize,
    /// Turns of which only a part was stored.
    pub(crate) half: usize,
    /// Answers that held something else than the turn's own reply.
    pub(crate) mixed: usize,
}

impl Findings {
    /// Adds another user's.
    pub(crate) fn add(&mut self, other: Self) {
        self.lost += other.lost;
        self.doubled += other.doubled;
        self.half += other.half;
        self.mixed += other.mixed;
    }
}

impl Ledger {
    /// Enters the answer to turn `turn` (from 1) of the counting bot.
    ///
    /// A turn's count is the number of turns that ever ran for that user, so that a count that is
    /// too low tells of lost turns, one that is too high of doubled ones.
    pub(crate) fn enter(&mut self, user: &str, turn: usize, reply: &Reply) {
        let texts = reply.texts();
        let words: Vec<&str> =
            texts.first().map(|text| text.split(' ').collect()).unwrap_or_default();
        let [named, message, in_user, in_session] = words[..] else {
            self.findings.mixed += 1;
            return;
        };
        if texts.len() != 1 || named != user || message != format!("t{turn}") {
            self.findings.mixed += 1;
        }
        if in_user != in_session {
            self.findings.half += 1;
        }
        let offset = self.offset();
        let expected = turn.saturating_add_signed(offset);
        let count = in_user.len();
        if let Some(first) = self.answers.get(&turn) {
            // A repeat under the same key: the stored answer, word for word.
            if *first != reply.text {
                self.findings.doubled += 1;
            }
            return;
        }
        self.findings.lost += expected.saturating_sub(count);
        self.findings.doubled += count.saturating_sub(expected);
        self.answers.insert(turn, reply.text.clone());
    }

    /// By how much the server's count is known to be off, so that one fault is counted once.
    fn offset(&self) -> isize {
        let signed = |count: usize| isize::try_from(count).unwrap_or(isize::MAX);
        signed(self.findings.doubled) - signed(self.findings.lost)
    }

    /// Number of turns acknowledged.
    pub(crate) fn turns(&self) -> usize {
        self.answers.len()
    }

    /// What was found.
    pub(crate) fn findings(&self) -> Findings {
        self.findings
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ledger_of(answers: &[(usize, &str)]) -> Findings {
        let mut ledger = Ledger::default();
        for (turn, text) in answers {
            let text = format!(r#"{{"responses":[{{"type":"text","text":"{text}"}}]}}"#);
            ledger.enter(
                "u",
                *turn,
                &Reply { status: 200, headers: reqwest::header::HeaderMap::default(), text },
            );
        }
        ledger.findings()
    }

    #[test]
    fn a_clean_run_has_no_findings() {
        let found = ledger_of(&[(1, "u t1 I I"), (1, "u t1 I I"), (2, "u t2 II II")]);
        assert_eq!(found, Findings::default());
    }

    #[test]
    fn each_fault_is_counted_once() {
        let lost = ledger_of(&[(1, "u t1 I I"), (2, "u t2 I I"), (3, "u t3 II II")]);
        assert_eq!(lost, Findings { lost: 1, ..Findings::default() });
        let doubled = ledger_of(&[(1, "u t1 I I"), (2, "u t2 III III"), (3, "u t3 IIII IIII")]);
        assert_eq!(doubled, Findings { doubled: 1, ..Findings::default() });
        let repeated = ledger_of(&[(1, "u t1 I I"), (1, "u t1 II II")]);
        assert_eq!(repeated, Findings { doubled: 1, ..Findings::default() });
        let half = ledger_of(&[(1, "u t1 I I"), (2, "u t2 II I")]);
        assert_eq!(half, Findings { half: 1, ..Findings::default() });
        let mixed = ledger_of(&[(1, "v t1 I I")]);
        assert_eq!(mixed, Findings { mixed: 1, ..Findings::default() });
    }
}
