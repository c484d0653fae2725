//! Bots take each other's place, also when that is cut short.

use super::*;

fn id(text: &str) -> BotId {
    BotId::parse(text).unwrap()
}

fn place() -> (TempDir, Place) {
    let dir = tempfile::tempdir().unwrap();
    fs::create_dir(dir.path().join("bots")).unwrap();
    let place = Place::new(dir.path());
    (dir, place)
}

fn staged(place: &Place, mark: &str) -> Staging {
    let staging = place.stage().unwrap();
    fs::write(staging.bot().join("mark"), mark).unwrap();
    staging
}

fn mark(folder: &Path) -> String {
    fs::read_to_string(folder.join("mark")).unwrap()
}

fn trash(place: &Place) -> Vec<String> {
    let mut names: Vec<String> =
        entries(&place.hidden("trash")).into_iter().map(|(name, _)| name).collect();
    names.sort();
    names
}

#[test]
fn a_bot_takes_its_place_and_then_anothers() {
    let (_dir, place) = place();
    let shop = id("shop");
    place.put(&place.lock().unwrap(), &staged(&place, "one"), &shop, Existing::Keep, 1).unwrap();
    let taken = place
        .put(&place.lock().unwrap(), &staged(&place, "two"), &shop, Existing::Keep, 2)
        .unwrap_err();
    assert!(matches!(taken, BotAdminError::Exists { .. }), "{taken}");
    assert_eq!(mark(&place.of(&shop)), "one");
    place.put(&place.lock().unwrap(), &staged(&place, "two"), &shop, Existing::Replace, 3).unwrap();
    assert_eq!(mark(&place.of(&shop)), "two");
    assert_eq!(trash(&place), ["shop++3"]);
    assert_eq!(mark(&place.hidden("trash").join("shop++3")), "one");
    assert!(entries(&place.hidden("staging")).is_empty());
}

#[test]
fn where_nothing_can_be_exchanged_two_steps_do() {
    let (_dir, place) = place();
    let shop = id("shop");
    place.put(&place.lock().unwrap(), &staged(&place, "one"), &shop, Existing::Keep, 1).unwrap();
    let two = staged(&place, "two");
    let old = place.replace_in_two_steps(&two.bot(), &shop).unwrap();
    assert_eq!((mark(&old), mark(&place.of(&shop))), ("one".to_owned(), "two".to_owned()));
    // The new one cannot come: the old one is back.
    let gone = place.hidden("staging/nothing");
    fs::remove_dir_all(&old).unwrap();
    assert!(place.replace_in_two_steps(&gone, &shop).is_err());
    assert_eq!(mark(&place.of(&shop)), "two");
}

#[test]
fn a_crash_leaves_the_old_one_or_the_new_one() {
    let (_dir, place) = place();
    let (shop, other) = (id("shop"), id("other"));
    let write = |folder: PathBuf, mark: &str| {
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("mark"), mark).unwrap();
    };
    // Between the two steps, after them, and while a bot was being unpacked.
    write(place.hidden("old/shop"), "old");
    write(place.hidden("old/other"), "old");
    write(place.of(&other), "new");
    write(place.hidden("staging/x/bot"), "unfinished");
    place.recover(7).unwrap();
    assert_eq!((mark(&place.of(&shop)), mark(&place.of(&other))), ("old".into(), "new".into()));
    assert_eq!(trash(&place), ["other++7"]);
    assert!(entries(&place.hidden("old")).is_empty());
    assert!(entries(&place.hidden("staging")).is_empty());
}

#[test]
fn what_is_in_the_making_now_is_left_alone() {
    let (_dir, place) = place();
    let staging = staged(&place, "mine");
    place.recover(1).unwrap();
    assert_eq!(mark(&staging.bot()), "mine");
    drop(staging);
    assert!(entries(&place.hidden("staging")).is_empty());
}

#[test]
fn the_trash_is_bounded_and_keeps_the_newest() {
    let (_dir, place) = place();
    let shop = id("shop");
    for now in 0..30 {
        place
            .put(
                &place.lock().unwrap(),
                &staged(&place, &now.to_string()),
                &shop,
                Existing::Keep,
                0,
            )
            .unwrap();
        place.take_away(&place.lock().unwrap(), &shop, now / 2).unwrap();
    }
    assert_eq!(trash(&place).len(), MAX_TRASH);
    let newest = trash(&place).into_iter().filter_map(|name| name.split_once("++")?.1.parse().ok());
    assert!(newest.min() > Some(5));
    assert!(!place.is_taken(&shop));
}

#[test]
fn ids_that_differ_in_case_alone_are_taken() {
    let (_dir, place) = place();
    place
        .put(&place.lock().unwrap(), &staged(&place, "one"), &id("shop"), Existing::Keep, 1)
        .unwrap();
    assert!(place.is_taken(&id("Shop")));
    let error = place
        .put(&place.lock().unwrap(), &staged(&place, "two"), &id("SHOP"), Existing::Replace, 2)
        .unwrap_err();
    assert!(error.to_string().contains("\"shop\" already, in other case"), "{error}");
}

#[cfg(unix)]
#[test]
fn of_a_linked_bot_the_link_alone_is_replaced() {
    let (dir, place) = place();
    let elsewhere = dir.path().join("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    fs::write(elsewhere.join("mark"), "theirs").unwrap();
    std::os::unix::fs::symlink(&elsewhere, place.of(&id("shop"))).unwrap();
    place
        .put(&place.lock().unwrap(), &staged(&place, "ours"), &id("shop"), Existing::Replace, 1)
        .unwrap();
    assert_eq!((mark(&elsewhere), mark(&place.of(&id("shop")))), ("theirs".into(), "ours".into()));
}
