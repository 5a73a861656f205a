//! Messages between fixed peers as persistent requests, which own their buffers.
//!
//! Peers of one host that send to each other leave what they send in memory that the receiver reads, and the message
//! itself is empty: it only tells that the bytes are there. That saves the copy, or two, that MPI would make.

use super::shared_memory::{self, Offer, SharedMemory};
use super::{Session, count};
use crate::aligned::Aligned;
use crate::comm::{Messages, Peer};
use mpi::ffi;
use mpi::raw::AsRaw;
use std::ops::Range;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::sync::atomic::{Ordering, fence};

/// What goes to a peer, or comes from it.
enum Buffer {
    /// Memory of this process; MPI carries it over.
    Own(Aligned<u8>),
    /// Memory of the sender, which the receiver reads. It holds the bytes twice, for one exchange and the next: when
    /// the receiver's message of the next one is there, it has read those of this one.
    Shared { memory: SharedMemory, length: usize },
}

impl Buffer {
    /// The bytes of shared memory for messages of `length` bytes.
    fn shared_bytes(length: usize) -> usize {
        2 * length.next_multiple_of(64)
    }

    /// Where the bytes of exchange number `turn` lie in it.
    fn place(length: usize, turn: usize) -> Range<usize> {
        let start = turn % 2 * length.next_multiple_of(64);
        start..start + length
    }

    /// The bytes that MPI carries.
    fn carried(&self) -> &[u8] {
        match self {
            Buffer::Own(bytes) => bytes.as_slice(),
            Buffer::Shared { .. } => &[],
        }
    }

    /// What was sent in exchange number `turn`.
    fn bytes(&self, turn: usize) -> &[u8] {
        match self {
            Buffer::Own(bytes) => bytes.as_slice(),
            // SAFETY: the sender writes them again only two exchanges later; see the variant.
            Buffer::Shared { memory, length } => unsafe { memory.bytes(Self::place(*length, turn)) },
        }
    }

    /// What is to be sent in exchange number `turn`.
    fn bytes_mut(&mut self, turn: usize) -> &mut [u8] {
        match self {
            Buffer::Own(bytes) => bytes.as_mut_slice(),
            // SAFETY: the receiver has read those of two exchanges before; see the variant.
            Buffer::Shared { memory, length } => unsafe { memory.bytes_mut(Self::place(*length, turn)) },
        }
    }
}

/// One persistent send and one persistent receive for every peer; none where there are no bytes to go.
pub(super) struct PersistentMessages {
    sends: Vec<Buffer>,
    receives: Vec<Buffer>,
    /// Receives first, so that they are ready when messages arrive.
    requests: Vec<ffi::MPI_Request>,
    /// Exchanges started so far.
    turn: usize,
    /// Started and not yet finished: MPI reads and writes the buffers.
    under_way: bool,
    session: Arc<Session>,
}

// SAFETY: as for `Session`: the handles may move, the calls stay on the main thread.
unsafe impl Send for PersistentMessages {}

impl PersistentMessages {
    /// The messages of this rank, through the memory of the host where that can be done. The peers call it, too.
    pub fn new(session: &Arc<Session>, rank: usize, peers: &[Peer], host: &str, tag: u16) -> Self {
        let mut sends: Vec<_> = peers.iter().map(|peer| own(peer.send_bytes)).collect();
        let mut receives: Vec<_> = peers.iter().map(|peer| own(peer.receive_bytes)).collect();
        let is_mutual = |peer: &&Peer| peer.send_bytes > 0 && peer.receive_bytes > 0;
        let mutual: Vec<Peer> = peers.iter().filter(is_mutual).cloned().collect();
        let shared = share(session, rank, &mutual, shared_memory::place(host), tag);
        let numbers = (0..peers.len()).filter(|&number| is_mutual(&&peers[number]));
        for (number, [to_peer, from_peer]) in numbers.zip(shared) {
            let Peer { send_bytes, receive_bytes, .. } = peers[number];
            if let Some(memory) = to_peer {
                sends[number] = Buffer::Shared { memory, length: send_bytes };
            }
            if let Some(memory) = from_peer {
                receives[number] = Buffer::Shared { memory, length: receive_bytes };
            }
        }
        Self::of_buffers(session, rank, peers, sends, receives, tag)
    }

    /// Messages that MPI carries.
    fn carried(session: &Arc<Session>, rank: usize, peers: &[Peer], tag: u16) -> Self {
        let sends = peers.iter().map(|peer| own(peer.send_bytes)).collect();
        let receives = peers.iter().map(|peer| own(peer.receive_bytes)).collect();
        Self::of_buffers(session, rank, peers, sends, receives, tag)
    }

    fn of_buffers(
        session: &Arc<Session>,
        rank: usize,
        peers: &[Peer],
        sends: Vec<Buffer>,
        receives: Vec<Buffer>,
        tag: u16,
    ) -> Self {
        let communicator = session.all().as_raw();
        let mut requests = Vec::with_capacity(2 * peers.len());
        for (peer, buffer) in peers.iter().zip(&receives).filter(|(peer, _)| peer.receive_bytes > 0) {
            assert_ne!(peer.rank, rank, "a rank sends no message to itself");
            let bytes = buffer.carried();
            // SAFETY: the buffer's address is fixed, it is freed after the request (see `drop`), and only MPI writes
            // it: nobody has a reference to it while messages are under way.
            requests.push(unsafe {
                new_request(|request| {
                    ffi::MPI_Recv_init(
                        bytes.as_ptr().cast_mut().cast(),
                        count(bytes.len()),
                        ffi::RSMPI_UINT8_T,
                        count(peer.rank),
                        tag.into(),
                        communicator,
                        request,
                    )
                })
            });
        }
        for (peer, buffer) in peers.iter().zip(&sends).filter(|(peer, _)| peer.send_bytes > 0) {
            let bytes = buffer.carried();
            // SAFETY: as above.
            requests.push(unsafe {
                new_request(|request| {
                    ffi::MPI_Send_init(
                        bytes.as_ptr().cast(),
                        count(bytes.len()),
                        ffi::RSMPI_UINT8_T,
                        count(peer.rank),
                        tag.into(),
                        communicator,
                        request,
                    )
                })
            });
        }
        PersistentMessages {
            sends,
            receives,
            requests,
            turn: 0,
            under_way: false,
            session: Arc::clone(session),
        }
    }
}

fn own(length: usize) -> Buffer {
    Buffer::Own(Aligned::zeros(length))
}

/// For every peer the memory in which it finds what this rank sends, and that in which this rank finds what it sends;
/// `None` where MPI must carry the bytes.
fn share(
    session: &Arc<Session>,
    rank: usize,
    peers: &[Peer],
    place: Option<u64>,
    tag: u16,
) -> Vec<[Option<SharedMemory>; 2]> {
    let with = |bytes: usize| -> Vec<Peer> {
        peers.iter().map(|peer| Peer { rank: peer.rank, send_bytes: bytes, receive_bytes: bytes }).collect()
    };
    let mut offers = PersistentMessages::carried(session, rank, &with(Offer::BYTES), tag);
    let created: Vec<Option<(SharedMemory, OwnedFd)>> = peers
        .iter()
        .map(|peer| place.and(SharedMemory::create(Buffer::shared_bytes(peer.send_bytes)).ok()))
        .collect();
    for (number, created) in created.iter().enumerate() {
        let offer = created.as_ref().zip(place).map(|((_, file), place)| Offer::new(place, file));
        offers.send_buffer(number).copy_from_slice(&offer.unwrap_or_default().to_bytes());
    }
    offers.start();
    offers.finish();
    let mut replies = PersistentMessages::carried(session, rank, &with(1), tag);
    let mut accepted = Vec::with_capacity(peers.len());
    for (number, peer) in peers.iter().enumerate() {
        let offer = offers.receive_buffer(number).try_into().expect("an offer has a fixed length");
        let offer = Offer::from_bytes(offer);
        let memory = offer.accept(place, Buffer::shared_bytes(peer.receive_bytes));
        replies.send_buffer(number)[0] = memory.is_some().into();
        accepted.push(memory);
    }
    replies.start();
    replies.finish();
    // The files are closed here: both sides have their mappings.
    let created = created.into_iter().enumerate().map(|(number, created)| {
        let is_accepted = replies.receive_buffer(number) == [1];
        created.filter(|_| is_accepted).map(|(memory, _)| memory)
    });
    created.zip(accepted).map(|(to_peer, from_peer)| [to_peer, from_peer]).collect()
}

/// The request that `create` makes.
///
/// # Safety
/// `create` must set the request that it is given.
unsafe fn new_request(create: impl FnOnce(*mut ffi::MPI_Request) -> i32) -> ffi::MPI_Request {
    // SAFETY: the null request is a constant of the library.
    let mut request = unsafe { ffi::RSMPI_REQUEST_NULL };
    create(&mut request);
    request
}

impl Messages for PersistentMessages {
    fn send_buffer(&mut self, peer: usize) -> &mut [u8] {
        assert!(!self.under_way, "buffers are not touched while messages are under way");
        self.sends[peer].bytes_mut(self.turn + 1)
    }

    fn receive_buffer(&self, peer: usize) -> &[u8] {
        assert!(!self.under_way, "buffers are not touched while messages are under way");
        self.receives[peer].bytes(self.turn)
    }

    fn start(&mut self) {
        assert!(!self.under_way, "messages are finished before they are started again");
        self.session.all();
        self.under_way = true;
        self.turn += 1;
        // What was written to shared memory is there before the message is.
        fence(Ordering::SeqCst);
        // SAFETY: the requests are inactive, and the buffers are untouched until `finish`.
        unsafe { ffi::MPI_Startall(count(self.requests.len()), self.requests.as_mut_ptr()) };
    }

    fn finish(&mut self) {
        assert!(self.under_way, "messages are started before they are finished");
        self.session.all();
        // SAFETY: the requests are active, and the statuses are ignored.
        unsafe {
            ffi::MPI_Waitall(
                count(self.requests.len()),
                self.requests.as_mut_ptr(),
                ffi::RSMPI_STATUSES_IGNORE,
            );
        }
        fence(Ordering::SeqCst);
        self.under_way = false;
    }
}

impl Drop for PersistentMessages {
    fn drop(&mut self) {
        if self.under_way {
            // An error between start and finish: the peers may never answer, so do not wait. MPI
            // still holds the buffers, therefore they stay allocated until the process ends.
            std::mem::forget(std::mem::take(&mut self.sends));
            std::mem::forget(std::mem::take(&mut self.receives));
            return;
        }
        for request in &mut self.requests {
            // SAFETY: the requests are inactive, and the session keeps MPI initialised.
            unsafe { ffi::MPI_Request_free(request) };
        }
    }
}
