//! Every known difference between the Java server and ours, with the reason why ours is right; those that lie in the
//! framework and not in the CSV connector stand in `framework.rs`.
//!
//! A difference looks at one step and the two answers, which differ. If it is the cause of what it is meant for, it makes
//! that part of Java's answer equal to ours and says so; what is left unequal after all of them is a failure, and so is a
//! difference that a long run never meets. Of searches and synchronisations both answers are worked out from the file.

use icf::names;
use icf_wire::rpc::Operation;
use serde_json::{Value as Json, json};

use crate::compare::Case;
use crate::csv::model;
use crate::framework;
use crate::judged;
use crate::step::Step;
use crate::told::{
    class, created, deltas_as_known, has_end, has_presence, is_bad_value, is_no_key, is_test, is_wrong_class,
    items_as_known, message, rows_before, take, take_all, take_in, update, without_blanks,
};

/// One known difference.
pub(crate) struct Difference {
    /// Names it in reports.
    pub(crate) id: &'static str,
    /// What differs, and why ours is right.
    pub(crate) reason: &'static str,
    /// Whether it was met; Java's answer is then corrected.
    pub(crate) meets: fn(&Case<'_>, &mut Json, &Json) -> bool,
}

/// All there are, in the order in which they are tried.
pub(crate) fn all() -> impl Iterator<Item = &'static Difference> {
    OF_THE_CONNECTOR.iter().chain(framework::ALL)
}

const OF_THE_CONNECTOR: &[Difference] = &[
    Difference {
        id: "search without result record",
        reason: "Java answers none when its row count, taken once in its life, is too small; ours counts anew.",
        meets: |case, java, ours| {
            let Some(page) = model::our_page(case) else { return false };
            if page.end != ours["end"]
                || page.items != ours["items"]
                || !has_end(java)
                || !java["end"].is_null()
            {
                return false;
            }
            // Where the page would begin behind the last counted row, the objects are missing, too.
            if java["items"] == json!([]) && case.java_skip.is_some() {
                take(java, ours, "items");
            }
            take(java, ours, "end")
        },
    },
    Difference {
        id: "row total",
        reason: "Java's total is the count of lines when the path was first searched, whatever the filter, called exact; \
            ours is the present count of rows, and none with a filter unless the caller wants it counted.",
        meets: |case, java, ours| {
            let expected = model::our_page(case).is_some_and(|page| page.end == ours["end"]);
            let exact = java["end"]["policy"] == "Exact" && java["end"]["total"].as_i64() >= Some(0);
            let same =
                ["policy", "total", "remaining"].iter().all(|name| java["end"][name] == ours["end"][name]);
            if !expected || !exact || same {
                return false;
            }
            for name in ["policy", "total", "remaining"] {
                java["end"][name] = ours["end"][name].clone();
            }
            true
        },
    },
    Difference {
        id: "page cookie",
        reason: "Java gives a cookie without a page size (Ping's releases since 1.5.20.2 do not), and by its total even \
            where nothing follows or withholds it where something does; ours gives one exactly when there is more.",
        meets: |case, java, ours| {
            let Some((_, options)) = model::search(case) else { return false };
            let expected = model::our_page(case).is_some_and(|page| page.end == ours["end"]);
            let (java_cookie, our_cookie) = (&java["end"]["cookie"], &ours["end"]["cookie"]);
            let skip = case.java_skip.unwrap_or(0) as i64;
            let size = options.page_size().unwrap().filter(|size| *size > 0).map(i64::from);
            let offset = options.paged_results_offset().unwrap().map_or(0, i64::from);
            let known = java_cookie.is_null()
                || match size {
                    None => java_cookie["skip"] == 0,
                    Some(size) => {
                        [skip + size, offset + size].contains(&java_cookie["skip"].as_i64().unwrap_or(-1))
                    }
                };
            expected
                && has_end(java)
                && java_cookie != our_cookie
                && known
                && take_in(java, ours, "end", "cookie")
        },
    },
    Difference {
        id: "presence",
        reason: "The Java connector lets everything pass a presence filter, and pages before the framework judges.",
        meets: |case, java, ours| {
            let present = model::search(case).and_then(|(filter, _)| filter).is_some_and(has_presence);
            present && items_as_known(case, java, ours)
        },
    },
    Difference {
        id: "judged after reduction, undefined conditions",
        reason: "The framework's filter handler judges the reduced object, so a match is lost whose filter names an \
            attribute that was not asked for; it drops what a Not of an absent attribute matches, and its And and Or \
            depend on the order. The connector has judged exactly before, so ours leaves it at that.",
        meets: |case, java, ours| {
            case.scene.handlers.filtered && model::search(case).is_some() && items_as_known(case, java, ours)
        },
    },
    Difference {
        id: "page after a cookie that ours did not give",
        reason: "After Java's needless cookie the next page is empty; after ours the caller knows that it is done and begins anew.",
        meets: |case, java, ours| case.java_skip != case.our_skip && items_as_known(case, java, ours),
    },
    Difference {
        id: "filter operand of another type",
        reason: "Java fails with ClassCastException, which callers do not know, at the first value that it compares, if any; \
            ours with InvalidAttributeValueException, before it looks at the cookie. Where both refuse the value they name its \
            type in their own way.",
        meets: |case, java, ours| {
            let refused = class(ours) == "InvalidAttributeValueException"
                && message(ours).contains("cannot be compared with")
                && (["", "ClassCastException"].contains(&class(java))
                    || message(java) == "PagedResultsCookie is invalid");
            let text = "must be comparable!";
            let named =
                class(ours) == class(java) && message(ours).contains(text) && message(java).contains(text);
            // Java's handler judges the reduced object, and not every condition, and so may not meet the value.
            let unseen = case.scene.handlers.filtered
                && judged::java_judges_all(case)
                && message(ours).contains(text)
                && has_end(java);
            model::search(case).is_some() && (refused || named || unseen) && take_all(java, ours)
        },
    },
    Difference {
        id: "unchanged rows synchronised",
        reason: "Java tells every row that is not new as an update, changed or not; ours only what changed.",
        meets: |case, java, ours| case.java_copy.is_some() && deltas_as_known(case, java, ours),
    },
    Difference {
        id: "changes since a token without copy",
        reason: "The first token of Java has no copy of the file, so changes before the first synchronisation are not told \
            apart and deletions are lost; ours makes the copy when it gives the token.",
        meets: |case, java, ours| case.java_copy.is_none() && deltas_as_known(case, java, ours),
    },
    Difference {
        id: "synchronisation without token",
        reason: "The Java framework cannot read a request without a token; to ours it means everything.",
        meets: |case, java, ours| {
            let known = case.scene.file.is_none()
                || model::our_deltas(case).as_ref() == Some(&ours["items"])
                || is_wrong_class(ours);
            matches!(case.step, Step::Sync(..))
                && class(java) == "NullPointerException"
                && message(java) == "Parameter 'value' must not be null."
                && known
                && take_all(java, ours)
        },
    },
    Difference {
        id: "copy that exists already",
        reason: "Java fails when the copy that it wants to make is there already; ours uses that copy.",
        meets: |case, java, ours| {
            matches!(case.step, Step::Sync(..))
                && case.java_copy.is_none()
                && class(java) == "ConnectorException"
                && message(java) == "Unable to copy CSV file for sync operation"
                && model::our_deltas(case).as_ref() == Some(&ours["items"])
                && take_all(java, ours)
        },
    },
    Difference {
        id: "token of the end",
        reason: "Java may keep the old token or take a new one; ours gives a new one exactly when something changed.",
        meets: |case, java, ours| {
            if !matches!(case.step, Step::Sync(..)) {
                return false;
            }
            let changed = case.our_copy.as_deref() != Some(case.rows);
            let expected = if changed || !case.our_since { "new" } else { "given" };
            ours["end"] == json!(["Long", expected])
                && java["end"][0] == "Long"
                && java["end"] != ours["end"]
                && take(java, ours, "end")
        },
    },
    Difference {
        id: "latest token without copy",
        reason: "Java answers the present time until a synchronisation makes a copy; ours makes the copy at once.",
        meets: |case, java, ours| {
            matches!(case.step, Step::LatestToken(_))
                && java["end"][0] == "Long"
                && ours["end"][0] == "Long"
                && java["end"] != ours["end"]
                && take(java, ours, "end")
        },
    },
    Difference {
        id: "update with a value that is no text",
        reason: "Java fails with ClassCastException, also for a password, and leaves the file with the rows before that \
            one; ours converts the value as create does, or refuses it and leaves the file alone.",
        meets: |case, java, ours| {
            let Some((_, uid, attributes)) = update(case) else { return false };
            let no_text =
                attributes.iter().any(|attribute| !attribute.values().iter().all(|v| v.as_str().is_some()));
            let cut = java["file"].is_null()
                || without_blanks(&java["file"]) == without_blanks(&json!(rows_before(case, uid)));
            let known =
                ["", "InvalidAttributeValueException", "AlreadyExistsException"].contains(&class(ours));
            no_text && class(java) == "ClassCastException" && cut && known && take_all(java, ours)
        },
    },
    Difference {
        id: "bad value for an unknown uid",
        reason: "Ours refuses a value that no cell can hold before it looks for the row.",
        meets: |case, java, ours| {
            update(case).is_some()
                && class(java) == "UnknownUidException"
                && (is_bad_value(ours) || is_no_key(ours))
                && take_all(java, ours)
        },
    },
    Difference {
        id: "key that is cleared",
        reason: "Java fails when it makes a Uid of nothing, and leaves the file with the rows before that one; ours refuses and \
            leaves the file alone.",
        meets: |case, java, ours| {
            let Some((_, uid, _)) = update(case) else { return false };
            message(java) == "Uid value must not be blank!"
                && is_no_key(ours)
                && (java["file"].is_null()
                    || without_blanks(&java["file"]) == without_blanks(&json!(rows_before(case, uid))))
                && take_all(java, ours)
        },
    },
    Difference {
        id: "create with a value that no cell can hold",
        reason: "Java stores how the JVM prints the object, such as [B@1b2c3d, and loses the value; ours refuses.",
        meets: |case, java, ours| {
            // For the key it fails with ClassCastException.
            let known = ["", "AlreadyExistsException", "ClassCastException"].contains(&class(java));
            created(case).is_some() && known && is_bad_value(ours) && take_all(java, ours)
        },
    },
    Difference {
        id: "create with an attribute without values",
        reason: "Java fails inside; ours leaves the cell empty.",
        meets: |case, java, ours| {
            let without =
                created(case).is_some_and(|attributes| attributes.iter().any(|a| a.values().is_empty()));
            let inside = class(java) == "IndexOutOfBoundsException"
                || class(java) == "NullPointerException"
                    && message(java).starts_with("Cannot invoke \"java.util.List.get(int)\"");
            let known =
                class(ours).is_empty() || class(ours) == "AlreadyExistsException" || is_bad_value(ours);
            without && inside && known && take_all(java, ours)
        },
    },
    Difference {
        id: "attribute in another case",
        reason: "Names of attributes know no case; Java drops in silence what is not spelled as the header, ours writes it.",
        meets: |case, java, ours| {
            let attributes = created(case).or_else(|| update(case).map(|(_, _, attributes)| attributes));
            let header = case.rows.first();
            let other = attributes.zip(header).is_some_and(|(attributes, header)| {
                attributes.iter().any(|attribute| {
                    let spelled = |cell: &&str| *cell == attribute.name.as_str();
                    let mut columns = header.iter().flatten().map(String::as_str);
                    columns.clone().any(|cell| attribute.name.is(cell)) && !columns.any(|cell| spelled(&cell))
                })
            });
            other && has_end(java) && has_end(ours) && java["file"].is_array() && take(java, ours, "file")
        },
    },
    Difference {
        id: "header taken for a row",
        reason: "To Java the header is the row whose key is the name of the key column: delete removes it, its password is \
            the name of the password column, and nobody can have that key. To ours it never is.",
        meets: |case, java, ours| {
            let header = model::key_header(case);
            let addressed = match case.step {
                Step::Ask(Operation::Delete { uid: Some(uid), .. }) => uid.value() == header,
                Step::Ask(
                    Operation::Authenticate { username: Some(name), .. }
                    | Operation::ResolveUsername { username: Some(name), .. },
                ) => name == header,
                Step::Ask(Operation::Create { attributes: Some(attributes), .. }) => {
                    attributes.name() == Some(header)
                        && message(java) == format!("Account {header} already exists.")
                }
                _ => false,
            };
            addressed && take_all(java, ours)
        },
    },
    Difference {
        id: "empty password",
        reason: "Java lets a user in with the empty password where the cell is blank; to ours nobody has an empty password.",
        meets: |case, java, ours| {
            let Step::Ask(Operation::Authenticate { password: Some(password), .. }) = case.step else {
                return false;
            };
            password.reveal().is_empty()
                && class(java).is_empty()
                && class(ours) == "InvalidPasswordException"
                && take_all(java, ours)
        },
    },
    Difference {
        id: "two keys",
        reason: "Java takes the name or the value of the key column, as chance has it; ours refuses two that differ.",
        meets: |case, java, ours| {
            (created(case).is_some() || update(case).is_some())
                && message(ours).starts_with("Attributes __NAME__ and ")
                && message(ours).contains(" give different keys;")
                && take_all(java, ours)
        },
    },
    Difference {
        id: "blanks around the key",
        reason: "Java stores the key without them and answers it with them, which then names no row; ours answers what it stored.",
        meets: |case, java, ours| {
            let trimmed =
                java["end"].as_str().is_some_and(|key| key.trim() == ours["end"] && key != key.trim());
            created(case).is_some() && trimmed && take(java, ours, "end")
        },
    },
    Difference {
        id: "key that is there but for blanks",
        reason: "Java compares the key with its blanks and stores it without, so that it is there twice; ours refuses it.",
        meets: |case, java, ours| {
            let blanks = created(case).and_then(|a| a.name()).is_some_and(|name| name.trim() != name);
            blanks
                && class(java).is_empty()
                && class(ours) == "AlreadyExistsException"
                && take_all(java, ours)
        },
    },
    Difference {
        id: "rename to a key that is there",
        reason: "Java lets two rows have one key; ours refuses it.",
        meets: |case, java, ours| {
            update(case).is_some_and(|(_, _, attributes)| attributes.iter().any(|a| a.name.is(names::NAME)))
                && class(java).is_empty()
                && class(ours) == "AlreadyExistsException"
                && take_all(java, ours)
        },
    },
    Difference {
        id: "row after a last line without end",
        reason: "Java glues the new row to the last one, after which the file cannot be read; ours ends the line first.",
        meets: |case, java, ours| {
            let rows = java["file"].as_array();
            let glued = rows.zip(case.rows.first()).is_some_and(|(rows, header)| {
                rows.last().and_then(Json::as_array).is_some_and(|last| last.len() > header.len())
            });
            glued && java["end"] == ours["end"] && take(java, ours, "file")
        },
    },
    Difference {
        id: "blank cells written anew",
        reason: "Java writes all rows anew, and a cell of blanks, the empty text, becomes no value; ours copies rows.",
        meets: |_, java, ours| {
            java["file"].is_array()
                && without_blanks(&java["file"]) == without_blanks(&ours["file"])
                && take(java, ours, "file")
        },
    },
    Difference {
        id: "column __NAME__",
        reason: "A column of this name holds the name of each object. Java announces the name as optional and never writes \
            the column; ours requires it and writes it.",
        meets: |case, java, ours| {
            if case.scene.name != "column __NAME__" {
                return false;
            }
            let required = |told: &Json| told["end"].to_string().replace("flags: {Required}", "flags: {}");
            if matches!(case.step, Step::Ask(Operation::Schema)) {
                return required(java) == required(ours) && take(java, ours, "end");
            }
            if let Some((_, uid, attributes)) = update(case) {
                // To Java a new name is a new key.
                let renamed = attributes.get(names::NAME).is_some() && java["end"] != ours["end"];
                if renamed || java["file"] == ours["file"] {
                    return renamed && ours["end"] == uid.value() && take_all(java, ours);
                }
            }
            let without = |told: &Json| {
                let mut file = told["file"].clone();
                file.as_array_mut()?.iter_mut().for_each(|row| row[1] = Json::Null);
                Some(file)
            };
            without(java).is_some() && without(java) == without(ours) && take(java, ours, "file")
        },
    },
    Difference {
        id: "batch outcomes",
        reason: "Java ends the answer with the first failure although the other tasks are done, and loses outcomes \
            of which it is sure before the answer is set up; ours tells the outcome of each task.",
        meets: |case, java, ours| {
            let Step::Ask(Operation::Batch { tasks, .. }) = case.step else { return false };
            let outcomes =
                ours["items"].as_array().into_iter().flatten().filter(|item| !item["task"].is_null());
            let all = outcomes.count() == tasks.len();
            let told = |told: &Json| told["items"].as_array().map_or(0, Vec::len);
            let fewer = java["error"].is_object() || told(java) < told(ours);
            // In such a file a later task finds a row that an earlier one has broken.
            let unended = case.scene.name == "last record without end";
            all && fewer && (java["file"] == ours["file"] || unended) && take_all(java, ours)
        },
    },
    Difference {
        id: "password that is no secret",
        reason: "Ours also says which argument it is in.",
        meets: |_, java, ours| {
            let texts = ["Password value must be an instance of GuardedString", "Must be a single value."];
            texts.contains(&message(java))
                && class(ours) == "IllegalArgumentException"
                && message(ours).starts_with("Cannot read ")
                && message(ours).ends_with(": A password must be exactly one GuardedString")
                && take_all(java, ours)
        },
    },
    Difference {
        id: "password without value",
        reason: "To the open framework a password has exactly one value; Ping's releases since 1.5.20.15 allow none, as ours.",
        meets: |case, java, ours| {
            let attributes = created(case).or_else(|| update(case).map(|(_, _, attributes)| attributes));
            let without =
                attributes.and_then(|a| a.get(names::PASSWORD)).is_some_and(|a| a.values().is_empty());
            without && message(java) == "Must be a single value." && take_all(java, ours)
        },
    },
    Difference {
        id: "user name that is empty",
        reason: "Java's connector fails when it makes a Uid of it; to ours it is a user that does not exist, in a file that may \
            have no passwords.",
        meets: |_, java, ours| {
            let known = ["Account  does not exist.", "Password column must be defined and exist in the CSV."];
            message(java) == "Uid value must not be blank!"
                && known.contains(&message(ours))
                && take_all(java, ours)
        },
    },
    Difference {
        id: "configuration checked before use",
        reason: "Java checks only in the operation validate, and not everything, and fails inside wherever it stumbles, or \
            writes rows without a key; ours checks first and says what is wrong.",
        meets: |case, java, ours| {
            let refused = [
                ("reference", "asked for ConfigurationException"),
                ("reference", "The name of the world is missing."),
                ("file a folder", "File path '{folder}' points to a directory."),
                ("null for a text", "Property quoteCharacter is empty; give one character"),
                (
                    "quote is delimiter",
                    "Properties quoteCharacter and fieldDelimiter are the same character; change one of them",
                ),
                ("file null", "CSV file path is not defined"),
                ("no file", "CSV file path is not defined"),
                (
                    "file not there",
                    "File '{folder}/nothing.csv' doesn't exist. A file containing a csv header must exist.",
                ),
                ("delimiter empty", "Property fieldDelimiter is empty; give one character"),
                ("no such key column", "CSV file does not contain required id column"),
                ("no key column", "CSV file does not contain required uid column"),
                (
                    "column twice",
                    "Header contains duplicate columns. Verify the format in the file {folder}/people.csv",
                ),
                (
                    "empty file",
                    "File '{folder}/people.csv' is empty. A file containing a csv header must exist.",
                ),
            ];
            let class = class(ours);
            let known = class == "ConfigurationException"
                || class == "ConnectorException" && case.scene.name == "column twice" && is_test(case);
            known && refused.contains(&(case.scene.name, message(ours))) && take_all(java, ours)
        },
    },
    Difference {
        id: "broken record",
        reason: "Java fails with exceptions of its library, which callers do not know, after it has sent what came before or, \
            in an update or delete, has left only that in the file; ours says which line is wrong and does nothing.",
        meets: |case, java, ours| {
            let broken = ["short row", "long row", "quote never closed", "row without key"];
            broken.contains(&case.scene.name)
                && class(ours) == "ConnectorException"
                && message(ours).starts_with("File {folder}/people.csv: ")
                && message(ours).contains("line 3")
                && take_all(java, ours)
        },
    },
    Difference {
        id: "byte order mark",
        reason: "To Java it is part of the first header; ours knows what it is.",
        meets: |case, java, ours| case.scene.name == "byte order mark" && take_all(java, ours),
    },
];

/// Corrects Java's answer by all that is known; the ids of what was met.
pub(crate) fn explain(case: &Case<'_>, java: &mut Json, ours: &Json) -> Vec<&'static str> {
    all().filter(|known| java != ours && (known.meets)(case, java, ours)).map(|known| known.id).collect()
}
