'use strict';

// The policy: what is compiled into this page, and the same for what it knows beside it.

const data = JSON.parse(document.getElementById('data').textContent);

async function startModule() {
  const text = document.getElementById('module').textContent;
  const packed = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
  const unpacked = new Blob([packed]).stream().pipeThrough(new DecompressionStream('gzip'));
  await wasm_bindgen({ module_or_path: await new Response(unpacked).arrayBuffer() });
}

/** Judges what is written in the page. */
function judge(question) {
  return JSON.parse(wasm_bindgen.judge(JSON.stringify(question)));
}

/** A new element: its classes, and what is in it. Text is text, whatever it looks like. */
function element(name, classes, ...inside) {
  const made = document.createElement(name);
  if (classes) made.className = classes;
  made.append(...inside);
  return made;
}

function button(classes, ...inside) {
  const made = element('button', classes, ...inside);
  made.type = 'button';
  return made;
}
