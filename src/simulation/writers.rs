//! Ranks that only write snapshots, while the others step on (`parallel.writer_ranks`).
//!
//! The last ranks of a run are its writers. Every stepper hands the values of a snapshot over to one of them in one
//! message a variable and steps on; the writers put them into the file together, as stepping ranks would: the file
//! holds the same bytes. What became of a snapshot a stepper learns when it hands over the next one, before a
//! checkpoint, and at the end.
//!
//! Requests, values and answers are message sets of their own between a stepper and its writer:
//!
//! | stepper | writer |
//! |---|---|
//! | asks: open, record or close | |
//! | for a record: sends the values and goes on | receives and writes them |
//! | later: waits for the answer | answers: how it went, and the time of the latest record |

use super::signals;
use super::watchdog::Watch;
use crate::comm::{Messages, Peer, World, decode_outcome, encode_outcome};
use crate::config::{Configuration, Dynamics, Precision};
use crate::error::{Error, Result};
use crate::io::local_part::LocalPart;
use crate::io::{SnapshotWriter, Throughput};
use crate::mesh::Mesh;
use crate::real::Real;
use crate::state::{Location, diagnostics};
use crate::time::Clock;

/// Tags of the message sets.
const REQUESTS: u16 = 1;
const VALUES: u16 = 2;
const ANSWERS: u16 = 3;
/// Bytes of a request: what is asked, ticks, step.
const REQUEST: usize = 24;
/// Bytes of an answer: its numbers, the outcome. Longer messages are cut.
const ANSWER: usize = 2048;

/// What a rank does in a run with writers.
pub enum Role {
    Stepper,
    Writer,
}

/// How the ranks of a run are shared out.
pub struct Roles {
    /// All ranks.
    world: World,
    /// The ranks with this rank's role.
    pub own: World,
    steppers: usize,
    writers: usize,
}

impl Roles {
    /// Makes the last `writers` ranks writers. All ranks call it.
    ///
    /// # Errors
    /// If fewer ranks would step than write.
    pub fn new(world: &World, writers: usize) -> Result<Self> {
        let ranks = world.size();
        if 2 * writers > ranks {
            return Err(Error::Configuration(format!(
                "parallel.writer_ranks = {writers} needs at least {} ranks, one that steps for every one that writes: this \
                 run has {ranks}; start more, or add --set parallel.writer_ranks=0",
                2 * writers
            )));
        }
        let steppers = ranks - writers;
        let own = world.split(usize::from(world.rank() >= steppers));
        Ok(Roles { world: world.clone(), own, steppers, writers })
    }

    /// That of this rank.
    pub fn role(&self) -> Role {
        if self.world.rank() < self.steppers { Role::Stepper } else { Role::Writer }
    }

    pub fn steppers(&self) -> usize {
        self.steppers
    }

    /// The writer of a stepper, counted among the writers. Those of one writer follow each other.
    fn writer_of(&self, stepper: usize) -> usize {
        stepper * self.writers / self.steppers
    }
}

/// What a stepper asks of its writer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Request {
    /// Prepare the files, those of an earlier run with the records up to a time.
    Open(Option<Clock>),
    Record(Clock),
    Close,
}

impl Request {
    fn to_bytes(self) -> [u8; REQUEST] {
        let none = Clock { ticks: 0, step: 0 };
        let (kind, clock) = match self {
            Request::Open(None) => (0_u64, none),
            Request::Open(Some(clock)) => (1, clock),
            Request::Record(clock) => (2, clock),
            Request::Close => (3, none),
        };
        let mut bytes = [0; REQUEST];
        bytes[..8].copy_from_slice(&kind.to_le_bytes());
        bytes[8..16].copy_from_slice(&clock.ticks.to_le_bytes());
        bytes[16..].copy_from_slice(&clock.step.to_le_bytes());
        bytes
    }

    fn from_bytes(bytes: &[u8]) -> Request {
        let clock = Clock { ticks: word(bytes, 1) as i64, step: word(bytes, 2) };
        match word(bytes, 0) {
            0 => Request::Open(None),
            1 => Request::Open(Some(clock)),
            2 => Request::Record(clock),
            _ => Request::Close,
        }
    }
}

/// The places of the variables of a snapshot.
fn locations(configuration: &Configuration) -> Vec<Location> {
    let Dynamics { setting, tracers, .. } = &configuration.dynamics;
    let find = |name: &String| diagnostics::find(name, *setting, tracers);
    let chosen = configuration.output.variables.iter().filter_map(find);
    chosen.map(|diagnostic| diagnostic.variable.location).collect()
}

/// The part of the domain that a stepper has.
fn part_of(mesh: &Mesh, stepper: usize) -> LocalPart {
    let tiles = mesh.tiles[mesh.owned[stepper].clone()].to_vec();
    LocalPart::of_tiles(tiles, mesh.vertical.nz(), mesh.sphere().is_some())
}

/// A stepper's side: where it hands its snapshots over.
pub struct Outbox {
    /// The steppers.
    world: World,
    part: LocalPart,
    locations: Vec<Location>,
    precision: Precision,
    requests: Box<dyn Messages>,
    values: Box<dyn Messages>,
    answers: Box<dyn Messages>,
    /// A record was handed over, and the answer has not come.
    is_waiting: bool,
    is_closed: bool,
    /// Time of the latest record in ticks.
    latest: Option<i64>,
    throughput: Throughput,
}

impl Outbox {
    /// For the run on `mesh`. All steppers call it while the writers call [`serve`].
    pub fn new(configuration: &Configuration, mesh: &Mesh, roles: &Roles) -> Self {
        let rank = roles.steppers + roles.writer_of(mesh.rank);
        let (part, locations) = (part_of(mesh, mesh.rank), locations(configuration));
        let bytes = configuration.output.precision.bytes();
        let peer = |send_bytes: usize, receive_bytes: usize| Peer { rank, send_bytes, receive_bytes };
        let variables: Vec<Peer> =
            locations.iter().map(|location| peer(bytes * part.len(*location), 0)).collect();
        Outbox {
            world: roles.own.clone(),
            requests: roles.world.messages(&[peer(REQUEST, 0)], REQUESTS),
            values: roles.world.messages(&variables, VALUES),
            answers: roles.world.messages(&[peer(0, ANSWER)], ANSWERS),
            part,
            locations,
            precision: configuration.output.precision,
            is_waiting: false,
            is_closed: false,
            latest: None,
            throughput: Throughput::default(),
        }
    }

    /// Has the files prepared, as [`SnapshotWriter::create`] does.
    ///
    /// # Errors
    /// As there.
    pub fn open(&mut self, resume_from: Option<Clock>) -> Result<()> {
        self.ask(Request::Open(resume_from));
        self.answer()
    }

    /// Whether the record of this very time is in the files already, or on its way.
    pub fn already_written(&self, clock: &Clock) -> bool {
        self.latest == Some(clock.ticks)
    }

    /// Hands a record over, as [`SnapshotWriter::write`] writes it.
    ///
    /// # Errors
    /// If the record before could not be written.
    pub fn write(
        &mut self,
        clock: &Clock,
        row: impl Fn(usize, usize, usize, usize, &mut [f64]) + Sync,
    ) -> Result<()> {
        self.settle()?;
        for (index, location) in self.locations.iter().enumerate() {
            let buffer = self.values.send_buffer(index);
            let row = |tile: usize, k: usize, j: usize, out: &mut [f64]| row(index, tile, k, j, out);
            match self.precision {
                Precision::Double => {
                    self.part.gather_into(*location, bytemuck::cast_slice_mut::<u8, f64>(buffer), row)
                }
                Precision::Single => {
                    self.part.gather_into(*location, bytemuck::cast_slice_mut::<u8, f32>(buffer), row)
                }
            }
        }
        self.ask(Request::Record(*clock));
        self.values.start();
        self.is_waiting = true;
        self.latest = Some(clock.ticks);
        Ok(())
    }

    /// What the writer has written so far.
    pub fn throughput(&self) -> Throughput {
        self.throughput
    }

    /// Waits until the record handed over last is in the file.
    ///
    /// # Errors
    /// If it could not be written.
    pub fn settle(&mut self) -> Result<()> {
        if !self.is_waiting {
            return Ok(());
        }
        self.values.finish();
        self.is_waiting = false;
        self.answer()
    }

    /// Has the files closed.
    ///
    /// # Errors
    /// If they cannot be written.
    pub fn close(mut self) -> Result<()> {
        self.close_now()
    }

    fn close_now(&mut self) -> Result<()> {
        self.is_closed = true;
        let settled = self.settle();
        self.ask(Request::Close);
        let closed = self.answer();
        settled.and(closed)
    }

    fn ask(&mut self, request: Request) {
        self.requests.send_buffer(0).copy_from_slice(&request.to_bytes());
        self.requests.start();
        self.requests.finish();
    }

    fn answer(&mut self) -> Result<()> {
        self.answers.start();
        self.answers.finish();
        let Answer { latest, is_asked, throughput, outcome } =
            Answer::from_bytes(self.answers.receive_buffer(0));
        (self.latest, self.throughput) = (latest, throughput);
        if is_asked {
            signals::pass_on();
        }
        self.world.agree(outcome)
    }
}

impl Drop for Outbox {
    /// However a stepper ends, its writer hears of it and does not wait for ever.
    fn drop(&mut self) {
        if !self.is_closed {
            let _ = self.close_now();
        }
    }
}

/// What a writer answers.
struct Answer {
    /// Time of the latest record in ticks.
    latest: Option<i64>,
    /// Whether a signal asked the writer to stop, which the steppers decide.
    is_asked: bool,
    throughput: Throughput,
    outcome: Result<()>,
}

impl Answer {
    /// Bytes of the numbers: time, request to stop, four of the throughput, length of the outcome.
    const NUMBERS: usize = 7 * 8;

    fn to_bytes(&self, bytes: &mut [u8]) {
        let (head, room) = bytes.split_at_mut(Answer::NUMBERS);
        let outcome = encode_outcome(&self.outcome);
        let length = outcome.len().min(room.len());
        let Throughput { bytes, computing, writing, plain } = self.throughput;
        let numbers = [
            self.latest.unwrap_or(i64::MIN) as u64,
            self.is_asked.into(),
            bytes,
            computing.to_bits(),
            writing.to_bits(),
            plain.unwrap_or(f64::NAN).to_bits(),
            length as u64,
        ];
        for (word, number) in head.chunks_exact_mut(8).zip(numbers) {
            word.copy_from_slice(&number.to_le_bytes());
        }
        room[..length].copy_from_slice(&outcome[..length]);
    }

    fn from_bytes(bytes: &[u8]) -> Self {
        let latest = word(bytes, 0) as i64;
        let number = |index: usize| f64::from_bits(word(bytes, index));
        Answer {
            latest: (latest != i64::MIN).then_some(latest),
            is_asked: word(bytes, 1) != 0,
            throughput: Throughput {
                bytes: word(bytes, 2),
                computing: number(3),
                writing: number(4),
                plain: Some(number(5)).filter(|rate| !rate.is_nan()),
            },
            outcome: decode_outcome(&bytes[Answer::NUMBERS..][..word(bytes, 6) as usize]),
        }
    }
}

/// A little-endian number of 64 bits.
fn word(bytes: &[u8], index: usize) -> u64 {
    u64::from_le_bytes(*bytes[8 * index..].first_chunk().expect("messages have fixed lengths"))
}

/// A writer's work: writes what its steppers hand over, until they close the files. `mesh` is cut for the steppers.
/// All writers call it.
///
/// # Errors
/// If a file cannot be written; the steppers hear of it, too.
pub fn serve(configuration: &Configuration, mesh: &Mesh, roles: &Roles) -> Result<()> {
    let mut inbox = Inbox::new(configuration, mesh, roles);
    let watch = Watch::new(&roles.own);
    watch.iter().for_each(Watch::end);
    let mut writer: Option<SnapshotWriter> = None;
    let (mut outcome, mut throughput) = (Ok(()), Throughput::default());
    loop {
        let request = inbox.next();
        if let Request::Record(_) = request {
            inbox.receive();
        }
        watch.iter().for_each(Watch::start);
        let done = match request {
            _ if outcome.is_err() => Ok(()),
            Request::Open(from) => SnapshotWriter::create(configuration, &inbox.mesh, &roles.own, from)
                .map(|created| writer = Some(created)),
            Request::Record(clock) => writer.as_mut().map_or(Ok(()), |writer| inbox.write(writer, &clock)),
            Request::Close => writer.take().map_or(Ok(()), SnapshotWriter::close),
        };
        watch.iter().for_each(Watch::end);
        let latest = writer.as_ref().and_then(SnapshotWriter::latest);
        throughput = writer.as_ref().map_or(throughput, SnapshotWriter::throughput);
        let is_asked = signals::is_asked();
        let answer = Answer { latest, is_asked, throughput, outcome: outcome.and(done) };
        inbox.answer(&answer);
        outcome = answer.outcome;
        if request == Request::Close {
            return outcome;
        }
    }
}

/// A writer's side of the messages.
struct Inbox {
    /// The tiles of all its steppers.
    mesh: Mesh,
    locations: Vec<Location>,
    precision: Precision,
    /// The parts of its steppers.
    parts: Vec<LocalPart>,
    /// For every tile the stepper that has it, and the tile's index there.
    sources: Vec<(usize, usize)>,
    requests: Box<dyn Messages>,
    values: Box<dyn Messages>,
    answers: Box<dyn Messages>,
}

impl Inbox {
    fn new(configuration: &Configuration, mesh: &Mesh, roles: &Roles) -> Self {
        let own = roles.own.rank();
        let served =
            |writer: usize| (0..roles.steppers).filter(move |&stepper| roles.writer_of(stepper) == writer);
        let counts: Vec<usize> = (0..roles.writers).map(|writer| served(writer).count()).collect();
        let shared = mesh.joined(&counts, own);

        let (locations, bytes) = (locations(configuration), configuration.output.precision.bytes());
        let parts: Vec<LocalPart> = served(own).map(|stepper| part_of(mesh, stepper)).collect();
        let sources = served(own)
            .enumerate()
            .flat_map(|(number, stepper)| (0..mesh.owned[stepper].len()).map(move |tile| (number, tile)));
        let peers = |send_bytes: usize, receive_bytes: usize| -> Vec<Peer> {
            served(own).map(|rank| Peer { rank, send_bytes, receive_bytes }).collect()
        };
        let variables: Vec<Peer> = served(own)
            .zip(&parts)
            .flat_map(|(rank, part)| {
                let peer = |location: &Location| Peer {
                    rank,
                    send_bytes: 0,
                    receive_bytes: bytes * part.len(*location),
                };
                locations.iter().map(peer).collect::<Vec<_>>()
            })
            .collect();
        Inbox {
            requests: roles.world.messages(&peers(0, REQUEST), REQUESTS),
            values: roles.world.messages(&variables, VALUES),
            answers: roles.world.messages(&peers(ANSWER, 0), ANSWERS),
            mesh: shared,
            precision: configuration.output.precision,
            sources: sources.collect(),
            locations,
            parts,
        }
    }

    /// What all steppers ask next: they agree on everything that they do.
    fn next(&mut self) -> Request {
        self.requests.start();
        self.requests.finish();
        Request::from_bytes(self.requests.receive_buffer(0))
    }

    fn receive(&mut self) {
        self.values.start();
        self.values.finish();
    }

    /// Writes the values that came.
    fn write(&self, writer: &mut SnapshotWriter, clock: &Clock) -> Result<()> {
        let count = self.parts.len() * self.locations.len();
        let received: Vec<&[u8]> = (0..count).map(|peer| self.values.receive_buffer(peer)).collect();
        let Inbox { locations, parts, sources, precision, .. } = self;
        let row = |variable: usize, tile: usize, k: usize, j: usize, out: &mut [f64]| {
            let (stepper, tile) = sources[tile];
            let (part, bytes) = (&parts[stepper], received[stepper * locations.len() + variable]);
            let range = part.row_of(locations[variable], tile, k, j);
            match precision {
                Precision::Double => widen::<f64>(&bytemuck::cast_slice(bytes)[range], out),
                Precision::Single => widen::<f32>(&bytemuck::cast_slice(bytes)[range], out),
            }
        };
        writer.write(clock, row)
    }

    fn answer(&mut self, answer: &Answer) {
        for peer in 0..self.parts.len() {
            answer.to_bytes(self.answers.send_buffer(peer));
        }
        self.answers.start();
        self.answers.finish();
    }
}

/// The values in double precision.
fn widen<T: Real>(values: &[T], out: &mut [f64]) {
    out.iter_mut().zip(values).for_each(|(out, value)| *out = value.to_f64());
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::path::Path;

    #[test]
    fn requests_come_back() {
        let clock = Clock { ticks: 1_500_000, step: 3 };
        for request in
            [Request::Open(None), Request::Open(Some(clock)), Request::Record(clock), Request::Close]
        {
            assert_eq!(Request::from_bytes(&request.to_bytes()), request);
        }
    }

    #[test]
    fn answers_come_back_and_long_messages_are_cut() {
        let mut bytes = [0; ANSWER];
        let throughput = Throughput { bytes: 7, computing: 0.5, writing: 0.25, plain: Some(1e9) };
        Answer { latest: None, is_asked: true, throughput, outcome: Ok(()) }.to_bytes(&mut bytes);
        let answer = Answer::from_bytes(&bytes);
        assert!(answer.latest.is_none() && answer.is_asked && answer.outcome.is_ok());
        assert_eq!(answer.throughput, throughput);
        let outcome = Err(Error::io(Path::new("a.h5"), "no space left ".repeat(1000)));
        let throughput = Throughput::default();
        Answer { latest: Some(7), is_asked: false, throughput, outcome }.to_bytes(&mut bytes);
        let Answer { latest, is_asked, throughput, outcome } = Answer::from_bytes(&bytes);
        assert!(latest == Some(7) && !is_asked && throughput == Throughput::default());
        assert!(outcome.unwrap_err().to_string().starts_with("a.h5: no space left"));
    }
}
