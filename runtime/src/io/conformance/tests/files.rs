//! Files, whose work is done on other threads.

use std::fs;
use std::io::{Seek, SeekFrom, Write};

use tempfile::NamedTempFile;

use super::*;
use crate::fs::File;
use crate::runtime::{Builder, Runtime};

fn runtime() -> Runtime {
    Builder::new_current_thread().build().expect("a runtime")
}

fn temporary(contents: &[u8]) -> fs::File {
    let mut file = NamedTempFile::new().expect("a temporary file").into_file();
    file.write_all(contents).expect("room");
    file.seek(SeekFrom::Start(0)).expect("the start");
    file
}

fn contents(file: File) -> Vec<u8> {
    let mut file = drive(file.into_std());
    let mut all = Vec::new();
    file.seek(SeekFrom::Start(0)).expect("the start");
    std::io::Read::read_to_end(&mut file, &mut all).expect("the contents");
    all
}

fn small(mut file: File) -> File {
    file.set_max_buf_size(3);
    file
}

#[test]
fn files_keep_their_word() {
    let runtime = runtime();
    let _entered = runtime.handle().enter();
    check_reader(|bytes| File::from_std(temporary(&bytes)));
    check_reader(|bytes| small(File::from_std(temporary(&bytes))));
    check_reader(|bytes| BufReader::new(File::from_std(temporary(&bytes))));
    // Not read ahead.
    check_reader(|bytes| drive(File::from_std(temporary(&bytes)).try_clone()).expect("a clone"));
    check_writer(|| File::from_std(temporary(b"")), contents);
    check_writer(|| small(File::from_std(temporary(b""))), contents);
    check_writer(
        || BufWriter::new(File::from_std(temporary(b""))),
        |writer| contents(writer.into_inner()),
    );
}

#[test]
fn files_charge_the_budget() {
    let runtime = runtime();
    let _entered = runtime.handle().enter();
    check_reader_budget(File::from_std(temporary(&[0; 100_000])));
    check_writer_budget(File::from_std(temporary(b"")));
    let zeros = fs::File::open("/dev/zero").expect("a device");
    check_reader_budget(File::from_std(zeros));
}
