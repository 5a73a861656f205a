//! A run of one process: every collective is the identity.

use super::{Communicator, Maximum, Messages, Peer, World};
use crate::error::Result;
use std::sync::Arc;
use std::time::Duration;

/// The communicator of a run without MPI.
pub struct Single;

impl Communicator for Single {
    fn rank(&self) -> usize {
        0
    }
    fn size(&self) -> usize {
        1
    }
    fn library(&self) -> String {
        "none".into()
    }
    fn host(&self) -> String {
        std::fs::read_to_string("/proc/sys/kernel/hostname")
            .map_or_else(|_| "localhost".into(), |name| name.trim().into())
    }
    fn barrier(&self) {}
    fn broadcast(&self, _bytes: &mut Vec<u8>) {}
    fn all_max(&self, _values: &mut [f64]) {}
    fn maximum(&self, length: usize) -> Box<dyn Maximum> {
        Box::new(OwnValues(vec![0.0; length]))
    }
    fn all_sum(&self, _values: &mut [i64]) {}
    fn all_gather(&self, bytes: &[u8]) -> Vec<Vec<u8>> {
        vec![bytes.to_vec()]
    }

    fn messages(&self, peers: &[Peer], _tag: u16) -> Box<dyn Messages> {
        assert!(peers.is_empty(), "a single rank has no neighbours");
        Box::new(NoMessages)
    }
    fn share_file_access(&self, _file_access: i64) -> Result<()> {
        Ok(())
    }
    fn share_transfer(&self, _transfer: i64) -> Result<()> {
        Ok(())
    }
    fn split(&self, _group: usize) -> World {
        Arc::new(Single)
    }
    fn last_words(&self, words: &[u8], _patience: Option<Duration>) -> Option<Vec<Vec<u8>>> {
        Some(vec![words.to_vec()])
    }
    fn abort(&self, status: u8) -> ! {
        std::process::exit(status.into())
    }
}

/// The empty message set.
struct NoMessages;

impl Messages for NoMessages {
    fn send_buffer(&mut self, _peer: usize) -> &mut [u8] {
        &mut []
    }
    fn receive_buffer(&self, _peer: usize) -> &[u8] {
        &[]
    }
    fn start(&mut self) {}
    fn finish(&mut self) {}
}

/// The maximum over one rank.
struct OwnValues(Vec<f64>);

impl Maximum for OwnValues {
    fn start(&mut self, values: &[f64]) {
        self.0.copy_from_slice(values);
    }
    fn finish(&mut self) -> &[f64] {
        &self.0
    }
}
