// Answers as a person reads them.

const WORDS = {
  allowed: ['✓', 'Allowed'],
  denied: ['✕', 'Denied'],
  undecided: ['?', 'Not judged'],
};

/** `goTo` leads to a remark's place, `point` only shows it, `open` opens the page of a rule. */
function renderAnswers(judged, actions) {
  return judged.map((answer) => {
    const verdict = answer.accepted ? 'allowed' : 'denied';
    const head = element('p', 'what', element('span', `chip ${verdict}`, WORDS[verdict].join(' ')), ' ', answer.about);
    const article = element('article', `answer ${verdict}`, head);
    for (const [kind, title, remarks] of [['deny', 'Violations', answer.violations], ['warn', 'Warnings', answer.warnings]]) {
      if (remarks.length === 0) continue;
      const list = element('ul', 'findings', ...remarks.map((remark) => renderFinding(remark, kind, actions)));
      list.setAttribute('aria-label', title);
      article.append(element('h3', '', `${title} `, element('span', 'count', String(remarks.length))), list);
    }
    article.append(renderResponse(answer.response));
    return article;
  });
}

function renderFinding(remark, kind, { goTo, point, open }) {
  if (!remark.code) return element('li', `finding ${kind} plain`, remark.message);
  const words = [element('code', 'path', remark.path), element('span', 'message', remark.message)];
  if (remark.place && !remark.place.exact) words.push(element('span', 'hint', 'not in the text: marked is where it belongs'));
  if (!remark.place) words.push(element('span', 'hint', 'has no place in the text'));
  const line = remark.place ? button('go', ...words) : element('div', 'go', ...words);
  if (remark.place) {
    line.addEventListener('click', () => goTo(remark));
    for (const name of ['focus', 'pointerenter']) line.addEventListener(name, () => point(remark));
    for (const name of ['blur', 'pointerleave']) line.addEventListener(name, () => point(null));
  }
  const rule = button('rule', remark.code);
  rule.setAttribute('aria-label', `Rule ${remark.code}: read its page`);
  rule.setAttribute('aria-haspopup', 'dialog');
  rule.addEventListener('click', () => open(remark.code));
  return element('li', `finding ${kind}`, line, rule);
}

function renderResponse(json) {
  const text = element('pre', 'response', JSON.stringify(JSON.parse(json), null, 2));
  text.tabIndex = 0;
  text.setAttribute('aria-label', 'Response');
  const copy = button('copy', 'Copy');
  copy.setAttribute('aria-label', 'Copy the response');
  copy.addEventListener('click', () => copyText(json, copy));
  const details = element('details', 'raw', element('summary', '', 'Response JSON'), element('div', 'boxed', text, copy));
  details.open = true;
  return details;
}

/** What is wrong with a part, so that nothing could be judged. */
function renderRemarks(host, remarks, goTo) {
  host.replaceChildren(...remarks.map((remark) => {
    const words = remark.path && remark.path !== 'settings' ? [element('code', 'path', remark.path), ' '] : [];
    words.push(element('span', 'message', remark.message));
    if (!remark.place) return element('p', 'remark', ...words);
    const line = button('remark go', ...words);
    line.addEventListener('click', () => goTo(remark));
    return line;
  }));
}

/** Copies, and says so on the button for a moment. */
async function copyText(text, told) {
  const before = told.textContent;
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
  told.textContent = done ? 'Copied' : 'Not copied';
  setTimeout(() => (told.textContent = before), 1600);
}
