//! The header, the schema, and what cells mean.

use icf::{AttributeFlag, ErrorKind, OperationOptions, ValueType, option_names};

use crate::harness::{Csv, H, attributes, failure, password, text, texts, uids};

#[tokio::test]
async fn csv_c02_the_schema_lists_key_name_password_and_columns() {
    let schema = Csv::oip(H).schema().await.unwrap();
    assert_eq!(schema.object_classes.len(), 1);
    assert!(schema.options.is_empty());
    let class = schema.object_class("__ACCOUNT__").unwrap();
    assert!(!class.container);
    let names: Vec<_> = class.attributes.iter().map(|info| info.name.as_str()).collect();
    assert_eq!(names, ["__UID__", "__NAME__", "firstName", "lastName", "__PASSWORD__"]);
    assert!(class.attributes[1].has(AttributeFlag::Required));
    assert_eq!(class.attributes[4].value_type, ValueType::GuardedString);
    assert_eq!(
        class.attributes[4].flags,
        [AttributeFlag::NotReadable, AttributeFlag::NotReturnedByDefault].into_iter().collect()
    );
    assert!(class.attributes[0].flags.is_empty() && class.attributes[2].flags.is_empty());
    let operations: Vec<_> = schema.classes_by_operation.keys().map(|op| op.wire_name()).collect();
    assert_eq!(operations.len(), 8, "{operations:?}");
}

#[tokio::test]
async fn csv_c03_a_header_needs_the_key_once_and_no_name_twice() {
    let csv = Csv::oip("firstName,lastName\nx,y\n");
    let missing = (ErrorKind::Configuration, "CSV file does not contain required uid column".to_owned());
    assert_eq!(failure(csv.schema().await), missing);
    assert_eq!(failure(csv.test().await), missing);
    assert_eq!(failure(csv.create(texts([("__NAME__", "u")])).await), missing);
    let csv = Csv::oip("a,uid,a\n");
    let (kind, message) = failure(csv.test().await);
    assert_eq!(kind, ErrorKind::Connector);
    assert!(message.starts_with("Header contains duplicate columns"), "{message}");
    assert_eq!(failure(csv.schema().await).0, ErrorKind::Configuration);
    assert_eq!(failure(csv.all().await).0, ErrorKind::Configuration);
}

#[tokio::test]
async fn csv_c04_an_empty_header_is_refused() {
    let csv = Csv::oip("uid,a,\n");
    let expected = format!("Invalid empty header.  Verify the format in the file {}", csv.path().display());
    assert_eq!(failure(csv.schema().await), (ErrorKind::Configuration, expected.clone()));
    assert_eq!(failure(csv.test().await).1, expected);
    assert_eq!(failure(Csv::oip("").schema().await).0, ErrorKind::Configuration);
}

#[tokio::test]
async fn csv_c05_a_byte_order_mark_is_skipped_and_kept() {
    let csv = Csv::oip("\u{FEFF}uid,a\n1,2\n");
    let objects = csv.all().await.unwrap();
    assert_eq!(uids(&objects), ["1"]);
    assert_eq!(text(&objects[0], "a"), Some("2"));
    csv.update("1", texts([("a", "3")])).await.unwrap();
    assert_eq!(csv.text(), "\u{FEFF}uid,a\n1,\"3\"\n");
}

#[tokio::test]
async fn csv_c06_cells_are_trimmed_and_an_empty_one_is_no_value() {
    let objects = Csv::oip(format!("{H}\"michal\", \"miso\",, \"bad=\"\n")).all().await.unwrap();
    assert_eq!(objects.len(), 1);
    assert_eq!((objects[0].uid.value(), objects[0].name.as_str()), ("miso", "miso"));
    assert_eq!(text(&objects[0], "uid"), Some("miso"));
    assert_eq!(text(&objects[0], "firstName"), Some("michal"));
    assert_eq!(text(&objects[0], "lastName"), None);
    assert_eq!(password(&objects[0]).as_deref(), Some("bad="));
}

#[tokio::test]
async fn csv_c07_blanks_are_cut_and_quoted_nothing_depends_on_the_profile() {
    let content = format!("{H}  x , u3 ,\"  y  \",\"\"\n");
    for (csv, expected) in [(Csv::oip(&content), None), (Csv::ping(&content), Some(""))] {
        let objects = csv.all().await.unwrap();
        assert_eq!(uids(&objects), ["u3"]);
        assert_eq!(text(&objects[0], "firstName"), Some("x"));
        assert_eq!(text(&objects[0], "lastName"), Some("y"));
        assert_eq!(password(&objects[0]).as_deref(), expected);
    }
    let blank = Csv::oip("uid,a,b\nu,\" \",  \n").all().await.unwrap();
    assert_eq!((text(&blank[0], "a"), text(&blank[0], "b")), (Some(""), Some("")));
}

#[tokio::test]
async fn csv_c08_a_quote_anywhere_toggles() {
    let objects = Csv::oip("uid,a\nu1,ab\"c\"d\nu2,\"a\"\"b\"\nu5,\"x\"y\n").all().await.unwrap();
    let values: Vec<_> = objects.iter().map(|object| text(object, "a").unwrap()).collect();
    assert_eq!(values, ["abcd", "a\"b", "xy"]);
}

#[tokio::test]
async fn csv_c09_every_line_end_is_understood() {
    let objects = Csv::oip("uid,a\r\nu1,\"l1\r\nl2\"\r\n").all().await.unwrap();
    assert_eq!(text(&objects[0], "a"), Some("l1\nl2"));
    let objects = Csv::oip("uid,a\ru1,x\ru2,y").all().await.unwrap();
    assert_eq!(uids(&objects), ["u1", "u2"]);
}

#[tokio::test]
async fn csv_c10_blank_lines_are_no_rows() {
    let csv = Csv::oip("\n\nuid,a\n\nu1,x\n   \n\nu2,y\n\n");
    let found = csv.search(None, &OperationOptions::default()).await.unwrap();
    assert_eq!(uids(&found.objects), ["u1", "u2"]);
    assert_eq!(found.result.total_paged_results, 2);
    // A line of delimiters is a record even if the delimiter is a blank character.
    let tabs = Csv::oip("uid\ta\nu1\tx\n\t\n").with("fieldDelimiter", "\\t");
    assert_eq!(failure(tabs.all().await).0, ErrorKind::Connector);
}

#[tokio::test]
async fn csv_c11_a_malformed_row_fails_the_search_and_names_its_line() {
    for (rows, expected) in [
        ("a,u1,b,c\na,\"u\n2\",b\n", "the record in line 3 has 3 cells, but the header has 4"),
        ("a,u1,b,c,\n", "the record in line 2 has 5 cells, but the header has 4"),
        ("a,u1,\"b,c\nx\ny\n", "a quote opened in line 2 is not closed by line 5, the end of the file"),
        ("a,u1,b,c\na, ,b,c\n", "the record in line 3 has no key"),
        ("a,,b,c\n", "the record in line 2 has no key"),
    ] {
        let csv = Csv::oip(format!("{H}{rows}"));
        let (kind, message) = failure(csv.all().await);
        assert_eq!(kind, ErrorKind::Connector, "{rows}");
        assert_eq!(message, format!("File {}: {expected}", csv.path().display()));
    }
}

#[tokio::test]
async fn csv_c12_other_quotes_and_delimiters() {
    let csv = Csv::oip("uid|a\n").with("quoteCharacter", "'").with("fieldDelimiter", "|");
    csv.create(texts([("__NAME__", "u2"), ("a", "it's|ok")])).await.unwrap();
    assert_eq!(csv.text(), "uid|a\n'u2'|'it''s|ok'\n");
    assert_eq!(text(&csv.all().await.unwrap()[0], "a"), Some("it's|ok"));
    let csv = Csv::oip("uid;a\nu1;x\n").with("fieldDelimiter", ";;");
    assert_eq!(text(&csv.all().await.unwrap()[0], "a"), Some("x"));
    let csv = Csv::oip("uid§a\n¿u§1¿§x\n").with("fieldDelimiter", "§").with("quoteCharacter", "¿");
    assert_eq!(uids(&csv.all().await.unwrap()), ["u§1"]);
}

#[tokio::test]
async fn csv_c13_blanks_in_headers_are_replaced_by_one_profile() {
    let content = "uid,First Name\nu1,x\n";
    for (csv, name) in [(Csv::ping(content), "First_Name"), (Csv::oip(content), "First Name")] {
        let schema = csv.schema().await.unwrap();
        assert!(schema.object_class("__ACCOUNT__").unwrap().attribute(name).is_some());
        assert_eq!(text(&csv.all().await.unwrap()[0], name), Some("x"));
    }
    let csv = Csv::ping(content);
    csv.update("u1", texts([("First_Name", "y")])).await.unwrap();
    assert_eq!(csv.text(), "uid,First Name\nu1,\"y\"\n");
    csv.update("u1", texts([("First Name", "z")])).await.unwrap();
    assert_eq!(csv.text(), "uid,First Name\nu1,\"z\"\n");
    let csv = Csv::ping("User Id,a\nu1,x\n").with("headerUid", "User_Id");
    assert_eq!(text(&csv.all().await.unwrap()[0], "User_Id"), Some("u1"));
    let clash = Csv::ping("uid,a b,a_b\n");
    assert_eq!(failure(clash.schema().await).0, ErrorKind::Configuration);
}

#[tokio::test]
async fn of_names_that_differ_in_case_only_the_first_column_counts() {
    let csv = Csv::oip("uid,A,a\nu1,x,y\n");
    let objects = csv.all().await.unwrap();
    assert_eq!(objects[0].attributes.len(), 2);
    assert_eq!(text(&objects[0], "a"), Some("x"));
    csv.test().await.unwrap();
    csv.update("u1", texts([("a", "z")])).await.unwrap();
    assert_eq!(csv.text(), "uid,A,a\nu1,\"z\",y\n");
}

#[tokio::test]
async fn a_column_called_name_overrides_the_name() {
    let csv = Csv::oip("uid,__NAME__\nu1,Ann\nu2,\n");
    let objects = csv.all().await.unwrap();
    assert_eq!((objects[0].uid.value(), objects[0].name.as_str()), ("u1", "Ann"));
    assert_eq!(objects[1].name, "u2");
    assert!(objects[0].attribute("__NAME__").is_none());
}

#[tokio::test]
async fn attributes_to_get_are_honoured() {
    let csv = Csv::oip(format!("{H}f,u1,l,p\n"));
    let get = |names: &[&str]| {
        let options = OperationOptions::default().with_attributes_to_get(names.iter().copied());
        let csv = &csv;
        async move {
            let object = csv.search(None, &options).await.unwrap().objects.remove(0);
            object.attributes.iter().map(|a| a.name.as_str().to_owned()).collect::<Vec<_>>()
        }
    };
    assert_eq!(get(&["LASTNAME"]).await, ["lastName"]);
    assert_eq!(get(&["__NAME__", "nothing"]).await, Vec::<String>::new());
    assert_eq!(get(&["uid", "__password__"]).await, ["uid", "__PASSWORD__"]);
    assert_eq!(get(&[]).await.len(), 4);
}

#[tokio::test]
async fn other_encodings_are_read_and_written() {
    let csv = Csv::oip(b"uid,a\nu1,caf\xE9\n").with("encoding", "ISO-8859-1");
    assert_eq!(text(&csv.all().await.unwrap()[0], "a"), Some("café"));
    csv.update("u1", texts([("a", "thé")])).await.unwrap();
    assert_eq!(std::fs::read(csv.path()).unwrap(), b"uid,a\nu1,\"th\xE9\"\n");
    let euro = failure(csv.update("u1", texts([("a", "€")])).await);
    assert_eq!(euro.0, ErrorKind::InvalidAttributeValue);
    let csv = Csv::oip(b"uid,a\nu1,caf\xE9\n");
    assert_eq!(text(&csv.all().await.unwrap()[0], "a"), Some("caf\u{FFFD}"));
}

#[tokio::test]
async fn a_file_whose_header_changed_is_read_anew() {
    let csv = Csv::oip("uid,a\nu1,x\n");
    assert_eq!(text(&csv.all().await.unwrap()[0], "a"), Some("x"));
    csv.set_text("b,uid\ny,u1\n");
    assert_eq!(text(&csv.all().await.unwrap()[0], "b"), Some("y"));
    assert_eq!(text(&csv.get("u1").await.unwrap().unwrap(), "b"), Some("y"));
}

#[tokio::test]
async fn a_get_finds_the_first_row_of_a_key_with_and_without_index() {
    let csv = Csv::oip("uid,a\nu1,x\nu2,y\nu1,z\n");
    for _ in 0..4 {
        let object = csv.get("u1").await.unwrap().unwrap();
        assert_eq!(text(&object, "a"), Some("x"));
        assert!(csv.get("u9").await.unwrap().is_none());
        assert!(csv.get("uid").await.unwrap().is_none(), "the header is no row");
    }
    csv.set_text("uid,a\nu0,w\nu2,y\nu1,z\n");
    for _ in 0..3 {
        assert_eq!(text(&csv.get("u1").await.unwrap().unwrap(), "a"), Some("z"));
    }
}

#[tokio::test]
async fn csv_l01_a_cell_of_nine_mebibytes_is_refused_naming_its_line() {
    let cell = "x".repeat(9 << 20);
    let csv = Csv::oip(format!("uid,a\nu1,short\nu2,{cell}\n"));
    let (kind, message) = failure(csv.all().await);
    assert_eq!(kind, ErrorKind::Connector);
    assert!(message.contains("a cell of the record in line 3 is longer than 8388608 bytes"), "{message}");
    let larger = Csv::oip(csv.text()).with("maximumCellSize", 10 << 20);
    assert_eq!(uids(&larger.all().await.unwrap()), ["u1", "u2"]);
    // What could not be read again is not written either.
    let csv = Csv::oip("uid,a\nu1,short\n");
    let refused = failure(csv.update("u1", attributes([("a", cell.into())])).await);
    assert_eq!(refused.0, ErrorKind::InvalidAttributeValue);
}

#[tokio::test]
async fn an_unclosed_quote_does_not_swallow_a_large_file() {
    let row = "u1,x\n".repeat(4 << 20);
    let csv = Csv::oip(format!("uid,a\nu0,\"y\n{row}"));
    let (kind, message) = failure(csv.all().await);
    assert_eq!(kind, ErrorKind::Connector);
    assert!(message.contains("the record in line 2 is longer than 16777216 bytes"), "{message}");
}

#[tokio::test]
async fn a_search_ends_soon_after_it_is_cancelled() {
    let csv = Csv::oip(format!("uid,a\n{}", "u,x\n".repeat(100_000)));
    let cancelled = crate::harness::cx();
    cancelled.cancellation().cancel();
    let options = OperationOptions::default().with(option_names::PAGE_SIZE, 0);
    let instance = csv.instance().await;
    let mut sink = NoObject;
    let mut objects = icf::ObjectSink::new(&mut sink);
    let class = icf::ObjectClass::ACCOUNT;
    let search = instance.search_op().unwrap();
    let outcome = search.search(&cancelled, &class, None, &options, &mut objects).await;
    assert!(failure(outcome).1.contains("cancelled"));
}

/// Takes at most the rows read before the first look at the cancellation.
struct NoObject;

impl icf::Receive<icf::ConnectorObject> for NoObject {
    fn poll_ready(&mut self, _: &mut std::task::Context<'_>) -> std::task::Poll<icf::Flow> {
        std::task::Poll::Ready(icf::Flow::Continue)
    }

    fn receive(&mut self, _: icf::ConnectorObject) -> icf::Result<icf::Flow> {
        panic!("a cancelled search delivered an object")
    }
}
