// The page: what is written in it is judged as it is written, and kept in its address.

const byId = (id) => document.getElementById(id);
const JUDGE_AFTER = 120;
const KEEP_AFTER = 400;
// Longer addresses are refused by some browsers, and by most of what people paste links into.
const LONGEST_LINK = 1_500_000;

const editors = Object.fromEntries(['request', 'settings', 'cluster'].map((name) => {
  const complete = name === 'settings' ? (before) => completions(before, data.schema) : null;
  return [name, new Editor(byId(name), { changed, complete })];
}));
const parts = { ...editors, now: byId('now') };
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

/** A person changed something: it is no longer the case that was chosen. */
function changed() {
  byId('case').value = '';
  notice = '';
  clearTimeout(judging);
  judging = setTimeout(update, JUDGE_AFTER);
}

function update() {
  const state = readState();
  let answer;
  try {
    answer = judge({ ...state, now: state.now.trim() || new Date().toISOString() });
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
    const go = (remark) => editors[part]?.goTo(remark.place);
    renderRemarks(byId(`${part}-remarks`), answer[part], go);
    const field = editors[part]?.area ?? parts[part];
    if (answer[part].length > 0) field.setAttribute('aria-invalid', 'true');
    else field.removeAttribute('aria-invalid');
  }
  for (const part of ['settings', 'cluster']) editors[part].setPlaces(marks(answer[part], 'deny'));
  editors.request.setPlaces([
    ...marks(answer.request, 'deny'),
    ...answer.judged.flatMap(({ violations }) => marks(violations, 'deny')),
    ...answer.judged.flatMap(({ warnings }) => marks(warnings, 'warn')),
  ]);
  byId('answers').replaceChildren(...renderAnswers(answer.judged, {
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

const NAMES = { request: 'the request', settings: 'the settings', cluster: 'the cluster', now: 'the instant' };

function counts({ violations, warnings }) {
  const count = (number, word) => (number > 0 ? [`${number} ${word}${number === 1 ? '' : 's'}`] : []);
  return [...count(violations.length, 'violation'), ...count(warnings.length, 'warning')].join(', ') || 'nothing to object to';
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
    byId('copy-link').textContent = 'Too large for a link';
    return;
  }
  await copyText(`${location.href.split('#')[0]}#${fragment}`, byId('copy-link'));
}

/** What the address holds. Returns whether it holds anything. */
async function openLink() {
  const fragment = location.hash.slice(1);
  // Nothing, or one of the page's own anchors.
  if (fragment === '' || byId(fragment)) return false;
  if (fragment === kept) return true;
  try {
    const state = await decodeState(fragment);
    notice = '';
    byId('case').value = '';
    writeState(state);
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

function fillCases() {
  const select = byId('case');
  select.append(new Option('your own', ''));
  data.packs.forEach((pack, at) => {
    const group = element('optgroup');
    group.label = pack.name;
    pack.cases.forEach((one, index) => {
      group.append(new Option(`${WORDS[one.verdict][0]} ${one.name}`, `${at}.${index}`));
    });
    select.append(group);
  });
  select.addEventListener('change', () => {
    if (select.value) openCase(select.value);
  });
}

function openCase(value) {
  const [pack, index] = value.split('.').map(Number);
  const { settings, cases } = data.packs[pack];
  const { request, cluster, now } = cases[index];
  writeState({ request, settings, cluster, now });
  editors.request.reveal();
  byId('case').value = value;
}

/** The first case that shows what this is about. */
function firstCase() {
  const pack = Math.max(0, data.packs.findIndex(({ name }) => name === 'trusted-sources'));
  const index = data.packs[pack].cases.findIndex(({ verdict }) => verdict === 'denied');
  return `${pack}.${Math.max(0, index)}`;
}

const THEMES = { auto: 'Auto', light: 'Light', dark: 'Dark' };

function startTheme() {
  const names = Object.keys(THEMES);
  const toggle = byId('theme');
  const apply = (theme) => {
    document.documentElement.dataset.theme = theme;
    toggle.textContent = `◐ ${THEMES[theme]}`;
    toggle.setAttribute('aria-label', `Colours: ${theme === 'auto' ? 'as the system has them' : theme}`);
  };
  // A file has no storage in some browsers: then the choice lasts as long as the page.
  const remembered = () => {
    try {
      return localStorage.getItem('image-trust-theme');
    } catch {
      return null;
    }
  };
  apply(names.includes(remembered()) ? remembered() : 'auto');
  toggle.addEventListener('click', () => {
    const theme = names[(names.indexOf(document.documentElement.dataset.theme) + 1) % names.length];
    apply(theme);
    try {
      localStorage.setItem('image-trust-theme', theme);
    } catch {
      // As above.
    }
  });
}

async function start() {
  startTheme();
  fillCases();
  byId('now').addEventListener('input', changed);
  byId('copy-link').addEventListener('click', copyLink);
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
  if (!(await openLink())) openCase(firstCase());
  document.documentElement.dataset.ready = 'true';
}

start();
