//! What the rules look at: the files of the repository, as text and as text without comments.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

/// One text file.
pub(crate) struct Source {
    /// From the root of the repository, with `/`.
    pub(crate) path: String,
    pub(crate) text: String,
    code: OnceLock<String>,
}

impl Source {
    /// A file that exists only in a test of a rule.
    pub(crate) fn fake(path: &str, text: &str) -> Self {
        Source {
            path: path.to_owned(),
            text: text.to_owned(),
            code: OnceLock::new(),
        }
    }

    pub(crate) fn is_rust(&self) -> bool {
        self.path.ends_with(".rs")
    }

    /// Is this part of what users compile, as opposed to tests and models?
    pub(crate) fn is_shipped(&self) -> bool {
        let library = ["src/", "sync/src/", "runtime/src/", "macros/src/"];
        library.iter().any(|root| self.path.starts_with(root))
            && self.is_rust()
            && !TEST_SUPPORT.contains(&self.path.as_str())
            && !self
                .path
                .trim_end_matches(".rs")
                .split('/')
                .any(|part| part == "tests" || part == "loom")
    }

    /// The text with comments and the insides of literals blanked: the same lines, only code.
    pub(crate) fn code(&self) -> &str {
        self.code.get_or_init(|| blank(&self.text))
    }
}

/// Files that only tests compile, although their names do not say so.
const TEST_SUPPORT: &[&str] = &[
    "runtime/src/context/override_for_tests.rs",
    "runtime/src/io/conformance.rs",
    "runtime/src/io/conformance/hiccup.rs",
    "sync/src/model_check.rs",
    "runtime/src/reactor/driven.rs",
    "runtime/src/task/tracked.rs",
    "runtime/src/time/test_world.rs",
    "runtime/src/time/timers/probe.rs",
    "sync/src/counting_waker.rs",
];

/// An exception to a rule: which file, and why it may.
pub(crate) type Exception = (&'static str, &'static str);

/// All text files of the repository, sorted by path.
pub(crate) fn repository() -> &'static [Source] {
    static SOURCES: OnceLock<Vec<Source>> = OnceLock::new();
    SOURCES.get_or_init(read_all)
}

fn read_all() -> Vec<Source> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    collect(&root, &root, &mut sources);
    assert!(
        sources.iter().any(|source| source.path == "src/lib.rs"),
        "no src/lib.rs below {}: tidy looks at the wrong place",
        root.display()
    );
    sources.sort_by(|a, b| a.path.cmp(&b.path));
    sources
}

fn collect(root: &Path, directory: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(directory).expect("a directory of the repository can be read") {
        let path = entry.expect("an entry can be read").path();
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        if path.is_dir() {
            // Build output and reports are not ours; hidden directories belong to tools.
            let skipped = ["target", "report"].contains(&&*name)
                || name.starts_with('.') && ![".ci", ".config", ".github"].contains(&&*name);
            if !skipped {
                collect(root, &path, sources);
            }
        } else if name == ".git" {
            // A file in a linked worktree.
        } else if let Ok(text) = fs::read_to_string(&path) {
            // What is no UTF-8 is no text.
            let relative = path.strip_prefix(root).expect("found below the root");
            sources.push(Source {
                path: relative.to_string_lossy().replace('\\', "/"),
                text,
                code: OnceLock::new(),
            });
        }
    }
}

/// Fails with every finding and with what to do about them.
#[track_caller]
pub(crate) fn assert_none(findings: &[String], advice: &str) {
    let mut list = String::new();
    for finding in findings {
        let _ = writeln!(list, "  {finding}");
    }
    assert!(findings.is_empty(), "\n{list}\n{advice}\n");
}

/// The entries of a table of exceptions that name no file any more, or one that needs no exception.
pub(crate) fn stale(table: &[Exception], used: &[String]) -> Vec<String> {
    let unused = table
        .iter()
        .filter(|(path, _)| !used.iter().any(|it| it == path));
    unused
        .map(|(path, _)| format!("{path}: needs its exception no longer"))
        .collect()
}

/// Is `word` in `line`, not as a part of a longer name?
pub(crate) fn has_word(line: &str, word: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(word).any(|(at, _)| {
        !line[..at].ends_with(part_of_name) && !line[at + word.len()..].starts_with(part_of_name)
    })
}

/// Replaces comments and the insides of literals by blanks, line by line.
fn blank(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    while at < bytes.len() {
        let rest = &bytes[at..];
        let end = at
            + match rest {
                [b'/', b'/', ..] => line_length(rest),
                [b'/', b'*', ..] => block_comment_length(rest),
                [b'"', ..] => string_length(rest),
                [b'r', b'"' | b'#', ..] if !follows_name(bytes, at) => raw_string_length(rest),
                [b'\'', ..] => char_length(rest),
                _ => 0,
            };
        if end == at {
            let c = text[at..].chars().next().expect("inside the text");
            out.push(c);
            at += c.len_utf8();
        } else {
            let hidden = text[at..end].chars();
            out.extend(hidden.map(|c| if c == '\n' { '\n' } else { ' ' }));
            at = end;
        }
    }
    out
}

fn follows_name(bytes: &[u8], at: usize) -> bool {
    at > 0 && (bytes[at - 1].is_ascii_alphanumeric() || bytes[at - 1] == b'_')
}

fn line_length(rest: &[u8]) -> usize {
    rest.iter().position(|&b| b == b'\n').unwrap_or(rest.len())
}

fn block_comment_length(rest: &[u8]) -> usize {
    let mut depth = 0_usize;
    let mut at = 0;
    while at < rest.len() {
        match &rest[at..] {
            [b'/', b'*', ..] => (depth, at) = (depth + 1, at + 2),
            [b'*', b'/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

fn string_length(rest: &[u8]) -> usize {
    let mut at = 1;
    while at < rest.len() {
        match rest[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    rest.len()
}

/// Zero for what only looks like a raw string: `r#name`.
fn raw_string_length(rest: &[u8]) -> usize {
    let hashes = rest[1..].iter().take_while(|&&b| b == b'#').count();
    if rest.get(1 + hashes) != Some(&b'"') {
        return 0;
    }
    let end = [b"\"".as_slice(), &b"#".repeat(hashes)].concat();
    let body = &rest[2 + hashes..];
    let found = body.windows(end.len()).position(|window| window == end);
    found.map_or(rest.len(), |at| 2 + hashes + at + end.len())
}

/// Zero for a lifetime.
fn char_length(rest: &[u8]) -> usize {
    match rest {
        [_, b'\\', _, tail @ ..] => {
            3 + tail.iter().position(|&b| b == b'\'').map_or(0, |at| at + 1)
        }
        [_, _, b'\'', ..] => 3,
        // A character of several bytes.
        [_, first, ..] if *first >= 0x80 => {
            let close = rest.iter().skip(1).take(5).position(|&b| b == b'\'');
            close.map_or(0, |at| at + 2)
        }
        _ => 0,
    }
}

#[test]
fn only_code_is_left() {
    let source = Source::fake(
        "x.rs",
        "let a = \"// no\"; // unsafe\nlet b = 'x'; /* a /* b */ c\n*/ fn f<'a>() {} // é\nlet r = r#\"un\"safe\"#; let c = '\\''; var\"s\"",
    );
    let code = source.code();
    let lines: Vec<_> = code.lines().map(str::trim_end).collect();
    assert_eq!(lines[0], "let a =        ;");
    assert_eq!(lines[1], "let b =    ;");
    assert_eq!(lines[2], "   fn f<'a>() {}");
    assert!(!lines[3].contains("safe") && lines[3].contains("let c =") && lines[3].contains("var"));
}

#[test]
fn words_are_whole() {
    assert!(has_word("an unsafe block", "unsafe"));
    assert!(!has_word("allow(unsafe_code)", "unsafe"));
    assert!(has_word("unsafe", "unsafe"));
}

#[test]
fn unused_exceptions_are_stale() {
    let table = &[("a.rs", "because"), ("b.rs", "because")];
    assert_eq!(stale(table, &["a.rs".to_owned()]).len(), 1);
}
