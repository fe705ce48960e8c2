//! What sets a selection apart: what was planted comes first, and where nothing was planted nothing is found.

use error_desk::domain::Filter;
use error_desk::protocol::{Code, DifferencesParams, DifferencesView};
use error_desk::store::MemoryStore;
use futures_executor::block_on;

use crate::code;
use crate::harness::Desk;
use crate::run_sheets::Dice;

fn pick<'a>(dice: &mut Dice, words: &[&'a str]) -> &'a str {
    words[dice.below(words.len())]
}

/// All columns by chance, but for the legal entity of what comes from one source.
fn dump(seed: u64, rows: usize) -> String {
    let mut dice = Dice(seed * 7_919 + 13);
    let mut text = String::from(
        "id,occurred_at,job,entity,data_source,company,category,direction,error_code,message\r\n",
    );
    for row in 0..rows {
        let source = pick(&mut dice, &["Dataverse", "Dataverse", "Finance and operations"]);
        let companies = ["usmf", "USMF", "demf", "frrt", "gbsi", "jpmf", "brmf", "inmf"];
        let company = if source.starts_with('F') && dice.below(4) == 0 {
            "plnt"
        } else {
            pick(&mut dice, &companies)
        };
        text.push_str(&format!(
            "{row:08x}-0000-4000-8000-000000000000,2026-01-{:02}T{:02}:{:02}:00Z,{},{},{source},{company},{},{},{},The update timed out\r\n",
            dice.below(20) + 1,
            dice.below(24),
            dice.below(60),
            pick(&mut dice, &["Sales", "Finance", "Supply"]),
            pick(&mut dice, &["Customers V3", "Vendors V2", "Released products V2", "Sales order headers V2"]),
            pick(&mut dice, &["System", "Application", "Concurrency"]),
            pick(&mut dice, &["to Dataverse", "from Dataverse"]),
            pick(&mut dice, &["0x80040265", "0x80040217", "0x80048306"]),
        ));
    }
    text
}

fn ask(desk: &Desk, filter: Filter) -> DifferencesView {
    desk.differences(DifferencesParams { filter, limit: 20 }).expect("an answer")
}

#[test]
fn what_is_planted_comes_first_and_equal_distributions_are_passed_over_in_silence() {
    block_on(async {
        for seed in 0..20 {
            let desk = Desk::open(&MemoryStore::new()).await;
            desk.import("errors.csv", &dump(seed, 2_000)).await.unwrap();
            let planted = Filter {
                data_sources: vec!["finance and operations".to_owned()],
                ..Filter::default()
            };
            let told = ask(&desk, planted.clone());
            assert_eq!(told.selected, desk.count(planted));
            assert_eq!(told.selected + told.rest, 2_000);
            let first = &told.findings[0];
            assert_eq!(
                (first.field.as_str(), first.value.as_str()),
                ("company", "plnt"),
                "seed {seed}: {told:?}"
            );
            assert!(first.rate > 0.15 && first.rest_rate == 0.0);
            for finding in &told.findings {
                assert_eq!(finding.field, "company", "seed {seed}");
                let filter = finding.filter.clone().expect("a door");
                assert_eq!(desk.count(filter), finding.count, "{finding:?}");
            }
            for category in ["System", "Application", "Concurrency"] {
                let equal = Filter { categories: vec![category.to_owned()], ..Filter::default() };
                let told = ask(&desk, equal);
                assert!(told.findings.is_empty(), "seed {seed}, {category}: {told:?}");
                assert!(told.values > 60);
            }
        }
    });
}

#[test]
fn days_and_hours_are_told_of_and_everything_differs_from_nothing() {
    block_on(async {
        let desk = Desk::open(&MemoryStore::new()).await;
        let mut text = String::from("id,occurred_at,entity,company,category,message\r\n");
        for row in 0..600 {
            // What concerns vendors happened on one day, at one hour.
            let (entity, day, hour) = match row % 6 {
                0 => ("Vendors V2", 7, 3),
                _ => ("Customers V3", row % 5 + 1, row % 24),
            };
            text.push_str(&format!(
                "{row:08x}-0000-4000-8000-000000000000,2026-01-{day:02}T{hour:02}:15:00Z,{entity},usmf,System,The update timed out\r\n",
            ));
        }
        desk.import("errors.csv", &text).await.unwrap();
        let vendors =
            Filter { entities: vec!["VendVendorV2Entity".to_owned()], ..Filter::default() };
        let told = ask(&desk, vendors.clone());
        let day = told.findings.iter().find(|finding| finding.field == "day").unwrap();
        assert_eq!((day.value.as_str(), day.count, day.rest_count), ("2026-01-07", 100, 0));
        assert_eq!(desk.count(day.filter.clone().unwrap()), 100);
        let hour = told.findings.iter().find(|finding| finding.field == "hour").unwrap();
        assert_eq!((hour.value.as_str(), hour.count, &hour.filter), ("03", 100, &None));
        let cause = told.findings.iter().find(|finding| finding.field == "cause").unwrap();
        assert_eq!(cause.title.as_deref(), Some("Vendors V2: The update timed out"));
        assert!(told.findings.iter().all(|one| one.title.is_none() || one.field == "cause"));
        let whole = ask(&desk, Filter::default());
        assert_eq!((whole.selected, whole.rest, whole.findings.len()), (600, 0, 0));
        let narrow = Filter {
            from: day.filter.clone().unwrap().from,
            to: day.filter.clone().unwrap().to,
            ..Filter::default()
        };
        assert!(ask(&desk, narrow).findings.iter().all(|finding| finding.field != "day"));
        let most = DifferencesParams { filter: vendors, limit: 1_001 };
        assert_eq!(code(desk.differences(most)), Code::InvalidArgument);
    });
}
