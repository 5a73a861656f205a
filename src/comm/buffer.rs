//! Byte buffers for messages.

/// Alignment of every message buffer in bytes: a cache line, enough for any number type.
const ALIGNMENT: usize = 64;

/// One cache line.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([u8; ALIGNMENT]);

// SAFETY: a `Line` is an array of bytes without padding (its size is its alignment), so any bit
// pattern, all zeros included, is a value of it.
unsafe impl bytemuck::Zeroable for Line {}
// SAFETY: as above; `Line` is `Copy`, has no lifetime and no interior mutability.
unsafe impl bytemuck::Pod for Line {}

/// Bytes of fixed number on the heap that begin at a multiple of 64, so that they can be cast to
/// slices of `f32` or `f64`. They keep their address when the buffer moves.
pub struct AlignedBytes {
    lines: Box<[Line]>,
    length: usize,
}

impl AlignedBytes {
    /// A buffer of `length` zero bytes.
    pub fn new(length: usize) -> Self {
        let lines = vec![Line([0; ALIGNMENT]); length.div_ceil(ALIGNMENT)].into_boxed_slice();
        AlignedBytes { lines, length }
    }

    /// The bytes.
    pub fn as_slice(&self) -> &[u8] {
        &bytemuck::must_cast_slice(&self.lines)[..self.length]
    }

    /// The bytes, to write.
    pub fn as_mut_slice(&mut self) -> &mut [u8] {
        &mut bytemuck::must_cast_slice_mut(&mut self.lines)[..self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::AlignedBytes;

    #[test]
    fn buffers_have_their_length_and_cast_to_numbers() {
        for length in [0, 8, 64, 72] {
            let mut buffer = AlignedBytes::new(length);
            assert_eq!(buffer.as_slice(), vec![0; length]);
            let numbers: &mut [f64] = bytemuck::cast_slice_mut(buffer.as_mut_slice());
            numbers.fill(1.0);
            assert_eq!(buffer.as_slice().as_ptr() as usize % 64, 0);
        }
    }
}
