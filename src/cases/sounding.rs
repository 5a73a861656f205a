//! A storm, or whatever follows, in the air of a sounding that is read from a file.
//!
//! The file has the form `input_sounding` of WRF and CM1 ([`crate::config::Sounding`]). Potential temperature,
//! vapour and wind are linear between its levels and constant above; the pressure is hydrostatic.

use super::moist_column::{MoistAir, MoistColumn};
use super::storm::{NOISE, Storm, bubble_parameters, grid_motion};
use super::{Case, CaseInfo, Parameter, Setting, Setup};
use crate::config::{Sounding, SoundingLevel};

const BUBBLE: [Parameter; 4] = bubble_parameters(0.0);
const MOTION: [Parameter; 2] = grid_motion(0.0, 0.0);

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "sounding",
    title: "The air of a sounding from a file, with a bubble and noise",
    reference: "the form input_sounding of WRF and CM1",
    parameters: &[
        MOTION[0], MOTION[1], BUBBLE[0], BUBBLE[1], BUBBLE[2], BUBBLE[3], NOISE[0], NOISE[1], NOISE[2],
    ],
    setting: Setting::Plane,
    build,
};

/// Air without a file, for configurations built in memory: dry, neutral, at rest.
fn neutral() -> Sounding {
    let level = |z: f64| SoundingLevel { z, theta: 300.0, vapour: 0.0, u: 0.0, v: 0.0 };
    Sounding { path: Default::default(), surface_pressure: 1e5, levels: vec![level(0.0), level(1000.0)] }
}

fn build(setup: &Setup<'_>) -> Box<dyn Case> {
    let sounding = setup.configuration.case.sounding.clone().unwrap_or_else(neutral);
    let [along, across] = [setup.get("grid_u_m_per_s"), setup.get("grid_v_m_per_s")];
    let (levels, has_water) = (sounding.levels.clone(), setup.has_water());
    let profile = move |z: f64, _: f64| {
        let at = interpolated(&levels, z);
        MoistAir { theta: at.theta, vapour: if has_water { at.vapour } else { 0.0 }, cloud: 0.0 }
    };
    let column =
        MoistColumn::new(setup.constants(), sounding.surface_pressure, setup.top(), Box::new(profile));
    let wind = move |z: f64| {
        let at = interpolated(&sounding.levels, z);
        [at.u - along, at.v - across]
    };
    Box::new(Storm::new(setup, column, Box::new(wind)))
}

/// The air at a height, linear between the levels and constant beyond them.
fn interpolated(levels: &[SoundingLevel], z: f64) -> SoundingLevel {
    let above = levels.partition_point(|level| level.z < z);
    let (Some(below), Some(next)) = (levels.get(above.wrapping_sub(1)), levels.get(above)) else {
        let nearest = if above == 0 { levels.first() } else { levels.last() };
        return *nearest.expect("a sounding has levels");
    };
    let weight = (z - below.z) / (next.z - below.z);
    let between = |a: f64, b: f64| a + weight * (b - a);
    SoundingLevel {
        z,
        theta: between(below.theta, next.theta),
        vapour: between(below.vapour, next.vapour),
        u: between(below.u, next.u),
        v: between(below.v, next.v),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn between_levels_it_is_linear_and_beyond_them_constant() {
        let level = |z: f64, theta: f64| SoundingLevel { z, theta, vapour: 0.0, u: theta - 300.0, v: 0.0 };
        let levels = [level(0.0, 300.0), level(1000.0, 304.0), level(3000.0, 310.0)];
        for (z, theta) in [(-5.0, 300.0), (250.0, 301.0), (1000.0, 304.0), (2000.0, 307.0), (9e3, 310.0)] {
            assert_eq!(interpolated(&levels, z).theta, theta, "{z} m");
            assert_eq!(interpolated(&levels, z).u, theta - 300.0, "{z} m");
        }
    }
}
