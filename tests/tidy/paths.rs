//! Which modules a file names: its `use` lines and inline paths, followed through re-exports.
//!
//! Text only, and so only what is simple: paths that begin with `crate`, `self`, `super` or, in a
//! `use`, with a child module. Globs count as their module; code under `#[cfg(test)]` is skipped.

use std::collections::{BTreeMap, BTreeSet};

use crate::source::Source;

/// A crate's modules: what each one names, and what each one re-exports.
pub(crate) struct Modules {
    uses: BTreeMap<String, Vec<Use>>,
    inline: BTreeMap<String, Vec<Vec<String>>>,
    reexports: BTreeMap<(String, String), Vec<String>>,
}

struct Use {
    name: String,
    target: Vec<String>,
}

impl Modules {
    /// Reads the shipped sources below `root`, such as `runtime/src/`.
    pub(crate) fn read(sources: &[Source], root: &str) -> Self {
        let mut modules = Modules {
            uses: BTreeMap::new(),
            inline: BTreeMap::new(),
            reexports: BTreeMap::new(),
        };
        let below = |source: &&Source| source.path.starts_with(root) && source.is_shipped();
        let names: BTreeSet<_> = sources
            .iter()
            .filter(below)
            .map(|source| module_of(&source.path, root))
            .collect();
        for source in sources.iter().filter(below) {
            let module = module_of(&source.path, root);
            let mut code = source.code().to_owned();
            for (name, path) in elsewhere(&source.text) {
                let folder = source
                    .path
                    .rsplit_once('/')
                    .map_or("", |(folder, _)| folder);
                let target = module_of(&format!("{folder}/{path}"), root);
                if names.contains(&target) {
                    let key = (module.clone(), name.to_owned());
                    modules.reexports.insert(key, segments(&target));
                }
            }
            let mut uses = Vec::new();
            while let Some((shown, tree, range)) = next_use(&code) {
                let mut leaves = Vec::new();
                expand(&tree, &[], &mut leaves);
                for (path, name) in leaves {
                    let Some(target) = absolute(&path, &module, &names) else {
                        continue;
                    };
                    if shown {
                        let key = (module.clone(), name.clone());
                        modules.reexports.insert(key, target.clone());
                    }
                    uses.push(Use { name, target });
                }
                code.replace_range(range.clone(), &" ".repeat(range.len()));
            }
            let mut inline: Vec<_> = inline_paths(&code, "crate")
                .into_iter()
                .chain(inline_paths(&code, "super"))
                .filter_map(|path| absolute(&path, &module, &names))
                .collect();
            // What is reached through an imported module counts, the module's own file does not.
            uses.retain(|Use { name, target }| {
                if !names.contains(&target.join("::")) {
                    return true;
                }
                for path in inline_paths(&code, name) {
                    inline.push([target.as_slice(), &path[1..]].concat());
                }
                false
            });
            modules.inline.insert(module.clone(), inline);
            modules.uses.insert(module, uses);
        }
        modules
    }

    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.uses.keys().map(String::as_str)
    }

    /// What a module re-exports, by the name it gives it.
    pub(crate) fn reexports_of(&self, module: &str) -> impl Iterator<Item = &str> {
        let all = self.reexports.keys();
        all.filter(move |(of, _)| of == module)
            .map(|(_, name)| name.as_str())
    }

    /// The modules whose items `module` names: where they are defined, not where they are shown.
    pub(crate) fn named_by(&self, module: &str) -> BTreeSet<String> {
        let uses = self.uses[module].iter().map(|it| &it.target);
        uses.chain(&self.inline[module])
            .map(|target| self.home(target))
            .filter(|home| home != module && !home.is_empty())
            .collect()
    }

    /// The module in which the item with this path is defined.
    fn home(&self, path: &[String]) -> String {
        let mut at = String::new();
        let mut rest: Vec<String> = path.to_vec();
        // As many steps as any sane chain of re-exports has; ends a cycle.
        for _ in 0..64 {
            let Some(first) = rest.first().cloned() else {
                break;
            };
            let child = join(&at, &first);
            if self.uses.contains_key(&child) {
                at = child;
                rest.remove(0);
            } else if let Some(target) = self.reexports.get(&(at.clone(), first)) {
                rest.splice(..1, target.iter().cloned());
                at = String::new();
            } else {
                break;
            }
        }
        at
    }
}

fn join(module: &str, name: &str) -> String {
    if module.is_empty() {
        name.to_owned()
    } else {
        format!("{module}::{name}")
    }
}

/// `runtime/src/task/join.rs` is `task::join`; the crate root is empty.
pub(crate) fn module_of(path: &str, root: &str) -> String {
    let inside = path.strip_prefix(root).unwrap_or(path);
    let inside = inside.strip_suffix(".rs").unwrap_or(inside);
    if inside == "lib" {
        return String::new();
    }
    inside.replace('/', "::")
}

/// The modules whose file is told by `#[path]`, and that file.
fn elsewhere(text: &str) -> impl Iterator<Item = (&str, &str)> {
    let pairs = text.lines().zip(text.lines().skip(1));
    pairs.filter_map(|(attribute, item)| {
        let path = attribute
            .trim()
            .strip_prefix("#[path = \"")?
            .strip_suffix("\"]")?;
        let name = item.trim().strip_suffix(';')?.rsplit(' ').next()?;
        Some((name, path))
    })
}

/// The next `use` item: is it shown to others, its tree, and where it stands.
fn next_use(code: &str) -> Option<(bool, String, std::ops::Range<usize>)> {
    let mut from = 0;
    loop {
        let at = from + code[from..].find("use ")?;
        let line_start = code[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let before = code[line_start..at].trim();
        let visible = before.starts_with("pub");
        if before.is_empty() || visible {
            let end = at + code[at..].find(';')? + 1;
            let tree: String = code[at + 4..end - 1]
                .split_whitespace()
                .collect::<Vec<_>>()
                .join(" ");
            let attribute = code[..line_start].trim_end().lines().next_back();
            let for_tests = attribute.is_some_and(|line| {
                let line = line.trim();
                line.starts_with("#[cfg(test") || line.starts_with("#[cfg(all(test")
            });
            let tree = if for_tests { String::new() } else { tree };
            return Some((visible, tree, line_start..end));
        }
        from = at + 4;
    }
}

/// Spreads `a::{b, c as d}` into its paths, each with the name it brings into scope.
fn expand(tree: &str, prefix: &[String], leaves: &mut Vec<(Vec<String>, String)>) {
    let tree = tree.trim();
    if tree.is_empty() {
        return;
    }
    if let Some(open) = tree.find('{') {
        let mut prefix = prefix.to_vec();
        prefix.extend(segments(&tree[..open]));
        let inside = &tree[open + 1..tree.rfind('}').unwrap_or(tree.len())];
        for part in split_top_level(inside) {
            expand(part, &prefix, leaves);
        }
        return;
    }
    let (path, alias) = match tree.split_once(" as ") {
        Some((path, alias)) => (path, Some(alias.trim().to_owned())),
        None => (tree, None),
    };
    let mut full = prefix.to_vec();
    full.extend(segments(path));
    if full
        .last()
        .is_some_and(|last| last == "self" || last == "*")
        && full.len() > 1
    {
        full.pop();
    }
    let name = alias.or_else(|| full.last().cloned()).unwrap_or_default();
    leaves.push((full, name));
}

fn segments(path: &str) -> Vec<String> {
    path.split("::")
        .map(str::trim)
        .filter(|segment| !segment.is_empty())
        .map(str::to_owned)
        .collect()
}

fn split_top_level(list: &str) -> Vec<&str> {
    let mut depth = 0_usize;
    let mut begin = 0;
    let mut parts = Vec::new();
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' => depth = depth.saturating_sub(1),
            ',' if depth == 0 => {
                parts.push(&list[begin..at]);
                begin = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&list[begin..]);
    parts
}

/// Paths of code that begin with this name.
fn inline_paths(code: &str, first: &str) -> Vec<Vec<String>> {
    let in_name = |c: char| c == '_' || c.is_alphanumeric();
    let mut paths = Vec::new();
    for (at, _) in code.match_indices(&format!("{first}::")) {
        // Not `$crate::`, which is written for other crates, nor the tail of a longer path, nor
        // `pub(in path)`.
        let before = &code[..at];
        if before.ends_with(|c: char| c == '$' || c == ':' || in_name(c))
            || before.ends_with("(in ")
        {
            continue;
        }
        let end = code[at..].find(|c: char| c != ':' && !in_name(c));
        paths.push(segments(&code[at..end.map_or(code.len(), |end| at + end)]));
    }
    paths
}

/// The path from the crate root, if it is one into this crate.
fn absolute(path: &[String], module: &str, names: &BTreeSet<String>) -> Option<Vec<String>> {
    let mut here: Vec<String> = segments(module);
    let first = path.first()?;
    let rest = match first.as_str() {
        "crate" => {
            here.clear();
            &path[1..]
        }
        "self" => &path[1..],
        "super" => {
            let ups = path
                .iter()
                .take_while(|segment| *segment == "super")
                .count();
            here.truncate(here.len().saturating_sub(ups));
            &path[ups..]
        }
        _ if names.contains(&join(module, first)) => path,
        _ => return None,
    };
    here.extend(rest.iter().cloned());
    Some(here)
}

#[test]
fn uses_are_followed_to_where_things_are_defined() {
    let fakes = [
        Source::fake("x/src/lib.rs", "mod a;"),
        Source::fake(
            "runtime/src/lib.rs",
            "mod task;\nmod user;\n#[path = \"disabled.rs\"]\nmod net;",
        ),
        Source::fake("runtime/src/disabled.rs", ""),
        Source::fake(
            "runtime/src/task.rs",
            "mod join;\nmod word;\npub(crate) use join::{Handle as Join, Other};\n#[cfg(test)]\nuse word::Word;",
        ),
        Source::fake(
            "runtime/src/task/join.rs",
            "use super::word;\nuse std::fmt;\npub(in crate::user) fn f(_: word::Word) {}",
        ),
        Source::fake("runtime/src/task/word.rs", "// use crate::user;"),
        Source::fake(
            "runtime/src/user.rs",
            "use crate::{task::{Join, self}, gone};\nfn f() { $crate::nobody(); task::Other; crate::task::word::g(); crate::net::h() }",
        ),
    ];
    let modules = Modules::read(&fakes, "runtime/src/");
    let named = |module| modules.named_by(module).into_iter().collect::<Vec<_>>();
    assert_eq!(named("task"), ["task::join"]);
    assert_eq!(named("task::join"), ["task::word"]);
    assert_eq!(named("task::word"), Vec::<String>::new());
    assert_eq!(named("user"), ["disabled", "task::join", "task::word"]);
    assert_eq!(
        modules.reexports_of("task").collect::<Vec<_>>(),
        ["Join", "Other"]
    );
}
