//! Processes that all tests of a program share. They end when the program does, however it ends, and leave nothing
//! behind.

use std::fs::{self, File};
use std::io::Write as _;
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// Longer than any server takes to start on a busy machine.
const START: Duration = Duration::from_secs(120);

/// Waits for the end of its input, which the test program holds open; then ends the server and removes its folder.
const KEEPER: &str = r#"folder=$1; shift
"$@" </dev/null >"$folder/said" 2>&1 & server=$!
cat >/dev/null
kill -9 $server; wait $server; rm -rf "$folder""#;

/// The build's folder for what tests leave for a while.
pub(crate) fn scratch() -> PathBuf {
    target("tmp")
}

/// The folder that keeps what takes long to make: from one run to the next, until the build is cleaned up.
pub(crate) fn kept(name: &str) -> PathBuf {
    target(&format!("counterparts/{name}"))
}

fn target(below: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target").join(below);
    fs::create_dir_all(&folder).unwrap();
    folder.canonicalize().unwrap()
}

/// A folder `tree` below `place` that `make` fills, unless it was filled before, there, by the same `recipe`: what servers
/// write bears the name of the folder, so a tree that was copied here with a whole build would lead to where it came from.
/// Test programs that want it at the same time wait for the first.
pub(crate) fn tree(place: &Path, recipe: &str, make: impl FnOnce(&Path)) -> PathBuf {
    let lock = File::create(place.join("lock")).unwrap();
    lock.lock().unwrap();
    let (tree, stamp) = (place.join("tree"), place.join("recipe"));
    let recipe = format!("{}\n{recipe}", place.display());
    if fs::read_to_string(&stamp).ok().as_ref() != Some(&recipe) {
        let _there = fs::remove_file(&stamp);
        let _there = fs::remove_dir_all(&tree);
        fs::create_dir(&tree).unwrap();
        make(&tree);
        fs::write(stamp, recipe).unwrap();
    }
    tree
}

/// A copy of a tree, in a folder of its own.
pub(crate) fn copy(tree: &Path) -> PathBuf {
    let folder = tempfile::tempdir_in(scratch()).unwrap().keep();
    run(Command::new("cp").args(["-a", "--reflink=auto"]).arg(tree.join(".")).arg(&folder));
    folder
}

/// Starts a server that works in this folder, and waits until it listens.
pub(crate) fn keep(folder: &Path, server: &Command, listens: SocketAddr) {
    let mut command = Command::new("sh");
    command.args(["-c", KEEPER, "keeper"]).arg(folder).arg(server.get_program()).args(server.get_args());
    for (name, value) in server.get_envs() {
        command.env(name, value.unwrap());
    }
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let keeper: Child = command.spawn().unwrap();
    // The pipe is closed when this program ends, and not before.
    std::mem::forget(keeper);
    let begun = Instant::now();
    while TcpStream::connect(listens).is_err() {
        let said = || fs::read_to_string(folder.join("said")).unwrap_or_default();
        assert!(begun.elapsed() < START, "{server:?} does not listen on {listens}: {}", said());
        std::thread::sleep(Duration::from_millis(50));
    }
    let address: IpAddr = listens.ip();
    eprintln!("{:?} listens on {address} after {:?}", server.get_program(), begun.elapsed());
}

/// Runs a program to its end, which must be a good one.
pub(crate) fn run(command: &mut Command) {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{command:?}: {}: {}", output.status, String::from_utf8_lossy(&said));
}

/// What a program says, for instance of its version.
pub(crate) fn said(command: &mut Command) -> String {
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    String::from_utf8_lossy(&output.stdout).into_owned()
}

/// Ends the test where the server's program is missing.
pub(crate) fn require(program: &str, packages: &[&str]) {
    assert!(
        Path::new(program).exists(),
        "{program} is not there: apt-get install --no-install-recommends {}",
        packages.join(" ")
    );
}

/// Writes a file that only its owner may read.
pub(crate) fn write_private(path: &Path, text: &str) {
    use std::os::unix::fs::OpenOptionsExt as _;
    let mut file = File::options().write(true).create(true).truncate(true).mode(0o600).open(path).unwrap();
    file.write_all(text.as_bytes()).unwrap();
}
