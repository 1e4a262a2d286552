//! Every known difference between the two LDAP connectors, with the reason why ours is right.

use icf::Filter;
use icf_wire::rpc::Operation;
use serde_json::{Value as Json, json};

use super::judge::{combines_names, wanted_names};
use super::servers::Brand;
use crate::step::Step;

/// A step and what the two said of it in case of an error.
pub(crate) struct Case<'a> {
    pub(crate) step: &'a Step,
    pub(crate) java_said: &'a str,
    pub(crate) ours_said: &'a str,
    /// What a search that combines names should find, where that is clear.
    pub(crate) truth: Option<Json>,
}

/// One known difference.
pub(crate) struct Difference {
    /// Names it in reports.
    pub(crate) id: &'static str,
    /// What differs, and why ours is right.
    pub(crate) reason: &'static str,
    /// The only directory on which it occurs.
    pub(crate) on: Option<Brand>,
    /// Whether it was met; Java's answer is then corrected.
    pub(crate) meets: fn(&Case<'_>, &mut Json, &Json) -> bool,
}

impl Case<'_> {
    /// Both were refused by the directory with this result.
    fn is_code(&self, code: u32) -> bool {
        self.java_said.contains(&java_code(code)) && self.ours_said.contains(&our_code(code))
    }
}

fn java_code(code: u32) -> String {
    format!("error code {code} ")
}

fn our_code(code: u32) -> String {
    format!("result {code} (")
}

fn classes<'a>(java: &'a Json, ours: &'a Json) -> (&'a str, &'a str) {
    let class = |told: &'a Json| told["error"].as_str().unwrap_or_default();
    (class(java), class(ours))
}

fn take_all(java: &mut Json, ours: &Json) -> bool {
    *java = ours.clone();
    true
}

fn filter<'a>(case: &Case<'a>) -> Option<&'a Filter> {
    match case.step {
        Step::Ask(Operation::Search { filter, .. }) => filter.as_ref(),
        _ => None,
    }
}

/// Java reads the entries of the names in the filter, or refuses; a negation or another condition beside them is lost.
fn reads_names_only(java: &Json, filter: &Filter) -> bool {
    let wanted = wanted_names(filter);
    let is_wanted = |item: &Json| {
        item["name"]
            .as_str()
            .is_some_and(|name| wanted.iter().any(|wanted| wanted.eq_ignore_ascii_case(name)))
    };
    java.get("error").is_some() || java["items"].as_array().is_some_and(|items| items.iter().all(is_wanted))
}

/// All there are, in the order in which they are tried.
pub(crate) const ALL: &[Difference] = &[
    Difference {
        id: "result record",
        reason: "Java tells no result of a search without pages; ours tells one in which there is nothing.",
        on: None,
        meets: |_, java, ours| {
            let nothing = json!({"cookie": null, "policy": "None", "total": -1, "remaining": -1});
            if !java["end"].is_null() || java.get("end").is_none() || ours["end"] != nothing {
                return false;
            }
            java["end"] = nothing;
            true
        },
    },
    Difference {
        id: "negated and combined names",
        reason: "Java reads the entry of the name and forgets a negation, and refuses two names in one condition; ours \
            judges the whole condition, which is compared with what the filter means.",
        on: None,
        meets: |case, java, ours| {
            let combined = filter(case).filter(|filter| combines_names(filter));
            let is_right = case.truth.as_ref().is_none_or(|truth| truth["items"] == ours["items"]);
            ours.get("error").is_none()
                && is_right
                && combined.is_some_and(|filter| reads_names_only(java, filter))
                && take_all(java, ours)
        },
    },
    Difference {
        id: "class of a refusal",
        reason: "Java throws ConnectorException for what the directory says of an attribute; ours the class under it that \
            identity management shows as a bad request.",
        on: None,
        meets: |case, java, ours| {
            // With two faults in a request the one that is told depends on the order in which it was written.
            let codes = [16, 17, 19, 20, 21, 64, 65, 67];
            codes.iter().any(|code| case.java_said.contains(&java_code(*code)))
                && codes.iter().any(|code| case.ours_said.contains(&our_code(*code)))
                && classes(java, ours) == ("ConnectorException", "InvalidAttributeValueException")
                && take_all(java, ours)
        },
    },
    Difference {
        id: "missing parent",
        reason: "Java throws ConnectorException, or UnknownUidException for a move, when the parent of the new name is not \
            there; ours says that the name is wrong.",
        on: None,
        meets: |case, java, ours| {
            case.java_said.contains("error code 32 ")
                && classes(java, ours).1 == "InvalidAttributeValueException"
                && take_all(java, ours)
        },
    },
    Difference {
        id: "wrong password",
        reason: "Java throws PasswordExpiredException for every wrong password; ours InvalidPasswordException.",
        on: None,
        meets: |case, java, ours| {
            case.is_code(49)
                && classes(java, ours) == ("PasswordExpiredException", "InvalidPasswordException")
                && take_all(java, ours)
        },
    },
    Difference {
        id: "value as it is already",
        reason: "Java fails to add a value that is there and to remove one that is not; ours has what was wanted.",
        on: None,
        meets: |case, java, ours| {
            let is_so = ["error code 16 ", "error code 20 "].iter().any(|code| case.java_said.contains(code));
            is_so && ours.get("end").is_some() && take_all(java, ours)
        },
    },
];
