//! What the index holds of a text.

use flightbox_domain::query::words;

fn split(text: &str) -> Vec<String> {
    words(text).map(Into::into).collect()
}

#[test]
fn words_are_runs_of_letters_and_digits_in_lower_case() {
    assert_eq!(split("Deleted user-42 (by ALICE)!"), ["deleted", "user", "42", "by", "alice"]);
    assert_eq!(split("/Users/42?x=é"), ["users", "42", "x", "é"]);
    assert_eq!(split("ÅNGSTRÖM Ωμέγα"), ["ångström", "ωμέγα"]);
    assert_eq!(split(" \t-- "), [""; 0]);
}

#[test]
fn unspaced_scripts_give_pairs_of_neighbours() {
    assert_eq!(split("审计日志"), ["审计", "计日", "日志"]);
    assert_eq!(split("カタカナ と ひらがな"), ["カタ", "タカ", "カナ", "と", "ひら", "らが", "がな"]);
    assert_eq!(split("감사"), ["감사"]);
    assert_eq!(split("日"), ["日"]);
    assert_eq!(split("𠮷野家"), ["𠮷野", "野家"]);
}

#[test]
fn scripts_side_by_side_part() {
    assert_eq!(split("abc日志42の"), ["abc", "日志", "42", "の"]);
    assert_eq!(split("日。志"), ["日", "志"]);
}

#[test]
fn long_words_are_cut_at_a_character() {
    assert_eq!(split(&"a".repeat(100)), ["a".repeat(64)]);
    assert_eq!(split(&format!("a{}", "é".repeat(50))), [format!("a{}", "é".repeat(31))]);
    assert_eq!(split(&"日".repeat(100)).len(), 99);
}

#[test]
fn what_is_searched_for_is_found_in_what_was_written() {
    let written = split("Alice renamed 审计日志系统 to AUDIT-LOG");
    for searched in ["alice", "audit log", "日志", "AUDIT-log", "审计日志"] {
        let wanted = split(searched);
        assert!(written.windows(wanted.len()).any(|window| window == wanted), "{searched}");
    }
}
