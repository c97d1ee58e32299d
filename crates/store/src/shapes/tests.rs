use super::*;

const DAY: i64 = 86_400_000;

fn new(shapes: &Shapes) -> Vec<(String, bool)> {
    shapes.change.new.iter().map(|new| (new.key(), new.drift)).collect()
}

#[test]
fn so_many_of_each_kind_are_remembered_and_no_more() {
    let mut shapes = Shapes::default();
    for n in 0..MOST as i64 + 10 {
        shapes.learn("billing", &format!("apay\ndn{n}\ndamount"), n, n);
    }
    shapes.learn("hr", "dsalary", 0, 0);
    assert_eq!(shapes.of_source["billing"].counts, [1, 0, MOST]);
    assert_eq!(shapes.change.new.len(), 1 + MOST + 1);
}

#[test]
fn what_a_source_shows_once_it_is_known_is_drift() {
    let mut shapes = Shapes::default();
    shapes.learn("billing", "apay\ndamount", 0, 0);
    shapes.committed();
    shapes.learn("billing", "apay\ndamount\ndtip", DAY, 1);
    assert_eq!(new(&shapes), [("dtip".to_owned(), false)], "it is still being learned");
    shapes.committed();
    shapes.learn("billing", "arefund\ndamount", 7 * DAY, 2);
    shapes.learn("billing", "arefund\ndamount", 8 * DAY, 3);
    assert_eq!(new(&shapes), [("arefund".to_owned(), true)]);
    shapes.learn("hr", "ahire", 8 * DAY, 4);
    assert_eq!(new(&shapes).last(), Some(&("ahire".to_owned(), false)), "each source learns for itself");
}

#[test]
fn what_was_not_committed_is_new_again() {
    let mut shapes = Shapes::default();
    shapes.learn("billing", "apay", 0, 0);
    shapes.committed();
    for _ in 0..2 {
        shapes.learn("billing", "apay\ncrole", 7 * DAY, 1);
        shapes.learn("hr", "ahire", 7 * DAY, 2);
        assert_eq!(new(&shapes), [("crole".to_owned(), true), ("ahire".to_owned(), false)]);
        shapes.undo();
    }
    assert_eq!((shapes.of_source["billing"].events, shapes.of_source.contains_key("hr")), (1, false));
}
