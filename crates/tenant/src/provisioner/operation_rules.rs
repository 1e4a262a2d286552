//! `operationOptions` and `operationRateLimits` of a provisioner file: what is denied, limited or only for some classes.

use std::collections::BTreeMap;
use std::time::Duration;

use icf::{ApiOperation, ObjectClass};
use serde_json::Value as Json;

use crate::types::{OPERATION_NAMES, ObjectType};

/// Rules per operation.
#[derive(Clone, Debug, Default)]
pub(crate) struct OperationRules {
    rules: BTreeMap<ApiOperation, Json>,
    limits: BTreeMap<ApiOperation, RateLimit>,
}

/// How often an operation may be asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RateLimit {
    /// Requests per period.
    pub(crate) requests: u32,
    /// The period.
    pub(crate) period: Duration,
    /// How long a request may wait for its turn.
    pub(crate) wait: Duration,
}

/// What a rule says of an operation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ruling {
    /// Go on.
    Allowed,
    /// It is denied.
    Denied,
    /// The class is not among those served.
    NotForClass,
}

impl OperationRules {
    /// Reads both members of a provisioner file.
    pub(super) fn parse(document: &Json) -> Self {
        let by_operation = |member: &str| -> BTreeMap<ApiOperation, Json> {
            let section = document.get(member);
            let entries = OPERATION_NAMES
                .iter()
                .filter_map(|(name, operation)| Some((*operation, section?.get(name)?.clone())));
            entries.collect()
        };
        let limits = by_operation("operationRateLimits");
        Self {
            rules: by_operation("operationOptions"),
            limits: limits.iter().map(|(operation, json)| (*operation, RateLimit::parse(json))).collect(),
        }
    }

    /// Whether an operation may run on a type.
    pub(crate) fn ruling(&self, operation: ApiOperation, object_type: Option<&ObjectType>) -> Ruling {
        let Some(rule) = self.rules.get(&operation) else { return Ruling::Allowed };
        let denied = |json: &Json| json.get("denied").and_then(Json::as_bool) == Some(true);
        let feature = |object_type: &ObjectType| {
            let features = rule.get("objectFeatures")?;
            features.get(&object_type.name).or_else(|| features.get(object_type.class.as_str()))
        };
        if denied(rule) || object_type.and_then(feature).is_some_and(denied) {
            return Ruling::Denied;
        }
        let listed = rule.get("supportedObjectTypes").and_then(Json::as_array);
        match (listed, object_type) {
            (Some(listed), Some(object_type)) => {
                let named = |name: &Json| {
                    let Some(name) = name.as_str() else { return false };
                    name == object_type.name || ObjectClass::from(name) == object_type.class
                };
                if listed.iter().any(named) { Ruling::Allowed } else { Ruling::NotForClass }
            }
            _ => Ruling::Allowed,
        }
    }

    /// The rate limit of an operation.
    pub(crate) fn limit(&self, operation: ApiOperation) -> Option<RateLimit> {
        self.limits.get(&operation).copied()
    }
}

impl RateLimit {
    fn parse(json: &Json) -> Self {
        let number = |name: &str, default| json.get(name).and_then(Json::as_u64).unwrap_or(default);
        Self {
            requests: u32::try_from(number("requestLimit", 50)).unwrap_or(u32::MAX).max(1),
            period: Duration::from_millis(number("requestPeriod", 500)),
            wait: Duration::from_millis(number("requestTimeout", 5000)),
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::types::ObjectTypes;

    #[test]
    fn rules_are_found_by_type_or_class() {
        let types = ObjectTypes::parse(&json!({
            "account": {"nativeType": "__ACCOUNT__", "properties": {}},
            "group": {"nativeType": "__GROUP__", "properties": {}},
        }))
        .unwrap();
        let rules = OperationRules::parse(&json!({
            "operationOptions": {
                "CREATE": {"denied": true},
                "UPDATE": {"objectFeatures": {"__GROUP__": {"denied": true}}},
                "SYNC": {"supportedObjectTypes": ["__ACCOUNT__"]},
            },
            "operationRateLimits": {"GET": {"requestLimit": 2}},
        }));
        let (account, group) = (types.get("account"), types.get("group"));
        assert_eq!(rules.ruling(ApiOperation::Create, account), Ruling::Denied);
        assert_eq!(rules.ruling(ApiOperation::Update, account), Ruling::Allowed);
        assert_eq!(rules.ruling(ApiOperation::Update, group), Ruling::Denied);
        assert_eq!(rules.ruling(ApiOperation::Sync, group), Ruling::NotForClass);
        assert_eq!(rules.ruling(ApiOperation::Sync, account), Ruling::Allowed);
        assert_eq!(rules.limit(ApiOperation::Get).unwrap().requests, 2);
        assert_eq!(rules.limit(ApiOperation::Search), None);
    }
}
