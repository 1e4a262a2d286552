//! Scripts: a language of its own with one word a script.

use std::sync::atomic::Ordering;

use icf::operations::{ScriptOnConnectorOp, ScriptOnResourceOp};
use icf::{
    CallContext, Configuration, ConnectorError, OperationOptions, Result, ScriptContext, Value, ValueMap,
    async_trait,
};

use crate::connector::Reference;
use crate::describe::{describe, describe_options};
use crate::messages;

#[async_trait]
impl ScriptOnConnectorOp for Reference {
    async fn run_script_on_connector(
        &self,
        cx: &CallContext,
        script: &ScriptContext,
        options: &OperationOptions,
    ) -> Result<Value> {
        self.run("connector", cx, script, options).await
    }
}

#[async_trait]
impl ScriptOnResourceOp for Reference {
    async fn run_script_on_resource(
        &self,
        cx: &CallContext,
        script: &ScriptContext,
        options: &OperationOptions,
    ) -> Result<Value> {
        self.run("resource", cx, script, options).await
    }
}

impl Reference {
    async fn run(
        &self,
        place: &str,
        cx: &CallContext,
        script: &ScriptContext,
        options: &OperationOptions,
    ) -> Result<Value> {
        if self.obey(cx, options).await? {
            return Ok(Value::Null);
        }
        let ScriptContext { script, arguments } = script;
        if !script.language.eq_ignore_ascii_case("reference") {
            let language = &script.language;
            return Err(ConnectorError::illegal_argument(format!("Language not supported: {language}")));
        }
        Ok(match script.text.as_str() {
            "echo" => arguments.get("value").cloned().unwrap_or_default(),
            "describe" => {
                let arguments = describe(&Value::Map(arguments.clone()));
                format!("{arguments} {}", describe_options(options)).into()
            }
            "where" => place.into(),
            "locale" => cx.locale().to_string().into(),
            "message" => message(cx, arguments),
            "configuration" => self.values(),
            "configure" => {
                let note = arguments.get("note").and_then(Value::as_str).map(str::to_owned);
                self.configuration.update(|settings| settings.note = note);
                Value::Null
            }
            "lastCall" => self.world.state().last_call.clone().into(),
            "counters" => self.counters(),
            other => {
                return Err(ConnectorError::illegal_argument(format!("No script is called '{other}'.")));
            }
        })
    }

    fn values(&self) -> Value {
        let values = self.configuration.get().values();
        let described = values.into_iter().map(|(name, value)| (name.into(), describe(&value).into()));
        Value::Map(ValueMap { case_insensitive: false, entries: described.collect() })
    }

    fn counters(&self) -> Value {
        let counters = &self.world.counters;
        let map = ValueMap::default()
            .with("opened", counters.opened.load(Ordering::Relaxed))
            .with("disposed", counters.disposed.load(Ordering::Relaxed))
            .with("stopped", counters.stopped.load(Ordering::Relaxed));
        Value::Map(map)
    }
}

fn message(cx: &CallContext, arguments: &ValueMap) -> Value {
    let text = |name| arguments.get(name).and_then(Value::as_str);
    let values = match arguments.get("arguments") {
        Some(Value::List(values)) => values.as_slice(),
        _ => &[],
    };
    messages::messages().format(cx.locale(), text("key"), text("default"), values).into()
}
