// The page: what is written in it is judged as it is written, and kept in its address.

const byId = (id) => document.getElementById(id);
const JUDGE_AFTER = 120;
const KEEP_AFTER = 400;
// Longer addresses are refused by some browsers, and by most of what people paste links into.
const LONGEST_LINK = 1_500_000;
const NAMES = { request: 'the request', settings: 'the settings', cluster: 'the cluster', now: 'the instant' };

const editors = Object.fromEntries(['request', 'settings', 'cluster'].map((name) => {
  const complete = name === 'settings' ? (before) => completions(before, data.schema) : null;
  return [name, new Editor(byId(name), { changed, complete })];
}));
const parts = { ...editors, now: byId('now') };
const packs = startPacks({ written: readState, write: openState });
let notice = '';
let judging = 0;
let keeping = 0;
let kept = '';

function readState() {
  return Object.fromEntries(PARTS.map((part) => [part, parts[part].value]));
}

function writeState(state) {
  for (const part of PARTS) parts[part].value = state[part];
  byId('cluster-details').open = state.cluster !== '';
  update();
}

/** Shows a state from its first violation on. */
function openState(state) {
  notice = '';
  writeState(state);
  editors.request.reveal();
}

/** A person changed something. */
function changed() {
  notice = '';
  clearTimeout(judging);
  judging = setTimeout(update, JUDGE_AFTER);
}

/** What is asked; an instant that is not written is the clock's. */
function question(state) {
  return { ...state, now: state.now.trim() || new Date().toISOString() };
}

function update() {
  clearTimeout(judging);
  const state = readState();
  packs.follow();
  let answer;
  try {
    answer = judge(question(state));
  } catch (error) {
    // A panic leaves the module in no state to be asked again.
    show('undecided', `the policy crashed: ${error.message}; load the page again`);
    byId('answers').replaceChildren();
    return;
  }
  render(answer);
  clearTimeout(keeping);
  keeping = setTimeout(() => keep(state), KEEP_AFTER);
}

function render(answer) {
  for (const part of PARTS) {
    const isInvalid = answer[part].length > 0;
    renderRemarks(byId(`${part}-remarks`), answer[part], (remark) => editors[part].goTo(remark.place));
    if (part in editors) editors[part].invalid = isInvalid;
    else parts[part].setAttribute('aria-invalid', String(isInvalid));
  }
  byId('manifest').disabled = answer.settings.length > 0 || answer.now.length > 0;
  for (const part of ['settings', 'cluster']) editors[part].setPlaces(marks(answer[part], 'deny'));
  editors.request.setPlaces([
    ...marks(answer.request, 'deny'),
    ...answer.judged.flatMap(({ violations }) => marks(violations, 'deny')),
    ...answer.judged.flatMap(({ warnings }) => marks(warnings, 'warn')),
  ]);
  byId('answers').replaceChildren(...renderAnswers(answer, {
    goTo: (remark) => editors.request.goTo(remark.place),
    point: (remark) => editors.request.setActive(remark?.place ?? null),
    open: openPage,
  }));
  summarise(answer);
}

function marks(remarks, kind) {
  return remarks.filter(({ place }) => place && place.start < place.end).map(({ place }) => ({ ...place, kind }));
}

function summarise(answer) {
  const wrong = PARTS.filter((part) => answer[part].length > 0);
  const { judged } = answer;
  const denied = judged.filter(({ accepted }) => !accepted);
  if (wrong.length > 0) {
    show('undecided', `${wrong.map((part) => NAMES[part]).join(' and ')} cannot be used`);
  } else if (judged.length === 1) {
    show(denied.length > 0 ? 'denied' : 'allowed', counts(judged[0]));
  } else {
    show(denied.length > 0 ? 'denied' : 'allowed', `${judged.length - denied.length} allowed, ${denied.length} denied`);
  }
}

function counts({ denied, warned, signers }) {
  const count = (number, word) => (number > 0 ? [`${number} ${word}${number === 1 ? '' : 's'}`] : []);
  const signed = signers.length > 0 ? [`signed by ${signers.map(({ name }) => name).join(' and ')}`] : [];
  return [...count(denied, 'violation'), ...count(warned, 'warning'), ...signed].join(', ') || 'nothing to object to';
}

function show(verdict, about) {
  const [sign, word] = WORDS[verdict];
  const inside = () => [element('span', 'word', element('span', 'sign', sign), word), ' ', element('span', 'about', about)];
  const summary = byId('summary');
  summary.className = `summary ${verdict}`;
  summary.replaceChildren(...inside());
  if (notice) summary.append(element('span', 'notice', notice));
  byId('strip').className = `strip ${verdict}`;
  byId('strip').replaceChildren(...inside());
}

async function keep(state) {
  const fragment = await encodeState(state);
  if (fragment.length > LONGEST_LINK) return;
  kept = fragment;
  try {
    history.replaceState(null, '', `#${fragment}`);
  } catch {
    // Some browsers allow only so many changes a minute; the button makes the link anew.
  }
}

async function copyLink() {
  const fragment = await encodeState(readState());
  if (fragment.length > LONGEST_LINK) {
    tell(byId('copy-link'), 'Too large');
    return;
  }
  await copyText(`${location.href.split('#')[0]}#${fragment}`, byId('copy-link'));
}

/** Copies what `image-trust manifest` would render. */
async function copyManifest() {
  let text;
  try {
    text = wasm_bindgen.manifest(JSON.stringify(question(readState())), packs.name());
  } catch {
    // What is wrong with the settings stands beside them.
    tell(byId('manifest'), 'The settings have problems');
    return;
  }
  await copyText(text, byId('manifest'));
}

/** What the address holds. Returns whether it holds anything. */
async function openLink() {
  const fragment = location.hash.slice(1);
  // Nothing, or one of the page's own anchors.
  if (fragment === '' || byId(fragment)) return false;
  if (fragment === kept) return true;
  try {
    const state = await decodeState(fragment);
    openState(state);
    return true;
  } catch (error) {
    notice = `The link cannot be read: ${error.message}.`;
    return false;
  }
}

function openPage(code) {
  byId('page-title').textContent = code;
  byId('page-body').replaceChildren(renderMarkdown(wasm_bindgen.rule_page(code) ?? 'This rule has no page.'));
  byId('page').showModal();
  byId('page-body').scrollTop = 0;
}

/** What the buttons above an editor do. */
function startTools(part) {
  const editor = editors[part];
  const tools = byId(`${part}-tools`);
  const [open, layOut] = ['open', 'format'].map((name) => tools.querySelector(`.${name}`));
  openFiles(byId(`${part}-pane`), open, (text) => {
    if (part === 'cluster') byId('cluster-details').open = true;
    editor.replace(text);
    update();
  });
  layOut.addEventListener('click', () => {
    try {
      const text = format(editor.value);
      if (text !== editor.value) editor.replace(text);
      tell(layOut, 'Formatted');
    } catch (error) {
      tell(layOut, 'Not formatted');
      byId('told').textContent = `Not formatted: ${error.message}`;
    }
  });
}

const THEMES = { auto: 'Auto', light: 'Light', dark: 'Dark' };
const THEME = 'image-trust-theme';

function startTheme() {
  const names = Object.keys(THEMES);
  const toggle = byId('theme');
  const apply = (theme) => {
    document.documentElement.dataset.theme = theme;
    toggle.textContent = `◐ ${THEMES[theme]}`;
    toggle.setAttribute('aria-label', `${THEMES[theme]}: colours ${theme === 'auto' ? 'as the system has them' : ''}`.trim());
  };
  const theme = remembered(THEME, 'auto');
  apply(names.includes(theme) ? theme : 'auto');
  toggle.addEventListener('click', () => {
    const next = names[(names.indexOf(document.documentElement.dataset.theme) + 1) % names.length];
    apply(next);
    remember(THEME, next);
  });
}

async function start() {
  startTheme();
  startColumns();
  ignoreOtherFiles();
  for (const part of Object.keys(editors)) startTools(part);
  byId('now').addEventListener('input', changed);
  byId('copy-link').addEventListener('click', copyLink);
  byId('manifest').addEventListener('click', copyManifest);
  byId('page-close').addEventListener('click', () => byId('page').close());
  byId('page').addEventListener('click', (event) => {
    if (event.target === byId('page')) byId('page').close();
  });
  try {
    await startModule();
  } catch (error) {
    show('undecided', `this browser cannot run the policy: ${error.message}`);
    return;
  }
  addEventListener('hashchange', async () => {
    if (!(await openLink()) && notice) update();
  });
  if (!(await openLink())) writeState(packs.first());
  document.documentElement.dataset.ready = 'true';
}

start();
