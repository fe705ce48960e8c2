//! `window.errorDesk`: the public scripting API.
//!
//! It speaks to the same engine by the same calls as the screen, so it can do nothing that the screen refuses. Arguments
//! go through `JSON.stringify`, answers through `JSON.parse`; the engine refuses unknown keys.
//!
//! Invariant: every method but `on` returns a promise, and every refusal is an `Error` named `DeskError` with a stable `code`.

mod methods;

use std::cell::RefCell;
use std::mem::ManuallyDrop;
use std::rc::Rc;

use js_sys::{Array, Function, JSON, JsString, Object, Promise, Reflect};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::future_to_promise;
use web_sys::Blob;

use crate::protocol::Problem;
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
            let answer = client.send(&r#""settings""#.into(), None).await;
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

/// A function that hands all its arguments over as one array. In a file of its own, since a policy may forbid `eval`.
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
    let prepared = prepare(client, method, arguments);
    let client = client.clone();
    future_to_promise(async move {
        let (call, file) = prepared.map_err(|problem| error(&problem))?;
        let answer = client.send(&call, file.as_ref()).await.map_err(|problem| error(&problem))?;
        match answer.blob {
            Some(blob) => Ok(blob.into()),
            None => parse(&answer.json),
        }
    })
}

/// The call as JSON, and the file that goes with it.
fn prepare(
    client: &Client,
    method: &Method,
    arguments: &Array,
) -> Result<(JsString, Option<Blob>), Problem> {
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
    let object = |place: u32| {
        given(place).map(|value| if value.is_null() { Object::new().into() } else { value })
    };
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
            let params = object(1)?;
            if let (Some(named), Some(params)) =
                (blob.dyn_ref::<web_sys::File>(), params.dyn_ref::<Object>())
                && !Object::has_own(params, &"name".into())
            {
                set(params, "name", &named.name().into());
            }
            file = Some(blob);
            Some(params)
        }
        Takes::Address => Some(checked(client, method, arguments, object(1)?)?),
        Takes::Fields(fields) => {
            let params = Object::new();
            for (place, field) in (0..).zip(fields) {
                set(&params, field, &given(place)?);
            }
            Some(params.into())
        }
        Takes::FilterAndOptions => {
            let params = object(1)?;
            if let Some(params) = params.dyn_ref::<Object>() {
                if Object::has_own(params, &"filter".into()) {
                    return Err(Problem::invalid("The filter is the first argument"));
                }
                set(params, "filter", &object(0)?);
            }
            Some(params)
        }
        Takes::FilterAnd(field) => {
            let params = Object::new();
            set(&params, "filter", &object(0)?);
            set(&params, field, &given(1)?);
            Some(params.into())
        }
    };
    let call = match params {
        Some(params) => {
            let call = Object::new();
            set(&call, method.name, &params);
            call.into()
        }
        None => JsValue::from_str(method.name),
    };
    let text = JSON::stringify(&call);
    Ok((text.map_err(|_| Problem::invalid("The call cannot be written"))?, file))
}

/// Parameters of a call that leads elsewhere, if the page may ask there.
fn checked(
    client: &Client,
    method: &Method,
    arguments: &Array,
    options: JsValue,
) -> Result<JsValue, Problem> {
    let Some(url) = arguments.get(0).as_string() else {
        let name = method.name;
        return Err(Problem::invalid(format!("{name}() needs an address as its first argument")));
    };
    let (url, name) = client.checked_address(&url)?;
    if let Some(options) = options.dyn_ref::<Object>() {
        let given = Reflect::get(options, &"name".into()).unwrap_or_default();
        if given.is_undefined() || given == JsValue::from_str("") {
            set(options, "name", &name.into());
        }
    }
    let params = Object::new();
    set(&params, "url", &url.into());
    set(&params, "options", &options);
    Ok(params.into())
}

/// Sets a property of plain data, which cannot fail.
fn set(object: &Object, key: &str, value: &JsValue) {
    let _plain_object = Reflect::set(object, &key.into(), value);
}

fn first_blob(method: &Method, arguments: &Array) -> Result<Blob, Problem> {
    arguments.get(0).dyn_into::<Blob>().map_err(|_| {
        let name = method.name;
        Problem::invalid(format!("{name}() needs a Blob or a File as its first argument"))
    })
}

/// A JavaScript value as plain data of its own: dates become RFC 3339, what is missing becomes null.
fn plain(method: &str, value: &JsValue) -> Result<JsValue, Problem> {
    if value.is_undefined() {
        return Ok(JsValue::NULL);
    }
    // What is no data at all, such as a function, has no text.
    let text = JSON::stringify(value).ok().filter(|text| text.is_string());
    text.and_then(|text| parse(&text).ok())
        .ok_or_else(|| Problem::invalid(format!("An argument of {method}() is no plain data")))
}

/// The error that scripts catch.
pub(crate) fn error(problem: &Problem) -> JsValue {
    let error = js_sys::Error::new(&problem.to_string());
    error.set_name("DeskError");
    set(&error, "code", &data(&problem.code));
    if let Some(details) = &problem.details {
        set(&error, "details", &data(details));
    }
    error.into()
}

/// What the engine's words are in JavaScript.
fn data(value: &impl serde::Serialize) -> JsValue {
    let text = serde_json::to_string(value).ok();
    text.and_then(|text| JSON::parse(&text).ok()).unwrap_or(JsValue::NULL)
}

fn listen(client: &Client, event: &JsValue, listener: JsValue) -> Result<JsValue, JsValue> {
    let is_known = event.as_string().is_some_and(|name| EVENTS.contains(&name.as_str()));
    if !is_known {
        let words = format!("on() knows the events {}", EVENTS.join(", "));
        return Err(error(&Problem::invalid(words)));
    }
    let wanted = event.clone();
    let listener: Function = listener
        .dyn_into()
        .map_err(|_| error(&Problem::invalid("on() needs a function as its second argument")))?;
    let subscription = client.on_event_text(move |event| {
        let Ok(event) = parse(event) else { return };
        let Ok(detail) = Reflect::get(&event, &wanted) else { return };
        if !detail.is_undefined()
            && let Err(thrown) = listener.call1(&JsValue::UNDEFINED, &detail)
        {
            web_sys::console::error_2(&"a listener of errorDesk.on threw".into(), &thrown);
        }
    });
    // Whoever does not keep the function that is answered goes on listening: collecting it as garbage ends nothing.
    let mut subscription = ManuallyDrop::new(Some(subscription));
    Ok(Closure::<dyn FnMut()>::new(move || drop(subscription.take())).into_js_value())
}
