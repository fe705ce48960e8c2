//! The layer table, and every source file held against it: who may name whom, where the web may be named, what must not
//! be left in the code, and how long a file may be.

#[path = "layering/source.rs"]
mod source;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use source::{Token, references, tokens};

/// A module and what it may name of the others; itself it always may. The longest matching line decides. An entry names
/// a whole module, or one thing of it.
const LAYERS: &[(&str, &[&str])] = &[
    // Pure: no browser, no I/O.
    ("domain", &[]),
    ("dataset", &["domain"]),
    ("analysis", &["domain"]),
    ("guidance", &["domain"]),
    (
        "import",
        &[
            "domain",
            "guidance",
            "dataset::Glance",
            "dataset::Pushed",
            "dataset::RowInput",
            "dataset::RowSink",
            "dataset::same_text",
            // Parts of a dump travel between threads as segments.
            "dataset::CHUNK_ROWS",
            "dataset::ChunkRef",
            "dataset::PartBuilder",
            "dataset::Sealed",
            "dataset::Session",
        ],
    ),
    ("sample", &["domain", "guidance"]),
    ("protocol", &["domain"]),
    ("export", &["domain", "dataset::Record", "dataset::Source"]),
    (
        "presentation",
        &[
            "domain",
            "protocol",
            "dataset::Record",
            "dataset::Source",
            "import::ImportReport",
            "import::Reject",
            "import::Warning",
        ],
    ),
    // The application and its ports.
    ("workspace::ports", &["domain", "import::ImportReport", "protocol::Event"]),
    ("workspace", &["domain", "analysis", "dataset", "guidance", "import", "export", "protocol"]),
    // Adapters: they know the ports, and never each other.
    ("gateway", &["domain", "workspace::ports"]),
    (
        "store",
        &[
            "domain",
            "workspace::ports",
            "import::ColumnUse",
            "import::ImportReport",
            "import::Reject",
            "import::Warning",
        ],
    ),
    ("platform", &["domain", "workspace::ports", "protocol", "sample::SampleDump"]),
    // The thread: its page end knows words only, its engine end wires everything but the screen.
    ("worker::client", &["protocol", "platform::locks", "platform::task", "worker::wire"]),
    ("worker::wire", &[]),
    (
        "worker",
        &["domain", "import", "sample", "protocol", "workspace", "gateway", "store", "platform"],
    ),
    // The page.
    ("scripting", &["protocol", "worker::Client"]),
    (
        "ui",
        &[
            "domain",
            "protocol",
            "presentation",
            "platform",
            "worker::Client",
            "worker::Subscription",
            "dataset::Page",
            "dataset::Record",
            "import::ImportReport",
            "import::MODEL_LIMIT_BYTES",
            "import::describes_tables",
        ],
    ),
];

/// Modules that may name the web. Everything else compiles and is tested natively.
const WEB: &[&str] = &["platform", "worker", "scripting", "ui", "store::indexed_db"];

/// Crates that are the web.
const WEB_CRATES: &[&str] = &[
    "console_error_panic_hook",
    "gloo_net",
    "gloo_timers",
    "idb",
    "js_sys",
    "leptos",
    "wasm_bindgen",
    "wasm_bindgen_futures",
    "web_sys",
];

/// What the rules must not know: waiting, clocks, chance, threads.
const NOT_IN_DOMAIN: &[&str] = &["async", "await", "Instant", "SystemTime", "random", "thread"];

/// Lines of the longest file.
const LONGEST: usize = 500;

struct SourceFile {
    name: String,
    module: Vec<String>,
    text: String,
}

fn module_of(relative: &Path) -> Vec<String> {
    let mut module: Vec<String> = relative
        .with_extension("")
        .iter()
        .map(|part| part.to_string_lossy().into_owned())
        .collect();
    if module.last().is_some_and(|last| last == "mod") {
        module.pop();
    }
    module
}

fn sources() -> Vec<SourceFile> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut folders = vec![root.clone()];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("src can be listed") {
            let path: PathBuf = entry.expect("src can be listed").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let relative = path.strip_prefix(&root).expect("it is below src");
                let text = fs::read_to_string(&path).expect("a source file is text");
                let name = format!("src/{}", relative.display());
                found.push(SourceFile { name, module: module_of(relative), text });
            }
        }
    }
    found.sort_by(|a, b| a.name.cmp(&b.name));
    found
}

/// Whether `path` is the module or the thing that `entry` names, or lies below it.
fn within(path: &[String], entry: &str) -> bool {
    let mut own = path.iter();
    entry.split("::").all(|part| own.next().is_some_and(|own| own == part))
}

fn layer_of(module: &[String]) -> Option<&'static (&'static str, &'static [&'static str])> {
    LAYERS
        .iter()
        .filter(|(layer, _)| within(module, layer))
        .max_by_key(|(layer, _)| layer.split("::").count())
}

/// The crate's root only says which modules there are and which realm starts what.
fn is_root(module: &[String]) -> bool {
    module == ["lib"] || module == ["page"] || module == ["engine"]
}

/// What is wrong with one file, in words.
fn complaints(file: &SourceFile) -> Vec<String> {
    let mut found = Vec::new();
    let mut say = |what: String| found.push(format!("{}: {what}", file.name));
    let tokens = tokens(&file.text);

    let lines = file.text.lines().count();
    if lines > LONGEST {
        say(format!("{lines} lines; split it, {LONGEST} are the most"));
    }
    for pair in tokens.windows(2) {
        for left_over in ["todo", "unimplemented"] {
            if pair[0].is(left_over) && pair[1] == Token::Sign('!') {
                say(format!("{left_over}! is left in the code"));
            }
        }
    }
    if is_root(&file.module) {
        return found;
    }
    let Some((layer, allowed)) = layer_of(&file.module) else {
        say("the module has no line in the layer table".to_owned());
        return found;
    };
    for reference in references(&file.module, &tokens) {
        let own = within(&reference.to, layer);
        if !own && !allowed.iter().any(|entry| within(&reference.to, entry)) {
            say(format!("{layer} must not name {}", reference.to.join("::")));
        }
    }
    let words: BTreeSet<&str> = tokens
        .iter()
        .filter_map(|token| match token {
            Token::Word(word) => Some(word.as_str()),
            _ => None,
        })
        .collect();
    if !WEB.iter().any(|web| within(&file.module, web)) {
        for web in WEB_CRATES.iter().filter(|web| words.contains(*web)) {
            say(format!("{layer} is pure and names the web crate {web}"));
        }
    }
    if *layer == "domain" {
        for word in NOT_IN_DOMAIN.iter().filter(|word| words.contains(*word)) {
            say(format!("the rules know nothing of `{word}`"));
        }
    }
    found
}

#[test]
fn every_file_keeps_to_the_layer_table() {
    let files = sources();
    assert!(files.iter().any(|file| file.name == "src/domain/queue.rs"), "src was not found");
    let found: Vec<String> = files.iter().flat_map(complaints).collect();
    assert!(found.is_empty(), "\n{}\n", found.join("\n"));
}

/// The table is as strict as is true: what nobody names any more is taken out of it.
#[test]
fn every_entry_of_the_table_is_needed() {
    let files = sources();
    for (layer, allowed) in LAYERS {
        let own: Vec<&SourceFile> = files
            .iter()
            .filter(|file| layer_of(&file.module).is_some_and(|(of_file, _)| of_file == layer))
            .collect();
        assert!(!own.is_empty(), "there is no module {layer}");
        let named: Vec<Vec<String>> = own
            .iter()
            .flat_map(|file| references(&file.module, &tokens(&file.text)))
            .map(|reference| reference.to)
            .collect();
        for entry in *allowed {
            let used = named.iter().any(|path| within(path, entry));
            assert!(used, "{layer} may name {entry} and does not: take it out of the table");
        }
    }
}

/// What is said about a file that would stand at `name` and hold `text`.
fn planted(name: &str, text: &str) -> Vec<String> {
    let module = module_of(Path::new(name.strip_prefix("src/").expect("below src")));
    complaints(&SourceFile { name: name.to_owned(), module, text: text.to_owned() })
}

#[test]
fn a_planted_violation_is_found() {
    for (name, text) in [
        ("src/domain/queue.rs", "use crate::dataset::Record;"),
        ("src/domain/mod.rs", "use super::store;"),
        ("src/domain/plan.rs", "mod tests { use super::super::super::dataset::Record; }"),
        ("src/dataset/filter.rs", "use crate::{domain::Filter, import::Preview};"),
        ("src/import/csv.rs", "use crate::dataset::{RowSink, Table};"),
        ("src/import/csv.rs", "fn f() { crate::workspace::run() }"),
        ("src/workspace/ports.rs", "use crate::dataset::Table;"),
        ("src/workspace/runner.rs", "use crate::store::MemoryStore;"),
        ("src/gateway/rehearsal.rs", "use crate::workspace::{ports::Gateway, Workspace};"),
        ("src/store/memory.rs", "use super::super::gateway::Rehearsal;"),
        ("src/worker/client.rs", "use super::serve::serve;"),
        ("src/worker/serve.rs", "use crate::ui::mount;"),
        ("src/ui/shell.rs", "use crate::workspace::Workspace;"),
        ("src/ui/shell.rs", "use crate::*;"),
        ("src/novelty/mod.rs", ""),
        ("src/dataset/search.rs", "fn f() { web_sys::window(); }"),
        ("src/store/memory.rs", "use wasm_bindgen::prelude::*;"),
        ("src/domain/job.rs", "use std::time::SystemTime;"),
        ("src/domain/job.rs", "async fn f() {}"),
        ("src/ui/shell.rs", "fn f() { todo!() }"),
        ("src/lib.rs", "fn f() { unimplemented!(\"later\") }"),
    ] {
        assert_eq!(planted(name, text).len(), 1, "{name}: {text}: {:?}", planted(name, text));
    }
    assert_eq!(planted("src/ui/long.rs", &"\n".repeat(LONGEST + 1)).len(), 1);
    assert!(planted("src/ui/long.rs", &"\n".repeat(LONGEST)).is_empty());
}

#[test]
fn what_is_allowed_is_not_complained_about() {
    for (name, text) in [
        (
            "src/dataset/filter.rs",
            "use super::table::Table; use crate::domain::{Filter, Sort as S};",
        ),
        ("src/domain/plan.rs", "mod tests { use super::super::queue::RequestQueue; }"),
        (
            "src/domain/plan.rs",
            "// use crate::store::X;\n/* web_sys /* todo!() */ */ const A: &str = \"crate::ui::x\";",
        ),
        (
            "src/domain/plan.rs",
            "const A: &str = r#\"crate::ui::\"x\"#; fn f<'crate_>(c: char) -> bool { c == '\"' }",
        ),
        (
            "src/domain/plan.rs",
            "const A: char = '\\''; const B: &[u8] = b\"crate::ui\"; pub(crate) fn f() {}",
        ),
        ("src/workspace/runner.rs", "use crate::dataset::Table; use super::ports::Store;"),
        ("src/worker/serve.rs", "use crate::store::MemoryStore; use wasm_bindgen::prelude::*;"),
        ("src/store/indexed_db/mod.rs", "use idb::Database; use super::memory::MemoryStore;"),
        ("src/lib.rs", "pub fn start() { ui::mount(); }"),
    ] {
        assert!(planted(name, text).is_empty(), "{name}: {text}: {:?}", planted(name, text));
    }
}
