//! What this machine can do, measured in the same run as everything that is compared with it.

use std::hint::black_box;
use std::time::Instant;

/// Shortest of `repetitions` times of `work`, in s. The shortest is the least disturbed.
pub fn shortest(repetitions: usize, mut work: impl FnMut()) -> f64 {
    (0..repetitions)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed().as_secs_f64()
        })
        .fold(f64::INFINITY, f64::min)
}

/// What one core of this machine does.
pub struct Machine {
    /// Bandwidth of the triad in bytes/s.
    pub bandwidth: f64,
    /// Multiply-add peak in operations/s, for f64 and f32.
    pub peak: [f64; 2],
}

impl Machine {
    /// Measures and prints.
    pub fn measure() -> Self {
        let machine = Machine { bandwidth: triad_bandwidth(), peak: multiply_add_peak() };
        println!(
            "triad {:.1} GB/s, multiply-add {:.0} (f64) and {:.0} (f32) Gflop/s on one core",
            machine.bandwidth / 1e9,
            machine.peak[0] / 1e9,
            machine.peak[1] / 1e9
        );
        machine
    }
}

/// Bandwidth of the STREAM triad c = a + s b on one core, in bytes/s, over arrays far larger than the caches.
fn triad_bandwidth() -> f64 {
    const VALUES: usize = 1 << 24;
    let (a, b) = (vec![1.0f64; VALUES], vec![2.0f64; VALUES]);
    let mut c = vec![0.0f64; VALUES];
    let seconds = shortest(7, || {
        for ((c, a), b) in c.iter_mut().zip(&a).zip(&b) {
            *c = a + 3.0 * b;
        }
        black_box(&mut c);
    });
    (3 * VALUES * size_of::<f64>()) as f64 / seconds
}

/// f64 values in a vector: with more of them the chains of [`peak`] would not fit into the registers.
const VECTOR: usize = if cfg!(target_feature = "avx512f") {
    8
} else if cfg!(target_feature = "avx") {
    4
} else {
    2
};

/// Multiply-add peak of one core in operations/s, for f64 and f32.
fn multiply_add_peak() -> [f64; 2] {
    let double = peak::<f64, VECTOR>(|x| x.mul_add(0.999, 0.001));
    [double, peak::<f32, { 2 * VECTOR }>(|x| x.mul_add(0.999, 0.001))]
}

/// Operations/s of `LANES` x 12 independent chains of `step`, which counts as two operations.
fn peak<T: Copy + From<u8>, const LANES: usize>(step: impl Fn(T) -> T + Copy) -> f64 {
    const CHAINS: usize = 12;
    const ROUNDS: usize = 500_000;
    let seconds = shortest(7, || {
        let mut x = black_box([[T::from(1); LANES]; CHAINS]);
        for _ in 0..ROUNDS {
            for chain in &mut x {
                *chain = chain.map(step);
            }
        }
        black_box(x);
    });
    (2 * LANES * CHAINS * ROUNDS) as f64 / seconds
}
