//! A connector as an author writes it: derived configuration, operations found out by the compiler.

use icf::operations::{CreateOp, SearchOp, UpdateOp};
use icf::{
    ApiOperation, AttributeSet, CallContext, Configuration, ConfigurationHandle, Connector, ConnectorKey,
    Filter, GuardedString, ObjectClass, ObjectSink, OperationOptions, Registration, Result, Uid, Value,
    ValueType, async_trait,
};

#[derive(Clone, Configuration)]
#[icf(validate = Self::check)]
struct Settings {
    plain: String,
    #[icf(required, display = "host.text")]
    host: Option<String>,
    #[icf(name = "client_secret", order = 3, confidential, operations(Search, Sync))]
    secret: GuardedString,
    #[icf(order = 2)]
    retry_count: i32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { plain: "p".into(), host: None, secret: GuardedString::default(), retry_count: 3 }
    }
}

impl Settings {
    fn check(&self) -> Result<()> {
        if self.retry_count < 0 {
            return Err(icf::ConnectorError::configuration("retryCount must not be negative"));
        }
        Ok(())
    }
}

struct Memory;

#[async_trait]
impl Connector for Memory {
    type Configuration = Settings;

    async fn open(_: ConfigurationHandle<Settings>, _: &CallContext) -> Result<Self> {
        Ok(Self)
    }
}

#[async_trait]
impl CreateOp for Memory {
    async fn create(
        &self,
        _: &CallContext,
        _: &ObjectClass,
        _: AttributeSet,
        _: &OperationOptions,
    ) -> Result<Option<Uid>> {
        Ok(None)
    }
}

#[async_trait]
impl UpdateOp for Memory {
    async fn update(
        &self,
        _: &CallContext,
        _: &ObjectClass,
        uid: &Uid,
        _: AttributeSet,
        _: &OperationOptions,
    ) -> Result<Option<Uid>> {
        Ok(Some(uid.clone()))
    }
}

#[async_trait]
impl SearchOp for Memory {
    async fn search(
        &self,
        _: &CallContext,
        _: &ObjectClass,
        _: Option<&Filter>,
        _: &OperationOptions,
        _: &mut ObjectSink<'_>,
    ) -> Result<()> {
        Ok(())
    }
}

icf::operations!(Memory);

fn registration() -> Registration {
    Registration::of::<Memory>(ConnectorKey::new("bundle", "1.0", "Memory"))
}

#[test]
fn operations_are_those_implemented_and_no_other() {
    use ApiOperation as Op;
    let expected = [Op::Create, Op::Get, Op::ScriptOnConnector, Op::Search, Op::Update, Op::Validate];
    assert_eq!(registration().operations(), expected.into_iter().collect());
}

#[tokio::test]
async fn an_instance_answers_for_the_traits_it_has() {
    let bound = registration().bind(&[]).unwrap();
    let instance = bound.open(&CallContext::new("1")).await.unwrap();
    assert!(instance.create_op().is_some());
    assert!(instance.update_op().is_some());
    assert!(instance.update_attribute_values_op().is_none());
    assert!(instance.delete_op().is_none());
    assert!(instance.normalizer().is_none());
}

#[test]
fn fw10_orders_and_keys_follow_the_annotations() {
    let properties = registration().info().configuration.properties;
    let orders: Vec<_> = properties.iter().map(|p| (p.name.as_str(), p.order)).collect();
    assert_eq!(orders, [("host", -1), ("plain", 0), ("retryCount", 2), ("client_secret", 3)]);
    assert_eq!(properties[0].display_key.as_deref(), Some("host.text"));
    assert_eq!(properties[0].help_key.as_deref(), Some("host.help"));
    assert_eq!(properties[1].display_key.as_deref(), Some("plain.display"));
    assert_eq!(properties[2].value_type, Some(ValueType::PrimitiveInteger));
    assert_eq!(properties[2].value, Value::Integer(3));
    assert!(properties[3].confidential);
    assert_eq!(properties[3].operations, [ApiOperation::Search, ApiOperation::Sync].into_iter().collect());
}

#[test]
fn fw07_an_unknown_property_is_named() {
    let error = Settings::bind([("zz", &Value::Null)]).map(|_| ()).unwrap_err();
    assert_eq!(error.kind(), &icf::ErrorKind::Configuration);
    assert!(error.to_string().contains("'zz'"), "{error}");
}

#[test]
fn fw08_a_value_of_the_wrong_type_is_refused() {
    let message = |name, value: Value| Settings::bind([(name, &value)]).map(|_| ()).unwrap_err().to_string();
    assert_eq!(message("host", 5.into()), "Configuration property 'host': expected String, got Integer");
    assert_eq!(
        message("retryCount", Value::Null),
        "Configuration property 'retryCount': expected int, got null"
    );
    assert_eq!(
        message("retryCount", 5_i64.into()),
        "Configuration property 'retryCount': expected int, got Long"
    );
}

#[test]
fn fw09_absent_means_default_and_null_means_null() {
    let settings = Settings::bind([("host", &Value::Null)]).unwrap();
    assert_eq!(settings.retry_count, 3);
    assert_eq!(settings.host, None);
    assert_eq!(Settings::bind([]).unwrap().plain, "p");
}

#[test]
fn fw11_a_missing_required_property_is_refused() {
    let error = Settings::bind([]).unwrap().validate().unwrap_err();
    assert!(error.to_string().contains("'host' is required"), "{error}");
    let bad = Settings::bind([("host", &"h".into()), ("retryCount", &Value::Integer(-1))]).unwrap();
    assert_eq!(bad.validate().unwrap_err().to_string(), "retryCount must not be negative");
}

#[test]
fn a_changed_configuration_is_told_and_used() {
    let handle = ConfigurationHandle::new(Settings::default());
    let (sender, receiver) = std::sync::mpsc::channel();
    handle.on_change(move |values| sender.send(values).unwrap());
    handle.update(|settings| settings.retry_count = 9);
    assert_eq!(handle.get().retry_count, 9);
    let told = receiver.try_recv().unwrap();
    assert!(told.contains(&("retryCount", Value::Integer(9))));
}
