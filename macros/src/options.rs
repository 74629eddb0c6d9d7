//! The options in the parentheses of the attributes, from tokens to a runtime that can be built.
//!
//! Two steps. [`Given`] collects what was written, option by option; [`Options`] is what it means once
//! the defaults are filled in. `Options` cannot hold a combination that the builder would refuse.
//!
//! Neither step stops at the first mistake: all of them are reported at once, and usable options come out
//! in any case, so that the function is expanded and editors keep their bearings in it.

use proc_macro2::{Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::ext::IdentExt;
use syn::parse::{ParseStream, Parser};
use syn::{Error, Ident, LitBool, LitInt, LitStr, Path, Token};

use crate::Attribute;

#[cfg(test)]
mod tests;

const KNOWN_OPTIONS: &str = "`flavor`, `worker_threads`, `start_paused`, `name` and `crate`";
const KNOWN_FLAVORS: &str = "\"multi_thread\", \"current_thread\" and \"local\"";

/// What an attribute asks for.
pub(crate) struct Options {
    pub(crate) runtime: Runtime,
    pub(crate) name: Option<Setting<String>>,
    /// The option `crate`.
    pub(crate) krate: Option<Path>,
}

/// The runtime to build. The settings keep the place they were written at.
pub(crate) enum Runtime {
    MultiThread {
        worker_threads: Option<Setting<usize>>,
    },
    CurrentThread {
        start_paused: Option<Setting<bool>>,
    },
    Local {
        start_paused: Option<Setting<bool>>,
    },
}

/// The value of an option, and where it was written.
pub(crate) struct Setting<T> {
    pub(crate) key: Ident,
    pub(crate) value: T,
    /// The tokens of the value, for messages to point at.
    written: TokenStream,
}

#[derive(Clone, Copy, PartialEq)]
enum Flavor {
    MultiThread,
    CurrentThread,
    Local,
}

impl Options {
    /// Reads the tokens in the parentheses of `attribute`. If there are mistakes in them, the options
    /// are still good to go on with.
    pub(crate) fn read(attribute: Attribute, tokens: TokenStream) -> (Options, Option<Error>) {
        let mut mistakes = Mistakes::default();
        let given = Given::read(tokens, &mut mistakes);
        let options = given.settle(attribute, &mut mistakes);
        (options, mistakes.0)
    }
}

/// The mistakes found so far, as one error with many messages.
#[derive(Default)]
struct Mistakes(Option<Error>);

impl Mistakes {
    fn add(&mut self, error: Error) {
        match &mut self.0 {
            None => self.0 = Some(error),
            Some(first) => first.combine(error),
        }
    }

    /// The value, or `None` with its error noted.
    fn check<T>(&mut self, result: syn::Result<T>) -> Option<T> {
        result.map_err(|error| self.add(error)).ok()
    }
}

/// One `key = value`, neither looked at yet.
struct Entry {
    key: Ident,
    /// `None` if there is no `=`, empty if there is nothing after it.
    value: Option<TokenStream>,
}

impl Entry {
    fn parse_list(input: ParseStream<'_>) -> syn::Result<Vec<Entry>> {
        let mut entries = Vec::new();
        while !input.is_empty() {
            entries.push(Entry::parse(input)?);
            if !input.is_empty() {
                input.parse::<Token![,]>()?;
            }
        }
        Ok(entries)
    }

    fn parse(input: ParseStream<'_>) -> syn::Result<Entry> {
        // `crate` is a keyword, which `Ident` alone does not accept.
        let key = Ident::parse_any(input).map_err(|error| {
            Error::new(
                error.span(),
                format!("expected an option: one of {KNOWN_OPTIONS}"),
            )
        })?;
        if input.is_empty() || input.peek(Token![,]) {
            return Ok(Entry { key, value: None });
        }
        input.parse::<Token![=]>()?;
        let mut value = TokenStream::new();
        while !input.is_empty() && !input.peek(Token![,]) {
            value.extend([input.parse::<TokenTree>()?]);
        }
        Ok(Entry {
            key,
            value: Some(value),
        })
    }

    /// The setting, its value read by `interpret`. If there is none, `example` is what to write.
    fn setting<T>(
        self,
        example: &str,
        interpret: impl FnOnce(&TokenStream) -> syn::Result<T>,
    ) -> syn::Result<Setting<T>> {
        match self.value {
            Some(written) if !written.is_empty() => Ok(Setting {
                value: interpret(&written)?,
                key: self.key,
                written,
            }),
            _ => {
                let message = format!("`{}` needs a value, as in `{example}`", self.key);
                Err(Error::new_spanned(&self.key, message))
            }
        }
    }
}

/// The options as written, each on its own.
#[derive(Default)]
struct Given {
    flavor: Option<Setting<Flavor>>,
    worker_threads: Option<Setting<usize>>,
    start_paused: Option<Setting<bool>>,
    name: Option<Setting<String>>,
    krate: Option<Setting<Path>>,
}

impl Given {
    fn read(tokens: TokenStream, mistakes: &mut Mistakes) -> Given {
        let mut given = Given::default();
        let mut seen = Vec::new();
        let entries = mistakes
            .check(Entry::parse_list.parse2(tokens))
            .unwrap_or_default();
        for entry in entries {
            if seen.contains(&entry.key) {
                let message = format!("`{}` is given twice: remove one of the two", entry.key);
                mistakes.add(Error::new_spanned(&entry.key, message));
                continue;
            }
            seen.push(entry.key.clone());
            given.set(entry, mistakes);
        }
        given
    }

    fn set(&mut self, entry: Entry, mistakes: &mut Mistakes) {
        match entry.key.to_string().as_str() {
            "flavor" => {
                self.flavor = mistakes.check(entry.setting("flavor = \"current_thread\"", flavor));
            }
            "worker_threads" => {
                self.worker_threads =
                    mistakes.check(entry.setting("worker_threads = 4", worker_threads));
            }
            "start_paused" => {
                self.start_paused =
                    mistakes.check(entry.setting("start_paused = true", start_paused));
            }
            "name" => {
                self.name = mistakes.check(entry.setting("name = \"ingest\"", name));
            }
            "crate" => {
                self.krate = mistakes.check(entry.setting("crate = \"my_crate::selvedge\"", path));
            }
            other => {
                let message = match Flavor::named(other) {
                    Some(_) => format!("a flavor is chosen with `flavor = \"{other}\"`"),
                    None => format!("unknown option `{other}`: the options are {KNOWN_OPTIONS}"),
                };
                mistakes.add(Error::new_spanned(&entry.key, message));
            }
        }
    }

    /// Fills in the defaults of `attribute` and checks that the options go together.
    fn settle(self, attribute: Attribute, mistakes: &mut Mistakes) -> Options {
        // Next to another mistake, most of all in the flavor, a conflict may be its mere consequence.
        if mistakes.0.is_none() {
            self.check_together(attribute, mistakes);
        }
        let runtime = match self.flavor_for(attribute) {
            Flavor::MultiThread if attribute.has_multi_thread() => Runtime::MultiThread {
                worker_threads: self.worker_threads,
            },
            Flavor::MultiThread | Flavor::CurrentThread => Runtime::CurrentThread {
                start_paused: self.start_paused,
            },
            Flavor::Local => Runtime::Local {
                start_paused: self.start_paused,
            },
        };
        Options {
            runtime,
            name: self.name,
            krate: self.krate.map(|setting| setting.value),
        }
    }

    fn flavor_for(&self, attribute: Attribute) -> Flavor {
        match &self.flavor {
            Some(setting) => setting.value,
            None if attribute.is_test() => Flavor::CurrentThread,
            None => Flavor::MultiThread,
        }
    }

    fn check_together(&self, attribute: Attribute, mistakes: &mut Mistakes) {
        if self.flavor_for(attribute) == Flavor::MultiThread {
            if !attribute.has_multi_thread() {
                mistakes.add(multi_thread_is_off(self.flavor.as_ref()));
            }
            if let Some(start_paused) = &self.start_paused {
                mistakes.add(start_paused.conflict(
                    "the clock of the flavor \"multi_thread\" cannot be paused: \
                     choose `flavor = \"current_thread\"` or remove `start_paused`",
                ));
            }
        } else if let Some(worker_threads) = &self.worker_threads {
            mistakes.add(worker_threads.conflict(
                "only the flavor \"multi_thread\" has worker threads: \
                 choose `flavor = \"multi_thread\"` or remove `worker_threads`",
            ));
        }
    }
}

impl<T> Setting<T> {
    /// An error about the option as a whole, `key = value`.
    fn conflict(&self, message: &str) -> Error {
        let Setting { key, written, .. } = self;
        Error::new_spanned(quote!(#key #written), message)
    }
}

impl Flavor {
    fn named(name: &str) -> Option<Flavor> {
        match name {
            "multi_thread" => Some(Flavor::MultiThread),
            "current_thread" => Some(Flavor::CurrentThread),
            "local" => Some(Flavor::Local),
            _ => None,
        }
    }
}

fn multi_thread_is_off(flavor: Option<&Setting<Flavor>>) -> Error {
    const ADVICE: &str =
        "enable the feature `multi-thread` of selvedge, or write `flavor = \"current_thread\"`";
    match flavor {
        Some(flavor) => Error::new_spanned(
            &flavor.written,
            format!("this flavor is switched off: {ADVICE}"),
        ),
        None => Error::new(
            Span::call_site(),
            format!("the default flavor, \"multi_thread\", is switched off: {ADVICE}"),
        ),
    }
}

fn flavor(written: &TokenStream) -> syn::Result<Flavor> {
    let name: LitStr = literal(written, || {
        format!("`flavor` takes a string: the flavors are {KNOWN_FLAVORS}")
    })?;
    Flavor::named(&name.value()).ok_or_else(|| {
        let message = format!(
            "unknown flavor \"{}\": the flavors are {KNOWN_FLAVORS}",
            name.value()
        );
        Error::new_spanned(&name, message)
    })
}

fn worker_threads(written: &TokenStream) -> syn::Result<usize> {
    let number = || "`worker_threads` takes a number, 1 or more, as a literal".to_owned();
    let literal: LitInt = literal(written, number)?;
    match literal.base10_parse::<usize>() {
        Ok(0) | Err(_) => Err(Error::new_spanned(&literal, number())),
        Ok(workers) => Ok(workers),
    }
}

fn start_paused(written: &TokenStream) -> syn::Result<bool> {
    let value: LitBool = literal(written, || {
        "`start_paused` takes `true` or `false`".to_owned()
    })?;
    Ok(value.value)
}

/// The builder panics on a name that is empty; here its place can be shown.
fn name(written: &TokenStream) -> syn::Result<String> {
    let explain = || "`name` takes a string that is not empty".to_owned();
    let literal: LitStr = literal(written, explain)?;
    match literal.value().trim() {
        "" => Err(Error::new_spanned(&literal, explain())),
        _ => Ok(literal.value()),
    }
}

fn path(written: &TokenStream) -> syn::Result<Path> {
    let explain = |at: &dyn ToTokens| {
        let message = "`crate` takes the path of selvedge, as in `crate = \"my_crate::selvedge\"`";
        Error::new_spanned(at, message)
    };
    if let Ok(text) = syn::parse2::<LitStr>(written.clone()) {
        return text
            .parse_with(Path::parse_mod_style)
            .map_err(|_| explain(&text));
    }
    Path::parse_mod_style
        .parse2(written.clone())
        .map_err(|_| explain(written))
}

/// The literal that is all of `written`, or an error there saying `expected`.
fn literal<T: syn::parse::Parse>(
    written: &TokenStream,
    expected: impl FnOnce() -> String,
) -> syn::Result<T> {
    syn::parse2(written.clone()).map_err(|_| Error::new_spanned(written, expected()))
}
