//! Directories and paths: what `std::fs` does, without blocking.

use std::collections::BTreeSet;
use std::future::Future;
use std::io;
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::pin::pin;
use std::task::{Context, Poll, Waker};

use selvedge::fs;
use selvedge::task::unconstrained;
use tempfile::tempdir;

use crate::support::both_flavors;

/// Enough for several chunks of any size.
const MANY: usize = 3000;

both_flavors! {
    fn every_entry_is_seen_once(flavor) {
        flavor.build().block_on(async {
            let dir = tempdir().unwrap();
            for number in 0..MANY {
                std::fs::write(dir.path().join(number.to_string()), "").unwrap();
            }
            let mut names = BTreeSet::new();
            let mut waits = 0;
            let mut entries = fs::read_dir(dir.path()).await.unwrap();
            loop {
                // Dropped at each `Pending`, then asked again.
                let next = {
                    let mut next = pin!(unconstrained(entries.next_entry()));
                    next.as_mut().poll(&mut Context::from_waker(Waker::noop()))
                };
                let next = match next {
                    Poll::Ready(next) => next,
                    Poll::Pending => {
                        waits += 1;
                        entries.next_entry().await
                    }
                };
                let Some(entry) = next.unwrap() else { break };
                assert_eq!(entry.path(), dir.path().join(entry.file_name()));
                assert!(names.insert(entry.file_name()), "{entry:?} twice");
            }
            assert_eq!(names.len(), MANY);
            assert!(waits < 20, "waited {waits} times");
            assert!(entries.next_entry().await.unwrap().is_none(), "the end stays");
        });
    }

    fn entries_know_what_they_are(flavor) {
        flavor.build().block_on(async {
            let dir = tempdir().unwrap();
            fs::create_dir(dir.path().join("dir")).await.unwrap();
            fs::write(dir.path().join("file"), "four").await.unwrap();
            fs::symlink("nowhere", dir.path().join("link")).await.unwrap();
            let mut entries = fs::read_dir(dir.path()).await.unwrap();
            let mut seen = 0;
            while let Some(entry) = entries.next_entry().await.unwrap() {
                let file_type = entry.file_type().await.unwrap();
                let metadata = entry.metadata().await.unwrap();
                match entry.file_name().to_str().unwrap() {
                    "dir" => assert!(file_type.is_dir()),
                    "file" => assert!(file_type.is_file() && metadata.len() == 4),
                    "link" => assert!(file_type.is_symlink() && metadata.is_symlink()),
                    other => panic!("{other}"),
                }
                assert_eq!(entry.ino(), metadata.ino());
                seen += 1;
            }
            assert_eq!(seen, 3);
        });
    }

    fn paths_come_and_go(flavor) {
        flavor.build().block_on(async {
            let dir = tempdir().unwrap();
            let path = |name: &str| dir.path().join(name);
            let kind = |error: io::Error| error.kind();

            fs::write(path("one"), "text").await.unwrap();
            assert_eq!(fs::copy(path("one"), path("two")).await.unwrap(), 4);
            fs::hard_link(path("one"), path("three")).await.unwrap();
            fs::rename(path("two"), path("four")).await.unwrap();
            assert!(!fs::try_exists(path("two")).await.unwrap());
            assert_eq!(fs::read(path("three")).await.unwrap(), b"text");
            assert_eq!(fs::metadata(path("three")).await.unwrap().nlink(), 2);
            assert_eq!(fs::read_to_string(path("four")).await.unwrap(), "text");
            fs::write(path("binary"), [0xff]).await.unwrap();
            let error = fs::read_to_string(path("binary")).await.unwrap_err();
            assert_eq!(kind(error), io::ErrorKind::InvalidData);

            fs::symlink(path("one"), path("link")).await.unwrap();
            assert_eq!(fs::read_link(path("link")).await.unwrap(), path("one"));
            assert_eq!(
                fs::canonicalize(path("link")).await.unwrap(),
                std::fs::canonicalize(path("one")).unwrap()
            );
            assert!(fs::symlink_metadata(path("link")).await.unwrap().is_symlink());
            assert!(fs::metadata(path("link")).await.unwrap().is_file());

            let read_only = std::fs::Permissions::from_mode(0o400);
            fs::set_permissions(path("one"), read_only.clone()).await.unwrap();
            let permissions = fs::metadata(path("one")).await.unwrap().permissions();
            assert_eq!(permissions.mode() & 0o777, read_only.mode());

            fs::remove_file(path("one")).await.unwrap();
            assert!(!fs::try_exists(path("link")).await.unwrap(), "leads nowhere");
            for error in [
                fs::remove_file(path("one")).await.unwrap_err(),
                fs::metadata(path("one")).await.unwrap_err(),
                fs::read(path("one")).await.unwrap_err(),
                fs::read_dir(path("one")).await.unwrap_err(),
                fs::File::open(path("one")).await.unwrap_err(),
            ] {
                assert_eq!(kind(error), io::ErrorKind::NotFound);
            }
        });
    }

    fn directories_come_and_go(flavor) {
        flavor.build().block_on(async {
            let dir = tempdir().unwrap();
            let deep = dir.path().join("a/b/c");
            let error = fs::create_dir(&deep).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::NotFound);
            fs::create_dir_all(&deep).await.unwrap();
            fs::create_dir_all(&deep).await.unwrap();
            let error = fs::remove_dir(dir.path().join("a")).await.unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::DirectoryNotEmpty);
            fs::remove_dir(&deep).await.unwrap();
            fs::write(dir.path().join("a/b/file"), "").await.unwrap();
            fs::remove_dir_all(dir.path().join("a")).await.unwrap();

            let private = dir.path().join("x/private");
            let mut builder = fs::DirBuilder::new();
            assert!(builder.create(&private).await.is_err());
            builder.recursive(true).mode(0o700).create(&private).await.unwrap();
            let mode = fs::metadata(&private).await.unwrap().permissions().mode();
            assert_eq!(mode & 0o777, 0o700);
        });
    }
}
