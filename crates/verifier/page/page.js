(() => {
  "use strict";
  const PIECE = 1 << 20;
  const at = (id) => document.getElementById(id);
  const number = (value) => value.toLocaleString("en");
  const bytes = Uint8Array.from(atob(WASM), (letter) => letter.charCodeAt(0));
  const ready = wasm_bindgen({ module_or_path: bytes });
  at("still").remove();

  let file = null;
  let turn = 0;

  function show(state, headline, detail, facts = []) {
    at("progress").hidden = true;
    at("verdict").dataset.state = state;
    at("headline").textContent = headline;
    at("detail").textContent = detail;
    at("facts").replaceChildren(
      ...facts.map(([name, value, mono]) => {
        const [row, term, text] = ["div", "dt", "dd"].map((tag) => document.createElement(tag));
        term.textContent = name;
        text.textContent = value;
        if (mono) text.className = "mono";
        row.append(term, text);
        return row;
      }),
    );
    at("result").hidden = false;
  }

  function told(evidence) {
    const { checkpoint, anchors, compared } = evidence;
    const window = [evidence.from && `from ${evidence.from}`, evidence.to && `until ${evidence.to}`].filter(Boolean);
    const kept = {
      same: "the file is of the same log, grown",
      unknown: "not compared: the file does not lead to it. Have it taken again with that checkpoint’s size",
    };
    const facts = [
      ["Taken by", `${evidence.who}, ${evidence.when}`],
      ["Why", evidence.why],
      ["Asked for", evidence.query || "everything", evidence.query !== ""],
      ["Window", window.join(" ") || "any time"],
      ["Sources", evidence.sources === "*" ? "all" : evidence.sources],
      ["Recorded as", `event ${number(evidence.seq)} of the log`],
      ["Log", checkpoint.origin],
      ["Checkpoint", `${number(checkpoint.size)} events, signed ${checkpoint.signed}`],
      ["Key", `${checkpoint.key}\n${checkpoint.pinned ? "the one that you gave" : "named by the file alone"}`, true],
      ...anchors.map((anchor) => [
        "Anchor",
        `${number(anchor.size)} events, signed ${anchor.signed}${anchor.pinned ? "" : ", with a key that only the file names"}`,
      ]),
    ];
    if (compared) facts.push(["Kept checkpoint", kept[compared] ?? `not compared: ${compared.unreadable}`]);
    const events = `${number(evidence.events)} ${evidence.events === 1 ? "event" : "events"}`;
    if (!checkpoint.pinned) {
      const detail = `${events}, each proved by the file’s own key. Whoever made the file could have made that key: give the one that you have from elsewhere.`;
      show("unknown", "It fits together, and no more is known", detail, facts);
    } else if (compared?.unreadable) {
      const detail = `${events}, each proved. The checkpoint that was kept: ${compared.unreadable}.`;
      show("unknown", "Whole, but the checkpoint that was kept cannot be read", detail, facts);
    } else if (compared === "unknown") {
      show("unknown", "Whole, but not compared with the checkpoint that was kept", `${events}, each proved.`, facts);
    } else {
      show("whole", "Whole", `${events}, each proved, and none left out of what was taken.`, facts);
    }
  }

  async function check() {
    const [mine, checked] = [++turn, file];
    if (!checked) return;
    at("result").hidden = true;
    try {
      await ready;
    } catch (error) {
      return show("unknown", "Not checked", `This browser cannot run what checks: ${error.message}`);
    }
    if (mine !== turn) return;
    let verifier;
    try {
      verifier = new wasm_bindgen.Verifier(at("key").value);
    } catch (error) {
      return show("unknown", "Not checked", `The public key: ${error.message}.`);
    }
    at("progress").hidden = false;
    for (let done = 0; done < checked.size; ) {
      let piece;
      try {
        piece = new Uint8Array(await checked.slice(done, done + PIECE).arrayBuffer());
      } catch (error) {
        verifier.free();
        if (mine !== turn) return;
        return show("unknown", "Not checked", `${checked.name} cannot be read: ${error.message}`);
      }
      // Another file, or another key, came meanwhile.
      if (mine !== turn) return verifier.free();
      try {
        verifier.push(piece);
      } catch (error) {
        verifier.free();
        return show("damaged", "Not what was taken from the log", `${checked.name}, ${error.message}.`);
      }
      done += piece.length;
      at("bar").value = done / checked.size;
      at("so-far").textContent = `${checked.name}: ${number(Math.floor(done / PIECE))} of ${number(Math.ceil(checked.size / PIECE))} MiB`;
    }
    try {
      const evidence = JSON.parse(verifier.finish(at("saved").value));
      if (evidence.compared === "other") {
        const detail = "The file and the checkpoint that was kept are not of one log that grew: one of them was altered.";
        return show("damaged", "Of another log than the checkpoint", detail);
      }
      told(evidence);
    } catch (error) {
      show("damaged", "Not what was taken from the log", `${checked.name}, ${error.message}.`);
    }
  }

  function take(files) {
    if (files.length === 0) return;
    file = files[0];
    check();
  }

  at("file").addEventListener("change", () => take(at("file").files));
  for (const id of ["key", "saved"]) at(id).addEventListener("change", check);
  const over = (event, is) => {
    event.preventDefault();
    at("drop").toggleAttribute("data-over", is);
  };
  // Anywhere on the page: a file that misses the field would be opened in its place.
  addEventListener("dragover", (event) => over(event, true));
  addEventListener("dragleave", (event) => over(event, false));
  addEventListener("drop", (event) => {
    over(event, false);
    take(event.dataTransfer.files);
  });
})();
