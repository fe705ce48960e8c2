// Starts the program, or says in words what this browser lacks for it. The names of the program's files stand on the
// script element, so that no script has to be written into the page itself.
const own = document.querySelector("script[data-glue]");
const boot = document.getElementById("boot");

function say(title, text) {
  boot.replaceChildren();
  const heading = document.createElement("h1");
  heading.textContent = title;
  const words = document.createElement("p");
  words.textContent = text;
  boot.append(heading, words);
  boot.setAttribute("role", "alert");
}

// The engine's thread. It imports the same program and waits for it to be handed over compiled, so that it neither
// fetches nor compiles it again.
function startThread(glue) {
  const script = `import init from ${JSON.stringify(glue)};
self.onmessage = (event) => { self.onmessage = null; init({ module_or_path: event.data }); };`;
  const url = URL.createObjectURL(new Blob([script], { type: "text/javascript" }));
  return new Worker(url, { type: "module", name: "engine" });
}

// A worker of type "module" is wanted exactly where the browser reads the option.
function hasModuleWorkers() {
  let read = false;
  const options = {
    get type() {
      read = true;
      return "module";
    },
  };
  try {
    new Worker("blob:", options).terminate();
  } catch {
    // The address is no worker on purpose; only the reading of the option counts.
  }
  return read;
}

// A function that answers a vector: `i32.const 0`, `i8x16.splat`. Browsers without vector instructions refuse it.
const vectors = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
]);

const lacking = [
  [typeof WebAssembly === "object", "WebAssembly"],
  [typeof WebAssembly !== "object" || WebAssembly.validate(vectors), "vector instructions (SIMD) in WebAssembly"],
  [typeof Worker === "function" && hasModuleWorkers(), "module workers"],
  [typeof indexedDB === "object", "IndexedDB"],
  [typeof HTMLDialogElement === "function", "dialogs"],
]
  .filter(([present]) => !present)
  .map(([, name]) => name);

if (lacking.length > 0) {
  say(
    "This browser cannot run the desk",
    `It lacks ${lacking.join(", ")}. Use a current Edge, Chrome, Firefox or Safari, outside of restricted modes.`,
  );
} else {
  try {
    const glue = new URL(own.dataset.glue, document.baseURI).href;
    // The first thread starts while the program is still compiled.
    let first = startThread(glue);
    globalThis.startEngineThread = () => {
      const thread = first ?? startThread(glue);
      first = undefined;
      return thread;
    };
    const { default: init } = await import(glue);
    const wasm = await init({ module_or_path: new URL(own.dataset.wasm, document.baseURI).href });
    dispatchEvent(new CustomEvent("TrunkApplicationStarted", { detail: { wasm } }));
  } catch (error) {
    console.error(error);
    if (boot.isConnected) {
      say(
        "The desk could not be started",
        `${error}. Reload the page; if it was opened from a folder, serve that folder over http instead.`,
      );
    }
  }
}
