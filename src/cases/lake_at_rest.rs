//! A layer at rest over the mountain of `williamson_5`: the surface must stay level.

use super::shallow_water::{LayerCase, mountain};
use super::{Case, CaseInfo, Layer, Point, Setting, Setup, ShallowWater};

pub(super) const INFO: CaseInfo = CaseInfo {
    name: "lake_at_rest",
    title: "Shallow water at rest over a mountain",
    reference: "exact: a level surface stays level",
    parameters: &[],
    setting: Setting::ShallowWater,
    build,
};

/// Height of the surface in m.
const SURFACE: f64 = 5960.0;

struct Lake;

fn build(_setup: &Setup<'_>) -> Box<dyn Case> {
    Box::new(LayerCase(Lake))
}

impl ShallowWater for Lake {
    fn initial(&self, at: Point) -> Layer {
        Layer { surface: SURFACE, ground: mountain(at), u: 0.0, v: 0.0 }
    }

    fn exact(&self, at: Point, _time: f64) -> Option<Layer> {
        Some(self.initial(at))
    }
}
