//! Diagnostics of a layer of shallow water.

use super::{Context, Diagnostic, diagnostic, momentum};
use crate::dynamics::shallow_water::diagnosis::LayerFields;
use crate::monitor::chlorine;
use crate::real::Real;
use crate::state::{Field, Location, TileState};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantity {
    Depth,
    Surface,
    Ground,
    Vorticity,
    Eastward,
    Northward,
    Tracer(usize),
    /// Of the two tracers from here on.
    Chlorine(usize),
}

/// The diagnostics of a run with the given tracers.
pub fn all(tracers: &[String]) -> Vec<Diagnostic> {
    use Quantity::*;
    let fixed = |name: &str, unit, long_name: &str, standard_name, quantity| {
        let quantity = super::Quantity::Layer(quantity);
        diagnostic(name, unit, long_name, standard_name, Location::Surface, quantity)
    };
    let mut table = vec![
        fixed("depth", "m", "depth of the layer", None, Depth),
        fixed("surface", "m", "height of the surface", None, Surface),
        fixed("ground", "m", "height of the ground", Some("surface_altitude"), Ground),
        fixed("vorticity", "s-1", "relative vorticity", Some("atmosphere_relative_vorticity"), Vorticity),
        fixed("u", "m s-1", "eastward velocity", Some("eastward_wind"), Eastward),
        fixed("v", "m s-1", "northward velocity", Some("northward_wind"), Northward),
    ];
    table.extend(tracers.iter().enumerate().map(|(index, name)| {
        let long_name = format!("mixing ratio of tracer {name}");
        fixed(name, "1", &long_name, None, Tracer(index))
    }));
    table.extend(
        chlorine::place(tracers).map(|first| fixed("cly", "1", "chlorine Cl + 2 Cl2", None, Chlorine(first))),
    );
    table
}

/// Computes the values of row `j`.
pub fn row<T: Real>(
    quantity: Quantity,
    context: &Context<'_>,
    state: &TileState<T>,
    j: usize,
    out: &mut [f64],
) {
    let depth = |i: usize| state.density.cells(j, 0)[i].to_f64();
    let of_layer = |choose: fn(&LayerFields) -> &Field<f64>, i: usize| {
        context.layer.map_or(f64::NAN, |layer| choose(layer).cells(j, 0)[i])
    };
    let value: &dyn Fn(usize) -> f64 = match quantity {
        Quantity::Depth => &depth,
        Quantity::Surface => &|i| depth(i) + of_layer(|layer| &layer.ground, i),
        Quantity::Ground => &|i| of_layer(|layer| &layer.ground, i),
        Quantity::Vorticity => &|i| of_layer(|layer| &layer.vorticity, i),
        Quantity::Eastward => &|i| momentum(context, state, i, j, 0)[0] / depth(i),
        Quantity::Northward => &|i| momentum(context, state, i, j, 0)[1] / depth(i),
        Quantity::Tracer(ref index) => &|i| state.tracers[*index].cells(j, 0)[i].to_f64() / depth(i),
        Quantity::Chlorine(ref first) => &|i| {
            let [cl, cl2] = [0, 1].map(|n| state.tracers[*first + n].cells(j, 0)[i].to_f64());
            (cl + 2.0 * cl2) / depth(i)
        },
    };
    for (i, out) in out.iter_mut().enumerate() {
        *out = value(i);
    }
}
