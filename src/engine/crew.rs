//! Work for several threads. The engine starts none itself: whoever calls it brings a [`Crew`].

use std::ops::Range;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, PoisonError};

/// Runs a job on so many threads at once, each with its number, and returns when all are done.
pub type Crew = fn(usize, &(dyn Fn(usize) + Sync));

/// A crew of one: the thread that asks.
pub fn alone(_threads: usize, job: &(dyn Fn(usize) + Sync)) {
    job(0);
}

/// Makes something of each piece of at most `size` of `all` places; what is made comes in their
/// order. One piece is made by the thread that asks.
pub fn in_pieces<T: Send>(
    (crew, threads): (Crew, usize),
    (all, size): (usize, usize),
    make: &(dyn Fn(Range<usize>) -> T + Sync),
) -> Vec<T> {
    let size = size.max(1);
    if all <= size {
        return vec![make(0..all)];
    }
    let next = AtomicUsize::new(0);
    let made = Mutex::new(Vec::new());
    crew(threads.max(1), &|_| {
        loop {
            let start = next.fetch_add(size, Ordering::Relaxed);
            if start >= all {
                return;
            }
            let one = make(start..all.min(start + size));
            made.lock().unwrap_or_else(PoisonError::into_inner).push((start, one));
        }
    });
    let mut made = made.into_inner().unwrap_or_else(PoisonError::into_inner);
    made.sort_unstable_by_key(|it| it.0);
    made.into_iter().map(|it| it.1).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Two threads.
    fn pair(_threads: usize, job: &(dyn Fn(usize) + Sync)) {
        std::thread::scope(|scope| {
            scope.spawn(|| job(1));
            job(0);
        });
    }

    #[test]
    fn pieces_come_in_their_order_and_none_is_left_out() {
        for crew in [alone as Crew, pair] {
            for (all, size) in [(0, 10), (7, 10), (10, 10), (1001, 10), (5, 0)] {
                let pieces = in_pieces((crew, 2), (all, size), &|it| it.collect::<Vec<_>>());
                let places: Vec<usize> = pieces.into_iter().flatten().collect();
                assert_eq!(places, (0..all).collect::<Vec<_>>(), "{all} by {size}");
            }
        }
    }
}
