//! Messages between fixed peers as persistent requests, which own their buffers.

use super::{Session, count};
use crate::aligned::Aligned;
use crate::comm::{Messages, Peer};
use mpi::ffi;
use mpi::raw::AsRaw;
use std::sync::Arc;

/// One persistent send and one persistent receive for every peer; none where there are no bytes to go.
pub(super) struct PersistentMessages {
    send_buffers: Vec<Aligned<u8>>,
    receive_buffers: Vec<Aligned<u8>>,
    /// Receives first, so that they are ready when messages arrive.
    requests: Vec<ffi::MPI_Request>,
    /// Started and not yet finished: MPI reads and writes the buffers.
    under_way: bool,
    session: Arc<Session>,
}

// SAFETY: as for `Session`: the handles may move, the calls stay on the main thread.
unsafe impl Send for PersistentMessages {}

impl PersistentMessages {
    pub fn new(session: &Arc<Session>, rank: usize, peers: &[Peer], tag: u16) -> Self {
        let communicator = session.all().as_raw();
        let mut receive_buffers: Vec<_> =
            peers.iter().map(|peer| Aligned::<u8>::zeros(peer.receive_bytes)).collect();
        let send_buffers: Vec<_> = peers.iter().map(|peer| Aligned::<u8>::zeros(peer.send_bytes)).collect();
        let mut requests = Vec::with_capacity(2 * peers.len());
        for (peer, buffer) in peers.iter().zip(&mut receive_buffers) {
            assert_ne!(peer.rank, rank, "a rank sends no message to itself");
            if peer.receive_bytes == 0 {
                continue;
            }
            let bytes = buffer.as_mut_slice();
            // SAFETY: the buffer's address is fixed and it is freed after the request (see `drop`).
            requests.push(unsafe {
                new_request(|request| {
                    ffi::MPI_Recv_init(
                        bytes.as_mut_ptr().cast(),
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
        for (peer, buffer) in peers.iter().zip(&send_buffers) {
            if peer.send_bytes == 0 {
                continue;
            }
            let bytes = buffer.as_slice();
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
            send_buffers,
            receive_buffers,
            requests,
            under_way: false,
            session: Arc::clone(session),
        }
    }
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
        self.send_buffers[peer].as_mut_slice()
    }

    fn receive_buffer(&self, peer: usize) -> &[u8] {
        assert!(!self.under_way, "buffers are not touched while messages are under way");
        self.receive_buffers[peer].as_slice()
    }

    fn start(&mut self) {
        assert!(!self.under_way, "messages are finished before they are started again");
        self.session.all();
        self.under_way = true;
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
        self.under_way = false;
    }
}

impl Drop for PersistentMessages {
    fn drop(&mut self) {
        if self.under_way {
            // An error between start and finish: the peers may never answer, so do not wait. MPI
            // still holds the buffers, therefore they stay allocated until the process ends.
            std::mem::forget(std::mem::take(&mut self.send_buffers));
            std::mem::forget(std::mem::take(&mut self.receive_buffers));
            return;
        }
        for request in &mut self.requests {
            // SAFETY: the requests are inactive, and the session keeps MPI initialised.
            unsafe { ffi::MPI_Request_free(request) };
        }
    }
}
