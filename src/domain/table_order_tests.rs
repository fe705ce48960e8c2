use proptest::prelude::*;

use super::*;

fn reference(child: &str, parent: &str) -> Reference {
    Reference { child: child.to_owned(), parent: parent.to_owned(), records: 1 }
}

fn order(tables: &[(&str, Option<u32>)], references: &[Reference]) -> JobOrder {
    let tables = tables.iter().map(|(table, sequence)| ("Sales", *table, *sequence));
    TableOrder::new(tables, references).job("Sales").expect("the job").clone()
}

fn places(order: &JobOrder) -> Vec<(&str, u32)> {
    order.places.iter().map(|(table, place)| (table.as_str(), *place)).collect()
}

#[test]
fn groups_come_before_customers_and_customers_before_orders() {
    let references = [reference("Customers", "Customer groups"), reference("Orders", "Customers")];
    let tables =
        [("Orders", None), ("Customers", None), ("Customer groups", None), ("Sites", None)];
    let found = order(&tables, &references);
    assert_eq!(found.basis, OrderBasis::References);
    let expected = [("Customer groups", 0), ("Customers", 1), ("Orders", 2), ("Sites", 0)];
    assert_eq!(places(&found), expected);
    assert_eq!(found.references.len(), 2);
    // Also where the table between them has no record in the plan.
    let found = order(&[("Orders", None), ("Customer groups", None)], &references);
    assert_eq!(places(&found), [("Customer groups", 0), ("Orders", 1)]);
}

#[test]
fn the_sequence_of_the_dump_goes_before_what_errors_say() {
    let references = [reference("A", "B"), reference("C", "D")];
    let tables = [("A", Some(1)), ("B", Some(2)), ("C", Some(3)), ("D", Some(3))];
    let found = order(&tables, &references);
    assert_eq!(found.basis, OrderBasis::Sequence);
    // Among maps of one number the errors tell.
    assert_eq!(places(&found), [("A", 0), ("B", 1), ("C", 3), ("D", 2)]);
    // One that does not tell all of it, or the same of all, tells nothing.
    let some = order(&[("A", Some(1)), ("B", None)], &references);
    assert_eq!((some.basis, places(&some)), (OrderBasis::References, vec![("A", 1), ("B", 0)]));
    let same = order(&[("A", Some(1)), ("B", Some(1))], &references);
    assert_eq!(same.basis, OrderBasis::References);
}

#[test]
fn a_cycle_is_named_and_stays_together() {
    let references = [
        reference("A", "B"),
        reference("B", "A"),
        reference("A", "Base"),
        reference("Top", "B"),
        reference("Own", "Own"),
    ];
    let tables = [("A", None), ("B", None), ("Base", None), ("Top", None), ("Own", None)];
    let found = order(&tables, &references);
    assert_eq!(found.cycles, [["A", "B"]]);
    assert_eq!(places(&found), [("A", 1), ("B", 1), ("Base", 0), ("Own", 0), ("Top", 2)]);
    assert_eq!(order(&[("Base", None)], &references).cycles, Vec::<Vec<String>>::new());
}

#[test]
fn without_any_reference_the_dump_decides() {
    let found = order(&[("A", None), ("B", None)], &[reference("X", "Y")]);
    assert_eq!((found.basis, places(&found)), (OrderBasis::Dump, vec![("A", 0), ("B", 0)]));
    assert_eq!(TableOrder::default().place("Sales", "A"), 0);
}

#[test]
fn a_chain_of_any_length_is_followed() {
    let name = |at: usize| format!("T{at:06}");
    let references: Vec<Reference> =
        (1..100_000).map(|at| reference(&name(at), &name(at - 1))).collect();
    let (first, last) = (name(0), name(99_999));
    let found = order(&[(&first, None), (&last, None)], &references);
    assert_eq!(places(&found), [(first.as_str(), 0), (last.as_str(), 1)]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..Default::default() })]

    #[test]
    fn no_child_comes_before_its_parent(edges in prop::collection::vec((0..9_usize, 0..9_usize), 0..20)) {
        let name = |at: usize| format!("T{at}");
        let references: Vec<Reference> =
            edges.iter().map(|(child, parent)| reference(&name(*child), &name(*parent))).collect();
        let names: Vec<String> = (0..9).map(name).collect();
        let tables: Vec<_> = names.iter().map(|name| (name.as_str(), None)).collect();
        let found = order(&tables, &references);
        // Who can be reached from whom, step by step.
        let mut reach = [[false; 9]; 9];
        edges.iter().for_each(|(child, parent)| reach[*child][*parent] = true);
        for via in 0..9 {
            for from in 0..9 {
                for to in 0..9 {
                    reach[from][to] |= reach[from][via] && reach[via][to];
                }
            }
        }
        for (child, parent) in edges.iter().filter(|(child, parent)| child != parent) {
            let (below, above) = (found.places[&name(*child)], found.places[&name(*parent)]);
            if reach[*parent][*child] {
                prop_assert_eq!(below, above, "a cycle is torn apart");
                let is_in = |cycle: &Vec<String>| cycle.contains(&name(*child)) && cycle.contains(&name(*parent));
                prop_assert!(found.cycles.iter().any(is_in), "a cycle is not named");
            } else {
                prop_assert!(above < below, "T{} before T{}", child, parent);
            }
        }
    }
}
