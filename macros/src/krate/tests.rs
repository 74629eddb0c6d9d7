//! Tests of how the runtime crate is named.

use super::*;
use quote::ToTokens;

fn shown(path: Path) -> String {
    path.into_token_stream().to_string()
}

#[test]
fn renamed_dependency_goes_by_its_new_name() {
    let found = FoundCrate::Name("weave".to_owned());
    assert_eq!(shown(imported_as(Some(found))), ":: weave");
}

#[test]
fn own_package_and_unknown_manifest_fall_back_to_the_package_name() {
    assert_eq!(shown(imported_as(Some(FoundCrate::Itself))), ":: selvedge");
    assert_eq!(shown(imported_as(None)), ":: selvedge");
}

#[test]
fn chosen_path_is_taken_as_it_is() {
    assert_eq!(
        shown(runtime_crate(Some(parse_quote!(crate::rt)))),
        "crate :: rt"
    );
}

#[test]
fn manifest_of_this_package_is_read() {
    // This package has the facade as a dev-dependency, under its own name.
    assert_eq!(
        crate_name(PACKAGE).unwrap(),
        FoundCrate::Name("selvedge".to_owned())
    );
}
