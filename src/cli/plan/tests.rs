//! The plan beside what a model does: the messages and bytes of a step, rank by rank.

use super::bytes;
use super::estimate::Estimate;
use crate::aligned::Aligned;
use crate::cases;
use crate::comm::single::Single;
use crate::comm::{Communicator, Maximum, Messages, Peer, World};
use crate::config::{self, Configuration};
use crate::error::Result;
use crate::initial::initial_state;
use crate::mesh::Mesh;
use crate::model::Model;
use crate::monitor::Timers;
use std::sync::{Arc, Mutex};
use std::time::Duration;

/// Messages, and bytes received and sent.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Count {
    messages: usize,
    received: usize,
    sent: usize,
}

/// One rank of a run whose others are not there: it counts the messages, which bring zeros.
struct Alone {
    rank: usize,
    size: usize,
    count: Arc<Mutex<Count>>,
}

impl Communicator for Alone {
    fn rank(&self) -> usize {
        self.rank
    }
    fn size(&self) -> usize {
        self.size
    }
    fn library(&self) -> String {
        Single.library()
    }
    fn host(&self) -> String {
        Single.host()
    }
    fn barrier(&self) {}
    fn broadcast(&self, _bytes: &mut Vec<u8>) {}
    fn all_max(&self, _values: &mut [f64]) {}
    fn maximum(&self, length: usize) -> Box<dyn Maximum> {
        Single.maximum(length)
    }
    fn all_sum(&self, _values: &mut [i64]) {}
    fn all_gather(&self, bytes: &[u8]) -> Vec<Vec<u8>> {
        vec![bytes.to_vec(); self.size]
    }
    fn messages(&self, peers: &[Peer], _tag: u16) -> Box<dyn Messages> {
        let buffers =
            |bytes: fn(&Peer) -> usize| peers.iter().map(|peer| Aligned::zeros(bytes(peer))).collect();
        Box::new(Counted {
            send: buffers(|peer| peer.send_bytes),
            receive: buffers(|peer| peer.receive_bytes),
            count: self.count.clone(),
        })
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
    fn last_words(&self, _words: &[u8], _patience: Option<Duration>) -> Option<Vec<Vec<u8>>> {
        None
    }
    fn abort(&self, status: u8) -> ! {
        std::process::exit(status.into())
    }
}

/// Messages that are counted as they start.
struct Counted {
    send: Vec<Aligned<u8>>,
    receive: Vec<Aligned<u8>>,
    count: Arc<Mutex<Count>>,
}

impl Messages for Counted {
    fn send_buffer(&mut self, peer: usize) -> &mut [u8] {
        self.send[peer].as_mut_slice()
    }
    fn receive_buffer(&self, peer: usize) -> &[u8] {
        self.receive[peer].as_slice()
    }
    fn start(&mut self) {
        let bytes =
            |buffers: &[Aligned<u8>]| buffers.iter().map(|buffer| buffer.as_slice().len()).sum::<usize>();
        let mut count = self.count.lock().unwrap();
        count.messages += self.receive.iter().filter(|buffer| !buffer.as_slice().is_empty()).count();
        count.received += bytes(&self.receive);
        count.sent += bytes(&self.send);
    }
    fn finish(&mut self) {}
}

/// What one rank of a run exchanges in a step.
fn counted(configuration: &Configuration, rank: usize, ranks: usize) -> Count {
    let count = Arc::new(Mutex::new(Count::default()));
    let world = Alone { rank, size: ranks, count: count.clone() };
    let mesh = Mesh::new(configuration, rank, ranks).unwrap();
    let case = cases::build(configuration).unwrap();
    let mut state = initial_state::<f64>(configuration, &mesh, &*case);
    let mut model = Model::<f64>::new(configuration, &mesh, &*case, &world);
    // Some exchange what stays the same while they are built.
    *count.lock().unwrap() = Count::default();
    model.step(&mut state, 1e-3, &mut Timers::new());
    *count.lock().unwrap()
}

fn check(text: &str) {
    let text = format!("{text}\n[output]\nevery_s = \"never\"\n[parallel]\nthreads = 1\ntile = [7, 5]\n");
    let configuration = config::parse("test", &text, &[]).unwrap();
    for ranks in [2, 5] {
        let plan = Estimate::new(&configuration, ranks).unwrap();
        for rank in 0..ranks {
            let sent =
                plan.exchanges.iter().map(|exchange| exchange.repeated.times * exchange.sent(rank)).sum();
            let planned = Count { messages: plan.messages(rank), received: plan.received(rank), sent };
            assert_eq!(counted(&configuration, rank, ranks), planned, "rank {rank} of {ranks}: {text}");
        }
    }
}

const BOX: &str = "nx = 20\nny = 17\nnz = 6\ndx_m = 1000.0\ntop_m = 12000.0\n[time]\nend_s = 60.0";
const GLOBE: &str = "geometry = \"sphere\"\ncells_per_edge = 12\n";

#[test]
fn a_box_exchanges_what_was_planned() {
    check(&format!(
        "[case]\nname = \"warm_bubble\"\n[grid]\n{BOX}\n[dynamics]\ntracers = [\"bell\", \"one\"]"
    ));
}

#[test]
fn storms_with_eddies_and_open_sides_exchange_what_was_planned() {
    check(&format!(
        "[case]\nname = \"supercell\"\n[grid]\n{BOX}\n[turbulence]\nscheme = \"tke\"\n[boundary]\nx = \"open\"\n\
         y = \"wall\""
    ));
}

#[test]
fn air_over_mountains_exchanges_what_was_planned() {
    check(&format!(
        "[case]\nname = \"stratified_rest\"\n[grid]\n{BOX}\n[dynamics]\ntracers = [\"one\"]\ntracer_limiter = \
         \"none\"\n[terrain]\nshape = \"hill\"\nheight_m = 500.0\nhalf_width_m = 4000.0"
    ));
}

#[test]
fn the_globe_exchanges_what_was_planned() {
    check(&format!(
        "[case]\nname = \"moist_baroclinic_wave\"\n[grid]\n{GLOBE}nz = 6\ntop_m = 30000.0\n[time]\nend_s = 60.0\n\
         [dynamics]\nrotation_per_s = 7.292e-5"
    ));
}

#[test]
fn a_layer_exchanges_what_was_planned() {
    for case in ["galewsky", "williamson_1"] {
        check(&format!("[case]\nname = \"{case}\"\n[grid]\n{GLOBE}[time]\nend_s = 60.0"));
    }
}

#[test]
fn bytes_are_readable() {
    assert_eq!(bytes(512), "512 B");
    assert_eq!(bytes(1536), "1.5 KiB");
    assert_eq!(bytes(3 << 40), "3.0 TiB");
}
