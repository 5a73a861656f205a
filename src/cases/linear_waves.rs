//! The exact solution of the linearised compressible Euler equations in an isothermal channel.
//!
//! Baldauf and Brdar (2013), by Fourier sums over the periodic domain. With delta = g/(R T0), m = pi/H and
//! u', w', T' = exp(delta z/2) (u_b, w_b, T_b), p', rho' = exp(-delta z/2) (p_b, rho_b), the wave number k
//! has the frequencies alpha (gravity) and beta (sound), the roots omega of
//!
//! ```text
//! omega^4 - [f^2 + c^2 (k^2 + m^2 + delta^2/4)] omega^2 + c^2 [f^2 (m^2 + delta^2/4) + k^2 N^2] = 0
//! ```
//!
//! and every field is a sum of sines and 1 - cosines of both in time, times the vertical structures
//!
//! ```text
//! S = sin(m z)    A = m cos(m z) + (delta/2 - g/c^2) sin(m z)    B = m cos(m z) - (delta/2) sin(m z)
//! ```

use super::ExactColumn;
use crate::constants::{Constants, REFERENCE_PRESSURE};
use crate::math;
use std::f64::consts::PI;

/// The Gaussian initial perturbation of temperature.
#[derive(Clone, Copy, Debug)]
pub struct Bell {
    /// Amplitude in K.
    pub amplitude: f64,
    /// e-folding half width in m; far smaller than the channel is long.
    pub width: f64,
    /// x of the centre in m.
    pub x_centre: f64,
}

/// A periodic channel with rigid lid, isothermal at rest or in uniform wind.
#[derive(Clone, Copy, Debug)]
pub struct Channel {
    pub constants: Constants,
    /// Temperature in K.
    pub temperature: f64,
    /// Wind along x in m/s.
    pub wind: f64,
    /// Coriolis parameter in 1/s.
    pub coriolis: f64,
    /// Length and height in m.
    pub length: f64,
    pub height: f64,
    pub bell: Bell,
}

/// Fourier coefficients of one wave number, or their sums at one x: the time-dependent factors of the
/// vertical structures S, A and B.
#[derive(Clone, Copy, Debug, Default)]
struct Amplitudes {
    /// w_b along S.
    w: f64,
    /// p_b along A.
    pressure: f64,
    /// u_b along A; a quarter wave behind the others in x.
    u: f64,
    /// rho_b along S, A and B.
    density: [f64; 3],
}

impl Channel {
    /// delta = g/(R T0), the inverse scale height in 1/m.
    fn inverse_scale_height(&self) -> f64 {
        self.constants.gravity / (self.constants.gas_constant * self.temperature)
    }

    /// Density at the ground in kg/m3.
    fn surface_density(&self) -> f64 {
        REFERENCE_PRESSURE / (self.constants.gas_constant * self.temperature)
    }

    /// Amplitude of the density perturbation in kg/m3.
    fn density_amplitude(&self) -> f64 {
        -self.surface_density() * self.bell.amplitude / self.temperature
    }

    /// Squared sound speed in m2/s2.
    fn sound_speed_squared(&self) -> f64 {
        self.constants.gamma() * self.constants.gas_constant * self.temperature
    }

    /// Distance of `x` from the bell's centre at `time` (s), to its nearest periodic image, in m.
    fn distance(&self, x: f64, time: f64) -> f64 {
        let straight = x - self.bell.x_centre - self.wind * time;
        straight - self.length * (straight / self.length).round()
    }

    /// The initial density deviation in kg/m3; pressure and wind do not deviate.
    pub fn initial_density(&self, x: f64, z: f64) -> f64 {
        let across = self.distance(x, 0.0) / self.bell.width;
        let up = math::sin(PI * z / self.height) * math::exp(-0.5 * self.inverse_scale_height() * z);
        self.density_amplitude() * math::exp(-across * across) * up
    }

    /// Amplitudes of wave number `k` (1/m) at `time` (s); `bell` is the Fourier coefficient of the initial
    /// density.
    fn amplitudes(&self, k: f64, bell: f64, time: f64) -> Amplitudes {
        let g = self.constants.gravity;
        let delta = self.inverse_scale_height();
        let c2 = self.sound_speed_squared();
        let f2 = self.coriolis * self.coriolis;
        let n2 = g * (delta - g / c2);
        let m = PI / self.height;
        let vertical = m * m + 0.25 * delta * delta;

        let sum = f2 + c2 * (k * k + vertical);
        let product = c2 * (f2 * vertical + k * k * n2);
        let beta2 = 0.5 * (sum + math::sqrt(sum * sum - 4.0 * product));
        let alpha2 = product / beta2;
        let (sin_a, cos_a) = integrals(alpha2, time);
        let (sin_b, cos_b) = integrals(beta2, time);

        let q = f2 + c2 * k * k;
        let forced = g * bell / (beta2 - alpha2);
        let rho_s = self.surface_density();
        Amplitudes {
            w: -forced / rho_s * ((q - alpha2) * sin_a - (q - beta2) * sin_b),
            pressure: c2 * forced * ((f2 - alpha2) * cos_a - (f2 - beta2) * cos_b),
            u: k * c2 * forced / rho_s * (sin_a - sin_b),
            density: [
                bell,
                -k * k * c2 * forced * (cos_a - cos_b),
                forced * ((q - alpha2) * cos_a - (q - beta2) * cos_b),
            ],
        }
    }

    /// The Fourier sum at `x`.
    fn sum(&self, x: f64, time: f64) -> Amplitudes {
        let width = self.bell.width;
        let mean = self.density_amplitude() * width * math::sqrt(PI) / self.length;
        let distance = self.distance(x, time);
        let mut sum = Amplitudes::default();
        for n in 0.. {
            let k = 2.0 * PI * n as f64 / self.length;
            let half = 0.5 * k * width;
            if half > 6.5 {
                // The Gaussian's coefficients have fallen below exp(-6.5^2) = 4e-19.
                break;
            }
            let weight = if n == 0 { 1.0 } else { 2.0 };
            let one = self.amplitudes(k, weight * mean * math::exp(-half * half), time);
            let (sin, cos) = (math::sin(k * distance), math::cos(k * distance));
            sum.w += one.w * cos;
            sum.pressure += one.pressure * cos;
            sum.u += one.u * sin;
            for (sum, one) in sum.density.iter_mut().zip(one.density) {
                *sum += one * cos;
            }
        }
        sum
    }

    /// The solution at `x` and `time`: deviations at the centres and vertical velocity at the interfaces.
    pub fn column(&self, x: f64, centres: &[f64], interfaces: &[f64], time: f64) -> ExactColumn {
        let sum = self.sum(x, time);
        let delta = self.inverse_scale_height();
        let m = PI / self.height;
        let tilt = 0.5 * delta - self.constants.gravity / self.sound_speed_squared();
        let mut column = ExactColumn::default();
        for &z in centres {
            let (s, c) = (math::sin(m * z), m * math::cos(m * z));
            let (a, b) = (c + tilt * s, c - 0.5 * delta * s);
            let growth = math::exp(0.5 * delta * z);
            let pressure = sum.pressure * a;
            let density = sum.density[0] * s + sum.density[1] * a + sum.density[2] * b;
            let relative = pressure / REFERENCE_PRESSURE - density / self.surface_density();
            column.temperature.push(growth * self.temperature * relative);
            column.u.push(growth * sum.u * a);
            column.pressure.push(pressure / growth);
        }
        column.w =
            interfaces.iter().map(|&z| math::exp(0.5 * delta * z) * sum.w * math::sin(m * z)).collect();
        column
    }
}

/// sin(omega t)/omega and (1 - cos(omega t))/omega^2, with their limits t and t^2/2 at omega = 0.
fn integrals(omega2: f64, time: f64) -> (f64, f64) {
    if omega2 == 0.0 {
        return (time, 0.5 * time * time);
    }
    let omega = math::sqrt(omega2);
    let half = math::sin(0.5 * omega * time);
    (math::sin(omega * time) / omega, 2.0 * half * half / omega2)
}

#[cfg(test)]
mod tests {
    use super::*;
    use approx::assert_relative_eq;

    fn small_scale() -> Channel {
        Channel {
            constants: Constants { gravity: 9.80665, gas_constant: 287.05, heat_capacity: 1005.0 },
            temperature: 250.0,
            wind: 20.0,
            coriolis: 0.0,
            length: 3e5,
            height: 1e4,
            bell: Bell { amplitude: 0.01, width: 5e3, x_centre: 1e5 },
        }
    }

    /// T' and w at 5 km and 1800 s, computed independently with a fast Fourier transform of 4096 points.
    const TABLE: [(f64, f64, f64); 7] = [
        (1365.0, 1.843984e-3, 6.412889e-4),
        (1536.0, 2.695161e-4, -1.948743e-3),
        (1707.0, 4.789903e-5, -6.056192e-4),
        (1857.0, 1.271149e-4, -3.616274e-4),
        (2048.0, -1.013749e-3, 8.416849e-4),
        (2185.0, -7.120649e-5, -2.090659e-3),
        (2458.0, -1.451802e-3, -1.008475e-3),
    ];

    #[test]
    fn agrees_with_the_tabulated_values() {
        for (point, temperature, w) in TABLE {
            let column = small_scale().column(point * 3e5 / 4096.0, &[5e3], &[5e3], 1800.0);
            assert_relative_eq!(column.temperature[0], temperature, max_relative = 1e-5);
            assert_relative_eq!(column.w[0], w, max_relative = 1e-5);
        }
    }

    /// Largest and smallest values of the large-scale case with rotation at 28800 s.
    #[test]
    fn agrees_with_the_large_scale_extremes() {
        let channel = Channel {
            wind: 0.0,
            coriolis: 1.03126e-4,
            length: 6e6,
            bell: Bell { amplitude: 0.01, width: 1e5, x_centre: 3e6 },
            ..small_scale()
        };
        let at = channel.column(1242.2e3, &[6065.0], &[], 28800.0);
        assert_relative_eq!(at.temperature[0], 5.86493e-3, max_relative = 1e-5);
        let centre = channel.column(3e6, &[0.0], &[5680.0], 28800.0);
        assert_relative_eq!(centre.w[0], 2.13789e-3, max_relative = 1e-5);
    }

    #[test]
    fn begins_with_the_initial_state() {
        let channel = small_scale();
        for x in [9.1e4, 1e5, 1.03e5] {
            let heights = [500.0, 5000.0, 9500.0];
            let column = channel.column(x, &heights, &heights, 0.0);
            for (k, &z) in heights.iter().enumerate() {
                let growth = (channel.inverse_scale_height() * z).exp();
                let temperature = -250.0 * channel.initial_density(x, z) / channel.surface_density() * growth;
                assert_relative_eq!(column.temperature[k], temperature, max_relative = 1e-10);
                assert_eq!((column.w[k], column.u[k], column.pressure[k]), (0.0, 0.0, 0.0));
            }
        }
    }
}
