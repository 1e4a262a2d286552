#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| rcs_fuzz::scim::run(data));
