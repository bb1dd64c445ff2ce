// Answers as a person reads them.

const WORDS = {
  allowed: ['✓', 'Allowed'],
  denied: ['✕', 'Denied'],
  undecided: ['?', 'Not judged'],
};

/** `goTo` leads to a remark's place, `point` only shows it, `open` opens the page of a rule. */
function renderAnswers({ judged, not_judged: others }, actions) {
  const rest = others ? [element('p', 'others', `${others}.`)] : [];
  return [...rest, ...judged.map((answer) => {
    const verdict = answer.accepted ? 'allowed' : 'denied';
    const head = element('p', 'what', element('span', `chip ${verdict}`, WORDS[verdict].join(' ')), ' ', answer.about);
    const article = element('article', `answer ${verdict}`, head);
    const lists = [['deny', 'Violations', answer.violations, answer.denied], ['warn', 'Warnings', answer.warnings, answer.warned]];
    for (const [kind, title, remarks, count] of lists) {
      if (count > 0) article.append(...renderFindings(kind, title, remarks, count, actions));
    }
    if (answer.help) article.append(element('p', 'help', answer.help));
    if (answer.signers.length > 0) article.append(...renderSigners(answer.signers));
    if (answer.exempted) article.append(element('h3', '', 'Exempted'), element('p', 'exempted', answer.exempted));
    article.append(renderResponse(answer.response));
    return article;
  })];
}

function renderFindings(kind, title, remarks, count, actions) {
  const list = element('ul', 'findings', ...remarks.map((remark) => renderFinding(remark, kind, actions)));
  list.setAttribute('aria-label', title);
  const heading = element('h3', '', `${title} `, element('span', 'count', String(count)));
  const more = count - remarks.length;
  if (more === 0) return [heading, list];
  const words = `and ${more} more, which the answer only counts (\`limits.violationsReported\`)`;
  return [heading, list, element('p', 'more', ...ticked(words))];
}

function renderFinding(remark, kind, { goTo, point, open }) {
  const entry = remark.entry ? [element('span', 'entry', ...ticked(remark.entry))] : [];
  const words = [element('span', 'where', element('code', 'path', remark.path), ...entry), element('span', 'message', ...ticked(remark.message))];
  if (remark.place && !remark.place.exact) words.push(element('span', 'hint', 'not in the text; the mark shows where it belongs'));
  if (!remark.place) words.push(element('span', 'hint', 'has no place in the text'));
  const line = remark.place ? button('go', ...words) : element('div', 'go', ...words);
  if (remark.place) {
    line.addEventListener('click', () => goTo(remark));
    for (const name of ['focus', 'pointerenter']) line.addEventListener(name, () => point(remark));
    for (const name of ['blur', 'pointerleave']) line.addEventListener(name, () => point(null));
  }
  const rule = button('rule', remark.code);
  rule.setAttribute('aria-label', `${remark.code}: read about this rule`);
  rule.setAttribute('aria-haspopup', 'dialog');
  rule.addEventListener('click', () => open(remark.code));
  return element('li', `finding ${kind}`, line, rule);
}

function renderSigners(signers) {
  const items = signers.map(({ name, fingerprint }) =>
    element('li', 'signer', element('span', 'name', name), ' ', element('code', 'fingerprint', spaced(fingerprint))));
  const list = element('ul', 'signers', ...items);
  list.setAttribute('aria-label', 'Signed by');
  return [element('h3', '', 'Signed by'), list];
}

/** A fingerprint in groups of four, as people compare it. */
function spaced(fingerprint) {
  return fingerprint.match(/.{1,4}/g).join(' ');
}

function renderResponse(json) {
  const text = element('pre', 'response', JSON.stringify(JSON.parse(json), null, 2));
  text.tabIndex = 0;
  text.setAttribute('role', 'region');
  text.setAttribute('aria-label', 'Response');
  const copy = button('copy', 'Copy');
  copy.setAttribute('aria-label', 'Copy the response');
  copy.addEventListener('click', () => copyText(json, copy));
  return element('details', 'raw', element('summary', '', 'Response JSON'), element('div', 'boxed', text, copy));
}

/** What is wrong with a part, so that nothing could be judged. */
function renderRemarks(host, remarks, goTo) {
  host.replaceChildren(...remarks.map((remark) => {
    const words = remark.path && remark.path !== 'settings' ? [element('code', 'path', remark.path), ' '] : [];
    words.push(element('span', 'message', ...ticked(remark.message)));
    if (!remark.place) return element('p', 'remark', ...words);
    const line = button('remark go', ...words);
    line.addEventListener('click', () => goTo(remark));
    return line;
  }));
}

/** A message with what stands in backticks as code. Nothing else in it is more than text. */
function ticked(message) {
  return message.split(/(`[^`]*`)/).filter(Boolean).map((part) =>
    (part.length > 2 && part.startsWith('`') && part.endsWith('`') ? element('code', '', part.slice(1, -1)) : part));
}

/** Copies, and says so on the button for a moment. */
async function copyText(text, told) {
  let done = true;
  try {
    await navigator.clipboard.writeText(text);
  } catch {
    const carrier = element('textarea', 'carrier', text);
    document.body.append(carrier);
    carrier.select();
    done = document.execCommand('copy');
    carrier.remove();
    told.focus();
  }
  tell(told, done ? 'Copied' : 'Not copied');
}

/** Says something on a button for a moment, and to those who do not see it. */
function tell(told, words) {
  told.dataset.words ??= told.textContent;
  told.textContent = words;
  byId('told').textContent = words;
  clearTimeout(told.reset);
  told.reset = setTimeout(() => {
    told.textContent = told.dataset.words;
    byId('told').textContent = '';
  }, 1600);
}
