//! What written times mean, given a clock and a zone.

use chrono::{DateTime, Utc};
use chrono_tz::Tz;
use flightbox_domain::query::{Qualifier, Query, TimeRange, Value};

const NOW: &str = "2026-06-15T12:00:00Z";

fn range(text: &str) -> TimeRange {
    match Query::parse(&format!("created:{text}")).unwrap() {
        Query::Is(Qualifier { any_of, .. }) => match any_of[..] {
            [Value::Time(range)] => range,
            ref other => panic!("{text} is {other:?}"),
        },
        other => panic!("{text} is {other:?}"),
    }
}

/// The resolved range as `from to`, `*` where it is open.
fn resolved(text: &str, zone: Tz) -> String {
    let now: DateTime<Utc> = NOW.parse().unwrap();
    let (from, to) = range(text).resolve(now, zone);
    let show = |end: Option<DateTime<Utc>>| {
        end.map_or("*".to_owned(), |end| end.to_rfc3339_opts(chrono::SecondsFormat::AutoSi, true))
    };
    format!("{} {}", show(from), show(to))
}

fn check(zone: Tz, cases: &[(&str, &str)]) {
    for (text, expected) in cases {
        assert_eq!(resolved(text, zone), *expected, "{text} in {zone}");
    }
}

#[test]
fn a_time_lasts_as_long_as_its_smallest_written_part() {
    check(
        Tz::UTC,
        &[
            ("2026-01-01", "2026-01-01T00:00:00Z 2026-01-02T00:00:00Z"),
            ("2026-01-01T10:30", "2026-01-01T10:30:00Z 2026-01-01T10:31:00Z"),
            ("2026-01-01T10:30:15", "2026-01-01T10:30:15Z 2026-01-01T10:30:16Z"),
            ("2026-01-01T10:30:15.25", "2026-01-01T10:30:15.250Z 2026-01-01T10:30:15.260Z"),
            ("2026-01-01T10:30:15.000000001Z", "2026-01-01T10:30:15.000000001Z 2026-01-01T10:30:15.000000002Z"),
        ],
    );
}

#[test]
fn comparisons_and_ranges_take_days_whole() {
    check(
        Tz::UTC,
        &[
            (">2026-01-01", "2026-01-02T00:00:00Z *"),
            (">=2026-01-01", "2026-01-01T00:00:00Z *"),
            ("<2026-01-01", "* 2026-01-01T00:00:00Z"),
            ("<=2026-01-01", "* 2026-01-02T00:00:00Z"),
            ("2026-01-01..2026-01-31", "2026-01-01T00:00:00Z 2026-02-01T00:00:00Z"),
            ("*..2026-01-31", "* 2026-02-01T00:00:00Z"),
            ("2026-01-31..*", "2026-01-31T00:00:00Z *"),
            ("2026-01-01T10:00..2026-01-01T11:00", "2026-01-01T10:00:00Z 2026-01-01T11:01:00Z"),
        ],
    );
}

#[test]
fn times_ago_count_from_now_in_fixed_lengths() {
    check(
        Tz::America__New_York,
        &[
            ("-24h", "2026-06-14T12:00:00Z *"),
            (">-24h", "2026-06-14T12:00:00Z *"),
            ("<-30m", "* 2026-06-15T11:30:00Z"),
            ("<=-30m", "* 2026-06-15T11:30:00Z"),
            ("-2w..-7d", "2026-06-01T12:00:00Z 2026-06-08T12:00:00Z"),
            ("2026-06-01..-1d", "2026-06-01T04:00:00Z 2026-06-14T12:00:00Z"),
            ("-99999w", "0109-12-09T12:00:00Z *"),
        ],
    );
}

#[test]
fn the_zone_counts_only_where_no_offset_was_written() {
    check(
        Tz::Asia__Kolkata,
        &[
            ("2026-01-01", "2025-12-31T18:30:00Z 2026-01-01T18:30:00Z"),
            ("2026-01-01T00:00:00", "2025-12-31T18:30:00Z 2025-12-31T18:30:01Z"),
            (">=2026-01-01T00:00:00Z", "2026-01-01T00:00:00Z *"),
            (">=2026-01-01T00:00:00-08:00", "2026-01-01T08:00:00Z *"),
        ],
    );
}

#[test]
fn days_with_changing_clocks_have_23_or_25_hours() {
    check(
        Tz::Europe__Berlin,
        &[
            ("2026-03-29", "2026-03-28T23:00:00Z 2026-03-29T22:00:00Z"),
            ("2026-10-25", "2026-10-24T22:00:00Z 2026-10-25T23:00:00Z"),
        ],
    );
}

#[test]
fn a_skipped_time_is_the_instant_of_the_skip() {
    check(
        Tz::Europe__Berlin,
        &[
            (">=2026-03-29T02:30", "2026-03-29T01:00:00Z *"),
            ("<=2026-03-29T02:30", "* 2026-03-29T01:00:00Z"),
            ("2026-03-29T02:30", "2026-03-29T01:00:00Z 2026-03-29T01:00:00Z"),
            ("2026-03-29T01:59", "2026-03-29T00:59:00Z 2026-03-29T01:00:00Z"),
            ("2026-03-29T02:00..2026-03-29T03:00", "2026-03-29T01:00:00Z 2026-03-29T01:01:00Z"),
        ],
    );
    // The clocks go from 23:59 to 01:00, and Samoa went from 29 December straight to the 31st.
    check(Tz::America__Sao_Paulo, &[("2018-11-04", "2018-11-04T03:00:00Z 2018-11-05T02:00:00Z")]);
    check(Tz::Pacific__Apia, &[("2011-12-30", "2011-12-30T10:00:00Z 2011-12-30T10:00:00Z")]);
}

#[test]
fn a_time_that_happens_twice_is_taken_from_the_first_to_the_second() {
    check(
        Tz::Europe__Berlin,
        &[
            ("2026-10-25T02:30", "2026-10-25T00:30:00Z 2026-10-25T01:31:00Z"),
            (">=2026-10-25T02:00", "2026-10-25T00:00:00Z *"),
            ("2026-10-25T01:59", "2026-10-24T23:59:00Z 2026-10-25T00:00:00Z"),
            ("2026-10-25T02:59", "2026-10-25T00:59:00Z 2026-10-25T02:00:00Z"),
            ("2026-10-25T03:00", "2026-10-25T02:00:00Z 2026-10-25T02:01:00Z"),
        ],
    );
}

#[test]
fn an_order_known_only_now_may_leave_a_range_empty() {
    check(Tz::UTC, &[("-24h..2026-01-01", "2026-06-14T12:00:00Z 2026-01-02T00:00:00Z")]);
    // Midnight in Auckland is before noon in UTC the day before, so nothing could be said when it was written.
    check(Tz::Pacific__Auckland, &[("2026-06-15..2026-06-14T12:00:00Z", "2026-06-14T12:00:00Z 2026-06-14T12:00:01Z")]);
}

#[test]
fn only_times_ago_move_with_the_clock() {
    assert!(range("-24h").is_relative() && range("2026-01-01..-1d").is_relative() && range("<-1m").is_relative());
    assert!(!range("2026-01-01").is_relative() && !range(">2026-01-01T00:00:00Z").is_relative());
}
