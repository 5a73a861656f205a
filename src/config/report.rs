//! Faults of a configuration, and the report that shows all of them at once.

use super::raw::{Place, Source};
use miette::{GraphicalReportHandler, GraphicalTheme, LabeledSpan, MietteDiagnostic, NamedSource, Report};
use std::fmt::Write;
use std::io::IsTerminal;

/// One fault: what is wrong, where, and what would be right.
#[derive(Clone, Debug, PartialEq)]
pub struct Fault {
    /// One sentence, with the offending key and value.
    pub message: String,
    /// Where it is written; none for something that is missing as a whole.
    pub place: Option<Place>,
    /// What is allowed, or a suggestion.
    pub help: String,
}

impl Fault {
    pub fn new(message: impl Into<String>, place: Option<&Place>, help: impl Into<String>) -> Self {
        Fault { message: message.into(), place: place.cloned(), help: help.into() }
    }
}

/// All faults as one text: drawn around the source lines for a terminal, else one line a fault
/// with `file:line:column` and an indented line of help.
pub fn render(sources: &[Source], faults: &[Fault]) -> String {
    let mut text = String::new();
    for fault in faults {
        if std::io::stderr().is_terminal() {
            draw(&mut text, sources, fault);
        } else {
            list(&mut text, sources, fault);
        }
    }
    let file = &sources[0].name;
    let count = faults.len();
    write!(text, "{file}: {count} fault{}", if count == 1 { "" } else { "s" }).expect(WRITES);
    text
}

/// Why writing to a `String` is expected to succeed.
pub(super) const WRITES: &str = "writing to a string succeeds";

/// Appends the plain form of a fault.
fn list(text: &mut String, sources: &[Source], fault: &Fault) {
    match &fault.place {
        Some(place) => {
            let source = &sources[place.source];
            let (line, column) = source.line_and_column(place.span.start);
            write!(text, "{}:{line}:{column}", source.name).expect(WRITES);
        }
        None => text.push_str(&sources[0].name),
    }
    writeln!(text, ": {}", fault.message).expect(WRITES);
    if !fault.help.is_empty() {
        writeln!(text, "    {}", fault.help).expect(WRITES);
    }
}

/// Appends the form for terminals.
fn draw(text: &mut String, sources: &[Source], fault: &Fault) {
    let mut diagnostic = MietteDiagnostic::new(&fault.message);
    if !fault.help.is_empty() {
        diagnostic = diagnostic.with_help(&fault.help);
    }
    let source = fault.place.as_ref().map_or(&sources[0], |place| &sources[place.source]);
    if let Some(place) = &fault.place {
        diagnostic = diagnostic.with_label(LabeledSpan::underline(place.span.clone()));
    }
    let report =
        Report::new(diagnostic).with_source_code(NamedSource::new(&source.name, source.text.clone()));
    let colour = std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty());
    let theme = if colour { GraphicalTheme::unicode() } else { GraphicalTheme::unicode_nocolor() };
    let handler = GraphicalReportHandler::new_themed(theme).with_context_lines(1);
    if handler.render_report(text, report.as_ref()).is_err() {
        list(text, sources, fault);
    }
}

/// The candidate that `name` is most likely a misspelling of.
pub fn closest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let similarity = |candidate: &str| strsim::jaro_winkler(&name.to_lowercase(), candidate);
    candidates
        .into_iter()
        .map(|candidate| (similarity(candidate), candidate))
        .filter(|(score, _)| *score > 0.8)
        .max_by(|a, b| a.0.total_cmp(&b.0))
        .map(|(_, candidate)| candidate)
}

/// "did you mean" if a candidate resembles `name`, else the list of all.
pub fn suggestion(name: &str, what: &str, candidates: &[&str]) -> String {
    suggestion_of(name, what, candidates, candidates)
}

/// The same where just some of the candidates are worth a list.
pub fn suggestion_of(name: &str, what: &str, candidates: &[&str], offered: &[&str]) -> String {
    match closest(name, candidates.iter().copied()) {
        Some(candidate) => format!("did you mean `{candidate}`?"),
        None if offered.is_empty() => format!("there are no {what}"),
        None => format!("{what}: {}", offered.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn misspellings_are_recognised() {
        assert_eq!(closest("nxx", ["nx", "ny", "nz"]), Some("nx"));
        assert_eq!(closest("densty_curent", ["density_current", "warm_bubble"]), Some("density_current"));
        assert_eq!(closest("end", ["end_s", "step_s"]), Some("end_s"));
        assert_eq!(closest("banana", ["nx", "end_s"]), None);
    }
}
