//! The worker's end: takes the page's calls and sees that they are answered, by the engine here or by that of the tab
//! that leads.
//!
//! One tab leads: it owns the store and runs the queue. The others follow it, and the first of them takes over when it
//! ends. What the former leader has not answered is asked again, but for commands that it had taken: nobody knows whether
//! they were carried out.
//!
//! Invariant: every call of the page is answered once.

use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;
use std::rc::Rc;

use futures_util::future::{Either, LocalBoxFuture, join, select};
use wasm_bindgen::prelude::*;
use web_sys::{Blob, DedicatedWorkerGlobalScope, MessageEvent};

use super::dispatch::{self, Answer, answer};
use super::listeners::Listeners;
use super::open_calls::{OpenCall, lost};
use super::tabs::{Said, TabId, Tabs};
use super::{alive, rescue, wire};
use crate::gateway::Rehearsal;
use crate::platform::clock::{BrowserClock, sleep};
use crate::platform::locks;
use crate::platform::task::detach;
use crate::protocol::{Call, Code, Event, Problem};
use crate::store::{BrowserStore, IndexedDbStore, MemoryStore};
use crate::workspace::Workspace;
use crate::workspace::ports::{Announcer, StoreError};

/// Name of the database of this origin, of the lock on it, and of the channel of its tabs.
pub(super) const DATABASE: &str = "dual-write-error-desk";

/// How long the tab that holds the lock may take to say that it leads, in milliseconds. It may still be starting, or be
/// the page that a reload replaces.
const PATIENCE_MS: u32 = 2_000;

/// How long the next leader may take once the former one has ended. It has to read what is stored.
const SUCCESSION_MS: u32 = 5_000;

/// Who answers the calls of this page.
enum Role {
    /// Nobody yet: they wait.
    Waiting,
    /// This tab, as soon as the store is open. Nobody else can lead.
    Opening,
    /// Nobody, for this reason.
    Refusing(Problem),
    /// The engine of another tab.
    Following(TabId),
    /// The engine here, which answers the calls of followers as well.
    Leading(Engine),
}

/// Answers calls. Whether the asker is in the tab that leads is part of some answers.
type Engine =
    Rc<dyn Fn(Call, Option<Blob>, bool) -> LocalBoxFuture<'static, Result<Answer, Problem>>>;

#[derive(Clone)]
enum Asker {
    Page,
    Tab(TabId),
}

struct Desk {
    scope: DedicatedWorkerGlobalScope,
    /// `None` where the browser lets tabs not talk to each other.
    tabs: Option<Tabs>,
    listeners: Listeners,
    /// Whether the browser tells who leads. Where it does not, only the tab that came first works.
    has_locks: Cell<bool>,
    role: RefCell<Role>,
    open_calls: RefCell<BTreeMap<u32, OpenCall>>,
}

/// Serves the page of this worker.
pub fn serve(scope: DedicatedWorkerGlobalScope) {
    let tabs = Tabs::join(DATABASE);
    if let Err(error) = &tabs {
        web_sys::console::warn_2(
            &"the tabs of this browser cannot talk to each other".into(),
            error,
        );
    }
    let tabs = tabs.ok();
    let desk = Rc::new(Desk {
        listeners: Listeners::new(scope.clone(), tabs.clone()),
        scope,
        tabs,
        has_locks: Cell::new(true),
        role: RefCell::new(Role::Waiting),
        open_calls: RefCell::default(),
    });
    listen_to_page(&desk);
    if let Some(tabs) = &desk.tabs {
        let listening = desk.clone();
        tabs.listen(move |said| listening.hear(said));
        tabs.hello();
    }
    tell_when_dead(&desk);
    detach(async move {
        let owned = locks::own(DATABASE);
        let granted = match select(owned, Box::pin(sleep(PATIENCE_MS))).await {
            Either::Left((granted, _)) => granted,
            Either::Right((_, owned)) => {
                desk.lose_patience();
                owned.await
            }
        };
        // A cancelled wait means that there are no locks.
        if granted.is_err() && desk.is_second().await {
            return;
        }
        // Whoever led has ended.
        *desk.role.borrow_mut() = Role::Opening;
        desk.open().await;
    });
}

impl Desk {
    /// Opens the store, and leads.
    async fn open(self: &Rc<Self>) {
        // Asked first: the browser takes a moment to begin a new log, which is mostly over before anything is written.
        let new_log = IndexedDbStore::begin_new_log(DATABASE);
        let (new_log, opened) = join(new_log, self.opened()).await;
        match opened {
            Ok(store) => {
                if let Err(error) = new_log {
                    // What is stored can be used all the same.
                    web_sys::console::warn_1(&error.to_string().into());
                }
                let (lost, told) = (store.lost(), self.listeners.clone());
                detach(async move { told.tell_of_loss(lost.await) });
                self.start(BrowserStore::IndexedDb(store)).await;
            }
            Err(StoreError::Unavailable(why)) => {
                self.listeners.tell(&Event::Problem(Problem::new(
                    Code::StorageUnavailable,
                    format!("The browser gives no durable storage ({why}); everything is kept in memory only"),
                    "What you do here is gone when the tab closes, and what was stored before is not shown. Reload the page; should it say so again, close other tabs of this site, or allow it storage",
                )));
                self.start(BrowserStore::Memory(MemoryStore::default())).await;
            }
            Err(error) => self.fail(Problem::of_opening(error)),
        }
    }

    /// The stored data; waiting for them is told after a while.
    async fn opened(&self) -> Result<IndexedDbStore, StoreError> {
        let opening = Box::pin(IndexedDbStore::open(DATABASE));
        match select(opening, Box::pin(sleep(PATIENCE_MS))).await {
            Either::Left((opened, _)) => opened,
            Either::Right(((), opening)) => {
                // The browser does not say when an open database waits for a deletion that waits for a tab.
                self.listeners.tell(&Event::Problem(Problem::new(
                    Code::StorageUnavailable,
                    "The stored data cannot be opened yet; perhaps another tab holds on to them",
                    "Close other tabs of this site: this one then goes on by itself",
                )));
                opening.await
            }
        }
    }

    async fn start(self: &Rc<Self>, store: BrowserStore) {
        let announcer = self.listeners.clone();
        match Workspace::open(store, Rehearsal, BrowserClock, announcer).await {
            Ok(workspace) => {
                let workspace = Rc::new(workspace);
                let answering = workspace.clone();
                self.lead(Rc::new(move |call, file, leads| {
                    let workspace = answering.clone();
                    Box::pin(async move { answer(&workspace, call, file, leads).await })
                }));
                detach(async move { workspace.run().await });
            }
            Err(problem) => self.fail(problem),
        }
    }

    /// The engine cannot work: every call is answered with the reason, so that nobody waits for ever. Data beyond
    /// use can be handed out or deleted.
    fn fail(self: &Rc<Self>, problem: Problem) {
        let (reason, desk) = (problem.clone(), self.clone());
        self.lead(Rc::new(move |call, _, _| {
            let (reason, desk) = (reason.clone(), desk.clone());
            Box::pin(async move {
                let is_deletion = matches!(call, Call::DeleteStored);
                let done = match reason.is_beyond_use() {
                    true => rescue::answer(DATABASE, call).await,
                    false => None,
                };
                if is_deletion && matches!(done, Some(Ok(_))) {
                    // Begins anew, and not only for who asked.
                    desk.open().await;
                    desk.listeners.announce(Event::DatasetChanged { dataset: None });
                }
                done.unwrap_or(Err(reason))
            })
        }));
        self.listeners.tell(&Event::Problem(problem));
    }

    fn lead(self: &Rc<Self>, engine: Engine) {
        *self.role.borrow_mut() = Role::Leading(engine);
        if let Some(tabs) = &self.tabs {
            tabs.lead();
        }
        self.begin();
    }

    /// Without locks: whether another tab works on the store already. Tabs that come at the same time wait for different
    /// times, so that one of them is the first.
    async fn is_second(&self) -> bool {
        self.has_locks.set(false);
        let half = f64::from(PATIENCE_MS / 2);
        sleep((half + js_sys::Math::random() * half) as u32).await;
        matches!(*self.role.borrow(), Role::Refusing(_))
    }

    fn follow(self: &Rc<Self>, leader: TabId) {
        if self.owns_the_store() || self.follows(&leader) {
            return;
        }
        if !self.has_locks.get() {
            self.refuse(
                "and only one can work at this address: to share the data, tabs need HTTPS",
            );
            return;
        }
        *self.role.borrow_mut() = Role::Following(leader.clone());
        self.begin();
        let desk = self.clone();
        detach(async move {
            if alive::until_ended(&leader).await && desk.follows(&leader) {
                // What is asked from now on is for the next one.
                *desk.role.borrow_mut() = Role::Waiting;
                sleep(SUCCESSION_MS).await;
                desk.lose_patience();
            }
        });
    }

    fn owns_the_store(&self) -> bool {
        matches!(*self.role.borrow(), Role::Opening | Role::Leading(_))
    }

    fn follows(&self, leader: &TabId) -> bool {
        matches!(&*self.role.borrow(), Role::Following(known) if known == leader)
    }

    /// Somebody new answers: what is open goes there, and the page looks again at what it shows.
    fn begin(self: &Rc<Self>) {
        for (id, open) in self.open_calls.take() {
            if open.is_lost() {
                self.answer(&Asker::Page, id, Err(lost()));
            } else {
                self.take(id, open.call, open.file);
            }
        }
        let leads = matches!(*self.role.borrow(), Role::Leading(_));
        self.listeners.tell(&Event::Leading(leads));
        self.listeners.tell(&Event::DatasetChanged { dataset: None });
        self.listeners.tell(&Event::QueueChanged { jobs: vec![] });
    }

    /// Neither does the store become free, nor does anybody say that they lead.
    fn lose_patience(self: &Rc<Self>) {
        if matches!(*self.role.borrow(), Role::Waiting) {
            self.refuse("which does not answer");
        }
    }

    fn refuse(self: &Rc<Self>, why: &str) {
        let way_out = match self.has_locks.get() {
            true => "Go on in that tab, or close it: this one then takes over",
            false => "Go on in that tab, or close it and reload this one",
        };
        let why = format!("The desk is open in another tab, {why}");
        let problem = Problem::new(Code::NotLeader, why, way_out);
        *self.role.borrow_mut() = Role::Refusing(problem.clone());
        for (id, open) in self.open_calls.take() {
            let problem = if open.is_lost() { lost() } else { problem.clone() };
            self.answer(&Asker::Page, id, Err(problem));
        }
        self.listeners.tell(&Event::Problem(problem));
    }

    /// A call of this page.
    fn take(self: &Rc<Self>, id: u32, call: String, file: Option<Blob>) {
        let role = self.role.borrow();
        match &*role {
            Role::Leading(engine) => self.carry_out(engine, Asker::Page, id, &call, file),
            Role::Refusing(problem) => self.answer(&Asker::Page, id, Err(problem.clone())),
            Role::Waiting | Role::Opening | Role::Following(_) => {
                if let (Role::Following(leader), Some(tabs)) = (&*role, &self.tabs) {
                    tabs.call(leader, id, &call, file.as_ref());
                }
                let open = OpenCall { call, file, is_taken: false };
                self.open_calls.borrow_mut().insert(id, open);
            }
        }
    }

    fn hear(self: &Rc<Self>, said: Said) {
        match said {
            Said::Hello => {
                if let (Role::Leading(_), Some(tabs)) = (&*self.role.borrow(), &self.tabs) {
                    tabs.lead();
                }
            }
            Said::Leads(leader) => self.follow(leader),
            Said::LeadsOtherwise => {
                if !self.owns_the_store() {
                    self.refuse("which runs another version of it");
                }
            }
            Said::Call { from, id, call, file } => {
                if let (Role::Leading(engine), Some(tabs)) = (&*self.role.borrow(), &self.tabs) {
                    tabs.taken(&from, id);
                    self.carry_out(engine, Asker::Tab(from), id, &call, file);
                }
            }
            Said::Taken { id } => {
                if let Some(open) = self.open_calls.borrow_mut().get_mut(&id) {
                    open.is_taken = true;
                }
            }
            Said::Answer { id, message } => {
                // Asked again meanwhile, or answered as lost: one answer is enough.
                if self.open_calls.borrow_mut().remove(&id).is_some() {
                    self.listeners.post(&message);
                }
            }
            Said::Event(message) => {
                if matches!(*self.role.borrow(), Role::Following(_)) {
                    self.listeners.post(&message);
                }
            }
        }
    }

    fn carry_out(
        self: &Rc<Self>,
        engine: &Engine,
        asker: Asker,
        id: u32,
        call: &str,
        file: Option<Blob>,
    ) {
        let work = match serde_json::from_str::<Call>(call) {
            Ok(call) => engine(call, file, matches!(asker, Asker::Page)),
            Err(error) => Box::pin(std::future::ready(Err(Problem::invalid(format!(
                "The engine does not understand the call: {error}"
            ))))),
        };
        let desk = self.clone();
        detach(async move { desk.answer(&asker, id, work.await) });
    }

    fn answer(&self, asker: &Asker, id: u32, result: Result<Answer, Problem>) {
        let message = dispatch::message(id, result);
        match (asker, &self.tabs) {
            (Asker::Tab(tab), Some(tabs)) => tabs.answer(tab, &message),
            _ => self.listeners.post(&message),
        }
    }
}

/// Calls that come before anybody can answer them wait here, not in the page.
fn listen_to_page(desk: &Rc<Desk>) {
    let taking = desk.clone();
    let listener = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        let message = event.data();
        let Some(id) = wire::id(&message) else { return };
        let call = wire::text(&message, "call").unwrap_or_default();
        taking.take(id, call, wire::blob(&message, "file"));
    });
    desk.scope.set_onmessage(Some(listener.as_ref().unchecked_ref()));
    // The worker lives as long as its listener is wanted.
    listener.forget();
    let ready = js_sys::Object::new();
    wire::set(&ready, "ready", &JsValue::TRUE);
    desk.listeners.post(&ready);
}

/// A worker that is ended from outside can say nothing; a lock that it held becomes free. The page waits for it.
fn tell_when_dead(desk: &Rc<Desk>) {
    let desk = desk.clone();
    detach(async move {
        let Some(tabs) = &desk.tabs else { return };
        if let Some(lock) = alive::begin(tabs.me()).await {
            let alive = js_sys::Object::new();
            wire::set(&alive, "alive", &lock.into());
            desk.listeners.post(&alive);
        }
    });
}
