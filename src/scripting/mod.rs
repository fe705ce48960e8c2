//! `window.errorDesk`: the public scripting API.
//!
//! It speaks to the same engine by the same calls as the screen, so it can do nothing that the screen refuses. Arguments
//! go through `JSON.stringify`, answers through `JSON.parse`; the engine refuses unknown keys.
//!
//! Invariant: every method returns a promise, and every refusal is an `Error` named `DeskError` with a stable `code`.

mod methods;

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::rc::Rc;

use js_sys::{Array, Function, JSON, JsString, Object, Promise, Reflect};
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::Blob;

use crate::protocol::{Call, Code, Event, Problem};
use crate::worker::Client;
use methods::{METHODS, Method, Takes};

/// Version of the API, by semver.
const VERSION: &str = "1.3.0";

/// Names of the events that scripts may hear.
const EVENTS: [&str; 4] = ["importProgress", "queueChanged", "datasetChanged", "problem"];

/// Puts the API on the window.
pub fn install(client: &Client) -> Result<(), JsValue> {
    let api = Object::new();
    Reflect::set(&api, &"version".into(), &VERSION.into())?;
    define_ready(&api, client);
    for method in METHODS {
        let client = client.clone();
        let function = Closure::<dyn Fn(Array) -> Promise>::new(move |arguments: Array| {
            call(&client, method, &arguments)
        });
        Reflect::set(&api, &method.name.into(), &variadic(function.as_ref().unchecked_ref()))?;
        function.forget();
    }
    let client = client.clone();
    let on = Closure::<dyn Fn(JsValue, JsValue) -> Result<JsValue, JsValue>>::new(
        move |event: JsValue, listener: JsValue| listen(&client, &event, listener),
    );
    Reflect::set(&api, &"on".into(), on.as_ref())?;
    on.forget();
    Reflect::set(&js_sys::global(), &"errorDesk".into(), &api)?;
    Ok(())
}

/// `ready` resolves once the engine answers. A tab that could not work may do so later, when the other tab is closed: so
/// after a failure, whoever reads `ready` asks anew.
fn define_ready(api: &Object, client: &Client) {
    let asked: Rc<RefCell<Option<Promise>>> = Rc::default();
    let client = client.clone();
    let get = Closure::<dyn Fn() -> Promise>::new(move || {
        if let Some(asked) = &*asked.borrow() {
            return asked.clone();
        }
        let (client, failed) = (client.clone(), asked.clone());
        let ready = future_to_promise(async move {
            let answer = client.send(r#""settings""#, None).await;
            answer.map(|_| JsValue::UNDEFINED).map_err(|problem| {
                failed.borrow_mut().take();
                error(&problem)
            })
        });
        *asked.borrow_mut() = Some(ready.clone());
        ready
    });
    let property = Object::new();
    let _plain_object = Reflect::set(&property, &"get".into(), get.as_ref());
    let _plain_object = Reflect::set(&property, &"enumerable".into(), &JsValue::TRUE);
    Object::define_property(api, &"ready".into(), &property);
    get.forget();
}

/// A function that hands all its arguments over as one array. Made with `bind`, since a policy may forbid `eval`.
fn variadic(function: &Function) -> JsValue {
    #[wasm_bindgen(inline_js = "export function gather(f) { return (...all) => f(all); }")]
    extern "C" {
        fn gather(function: &Function) -> JsValue;
    }
    gather(function)
}

#[wasm_bindgen]
extern "C" {
    /// `JSON.parse` of a text that is JavaScript's already: a large answer is not copied into this program and back.
    #[wasm_bindgen(catch, js_namespace = JSON)]
    fn parse(text: &JsString) -> Result<JsValue, JsValue>;
}

fn call(client: &Client, method: &'static Method, arguments: &Array) -> Promise {
    let prepared = prepare(method, arguments);
    let client = client.clone();
    future_to_promise(async move {
        let (mut call, file) = prepared.map_err(|problem| error(&problem))?;
        if matches!(method.takes, Takes::Address) {
            call = checked(&client, call).map_err(|problem| error(&problem))?;
        }
        let answer = client
            .send(&call.to_string(), file.as_ref())
            .await
            .map_err(|problem| error(&problem))?;
        match answer.blob {
            Some(blob) => Ok(blob.into()),
            None => parse(&answer.json),
        }
    })
}

/// A call that leads elsewhere, if the page may ask there.
fn checked(client: &Client, call: Value) -> Result<Value, Problem> {
    let read = serde_json::from_value(call);
    let read =
        read.map_err(|error| Problem::invalid(format!("The options are unreadable: {error}")))?;
    let Call::ImportUrl(params) = read else {
        return Err(Problem::invalid("The call names no address"));
    };
    Ok(json!(Call::ImportUrl(client.checked(params)?)))
}

/// The call as JSON, and the file that goes with it.
fn prepare(method: &Method, arguments: &Array) -> Result<(Value, Option<Blob>), Problem> {
    let too_many = arguments.length() as usize > method.takes.count();
    if too_many {
        return Err(Problem::invalid(format!(
            "{}() takes {} arguments, and {} were given",
            method.name,
            method.takes.count(),
            arguments.length()
        )));
    }
    let given = |place: u32| plain(method.name, &arguments.get(place));
    let object =
        |place: u32| given(place).map(|value| if value.is_null() { json!({}) } else { value });
    let mut file = None;
    let params = match method.takes {
        Takes::Nothing => None,
        Takes::Value => Some(given(0)?),
        Takes::Object => Some(object(0)?),
        Takes::Blob => {
            file = Some(first_blob(method, arguments)?);
            None
        }
        Takes::File => {
            let blob = first_blob(method, arguments)?;
            let mut params = object(1)?;
            if let (Some(params), Some(name)) =
                (params.as_object_mut(), blob.dyn_ref::<web_sys::File>().map(web_sys::File::name))
            {
                params.entry("name").or_insert(name.into());
            }
            file = Some(blob);
            Some(params)
        }
        Takes::Address => {
            let Some(url) = arguments.get(0).as_string() else {
                let name = method.name;
                return Err(Problem::invalid(format!(
                    "{name}() needs an address as its first argument"
                )));
            };
            Some(json!({ "url": url, "options": object(1)? }))
        }
        Takes::Fields(fields) => {
            let mut params = serde_json::Map::new();
            for (place, field) in (0..).zip(fields) {
                params.insert((*field).to_owned(), given(place)?);
            }
            Some(Value::Object(params))
        }
        Takes::FilterAndOptions => {
            let mut params = object(1)?;
            if let Some(params) = params.as_object_mut()
                && params.insert("filter".to_owned(), object(0)?).is_some()
            {
                return Err(Problem::invalid("The filter is the first argument"));
            }
            Some(params)
        }
        Takes::FilterAnd(field) => Some(json!({ "filter": object(0)?, field: given(1)? })),
    };
    let call = match params {
        Some(params) => json!({ method.name: params }),
        None => json!(method.name),
    };
    Ok((call, file))
}

fn first_blob(method: &Method, arguments: &Array) -> Result<Blob, Problem> {
    arguments.get(0).dyn_into::<Blob>().map_err(|_| {
        let name = method.name;
        Problem::invalid(format!("{name}() needs a Blob or a File as its first argument"))
    })
}

/// A JavaScript value as JSON: dates become RFC 3339, what is missing becomes null.
fn plain(method: &str, value: &JsValue) -> Result<Value, Problem> {
    if value.is_undefined() {
        return Ok(Value::Null);
    }
    let text = JSON::stringify(value).ok().and_then(|text| text.as_string());
    text.and_then(|text| serde_json::from_str(&text).ok())
        .ok_or_else(|| Problem::invalid(format!("An argument of {method}() is no plain data")))
}

/// The error that scripts catch.
pub(crate) fn error(problem: &Problem) -> JsValue {
    let error = js_sys::Error::new(&problem.to_string());
    error.set_name("DeskError");
    let code = serde_json::to_value(problem.code).unwrap_or_default();
    let _set = Reflect::set(&error, &"code".into(), &code.as_str().unwrap_or_default().into());
    if let Some(details) = &problem.details
        && let Ok(details) = JSON::parse(&details.to_string())
    {
        let _set = Reflect::set(&error, &"details".into(), &details);
    }
    error.into()
}

fn listen(client: &Client, event: &JsValue, listener: JsValue) -> Result<JsValue, JsValue> {
    let wanted =
        event.as_string().filter(|name| EVENTS.contains(&name.as_str())).ok_or_else(|| {
            error(&Problem::new(
                Code::InvalidArgument,
                format!("on() knows the events {}", EVENTS.join(", ")),
                "",
            ))
        })?;
    let listener: Function = listener
        .dyn_into()
        .map_err(|_| error(&Problem::invalid("on() needs a function as its second argument")))?;
    let subscription = client.on_event(move |event: &Event| {
        let Ok(Value::Object(event)) = serde_json::to_value(event) else { return };
        let Some(detail) = event.get(&wanted) else { return };
        if let Ok(detail) = JSON::parse(&detail.to_string())
            && let Err(thrown) = listener.call1(&JsValue::UNDEFINED, &detail)
        {
            web_sys::console::error_2(&"a listener of errorDesk.on threw".into(), &thrown);
        }
    });
    // Whoever does not keep the function that is answered goes on listening: collecting it as garbage ends nothing.
    let mut subscription = ManuallyDrop::new(Some(subscription));
    Ok(Closure::<dyn FnMut()>::new(move || drop(subscription.take())).into_js_value())
}
