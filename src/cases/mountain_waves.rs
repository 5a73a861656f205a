//! What the cases of flow over mountains share: linear waves over a ridge.
//!
//! Smith, R. B. (1979): The influence of mountains on the atmosphere. Adv. Geophys. 21, 87-230. In a wind U and air of
//! buoyancy frequency N over the ground h(x),
//! ```text
//! w = sqrt(rho(0)/rho(z)) Re Int_0^inf i k U h^(k) e^{ikx} E(k, z) dk,   m^2 = N^2/U^2 - k^2 - 1/(4 H^2)
//! ```
//! over the height z above the ground, with E = e^{imz} where m^2 > 0 (energy goes upwards) and e^{-|m| z} elsewhere, H = R T/g, and h^ such that
//! h = Re Int h^ e^{ikx} dk.

use super::profiles::Atmosphere;
use super::{Air, Base, Case, ExactColumn, Point, Setup};
use crate::config::{Terrain, TerrainShape};
use crate::constants::Constants;
use crate::math;
use std::f64::consts::PI;

/// Wavenumbers of the integral.
const WAVENUMBERS: usize = 600;

/// A uniform wind over a ridge.
pub struct MountainWave {
    atmosphere: Atmosphere,
    wave: LinearWave,
}

impl MountainWave {
    /// A wind along x in `atmosphere`, whose buoyancy frequency is `frequency`, over the configured terrain.
    pub fn new(setup: &Setup<'_>, atmosphere: Atmosphere, frequency: f64) -> Self {
        let wind = setup.get("wind_m_per_s");
        let wave = LinearWave::new(setup, atmosphere.base(0.0), wind, frequency);
        MountainWave { atmosphere: atmosphere.with_wind(wind, 0.0), wave }
    }
}

/// The linear waves in a uniform wind over the configured terrain.
pub struct LinearWave {
    constants: Constants,
    wind: f64,
    /// N in 1/s and the scale height R T/g at the ground in m.
    frequency: f64,
    scale_height: f64,
    terrain: Option<Terrain>,
}

impl LinearWave {
    /// Those of air that is `ground` at z = 0, in a wind in m/s with the buoyancy frequency in 1/s.
    pub fn new(setup: &Setup<'_>, ground: Base, wind: f64, frequency: f64) -> Self {
        let constants = setup.constants();
        let temperature = ground.potential_temperature * ground.exner;
        LinearWave {
            constants,
            wind,
            frequency,
            scale_height: constants.gas_constant * temperature / constants.gravity,
            terrain: setup.configuration.terrain.clone(),
        }
    }

    /// w over the place `x` at the interfaces, of which the first is the ground; the other fields are those of the
    /// undisturbed air, the state of which at a height `base` tells. `None` unless the ground is a ridge.
    pub fn column(
        &self,
        x: f64,
        [centres, interfaces]: [&[f64]; 2],
        base: impl Fn(f64) -> Base,
    ) -> Option<ExactColumn> {
        let spectrum = Spectrum::of(&self.terrain.as_ref()?.shape)?;
        let density = |z: f64| base(z).density(&self.constants);
        let w = self.linear(&spectrum, x - spectrum.centre, interfaces, density);
        Some(ExactColumn { w, ..ExactColumn::unchanged(centres.len(), interfaces.len()) })
    }

    /// w of the linear wave at the given heights, of which the first is that of the ground, over the place `x` from
    /// the centre of a ridge of that spectrum. Theory puts its lower boundary at the ground, whose height it neglects.
    fn linear(&self, spectrum: &Spectrum, x: f64, heights: &[f64], density: impl Fn(f64) -> f64) -> Vec<f64> {
        let ground = density(0.0);
        let step = spectrum.largest / WAVENUMBERS as f64;
        let amplitude = |z: f64| math::sqrt(ground / density(z));
        let at = |height: f64| {
            let z = height - heights[0];
            let mut sum = 0.0;
            for n in 0..WAVENUMBERS {
                let k = (n as f64 + 0.5) * step;
                let m2 = self.frequency * self.frequency / (self.wind * self.wind)
                    - k * k
                    - 0.25 / (self.scale_height * self.scale_height);
                let (phase, decay) =
                    if m2 > 0.0 { (math::sqrt(m2) * z, 1.0) } else { (0.0, math::exp(-math::sqrt(-m2) * z)) };
                sum -= k * self.wind * spectrum.at(k) * math::sin(k * x + phase) * decay * step;
            }
            sum * amplitude(height)
        };
        heights.iter().map(|&z| at(z)).collect()
    }
}

/// The spectrum h^ of a ridge.
struct Spectrum {
    centre: f64,
    /// Largest wavenumber that matters, in 1/m.
    largest: f64,
    /// Wavenumber of the ridges under a bell; 0 for the Witch of Agnesi.
    ridges: f64,
    height: f64,
    half_width: f64,
}

impl Spectrum {
    /// That of a ridge; a hill has none.
    fn of(shape: &TerrainShape) -> Option<Spectrum> {
        match *shape {
            TerrainShape::Bell { height, half_width, centre } => {
                Some(Spectrum { centre, largest: 30.0 / half_width, ridges: 0.0, height, half_width })
            }
            TerrainShape::Schaer { height, half_width, wavelength, centre } => {
                let ridges = 2.0 * PI / wavelength;
                Some(Spectrum { centre, largest: ridges + 8.0 / half_width, ridges, height, half_width })
            }
            TerrainShape::Hill { .. } | TerrainShape::File(_) | TerrainShape::Case => None,
        }
    }

    fn at(&self, k: f64) -> f64 {
        let (h, a) = (self.height, self.half_width);
        if self.ridges == 0.0 {
            return h * a * math::exp(-k * a);
        }
        let bell = |k: f64| math::exp(-0.25 * k * k * a * a);
        0.5 * h * a / math::sqrt(PI) * (bell(k) + 0.5 * bell(k - self.ridges) + 0.5 * bell(k + self.ridges))
    }
}

impl Case for MountainWave {
    fn base(&self, z: f64) -> Base {
        self.atmosphere.base(z)
    }

    fn initial(&self, _at: Point, base: &Base) -> Air {
        Air { u: base.u, v: base.v, ..Air::default() }
    }

    /// w of the linear wave; the other fields are those of the undisturbed air.
    fn exact(&self, x: f64, _y: f64, centres: &[f64], interfaces: &[f64], _time: f64) -> Option<ExactColumn> {
        self.wave.column(x, [centres, interfaces], |z| self.atmosphere.base(z))
    }
}
