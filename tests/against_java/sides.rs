//! The two servers, and one scene on one of them.

use std::fs;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use icf::{ConnectorObject, SyncToken, option_names};
use icf_wire::binary::{Profile, facade_key};
use icf_wire::rpc::{Answer, FacadeKey, Item, Operation};
use serde_json::{Value as Json, json};
use tempfile::TempDir;

use crate::answer;
use crate::asker::{Asker, Door, Outcome};
use crate::java::Driver;
use crate::judged;
use crate::our_server::OurServer;
use crate::scene::{FILE, FOLDER, Scene};
use crate::step::{Since, Step};
use crate::table::{Row, rows};

/// The same encoding for both, whatever the locale of the machine.
const JAVA_OPTIONS: [&str; 3] = ["-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Dfile.encoding=UTF-8"];

/// The file of a batch that ended differently is final when it does not change for so long.
const BATCH_GOES_ON: Duration = Duration::from_secs(5);

/// The Java connector server and ours, each in client mode, each asked by a client of ours.
#[derive(Debug)]
pub(crate) struct Sides {
    pub(crate) java: Asker,
    pub(crate) ours: Asker,
    _java: Driver,
    _ours: OurServer,
}

impl Sides {
    /// Ours offers its connectors under the names of the Java ones.
    pub(crate) async fn start() -> Self {
        Self::open(false).await
    }

    /// The same with the LDAP connector on the side of Java, and no other.
    pub(crate) async fn of_directories() -> Self {
        Self::open(true).await
    }

    async fn open(directories: bool) -> Self {
        let (java_door, our_door) = (Door::open().await, Door::open().await);
        let (java_url, our_url) = (java_door.url(), our_door.url());
        let java = async {
            let driver = Driver::start_with(&JAVA_OPTIONS).await;
            if directories {
                driver.agent_of_directories(&java_url, "rcs1", "secret").await;
            } else {
                driver.agent(&java_url, "rcs1", "secret").await;
            }
            driver
        };
        let lines = "connectorserver.bundleNames=oip\n\
            connectorserver.bundleVersion.org.openidentityplatform.openicf.connectors.csvfile-connector=2.0.1\n\
            connectorserver.bundleVersion.org.openidentityplatform.openicf.connectors.ldap-connector=2.0.1";
        let ours = OurServer::dialling_with(vec![icf_reference::registration()], &our_url, lines);
        let (java, java_asker, ours, our_asker) =
            tokio::join!(java, java_door.admit(), ours, our_door.admit());
        Self { java: java_asker, ours: our_asker, _java: java, _ours: ours }
    }
}

/// A scene on one server.
#[derive(Debug)]
pub(crate) struct Side<'a> {
    asker: &'a Asker,
    scene: &'a Scene,
    folder: TempDir,
    facade_key: FacadeKey,
    tokens: Vec<Option<SyncToken>>,
    cookie: Option<String>,
    /// What the last search found.
    pub(crate) found: Vec<ConnectorObject>,
    /// Steps done.
    step: usize,
    /// Keys that the server made up, after names for them.
    made_up: Vec<(String, String)>,
}

impl<'a> Side<'a> {
    pub(crate) fn new(asker: &'a Asker, scene: &'a Scene) -> Self {
        let folder = tempfile::tempdir().unwrap();
        scene.set_up(folder.path());
        let advertised = &asker.connector(&scene.connector).configuration;
        let configuration = scene.configuration(advertised, folder.path());
        let key = facade_key::encode(&configuration, Profile::OpenIcf2).unwrap();
        Self {
            asker,
            scene,
            folder,
            facade_key: FacadeKey::new(key.into()),
            tokens: Vec::new(),
            cookie: None,
            found: Vec::new(),
            step: 0,
            made_up: Vec::new(),
        }
    }

    fn file(&self) -> PathBuf {
        self.folder.path().join(FILE)
    }

    /// The file as it is, with made-up keys named alike on both sides.
    pub(crate) fn text(&self) -> Option<String> {
        let text = fs::read(self.file()).ok().map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        text.map(|text| self.with_names_for_made_up(text))
    }

    pub(crate) fn rows(&self) -> Option<Vec<Row>> {
        self.text().map(|text| rows(&text, self.scene.dialect))
    }

    /// What the copy of the file that belongs to a token holds; absent if there is no such copy.
    pub(crate) fn copy(&self, step: &Step) -> Option<Vec<Row>> {
        let Step::Sync(_, since, _) = step else { return None };
        let Some(icf::Value::Long(token)) = self.token(since).map(|token| token.value().clone()) else {
            return None;
        };
        let bytes = fs::read(self.folder.path().join(format!("{FILE}.{token}"))).ok()?;
        let text = self.with_names_for_made_up(String::from_utf8_lossy(&bytes).into_owned());
        Some(rows(&text, self.scene.dialect))
    }

    /// How many matches the cookie of a search says to skip.
    pub(crate) fn skip(&self, step: &Step) -> Option<usize> {
        let cookie = match step {
            Step::Ask(Operation::Search { options, .. }) => options.paged_results_cookie(),
            Step::NextPage(_) => self.cookie.as_deref(),
            _ => None,
        };
        answer::skip(cookie?)
    }

    /// The rows once they are those of the other server, or else when they do not change any more: of a batch, Java says
    /// that one task failed before it has done the others.
    pub(crate) async fn settled_rows(&self, other: &Self) -> Option<Vec<Row>> {
        let (mut before, mut since) = (None, Instant::now());
        loop {
            // While Java replaces the file there is none.
            let now = self.rows();
            if now == other.rows() || now == before && now.is_some() && since.elapsed() > BATCH_GOES_ON {
                return now;
            }
            if now != before {
                (before, since) = (now, Instant::now());
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    /// Takes over the file of the other server.
    pub(crate) fn adopt(&self, other: &Self) {
        let Some(mut text) = other.text() else { return };
        for (name, key) in &self.made_up {
            text = text.replace(name, key);
        }
        fs::write(self.file(), text).unwrap();
    }

    /// Whether a synchronisation starts from a token.
    pub(crate) fn since(&self, step: &Step) -> bool {
        matches!(step, Step::Sync(_, since, _) if self.token(since).is_some())
    }

    fn token(&self, since: &Since) -> Option<SyncToken> {
        match since {
            Since::Ever => None,
            Since::Kept(at) => self.tokens.get(*at).cloned().flatten(),
            Since::Invented(value) => SyncToken::try_new(value.clone()).ok(),
        }
    }

    /// Does it, and tells what came of it.
    pub(crate) async fn run(&mut self, step: &Step) -> Json {
        self.step += 1;
        let told = match step {
            Step::Ask(operation) => self.ask(operation.clone()).await,
            Step::NextPage(operation) => {
                let mut operation = operation.clone();
                if let (Operation::Search { options, .. }, Some(cookie)) = (&mut operation, &self.cookie) {
                    options.set(option_names::PAGED_RESULTS_COOKIE, cookie.as_str());
                }
                self.ask(operation).await
            }
            Step::LatestToken(class) => {
                let outcome = self.outcome(Operation::LatestSyncToken { class: Some(class.clone()) }).await;
                let known = self.tokens.clone();
                self.keep_token(
                    outcome,
                    |token| {
                        if known.contains(&Some(token.clone())) { "known" } else { "new" }
                    },
                )
            }
            Step::Sync(class, since, options) => {
                let token = self.token(since);
                let operation = Operation::Sync {
                    class: Some(class.clone()),
                    token: token.clone(),
                    options: options.clone(),
                };
                let outcome = self.outcome(operation).await;
                self.keep_token(
                    outcome,
                    move |found| if Some(found) == token.as_ref() { "given" } else { "new" },
                )
            }
            Step::Replaced(text) => {
                fs::write(self.file(), text).unwrap();
                Json::Null
            }
            Step::Appended(text) => {
                let mut all = fs::read_to_string(self.file()).unwrap_or_default();
                if !all.ends_with('\n') {
                    all.push('\n');
                }
                fs::write(self.file(), all + text).unwrap();
                Json::Null
            }
        };
        let text = self.with_names_for_made_up(told.to_string());
        serde_json::from_str(&text.replace(self.folder.path().to_str().unwrap(), FOLDER)).unwrap()
    }

    async fn outcome(&self, operation: Operation) -> Outcome {
        self.asker.ask(&self.scene.connector, &self.facade_key, operation).await
    }

    async fn ask(&mut self, operation: Operation) -> Json {
        let named = match &operation {
            Operation::Create { attributes: Some(attributes), .. } => attributes.name().is_some(),
            _ => true,
        };
        let search = matches!(operation, Operation::Search { .. });
        let outcome = self.outcome(operation).await;
        match &outcome.end {
            Err(_) if search => self.cookie = None,
            Ok(Answer::SearchEnd(end)) => {
                self.cookie = end.as_ref().and_then(|end| end.paged_results_cookie.clone());
            }
            Ok(Answer::Uid(Some(uid))) if !named && is_made_up(uid.value()) => {
                self.made_up.push((format!("made-up-{}", self.step), uid.value().to_owned()));
            }
            _ => {}
        }
        self.found = objects(&outcome);
        answer::outcome(&outcome)
    }

    /// All objects that a search of the reference connector looks through.
    pub(crate) async fn world(&self, step: &Step) -> Vec<ConnectorObject> {
        let Some(operation) = judged::everything(step) else { return Vec::new() };
        objects(&self.outcome(operation).await)
    }

    /// Keeps the token of the end, and tells of every token only how it stands to those known before.
    fn keep_token(&mut self, outcome: Outcome, relation: impl Fn(&SyncToken) -> &'static str) -> Json {
        let mut told = answer::outcome(&outcome);
        // Without a file tokens are numbers that mean the same on both sides.
        let relative = self.scene.file.is_some();
        let relation = |token: &SyncToken| match relative {
            true => relation(token).to_owned(),
            false => answer::value(token.value()),
        };
        for (item, told) in outcome.items.iter().zip(told["items"].as_array_mut().into_iter().flatten()) {
            if let Item::Delta(delta) = item {
                told["token"] = json!(relation(&delta.token));
            }
        }
        let token = match outcome.end {
            Ok(Answer::SyncEnd(token) | Answer::LatestSyncToken(token)) => token,
            _ => None,
        };
        if let Some(token) = &token {
            told["end"] = json!([token.value().type_name(), relation(token)]);
        }
        self.tokens.push(token);
        told
    }

    fn with_names_for_made_up(&self, mut text: String) -> String {
        for (name, key) in &self.made_up {
            text = text.replace(key, name);
        }
        text
    }
}

fn objects(outcome: &Outcome) -> Vec<ConnectorObject> {
    let objects = outcome.items.iter().filter_map(|item| match item {
        Item::Object(object) => Some(object.clone()),
        _ => None,
    });
    objects.collect()
}

fn is_made_up(uid: &str) -> bool {
    uid.len() == 36 && uid.bytes().filter(|byte| *byte == b'-').count() == 4
}
