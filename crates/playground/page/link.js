// The state in the address: `#1.<base64url of deflated JSON>`, or `#0.<base64url of JSON>` where the
// browser cannot deflate. Nothing of it leaves the browser unless somebody passes the link on.

const PARTS = ['request', 'settings', 'cluster', 'now'];

async function through(bytes, transform) {
  const stream = new Blob([bytes]).stream().pipeThrough(transform);
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function encodeState(state) {
  const plain = new TextEncoder().encode(JSON.stringify(state));
  let version = '0';
  let bytes = plain;
  if ('CompressionStream' in window) {
    bytes = await through(plain, new CompressionStream('deflate-raw'));
    version = '1';
  }
  let text = '';
  for (let at = 0; at < bytes.length; at += 0x8000) {
    text += String.fromCharCode(...bytes.subarray(at, at + 0x8000));
  }
  return `${version}.${btoa(text).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`;
}

/** The state that a fragment holds. Throws what a person can read. */
async function decodeState(fragment) {
  const [, version, text] = /^([01])\.([A-Za-z0-9_-]*)$/.exec(fragment) ?? [];
  if (!version) throw new Error('it was not made by this page');
  let state;
  try {
    const packed = atob(text.replaceAll('-', '+').replaceAll('_', '/'));
    let bytes = Uint8Array.from(packed, (character) => character.charCodeAt(0));
    if (version === '1') bytes = await through(bytes, new DecompressionStream('deflate-raw'));
    state = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch {
    throw new Error('it is damaged, or cut off');
  }
  if (state === null || typeof state !== 'object' || !PARTS.every((part) => typeof state[part] === 'string')) {
    throw new Error('it lacks a part');
  }
  return Object.fromEntries(PARTS.map((part) => [part, state[part]]));
}
