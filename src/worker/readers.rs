//! The engine's end of the threads that read parts of long files.
//!
//! They run the engine's own program, started under another name, and end with the import.
//!
//! Invariant: a thread that cannot be started, or that ends, is told as ended: nobody waits for it.

use std::cell::{Cell, RefCell};
use std::future::poll_fn;
use std::rc::Rc;

use futures_channel::mpsc::{UnboundedReceiver, UnboundedSender, unbounded};
use futures_util::StreamExt;
use js_sys::{Array, ArrayBuffer, Object, Uint8Array};
use wasm_bindgen::prelude::*;
use web_sys::{
    DedicatedWorkerGlobalScope, ErrorEvent, MessageEvent, Worker, WorkerOptions, WorkerType,
};

use super::part_thread::{NAME, release};
use super::wire;
use crate::workspace::ports::{FromReader, Readers};

/// More would wait for the thread that gives them their bytes and takes their answers, and each takes memory.
const MOST: usize = 3;

/// Bytes of a message. The buffers come back and are filled again: what is left to the browser is freed late.
const MESSAGE_BYTES: usize = 1 << 21;

type Listeners = (Closure<dyn FnMut(MessageEvent)>, Closure<dyn FnMut(ErrorEvent)>);

/// The threads of one import.
#[derive(Default)]
pub(super) struct Threads {
    threads: RefCell<Vec<Thread>>,
    heard: RefCell<Option<UnboundedReceiver<FromReader>>>,
    /// Buffers of messages that were read.
    free: Rc<RefCell<Vec<ArrayBuffer>>>,
}

struct Thread {
    post: Rc<Post>,
    _listeners: Listeners,
}

/// Sends messages, once the thread is there to hear them.
struct Post {
    worker: Worker,
    said: UnboundedSender<FromReader>,
    is_ready: Cell<bool>,
    unsent: RefCell<Vec<(Object, Array)>>,
}

impl Post {
    fn send(&self, key: &str, value: &JsValue) {
        let message = Object::new();
        wire::set(&message, key, value);
        self.hand_over(message, Array::new());
    }

    fn send_bytes(&self, buffer: &ArrayBuffer, length: usize) {
        let message = Object::new();
        wire::set(&message, "bytes", buffer);
        wire::set(&message, "length", &(length as f64).into());
        self.hand_over(message, Array::of1(buffer));
    }

    fn give_back(&self, part: &ArrayBuffer) {
        let message = Object::new();
        wire::set(&message, "spare", part);
        // Whoever does not get it back takes another one.
        let _lost = self.worker.post_message_with_transfer(&message, &Array::of1(part));
    }

    fn hand_over(&self, message: Object, transfer: Array) {
        if self.is_ready.get() {
            self.post(&message, &transfer);
        } else {
            self.unsent.borrow_mut().push((message, transfer));
        }
    }

    fn post(&self, message: &Object, transfer: &Array) {
        if let Err(error) = self.worker.post_message_with_transfer(message, transfer) {
            let why = format!("it cannot be told anything: {error:?}");
            // Nobody listens any more once the import is over.
            let _over = self.said.unbounded_send(FromReader::Ended(why));
        }
    }

    fn begin(&self) {
        self.is_ready.set(true);
        for (message, transfer) in self.unsent.take() {
            self.post(&message, &transfer);
        }
    }
}

impl Thread {
    fn start(
        number: usize,
        address: &str,
        said: &UnboundedSender<FromReader>,
        free: &Rc<RefCell<Vec<ArrayBuffer>>>,
    ) -> Result<Self, JsValue> {
        let options = WorkerOptions::new();
        options.set_type(WorkerType::Module);
        options.set_name(NAME);
        let worker = Worker::new_with_options(address, &options)?;
        let post = Rc::new(Post {
            worker: worker.clone(),
            said: said.clone(),
            is_ready: Cell::new(false),
            unsent: RefCell::default(),
        });
        let (hearing, free) = (post.clone(), free.clone());
        let on_message = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
            let message = event.data();
            let says = if wire::get(&message, "ready").is_some() {
                return hearing.begin();
            } else if let Some(bytes) = wire::get(&message, "read").and_then(|it| it.as_f64()) {
                let buffer = wire::get(&message, "buffer");
                let buffer: Option<ArrayBuffer> = buffer.and_then(|it| it.dyn_into().ok());
                let is_whole =
                    |buffer: &ArrayBuffer| buffer.byte_length() as usize == MESSAGE_BYTES;
                free.borrow_mut().extend(buffer.filter(is_whole));
                FromReader::Read(bytes as usize)
            } else if let Some((part, lengths)) = part_of(&message) {
                let reader = hearing.clone();
                FromReader::Part(number, Box::new(move || fetched(part, &lengths, &reader)))
            } else {
                FromReader::Ended("it was told nothing that it understands".to_owned())
            };
            let _over = hearing.said.unbounded_send(says);
        });
        let telling = said.clone();
        let on_error = Closure::<dyn FnMut(ErrorEvent)>::new(move |event: ErrorEvent| {
            event.prevent_default();
            let why = wire::text(&event, "message").unwrap_or_default();
            let _over = telling.unbounded_send(FromReader::Ended(why));
        });
        worker.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        worker.set_onerror(Some(on_error.as_ref().unchecked_ref()));
        // What cannot be handed over would be waited for, too.
        let unread = on_error.as_ref().unchecked_ref();
        worker.add_event_listener_with_callback("messageerror", unread)?;
        worker.post_message(&wasm_bindgen::module())?;
        Ok(Self { post, _listeners: (on_message, on_error) })
    }
}

fn part_of(message: &JsValue) -> Option<(ArrayBuffer, Array)> {
    let part = wire::get(message, "part")?.dyn_into().ok()?;
    Some((part, wire::get(message, "lengths")?.dyn_into().ok()?))
}

/// The pieces of a part. Whoever wrote it gets the buffer back.
fn fetched(part: ArrayBuffer, lengths: &Array, reader: &Post) -> Vec<Vec<u8>> {
    let mut at = 0;
    let piece = |length: JsValue| {
        let length = length.as_f64().unwrap_or_default() as u32;
        let piece = Uint8Array::new_with_byte_offset_and_length(&part, at, length);
        at += length;
        piece.to_vec()
    };
    let pieces = lengths.iter().map(piece).collect();
    reader.give_back(&part);
    pieces
}

impl Threads {
    fn send(&self, reader: usize, key: &str, value: bool) {
        if let Some(thread) = self.threads.borrow().get(reader) {
            thread.post.send(key, &value.into());
        }
    }
}

impl Readers for Threads {
    fn prepare(&self) {
        let scope: DedicatedWorkerGlobalScope = js_sys::global().unchecked_into();
        let cores = scope.navigator().hardware_concurrency() as usize;
        let address = wire::get(&scope, "location").and_then(|place| wire::text(&place, "href"));
        let (said, heard) = unbounded();
        let start = |number| Thread::start(number, address.as_deref()?, &said, &self.free).ok();
        // One core is the engine's own, which takes and writes what they read.
        let wanted = cores.saturating_sub(1).min(MOST);
        let started: Option<Vec<Thread>> = (0..wanted).map(start).collect();
        *self.threads.borrow_mut() = started.unwrap_or_default();
        *self.heard.borrow_mut() = Some(heard);
    }

    fn tell(&self, told: &[u8]) -> usize {
        for thread in self.threads.borrow().iter() {
            thread.post.send("told", &Uint8Array::from(told));
        }
        self.threads.borrow().len()
    }

    fn begin_part(&self, reader: usize, is_first: bool) {
        self.send(reader, "begin", is_first);
    }

    fn push(&self, reader: usize, bytes: &[u8]) {
        let threads = self.threads.borrow();
        let Some(thread) = threads.get(reader) else { return };
        for bytes in bytes.chunks(MESSAGE_BYTES) {
            // Small parts get small buffers, or many of them would take much more than they hold.
            let size = if bytes.len() < MESSAGE_BYTES / 2 { bytes.len() } else { MESSAGE_BYTES };
            let free = (size == MESSAGE_BYTES).then(|| self.free.borrow_mut().pop()).flatten();
            let buffer = free.unwrap_or_else(|| ArrayBuffer::new(size as u32));
            let place = Uint8Array::new_with_byte_offset_and_length(&buffer, 0, bytes.len() as u32);
            place.copy_from(bytes);
            thread.post.send_bytes(&buffer, bytes.len());
        }
    }

    fn end_part(&self, reader: usize, is_last: bool) {
        self.send(reader, "end", is_last);
    }

    async fn heard(&self) -> FromReader {
        let heard = poll_fn(|context| match &mut *self.heard.borrow_mut() {
            Some(heard) => heard.poll_next_unpin(context),
            None => std::task::Poll::Ready(None),
        });
        heard.await.unwrap_or_else(|| FromReader::Ended("none was started".to_owned()))
    }

    fn stop(&self) {
        self.threads.take();
        self.heard.take();
        self.free.take().iter().for_each(release);
    }
}

impl Drop for Thread {
    fn drop(&mut self) {
        // What is still on its way would find the listeners gone.
        self.post.worker.set_onmessage(None);
        self.post.worker.set_onerror(None);
        self.post.worker.terminate();
    }
}
