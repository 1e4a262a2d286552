//! Authentication, user names, object classes, the test operation.

use icf::{ErrorKind, ObjectClass, OperationOptions, Uid};

use crate::harness::{Csv, H, cx, failure, names_in, texts};

fn people() -> Csv {
    Csv::oip(format!("{H}viliam,vilo,repan,p1\nx,empty,z,\nx,quoted,z,\"\"\n"))
}

fn wrong() -> (ErrorKind, String) {
    (ErrorKind::InvalidPassword, "Invalid username and/or password.".to_owned())
}

fn unknown(name: &str) -> (ErrorKind, String) {
    (ErrorKind::InvalidCredential, format!("Account {name} does not exist."))
}

#[tokio::test]
async fn csv_a01_passwords_are_compared() {
    let csv = people();
    for _ in 0..3 {
        assert_eq!(csv.authenticate("vilo", "p1").await.unwrap(), "vilo");
        assert_eq!(failure(csv.authenticate("vilo", "p2").await), wrong());
        assert_eq!(failure(csv.authenticate("vilo", "p11").await), wrong());
        assert_eq!(failure(csv.authenticate("vilo", " p1").await), wrong());
        assert_eq!(failure(csv.authenticate("Vilo", "p1").await), unknown("Vilo"));
    }
    assert_eq!(csv.resolve("vilo").await.unwrap(), "vilo");
    assert_eq!(failure(csv.resolve("nobody").await), unknown("nobody"));
}

#[tokio::test]
async fn csv_a02_the_header_is_no_account() {
    let csv = people();
    assert_eq!(failure(csv.authenticate("uid", "password").await), unknown("uid"));
    assert_eq!(failure(csv.resolve("uid").await), unknown("uid"));
}

#[tokio::test]
async fn csv_a03_nothing_is_no_password_and_the_column_must_exist() {
    for csv in [people(), people().with("quotedEmptyAsNull", false)] {
        assert_eq!(failure(csv.authenticate("empty", "").await), wrong());
        assert_eq!(failure(csv.authenticate("quoted", "").await), wrong());
        assert_eq!(failure(csv.authenticate("vilo", "").await), wrong());
    }
    let csv = people().with("headerPassword", "doesnotexist");
    let expected = "Password column must be defined and exist in the CSV.".to_owned();
    assert_eq!(failure(csv.authenticate("vilo", "p1").await), (ErrorKind::Configuration, expected));
}

#[tokio::test]
async fn csv_a04_only_accounts_exist() {
    let csv = people();
    let instance = csv.instance().await;
    let (group, all) = (ObjectClass::GROUP, ObjectClass::ALL);
    let (uid, options, cx) = (Uid::try_new("vilo").unwrap(), OperationOptions::default(), cx());
    let refused = |class: &str| {
        let text = format!("Operation requires ObjectClass __ACCOUNT__, received ObjectClass: {class}");
        (ErrorKind::IllegalArgument, text)
    };
    let delete = instance.delete_op().unwrap();
    assert_eq!(failure(delete.delete(&cx, &group, &uid, &options).await), refused("__GROUP__"));
    let create = instance.create_op().unwrap();
    assert_eq!(
        failure(create.create(&cx, &group, texts([("a", "b")]), &options).await),
        refused("__GROUP__")
    );
    let update = instance.update_op().unwrap();
    assert_eq!(
        failure(update.update(&cx, &group, &uid, texts([("a", "b")]), &options).await),
        refused("__GROUP__")
    );
    let resolve = instance.resolve_username_op().unwrap();
    assert_eq!(failure(resolve.resolve_username(&cx, &group, "vilo", &options).await), refused("__GROUP__"));
    let get = instance.search_op().unwrap();
    assert_eq!(failure(get.get(&cx, &group, &uid, &options).await), refused("__GROUP__"));
    let sync = instance.sync_op().unwrap();
    assert_eq!(failure(sync.latest_sync_token(&cx, &all).await), refused("__ALL__"));
    let account = ObjectClass::from("__account__");
    assert!(get.get(&cx, &account, &uid, &options).await.is_ok(), "class names know no case");
}

#[tokio::test]
async fn the_test_clears_away_old_temporary_files_only() {
    let csv = people();
    let directory = csv.directory.path();
    let old = std::time::SystemTime::now() - std::time::Duration::from_secs(2 * 60 * 60);
    for name in [".t.csv.aB3dE6.tmp", ".t.csv.x.tmp", ".other.csv.aB3dE6.tmp", "t.csv.aB3dE6.tmp"] {
        std::fs::write(directory.join(name), "x").unwrap();
        std::fs::File::options().append(true).open(directory.join(name)).unwrap().set_modified(old).unwrap();
    }
    std::fs::write(directory.join(".t.csv.fresh1.tmp"), "x").unwrap();
    csv.test().await.unwrap();
    assert_eq!(
        names_in(directory),
        [".other.csv.aB3dE6.tmp", ".t.csv.fresh1.tmp", ".t.csv.x.tmp", "t.csv", "t.csv.aB3dE6.tmp"]
    );
}
