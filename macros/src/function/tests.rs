//! Tests of the parsed function.

use super::*;
use quote::{ToTokens, quote};
use syn::parse_quote;

fn parsed(tokens: TokenStream) -> Function {
    syn::parse2(tokens).unwrap()
}

fn shown(tokens: &impl ToTokens) -> String {
    tokens.to_token_stream().to_string()
}

#[test]
fn body_is_not_looked_into() {
    let function = parsed(quote! { pub async fn half() -> u32 { let = ; 5 ! } });
    assert_eq!(shown(&function.signature), "async fn half () -> u32");
    assert_eq!(shown(&function.visibility), "pub");
    assert_eq!(shown(&function.body), "{ let = ; 5 ! }");
}

#[test]
fn inner_attributes_come_out_of_the_body() {
    let function = parsed(quote! { #[outer] async fn f() { #![inner] body() } });
    let attributes: Vec<_> = function.attributes.iter().map(shown).collect();
    assert_eq!(attributes, ["# [outer]", "# [inner]"]);
    assert_eq!(shown(&function.body), "{ body () }");
}

#[test]
fn what_is_no_function_with_a_body_is_refused() {
    assert!(syn::parse2::<Function>(quote! { struct F; }).is_err());
    let error = syn::parse2::<Function>(quote! { async fn f(); })
        .err()
        .unwrap();
    assert_eq!(error.to_string(), "this function has no body to run");
}

#[test]
fn test_attributes_are_taken_and_others_stay() {
    let krate: Path = parse_quote!(::weave);
    for test in [
        quote!(#[test]),
        quote!(#[::core::prelude::v1::test]),
        quote!(#[std::prelude::rust_2024::test]),
        quote!(#[weave::test(start_paused = true)]),
    ] {
        let mut function = parsed(quote! { #[ignore] #test #[other::test] async fn f() {} });
        let taken = function.take_test_attributes(&krate).unwrap();
        assert_eq!(shown(&taken), test.to_string());
        let left: Vec<_> = function.attributes.iter().map(shown).collect();
        assert_eq!(left, ["# [ignore]", "# [other :: test]"]);
        assert!(function.take_test_attributes(&krate).is_none());
    }
}
