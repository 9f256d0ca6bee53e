//! What no record may do to the page: break it, blow it up, or bring in something from outside.

use std::collections::BTreeSet;

use sim_metrics::RunRecord;

use crate::extremes::{hostile, maximal, uniform};
use crate::fixture::{broken, failed, interrupted, paced, passed};
use crate::fragment::{page, words};

/// Longest page, in bytes.
const LONGEST: usize = 1_000_000;

fn typical() -> Vec<String> {
    [
        passed(),
        failed(),
        interrupted(),
        broken(),
        paced(),
        RunRecord::default(),
    ]
    .iter()
    .map(page)
    .collect()
}

#[track_caller]
fn check_no_bad_number(page: &str) {
    let words = page.split(|c: char| !c.is_alphanumeric());
    for word in words {
        assert!(
            !["NaN", "inf", "infinity"].contains(&word),
            "the page shows {word}"
        );
    }
}

#[test]
fn nothing_comes_from_elsewhere() {
    let outside = [
        "http://",
        "https://",
        "url(",
        "src=",
        "@import",
        "<script",
        "<link",
        "<iframe",
        "<img",
        "<object",
        "<base",
        "javascript:",
    ];
    for page in typical() {
        for sign in outside {
            assert!(!page.contains(sign), "{sign}");
        }
        let links = page.matches("href=\"").count();
        assert!(links > 10 && links == page.matches("href=\"#").count());
    }
}

#[test]
fn references_within_the_page_lead_somewhere() {
    for page in typical() {
        let after = |sign: &str| -> Vec<String> {
            page.split(sign)
                .skip(1)
                .flat_map(|rest| rest.split('"').next().unwrap_or("").split(' '))
                .map(str::to_owned)
                .collect()
        };
        let ids = after(" id=\"");
        let known: BTreeSet<_> = ids.iter().collect();
        assert_eq!(known.len(), ids.len(), "an ID is given twice");
        for target in after("href=\"#").iter().chain(&after("aria-labelledby=\"")) {
            assert!(known.contains(target), "nothing is called {target}");
        }
    }
}

#[test]
fn elements_are_closed() {
    for page in typical() {
        let elements = [
            "section",
            "div",
            "table",
            "tr",
            "td",
            "ul",
            "ol",
            "li",
            "dl",
            "dt",
            "dd",
            "figure",
            "figcaption",
            "svg",
            "details",
            "p",
            "h2",
            "h3",
            "main",
            "header",
            "nav",
            "footer",
        ];
        for element in elements {
            let opened = page.matches(&format!("<{element}>")).count()
                + page.matches(&format!("<{element} ")).count();
            let closed = page.matches(&format!("</{element}>")).count();
            assert_eq!(opened, closed, "{element}");
        }
    }
}

#[test]
fn every_picture_and_table_is_put_into_words() {
    for page in typical() {
        let pictures = page.matches("role=\"img\"").count();
        // The way of one exchange is no drawing; its words are its label.
        assert_eq!(pictures, page.matches("<title id=").count() + 1);
        assert_eq!(
            page.matches("<table").count(),
            page.matches("<caption>").count()
        );
        assert_eq!(page.matches("<h1>").count(), 1);
    }
}

#[test]
fn the_longest_record_has_a_page_of_bounded_length() {
    let page = page(&maximal());
    assert!(page.len() < LONGEST, "{} bytes", page.len());
    // Something was shown of everything, and what was left out is told.
    for part in [
        "thresholds",
        "answers",
        "services",
        "processes",
        "evidence",
        "audit",
        "time",
    ] {
        assert!(words(&page, part).contains("not shown here"), "{part}");
    }
    assert!(words(&page, "verdict").contains("and 4980 more"));
    assert!(words(&page, "run").contains("its beginning is shown"));
    check_no_bad_number(&page);
}

#[test]
fn text_of_the_record_stays_text() {
    let page = page(&hostile(
        "</title></svg><script>alert(1)</script>\" onload=\"x' & <wbr>",
    ));
    for sign in ["<script", "</script", "</svg><script", "\" onload", "<wbr"] {
        assert!(!page.contains(sign), "{sign}");
    }
    assert!(
        page.matches("&#60;script&#62;").count() > 20,
        "the text is shown"
    );
    assert!(page.contains("&lt;script&gt;"), "also in a picture");
}

#[test]
fn an_empty_record_has_a_page() {
    let page = page(&RunRecord::default());
    assert!(words(&page, "verdict").contains("the record does not say why"));
    check_no_bad_number(&page);
}

#[test]
fn records_without_sense_have_a_page_without_nonsense() {
    let floats = [
        0.0,
        -0.0,
        -1.0,
        1e-300,
        1e300,
        f64::MAX,
        f64::MIN,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ];
    for float in floats {
        for number in [0, 1, 2, 1 << 40, 1 << 58] {
            let page = page(&uniform(float, number));
            check_no_bad_number(&page);
            assert!(
                page.len() < LONGEST,
                "{float} and {number}: {} bytes",
                page.len()
            );
        }
    }
}

#[test]
fn long_loads_are_drawn_with_few_points() {
    let mut record = passed();
    let load = record.load.as_mut().unwrap();
    load.duration_s = 20_000.0;
    load.series = (0..20_000)
        .map(|at_s| crate::parts::second(at_s, 3_000))
        .collect();
    let long = page(&record);
    assert!(long.len() < page(&passed()).len() + 20_000);
    assert!(words(&long, "rate").contains("Means of slices of 2 min 0 s."));
}
