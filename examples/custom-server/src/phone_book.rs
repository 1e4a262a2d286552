//! A connector in one screen: people in a text file, one `name;phone` a line, to be searched and added to.

use std::path::PathBuf;

use icf::operations::{CreateOp, SearchOp};
use icf::{
    Attribute, AttributeSet, CallContext, Configuration, ConfigurationHandle, Connector, ConnectorError,
    ConnectorObject, Filter, Flow, ObjectClass, ObjectSink, OperationOptions, Result, Uid, async_trait,
};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

#[derive(Clone, Default, Configuration)]
pub struct Settings {
    /// The text file.
    #[icf(required)]
    book: PathBuf,
}

pub struct PhoneBook {
    settings: std::sync::Arc<Settings>,
}

icf::operations!(PhoneBook);

#[async_trait]
impl Connector for PhoneBook {
    type Configuration = Settings;

    async fn open(settings: ConfigurationHandle<Settings>, _: &CallContext) -> Result<Self> {
        Ok(Self { settings: settings.get() })
    }
}

impl PhoneBook {
    fn failed(&self, what: &str, error: std::io::Error) -> ConnectorError {
        ConnectorError::io(format!("Cannot {what} {}", self.settings.book.display())).with_source(error)
    }
}

#[async_trait]
impl SearchOp for PhoneBook {
    async fn search(
        &self,
        cx: &CallContext,
        class: &ObjectClass,
        _filter: Option<&Filter>,
        _options: &OperationOptions,
        people: &mut ObjectSink<'_>,
    ) -> Result<()> {
        // Everybody is delivered; the server keeps those that match the filter.
        let file = tokio::fs::File::open(&self.settings.book).await.map_err(|e| self.failed("open", e))?;
        let mut lines = BufReader::new(file).lines();
        while let Some(line) = lines.next_line().await.map_err(|e| self.failed("read", e))? {
            let Some((name, phone)) = line.split_once(';') else { continue };
            let person = ConnectorObject::new(class.clone(), Uid::try_new(name)?, name)
                .with(Attribute::single("phone", phone));
            if cx.is_cancelled() || people.push(person).await? == Flow::Stop {
                break;
            }
        }
        Ok(())
    }
}

#[async_trait]
impl CreateOp for PhoneBook {
    async fn create(
        &self,
        _cx: &CallContext,
        _class: &ObjectClass,
        attributes: AttributeSet,
        _options: &OperationOptions,
    ) -> Result<Option<Uid>> {
        let name = attributes.name().filter(|name| !name.contains([';', '\n']));
        let name =
            name.ok_or_else(|| ConnectorError::invalid_attribute_value("A person needs a __NAME__"))?;
        let phone = attributes.get("phone").and_then(Attribute::as_str).unwrap_or_default();
        let mut options = tokio::fs::OpenOptions::new();
        let book = options.append(true).create(true).open(&self.settings.book).await;
        let mut book = book.map_err(|e| self.failed("open", e))?;
        book.write_all(format!("{name};{phone}\n").as_bytes()).await.map_err(|e| self.failed("write", e))?;
        book.sync_data().await.map_err(|e| self.failed("write", e))?;
        Ok(Some(Uid::try_new(name)?))
    }
}
