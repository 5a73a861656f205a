//! What all cases must do: balanced reference states, symmetric starts, checked parameters.

use super::testing::{cell, configuration, globe};
use super::*;
use approx::assert_relative_eq;

/// Width and height of the domain of every case in m.
fn domain(name: &str) -> [f64; 2] {
    match name {
        "density_current" => [51_200.0, 6_400.0],
        "robert_bubble" => [1_000.0, 1_500.0],
        "giraldo_bubble" => [1_000.0, 1_000.0],
        "bryan_fritsch" | "bryan_fritsch_moist" => [20_000.0, 10_000.0],
        "inertia_gravity_wave" | "baldauf_brdar" => [300_000.0, 10_000.0],
        _ => [100_000.0, 10_000.0],
    }
}

/// The waters that the processes of a case need.
fn waters(name: &str) -> Vec<String> {
    let processes = crate::physics::registry().iter().filter(|info| info.default_of.contains(&name));
    let count = processes.map(|info| info.waters).max().unwrap_or(0);
    water::NAMES[..count].iter().map(|name| name.to_string()).collect()
}

/// A case with its default parameters on its domain: `nx` cells along x of a plane, or a globe.
fn configured(info: &CaseInfo, nx: usize) -> Configuration {
    match info.setting {
        Setting::Plane => {
            let mut configuration = configuration(info.name, domain(info.name), [nx, 10]);
            configuration.dynamics.tracers = waters(info.name);
            configuration
        }
        _ => globe(info.name, 8, 10, if info.name == "gravity_wave_sphere" { 10e3 } else { 30e3 }),
    }
}

#[test]
fn names_are_unique_and_defaults_are_within_bounds() {
    for (index, info) in registry().iter().enumerate() {
        assert!(registry()[..index].iter().all(|other| other.name != info.name), "{}", info.name);
        for parameter in info.parameters {
            parameter.check(parameter.default).unwrap();
        }
    }
}

#[test]
fn reference_states_are_hydrostatic() {
    for info in registry().iter().filter(|info| info.setting != Setting::ShallowWater) {
        let configuration = configured(info, 100);
        let constants = configuration.dynamics.constants;
        let case = build(&configuration).unwrap();
        let pressure = |z: f64| constants.pressure_of_exner(case.base(z).exner);
        let top = *configuration.grid.interfaces.last().unwrap();
        for z in [0.1, 0.5, 0.9].map(|fraction| fraction * top) {
            let gradient = (pressure(z + 1.0) - pressure(z - 1.0)) / 2.0;
            let weight = -constants.gravity * case.base(z).density(&constants);
            assert_relative_eq!(gradient, weight, max_relative = 1e-7);
        }
        let surface = if info.name == "bomex" { 1.015e5 } else { crate::constants::REFERENCE_PRESSURE };
        assert_relative_eq!(pressure(0.0), surface, max_relative = 1e-14);
    }
}

#[test]
fn starts_are_bitwise_mirror_symmetric() {
    for (name, cells) in [
        ("density_current", [512, 64]),
        ("robert_bubble", [100, 150]),
        ("giraldo_bubble", [200, 200]),
        ("bryan_fritsch", [200, 100]),
        ("warm_bubble", [100, 20]),
        ("bryan_fritsch_moist", [200, 100]),
        ("weisman_klemp", [100, 20]),
    ] {
        let mut configuration = configuration(name, domain(name), cells);
        configuration.dynamics.tracers = waters(name);
        for x_min in [0.0, -0.5 * domain(name)[0]] {
            configuration.grid.x_min = x_min;
            let case = build(&configuration).unwrap();
            let mut disturbed = false;
            for k in 0..cells[1] {
                for i in 0..cells[0] / 2 {
                    let [left, right] = [i, cells[0] - 1 - i]
                        .map(|i| cell(&configuration, i, k))
                        .map(|at| case.initial(at, &case.base(at.z)));
                    assert_eq!(left.density.to_bits(), right.density.to_bits(), "{name}");
                    disturbed |= left.density != 0.0;
                }
            }
            assert!(disturbed, "{name}");
        }
    }
}

#[test]
fn a_bubble_in_a_box_is_symmetric_in_x_and_y() {
    let mut configuration = configuration("warm_bubble", [40_000.0, 10_000.0], [40, 20]);
    configuration.grid.ny = 40;
    let case = build(&configuration).unwrap();
    let air = |x: f64, y: f64| {
        let at = Point { x, y, z: 1250.0 };
        case.initial(at, &case.base(at.z)).density.to_bits()
    };
    for (x, y) in [(12_500.0, 17_500.0), (19_500.0, 11_500.0)] {
        let images = [air(x, y), air(y, x), air(40_000.0 - x, y), air(x, 40_000.0 - y)];
        assert!(images.iter().all(|image| *image == images[0]));
    }
}

#[test]
fn undisturbed_air_is_exactly_the_reference_state() {
    for name in ["stratified_rest", "tracer_advection", "density_current", "warm_bubble"] {
        let configuration = configuration(name, domain(name), [100, 10]);
        let case = build(&configuration).unwrap();
        let at = cell(&configuration, 0, 9);
        let base = case.base(at.z);
        let air = case.initial(at, &base);
        assert_eq!(air.density.to_bits(), 0.0f64.to_bits(), "{name}");
        assert_eq!((air.heat, air.u, air.v), (0.0, base.u, base.v), "{name}");
    }
}

#[test]
fn the_sounding_of_weisman_and_klemp_is_the_published_one() {
    let mut configuration = configuration("weisman_klemp", [100e3, 20e3], [100, 40]);
    configuration.dynamics.tracers = waters("weisman_klemp");
    let case = build(&configuration).unwrap();
    let mixing_ratio = |z: f64| {
        let water = case.base_water(z);
        water.vapour / water.dry()
    };
    // A mixed layer of 14 g/kg, and a relative humidity of 1/4 at the tropopause.
    assert_relative_eq!(mixing_ratio(100.0), 0.014, max_relative = 1e-12);
    assert!(mixing_ratio(3000.0) < 0.009 && mixing_ratio(3000.0) > 0.006, "{}", mixing_ratio(3000.0));
    let constants = configuration.dynamics.constants;
    let theta = case.base(12e3).potential_temperature / case.base_water(12e3).gas_factor(&constants);
    assert_relative_eq!(theta, 343.0, max_relative = 1e-12);
    // In hydrostatic balance under theta_v of 319.6 K on average, below 1000 hPa; the 213 K of the paper are nominal.
    assert_relative_eq!(case.base(12e3).exner, 1.0 - 9.81 * 12e3 / (1004.0 * 319.6), epsilon = 1e-3);
    // Without its process the air is dry.
    configuration.dynamics.tracers.clear();
    assert_eq!(build(&configuration).unwrap().base_water(100.0), Water::default());
}

#[test]
fn density_current_cools_temperature_or_potential_temperature() {
    let mut configuration = configuration("density_current", domain("density_current"), [512, 64]);
    for (variant, theta_drop) in [(0.0, 15.0 / (1.0 - 9.81 * 3000.0 / (1004.0 * 300.0))), (1.0, 15.0)] {
        configuration.case.parameters.insert("theta_variant".into(), variant);
        let case = build(&configuration).unwrap();
        let centre = Point { x: 25_600.0, y: 0.0, z: 3000.0 };
        let base = case.base(centre.z);
        let density = base.density(&configuration.dynamics.constants);
        let theta = density * 300.0 / (density + case.initial(centre, &base).density);
        assert_relative_eq!(theta, 300.0 - theta_drop, max_relative = 1e-12);
    }
}

#[test]
fn wave_case_has_the_published_profile() {
    let configuration = configuration("inertia_gravity_wave", domain("inertia_gravity_wave"), [300, 10]);
    let base = build(&configuration).unwrap().base(5000.0);
    let (g, cp, n2): (f64, f64, f64) = (9.81, 1004.0, 1e-4);
    let exner = 1.0 + g * g / (cp * 300.0 * n2) * ((-n2 * 5000.0 / g).exp() - 1.0);
    assert_relative_eq!(base.exner, exner, max_relative = 1e-14);
    assert_relative_eq!(base.potential_temperature, 300.0 * (n2 * 5000.0 / g).exp(), max_relative = 1e-14);
    assert_eq!(base.u, 20.0);
}

#[test]
fn exact_solutions_begin_with_the_initial_state() {
    for info in registry().iter().filter(|info| info.setting == Setting::Plane) {
        let configuration = configured(info, 300);
        let case = build(&configuration).unwrap();
        for i in [99, 100, 105] {
            let at = cell(&configuration, i, 4);
            let Some(exact) = case.exact(at.x, at.y, &[at.z], &[at.z], 0.0) else { continue };
            let base = case.base(at.z);
            let air = case.initial(at, &base);
            // At unchanged pressure, to first order: T'/T = -rho'/rho.
            let temperature = base.potential_temperature * base.exner;
            let expected = -temperature * air.density / base.density(&configuration.dynamics.constants);
            assert_relative_eq!(exact.temperature[0], expected, max_relative = 1e-9);
            assert_eq!(exact.w[0], 0.0);
        }
    }
}

#[test]
fn steady_states_of_the_globe_begin_with_the_initial_state() {
    for (name, parameter) in
        [("isothermal_rest", "temperature_k"), ("baroclinic_wave", "perturbation_m_per_s")]
    {
        let mut configuration = globe(name, 8, 10, 30e3);
        if parameter == "perturbation_m_per_s" {
            configuration.case.parameters.insert(parameter.into(), 0.0);
        }
        let constants = configuration.dynamics.constants;
        let case = build(&configuration).unwrap();
        let at = Point { x: 0.5, y: 0.7, z: 9e3 };
        let exact = case.exact(at.x, at.y, &[at.z], &[at.z], 1e5).expect(name);
        let base = case.base(at.z);
        let air = case.initial(at, &base);
        let density = base.density(&constants) + air.density;
        let pressure = constants.pressure_of_exner(base.exner) + exact.pressure[0];
        let temperature = base.potential_temperature * base.exner + exact.temperature[0];
        assert_relative_eq!(pressure, density * constants.gas_constant * temperature, max_relative = 1e-12);
        assert_relative_eq!(exact.u[0], air.u);
    }
    assert!(build(&globe("baroclinic_wave", 8, 10, 30e3)).unwrap().exact(0.0, 0.0, &[], &[], 0.0).is_none());
}

#[test]
fn the_disturbance_of_the_jet_ends_where_its_bell_does() {
    let mut configuration = globe("baroclinic_wave", 8, 10, 30e3);
    let wind = |configuration: &Configuration, degrees: f64, z: f64| {
        let case = build(configuration).unwrap();
        let at = |x: f64| Point { x, y: 40f64.to_radians(), z };
        let base = case.base(z);
        let (disturbed, other) = (20.0 + degrees / 40f64.to_radians().cos(), -160f64);
        case.initial(at(disturbed.to_radians()), &base).u - case.initial(at(other.to_radians()), &base).u
    };
    assert_relative_eq!(wind(&configuration, 0.0, 0.0), 1.0, epsilon = 1e-12);
    assert_relative_eq!(wind(&configuration, 0.0, 7500.0), 0.5, epsilon = 1e-12);
    assert_eq!(wind(&configuration, 0.0, 15e3), 0.0);
    assert!(wind(&configuration, 5.6, 0.0) > 0.36);
    assert_eq!(wind(&configuration, 5.8, 0.0), 0.0);
    configuration.case.parameters.insert("perturbation_reach".into(), 10.0);
    assert!(wind(&configuration, 5.8, 0.0) > 0.3);
}

#[test]
fn distances_on_the_sphere_are_angles() {
    let point = |x: f64, y: f64| Point { x: f64::to_radians(x), y: f64::to_radians(y), z: 0.0 };
    assert_relative_eq!(point(10.0, 0.0).angle_to(&point(-170.0, 0.0)).to_degrees(), 180.0, epsilon = 1e-9);
    assert_relative_eq!(point(0.0, 90.0).angle_to(&point(77.0, 30.0)).to_degrees(), 60.0, epsilon = 1e-9);
    assert_relative_eq!(point(179.0, 0.0).angle_to(&point(-179.0, 0.0)).to_degrees(), 2.0, epsilon = 1e-9);
}

#[test]
fn faulty_parameters_are_named() {
    let good = configuration("density_current", domain("density_current"), [100, 10]);
    let message = |change: &dyn Fn(&mut Configuration)| {
        let mut bad = good.clone();
        change(&mut bad);
        build(&bad).err().expect("the configuration is faulty").to_string()
    };
    let set = |name: &str, value: f64| {
        let name = name.to_string();
        message(&move |bad: &mut Configuration| {
            bad.case.parameters.insert(name.clone(), value);
        })
    };
    assert!(set("temperature_drop_k", f64::NAN).contains("temperature_drop_k"));
    assert!(set("wind_m_per_s", 1e6).contains("between -150 and 150"));
    assert!(set("colour", 1.0).contains("no parameter named `colour`"));
    assert!(message(&|bad| bad.case.name = "no_such_case".into()).contains("no_such_case"));
    assert!(message(&|bad| *bad.grid.interfaces.last_mut().unwrap() = 40e3).contains("lower the lid"));
}
