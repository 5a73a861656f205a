//! What carries the messages and takes the files: figures of a machine that is not here.

use std::num::NonZeroUsize;

/// Bandwidth in bytes/s of messages between two ranks of one node, as measured (Open MPI 4.1, 256 KiB).
pub const WITHIN_NODE: f64 = 1.1e10;

/// The network, the nodes and the disk.
#[derive(Clone, Debug, clap::Args)]
pub struct Network {
    /// Time in s that a message takes besides its bytes
    #[arg(long, value_name = "S", default_value = "2e-6", value_parser = positive)]
    pub latency_s: f64,
    /// Bytes per s that a node can receive
    #[arg(long, value_name = "B_PER_S", default_value = "2.5e10", value_parser = positive)]
    pub bandwidth: f64,
    /// Ranks of a node, which share its bandwidth
    #[arg(long, value_name = "N", default_value = "64")]
    pub ranks_per_node: NonZeroUsize,
    /// Bytes per s that the disk can take from all ranks
    #[arg(long, value_name = "B_PER_S", default_value = "1e9", value_parser = positive)]
    pub disk: f64,
}

impl Network {
    /// The default figures with so many ranks on a node.
    pub fn with_ranks_per_node(ranks_per_node: NonZeroUsize) -> Self {
        Network { latency_s: 2e-6, bandwidth: 2.5e10, ranks_per_node, disk: 1e9 }
    }

    /// The node of a rank.
    pub fn node(&self, rank: usize) -> usize {
        rank / self.ranks_per_node
    }

    /// Time in s of an all-reduce of a few numbers: a tree of messages up, the answer in the same way.
    pub fn reduction(&self, ranks: usize) -> f64 {
        f64::from(ranks.next_power_of_two().trailing_zeros()) * self.latency_s
    }
}

fn positive(text: &str) -> Result<f64, String> {
    match text.parse() {
        Ok(value) if value > 0.0 && f64::is_finite(value) => Ok(value),
        _ => Err("write a number above 0, such as 2e-6".into()),
    }
}
