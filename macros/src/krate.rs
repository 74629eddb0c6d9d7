//! The path under which the annotated function can name the runtime crate.
//!
//! An attribute has no `$crate`: the paths it writes are resolved where the user wrote the attribute.
//! So it asks the manifest of the package being compiled under which name that package imported
//! `selvedge`.
//!
//! | what is compiled | path |
//! |---|---|
//! | a crate with `crate = "…"` | as given |
//! | a crate whose manifest has `x = { package = "selvedge", … }` | `::x` |
//! | a crate whose manifest has `selvedge = …`, dev-dependencies included | `::selvedge` |
//! | a test, example, benchmark or doctest of the package `selvedge` itself | `::selvedge` |
//! | a crate that reaches selvedge through another one, a build without Cargo | `::selvedge` |
//!
//! The fourth row is not `crate`, which would be the test or the example. The library of that package
//! has no name for itself either, unless it says `extern crate self as selvedge`; it is a facade, and
//! needs none.

use proc_macro_crate::{FoundCrate, crate_name};
use proc_macro2::Span;
use quote::format_ident;
use syn::{Ident, Path, parse_quote};

#[cfg(test)]
mod tests;

/// The name of the package that users depend on.
const PACKAGE: &str = "selvedge";

/// The path of the runtime crate: `chosen`, the value of the option `crate`, or what the manifest says.
pub(crate) fn runtime_crate(chosen: Option<Path>) -> Path {
    // A manifest that cannot be read or does not name the package is no error yet: `::selvedge` may
    // resolve all the same, and if not, the compiler's own message names it.
    chosen.unwrap_or_else(|| imported_as(crate_name(PACKAGE).ok()))
}

/// The path for what the manifest says, `None` if it says nothing.
fn imported_as(found: Option<FoundCrate>) -> Path {
    let name = match found {
        Some(FoundCrate::Name(name)) => format_ident!("{}", name, span = Span::call_site()),
        Some(FoundCrate::Itself) | None => Ident::new(PACKAGE, Span::call_site()),
    };
    // The leading colons keep a module of the user's that has the same name out of the way.
    parse_quote!(::#name)
}
