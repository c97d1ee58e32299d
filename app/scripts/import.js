// Sends the files of the page that imports: of each the start, as soon as it is chosen or dropped, to see what it would
// be read as; all of it once it is to be imported, in a way that can be cancelled. The server answers with the page, of
// which the parts that changed are taken over. A script of its own: as an island it would weigh on every other page.

const form = document.querySelector("form[data-import]");
const files = form.querySelector("input[type=file]");
const cancel = form.querySelector("[data-cancel]");
const said = form.querySelector("[data-said]");

/** Bytes of a file's start, and files, as many as the server looks at. */
const START = 512 << 10;
const MOST = 20;
/** Milliseconds after which an import that was cancelled is over. */
const OVER = 1_000;

/** What can be cancelled. */
let underWay;

/** The form with what `part` takes of each file. */
function data(part) {
  const data = new FormData(form);
  data.delete("file");
  [...files.files].forEach((file, at) => {
    data.append("size", file.size);
    data.append("written", file.lastModified);
    data.append("file", part(file, at), file.name);
  });
  return data;
}

const whole = (file) => file;
const start = (file, at) => file.slice(0, at < MOST ? START : 0);

function hold(held) {
  for (const control of form.elements) control.disabled = held && control !== cancel;
  cancel.hidden = !held;
}

/** Takes over what a page says of files; where it is another one, such as that for signing in, the whole page. */
function put(html) {
  const page = new DOMParser().parseFromString(html, "text/html");
  for (const part of ["[data-stream]", "[data-seen]"]) {
    const there = page.querySelector(part);
    if (!there) return location.reload();
    document.querySelector(part).innerHTML = there.innerHTML;
  }
}

/** Takes over what the server says now; says so where it says nothing. */
async function ask(own) {
  try {
    const html = await (await fetch(form.action)).text();
    if (own === underWay) put(html);
  } catch {
    if (own === underWay) said.textContent = "The connection ended.";
  }
}

async function send(look) {
  if (files.files.length === 0) return;
  underWay?.abort();
  const own = (underWay = new AbortController());
  const post = (to, body) => fetch(form.action + to, { method: "POST", body, signal: own.signal });
  hold(!look);
  said.textContent = look ? "Looking…" : "";
  // What was seen is not true any more.
  if (!look) document.querySelector("[data-seen]").replaceChildren();
  let html;
  try {
    let answer = look ? await post("?do=preview", data(start)) : await post("?do=ask", data(() => new Blob()));
    // Whoever sends much and is refused meanwhile would not hear why.
    if (!look && answer.ok) answer = await post("", data(whole));
    html = await answer.text();
  } catch {
    // What came of it the server tells: in its stream, and to whoever asks.
    setTimeout(ask, look ? 0 : OVER, own);
  }
  // Something else was chosen meanwhile.
  if (own !== underWay) return;
  hold(false);
  said.textContent = own.signal.aborted ? "Cancelled." : "";
  if (html !== undefined) put(html);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  send(event.submitter?.hasAttribute("formaction") ?? false);
});
files.addEventListener("change", () => send(true));
cancel.addEventListener("click", () => underWay?.abort());

// Files may be dropped anywhere: for one that misses, a browser would leave the page.
for (const type of ["dragover", "dragleave", "drop"]) {
  addEventListener(type, (event) => {
    event.preventDefault();
    form.toggleAttribute("data-over", type === "dragover");
    if (type !== "drop" || files.disabled || event.dataTransfer.files.length === 0) return;
    files.files = event.dataTransfer.files;
    send(true);
  });
}
