//! Turns of one conversation run one after another, in the order of their arrival; other
//! conversations run beside them. Both the waiting of one conversation and the total are bounded.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;

/// How much may wait.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LaneLimits {
    /// Turns that run or wait, of all conversations.
    pub total: usize,
    /// Turns that wait behind the running one, of one conversation.
    pub waiting: usize,
}

/// Why a turn was not let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Full {
    /// The server has all the turns that it may have.
    Server,
    /// This conversation has all the turns that may wait.
    Conversation,
}

/// All lanes: one for each conversation with a turn under way.
#[derive(Debug, Clone)]
pub struct Lanes {
    shared: Arc<Shared>,
}

#[derive(Debug)]
struct Shared {
    limits: LaneLimits,
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    total: usize,
    lanes: HashMap<String, VecDeque<oneshot::Sender<()>>>,
}

/// A place in a lane. Dropping it lets the next turn run.
#[derive(Debug)]
pub struct Place {
    shared: Arc<Shared>,
    conversation: String,
    call: Option<oneshot::Receiver<()>>,
}

impl Lanes {
    /// Lanes with these limits.
    pub fn new(limits: LaneLimits) -> Self {
        Self { shared: Arc::new(Shared { limits, state: Mutex::default() }) }
    }

    /// Takes a place behind all that came before, at once.
    pub fn enter(&self, conversation: String) -> Result<Place, Full> {
        let limits = self.shared.limits;
        let mut state = self.shared.lock();
        if state.total >= limits.total {
            return Err(Full::Server);
        }
        let call = match state.lanes.get_mut(&conversation) {
            None => {
                state.lanes.insert(conversation.clone(), VecDeque::new());
                None
            }
            Some(waiting) if waiting.len() >= limits.waiting => return Err(Full::Conversation),
            Some(waiting) => {
                let (sender, receiver) = oneshot::channel();
                waiting.push_back(sender);
                Some(receiver)
            }
        };
        state.total += 1;
        drop(state);
        Ok(Place { shared: Arc::clone(&self.shared), conversation, call })
    }

    /// Takes the place at the head of a lane; `None` when the conversation has a turn under way or
    /// the server has all the turns that it may have.
    pub(super) fn enter_idle(&self, conversation: String) -> Option<Place> {
        let limits = self.shared.limits;
        let mut state = self.shared.lock();
        if state.total >= limits.total || state.lanes.contains_key(&conversation) {
            return None;
        }
        state.lanes.insert(conversation.clone(), VecDeque::new());
        state.total += 1;
        drop(state);
        Some(Place { shared: Arc::clone(&self.shared), conversation, call: None })
    }

    /// How many turns run, and how many wait.
    pub(super) fn occupancy(&self) -> (usize, usize) {
        let state = self.shared.lock();
        let running = state.lanes.len();
        (running, state.total.saturating_sub(running))
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Place {
    /// Waits until all turns before this one are over.
    pub async fn reach(&mut self) {
        if let Some(call) = &mut self.call {
            // The sender is only dropped together with the lane, when nobody is before us.
            let _ = call.await;
            self.call = None;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.total -= 1;
        if let Some(mut call) = self.call.take()
            && matches!(call.try_recv(), Err(oneshot::error::TryRecvError::Empty))
        {
            // Gave up while waiting: whoever is called next skips a closed place.
            return;
        }
        while let Some(waiting) = state.lanes.get_mut(&self.conversation) {
            match waiting.pop_front() {
                Some(next) => {
                    // Who gave up meanwhile is skipped.
                    if next.send(()).is_ok() {
                        break;
                    }
                }
                None => {
                    state.lanes.remove(&self.conversation);
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lanes(total: usize, waiting: usize) -> Lanes {
        Lanes::new(LaneLimits { total, waiting })
    }

    #[tokio::test]
    async fn turns_of_a_conversation_run_in_the_order_of_arrival() {
        let lanes = lanes(100, 100);
        let order = Arc::new(Mutex::new(Vec::new()));
        let places: Vec<Place> = (0..20).map(|_| lanes.enter("a".to_owned()).unwrap()).collect();
        let tasks: Vec<_> = places
            .into_iter()
            .enumerate()
            .rev()
            .map(|(number, mut place)| {
                let order = Arc::clone(&order);
                tokio::spawn(async move {
                    place.reach().await;
                    order.lock().unwrap().push(number);
                })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        assert_eq!(*order.lock().unwrap(), (0..20).collect::<Vec<_>>());
        assert_eq!(lanes.occupancy(), (0, 0));
        assert!(lanes.shared.lock().lanes.is_empty());
    }

    #[tokio::test]
    async fn conversations_do_not_wait_for_each_other() {
        let lanes = lanes(10, 10);
        let _held = lanes.enter("a".to_owned()).unwrap();
        lanes.enter("b".to_owned()).unwrap().reach().await;
    }

    #[tokio::test]
    async fn an_idle_lane_can_be_taken_and_a_busy_one_cannot() {
        let lanes = lanes(2, 10);
        let held = lanes.enter_idle("a".to_owned()).unwrap();
        assert!(lanes.enter_idle("a".to_owned()).is_none());
        let mut behind = lanes.enter("a".to_owned()).unwrap();
        assert!(lanes.enter_idle("b".to_owned()).is_none(), "the server is full");
        drop(held);
        behind.reach().await;
        drop(behind);
        assert!(lanes.enter_idle("a".to_owned()).is_some());
    }

    #[tokio::test]
    async fn limits_hold_and_a_turn_that_gave_up_is_skipped() {
        let lanes = lanes(3, 1);
        let first = lanes.enter("a".to_owned()).unwrap();
        let gave_up = lanes.enter("a".to_owned()).unwrap();
        assert_eq!(lanes.enter("a".to_owned()).unwrap_err(), Full::Conversation);
        let _other = lanes.enter("b".to_owned()).unwrap();
        assert_eq!(lanes.enter("c".to_owned()).unwrap_err(), Full::Server);
        drop(gave_up);
        drop(first);
        lanes.enter("a".to_owned()).unwrap().reach().await;
    }
}
