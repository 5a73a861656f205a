//! How long a step takes on every rank, and a run.
//!
//! A rank needs for a step the work on its tiles, which its threads share, the copies between their halos, and what it
//! waits for messages: of every halo exchange
//!
//! ```text
//! latency * messages + bytes from other nodes, of all ranks of the node / bandwidth + bytes from its node / copies
//! ```
//!
//! less the work on inner tiles that goes on meanwhile. The slowest rank makes the pace, since all meet in the
//! reduction at the end of a step.

use super::costs::Costs;
use super::estimate::{Estimate, Exchange};
use super::network::{Network, WITHIN_NODE};

/// Seconds of a step.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct StepTime {
    /// On the tiles of the slowest rank: the stages of the dynamics, and everything else.
    pub stages: f64,
    pub besides: f64,
    /// Copies to, from and between halos.
    pub copies: f64,
    /// Waiting for messages.
    pub waiting: f64,
    /// The reduction at the end of a step.
    pub reduction: f64,
}

impl StepTime {
    /// The length of a step.
    pub fn total(&self) -> f64 {
        self.stages + self.besides + self.copies + self.waiting + self.reduction
    }
}

/// The time of a run.
#[derive(Clone, Debug)]
pub struct Prediction {
    pub step: StepTime,
    /// Wall time in s of all steps, and of the output during which none is taken.
    pub stepping: f64,
    pub writing: f64,
    /// The same of what ranks of their own write meanwhile.
    aside: f64,
}

impl Prediction {
    /// Predicts the run `plan` with `threads` threads a rank.
    pub fn new(plan: &Estimate, threads: usize, costs: &Costs, network: &Network) -> Self {
        let waits: Vec<Vec<f64>> =
            plan.exchanges.iter().map(|exchange| messages(exchange, network)).collect();
        let mut step = StepTime::default();
        for rank in 0..plan.ranks.len() {
            let of_rank = of_rank(plan, rank, threads, costs, &waits);
            if of_rank.total() > step.total() {
                step = of_rank;
            }
        }
        step.reduction = network.reduction(plan.ranks.len());
        Prediction {
            step,
            stepping: step.total() * plan.steps as f64,
            writing: plan.written() as f64 / network.disk,
            aside: plan.handed_over() as f64 / network.disk,
        }
    }

    /// Wall time in s of the run.
    pub fn seconds(&self) -> f64 {
        (self.stepping + self.writing).max(self.aside)
    }
}

/// The step of one rank without the reduction; `waits` are the times of the messages by exchange and rank.
fn of_rank(plan: &Estimate, rank: usize, threads: usize, costs: &Costs, waits: &[Vec<f64>]) -> StepTime {
    let owned = plan.mesh.owned[rank].clone();
    let tiles = || plan.mesh.tiles[owned.clone()].iter();
    let mut step = StepTime {
        stages: plan.stages as f64 * shared(tiles().map(|tile| costs.of_stage(tile)), threads),
        besides: shared(tiles().map(|tile| costs.besides_stages(tile)), threads),
        ..StepTime::default()
    };
    for (exchange, waits) in plan.exchanges.iter().zip(waits) {
        let times = exchange.repeated.times as f64;
        let beside = &exchange.traffic.tiles[owned.clone()];
        let values = |columns: usize| (columns * exchange.repeated.values) as f64 * costs.halo_value;
        let local = shared(beside.iter().map(|[_, local]| values(*local)), threads);
        // What is unpacked was packed before, about as much as what this rank packs for others.
        let unpacked: f64 = beside.iter().map(|[remote, _]| values(*remote)).sum();
        step.copies += times * (local + 2.0 * unpacked);
        let inner = tiles().zip(beside).filter(|(_, [remote, _])| *remote == 0);
        let meanwhile = if exchange.repeated.overlaps {
            shared(inner.map(|(tile, _)| costs.of_stage(tile)), threads)
        } else {
            0.0
        };
        step.waiting += times * (waits[rank] - meanwhile).max(0.0);
    }
    step
}

/// Time that threads take for pieces of work, each of which one of them does.
fn shared(pieces: impl Iterator<Item = f64>, threads: usize) -> f64 {
    let (mut count, mut sum, mut longest) = (0, 0.0, 0.0f64);
    for piece in pieces {
        count += 1;
        sum += piece;
        longest = longest.max(piece);
    }
    let rounds = usize::div_ceil(count, threads);
    if count == 0 { 0.0 } else { longest.max(sum / count as f64 * rounds as f64) }
}

/// Time in s that the messages of an exchange take, by rank.
fn messages(exchange: &Exchange, network: &Network) -> Vec<f64> {
    let received = &exchange.traffic.received;
    let mut from_afar = vec![0; received.len().div_ceil(network.ranks_per_node.get())];
    let mut nearby = vec![0; received.len()];
    for (rank, senders) in received.iter().enumerate() {
        for (&sender, &columns) in senders {
            let is_near = network.node(sender) == network.node(rank);
            let bytes = if is_near { &mut nearby[rank] } else { &mut from_afar[network.node(rank)] };
            *bytes += columns * exchange.column();
        }
    }
    let time = |rank: usize| {
        network.latency_s * received[rank].len() as f64
            + from_afar[network.node(rank)] as f64 / network.bandwidth
            + nearby[rank] as f64 / WITHIN_NODE
    };
    (0..received.len()).map(time).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_thread_takes_whole_tiles() {
        assert_eq!(shared([2.0; 5].into_iter(), 4), 4.0);
        assert_eq!(shared([1.0, 5.0].into_iter(), 2), 5.0);
        assert_eq!(shared([].into_iter(), 2), 0.0);
    }
}
