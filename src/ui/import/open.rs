//! Opening files and loading samples. One import is at work at a time; further files wait.

use leptos::html;
use leptos::prelude::*;
use web_sys::{DragEvent, File};

use crate::import::{ImportReport, MODEL_LIMIT_BYTES, describes_tables};
use crate::platform::files::{begins_with, head_of};
use crate::platform::{file_transfer as files, preferences, storage, task::detach};
use crate::presentation::answers::remembered_words;
use crate::presentation::bundle_words::report_words;
use crate::presentation::numbers;
use crate::presentation::questions::{Question, source_of};
use crate::protocol::{
    BUNDLE_BEGINS, BundleReport, Call, Code, ImportParams, Problem, SampleParams, UrlParams,
};
use crate::ui::import::remembered::{keep, kept};
use crate::ui::session::{Dump, ImportStage, Session, session};
use crate::ui::widgets::icon::{Glyph, Icon};

/// The seed of samples: the same sample every time, so that what is seen can be talked about.
const SAMPLE_SEED: u64 = 1;
/// The sizes that are offered.
pub(in crate::ui) const SAMPLE_ROWS: [u32; 4] = [1_000, 10_000, 100_000, 1_000_000];
/// The size that one press loads.
pub(in crate::ui) const SAMPLE_DEFAULT: u32 = 10_000;
/// Bytes of a file that tell whether it describes tables.
const MODEL_HEAD_BYTES: u32 = 64 << 10;
/// Id of the hidden field that opens the browser's file dialog.
const INPUT: &str = "file-input";

impl Session {
    /// Imports files, one after the other. A `model.json` among them describes the others and is no dump itself.
    pub(in crate::ui) fn open_files(self, chosen: Vec<File>) {
        detach(async move {
            let (mut models, mut dumps) = (Vec::new(), Vec::new());
            for file in chosen {
                let head = head_of(&file, MODEL_HEAD_BYTES).await;
                match describes_tables(&head) {
                    true => models.push(file),
                    false => dumps.push(file),
                }
            }
            let model = models.pop();
            if let (Some(model), false) = (&model, models.is_empty()) {
                self.warn(
                    format!("Of several descriptions of tables only the last counts: {}", model.name()),
                    "Open the files of each folder together with the model.json of that folder, or a ZIP file of all",
                );
            }
            let described = match &model {
                Some(model) => self.description_in(model).await,
                None => None,
            };
            // Alone it is told what it is.
            dumps.extend(model.filter(|_| dumps.is_empty()));
            let dumps = dumps.into_iter().map(|file| Dump::File(file, described.clone()));
            self.waiting_files.update(|waiting| waiting.extend(dumps));
            self.next_file();
        });
    }

    /// The text of a `model.json`; or says why it is not read.
    async fn description_in(self, model: &File) -> Option<String> {
        let name = model.name();
        if model.size() > MODEL_LIMIT_BYTES as f64 {
            let limit = numbers::bytes(MODEL_LIMIT_BYTES as u64);
            self.warn(
                format!("{name} was not read: descriptions of tables are read up to {limit}"),
                "Open the files together with a model.json that describes their tables alone",
            );
            return None;
        }
        let text = files::text_of(model).await.ok();
        if text.is_none() {
            self.warn(
                format!("{name} could not be read"),
                "Check that it is still there and not open elsewhere, then open it again together with the files that it describes",
            );
        }
        text
    }

    /// Imports what is at an address; or says why this page may not ask there.
    pub(in crate::ui) fn open_address(self, text: &str) -> Result<(), Problem> {
        let params = UrlParams { url: text.to_owned(), ..UrlParams::default() };
        let UrlParams { url, options } = self.checked_address(params)?;
        let dump = Dump::Address { url, name: options.name };
        self.waiting_files.update(|waiting| waiting.push(dump));
        self.next_file();
        Ok(())
    }

    fn next_file(self) {
        if self.import.with_untracked(|stage| *stage != ImportStage::Idle) {
            return;
        }
        let next = self
            .waiting_files
            .try_update(|waiting| (!waiting.is_empty()).then(|| waiting.remove(0)));
        let Some(Some(dump)) = next else { return };
        let name = dump.name();
        self.import.set(ImportStage::Running { name: name.clone(), progress: None });
        detach(async move {
            match dump {
                Dump::File(file, _) if begins_with(&file, BUNDLE_BEGINS.as_bytes()).await => {
                    self.take_over(file).await;
                    self.next_file();
                }
                Dump::File(file, model) => {
                    let params =
                        ImportParams { name, model: model.clone(), ..ImportParams::default() };
                    self.import_dump(Dump::File(file, model), params);
                }
                address @ Dump::Address { .. } => {
                    self.import_dump(address, ImportParams { name, ..ImportParams::default() });
                }
            }
        });
    }

    /// Takes a hand-over bundle, all of it or nothing.
    async fn take_over(self, file: File) {
        let answer: Result<BundleReport, Problem> =
            self.ask_with_file(Call::ImportBundle, &file).await;
        match answer {
            Ok(report) => {
                self.import.set(ImportStage::Idle);
                self.succeed(report_words(&file.name(), &report));
                self.load_everything();
                self.ask_to_keep();
            }
            Err(problem) => self.abandon_import(&file.name(), &problem),
        }
    }

    /// Imports a dump under the given options, and answers by what was answered for files with the same columns.
    fn import_dump(self, dump: Dump, mut params: ImportParams) {
        let name = params.name.clone();
        let running = ImportStage::Running { name: name.clone(), progress: None };
        self.import.set(running);
        detach(async move {
            let mut is_remembered = false;
            loop {
                let options = params.clone();
                let answer: Result<ImportReport, Problem> = match &dump {
                    Dump::File(file, _) => {
                        self.ask_with_file(Call::ImportFile(options), file).await
                    }
                    Dump::Address { url, .. } => {
                        let url = url.clone();
                        self.ask(Call::ImportUrl(UrlParams { url, options })).await
                    }
                };
                let problem = match answer {
                    Ok(report) => {
                        self.finish_import(report);
                        if is_remembered {
                            self.succeed(remembered_words(&params));
                        }
                        self.ask_to_keep();
                        break;
                    }
                    Err(problem) => problem,
                };
                let Some(question) = Question::of(&problem) else {
                    self.abandon_import(&name, &problem);
                    break;
                };
                let source = source_of(&problem);
                let known =
                    source.as_ref().and_then(|source| kept().answered(source, &question, &params));
                let Some(known) = known else {
                    let message = problem.message;
                    let asking = ImportStage::Asking { dump, params, question, message, source };
                    self.import.set(asking);
                    return;
                };
                params = known;
                is_remembered = true;
            }
            self.next_file();
        });
    }

    /// Goes on with a file whose question was answered, and remembers the answer for files with the same columns.
    pub(in crate::ui) fn answer(self, params: ImportParams) {
        let ImportStage::Asking { dump, source, .. } = self.import.get_untracked() else { return };
        if let Some(source) = source {
            let mut answers = kept();
            answers.remember(&source, &params);
            keep(&answers);
        }
        self.import_dump(dump, params);
    }

    /// Loads a generated dump.
    pub(in crate::ui) fn load_sample(self, rows: u32) {
        if self.import.with_untracked(|stage| *stage != ImportStage::Idle) {
            return;
        }
        let name = format!("Sample of {}", numbers::counted(rows as usize, "row"));
        self.import.set(ImportStage::Running { name: name.clone(), progress: None });
        detach(async move {
            let call = Call::LoadSample(SampleParams { rows, seed: SAMPLE_SEED });
            let answer: Result<ImportReport, Problem> = self.ask(call).await;
            match answer {
                Ok(report) => self.finish_import(report),
                Err(problem) => self.abandon_import(&name, &problem),
            }
            self.next_file();
        });
    }

    fn finish_import(self, report: ImportReport) {
        self.import.set(ImportStage::Idle);
        self.announce(format!("Loaded {} of {}", numbers::grouped(report.loaded), report.name));
        self.reports.update(|reports| reports.push(report.clone()));
        self.report.set(Some(report));
        self.refresh_datasets();
        self.refresh_view();
        self.refresh_queue();
    }

    /// Whoever opens a dump of their own has something to lose: the browser is asked once to protect it. Some browsers
    /// show this question, and it would be too early before.
    fn ask_to_keep(self) {
        const ASKED: &str = "askedToKeep";
        if preferences::read(ASKED).is_some() {
            return;
        }
        preferences::write(ASKED, "yes");
        detach(async move {
            // The settings show whether it agreed.
            let _agreed = storage::ask_to_keep().await;
            self.refresh_settings();
        });
    }

    fn abandon_import(self, name: &str, problem: &Problem) {
        self.import.set(ImportStage::Idle);
        if problem.code == Code::Cancelled {
            self.succeed(format!("Import of {name} cancelled; nothing of it was loaded"));
        } else {
            self.fail(problem);
        }
    }

    /// Stops the import that is at work.
    pub(in crate::ui) fn cancel_import(self) {
        detach(async move {
            let answer: Result<bool, Problem> = self.ask(Call::CancelImport).await;
            if let Err(problem) = answer {
                self.fail(&problem);
            }
        });
    }

    /// Gives up an import that asks something.
    pub(in crate::ui) fn drop_question(self) {
        let name = self.import.with_untracked(|stage| match stage {
            ImportStage::Asking { params, .. } => Some(params.name.clone()),
            _ => None,
        });
        if let Some(name) = name {
            self.import.set(ImportStage::Idle);
            self.warn(
                format!("{name} was not loaded"),
                "Nothing of it is stored; open it again to answer",
            );
            self.next_file();
        }
    }
}

/// The field behind every "Open file" button. It is on the page once.
#[component]
pub(in crate::ui) fn FileInput() -> impl IntoView {
    let session = session();
    let node = NodeRef::<html::Input>::new();
    view! {
        <input
            id=INPUT
            data-testid="file-input"
            class="only-heard"
            type="file"
            multiple
            tabindex="-1"
            aria-label="Dump of errors"
            accept=".csv,.tsv,.txt,.json,.jsonl,.ndjson,.xlsx,.xls,.ods,.har,.zip,.gz"
            node_ref=node
            on:change=move |_| {
                if let Some(input) = node.get_untracked() {
                    session.open_files(files::of_list(input.files()));
                    // The same file may be chosen again.
                    input.set_value("");
                }
            }
        />
    }
}

/// Opens the browser's file dialog.
pub(in crate::ui) fn choose_files() {
    use wasm_bindgen::JsCast;
    let input = document().get_element_by_id(INPUT);
    if let Some(input) = input.and_then(|found| found.dyn_into::<web_sys::HtmlElement>().ok()) {
        input.click();
    }
}

/// Takes files that are dropped anywhere, and shows that it would.
#[component]
pub(in crate::ui) fn DropTarget() -> impl IntoView {
    let session = session();
    // Entering a child leaves its parent: only the difference tells whether the pointer is still over the page.
    let depth = RwSignal::new(0_i32);
    let carries = |event: &DragEvent| files::carries_files(event.data_transfer().as_ref());
    let entered = window_event_listener(leptos::ev::dragenter, move |event| {
        if carries(&event) {
            event.prevent_default();
            depth.update(|depth| *depth += 1);
        }
    });
    let left = window_event_listener(leptos::ev::dragleave, move |event| {
        if carries(&event) {
            depth.update(|depth| *depth = (*depth - 1).max(0));
        }
    });
    let over = window_event_listener(leptos::ev::dragover, move |event| {
        if carries(&event) {
            event.prevent_default();
        }
    });
    let dropped = window_event_listener(leptos::ev::drop, move |event| {
        if carries(&event) {
            event.prevent_default();
            depth.set(0);
            session.open_files(files::of_transfer(event.data_transfer()));
        }
    });
    on_cleanup(move || {
        for listener in [entered, left, over, dropped] {
            listener.remove();
        }
    });
    move || {
        (depth.get() > 0).then(|| {
            view! {
                <div class="drop-overlay" aria-hidden="true">
                    <div>
                        <Icon glyph=Glyph::Open />
                        <strong>"Drop to open"</strong>
                        <span>"The file never leaves this machine"</span>
                    </div>
                </div>
            }
        })
    }
}
