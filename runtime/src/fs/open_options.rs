//! `OpenOptions`: how a file is opened.

use std::fs;
use std::io;
use std::path::Path;

use super::File;
use super::offload::offload;

/// How a file is opened; as [`std::fs::OpenOptions`], from which it can be made.
///
/// ```
/// use selvedge::fs::OpenOptions;
/// use selvedge::io::AsyncWriteExt;
///
/// # #[selvedge::main]
/// # async fn main() -> std::io::Result<()> {
/// # let path = std::env::temp_dir().join(format!("selvedge-doc-options-{}", std::process::id()));
/// for line in ["one\n", "two\n"] {
///     let mut log = OpenOptions::new().append(true).create(true).open(&path).await?;
///     log.write_all(line.as_bytes()).await?;
///     log.flush().await?;
/// }
/// assert_eq!(selvedge::fs::read_to_string(&path).await?, "one\ntwo\n");
/// # selvedge::fs::remove_file(&path).await
/// # }
/// ```
#[derive(Debug, Clone)]
pub struct OpenOptions(pub(super) fs::OpenOptions);

impl OpenOptions {
    /// Nothing is allowed yet: say at least whether to read, to write or to append.
    pub fn new() -> Self {
        Self(fs::OpenOptions::new())
    }

    /// For reading?
    pub fn read(&mut self, read: bool) -> &mut Self {
        self.0.read(read);
        self
    }

    /// For writing? What the file has already is overwritten in place.
    pub fn write(&mut self, write: bool) -> &mut Self {
        self.0.write(write);
        self
    }

    /// For writing at the end, wherever that is when the operating system writes?
    pub fn append(&mut self, append: bool) -> &mut Self {
        self.0.append(append);
        self
    }

    /// Empty the file? Needs [`write`](Self::write).
    pub fn truncate(&mut self, truncate: bool) -> &mut Self {
        self.0.truncate(truncate);
        self
    }

    /// Create the file if it is not there? Needs [`write`](Self::write) or [`append`](Self::append).
    pub fn create(&mut self, create: bool) -> &mut Self {
        self.0.create(create);
        self
    }

    /// Create the file, and fail if it is there? Then [`create`](Self::create) and
    /// [`truncate`](Self::truncate) do not count.
    pub fn create_new(&mut self, create_new: bool) -> &mut Self {
        self.0.create_new(create_new);
        self
    }

    /// Opens a file.
    ///
    /// # Errors
    ///
    /// As [`std::fs::OpenOptions::open`].
    ///
    /// # Cancel safety
    ///
    /// If the future is dropped early, the file may have been created or emptied. It is closed.
    pub async fn open(&self, path: impl AsRef<Path>) -> io::Result<File> {
        let path = path.as_ref().to_owned();
        let options = self.0.clone();
        let file = offload(move || options.open(path)).await?;
        Ok(File::from_std(file))
    }
}

impl Default for OpenOptions {
    fn default() -> Self {
        Self::new()
    }
}

impl From<fs::OpenOptions> for OpenOptions {
    fn from(options: fs::OpenOptions) -> Self {
        Self(options)
    }
}
