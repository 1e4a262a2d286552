//! Known differences that lie in the framework, whatever the connector.

use icf_wire::rpc::Operation;
use serde_json::Value as Json;

use crate::csv::model;
use crate::differences::Difference;
use crate::judged;
use crate::step::Step;
use crate::told::{
    asks_for_bytes, class, created, has_comparison, has_end, is_argument_fault, message, take, take_all,
    update,
};

pub(crate) const ALL: &[Difference] = &[
    Difference {
        id: "several faults in one request",
        reason: "The attributes of a request are a set in Java, and the first fault in its order is the one reported; ours \
            reports the first in the order of the request.",
        meets: |case, java, ours| {
            let known = |told: &Json| {
                is_argument_fault(message(told)) || message(told).starts_with("Unknown attribute: ")
            };
            let writes = update(case).is_some() || created(case).is_some();
            writes && class(java) == class(ours) && known(java) && known(ours) && take_all(java, ours)
        },
    },
    Difference {
        id: "batch that ends at its first failure",
        reason: "With FAIL_ON_ERROR ours ends the request with that error; in Java that is the connector's affair.",
        meets: |case, java, ours| {
            let Step::Ask(Operation::Batch { options, .. }) = case.step else { return false };
            let failed = &java["items"].as_array().and_then(|items| items.iter().rev().nth(1)).cloned();
            let failed = failed.as_ref().map(|item| item["outcome"]["error"].clone());
            let same = |error: &Json| {
                *error == ours["error"]
                    || error["class"] == "PreconditionFailedException"
                        && class(ours) == "PreconditionRequiredException"
            };
            options.fail_on_error()
                && ours["error"].is_object()
                && failed.is_some_and(|error| same(&error))
                && take_all(java, ours)
        },
    },
    Difference {
        id: "batch task whose uid has no revision",
        reason: "Java's protocol writes the revision 0 for none and its server takes it for one; to ours it is none.",
        meets: |case, java, ours| {
            // A script of the reference connector tells what the last task was called with.
            let told = java["end"].as_str().map(|told| told.replace(r#" revision \"0\""#, ""));
            if told.is_some() && told.as_deref() == ours["end"].as_str() {
                return take(java, ours, "end");
            }
            let (Some(of_java), Some(of_ours)) = (java["items"].as_array(), ours["items"].as_array()) else {
                return false;
            };
            let error =
                |item: &Json| item["outcome"]["error"]["class"].as_str().unwrap_or_default().to_owned();
            let known = of_java.len() == of_ours.len()
                && of_java.iter().zip(of_ours).all(|(java, ours)| {
                    java == ours
                        || error(java) == "PreconditionFailedException"
                            && error(ours) == "PreconditionRequiredException"
                });
            let batch =
                matches!(case.step, Step::Ask(Operation::Batch { .. } | Operation::BatchQuery { .. }));
            batch && known && take(java, ours, "items")
        },
    },
    Difference {
        id: "batch that fails as a whole",
        reason: "Java wraps the exception in a ConnectorException whose message is the real one; ours answers the real one.",
        meets: |case, java, ours| {
            let batch =
                matches!(case.step, Step::Ask(Operation::Batch { .. } | Operation::BatchQuery { .. }));
            let wrapped = class(java) == "ConnectorException"
                && (message(java).ends_with(message(ours))
                    || message(ours).starts_with("java.lang.IllegalArgumentException: Class"));
            batch && wrapped && ours["error"].is_object() && java != ours && take_all(java, ours)
        },
    },
    Difference {
        id: "And and Or of undefined conditions",
        reason: "Java: And(true, undefined) is true, Or(undefined, true) undefined, on reduced objects; ours is Kleene's.",
        meets: |case, java, ours| {
            case.scene.file.is_none()
                && case.scene.handlers.filtered
                && java["error"] == ours["error"]
                && java["items"] != ours["items"]
                && judged::rules_part(case)
                && take(java, ours, "items")
        },
    },
    Difference {
        id: "objects before an error",
        reason: "In Java the error is sent by another thread than the objects and overtakes them; ours delivers what came first.",
        meets: |case, java, ours| {
            let (Some(fewer), Some(more)) = (java["items"].as_array(), ours["items"].as_array()) else {
                return false;
            };
            let streams = model::search(case).is_some() || matches!(case.step, Step::Sync(..));
            let prefix = fewer.len() < more.len() && fewer.iter().zip(more).all(|(java, ours)| java == ours);
            let same = java["error"].is_object() && java["error"] == ours["error"];
            streams && prefix && same && take(java, ours, "items")
        },
    },
    Difference {
        id: "property unknown or of another type",
        reason: "The same class; ours names types and configuration in its own words, Java by its classes.",
        meets: |_, java, ours| {
            class(java) == "ConfigurationException"
                && class(ours) == "ConfigurationException"
                && message(java).starts_with("java.lang.IllegalArgumentException")
                && (message(ours).starts_with("Configuration property '")
                    || message(ours).contains(" does not have a property '"))
                && take_all(java, ours)
        },
    },
    Difference {
        id: "faulty arguments and faulty configuration",
        reason: "Of two faults the one found first is answered. Java looks at the arguments of some operations before it \
            reads the configuration, at those of others after it has connected; ours always in between.",
        meets: |_, java, ours| {
            let argument = |told: &Json| is_argument_fault(message(told));
            let configuration = |told: &Json| {
                message(told).starts_with("asked for ")
                    || message(told).contains(" does not have a property '")
            };
            (argument(java) && configuration(ours) || configuration(java) && argument(ours))
                && take_all(java, ours)
        },
    },
    Difference {
        id: "array of bytes among values",
        reason: "Java's ContainsAllValues takes two arrays of bytes for the same only if they are one; ours compares what they hold.",
        meets: |case, java, ours| {
            let Some((Some(filter), _)) = model::search(case) else { return false };
            case.scene.file.is_none()
                && asks_for_bytes(filter)
                && judged::rules_part(case)
                && has_end(java)
                && has_end(ours)
                && take_all(java, ours)
        },
    },
    Difference {
        id: "comparison with several values",
        reason: "When a connector judges it, Java takes several values for less than any other; ours compares a single value.",
        meets: |case, java, ours| {
            let Some((Some(filter), _)) = model::search(case) else { return false };
            case.scene.file.is_none()
                && has_comparison(filter)
                && judged::rules_part(case)
                && has_end(java)
                && has_end(ours)
                && take_all(java, ours)
        },
    },
    Difference {
        id: "text condition on a value that is no text",
        reason: "Java fails with ClassCastException, which callers do not know, when the connector judges it; to ours such a \
            value does not match, as with Java's own handler.",
        meets: |case, java, ours| {
            let Some((Some(filter), _)) = model::search(case) else { return false };
            judged::is_no_text(case, filter)
                && class(java) == "ClassCastException"
                && message(java).contains(" cannot be cast to class java.lang.String ")
                // The error is one that the caller ordered for the end of the search.
                && (has_end(ours) || message(ours).starts_with("asked for "))
                && take_all(java, ours)
        },
    },
];
