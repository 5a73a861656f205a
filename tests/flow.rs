//! Diagnostics of the flow against the same formulae on the whole fields.
//!
//! | quantity | tolerance | reason |
//! |---|---|---|
//! | vorticity, divergence, helicity, momentum flux, column maximum | 1e-12 of the largest value | other order of the operations |

use gale::comm::{World, single::Single};
use gale::{config, simulation};
use ndarray::{Array3, Axis, s};
use std::sync::Arc;

const BUBBLE: &str = "\
[case]
name = \"warm_bubble\"
horizontal_radius_m = 3000.0
wind_m_per_s = 10.0
[grid]
nx = 12
ny = 10
nz = 12
dx_m = 500.0
dy_m = 400.0
dz_m = 500.0
[time]
end_s = 120.0
[dynamics]
coriolis_per_s = 1e-3
[parallel]
tile = [5, 3]
[output]
variables = [\"u\", \"v\", \"w\", \"density\", \"vorticity_y\", \"vorticity_z\", \"divergence\", \"updraft_helicity\", \
\"momentum_flux_x\", \"w_column_max\"]
";

fn assert_near(found: &Array3<f64>, expected: &Array3<f64>) {
    let largest = expected.iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    let worst = (found - expected).iter().fold(0.0, |most: f64, value| most.max(value.abs()));
    assert!(largest > 0.0 && worst <= 1e-12 * largest, "{worst} of {largest}");
}

/// The difference of the cells at both sides along an axis of a periodic field, over two cell sizes.
fn gradient(q: &Array3<f64>, axis: usize, size: f64) -> Array3<f64> {
    let n = q.len_of(Axis(axis));
    let shifted = |by: usize| q.select(Axis(axis), &(0..n).map(|i| (i + by) % n).collect::<Vec<_>>());
    (shifted(1) - shifted(n - 1)) / (2.0 * size)
}

#[test]
fn the_flow_is_that_of_the_wind() {
    let configuration = config::parse("test", BUBBLE, &[]).unwrap();
    let world: World = Arc::new(Single);
    let end = simulation::integrate(&configuration, &world).unwrap();
    let [u, v, w] = ["u", "v", "w"].map(|name| &end.fields[name]);
    let centred = 0.5 * (&w.slice(s![1.., .., ..]) + &w.slice(s![..-1, .., ..]));
    let vorticity = gradient(v, 2, 500.0) - gradient(u, 1, 400.0);
    assert_near(&end.fields["vorticity_z"], &vorticity);
    assert_near(&end.fields["divergence"], &(gradient(u, 2, 500.0) + gradient(v, 1, 400.0)));
    let shear = (&u.slice(s![2.., .., ..]) - &u.slice(s![..-2, .., ..])) / 1000.0;
    let inner = s![1..11, .., ..];
    let expected = shear - gradient(&centred, 2, 500.0).slice(inner);
    assert_near(&end.fields["vorticity_y"].slice(inner).to_owned(), &expected);
    assert_near(&end.fields["momentum_flux_x"], &(&end.fields["density"] * &(u - 10.0) * &centred));
    // Levels 4 to 9 fill 2 to 5 km.
    let helicity = 500.0 * (&vorticity * &centred).slice(s![4..10, .., ..]).sum_axis(Axis(0));
    assert_near(&end.fields["updraft_helicity"], &helicity.insert_axis(Axis(0)));
    let highest = w.fold_axis(Axis(0), f64::NEG_INFINITY, |a, b| a.max(*b));
    assert_near(&end.fields["w_column_max"], &highest.insert_axis(Axis(0)));
}
