//! Server mode.

use std::net::TcpListener;

use crate::bench::{Bench, closed_port};

#[tokio::test]
async fn a_sound_listener_and_its_key() {
    let bench = Bench::listening(closed_port().port());
    bench
        .examine()
        .await
        .exits_with(0)
        .says("can listen at 127.0.0.1:")
        .says("with --key-file it is compared");
    let key = bench.file("key", "s3cret-key\n").display().to_string();
    let bench = bench.argument("--key-file").argument(key);
    bench.examine().await.exits_with(0).says("is the hash of the key in the file");
}

#[tokio::test]
async fn a_port_that_is_taken() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let examined = Bench::listening(taken.local_addr().unwrap().port()).examine().await;
    examined.stops_at("port", "port-taken").exits_with(3);
}

#[tokio::test]
async fn an_address_of_another_machine() {
    let examined = Bench::listening(closed_port().port()).line("ifaddress=192.0.2.1").examine().await;
    examined.stops_at("port", "interface").exits_with(3);
}

#[tokio::test]
async fn hashes_by_wrong_recipes_and_of_other_keys() {
    // `printf %s changeit | sha1sum`, in hexadecimal and through base64.
    for wrong in ["07313f0e320f22cbfa35cfc220508eb3ff457c7e", "BzE/DjIPIsv6Nc/CIFCOs/9FfH4\\="] {
        let examined = Bench::listening(closed_port().port()).line(&format!("key={wrong}")).examine().await;
        examined.stops_at("properties", "key-hash").exits_with(2).says("rcs set-key");
    }
    let bench = Bench::listening(closed_port().port());
    let key = bench.file("key", "s3cret-key").display().to_string();
    let bench = bench.argument("--key-file").argument(key);
    // The SHA-1 of the UTF-8 bytes of `s3cret-key`.
    let bench = bench.line("key=Px7L0IybOcJxRCAUyeX+GMRg5Wc\\=");
    bench.examine().await.stops_at("key", "key-recipe").exits_with(3);
    let bench = bench.line("key=lmA6bMfENJGlIDbfrVtklXFK32s\\=");
    bench.examine().await.stops_at("key", "key-differs").exits_with(3);
}
