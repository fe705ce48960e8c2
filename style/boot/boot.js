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

const lacking = [
  [typeof WebAssembly === "object", "WebAssembly"],
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
    const { default: init } = await import(new URL(own.dataset.glue, document.baseURI).href);
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
