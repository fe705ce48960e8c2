// Stands in the page itself and runs before anything else: puts the kept theme in force before the first paint, then starts
// the engine's thread and the page's program, or says in words what this browser lacks for them. The names of their files
// stand on this script's element.
(() => {
  const { dataset } = document.currentScript;
  const address = (name) => new URL(name, document.baseURI).href;

  try {
    const theme = localStorage.getItem("errorDesk.theme");
    if (theme === "light" || theme === "dark") document.documentElement.dataset.theme = theme;
  } catch {
    // A browser that keeps nothing has no theme to put in force.
  }

  // Something that the browser must have and has not.
  class Lack extends Error {}

  const body = new Promise((done) => {
    if (document.readyState !== "loading") done();
    else document.addEventListener("DOMContentLoaded", done, { once: true });
  });

  async function say(title, text) {
    await body;
    const boot = document.getElementById("boot");
    if (!boot) return;
    const heading = document.createElement("h1");
    heading.textContent = title;
    const words = document.createElement("p");
    words.textContent = text;
    boot.replaceChildren(heading, words);
    boot.setAttribute("role", "alert");
  }

  async function fetched(file) {
    const answer = await fetch(file);
    if (!answer.ok) throw new Error(`${file} answered ${answer.status}`);
    return answer;
  }

  // Compiled while it arrives, where the host names its type; else once it is there.
  const compile = (file) =>
    WebAssembly.compileStreaming(fetched(file)).catch(async () =>
      WebAssembly.compile(await (await fetched(file)).arrayBuffer()),
    );

  // The engine's thread. It fetches and compiles its program itself: what passes through the page's thread waits while
  // that builds the screen. What the thread says before anybody listens is kept.
  function startThread(glue) {
    let asModule = false;
    const worker = new Worker(glue, {
      name: "engine",
      // Asked for exactly by browsers that have module workers.
      get type() {
        asModule = true;
        return "module";
      },
    });
    if (!asModule) {
      worker.terminate();
      throw new Lack("module workers");
    }
    const early = [];
    worker.onmessage = worker.onerror = (event) => early.push(event);
    return { worker, early };
  }

  // A function that answers a vector: `i32.const 0`, `i8x16.splat`. Browsers without vector instructions refuse it.
  const vectors = new Uint8Array([
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 8, 1, 6, 0, 65, 0, 253, 15, 11,
  ]);

  // A function that answers a reference to something of JavaScript: `ref.null extern`.
  const references = new Uint8Array([
    0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 111, 3, 2, 1, 0, 10, 6, 1, 4, 0, 208, 111, 11,
  ]);

  const runs = (program) => typeof WebAssembly !== "object" || WebAssembly.validate(program);

  // What the programs cannot do without. What only the styles ask for has a plainer look where it is lacking.
  const needs = [
    ["WebAssembly", () => typeof WebAssembly === "object"],
    ["vector instructions (SIMD) in WebAssembly", () => runs(vectors)],
    ["references in WebAssembly", () => runs(references)],
    ["workers", () => typeof Worker === "function"],
    ["IndexedDB", () => typeof indexedDB === "object"],
    ["dialogs", () => typeof HTMLDialogElement === "function"],
  ];

  async function start() {
    const lacking = needs.filter(([, present]) => !present()).map(([name]) => name);
    if (lacking.length > 0) throw new Lack(lacking.join(", "));
    const startEngine = () => startThread(address(dataset.engineGlue));
    // Before the page's program is asked for: it has the longer way.
    let first = startEngine();
    globalThis.startEngineThread = (onmessage, onerror) => {
      const { worker, early } = first ?? startEngine();
      first = undefined;
      Object.assign(worker, { onmessage, onerror });
      queueMicrotask(() => early.forEach((event) => worker[`on${event.type}`]?.(event)));
      return worker;
    };
    const page = compile(address(dataset.wasm));
    // Whoever waits for it hears of a failure; without this it would be told twice.
    page.catch(() => {});
    const { default: init } = await import(address(dataset.glue));
    await body;
    await init({ module_or_path: await page });
    dispatchEvent(new CustomEvent("TrunkApplicationStarted"));
  }

  start().catch((error) => {
    if (error instanceof Lack) {
      say(
        "This browser cannot run the desk",
        `It lacks ${error.message}. Use a current Edge, Chrome, Firefox or Safari, outside of restricted modes.`,
      );
    } else {
      console.error(error);
      say(
        "The desk could not be started",
        `${error}. Reload the page; if it was opened from a folder, serve that folder over http instead.`,
      );
    }
  });
})();
