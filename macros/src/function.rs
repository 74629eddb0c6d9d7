//! The annotated function: its attributes and signature parsed, its body left alone.
//!
//! The body goes into the expansion as the very group of tokens the user wrote. Every message about it
//! therefore points at the user's code, and a body that does not parse (somebody is typing) still gives
//! editors a function to complete in.

use proc_macro2::{Delimiter, Group, TokenStream};
use syn::parse::{Parse, ParseStream, Parser};
use syn::{AttrStyle, Attribute, Error, Path, Signature, Visibility};

#[cfg(test)]
mod tests;

/// A function item with an unparsed body.
pub(crate) struct Function {
    /// Outer attributes, then the inner ones made outer: our expansion is a block, where the compiler
    /// does not accept inner attributes.
    pub(crate) attributes: Vec<Attribute>,
    pub(crate) visibility: Visibility,
    pub(crate) signature: Signature,
    /// The braces and what is between them, inner attributes excepted.
    pub(crate) body: Group,
}

impl Parse for Function {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut attributes = input.call(Attribute::parse_outer)?;
        let visibility = input.parse()?;
        let signature: Signature = input.parse()?;
        let body = input
            .parse::<Group>()
            .ok()
            .filter(|body| body.delimiter() == Delimiter::Brace);
        let Some(body) = body else {
            return Err(Error::new_spanned(
                &signature,
                "this function has no body to run",
            ));
        };
        let (inner, body) = split_inner_attributes(body)?;
        attributes.extend(inner);
        Ok(Function {
            attributes,
            visibility,
            signature,
            body,
        })
    }
}

impl Function {
    /// Removes the attributes that would make the function a test once more, and returns the first.
    ///
    /// They are removed, not only reported, so that the user reads one message: the second attribute
    /// would complain in its turn, about a function that is no longer `async`.
    pub(crate) fn take_test_attributes(&mut self, krate: &Path) -> Option<Attribute> {
        let (tests, others) = self
            .attributes
            .drain(..)
            .partition(|attribute| makes_a_test(attribute.path(), krate));
        self.attributes = others;
        let tests: Vec<_> = tests;
        tests.into_iter().next()
    }
}

/// Moves the `#![…]` at the start of a body out of it, as outer attributes.
fn split_inner_attributes(body: Group) -> syn::Result<(Vec<Attribute>, Group)> {
    let split = |input: ParseStream<'_>| {
        let attributes = Attribute::parse_inner(input)?;
        Ok((attributes, input.parse::<TokenStream>()?))
    };
    let (mut attributes, rest) = split.parse2(body.stream())?;
    if attributes.is_empty() {
        return Ok((attributes, body));
    }
    for attribute in &mut attributes {
        attribute.style = AttrStyle::Outer;
    }
    let mut shorter = Group::new(Delimiter::Brace, rest);
    shorter.set_span(body.span());
    Ok((attributes, shorter))
}

/// Whether `path` names the test attribute of the language, in any of its spellings, or that of `krate`.
///
/// Attributes of other crates that happen to end in `test` may well build on this one: they are let be.
fn makes_a_test(path: &Path, krate: &Path) -> bool {
    let names: Vec<_> = path
        .segments
        .iter()
        .map(|segment| segment.ident.to_string())
        .collect();
    let names: Vec<_> = names.iter().map(String::as_str).collect();
    match names[..] {
        ["test"] | ["core" | "std", "prelude", _, "test"] => true,
        [.., parent, "test"] => krate
            .segments
            .last()
            .is_some_and(|name| name.ident == parent),
        _ => false,
    }
}
