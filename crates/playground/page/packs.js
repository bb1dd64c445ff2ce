// The packs and their cases. What the two lists show follows from what is written in the page.

/** `written` tells what is written, `write` writes other texts. */
function startPacks({ written, write }) {
  const [packs, cases] = [byId('pack'), byId('case')];
  const own = new Option('your own settings', '');
  own.hidden = true;
  packs.append(own, ...data.packs.map(({ name }) => new Option(name, name)));
  let pack = data.packs.find(({ name }) => name === 'trusted-sources') ?? data.packs[0];

  packs.addEventListener('change', () => {
    const isShipped = data.packs.some((one) => findCase(one, written()));
    pack = data.packs.find(({ name }) => name === packs.value);
    // What a person wrote stays, to be judged by other settings.
    write(isShipped ? firstCase(pack) : { ...written(), settings: pack.settings });
  });
  cases.addEventListener('change', () => write(casesOf(pack)[Number(cases.value)].state));

  return {
    first: () => firstCase(pack),
    /** The name of the pack whose settings are written; empty where they are others. */
    name: () => packs.value,
    /** Shows what is written. */
    follow() {
      const state = written();
      const found = data.packs.find(({ settings }) => settings === state.settings);
      if (found) pack = found;
      packs.value = found?.name ?? '';
      byId('pack-about').textContent = found?.about ?? 'the policy’s settings, or a manifest that holds them';
      fillCases(cases, pack);
      const at = found ? findCase(pack, state)?.value : undefined;
      cases.value = at ?? '';
    },
  };
}

function fillCases(select, pack) {
  if (select.dataset.pack === pack.name) return;
  select.dataset.pack = pack.name;
  const own = new Option('your own request', '');
  own.hidden = true;
  const all = casesOf(pack);
  const group = (label, options) => {
    const made = element('optgroup', '', ...options.map(({ title, value }) => new Option(title, value)));
    made.label = label;
    return options.length > 0 ? [made] : [];
  };
  select.replaceChildren(
    own,
    ...group('To begin with', all.filter(({ isExample }) => isExample)),
    ...group('The pack’s tests', all.filter(({ isExample }) => !isExample)),
  );
}

/** What can be chosen of a pack: `{ value, title, state, isExample }`. */
function casesOf({ settings, examples, cases }) {
  const all = [
    ...examples.map(({ name, request }) => ({ title: name, isExample: true, state: { request, settings, cluster: '', now: '' } })),
    ...cases.map(({ name, verdict, request, cluster, now }) => ({
      title: `${WORDS[verdict][0]} ${name.replaceAll('`', '')}`,
      isExample: false,
      state: { request, settings, cluster, now },
    })),
  ];
  return all.map((one, index) => ({ ...one, value: String(index) }));
}

function firstCase(pack) {
  const all = casesOf(pack);
  const denied = all.findIndex(({ title }) => title.startsWith(WORDS.denied[0]));
  return all[all[0].isExample ? 0 : Math.max(0, denied)].state;
}

function findCase(pack, { request, cluster, now }) {
  return casesOf(pack).find(({ state }) => state.request === request && state.cluster === cluster && state.now === now);
}
