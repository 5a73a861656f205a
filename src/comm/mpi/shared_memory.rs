//! Memory of one process that another process of the same host reads.
//!
//! It is an anonymous file, which the other opens under `/proc` as long as its owner has it open; later the mappings
//! alone keep it alive. Nothing has a name in a folder, so nothing stays behind when ranks are killed.

use rustix::fs::{FallocateFlags, MemfdFlags, Mode, OFlags};
use rustix::io::Result;
use rustix::mm::{MapFlags, ProtFlags};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::ops::Range;
use std::os::fd::{AsRawFd, OwnedFd};
use std::ptr::NonNull;

/// Set to `off` it keeps ranks of one host from reading each other's memory: all messages go through MPI.
const CHOICE: &str = "GALE_SHARED_MEMORY";

/// A mapping of such memory, its owner's or a reader's.
pub(super) struct SharedMemory {
    address: NonNull<u8>,
    length: usize,
    is_writable: bool,
}

// SAFETY: the mapping belongs to the process, not to a thread; references to it follow the borrow of the owner.
unsafe impl Send for SharedMemory {}

impl SharedMemory {
    /// `length` zeros, more than none, and the file that makes them known to [`SharedMemory::of_process`].
    ///
    /// # Errors
    /// If there is not so much memory, or the system knows no anonymous files.
    pub fn create(length: usize) -> Result<(Self, OwnedFd)> {
        let file = rustix::fs::memfd_create("gale", MemfdFlags::CLOEXEC)?;
        // A lack of memory is told here; touching pages that are not there would be the end of the process.
        rustix::fs::fallocate(&file, FallocateFlags::empty(), 0, length as u64)?;
        let memory = Self::map(&file, length, true)?;
        Ok((memory, file))
    }

    /// The memory that process `process` of this host created with so many bytes behind its open file `file`.
    ///
    /// # Errors
    /// If this process may not look into the other.
    pub fn of_process(process: u64, file: u64, length: usize) -> Result<Self> {
        let path = format!("/proc/{process}/fd/{file}");
        Self::map(&rustix::fs::open(path, OFlags::RDONLY | OFlags::CLOEXEC, Mode::empty())?, length, false)
    }

    fn map(file: &OwnedFd, length: usize, is_writable: bool) -> Result<Self> {
        let access = if is_writable { ProtFlags::READ | ProtFlags::WRITE } else { ProtFlags::READ };
        // SAFETY: a new mapping of a file that nobody shortens, where the system likes to put it.
        let address =
            unsafe { rustix::mm::mmap(std::ptr::null_mut(), length, access, MapFlags::SHARED, file, 0)? };
        Ok(SharedMemory {
            address: NonNull::new(address.cast()).expect("a mapping has an address"),
            length,
            is_writable,
        })
    }

    /// The bytes.
    ///
    /// # Safety
    /// Nobody may write these `bytes` as long as they are looked at.
    pub unsafe fn bytes(&self, bytes: Range<usize>) -> &[u8] {
        assert!(bytes.end <= self.length);
        // SAFETY: inside the mapping, which lives as long as `self`; see the contract.
        unsafe { std::slice::from_raw_parts(self.address.as_ptr().add(bytes.start), bytes.len()) }
    }

    /// The bytes to be written.
    ///
    /// # Safety
    /// Nobody else may look at these `bytes` meanwhile.
    pub unsafe fn bytes_mut(&mut self, bytes: Range<usize>) -> &mut [u8] {
        assert!(self.is_writable && bytes.end <= self.length);
        // SAFETY: as above.
        unsafe { std::slice::from_raw_parts_mut(self.address.as_ptr().add(bytes.start), bytes.len()) }
    }
}

impl Drop for SharedMemory {
    fn drop(&mut self) {
        // SAFETY: nobody refers to the mapping any more. It cannot fail for a mapping that is there.
        let _ = unsafe { rustix::mm::munmap(self.address.as_ptr().cast(), self.length) };
    }
}

/// A number that two processes have in common if they can look into each other: those of one boot of one host (by
/// MPI's name for it) which see the same processes. `None` if this process must not, or the system does not tell.
pub(super) fn place(host: &str) -> Option<u64> {
    if std::env::var_os(CHOICE).is_some_and(|choice| choice == "off") {
        return None;
    }
    let boot = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
    let processes = std::fs::read_link("/proc/self/ns/pid").ok()?;
    let mut hasher = DefaultHasher::new();
    (boot, processes, host).hash(&mut hasher);
    Some(hasher.finish().max(1))
}

/// What a process tells another so that it can open a file of its own.
#[derive(Clone, Copy, Default)]
pub(super) struct Offer {
    /// Its [`place`], or 0: nothing is offered.
    place: u64,
    process: u64,
    file: u64,
}

impl Offer {
    /// Length of an offer in a message.
    pub const BYTES: usize = 24;

    pub fn new(place: u64, file: &OwnedFd) -> Self {
        Offer { place, process: std::process::id().into(), file: file.as_raw_fd() as u64 }
    }

    pub fn to_bytes(self) -> [u8; Self::BYTES] {
        bytemuck::must_cast([self.place, self.process, self.file])
    }

    pub fn from_bytes(bytes: [u8; Self::BYTES]) -> Self {
        let [place, process, file] = bytemuck::must_cast(bytes);
        Offer { place, process, file }
    }

    /// The memory of `length` bytes that is offered, if it can be had from `place`.
    pub fn accept(&self, place: Option<u64>, length: usize) -> Option<SharedMemory> {
        let is_here = place == Some(self.place);
        is_here.then(|| SharedMemory::of_process(self.process, self.file, length).ok()).flatten()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reader_sees_what_the_owner_writes_even_after_the_file_is_closed() {
        let (mut memory, file) = SharedMemory::create(5000).unwrap();
        let here = place("here");
        let reader =
            Offer::new(here.unwrap(), &file).accept(here, 5000).expect("the process may look into itself");
        drop(file);
        // SAFETY: one after the other.
        unsafe {
            memory.bytes_mut(4990..5000).fill(7);
            assert_eq!(reader.bytes(4980..5000), [[0; 10], [7; 10]].concat());
        }
    }

    #[test]
    fn offers_from_elsewhere_are_not_followed() {
        let (_memory, file) = SharedMemory::create(64).unwrap();
        let offer = Offer::from_bytes(Offer::new(place("there").unwrap(), &file).to_bytes());
        assert!(offer.accept(place("there"), 64).is_some());
        assert!(offer.accept(place("here"), 64).is_none());
        assert!(Offer::default().accept(None, 64).is_none());
    }
}
