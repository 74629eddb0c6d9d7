//! The table of all readers and writers. A type that is added to `io` is added here.

mod files;

use super::pair::{check_drops, check_pair, check_pair_budget, in_runtime};
use super::*;
use crate::io::{
    AsyncBufReadExt, BufReader, BufWriter, Cursor, SimplexStream, copy_buf, duplex, empty, join,
    repeat, simplex, sink, split,
};

/// A stream with two ends, `write` of which is written to until nothing is left.
fn filled<W: AsyncWrite + Unpin>(mut write: W, bytes: &[u8]) -> W {
    drive(write.write_all(bytes)).unwrap();
    drive(write.shutdown()).unwrap();
    write
}

fn read_all(mut reader: impl AsyncRead + Unpin) -> Vec<u8> {
    let mut all = Vec::new();
    drive(reader.read_to_end(&mut all)).unwrap();
    all
}

#[test]
fn readers_keep_their_word() {
    check_reader(|bytes| &*bytes.leak());
    check_reader(Cursor::new);
    check_reader(Hiccup::new);
    check_reader(|bytes| Box::new(Hiccup::new(bytes)));
    check_reader(|bytes| Box::pin(Hiccup::new(bytes)));
    check_reader(|bytes| Box::new(Hiccup::new(bytes)) as Box<dyn AsyncRead + Unpin>);
    check_reader(|bytes| BufReader::new(Hiccup::new(bytes)));
    check_reader(|bytes| BufReader::with_capacity(2, Hiccup::new(bytes)));
    check_reader(|bytes| BufReader::with_capacity(64, Cursor::new(bytes)));
    check_reader(|bytes| BufWriter::new(Hiccup::new(bytes)));
    check_reader(|bytes| join(Hiccup::new(bytes), sink()));
    check_reader(|bytes| Hiccup::new([bytes, vec![0; 9]].concat()).take(500));
    check_reader(|bytes| Hiccup::new(bytes).take(u64::MAX));
    check_reader(|mut bytes| {
        let second = bytes.split_off(123);
        Hiccup::new(bytes).chain(Cursor::new(second))
    });
    check_reader(|bytes| empty().chain(Hiccup::new(bytes)).chain(empty()));
    check_reader(|bytes| split(Hiccup::new(bytes)).0);
    check_reader(|bytes| filled(SimplexStream::new_unsplit(500), &bytes));
    check_reader(|bytes| {
        let (reader, writer) = simplex(500);
        filled(writer, &bytes);
        reader
    });
    check_reader(|bytes| {
        let (reader, writer) = duplex(500);
        filled(writer, &bytes);
        reader
    });
}

#[test]
fn readers_charge_the_budget() {
    check_reader_budget(empty());
    check_reader_budget(repeat(0));
    check_reader_budget(Box::pin(repeat(0)));
    check_reader_budget(BufReader::new(repeat(0)));
    check_reader_budget(BufReader::with_capacity(10, repeat(0)));
    check_reader_budget(BufReader::with_capacity(10_000, repeat(0)));
    check_reader_budget(repeat(0).take(u64::MAX));
    check_reader_budget(empty().chain(repeat(0)));
    check_reader_budget(join(repeat(0), sink()));
    check_reader_budget(split(join(repeat(0), sink())).0);
    let (reader, writer) = duplex(10);
    drop(writer);
    check_reader_budget(reader);
    check_reader_budget(filled(SimplexStream::new_unsplit(10), b"0"));
}

#[test]
fn writers_keep_their_word() {
    check_writer(Vec::new, |writer| writer);
    check_writer(|| Cursor::new(Vec::new()), Cursor::into_inner);
    check_writer(
        || Cursor::new(vec![0; 500].into_boxed_slice()),
        |writer| writer.into_inner().into(),
    );
    check_writer(|| Hiccup::new([]), |writer| writer.written);
    check_writer(
        || Box::pin(Hiccup::new([])),
        |writer| {
            assert!(writer.shut_down);
            writer.written.clone()
        },
    );
    check_writer(
        || BufWriter::new(Hiccup::new([])),
        |writer| writer.into_inner().written,
    );
    for capacity in [0, 1, 5, 64, 500] {
        check_writer(
            || BufWriter::with_capacity(capacity, Hiccup::new([])),
            |writer| writer.into_inner().written,
        );
        check_writer(
            || BufWriter::with_capacity(capacity, Vec::new()),
            BufWriter::into_inner,
        );
    }
    check_writer(
        || BufReader::new(Hiccup::new([])),
        |writer| writer.into_inner().written,
    );
    check_writer(
        || join(empty(), Hiccup::new([])),
        |writer| writer.into_inner().1.written,
    );
    check_writer(|| SimplexStream::new_unsplit(500), read_all);
}

#[test]
fn writers_with_another_end_keep_their_word() {
    // The ends travel together, so that the one that is not written to stays alive.
    check_writer(
        || {
            let (near, far) = duplex(500);
            join(far, near)
        },
        read_all,
    );
    check_writer(
        || {
            let (reader, writer) = simplex(500);
            join(reader, writer)
        },
        read_all,
    );
    check_writer(
        || {
            let (reader, writer) = split(Hiccup::new([]));
            join(reader, writer)
        },
        |stream| {
            let (reader, writer) = stream.into_inner();
            reader.unsplit(writer).written
        },
    );
}

#[test]
fn writers_charge_the_budget() {
    check_writer_budget(sink());
    check_writer_budget(empty());
    check_writer_budget(BufWriter::new(sink()));
    check_writer_budget(join(empty(), sink()));
    check_writer_budget(split(join(empty(), sink())).1);
    check_writer_budget(duplex(10_000_000).0);
    check_writer_budget(SimplexStream::new_unsplit(10_000_000));
}

/// Every method that says it is cancel safe, other than those above, dropped at each poll.
#[test]
fn dropping_futures_of_cancel_safe_methods_loses_nothing() {
    let text = "un\r\ndeux\n\ntrois, très long\nquatre";
    let expected: Vec<_> = text.lines().collect();

    let mut lines = BufReader::with_capacity(4, Hiccup::interrupting(text)).lines();
    let mut seen = Vec::new();
    while let Some(line) = dropped_at_each_poll!(lines.next_line()).unwrap() {
        seen.push(line);
    }
    assert_eq!(seen, expected);

    let mut segments = BufReader::new(Hiccup::interrupting(text)).split(b'\n');
    let mut seen = Vec::new();
    while let Some(segment) = dropped_at_each_poll!(segments.next_segment()).unwrap() {
        seen.push(String::from_utf8(segment).unwrap());
    }
    assert_eq!(seen.join("\n"), text);

    let mut reader = BufReader::new(Hiccup::interrupting(text));
    let mut seen = Vec::new();
    dropped_at_each_poll!(reader.read_until(b'\n', &mut seen)).unwrap();
    assert_eq!(seen, b"un\r\n");
    dropped_at_each_poll!(reader.read_to_end(&mut seen)).unwrap();
    assert_eq!(seen, text.as_bytes());

    let mut reader = BufReader::new(Hiccup::new(text));
    let mut seen = Vec::new();
    loop {
        let bytes = dropped_at_each_poll!(reader.fill_buf()).unwrap();
        let Some(first) = bytes.first() else { break };
        seen.push(*first);
        reader.consume(1);
    }
    assert_eq!(seen, text.as_bytes());

    let mut reader = BufReader::new(Hiccup::interrupting(text));
    let mut writer = BufWriter::with_capacity(4, Hiccup::interrupting([]));
    dropped_at_each_poll!(copy_buf(&mut reader, &mut writer)).unwrap();
    assert_eq!(writer.get_ref().written, text.as_bytes());

    let mut stream = Hiccup::interrupting("\u{1}\u{2}");
    assert_eq!(dropped_at_each_poll!(stream.read_u8()).unwrap(), 1);
    assert_eq!(dropped_at_each_poll!(stream.read_i8()).unwrap(), 2);
    dropped_at_each_poll!(stream.write_u8(3)).unwrap();
    assert_eq!(stream.written, [3]);
}

/// Methods that are not quite cancel safe keep what they say they keep.
#[test]
fn dropping_a_read_of_text_keeps_what_was_read() {
    let text = "ascii only, so that no character is torn\n";
    let mut reader = BufReader::new(Hiccup::interrupting(text));
    let mut seen = String::from("> ");
    dropped_at_each_poll!(reader.read_line(&mut seen)).unwrap();
    assert_eq!(seen, format!("> {text}"));

    let mut reader = Hiccup::interrupting(text);
    let mut seen = String::from("> ");
    dropped_at_each_poll!(reader.read_to_string(&mut seen)).unwrap();
    assert_eq!(seen, format!("> {text}"));
}

#[test]
fn pipes_in_memory_keep_their_word() {
    in_runtime(|| {
        for size in [1000, 70_000] {
            check_pair(|| {
                let (reader, writer) = simplex(size);
                (writer, reader)
            });
            check_pair(|| duplex(size));
            check_drops(|| duplex(size));
            check_pair_budget(duplex(size));
        }
    });
}
