//! Create, update, delete.

use std::sync::Arc;

use icf::{Attribute, AttributeSet, ErrorKind, Value};

use crate::harness::{Csv, H, attributes, failure, password, secret, text, texts, uids};

fn people() -> Csv {
    Csv::oip(format!("{H}viliam,vilo,repan,p1\n\"michal\", \"miso\",\"laco\" , p2 \nx,y,z,\n"))
}

#[tokio::test]
async fn csv_w01_a_new_row_is_quoted() {
    let csv = Csv::oip(H);
    let password = ("__PASSWORD__", secret("se\"c,r\net"));
    assert_eq!(csv.create(attributes([("__NAME__", "m7".into()), password])).await.unwrap(), "m7");
    assert_eq!(csv.text(), format!("{H},\"m7\",,\"se\"\"c,r\net\"\n"));
}

#[tokio::test]
async fn csv_w02_a_key_is_made_if_none_is_given_and_refused_if_it_exists() {
    let csv = people();
    let made = csv.create(texts([("firstName", "new")])).await.unwrap();
    assert_eq!(made.len(), 36);
    assert_eq!((&made[14..15], made.matches('-').count()), ("4", 4));
    assert!(csv.text().ends_with(&format!("\"new\",\"{made}\",,\n")));
    let taken = failure(csv.create(texts([("__NAME__", "miso")])).await);
    assert_eq!(taken, (ErrorKind::AlreadyExists, "Account miso already exists.".to_owned()));
    assert_eq!(csv.create(texts([("uid", "uid")])).await.unwrap(), "uid", "the header is no account");
    assert_eq!(csv.create(texts([("__NAME__", " n ")])).await.unwrap(), "n");
    let differing = failure(csv.create(texts([("__NAME__", "a"), ("uid", "b")])).await);
    assert_eq!(differing.0, ErrorKind::InvalidAttributeValue);
    let nothing = failure(csv.create(AttributeSet::new()).await);
    assert_eq!(nothing, (ErrorKind::IllegalArgument, "Attributes may not be null or empty.".to_owned()));
}

#[tokio::test]
async fn csv_w03_a_file_without_final_line_end_gets_one_first() {
    let csv = Csv::oip("uid,a\nu1,x");
    csv.create(texts([("__NAME__", "u2"), ("a", "y")])).await.unwrap();
    assert_eq!(csv.text(), "uid,a\nu1,x\n\"u2\",\"y\"\n");
    let csv = Csv::oip("uid,a\r\nu1,x");
    csv.create(texts([("__NAME__", "u2"), ("a", "y")])).await.unwrap();
    assert_eq!(csv.text(), "uid,a\r\nu1,x\r\n\"u2\",\"y\"\n");
    let csv = Csv::oip("uid,a");
    csv.create(texts([("__NAME__", "u2")])).await.unwrap();
    assert_eq!(csv.text(), "uid,a\n\"u2\",\n");
}

#[tokio::test]
async fn csv_w04_values_have_text_forms_and_null_is_an_empty_cell() {
    let csv = Csv::oip(H);
    let create = |value: Value| {
        let mut set = texts([("__NAME__", "u")]);
        set.push(Attribute::single("lastName", value));
        set
    };
    for (value, expected) in
        [(Value::Null, ""), (Value::Integer(7), "\"7\""), (Value::Boolean(true), "\"true\"")]
    {
        csv.set_text(H);
        csv.create(create(value)).await.unwrap();
        assert_eq!(csv.text(), format!("{H},\"u\",{expected},\n"));
    }
    csv.set_text(H);
    let mut null_list = texts([("__NAME__", "u")]);
    null_list.push(Attribute::null("lastName"));
    csv.create(null_list).await.unwrap();
    assert_eq!(csv.text(), format!("{H},\"u\",,\n"));
    csv.set_text(H);
    for unfit in [Value::Bytes(vec![1]), secret("x")] {
        assert_eq!(failure(csv.create(create(unfit)).await).0, ErrorKind::InvalidAttributeValue);
    }
    assert_eq!(csv.text(), H);
}

#[tokio::test]
async fn csv_w05_line_ends_in_values_are_those_of_the_file() {
    let csv = Csv::oip("uid,a\r\n").with("newlineString", "\r\n");
    csv.create(texts([("__NAME__", "u2"), ("a", "y\nz")])).await.unwrap();
    assert_eq!(csv.text(), "uid,a\r\n\"u2\",\"y\r\nz\"\r\n");
    assert_eq!(text(&csv.all().await.unwrap()[0], "a"), Some("y\nz"));
}

#[tokio::test]
async fn csv_w06_only_the_changed_cell_differs() {
    let csv = people();
    let others = "\"michal\", \"miso\",\"laco\" , p2 \nx,y,z,\n";
    csv.update("vilo", texts([("lastName", "new")])).await.unwrap();
    assert_eq!(csv.text(), format!("{H}viliam,vilo,\"new\",p1\n{others}"));
    csv.update("vilo", vec![Attribute::null("lastName")].into()).await.unwrap();
    assert_eq!(csv.text(), format!("{H}viliam,vilo,,p1\n{others}"));
    csv.update("vilo", texts([("lastName", "")])).await.unwrap();
    assert_eq!(csv.text(), format!("{H}viliam,vilo,\"\",p1\n{others}"));
}

#[tokio::test]
async fn csv_w07_a_password_can_be_changed() {
    let csv = people();
    csv.update("miso", attributes([("__PASSWORD__", secret("new"))])).await.unwrap();
    assert_eq!(
        csv.text(),
        format!("{H}viliam,vilo,repan,p1\n\"michal\", \"miso\",\"laco\" ,\"new\"\nx,y,z,\n")
    );
    assert_eq!(csv.authenticate("miso", "new").await.unwrap(), "miso");
    assert_eq!(password(&csv.get("miso").await.unwrap().unwrap()).as_deref(), Some("new"));
}

#[tokio::test]
async fn csv_w08_a_rename_answers_the_new_key_and_makes_no_duplicate() {
    let csv = people();
    assert_eq!(csv.update("vilo", texts([("__NAME__", "troll")])).await.unwrap(), "troll");
    assert!(csv.text().contains("viliam,\"troll\",repan,p1\n"));
    let taken = failure(csv.update("troll", texts([("uid", "miso")])).await);
    assert_eq!(taken, (ErrorKind::AlreadyExists, "Account miso already exists.".to_owned()));
    for _ in 0..3 {
        assert!(csv.get("vilo").await.unwrap().is_none());
        assert!(csv.get("troll").await.unwrap().is_some());
    }
    assert_eq!(csv.update("troll", texts([("__NAME__", "troll")])).await.unwrap(), "troll");
    let before = csv.text();
    for cleared in [Attribute::null("__NAME__"), Attribute::single("uid", " ")] {
        let refused = failure(csv.update("troll", vec![cleared].into()).await);
        assert_eq!(refused.0, ErrorKind::InvalidAttributeValue);
    }
    assert_eq!(csv.text(), before);
}

#[tokio::test]
async fn csv_w09_unknown_keys_are_errors_and_unknown_attributes_are_not() {
    let csv = people();
    let before = csv.text();
    let unknown = failure(csv.update("nobody", texts([("lastName", "x")])).await);
    assert_eq!(unknown, (ErrorKind::UnknownUid, "Uid nobody does not exist".to_owned()));
    assert_eq!(csv.update("vilo", texts([("shoeSize", "x"), ("__ENABLE__", "x")])).await.unwrap(), "vilo");
    assert_eq!(csv.update("vilo", AttributeSet::new()).await.unwrap(), "vilo");
    assert_eq!(failure(csv.update("uid", texts([("lastName", "x")])).await).0, ErrorKind::UnknownUid);
    assert_eq!(csv.text(), before);
    csv.update("vilo", texts([("LASTNAME", "x")])).await.unwrap();
    assert!(csv.text().contains("viliam,vilo,\"x\",p1\n"));
}

#[tokio::test]
async fn csv_w10_adding_replaces_and_removing_clears() {
    let csv = people();
    csv.add("vilo", texts([("lastName", "ADD")])).await.unwrap();
    assert!(csv.text().contains("viliam,vilo,\"ADD\",p1\n"));
    csv.remove("vilo", texts([("lastName", "OTHER")])).await.unwrap();
    assert!(csv.text().contains("viliam,vilo,,p1\n"));
    assert_eq!(
        failure(csv.remove("vilo", texts([("uid", "vilo")])).await).0,
        ErrorKind::InvalidAttributeValue
    );
}

#[tokio::test]
async fn csv_w11_a_malformed_row_anywhere_leaves_the_file_as_it_is() {
    for bad in ["a,u8,b\n", "a,u8,\"b,c\n", ",,,\n"] {
        let csv = people();
        let content = format!("{}{bad}more,u9,x,y\n", csv.text());
        csv.set_text(&content);
        let refused = [
            failure(csv.update("vilo", texts([("lastName", "x")])).await),
            failure(csv.delete("vilo").await),
            failure(csv.create(texts([("__NAME__", "u7")])).await),
        ];
        for (kind, message) in refused {
            assert_eq!(kind, ErrorKind::Connector);
            assert!(message.contains("line 5"), "{message}");
        }
        assert_eq!(csv.text(), content);
        assert_eq!(csv.files(), ["t.csv"]);
    }
}

#[tokio::test]
async fn csv_w12_all_rows_of_a_key_go_and_the_header_never() {
    let csv = Csv::oip("uid,a\nu1,x\nu2,y\nu1,z\n");
    csv.delete("u1").await.unwrap();
    assert_eq!(csv.text(), "uid,a\nu2,y\n");
    let gone = failure(csv.delete("u1").await);
    let expected = "Object for uid Attribute: {Name=__UID__, Value=[u1]} does not exist";
    assert_eq!(gone, (ErrorKind::UnknownUid, expected.to_owned()));
    assert_eq!(failure(csv.delete("uid").await).0, ErrorKind::UnknownUid);
    csv.delete("u2").await.unwrap();
    assert_eq!(csv.text(), "uid,a\n");
}

#[tokio::test]
async fn all_rows_of_a_key_change() {
    let csv = Csv::oip("uid,a\nu1,x\nu2,y\nu1,z");
    csv.update("u1", texts([("a", "n"), ("__NAME__", "u3")])).await.unwrap();
    assert_eq!(csv.text(), "uid,a\n\"u3\",\"n\"\nu2,y\n\"u3\",\"n\"");
    csv.delete("u3").await.unwrap();
    assert_eq!(csv.text(), "uid,a\nu2,y\n");
}

#[cfg(unix)]
#[tokio::test]
async fn csv_w13_links_and_modes_are_kept() {
    use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
    for mode in [0o600, 0o664] {
        let csv = people();
        let target = csv.directory.path().join("real.csv");
        std::fs::rename(csv.path(), &target).unwrap();
        std::fs::set_permissions(&target, std::fs::Permissions::from_mode(mode)).unwrap();
        symlink("real.csv", csv.path()).unwrap();
        let inode = target.metadata().unwrap().ino();
        csv.update("vilo", texts([("lastName", "new")])).await.unwrap();
        csv.create(texts([("__NAME__", "u9")])).await.unwrap();
        assert!(csv.path().symlink_metadata().unwrap().is_symlink());
        let changed = target.metadata().unwrap();
        assert_eq!(changed.mode() & 0o777, mode);
        assert_ne!(changed.ino(), inode, "the file was replaced, not written in place");
        assert!(csv.text().contains("\"new\"") && csv.text().contains("u9"));
        assert_eq!(csv.files(), ["real.csv", "t.csv"]);
    }
}

#[tokio::test]
async fn csv_w14_bytes_that_cannot_be_decoded_survive() {
    let csv = Csv::oip(b"uid,a,b\nu1,caf\xE9,x\nu2,y,\xFF\n");
    csv.update("u2", texts([("a", "z")])).await.unwrap();
    assert_eq!(std::fs::read(csv.path()).unwrap(), b"uid,a,b\nu1,caf\xE9,x\nu2,\"z\",\xFF\n");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn csv_w15_of_parallel_creates_of_one_key_one_succeeds() {
    let csv = Arc::new(people());
    let creates: Vec<_> = (0..100)
        .map(|_| {
            let csv = Arc::clone(&csv);
            tokio::spawn(async move { csv.create(texts([("__NAME__", "same")])).await })
        })
        .collect();
    let mut created = 0;
    for create in creates {
        match create.await.unwrap() {
            Ok(uid) => {
                assert_eq!(uid, "same");
                created += 1;
            }
            Err(error) => assert_eq!(error.kind(), &ErrorKind::AlreadyExists),
        }
    }
    assert_eq!(created, 1);
    assert_eq!(csv.text().matches("same").count(), 1);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn parallel_writes_are_all_in_the_file() {
    let rows: String = (0..200).map(|row| format!("u{row},x\n")).collect();
    let csv = Arc::new(Csv::oip(format!("uid,a\n{rows}")));
    let writes: Vec<_> = (0..200)
        .map(|row| {
            let csv = Arc::clone(&csv);
            tokio::spawn(async move {
                match row % 3 {
                    0 => csv.update(&format!("u{row}"), texts([("a", "changed")])).await.map(drop),
                    1 => csv.delete(&format!("u{row}")).await,
                    _ => csv.create(texts([("__NAME__", &format!("n{row}"))])).await.map(drop),
                }
            })
        })
        .collect();
    for write in writes {
        write.await.unwrap().unwrap();
    }
    let objects = csv.all().await.unwrap();
    assert_eq!(objects.len(), 199);
    assert_eq!(objects.iter().filter(|object| text(object, "a") == Some("changed")).count(), 67);
    for object in &objects {
        let found = csv.get(object.uid.value()).await.unwrap().unwrap();
        assert_eq!(&found, object, "the index leads to the row");
    }
}

#[tokio::test]
async fn the_index_follows_the_writes() {
    let rows: String = (0..50).map(|row| format!("u{row},x{row}\n")).collect();
    let csv = Csv::oip(format!("uid,a\n{rows}"));
    for _ in 0..3 {
        csv.get("u1").await.unwrap();
    }
    for row in 0..50 {
        match row % 4 {
            0 => drop(csv.update(&format!("u{row}"), texts([("a", "a longer value")])).await.unwrap()),
            1 => csv.delete(&format!("u{row}")).await.unwrap(),
            2 => {
                drop(csv.update(&format!("u{row}"), texts([("__NAME__", &format!("r{row}"))])).await.unwrap())
            }
            _ => drop(csv.create(texts([("__NAME__", &format!("n{row}"))])).await.unwrap()),
        }
        let objects = csv.all().await.unwrap();
        for object in &objects {
            assert_eq!(csv.get(object.uid.value()).await.unwrap().as_ref(), Some(object));
        }
        assert!(csv.get(&format!("gone{row}")).await.unwrap().is_none());
    }
    assert_eq!(csv.all().await.unwrap().len(), 49);
}

#[tokio::test]
async fn remains_of_an_unfinished_append_are_cut_off_by_the_next_write() {
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(60);
    for remains in ["\"u3", "\"u3\",\"a\"\"b", "\"u3\",\"a\nb"] {
        for delete in [false, true] {
            let csv = Csv::oip(format!("uid,a,b\nu1,x,y\nu2,x,y\n{remains}"));
            std::fs::File::options().append(true).open(csv.path()).unwrap().set_modified(old).unwrap();
            assert_eq!(failure(csv.all().await).0, ErrorKind::Connector, "reading fails until then");
            if delete {
                csv.delete("u1").await.unwrap();
                assert_eq!(csv.text(), "uid,a,b\nu2,x,y\n");
            } else {
                csv.create(texts([("__NAME__", "u3")])).await.unwrap();
                assert_eq!(csv.text(), "uid,a,b\nu1,x,y\nu2,x,y\n\"u3\",,\n");
            }
        }
    }
    let foreign = Csv::oip("uid,a,b\nu1,x,y\nu2,x");
    std::fs::File::options().append(true).open(foreign.path()).unwrap().set_modified(old).unwrap();
    assert_eq!(failure(foreign.delete("u1").await).0, ErrorKind::Connector);
    let fresh = Csv::oip("uid,a,b\nu1,x,y\n\"u2");
    assert_eq!(
        failure(fresh.delete("u1").await).0,
        ErrorKind::Retryable,
        "it may be another program's write"
    );
}

#[tokio::test]
async fn a_column_that_holds_the_name_is_written_as_one() {
    let csv = Csv::oip("uid,__NAME__\nu1,Ann\n");
    assert_eq!(csv.update("u1", texts([("__NAME__", "Bob")])).await.unwrap(), "u1");
    assert_eq!(csv.update("u1", texts([("uid", "u2")])).await.unwrap(), "u2");
    assert_eq!(csv.create(texts([("__NAME__", "Eve"), ("uid", "u3")])).await.unwrap(), "u3");
    assert_eq!(csv.text(), "uid,__NAME__\n\"u2\",\"Bob\"\n\"u3\",\"Eve\"\n");
    assert_eq!(uids(&csv.all().await.unwrap()), ["u2", "u3"]);
}

#[tokio::test]
async fn only_the_first_of_several_values_is_stored() {
    let csv = Csv::oip("uid,a\n");
    let several = Attribute::new("a", vec!["x".into(), "y".into()]);
    csv.create(vec![Attribute::single("__NAME__", "u1"), several].into()).await.unwrap();
    assert_eq!(csv.text(), "uid,a\n\"u1\",\"x\"\n");
}

#[cfg(unix)]
#[tokio::test]
async fn a_file_that_vanished_is_an_input_output_error() {
    let csv = people();
    std::fs::remove_file(csv.path()).unwrap();
    let expected = (ErrorKind::ConnectorIo, format!("File {} does not exist", csv.path().display()));
    assert_eq!(failure(csv.all().await), expected);
    assert_eq!(failure(csv.delete("vilo").await), expected);
    assert_eq!(failure(csv.get("vilo").await), expected);
}
