use proptest::prelude::*;

use super::*;

/// A group of rows: second and whether it is chosen.
fn group(name: &str, rows: &[(i64, bool)]) -> Group {
    let row = |(second, chosen): &(i64, bool)| GroupRow {
        at: Some(second * GRAIN_MILLIS + 7),
        chosen: chosen.then_some(0),
    };
    Group {
        job: "Sales".to_owned(),
        entity: name.to_owned(),
        data_source: String::new(),
        rows: rows.iter().map(row).collect(),
    }
}

/// What every sheet must be, counted row by row.
fn check(groups: &[Group], sheet: &RunSheet, limit: usize) {
    let mut unreached = 0;
    for (at, group) in groups.iter().enumerate() {
        let mut steps: Vec<&Step> = sheet.steps.iter().filter(|step| step.group == at).collect();
        steps.sort_by_key(|step| step.from);
        let is_apart = |pair: &[&Step]| pair[0].to.is_some() && pair[0].to <= pair[1].from;
        assert!(steps.windows(2).all(is_apart), "steps overlap");
        let mut counts = vec![(0, 0); steps.len()];
        for row in &group.rows {
            let after = steps.partition_point(|step| step.from.is_none() || step.from <= row.at);
            let hit = after.checked_sub(1).filter(|place| {
                let step = steps[*place];
                step.from.is_none() || row.at.is_some_and(|time| Some(time) < step.to)
            });
            match hit {
                Some(place) => {
                    counts[place].0 += 1;
                    counts[place].1 += usize::from(row.chosen.is_none());
                }
                None => unreached += usize::from(row.chosen.is_some()),
            }
        }
        for (step, counted) in steps.iter().zip(counts) {
            assert_eq!((step.hits, step.bystanders), counted);
            assert!(step.hits <= limit);
        }
    }
    assert_eq!(unreached, sheet.unreached.iter().map(|(_, count)| count).sum::<usize>());
}

/// Fewest bystanders for each number of steps, by trying every set of intervals over the seconds of one group. A second
/// that cannot be reached at all need not be.
fn brute_force(rows: &[(i64, bool)], limit: usize) -> Vec<Option<usize>> {
    let mut seconds: Vec<(i64, usize, usize)> = Vec::new();
    let mut sorted = rows.to_vec();
    sorted.sort_unstable();
    for (second, chosen) in sorted {
        if seconds.last().is_none_or(|last| last.0 != second) {
            seconds.push((second, 0, 0));
        }
        let last = seconds.last_mut().unwrap();
        if chosen { last.1 += 1 } else { last.2 += 1 }
    }
    let mut best = vec![None; seconds.len() + 1];
    fn go(
        at: usize,
        steps: usize,
        cost: usize,
        limit: usize,
        seconds: &[(i64, usize, usize)],
        best: &mut [Option<usize>],
    ) {
        let Some((_, chosen, others)) = seconds.get(at) else {
            best[steps] = Some(best[steps].map_or(cost, |known: usize| known.min(cost)));
            return;
        };
        if *chosen == 0 || chosen + others > limit {
            go(at + 1, steps, cost, limit, seconds, best);
        }
        let (mut hits, mut more) = (0, 0);
        for (end, (_, chosen, others)) in seconds.iter().enumerate().skip(at) {
            hits += chosen + others;
            more += others;
            if hits <= limit {
                go(end + 1, steps + 1, cost + more, limit, seconds, best);
            }
        }
    }
    go(0, 0, 0, limit, &seconds, &mut best);
    best
}

#[test]
fn what_lies_apart_has_no_bystanders() {
    let rows: Vec<(i64, bool)> = (0..100).map(|at| (at * 60, (20..40).contains(&at))).collect();
    let groups = [group("A", &rows), group("B", &[(1_300, true), (1_300, true)])];
    let sheet = run_sheet(&groups, 10_000, 5, None);
    check(&groups, &sheet, 10_000);
    let told: Vec<_> =
        sheet.steps.iter().map(|step| (step.group, step.hits, step.bystanders)).collect();
    assert_eq!(told, [(0, 20, 0), (1, 2, 0)]);
    assert_eq!((sheet.steps[0].from, sheet.steps[0].to), (Some(1_200_000), Some(2_341_000)));
    assert_eq!(sheet.method, Method::Exact);
}

#[test]
fn one_second_cannot_be_taken_apart() {
    let groups = [group("A", &[(5, true), (5, false), (5, false), (6, false)])];
    let sheet = run_sheet(&groups, 3, 5, None);
    assert_eq!((sheet.steps[0].hits, sheet.steps[0].bystanders), (3, 2));
    let sheet = run_sheet(&groups, 2, 5, None);
    assert!(sheet.steps.is_empty());
    assert_eq!(sheet.unreached, [(Gap::CrowdedSecond, 1)]);
}

#[test]
fn records_without_a_time_are_reached_with_all_of_their_kind_or_not_at_all() {
    let mut whole = group("A", &[(1, true), (9, false)]);
    whole.rows.push(GroupRow { at: None, chosen: Some(3) });
    let groups = [whole];
    let sheet = run_sheet(&groups, 3, 5, None);
    check(&groups, &sheet, 3);
    assert_eq!((sheet.steps[0].from, sheet.steps[0].hits, sheet.steps[0].bystanders), (None, 3, 1));
    let sheet = run_sheet(&groups, 2, 5, None);
    check(&groups, &sheet, 2);
    assert_eq!((sheet.steps.len(), sheet.steps[0].bystanders), (1, 0));
    assert_eq!(sheet.unreached, [(Gap::NoTime, 1)]);
}

#[test]
fn steps_follow_the_parts_of_the_plan_and_come_in_rounds() {
    let parts = |name: &str, first: u32| Group {
        rows: (0..6)
            .map(|at| GroupRow { at: Some(at * 10_000), chosen: Some(first + at as u32 / 3) })
            .collect(),
        ..group(name, &[])
    };
    // The second entity is the parent: its part is the first one.
    let groups = [parts("Orders", 2), parts("Customers", 0)];
    let sheet = run_sheet(&groups, 1, 5, None);
    let names: Vec<_> =
        sheet.steps.iter().map(|step| (groups[step.group].entity.as_str(), step.round)).collect();
    assert_eq!(
        names[..6],
        [
            ("Customers", 1),
            ("Customers", 1),
            ("Customers", 1),
            ("Customers", 1),
            ("Customers", 1),
            ("Customers", 2)
        ]
    );
    assert_eq!(names[6], ("Orders", 2));
    assert!(names.iter().skip(10).all(|(_, round)| *round == 3), "{names:?}");
}

#[test]
fn fewer_steps_are_bought_with_the_fewest_bystanders() {
    // Four islands, with 1, 5 and 2 others between them.
    let mut rows = Vec::new();
    for (island, between) in [(0, 1), (100, 5), (200, 2), (300, 0)] {
        rows.extend([(island, true), (island + 1, true)]);
        rows.extend((0..between).map(|at| (island + 10 + at, false)));
    }
    let groups = [group("A", &rows)];
    for (most, expected) in
        [(None, (4, 0)), (Some(4), (4, 0)), (Some(3), (3, 1)), (Some(2), (2, 3)), (Some(1), (1, 8))]
    {
        let sheet = run_sheet(&groups, 100, 5, most);
        check(&groups, &sheet, 100);
        let bystanders: usize = sheet.steps.iter().map(|step| step.bystanders).sum();
        assert_eq!((sheet.steps.len(), bystanders), expected, "{most:?}");
        assert_eq!(sheet.method, Method::Exact);
    }
}

#[test]
fn large_sheets_keep_every_limit_and_are_no_worse_than_the_shortest() {
    // Chosen seconds with one to three others between them, in numbers that only a price can cope with.
    let mut rows = Vec::new();
    for at in 0..9_000_i64 {
        rows.push((at * 10, true));
        rows.extend((0..at * at % 3 + 1).map(|other| (at * 10 + 1 + other, false)));
    }
    let groups = [group("A", &rows)];
    let cost = |sheet: &RunSheet| sheet.steps.iter().map(|step| step.bystanders).sum::<usize>();
    let shortest = run_sheet(&groups, 40, 5, Some(1));
    check(&groups, &shortest, 40);
    let mut before = cost(&shortest);
    for most in [shortest.steps.len() + 7, 1_200, 3_000, 8_999, 9_000] {
        let sheet = run_sheet(&groups, 40, 5, Some(most));
        check(&groups, &sheet, 40);
        assert!(sheet.steps.len() <= most);
        assert!(cost(&sheet) < before, "{most} steps, {:?}", sheet.method);
        before = cost(&sheet);
    }
    assert_eq!(before, 0);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, ..ProptestConfig::default() })]
    #[test]
    fn no_sheet_is_better(
        rows in prop::collection::vec((0_i64..12, any::<bool>()), 1..14),
        limit in 1_usize..9,
    ) {
        let groups = [group("A", &rows)];
        let best = brute_force(&rows, limit);
        let (steps, bystanders) = best.iter().enumerate()
            .filter_map(|(steps, cost)| Some((steps, (*cost)?)))
            .min_by_key(|(steps, cost)| (*cost, *steps)).unwrap();
        let sheet = run_sheet(&groups, limit, 5, None);
        check(&groups, &sheet, limit);
        let cost = |sheet: &RunSheet| sheet.steps.iter().map(|step| step.bystanders).sum::<usize>();
        prop_assert_eq!((sheet.steps.len(), cost(&sheet)), (steps, bystanders));
        prop_assert_eq!(sheet.method, Method::Exact);
        let fewest = best.iter().position(Option::is_some).unwrap();
        for most in 1..rows.len() + 1 {
            let sheet = run_sheet(&groups, limit, 5, Some(most));
            check(&groups, &sheet, limit);
            prop_assert_eq!(sheet.method, Method::Exact);
            let reach = most.max(fewest);
            let expected = best[..best.len().min(reach + 1)].iter().flatten().min().unwrap();
            prop_assert!(sheet.steps.len() <= reach);
            prop_assert_eq!(cost(&sheet), *expected, "with {} steps", most);
        }
    }

    #[test]
    fn several_groups_share_the_steps_in_the_best_way(
        first in prop::collection::vec((0_i64..9, any::<bool>()), 1..9),
        second in prop::collection::vec((0_i64..9, any::<bool>()), 1..9),
        limit in 3_usize..12,
    ) {
        let groups = [group("A", &first), group("B", &second)];
        let both = [brute_force(&first, limit), brute_force(&second, limit)];
        for most in 1..8 {
            let sheet = run_sheet(&groups, limit, 5, Some(most));
            check(&groups, &sheet, limit);
            let costs = both[0].iter().enumerate().flat_map(|(a, cost)| {
                both[1].iter().enumerate().filter_map(move |(b, other)| Some((a + b, (*cost)? + (*other)?)))
            });
            let costs: Vec<(usize, usize)> = costs.collect();
            let fewest = costs.iter().map(|(steps, _)| *steps).min().unwrap();
            let expected = costs.iter().filter(|(steps, _)| *steps <= most.max(fewest)).map(|(_, cost)| *cost).min();
            let cost = sheet.steps.iter().map(|step| step.bystanders).sum::<usize>();
            prop_assert!(sheet.steps.len() <= most.max(fewest));
            prop_assert_eq!(Some(cost), expected);
        }
    }
}
