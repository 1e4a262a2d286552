//! Builds the Maven project `tests/java` and says how to run it.
//!
//! The project is built when its sources are not those of the last build, under a lock file, so that test
//! processes that start at the same time build it once. A project that cannot be built fails the test.

use std::fs::{self, File};
use std::hash::{DefaultHasher, Hasher};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::Command;

/// What Maven left behind.
#[derive(Debug)]
pub(crate) struct Build {
    /// The value of `java -cp`.
    pub(crate) classpath: String,
    /// The jar files of the connectors that the Java connector server can host.
    pub(crate) bundles: Vec<PathBuf>,
}

impl Build {
    /// Builds the project unless that has been done. Blocks, the first time for as long as Maven downloads.
    pub(crate) fn ensure() -> Self {
        let target = project().join("target");
        fs::create_dir_all(&target).expect("create tests/java/target");
        let lock = File::create(target.join("build.lock")).expect("create tests/java/target/build.lock");
        lock.lock().expect("lock tests/java/target/build.lock");
        let sources = fingerprint().expect("read the sources in tests/java");
        let stamp = target.join("build.stamp");
        if fs::read_to_string(&stamp).ok().as_deref() != Some(&sources) || !is_complete(&target) {
            run_maven();
            fs::write(&stamp, sources).expect("write tests/java/target/build.stamp");
        }
        let dependencies = read_classpath(&target).expect("Maven writes tests/java/target/classpath");
        let mut bundles: Vec<PathBuf> = fs::read_dir(target.join("bundles"))
            .expect("Maven fills tests/java/target/bundles")
            .map(|entry| entry.expect("read tests/java/target/bundles").path())
            .collect();
        bundles.sort();
        Self { classpath: format!("{}:{dependencies}", target.join("classes").display()), bundles }
    }
}

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/java")
}

fn run_maven() {
    let output = Command::new("mvn")
        .args(["-q", "-B", "process-classes"])
        .current_dir(project())
        .output()
        .expect("start mvn: the Java peers need Maven 3.8 and Java 17");
    if !output.status.success() {
        // What Maven says of a failure is on its standard output.
        io::stderr().write_all(&output.stdout).expect("write to standard error");
    }
    assert!(output.status.success(), "mvn could not build tests/java: {}", output.status);
}

/// A clean-up of Maven's local repository leaves a class path of files that are gone.
fn is_complete(target: &Path) -> bool {
    read_classpath(target).is_ok_and(|jars| jars.split(':').all(|jar| Path::new(jar).is_file()))
}

fn read_classpath(target: &Path) -> io::Result<String> {
    Ok(fs::read_to_string(target.join("classpath"))?.trim().to_owned())
}

fn fingerprint() -> io::Result<String> {
    let mut files = vec![project().join("pom.xml")];
    collect(&project().join("src"), &mut files)?;
    collect(&project().join("../../crates/icf-reference/messages"), &mut files)?;
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        hasher.write(file.as_os_str().as_encoded_bytes());
        hasher.write(&fs::read(&file)?);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else {
            files.push(path);
        }
    }
    Ok(())
}
