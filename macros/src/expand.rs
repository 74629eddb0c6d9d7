//! The function that replaces the annotated one.
//!
//! ```text
//! #[the user's attributes]
//! #[::core::prelude::v1::test]                                    only for `test`
//! fn name(arguments) -> Output {
//!     let runtime = ::selvedge::runtime::Builder::new_…()
//!         .enable_all() … .build().expect("…");
//!     let body = async move {
//!         if let Some(output) = None::<Output> { return output; } never taken: G
//!         { what the user wrote }
//!     };
//!     let body = pin!(body) as Pin<&mut dyn Future>;                   only for `test`: P
//!     runtime.block_on(body)
//! }
//! ```
//!
//! # Why these lines
//!
//! G. An `async` block has no place for its output type, the compiler infers it: from the body, and then
//!    complains about our `block_on`, which the user never wrote. The first `return` decides instead. After
//!    it every other end of the body is checked, and coerced, against the declared type: messages point at
//!    the user's expression, with a note at the declared type. A type with an `impl` in it cannot be
//!    written there, and needs no help, since it accepts what comes; neither can `!`.
//!
//! P. `block_on` and all it calls are compiled once for every type of future. A test suite has as many
//!    types as tests; behind one pointer type they are one.
//!
//! The names `runtime` and `body` have the hygiene of this macro: they do not hide an argument of the
//! same name from the user's code.
//!
//! The body takes the arguments it uses with it, as that of an `async fn` does: what they hold may need a
//! living runtime to be dropped. For the same reason the future is declared after the runtime.
//!
//! # Rejected
//!
//! An `async fn` within the function gives the compiler's native messages, but knows neither the generics
//! nor the `Self` of the function around it. An `async` closure with a return type knows both, but its
//! output is not coerced, and its messages speak of closure bodies.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::spanned::Spanned;
use syn::{Error, Path, ReturnType, Signature, Type};

use crate::Attribute;
use crate::function::Function;
use crate::krate::runtime_crate;
use crate::options::{Options, Runtime};

#[cfg(test)]
mod tests;

/// Replaces the function `item`, annotated with `attribute` and the options in `arguments`.
///
/// Whatever is wrong, as much of the function as possible comes out next to the errors: without it, the
/// compiler would go on to complain about a missing `main`, and editors would be lost.
pub(crate) fn expand(
    attribute: Attribute,
    arguments: TokenStream,
    item: TokenStream,
) -> TokenStream {
    let mut function = match syn::parse2::<Function>(item.clone()) {
        Ok(function) => function,
        Err(error) => {
            let message = format!(
                "`#[{}]` goes on an async function: {error}",
                attribute.name()
            );
            return beside(item, Error::new(error.span(), message));
        }
    };
    let (mut options, misread) = Options::read(attribute, arguments);
    let krate = runtime_crate(options.krate.take());
    let errors = check(attribute, &krate, &mut function);
    let tokens = replacement(attribute, &krate, &options, function);
    misread.into_iter().chain(errors).fold(tokens, beside)
}

/// The item with the error next to it.
fn beside(mut item: TokenStream, error: Error) -> TokenStream {
    item.extend(error.into_compile_error());
    item
}

/// Checks what the function itself can have wrong.
fn check(attribute: Attribute, krate: &Path, function: &mut Function) -> Vec<Error> {
    let mut errors = Vec::new();
    let signature = &function.signature;
    if signature.asyncness.is_none() {
        let message = format!(
            "`#[{}]` goes on an async function: write `async fn`",
            attribute.name()
        );
        errors.push(Error::new(signature.fn_token.span, message));
    }
    if attribute.is_test() {
        // Arguments are let be: an attribute that comes after ours may provide them (table-driven tests
        // do), and if none does, the compiler's message about them is good.
        if let Some(second) = function.take_test_attributes(krate) {
            let message = format!(
                "this function is a test already: remove this attribute, or `#[{}]`",
                attribute.name()
            );
            errors.push(Error::new_spanned(second, message));
        }
    } else if signature.ident == "main" && !signature.inputs.is_empty() {
        let message = "`main` takes no arguments: read them from `std::env::args()`";
        errors.push(Error::new_spanned(&signature.inputs, message));
    }
    errors
}

fn replacement(
    attribute: Attribute,
    krate: &Path,
    options: &Options,
    function: Function,
) -> TokenStream {
    let Function {
        attributes,
        visibility,
        mut signature,
        mut body,
    } = function;
    signature.asyncness = None;
    // Braces of ours, in the place of the user's: they are a block within a block now, and the
    // compiler would advise to remove them.
    body.set_span(Span::mixed_site().located_at(body.span()));

    let runtime = build_runtime(krate, options);
    let guide = output_guide(&signature);
    // The test attribute is the last one, so that the attributes between can see it coming.
    let (test, pin) = if attribute.is_test() {
        (Some(quote!(#[::core::prelude::v1::test])), Some(pinned()))
    } else {
        (None, None)
    };
    let tail = quote_spanned! {Span::mixed_site()=>
        #pin
        runtime.block_on(body)
    };
    let head = quote_spanned! {Span::mixed_site()=>
        let runtime = #runtime;
        let body = async move {
            #guide
            #body
        };
    };
    quote! {
        #(#attributes)*
        #test
        #visibility #signature {
            #head
            #tail
        }
    }
}

/// The expression that builds the runtime.
fn build_runtime(krate: &Path, options: &Options) -> TokenStream {
    let setter = |key: &syn::Ident, value: &dyn ToTokens| quote!(.#key(#value));
    let name = options.name.as_ref().map(|it| setter(&it.key, &it.value));
    let (new, setter, build) = match &options.runtime {
        Runtime::MultiThread { worker_threads } => {
            let setter = worker_threads.as_ref().map(|it| setter(&it.key, &it.value));
            (quote!(new_multi_thread), setter, quote!(build()))
        }
        Runtime::CurrentThread { start_paused } => {
            let setter = start_paused.as_ref().map(|it| setter(&it.key, &it.value));
            (quote!(new_current_thread), setter, quote!(build()))
        }
        Runtime::Local { start_paused } => {
            let setter = start_paused.as_ref().map(|it| setter(&it.key, &it.value));
            let options = quote!(::core::default::Default::default());
            (
                quote!(new_current_thread),
                setter,
                quote!(build_local(#options)),
            )
        }
    };
    quote! {
        #krate::runtime::Builder::#new()
            .enable_all()
            #setter
            #name
            .#build
            .expect("the operating system refused what a runtime needs")
    }
}

/// The statement that tells the compiler the output type of the body (G above).
fn output_guide(signature: &Signature) -> Option<TokenStream> {
    let (output, at) = match &signature.output {
        // Without an arrow there is no type to point at: the name of the function is the next best.
        ReturnType::Default => (quote!(()), signature.ident.span()),
        ReturnType::Type(_, output) if can_be_written(output) => {
            (output.to_token_stream(), output.span())
        }
        ReturnType::Type(..) => return None,
    };
    let at = Span::mixed_site().located_at(at);
    Some(quote_spanned! {at=>
        if let ::core::option::Option::Some(output) = ::core::option::Option::None::<#output> {
            return output;
        }
    })
}

/// Whether a type can stand in an expression: not `!`, and nothing with `impl` inside.
fn can_be_written(output: &Type) -> bool {
    fn mentions_impl(tokens: TokenStream) -> bool {
        tokens.into_iter().any(|token| match token {
            TokenTree::Ident(ident) => ident == "impl",
            TokenTree::Group(group) => mentions_impl(group.stream()),
            TokenTree::Punct(_) | TokenTree::Literal(_) => false,
        })
    }
    !matches!(output, Type::Never(_)) && !mentions_impl(output.to_token_stream())
}

/// The statements that put `body` behind one pointer type (P above).
fn pinned() -> TokenStream {
    quote_spanned! {Span::mixed_site()=>
        let body = ::core::pin::pin!(body);
        let body: ::core::pin::Pin<&mut dyn ::core::future::Future<Output = _>> = body;
    }
}
