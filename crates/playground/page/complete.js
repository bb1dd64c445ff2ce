// What can be written at a place in the settings, by their schema. Block YAML is followed by its
// indentation; JSON, and what stands in brackets on a line, by the brackets.

/** What could stand at the end of `before`: `{ word, options: [{ text, insert, about }] }`. */
function completions(before, schema) {
  const place = before.trimStart().startsWith('{')
    ? inBrackets(before, [], '')
    : inBlocks(before);
  if (!place) return null;
  const shapes = place.path.reduce(step, flatten([schema]));
  const options = place.isKey ? keys(shapes, place) : values(shapes, place);
  const word = place.word.toLowerCase();
  const fitting = options.filter((option) => option.text.toLowerCase().includes(word) && option.text !== place.word);
  fitting.sort((one, other) => starts(other, word) - starts(one, word));
  return fitting.length > 0 ? { word: place.written, options: fitting } : null;
}

function starts(option, word) {
  return Number(option.text.toLowerCase().startsWith(word));
}

/** Schemas of a place, with the shapes of each that may have several. */
function flatten(schemas) {
  return schemas.flatMap((schema) => (schema.oneOf ? flatten(schema.oneOf) : [schema]));
}

function step(shapes, name) {
  return flatten(shapes.flatMap((shape) => {
    if (name === null) return shape.items ? [shape.items] : [];
    if (shape.properties && Object.hasOwn(shape.properties, name)) return [shape.properties[name]];
    return typeof shape.additionalProperties === 'object' ? [shape.additionalProperties] : [];
  }));
}

function keys(shapes, { quoted, indent, present }) {
  const found = new Map();
  for (const shape of shapes) {
    for (const [name, schema] of Object.entries(shape.properties ?? {})) found.set(name, schema);
    for (const name of shape.propertyNames?.enum ?? []) found.set(name, shape.additionalProperties);
  }
  return [...found].filter(([name]) => !present.has(name)).map(([name, schema]) => {
    const opens = indent !== null && (schema.type === 'object' || schema.type === 'array');
    const after = opens ? `\n${' '.repeat(indent + 2)}${schema.type === 'array' ? '- ' : ''}` : ' ';
    return { text: name, insert: `${quoted ? `"${name}"` : name}:${after}`, about: schema.description ?? '' };
  });
}

function values(shapes, { quoted }) {
  const words = shapes.flatMap((shape) => {
    if (shape.type === 'boolean') return [['true', 'true'], ['false', 'false']];
    const texts = shape.enum ?? ('const' in shape ? [shape.const] : []);
    return texts.map((text) => [text, quoted ? `"${text}"` : text]);
  });
  return [...new Map(words)].map(([text, insert]) => ({ text, insert, about: '' }));
}

/** A place in block YAML: the lines above that are less indented are what it is in. */
function inBlocks(before) {
  const lines = before.split('\n');
  const line = lines.pop();
  const path = [];
  const [, dashes] = /^((?:\s*- )*)/.exec(line);
  const indent = Math.max(dashes.length, /^\s*/.exec(line)[0].length);
  if (/^\s*-$/.test(line)) return null;
  const present = new Set();
  const items = [...dashes.matchAll(/- /g)].map((dash) => dash.index);
  path.push(...items.map(() => null));
  let level = items.length > 0 ? items[0] : indent;
  let inItem = items.length > 0;
  let isBeside = !inItem;
  for (const above of lines.reverse()) {
    if (/^\s*(#|$)/.test(above)) continue;
    const [, space, marks, key, rest] = /^(\s*)((?:- +)*)(?:["']?([^"'#:]+)["']?:(?=\s|$))?(.*)$/.exec(above);
    const column = space.length + marks.length;
    if (isBeside && column === level && key) present.add(key);
    // A list may stand as deep as the key that it belongs to.
    const encloses = key && (column < level || (inItem && column === level && marks === ''));
    if (encloses && rest.trim() === '') {
      path.unshift(key);
      level = column;
      inItem = false;
      isBeside = false;
    }
    if (marks && space.length < level && column <= level) {
      path.unshift(null);
      level = space.length;
      inItem = true;
      isBeside = false;
    }
  }
  return inBrackets(line.slice(indent), path, ' '.repeat(indent), present);
}

/** A place behind `text`, which begins in what `path` names. */
function inBrackets(text, path, indentation, present = new Set()) {
  const stack = [];
  let here = path;
  let written = '';
  let key = null;
  let seen = present;
  let isList = false;
  const block = indentation !== '' || !text.trimStart().startsWith('{');
  for (let at = 0; at < text.length; at++) {
    const character = text[at];
    if (character === '"' || character === "'") {
      const end = text.indexOf(character, at + 1);
      const closed = end >= 0;
      written = closed ? text.slice(at, end + 1) : text.slice(at);
      if (!closed) break;
      at = end;
    } else if (character === '#' && /(^|\s)$/.test(text.slice(0, at))) {
      return null;
    } else if (character === ':' && /^(\s|$)/.test(text.slice(at + 1)) && key === null && !isList) {
      key = bare(written);
      seen.add(key);
      written = '';
    } else if ((character === '{' || character === '[') && written.trim() === '') {
      stack.push({ here, key, isList, seen });
      here = key === null ? here : [...here, key];
      isList = character === '[';
      if (isList) here = [...here, null];
      key = null;
      seen = new Set();
      written = '';
    } else if ((character === '}' || character === ']') && stack.length > 0) {
      ({ here, key, isList, seen } = stack.pop());
      written = character;
    } else if (character === ',' && stack.length > 0) {
      key = null;
      written = '';
    } else {
      written += character;
    }
  }
  written = written.trimStart();
  if (/[}\]]$/.test(written)) return null;
  const isBlock = stack.length === 0 && block;
  const valued = key !== null;
  const names = valued ? [...here, key] : here;
  // An element may be a word, or the beginning of an object: both are offered by what fits.
  return {
    path: names,
    isKey: !valued && !isList && !(isBlock && here.at(-1) === null && isScalarList(names)),
    written,
    word: bare(written),
    quoted: written.startsWith('"') || (!isBlock && !block),
    indent: isBlock ? indentation.length : null,
    present: seen,
  };
}

function bare(text) {
  return text.trim().replace(/^["']|["']$/g, '');
}

/** Whether the elements of this list are words. */
function isScalarList(path) {
  const shapes = path.reduce(step, flatten([data.schema]));
  return shapes.length > 0 && shapes.every((shape) => shape.type !== 'object' && !shape.properties);
}
