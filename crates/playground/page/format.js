// Text in its usual layout. JSON is laid out token by token, and YAML keeps its comments: nothing
// but blanks changes.

/** The text, laid out. Throws what a person can read. */
function format(text) {
  return isJson(text) ? formatJson(text) : formatYaml(text);
}

function formatJson(text) {
  const tokens = /\s+|"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s"{}[\],:]+/gy;
  let depth = 0;
  let out = '';
  let previous = '';
  const punctuation = '{}[],:';
  const line = () => `\n${'  '.repeat(depth)}`;
  let end = 0;
  for (const [token] of text.matchAll(tokens)) {
    end += token.length;
    if (token.trim() === '') continue;
    // Without the blanks between them, two values would become one.
    if (depth > 0 && previous !== '' && !punctuation.includes(previous) && !punctuation.includes(token)) {
      throw new Error(`a comma or a colon is missing before ${token}`);
    }
    if (token === '}' || token === ']') {
      depth -= 1;
      if (depth < 0) break;
      out += previous === '{' || previous === '[' ? token : line() + token;
    } else {
      if (previous === '{' || previous === '[' || previous === ',') out += line();
      else if (depth === 0 && previous !== '') out += '\n';
      out += token === ':' ? ': ' : token;
      if (token === '{' || token === '[') depth += 1;
    }
    previous = token;
  }
  if (depth !== 0 || end !== text.length) throw new Error('its brackets or quotes do not match');
  return `${out}\n`;
}

function formatYaml(text) {
  const options = { intAsBigInt: true, uniqueKeys: true };
  const documents = libraries.parseAllDocuments(text, options);
  const [error] = documents.flatMap(({ errors }) => errors);
  if (error) throw new Error(error.message.split('\n')[0].replace(/:$/, ''));
  const layout = { lineWidth: 0, flowCollectionPadding: false };
  const laidOut = documents.map((document) => document.toString(layout));
  // A document that begins with its mark has it already.
  const formatted = laidOut.reduce((all, one) => all + (all === '' || one.startsWith('---') ? '' : '---\n') + one, '');
  const again = libraries.parseAllDocuments(formatted, options);
  if (meaning(documents) !== meaning(again)) throw new Error('it would not mean the same');
  return formatted;
}

function meaning(documents) {
  const plain = (_, value) => (typeof value === 'bigint' ? `${value}n` : value);
  return documents.map((document) => JSON.stringify(document.toJS(), plain)).join('\n');
}
