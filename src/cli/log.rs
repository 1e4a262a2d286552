//! The log of the process: where it goes, in which form, how much of it.

use std::fmt;
use std::io::{self, IsTerminal as _};
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

use tracing::{Event, Level, Metadata, Subscriber};
use tracing_appender::non_blocking::WorkerGuard;
use tracing_appender::rolling::{RollingFileAppender, Rotation};
use tracing_subscriber::filter::{EnvFilter, FilterExt as _, filter_fn};
use tracing_subscriber::fmt::format::{Format, Full, Writer};
use tracing_subscriber::fmt::{FmtContext, FormatEvent, FormatFields, MakeWriter, format, layer};
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::registry::LookupSpan;
use tracing_subscriber::util::SubscriberInitExt as _;
use tracing_subscriber::{Layer, Registry, reload};

use super::repeats::{Limited, Repeats};
use crate::config::{LogFormat, LogSettings};

/// Libraries that print what they carry, secrets included, when they are talkative. They are held at INFO, whatever the
/// settings say.
const CARRIERS: [&str; 6] = ["tungstenite", "tokio_tungstenite", "hyper", "hyper_util", "reqwest", "rustls"];

/// The log, for as long as it is held.
#[derive(Debug)]
pub(super) struct Log {
    handle: Option<reload::Handle<EnvFilter, Registry>>,
    level: String,
    pub(super) repeats: Repeats,
    /// Writes what is left when it goes.
    _writer: Option<WorkerGuard>,
}

impl Log {
    /// Starts the log of the process.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub(super) fn start(settings: &LogSettings) -> io::Result<Self> {
        let (filter, handle) = reload::Layer::new(settings.filter());
        let repeats = Repeats::new(settings.repeat_limit);
        let harmless = filter_fn(|metadata| !carries(metadata));
        let filter = filter.and(harmless);
        let (output, writer) = match &settings.file {
            None => (standard_error(settings.format, &repeats), None),
            Some(path) => {
                let (file, writer) = tracing_appender::non_blocking(rolling(path, settings.keep)?);
                (to(file, false, settings.format, &repeats), Some(writer))
            }
        };
        let installed = tracing_subscriber::registry().with(output.with_filter(filter)).try_init();
        // A second server in one process, as in tests, keeps the first one's log.
        let handle = installed.ok().map(|()| handle);
        Ok(Self { handle, level: settings.level.clone(), repeats, _writer: writer })
    }

    /// Goes over to another level and limit; where the log goes and its form stay as they are. Answers whether the level
    /// is another.
    pub(super) fn change(&mut self, settings: &LogSettings) -> bool {
        self.repeats.set_limit(settings.repeat_limit);
        if settings.level == self.level {
            return false;
        }
        self.level.clone_from(&settings.level);
        // The log is there to the end of the process, and so is what the handle leads to.
        self.handle.as_ref().is_some_and(|handle| handle.reload(settings.filter()).is_ok())
    }
}

type Output = Box<dyn Layer<Registry> + Send + Sync>;

fn standard_error(format: LogFormat, repeats: &Repeats) -> Output {
    if format == LogFormat::Text && goes_to_journal() {
        let format = Journal(format::format().with_ansi(false).without_time());
        let limited = Limited { format, repeats: repeats.clone() };
        return Box::new(layer().event_format(limited).with_ansi(false).with_writer(io::stderr));
    }
    to(io::stderr, io::stderr().is_terminal(), format, repeats)
}

fn to<W>(writer: W, ansi: bool, format: LogFormat, repeats: &Repeats) -> Output
where
    W: for<'a> MakeWriter<'a> + Send + Sync + 'static,
{
    let repeats = repeats.clone();
    let layer = layer().with_writer(writer).with_ansi(ansi);
    match format {
        LogFormat::Text => Box::new(layer.map_event_format(|format| Limited { format, repeats })),
        // One object a line; the request of an event stands under `span`.
        LogFormat::Json => {
            let layer = layer.json().flatten_event(true).with_span_list(false);
            Box::new(layer.map_event_format(|format| Limited { format, repeats }))
        }
    }
}

/// A file for each day: the name and the date.
fn rolling(path: &Path, keep: usize) -> io::Result<RollingFileAppender> {
    let (Some(folder), Some(name)) = (path.parent(), path.file_name().and_then(|name| name.to_str())) else {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "it is no name of a file"));
    };
    let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
    let builder = RollingFileAppender::builder().rotation(Rotation::DAILY).filename_prefix(name);
    let builder = if keep == 0 { builder } else { builder.max_log_files(keep) };
    builder.build(folder).map_err(io::Error::other)
}

fn carries(metadata: &Metadata<'_>) -> bool {
    let target = metadata.target();
    let module = target.split("::").next().unwrap_or(target);
    *metadata.level() > Level::INFO && CARRIERS.contains(&module)
}

/// Whether standard error is the journal, as systemd says in the environment.
fn goes_to_journal() -> bool {
    let Ok(stream) = std::env::var("JOURNAL_STREAM") else { return false };
    let standard_error = std::fs::metadata("/dev/stderr");
    standard_error.is_ok_and(|file| stream == format!("{}:{}", file.dev(), file.ino()))
}

/// Lines as the journal takes them: it notes the time itself, and the priority stands in front.
struct Journal(Format<Full, ()>);

impl<S, N> FormatEvent<S, N> for Journal
where
    S: Subscriber + for<'a> LookupSpan<'a>,
    N: for<'a> FormatFields<'a> + 'static,
{
    fn format_event(&self, cx: &FmtContext<'_, S, N>, mut to: Writer<'_>, event: &Event<'_>) -> fmt::Result {
        let priority = match *event.metadata().level() {
            Level::ERROR => 3,
            Level::WARN => 4,
            Level::INFO => 6,
            _ => 7,
        };
        write!(to, "<{priority}>")?;
        self.0.format_event(cx, to, event)
    }
}
