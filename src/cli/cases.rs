//! `gale cases`: the built-in cases.

use super::table;
use crate::cases::{CaseInfo, find, registry};
use crate::config::suggestion;
use crate::error::{Error, Result};

/// Arguments of `gale cases`.
#[derive(Clone, Debug, clap::Args)]
pub struct CasesArgs {
    /// Describe this case
    #[arg(value_name = "NAME")]
    pub name: Option<String>,
}

/// Lists the cases, or describes one.
///
/// # Errors
/// If there is no such case.
pub fn execute(args: &CasesArgs) -> Result<()> {
    let Some(name) = &args.name else {
        let rows: Vec<_> = registry().iter().map(|info| vec![info.name.into(), info.title.into()]).collect();
        return super::print(&table(&rows, usize::MAX));
    };
    match find(name) {
        Some(info) => super::print(&description(info)),
        None => {
            let names: Vec<_> = registry().iter().map(|info| info.name).collect();
            let help = suggestion(name, "the cases are", &names);
            Err(Error::Usage(format!("there is no case `{name}`: {help}")))
        }
    }
}

/// Title, reference and parameters of a case.
fn description(info: &CaseInfo) -> String {
    let mut rows = vec![["parameter", "unit", "default", "allowed", "meaning"].map(String::from).to_vec()];
    rows.extend(info.parameters.iter().map(|parameter| {
        vec![
            parameter.name.into(),
            parameter.unit.into(),
            parameter.default.to_string(),
            format!("{} to {}", parameter.bounds[0], parameter.bounds[1]),
            parameter.doc.into(),
        ]
    }));
    let parameters = if rows.len() > 1 {
        format!("\nParameters, written in [case]:\n{}", table(&rows, usize::MAX))
    } else {
        String::new()
    };
    format!("{}: {}\n{}\n{parameters}", info.name, info.title, info.reference)
}
