//! Configurations, their properties, and what is told about a connector.

use std::collections::BTreeMap;

use icf::{
    ApiConfiguration, ApiOperation, Catalogue, ConfigurationProperty, ConnectorInfo, ConnectorKey, Messages,
    OperationSet, PoolConfiguration, ResultsHandlerConfiguration, Value, ValueType,
};

use super::{DecodeError, Raw, Read, Write, Writer, containers, part, require, value};
use crate::binary::class::ClassRef;
use crate::binary::profile::{ConnIdRelease, Since};

fn write_operation(w: &mut Writer<'_>, operation: ApiOperation) -> Write {
    containers::class(w, &ClassRef::new(operation.wire_name()))
}

fn write_operations(w: &mut Writer<'_>, operations: &OperationSet) -> Write {
    containers::items(w, "Set", operations.iter().copied(), write_operation)
}

/// Reads a set of operations; those of other frameworks are passed over.
fn read_operations(members: &[Raw<'_>]) -> Read<OperationSet> {
    let mut operations = OperationSet::new();
    for member in members {
        operations.extend(read_operation(member)?);
    }
    Ok(operations)
}

pub(super) fn read_operation(raw: &Raw<'_>) -> Read<Option<ApiOperation>> {
    let class = containers::read_class(raw)?;
    Ok(if class.dimensions() == 0 { ApiOperation::from_wire_name(class.name()) } else { None })
}

/// Writes a property.
pub(super) fn write_property(w: &mut Writer<'_>, property: &ConfigurationProperty) -> Write {
    w.object("ConfigurationProperty", |w| {
        w.i32_field("order", property.order)?;
        w.bool_field("confidential", property.confidential)?;
        w.bool_field("required", property.required)?;
        w.text_field("name", Some(&property.name))?;
        w.text_field("helpMessageKey", property.help_key.as_deref())?;
        w.text_field("displayMessageKey", property.display_key.as_deref())?;
        w.text_field("groupMessageKey", property.group_key.as_deref())?;
        w.class_field("type", property.value_type.as_ref().map(ClassRef::from).as_ref())?;
        w.named("value", |w| value::write(w, &property.value))?;
        w.named("operations", |w| write_operations(w, &property.operations))
    })
}

/// Reads a property.
pub(super) fn read_property(raw: &Raw<'_>) -> Read<ConfigurationProperty> {
    raw.expect("ConfigurationProperty")?;
    let name = raw.text("name")?;
    require(name.is_some(), "A ConfigurationProperty needs a name")?;
    let key = |field| raw.text(field).map(|text| text.map(std::borrow::Cow::into_owned));
    let value = raw.object("value")?.map_or(Ok(Value::Null), |value| value::read(&value))?;
    Ok(ConfigurationProperty {
        order: raw.i32("order", 0)?,
        confidential: raw.bool("confidential", false)?,
        required: raw.bool("required", false)?,
        name: name.unwrap_or_default().into_owned(),
        help_key: key("helpMessageKey")?,
        display_key: key("displayMessageKey")?,
        group_key: key("groupMessageKey")?,
        value_type: raw.class_field("type")?.as_ref().map(ValueType::from),
        value,
        operations: read_operations(&containers::members(raw, "operations")?)?,
    })
}

/// Writes a configuration.
pub(super) fn write(w: &mut Writer<'_>, configuration: &ApiConfiguration) -> Write {
    w.object("APIConfiguration", |w| {
        w.i32_field("producerBufferSize", configuration.producer_buffer_size)?;
        w.bool_field("connectorPoolingSupported", configuration.pooling)?;
        w.named("connectorPoolConfiguration", |w| write_pool(w, &configuration.pool))?;
        w.named("resultsHandlerConfiguration", |w| write_handlers(w, configuration.results_handlers))?;
        w.named("ConfigurationProperties", |w| {
            let mut properties: Vec<&ConfigurationProperty> = configuration.properties.iter().collect();
            properties.sort_by_key(|property| property.order);
            containers::items(w, "ConfigurationProperties", properties, write_property)
        })?;
        w.named("timeoutMap", |w| {
            let timeouts = configuration.timeouts.iter().map(|(operation, limit)| (*operation, *limit));
            containers::map(w, timeouts, write_operation, containers::integer)
        })?;
        w.named("SupportedOperations", |w| match &configuration.supported_operations {
            Some(operations) => write_operations(w, operations),
            None => w.null(),
        })
    })
}

fn write_pool(w: &mut Writer<'_>, pool: &PoolConfiguration) -> Write {
    w.object("ObjectPoolConfiguration", |w| {
        w.i32_field("maxObjects", pool.max_objects)?;
        w.i32_field("maxIdle", pool.max_idle)?;
        w.i64_field("maxWait", pool.max_wait)?;
        w.i64_field("minEvictableIdleTimeMillis", pool.min_evictable_idle_time_millis)?;
        w.i32_field("minIdle", pool.min_idle)?;
        if w.profile().has(Since::ConnId(ConnIdRelease::V1_5_1)) {
            w.i64_field("maxIdleTimeMillis", 0)?;
        }
        Ok(())
    })
}

fn write_handlers(w: &mut Writer<'_>, handlers: ResultsHandlerConfiguration) -> Write {
    w.object("ResultsHandlerConfiguration", |w| {
        w.bool_field("enableNormalizingResultsHandler", handlers.normalizing)?;
        w.bool_field("enableFilteredResultsHandler", handlers.filtered)?;
        if w.profile().has(Since::ConnId(ConnIdRelease::V1_4_1)) {
            w.bool_field("filteredResultsHandlerInValidationMode", false)?;
        }
        w.bool_field("enableCaseInsensitiveFilter", handlers.case_insensitive)?;
        w.bool_field("enableAttributesToGetSearchResultsHandler", handlers.attributes_to_get)
    })
}

/// Reads a configuration.
pub(super) fn read(raw: &Raw<'_>) -> Read<ApiConfiguration> {
    raw.expect("APIConfiguration")?;
    let pool = raw.object("connectorPoolConfiguration")?;
    let handlers = raw.object("resultsHandlerConfiguration")?;
    let properties = raw.object("ConfigurationProperties")?;
    let supported = raw.object("SupportedOperations")?;
    let mut timeouts = BTreeMap::new();
    for (operation, limit) in containers::entries(raw, "timeoutMap")? {
        if let Some(operation) = read_operation(&operation)? {
            limit.expect("Integer")?;
            timeouts.insert(operation, limit.content()?.i32()?);
        }
    }
    Ok(ApiConfiguration {
        producer_buffer_size: raw.i32("producerBufferSize", 0)?,
        pooling: raw.bool("connectorPoolingSupported", false)?,
        pool: pool.map_or_else(|| Ok(PoolConfiguration::default()), |pool| read_pool(&pool))?,
        results_handlers: handlers.map_or_else(
            || Ok(ResultsHandlerConfiguration::default()),
            |handlers| read_handlers(&handlers),
        )?,
        properties: properties.map_or(Ok(Vec::new()), |properties| read_properties(&properties))?,
        timeouts,
        supported_operations: supported
            .map(|supported| read_operations(&containers::elements(&supported)?))
            .transpose()?,
    })
}

fn read_properties(raw: &Raw<'_>) -> Read<Vec<ConfigurationProperty>> {
    raw.expect("ConfigurationProperties")?;
    raw.items().map(|property| read_property(&property?)).collect()
}

fn read_pool(raw: &Raw<'_>) -> Read<PoolConfiguration> {
    raw.expect("ObjectPoolConfiguration")?;
    let default = PoolConfiguration::default();
    Ok(PoolConfiguration {
        max_objects: raw.i32("maxObjects", default.max_objects)?,
        max_idle: raw.i32("maxIdle", default.max_idle)?,
        max_wait: raw.i64("maxWait", default.max_wait)?,
        min_evictable_idle_time_millis: raw
            .i64("minEvictableIdleTimeMillis", default.min_evictable_idle_time_millis)?,
        min_idle: raw.i32("minIdle", default.min_idle)?,
    })
}

fn read_handlers(raw: &Raw<'_>) -> Read<ResultsHandlerConfiguration> {
    raw.expect("ResultsHandlerConfiguration")?;
    let default = ResultsHandlerConfiguration::default();
    Ok(ResultsHandlerConfiguration {
        normalizing: raw.bool("enableNormalizingResultsHandler", default.normalizing)?,
        filtered: raw.bool("enableFilteredResultsHandler", default.filtered)?,
        case_insensitive: raw.bool("enableCaseInsensitiveFilter", default.case_insensitive)?,
        attributes_to_get: raw
            .bool("enableAttributesToGetSearchResultsHandler", default.attributes_to_get)?,
    })
}

/// Writes what is told about a connector.
pub(crate) fn write_info(w: &mut Writer<'_>, info: &ConnectorInfo) -> Write {
    w.object("ConnectorInfo", |w| {
        w.text_field("connectorDisplayNameKey", Some(&info.display_name_key))?;
        w.text_field("connectorCategoryKey", info.category_key.as_deref())?;
        w.named("ConnectorKey", |w| write_key(w, &info.key))?;
        w.named("ConnectorMessages", |w| write_messages(w, &info.messages))?;
        w.named("APIConfiguration", |w| write(w, &info.configuration))
    })
}

pub(crate) fn write_key(w: &mut Writer<'_>, key: &ConnectorKey) -> Write {
    w.object("ConnectorKey", |w| {
        w.text_field("bundleName", Some(&key.bundle_name))?;
        w.text_field("bundleVersion", Some(&key.bundle_version))?;
        w.text_field("connectorName", Some(&key.connector_name))
    })
}

fn write_messages(w: &mut Writer<'_>, messages: &Messages) -> Write {
    let catalogue = |w: &mut Writer<'_>, texts: &Catalogue| {
        containers::map(w, texts, |w, key| containers::text(w, key), |w, text| containers::text(w, text))
    };
    w.object("ConnectorMessages", |w| {
        w.named("catalogs", |w| containers::map(w, &messages.catalogues, value::write_locale, catalogue))
    })
}

/// Reads what is told about a connector.
pub(super) fn read_info(raw: &Raw<'_>) -> Read<ConnectorInfo> {
    raw.expect("ConnectorInfo")?;
    let key = part(raw, "ConnectorKey", "A ConnectorInfo needs a key")?;
    let configuration = part(raw, "APIConfiguration", "A ConnectorInfo needs a configuration")?;
    let messages = raw.object("ConnectorMessages")?;
    Ok(ConnectorInfo {
        display_name_key: raw.text("connectorDisplayNameKey")?.unwrap_or_default().into_owned(),
        category_key: raw.text("connectorCategoryKey")?.map(std::borrow::Cow::into_owned),
        key: read_key(&key)?,
        messages: messages.map_or_else(|| Ok(Messages::default()), |messages| read_messages(&messages))?,
        configuration: read(&configuration)?,
    })
}

pub(crate) fn read_key(raw: &Raw<'_>) -> Read<ConnectorKey> {
    raw.expect("ConnectorKey")?;
    let part = |name| {
        let text = raw.text(name)?;
        text.ok_or_else(|| DecodeError::refused("A ConnectorKey needs three parts"))
    };
    Ok(ConnectorKey::new(part("bundleName")?, part("bundleVersion")?, part("connectorName")?))
}

fn read_messages(raw: &Raw<'_>) -> Read<Messages> {
    raw.expect("ConnectorMessages")?;
    let mut messages = Messages::default();
    for (locale, texts) in containers::entries(raw, "catalogs")? {
        let mut catalogue = Catalogue::new();
        for (key, text) in containers::pairs(&texts)? {
            catalogue.insert(containers::read_text(&key)?, containers::read_text(&text)?);
        }
        messages = messages.with(value::read_locale(&locale)?, catalogue);
    }
    Ok(messages)
}
