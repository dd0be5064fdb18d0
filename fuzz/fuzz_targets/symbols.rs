//! Fuzzes `symbols` of `exercises.rs`: `cargo fuzz run symbols`.
#![no_main]

#[allow(dead_code, reason = "each target exercises one part")]
#[path = "../exercises.rs"]
mod exercises;

libfuzzer_sys::fuzz_target!(|data: &[u8]| exercises::symbols(data));
