//! Builds the Maven projects `tests/java` and `tests/java-connid` and says how to run them.
//!
//! A project is built when its sources are not those of the last build, under a lock file, so that test
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
    /// The jar file of the LDAP connector.
    pub(crate) directory: Vec<PathBuf>,
}

impl Build {
    /// Builds `tests/java` unless that has been done. Blocks, the first time for as long as Maven downloads.
    pub(crate) fn ensure() -> Self {
        let project = tests().join("java");
        let classpath = build(&project, &["pom.xml", "src", "../../crates/icf-reference/messages"]);
        let bundles = files(&project.join("target/bundles"));
        Self { classpath, bundles, directory: files(&project.join("target/directory")) }
    }

    /// Builds `tests/java-connid` unless that has been done, to run with that framework: a folder of its
    /// `target/frameworks`.
    pub(crate) fn ensure_legacy(framework: &str) -> Self {
        let project = tests().join("java-connid");
        // Some of its sources are those of the other project.
        let mut classpath = build(&project, &["pom.xml", "src", "../java/src"]);
        for jar in files(&project.join("target/frameworks").join(framework)) {
            classpath.push_str(&format!(":{}", jar.display()));
        }
        Self { classpath, bundles: Vec::new(), directory: Vec::new() }
    }
}

/// Builds a project from these sources unless that has been done, and gives its class path.
fn build(project: &Path, sources: &[&str]) -> String {
    let target = project.join("target");
    fs::create_dir_all(&target).expect("create the project's target folder");
    let lock = File::create(target.join("build.lock")).expect("create target/build.lock");
    lock.lock().expect("lock target/build.lock");
    let sources = fingerprint(project, sources).expect("read the project's sources");
    let stamp = target.join("build.stamp");
    if fs::read_to_string(&stamp).ok().as_deref() != Some(&sources) || !is_complete(&target) {
        run_maven(project);
        fs::write(&stamp, sources).expect("write target/build.stamp");
    }
    let dependencies = read_classpath(&target).expect("Maven writes target/classpath");
    format!("{}:{dependencies}", target.join("classes").display())
}

/// The files of a folder that Maven fills, sorted.
fn files(folder: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = fs::read_dir(folder)
        .expect("Maven fills the folder")
        .map(|entry| entry.expect("read the folder").path())
        .collect();
    files.sort();
    files
}

fn tests() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests")
}

fn run_maven(project: &Path) {
    let output = Command::new("mvn")
        .args(["-q", "-B", "process-classes"])
        .current_dir(project)
        .output()
        .expect("start mvn: the Java peers need Maven 3.8 and Java 17");
    if !output.status.success() {
        // What Maven says of a failure is on its standard output.
        io::stderr().write_all(&output.stdout).expect("write to standard error");
    }
    assert!(output.status.success(), "mvn could not build {}: {}", project.display(), output.status);
}

/// A clean-up of Maven's local repository leaves a class path of files that are gone.
fn is_complete(target: &Path) -> bool {
    read_classpath(target).is_ok_and(|jars| jars.split(':').all(|jar| Path::new(jar).is_file()))
}

fn read_classpath(target: &Path) -> io::Result<String> {
    Ok(fs::read_to_string(target.join("classpath"))?.trim().to_owned())
}

fn fingerprint(project: &Path, sources: &[&str]) -> io::Result<String> {
    let mut files = Vec::new();
    for source in sources {
        collect(&project.join(source), &mut files)?;
    }
    files.sort();
    let mut hasher = DefaultHasher::new();
    for file in files {
        hasher.write(file.as_os_str().as_encoded_bytes());
        hasher.write(&fs::read(&file)?);
    }
    Ok(format!("{:016x}", hasher.finish()))
}

fn collect(path: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    fs::read_dir(path)?.try_for_each(|entry| collect(&entry?.path(), files))
}
