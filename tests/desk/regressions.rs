//! Causes before all messages are read, and causes marked as fixed that have newer errors.

use error_desk::domain::Filter;
use error_desk::protocol::{
    AxisWord, Call, CauseParams, CausesParams, MarkFixedParams, SplitCauseParams,
};
use error_desk::store::MemoryStore;
use futures_executor::block_on;

use crate::chunks::import_in_chunks;
use crate::doors::{Row, dump, groups};
use crate::harness::Desk;

#[test]
fn causes_are_told_before_all_messages_are_read() {
    block_on(async {
        let store = MemoryStore::new();
        // Causes change from chunk to chunk, so that most chunks have no first record of the largest ones.
        let rows: Vec<Row> = (0..400_usize)
            .map(|at| {
                let words = ["apples", "pears", "plums", "figs", "dates"][at / 80];
                let message = format!("The {words} were not delivered to the desk");
                (3, "Sites", "usmf", "System", String::new(), message)
            })
            .collect();
        import_in_chunks(&store, "errors.csv", &dump(&rows), 40).await;
        let whole = Desk::open(&store).await;
        let expected = groups(&whole, AxisWord::Cause, &Filter::default(), 5);
        assert_eq!(expected.len(), 5);
        for (limit, chunks) in [(2, 2), (100, 5)] {
            let store = store.reopen();
            let desk = Desk::open_lazily(&store).await.unwrap();
            let params = CausesParams { limit: Some(limit), buckets: 5, ..CausesParams::default() };
            let before = store.segments_read();
            desk.prepare(&Call::Causes(params.clone())).await;
            assert_eq!(store.segments_read() - before, chunks);
            let told = desk.causes(params).unwrap().causes;
            assert_eq!(told, expected[..told.len()]);
        }
        let store = store.reopen();
        let desk = Desk::open_lazily(&store).await.unwrap();
        let params = CauseParams { id: expected[3].id.clone(), ..CauseParams::default() };
        let before = store.segments_read();
        desk.prepare(&Call::Cause(params.clone())).await;
        assert_eq!(store.segments_read() - before, 1);
        assert_eq!(desk.cause(params.clone()), whole.cause(params));
    });
}

#[test]
fn marks_and_regressions_wait_for_the_messages_that_rules_ask_for() {
    block_on(async {
        let store = MemoryStore::new();
        let rows = |days: std::ops::Range<u32>| -> Vec<Row> {
            let row = |day: u32| -> Row {
                let message = format!("The {} was late", ["apple", "pear"][day as usize % 2]);
                (day, "Sites", "usmf", "System", format!("{}-{day}", days.end), message)
            };
            days.clone().map(row).collect()
        };
        let desk = Desk::open(&store).await;
        let named = |text: &str, prefix: &str| text.replace("-0000-4000-", prefix);
        desk.import("a.csv", &dump(&rows(1..9))).await.unwrap();
        let causes = groups(&desk, AxisWord::Cause, &Filter::default(), 0);
        let pears = causes.iter().find(|one| one.template.contains("pear")).expect("a cause");
        let text = Some("pear was late".to_owned());
        desk.split_cause(SplitCauseParams { cause: pears.id.clone(), by: None, text })
            .await
            .unwrap();
        let causes = groups(&desk, AxisWord::Cause, &Filter::default(), 0);
        let split =
            causes.iter().find(|one| one.template.contains("pear")).expect("a cause").clone();
        assert_ne!(split.id, pears.id);
        drop(desk);

        // Marked right after a start: the mark knows the latest of them.
        let desk = Desk::open_lazily(&store.reopen()).await.unwrap();
        let mark = MarkFixedParams { cause_id: split.id.clone(), fixed: true };
        desk.prepare(&Call::MarkFixed(mark)).await;
        desk.mark_fixed(split.id.clone(), true).await.unwrap();
        let older = named(&dump(&rows(3..6)), "-0001-4000-");
        desk.import("b.csv", &older).await.unwrap();
        assert!(desk.regressions().is_empty(), "nothing is newer than the latest of them");
        let newer = named(&dump(&rows(10..13)), "-0002-4000-");
        desk.import("c.csv", &newer).await.unwrap();
        let told = desk.regressions();
        assert_eq!((told.len(), told[0].count), (1, 1));
        drop(desk);
        let desk = Desk::open_lazily(&store.reopen()).await.unwrap();
        desk.prepare(&Call::Regressions).await;
        assert_eq!(desk.regressions(), told);
    });
}

#[test]
fn a_regression_is_what_nobody_knew_when_it_was_marked() {
    block_on(async {
        let busy = "The server was busy".to_owned();
        let row = |day, key: &str| -> Row {
            (day, "Sites", "usmf", "System", key.to_owned(), busy.clone())
        };
        let named = |rows: &[Row], prefix: &str| dump(rows).replace("-0000-4000-", prefix);
        let desk = Desk::open(&MemoryStore::new()).await;
        let old: Row = (20, "Sites", "usmf", "System", "C".to_owned(), "The disk was slow".into());
        desk.import("a.csv", &dump(&[row(5, "A"), row(0, "B"), old])).await.unwrap();
        let causes = groups(&desk, AxisWord::Cause, &Filter::default(), 0);
        let (busy_cause, other) = (causes[0].id.clone(), causes[1].id.clone());
        desk.mark_fixed(busy_cause.clone(), true).await.unwrap();
        // An error of another cause that was known then, and is of this one since: it is not new.
        let merge = error_desk::protocol::MergeCausesParams {
            into: busy_cause.clone(),
            causes: vec![other],
        };
        desk.merge_causes(merge).await.unwrap();
        assert!(desk.regressions().is_empty());
        // A new error without a time is new all the same.
        let undated = named(&[row(0, "D")], "-0001-4000-");
        desk.import("b.csv", &undated).await.unwrap();
        let told = desk.regressions();
        let opened = desk.datasets()[1].imported_at;
        assert_eq!((told.len(), told[0].count, told[0].first_new), (1, 1, opened));
        // One that is later, and one that is not.
        let dated = named(&[row(6, "E"), row(4, "F")], "-0002-4000-");
        desk.import("c.csv", &dated).await.unwrap();
        let told = desk.regressions();
        let rows = desk.rows(told[0].filter.clone(), None, 0, 9).unwrap().rows;
        let keys: Vec<&str> = rows.iter().map(|row| row.record_key.as_str()).collect();
        assert_eq!((told[0].count, keys), (2, vec!["D", "E"]));
        assert_eq!(told[0].first_new.to_string(), "2026-01-06T00:00:00.000Z");
    });
}
