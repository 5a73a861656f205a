//! A maximum over the ranks that travels while they work.

use super::{Session, count};
use crate::comm::Maximum;
use mpi::ffi;
use mpi::raw::AsRaw;
use std::sync::Arc;

/// A non-blocking reduction with its buffers.
pub(super) struct PendingMaximum {
    mine: Vec<f64>,
    largest: Vec<f64>,
    /// Of the reduction under way, whose buffers MPI reads and writes.
    request: Option<ffi::MPI_Request>,
    session: Arc<Session>,
}

// SAFETY: as for `Session`: the handle may move, the calls stay on the main thread.
unsafe impl Send for PendingMaximum {}

impl PendingMaximum {
    pub fn new(session: &Arc<Session>, length: usize) -> Self {
        let zeros = || vec![0.0; length];
        PendingMaximum { mine: zeros(), largest: zeros(), request: None, session: Arc::clone(session) }
    }
}

impl Maximum for PendingMaximum {
    fn start(&mut self, values: &[f64]) {
        assert!(self.request.is_none(), "a maximum is finished before it is started again");
        self.mine.copy_from_slice(values);
        // SAFETY: the null request is a constant of the library.
        let mut request = unsafe { ffi::RSMPI_REQUEST_NULL };
        // SAFETY: the buffers have the same length, keep their place, and are left alone until `finish`.
        unsafe {
            ffi::MPI_Iallreduce(
                self.mine.as_ptr().cast(),
                self.largest.as_mut_ptr().cast(),
                count(self.mine.len()),
                ffi::RSMPI_DOUBLE,
                ffi::RSMPI_MAX,
                self.session.all().as_raw(),
                &mut request,
            )
        };
        self.request = Some(request);
    }

    fn finish(&mut self) -> &[f64] {
        let mut request = self.request.take().expect("a maximum is started before it is finished");
        self.session.all();
        // SAFETY: the request is active, and the status is ignored.
        unsafe { ffi::MPI_Wait(&mut request, ffi::RSMPI_STATUS_IGNORE) };
        &self.largest
    }
}

impl Drop for PendingMaximum {
    fn drop(&mut self) {
        if self.request.is_some() {
            // An error between start and finish: the other ranks may never answer, so do not wait. MPI still holds the
            // buffers, therefore they stay allocated until the process ends.
            std::mem::forget(std::mem::take(&mut self.mine));
            std::mem::forget(std::mem::take(&mut self.largest));
        }
    }
}
