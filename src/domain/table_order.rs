//! Which tables come first: those that others refer to.
//!
//! Of a job whose dump tells the sequence of its table maps that sequence counts (lower runs first, as in the product).
//! Else the errors tell: a record of table A that fails since a record of table B is missing makes B a parent of A.
//! Deliberately absent: any table the data do not name, and any knowledge of how tables relate in general.
//!
//! Invariant: where the errors tell, no table comes before one that it refers to, unless both refer to each other round a
//! cycle, which is named; the tables of a cycle come together.

use std::collections::{BTreeMap, BTreeSet};

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

/// Records of a table that miss one of another table.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Reference {
    /// The table whose records fail.
    pub child: String,
    /// The table that they refer to.
    pub parent: String,
    /// How many records say so.
    pub records: usize,
}

/// What the order of a job's tables follows from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum OrderBasis {
    /// The sequence of table maps that the dump tells.
    Sequence,
    /// What the errors say is missing.
    References,
    /// Neither says anything: the dump's order.
    Dump,
}

/// The order of the tables of one job.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JobOrder {
    /// What it follows from.
    pub basis: OrderBasis,
    /// Place of each table, from 0; tables of one place do not depend on each other.
    pub places: BTreeMap<String, u32>,
    /// References between the job's tables that the order keeps.
    pub references: Vec<Reference>,
    /// Tables of the job that refer to each other round a cycle.
    pub cycles: Vec<Vec<String>>,
}

/// The order of the tables of all jobs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TableOrder {
    jobs: HashMap<String, JobOrder>,
}

impl TableOrder {
    /// Of the tables of jobs, each with its number in the job's sequence where the dump tells one, and of what errors say
    /// of any tables. References may lead over tables that are in none of the jobs.
    pub fn new<'a>(
        tables: impl IntoIterator<Item = (&'a str, &'a str, Option<u32>)>,
        references: &[Reference],
    ) -> Self {
        let graph = Graph::of(references);
        let mut by_job: BTreeMap<&str, BTreeMap<&str, Option<u32>>> = BTreeMap::new();
        for (job, table, sequence) in tables {
            by_job.entry(job).or_default().insert(table, sequence);
        }
        let order = |(job, tables): (&str, _)| (job.to_owned(), graph.order(&tables, references));
        Self { jobs: by_job.into_iter().map(order).collect() }
    }

    /// The order of a job's tables.
    pub fn job(&self, job: &str) -> Option<&JobOrder> {
        self.jobs.get(job)
    }

    /// The place of a table in its job; 0 for one that is not known.
    pub fn place(&self, job: &str, table: &str) -> u32 {
        self.jobs.get(job).and_then(|order| order.places.get(table)).copied().unwrap_or_default()
    }
}

/// Tables that errors name, condensed: each with its height above those that refer to nothing.
struct Graph {
    heights: BTreeMap<String, u32>,
    cycles: Vec<Vec<String>>,
}

impl Graph {
    fn of(references: &[Reference]) -> Self {
        let mut parents: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
        for Reference { child, parent, .. } in references {
            parents.entry(parent).or_default();
            let of_child = parents.entry(child).or_default();
            // A table may refer to itself; that orders nothing.
            if child != parent {
                of_child.insert(parent);
            }
        }
        let names: Vec<&str> = parents.keys().copied().collect();
        let number: HashMap<&str, usize> =
            names.iter().enumerate().map(|(at, name)| (*name, at)).collect();
        let edges: Vec<Vec<usize>> =
            parents.values().map(|of| of.iter().map(|name| number[name]).collect()).collect();
        let mut heights = vec![0_u32; names.len()];
        let mut cycles = Vec::new();
        let mut group_of = vec![usize::MAX; names.len()];
        // Parents come before the tables that refer to them.
        for (at, group) in rings(&edges).into_iter().enumerate() {
            group.iter().for_each(|table| group_of[*table] = at);
            let of_group = group.iter().flat_map(|table| &edges[*table]);
            let outside = of_group.filter(|parent| group_of[**parent] != at);
            let height = outside.map(|parent| heights[*parent] + 1).max().unwrap_or_default();
            group.iter().for_each(|table| heights[*table] = height);
            if group.len() > 1 {
                let mut cycle: Vec<String> =
                    group.iter().map(|table| names[*table].to_owned()).collect();
                cycle.sort();
                cycles.push(cycle);
            }
        }
        cycles.sort();
        let heights = names.into_iter().map(str::to_owned).zip(heights).collect();
        Self { heights, cycles }
    }

    fn order(&self, tables: &BTreeMap<&str, Option<u32>>, references: &[Reference]) -> JobOrder {
        let height = |table: &str| self.heights.get(table).copied().unwrap_or_default();
        let sequence: Option<Vec<u32>> = tables.values().copied().collect();
        let is_told = |sequence: &Vec<u32>| sequence.iter().any(|number| *number != sequence[0]);
        let sequence = sequence.filter(is_told);
        // Maps of one number run in no order that is told, so there the errors tell.
        let keys: Vec<(u32, u32)> = match &sequence {
            Some(sequence) => tables
                .keys()
                .zip(sequence)
                .map(|(table, number)| (*number, height(table)))
                .collect(),
            None => tables.keys().map(|table| (0, height(table))).collect(),
        };
        let steps: BTreeSet<(u32, u32)> = keys.iter().copied().collect();
        let steps: BTreeMap<(u32, u32), u32> = steps.into_iter().zip(0..).collect();
        let places: BTreeMap<String, u32> = tables
            .keys()
            .zip(&keys)
            .map(|(table, key)| ((*table).to_owned(), steps[key]))
            .collect();
        let has = |table: &String| tables.contains_key(table.as_str());
        let cycles: Vec<Vec<String>> =
            self.cycles.iter().filter(|cycle| cycle.iter().any(has)).cloned().collect();
        let within = |one: &&Reference| {
            let place = |table: &String| places.get(table);
            place(&one.child).zip(place(&one.parent)).is_some_and(|(child, parent)| parent < child)
        };
        let mut kept: Vec<Reference> = references.iter().filter(within).cloned().collect();
        kept.sort_by(|a, b| b.records.cmp(&a.records).then_with(|| a.cmp(b)));
        let basis = match sequence {
            Some(_) => OrderBasis::Sequence,
            None if steps.len() > 1 => OrderBasis::References,
            None => OrderBasis::Dump,
        };
        JobOrder { basis, places, references: kept, cycles }
    }
}

/// Of what refers to each other by number: what refers to each other round a cycle, together; all others alone. Each group
/// comes after those that it refers to. Tarjan's algorithm, without recursion: a dump decides how deep it goes.
pub fn rings(edges: &[Vec<usize>]) -> Vec<Vec<usize>> {
    const NEW: usize = usize::MAX;
    let mut index = vec![NEW; edges.len()];
    let mut low = vec![0; edges.len()];
    let mut is_stacked = vec![false; edges.len()];
    let (mut stack, mut found, mut next) = (Vec::new(), Vec::new(), 0);
    for root in 0..edges.len() {
        if index[root] != NEW {
            continue;
        }
        // A table, and how many of its parents were looked at.
        let mut path = vec![(root, 0)];
        while let Some((table, seen)) = path.pop() {
            if seen == 0 {
                (index[table], low[table]) = (next, next);
                next += 1;
                stack.push(table);
                is_stacked[table] = true;
            } else {
                let parent = edges[table][seen - 1];
                low[table] = low[table].min(low[parent]);
            }
            let mut unseen = seen;
            let deeper = edges[table][seen..].iter().find(|parent| {
                unseen += 1;
                if is_stacked[**parent] {
                    low[table] = low[table].min(index[**parent]);
                }
                index[**parent] == NEW
            });
            if let Some(parent) = deeper {
                path.push((table, unseen));
                path.push((*parent, 0));
            } else if low[table] == index[table] {
                let from = stack.iter().rposition(|other| *other == table).unwrap_or_default();
                let group = stack.split_off(from);
                group.iter().for_each(|other| is_stacked[*other] = false);
                found.push(group);
            }
        }
    }
    found
}

#[cfg(test)]
#[path = "table_order_tests.rs"]
mod tests;
