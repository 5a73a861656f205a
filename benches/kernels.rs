//! The row kernels on data in the cache, as a share of the multiply-add peak of the same run.
//!
//! `cargo bench --bench kernels`. A row is 120 cells long, a slab 40 levels high, as in the box of
//! `benches/step.rs`.

mod machine;

use gale::dynamics::euler::faces::fluxes_along_x;
use gale::dynamics::operators::{along_x, divergence_xy, upwind_flux};
use gale::dynamics::slab::Slab;
use gale::real::Real;
use machine::Machine;
use std::hint::black_box;

const CELLS: usize = 120;
const LEVELS: usize = 40;
const REPETITIONS: usize = 200;

fn main() {
    let [peak_double, peak_single] = Machine::measure().peak;
    println!("{:32} {:>12} {:>10} {:>10}", "kernel", "ns/value", "Gflop/s", "of peak");
    kernels::<f64>(peak_double);
    kernels::<f32>(peak_single);
}

/// A slab of smooth numbers near 1.
fn slab<T: Real>(phase: f64) -> Slab<T> {
    let mut slab = Slab::with_halo(LEVELS, CELLS + 6);
    for k in 0..LEVELS {
        for (i, value) in slab.row_mut(k).iter_mut().enumerate() {
            *value = T::of(1.0 + 0.1 * (phase + 0.05 * i as f64 + 0.3 * k as f64).sin());
        }
    }
    slab
}

fn kernels<T: Real>(peak: f64) {
    let (q, momentum, pressure) = (slab::<T>(0.0), slab::<T>(1.0), slab::<T>(2.0));
    let (mut mass, mut face, mut flux) = (slab::<T>(0.0), slab::<T>(0.0), slab::<T>(0.0));
    let (mut normal, mut other) = (slab::<T>(0.0), slab::<T>(0.0));
    let sound = [T::of(0.003), T::of(30.0)];
    report::<T>("all fluxes along x", 113.0, peak, |k| {
        let rows = [momentum.row(k), pressure.row(k), q.row(k), momentum.row(k), pressure.row(k)];
        let (mass, face) = (&mut mass.row_mut(k)[..CELLS], &mut face.row_mut(k)[..CELLS]);
        let (normal, other) = (&mut normal.row_mut(k)[..CELLS], &mut other.row_mut(k)[..CELLS]);
        fluxes_along_x(rows, sound, mass, normal, other, face);
    });
    report::<T>("upwind flux along x", 23.0, peak, |k| {
        upwind_flux(&along_x(q.row(k)), mass.row(k), &mut flux.row_mut(k)[..CELLS]);
    });
    report::<T>("divergence along x and y", 5.0, peak, |k| {
        let sides = [mass.row(k), &mass.row(k)[1..], face.row(k), pressure.row(k)];
        divergence_xy(sides, T::of(0.001), T::of(0.001), &mut flux.row_mut(k)[..CELLS]);
    });
    black_box((mass, face, flux, normal, other));
}

/// Times a kernel of so many operations a value over all levels.
fn report<T: Real>(name: &str, operations: f64, peak: f64, mut kernel: impl FnMut(usize)) {
    let seconds = machine::shortest(REPETITIONS, || (0..LEVELS).for_each(&mut kernel));
    let per_value = seconds / (CELLS * LEVELS) as f64;
    let rate = operations / per_value;
    println!(
        "{:32} {:>12.3} {:>10.1} {:>9.0}%",
        format!("{name}, {}", T::NAME),
        per_value * 1e9,
        rate / 1e9,
        100.0 * rate / peak
    );
}
