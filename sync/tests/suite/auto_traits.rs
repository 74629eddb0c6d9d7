//! What is `Send`, `Sync`, `Unpin`, `UnwindSafe` and `RefUnwindSafe`: every public type, with three
//! kinds of payload.
//!
//! A row has a word for a payload that is `Send` and `Sync`, one that is only `Send`, and one that
//! is neither; a letter for each trait in the order above, or `-`. Most unsoundness that was ever
//! reported of locks and channels is a letter too many here.

use std::cell::Cell;
use std::marker::PhantomData;
use std::panic::{RefUnwindSafe, UnwindSafe};

/// `Send` and `Sync`.
type Both = u8;
/// `Send` only.
type Moves = Cell<u8>;
/// Neither.
type Stays = PhantomData<*const u8>;

/// One question for each trait: the inherent constant is there if the type has it.
mod asks {
    use super::{PhantomData, RefUnwindSafe, UnwindSafe};

    macro_rules! ask {
        ($name:ident, $not:ident, $bound:path, $letter:literal) => {
            pub(super) struct $name<T: ?Sized>(PhantomData<T>);
            pub(super) trait $not {
                const LETTER: char = '-';
            }
            impl<T: ?Sized> $not for $name<T> {}
            impl<T: ?Sized + $bound> $name<T> {
                pub(super) const LETTER: char = $letter;
            }
        };
    }
    ask!(AsksSend, NotSend, Send, 'S');
    ask!(AsksSync, NotSync, Sync, 'Y');
    ask!(AsksUnpin, NotUnpin, Unpin, 'U');
    ask!(AsksUnwind, NotUnwind, UnwindSafe, 'W');
    ask!(AsksRefUnwind, NotRefUnwind, RefUnwindSafe, 'R');
}

/// The letters of a type.
macro_rules! letters {
    ($type:ty) => {{
        #[allow(unused_imports, reason = "used where the trait is missing")]
        use asks::{NotRefUnwind, NotSend, NotSync, NotUnpin, NotUnwind};
        String::from_iter([
            asks::AsksSend::<$type>::LETTER,
            asks::AsksSync::<$type>::LETTER,
            asks::AsksUnpin::<$type>::LETTER,
            asks::AsksUnwind::<$type>::LETTER,
            asks::AsksRefUnwind::<$type>::LETTER,
        ])
    }};
}

/// Compares the types, `P` being the payload, with what they should be.
macro_rules! table {
    ($($type:ty => $both:literal $moves:literal $stays:literal;)*) => {{
        let mut wrong = Vec::new();
        let mut count = 0;
        $({
            let found = [
                { type P = Both; let _: Option<P> = None; letters!($type) },
                { type P = Moves; let _: Option<P> = None; letters!($type) },
                { type P = Stays; let _: Option<P> = None; letters!($type) },
            ];
            count += 15;
            if found != [$both, $moves, $stays] {
                wrong.push(format!("{} => {found:?}", stringify!($type)));
            }
        })*
        println!("{count} letters");
        assert!(wrong.is_empty(), "the table says something else:\n{}", wrong.join("\n"));
    }};
}

mod tables;
