use gale::cases;
use gale::comm::single::Single;
use gale::config::{self, Setting};
use gale::dynamics::Reference;
use gale::dynamics::euler::sphere::SphereCore;
use gale::mesh::{CubedSphere, Geometry, Mesh, VerticalGrid};
use gale::model::Core;
use gale::monitor::Timers;
use gale::state::State;

fn build(n: usize, nz: usize, size: [usize; 2]) -> (Mesh, SphereCore<f64>, State<f64>, Reference) {
    let text = format!(
        "[case]\nname = \"warm_bubble\"\nbrunt_vaisala_per_s = 0.015\n[grid]\nnx = 20\nny=20\ndx_m=1000.0\nnz={nz}\ntop_m = 30000.0\nstretching = 15.0\n[time]\nend_s=1.0\n"
    );
    let configuration = config::parse("x", &text, &[]).unwrap();
    let case = cases::build(&configuration).unwrap();
    let sphere = CubedSphere::new(n, 6.37122e6, 0.0);
    let interfaces = VerticalGrid::stretched_interfaces(nz, 30000.0, 15.0);
    let mesh = Mesh::of_geometry(Geometry::CubedSphere(sphere.clone()), &interfaces, size, 0, 1).unwrap();
    let mut dynamics = configuration.dynamics.clone();
    dynamics.rotation = 7.292e-5;
    let reference = Reference::new(&*case, dynamics.constants, &mesh.vertical);
    let core = SphereCore::new(&dynamics, &mesh, &sphere, &reference, &Single);
    let state = State::new(&mesh, Setting::Sphere, 0);
    (mesh, core, state, reference)
}

fn fill(mesh: &Mesh, reference: &Reference, state: &mut State<f64>, amplitude: f64) {
    let sphere = mesh.sphere().unwrap();
    for (tile, fields) in mesh.tiles.iter().zip(&mut state.tiles) {
        for k in 0..mesh.vertical.nz() {
            for j in 0..tile.nj {
                for i in 0..tile.ni {
                    let r = sphere.centre(tile.panel, tile.i0 + i, tile.j0 + j);
                    let z = mesh.vertical.centres[k] / 3e4;
                    let s = (r[0] * 3.0 + z).sin() * (r[1] * 2.0).cos() + r[2];
                    fields.density.cells_mut(j, k)[i] = amplitude * 0.01 * s * reference.density[k];
                    fields.heat.cells_mut(j, k)[i] = amplitude * 0.003 * s * reference.heat[k];
                    let v = [-r[1] * 10.0 + r[2] * s, r[0] * 10.0, -r[0] * s];
                    let l = sphere.to_panel(tile.panel, v);
                    let rl = sphere.to_panel(tile.panel, r);
                    let d: f64 = (0..3).map(|c| l[c] * rl[c]).sum();
                    fields.momentum_x.cells_mut(j, k)[i] =
                        amplitude * reference.density[k] * (l[0] - d * rl[0]);
                    fields.momentum_y.cells_mut(j, k)[i] =
                        amplitude * reference.density[k] * (l[1] - d * rl[1]);
                    fields.momentum_n.as_mut().unwrap().cells_mut(j, k)[i] =
                        amplitude * reference.density[k] * (l[2] - d * rl[2]);
                }
            }
        }
    }
}

fn mass(mesh: &Mesh, state: &State<f64>) -> f64 {
    let mut sum = 0.0;
    for (tile, fields) in mesh.tiles.iter().zip(&state.tiles) {
        for k in 0..mesh.vertical.nz() {
            for j in 0..tile.nj {
                for i in 0..tile.ni {
                    sum += fields.density.cells(j, k)[i]
                        * mesh.area(tile.i0 + i, tile.j0 + j)
                        * mesh.vertical.thickness[k];
                }
            }
        }
    }
    sum
}

fn bits(mesh: &Mesh, state: &State<f64>) -> Vec<f64> {
    let mut all = vec![0.0; 6 * mesh.cells()];
    let n = mesh.sphere().unwrap().n;
    let nz = mesh.vertical.nz();
    for (tile, fields) in mesh.tiles.iter().zip(&state.tiles) {
        for (f, field) in fields.prognostic().enumerate() {
            for k in 0..nz {
                for j in 0..tile.nj {
                    for i in 0..tile.ni {
                        all[(((f * 6 + tile.panel) * nz + k) * n + tile.j0 + j) * n + tile.i0 + i] =
                            field.cells(j, k)[i];
                    }
                }
            }
        }
    }
    all
}

fn main() {
    gale::parallel::start_threads(1);
    let mut whole = Vec::new();
    for size in [[16, 16], [5, 4]] {
        let (mesh, mut core, mut state, reference) = build(16, 8, size);
        fill(&mesh, &reference, &mut state, 1.0);
        let m0 = mass(&mesh, &state);
        let mut timers = Timers::new();
        for _ in 0..20 {
            core.step(&mut state.tiles, 600.0, &mut timers);
        }
        let census = core.census(&state.tiles);
        let now = bits(&mesh, &state);
        println!("{size:?} mass change {:e} of {:e}; {census:?}", mass(&mesh, &state) - m0, 5e18);
        if whole.is_empty() {
            whole = now;
        } else {
            let different = whole.iter().zip(&now).filter(|(a, b)| a.to_bits() != b.to_bits()).count();
            println!("   {different} of {} differ", now.len());
        }
    }
    let (mesh, mut core, mut state, reference) = build(48, 30, [48, 48]);
    fill(&mesh, &reference, &mut state, 0.3);
    let mut timers = Timers::new();
    let start = std::time::Instant::now();
    for _ in 0..12 {
        core.step(&mut state.tiles, 250.0, &mut timers);
    }
    println!(
        "{:.1} ns per cell and stage; {:?}",
        start.elapsed().as_secs_f64() * 1e9 / 36.0 / mesh.cells() as f64,
        core.census(&state.tiles)
    );
}
