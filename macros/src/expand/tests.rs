//! Tests of the expansion: what the code looks like, and what is reported about the function.
//!
//! That the code compiles and does what it says is tested from outside, on a real runtime.

use super::*;

const MAIN: Attribute = Attribute::Main {
    has_multi_thread: true,
};
const TEST: Attribute = Attribute::Test {
    has_multi_thread: true,
};

fn expanded(attribute: Attribute, options: TokenStream, item: TokenStream) -> String {
    expand(attribute, options, item).to_string()
}

/// Asserts that the expansion is `expected`, and has no errors in it.
#[track_caller]
fn assert_expands(
    attribute: Attribute,
    options: TokenStream,
    item: TokenStream,
    expected: TokenStream,
) {
    assert_eq!(expanded(attribute, options, item), expected.to_string());
}

/// The messages in an expansion.
fn errors(expansion: &str) -> usize {
    expansion.matches("compile_error !").count()
}

/// The builder expression for the given options.
fn builder(attribute: Attribute, options: TokenStream) -> String {
    let expansion = expanded(attribute, options, quote! { async fn f() {} });
    let start = expansion.find("let runtime = ").unwrap() + "let runtime = ".len();
    let end = expansion.find(" . expect").unwrap();
    expansion[start..end].replace(' ', "")
}

#[test]
fn main_expands_to_a_plain_function() {
    assert_expands(
        MAIN,
        quote! { crate = rt },
        quote! {
            /// Weaves.
            #[inline]
            pub(crate) async fn weave<T: Thread>(&self, thread: T) -> u8 where T: Copy { thread.into() }
        },
        quote! {
            /// Weaves.
            #[inline]
            pub(crate) fn weave<T: Thread>(&self, thread: T) -> u8 where T: Copy {
                let runtime = rt::runtime::Builder::new_multi_thread()
                    .enable_all()
                    .build()
                    .expect("the operating system refused what a runtime needs");
                let body = async move {
                    if let ::core::option::Option::Some(output) = ::core::option::Option::None::<u8> {
                        return output;
                    }
                    { thread.into() }
                };
                runtime.block_on(body)
            }
        },
    );
}

#[test]
fn test_expands_to_a_test_with_one_type_of_future() {
    assert_expands(
        TEST,
        quote! { crate = "rt", start_paused = true },
        quote! { #[ignore] async fn warp() { weft().await; } },
        quote! {
            #[ignore]
            #[::core::prelude::v1::test]
            fn warp() {
                let runtime = rt::runtime::Builder::new_current_thread()
                    .enable_all()
                    .start_paused(true)
                    .build()
                    .expect("the operating system refused what a runtime needs");
                let body = async move {
                    if let ::core::option::Option::Some(output) = ::core::option::Option::None::<()> {
                        return output;
                    }
                    { weft().await; }
                };
                let body = ::core::pin::pin!(body);
                let body: ::core::pin::Pin<&mut dyn ::core::future::Future<Output = _>> = body;
                runtime.block_on(body)
            }
        },
    );
}

#[test]
fn options_become_calls_of_the_builder() {
    const START: &str = "rt::runtime::Builder::";
    let cases = [
        (
            quote!(worker_threads = 3),
            "new_multi_thread().enable_all().worker_threads(3usize).build()",
        ),
        (
            quote!(flavor = "current_thread"),
            "new_current_thread().enable_all().build()",
        ),
        (
            quote!(flavor = "current_thread", start_paused = false),
            "new_current_thread().enable_all().start_paused(false).build()",
        ),
        (
            quote!(flavor = "local", start_paused = true),
            "new_current_thread().enable_all().start_paused(true)\
             .build_local(::core::default::Default::default())",
        ),
    ];
    for (options, expected) in cases {
        let found = builder(MAIN, quote!(crate = rt, #options));
        assert_eq!(found, format!("{START}{expected}"));
    }
}

#[test]
fn types_that_cannot_be_written_are_not() {
    for output in [
        quote!(!),
        quote!(impl Display),
        quote!(Result<(), Box<impl Error>>),
    ] {
        let item = quote! { async fn f() -> #output { body() } };
        let expansion = expanded(MAIN, quote!(), item);
        assert!(
            expansion.contains("async move { { body () } }"),
            "{expansion}"
        );
    }
    // A name that begins with `impl` is not one.
    let expansion = expanded(
        MAIN,
        quote!(),
        quote! { async fn f() -> implement { body() } },
    );
    assert!(expansion.contains("None :: < implement >"), "{expansion}");
}

#[test]
fn function_has_to_be_async() {
    let expansion = expanded(MAIN, quote!(), quote! { fn main() { weave() } });
    assert!(expansion.contains("write `async fn`"));
    assert!(
        expansion.contains("fn main () {"),
        "the function is there all the same"
    );
    assert_eq!(errors(&expansion), 1);
}

#[test]
fn what_is_no_function_comes_out_unchanged_next_to_the_error() {
    let expansion = expanded(TEST, quote!(), quote! { struct Loom; });
    assert!(expansion.starts_with("struct Loom ;"));
    assert!(expansion.contains("`#[selvedge::test]` goes on an async function"));
    assert_eq!(errors(&expansion), 1);
}

#[test]
fn main_takes_no_arguments_and_other_functions_do() {
    let expansion = expanded(MAIN, quote!(), quote! { async fn main(a: u8) {} });
    assert!(expansion.contains("`main` takes no arguments"));
    assert_eq!(errors(&expansion), 1);
    assert_eq!(
        errors(&expanded(MAIN, quote!(), quote! { async fn run(a: u8) {} })),
        0
    );
    assert_eq!(
        errors(&expanded(
            TEST,
            quote!(),
            quote! { async fn case(a: u8) {} }
        )),
        0
    );
}

#[test]
fn second_test_attribute_is_reported_once_and_removed() {
    let item = quote! { #[test] #[should_panic] #[::core::prelude::v1::test] async fn f() {} };
    let expansion = expanded(TEST, quote!(), item);
    assert!(expansion.contains("this function is a test already"));
    assert_eq!(errors(&expansion), 1);
    assert!(expansion.starts_with("# [should_panic] # [:: core :: prelude :: v1 :: test] fn f"));
    // A `main` may be called by a test.
    assert_eq!(
        errors(&expanded(
            MAIN,
            quote!(),
            quote! { #[test] async fn f() {} }
        )),
        0
    );
}

#[test]
fn errors_of_options_and_function_come_together() {
    let expansion = expanded(MAIN, quote!(threads = 2, flavor = 1), quote! { fn f() {} });
    assert_eq!(errors(&expansion), 3);
    assert!(expansion.contains("fn f () {"));
}
