// The playground as a person meets it: opened from a file, in a browser.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { choose, expected, launch, markedBy, screenshotPath, selectedIn, settle, shown, withPage, write, wrongByAxe } from './page.js';

let browser;
before(async () => {
  browser = await launch();
});
after(() => browser.close());

const STREAM = `apiVersion: image.openshift.io/v1
kind: ImageStream
metadata:
  name: web
  namespace: shop
  annotations:
    openshift.io/image.insecureRepository: "true"
spec:
  tags:
    - name: v1
      from: {kind: DockerImage, name: quay.example/acme/web:v1}
    - name: "ü"   # not ASCII, and before what is marked
      from:
        kind: DockerImage
        name: docker.io/library/nginx
`;
const SETTINGS = 'references: {allow: [quay.example], pinned: [quay.example]}\n';

const PHONE = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 };
const SIGNED = ['team-signed', 'two of three is enough'];

test('every case of every pack is answered as the library answers it', async () => {
  await withPage(browser, {}, async (page) => {
    const options = await page.evaluate(() => data.packs.flatMap((pack) =>
      pack.cases.map((one, index) => ({ pack: pack.name, case: one.name, value: String(pack.examples.length + index) }))));
    assert.ok(expected.cases.length > 0);
    assert.deepEqual(options.map((one) => [one.pack, one.case]), expected.cases.map((one) => [one.pack, one.case]));
    for (const [index, { pack, case: name, now, response, outcome }] of expected.cases.entries()) {
      const where = `${pack}: ${name}`;
      if (await page.inputValue('#pack') !== pack) await page.selectOption('#pack', pack);
      await page.selectOption('#case', options[index].value);
      await page.locator('#now').fill(now);
      await settle(page);
      const found = await shown(page);
      assert.equal(found.word, outcome.verdict === 'allowed' ? 'Allowed' : 'Denied', where);
      assert.deepEqual(found.findings, [...outcome.violations, ...outcome.warnings], where);
      assert.equal(JSON.stringify(JSON.parse(found.response)), response, where);
      // To the byte, as the module's answer is compared with the library's elsewhere.
      const raw = await page.evaluate(() => JSON.parse(wasm_bindgen.judge(JSON.stringify(readState()))).judged[0].response);
      assert.equal(raw, response, where);
    }
  });
});

test('every finding of every case has its place in the request', async () => {
  await withPage(browser, {}, async (page) => {
    const lost = await page.evaluate(() => data.packs.flatMap(({ name, settings, cases }) => cases.flatMap((one) => {
      const question = { request: one.request, settings, cluster: one.cluster, now: one.now || new Date().toISOString() };
      const [{ violations, warnings }] = judge(question).judged;
      return [...violations, ...warnings].filter(({ place }) => !place || place.start >= place.end)
        .map(({ path, code }) => `${name}: ${one.name}: ${path} [${code}]`);
    })));
    assert.deepEqual(lost, []);
  });
});

test('the page says what it is for, and opens on a short object in YAML', async () => {
  await withPage(browser, {}, async (page) => {
    assert.match(await page.locator('.purpose').innerText(), /^Would it be admitted\? .* admission policy answers\./);
    const links = await page.locator('.purpose a').evaluateAll((all) => all.map(({ textContent, href }) => [textContent, href]));
    const repository = 'https://github.com/openshift-image-trust/openshift-image-trust';
    assert.deepEqual(links, [['Repository', `${repository}#readme`], ['Documentation', `${repository}/blob/main/docs/README.md`]]);
    const { request } = await page.evaluate(() => readState());
    assert.match(request, /^# .*\napiVersion: image\.openshift\.io\/v1\nkind: ImageStream\n/);
    assert.ok(request.split('\n').length < 25);
    assert.equal((await shown(page)).word, 'Denied');
    const scrolled = await page.evaluate(() => [...document.querySelectorAll('.cm-scroller')].map((one) => [one.scrollLeft, one.scrollTop]));
    assert.deepEqual(scrolled, [[0, 0], [0, 0], [0, 0]]);
    assert.equal(await page.locator('.raw').getAttribute('open'), null);
  });
});

test('violations are counted, also those that the answer does not list', async () => {
  const tags = Array.from({ length: 50 }, (_, tag) => `    - {name: v${tag}, from: {kind: DockerImage, name: "docker.io/x:${tag}"}}\n`);
  const request = `apiVersion: image.openshift.io/v1\nkind: ImageStream\nmetadata: {name: web, namespace: shop}\nspec:\n  tags:\n${tags.join('')}`;
  await withPage(browser, {}, async (page) => {
    for (const [settings, counted] of [['', '50 violations'], ['rules: {source-not-allowed: warn}\n', '50 warnings']]) {
      await write(page, { request, settings: `${settings}references: {allow: [quay.example]}\nanswers: {help: "ask the platform team"}\n` });
      assert.equal(await page.locator('#summary .about').textContent(), counted);
      assert.equal(await page.locator('.answer h3 .count').textContent(), '50');
      assert.equal(await page.locator('.finding').count(), 20);
      assert.match(await page.locator('.more').textContent(), /^and 30 more/);
      assert.deepEqual(await page.locator('.help').allTextContents(), settings ? [] : ['ask the platform team']);
    }
  });
});

test('a violation that is tapped on a phone brings its line into view, and marks it', async () => {
  await withPage(browser, PHONE, async (page) => {
    await choose(page, 'trusted-sources', 'each source of a risky stream');
    for (const at of [0, 3]) {
      const line = page.locator('.finding button.go').nth(at);
      await line.scrollIntoViewIfNeeded();
      await line.tap();
      await page.waitForFunction(() => {
        const active = document.querySelector('#request .active-line')?.getBoundingClientRect();
        const strip = document.querySelector('#strip').getBoundingClientRect();
        const sheet = document.querySelector('#request').getBoundingClientRect();
        return active && active.top >= Math.max(0, sheet.top) && active.bottom <= Math.min(strip.top, sheet.bottom);
      });
      assert.ok(await page.locator('#request .mark.active').count() > 0);
      // The keyboard would cover it.
      assert.equal(await page.evaluate(() => document.querySelector('#request').contains(document.activeElement)), false);
    }
    await page.locator('#strip').tap();
    await page.waitForFunction(() => document.querySelector('#summary').getBoundingClientRect().top < innerHeight / 2);
  });
});

test('who signed is told of what is allowed', async () => {
  await withPage(browser, {}, async (page) => {
    await choose(page, ...SIGNED);
    assert.equal(await page.locator('#summary').innerText(), '✓Allowed signed by qa-2023 and release-2024');
    assert.deepEqual(await page.locator('.signer').allInnerTexts(), [
      'qa-2023\n64DC B9DA AF84 E551 6A40 9321 2AF0 F1F9 4297 4422',
      'release-2024\n92CB ABD3 BF7B 8E05 5C19 E3A7 6FE6 B590 713E 7473',
    ]);
    // Also where the image that a tag points at is signed, as the cluster has it.
    await choose(page, 'locked-down', 'a signed release, by its digest');
    assert.equal(await page.locator('#summary .about').textContent(), 'signed by release');
    await choose(page, 'team-signed', 'no signature at all');
    assert.equal(await page.locator('.signer').count(), 0);
  });
});

test('what exemptions let pass is told', async () => {
  await withPage(browser, {}, async (page) => {
    await write(page, { request: STREAM, settings: `${SETTINGS}exemptions: [{reason: agreed, namespaces: [shop], rules: [source-not-allowed]}]\n` });
    assert.equal(await page.locator('.exempted').textContent(), 'source-not-allowed: agreed');
  });
});

test('what stands in backticks is code, and nothing else is', async () => {
  await withPage(browser, {}, async (page) => {
    await write(page, { request: STREAM.replace('docker.io/library/nginx', '"docker.io/[x](https://evil.example)"'), settings: SETTINGS });
    assert.equal(await page.locator('.answer a').count(), 0);
    await write(page, { request: STREAM, settings: SETTINGS });
    const message = page.locator('.finding', { hasText: 'source-not-allowed' }).locator('.message');
    assert.doesNotMatch(await message.textContent(), /`/);
    assert.deepEqual(await message.locator('code').allTextContents(), ['docker.io/library/nginx', 'docker.io', 'quay.example', 'references.allow']);
  });
});

test('pods, workloads and builds are judged like what the image API gets', async () => {
  await withPage(browser, {}, async (page) => {
    await page.selectOption('#pack', 'running-images');
    assert.match(await page.evaluate(() => readState().request), /^# .*\napiVersion: apps\/v1\nkind: Deployment\n/);
    assert.deepEqual((await shown(page)).findings.map(({ path }) => path), Array(2).fill('spec.template.spec.containers[1].image'));
    const { selected } = await markedBy(page, 'spec.template.spec.containers[1].image');
    assert.equal(selected, 'nginx:1.27');
    await choose(page, 'running-images', 'A pod');
    assert.equal((await shown(page)).word, 'Allowed');
    await write(page, { request: 'apiVersion: batch/v1\nkind: CronJob\nmetadata: {name: a, namespace: shop}\nspec: {jobTemplate: {spec: {template: {spec: {containers: [{name: a, image: nginx}]}}}}}\n' });
    assert.equal((await shown(page)).word, 'Denied');
  });
});

test('a pack brings its settings and its cases, and leaves what a person wrote', async () => {
  await withPage(browser, {}, async (page) => {
    const chosen = () => page.evaluate(() => [byId('pack'), byId('case')].map((one) => one.selectedOptions[0]?.textContent));
    assert.deepEqual(await chosen(), ['trusted-sources', 'A stream with two tags: one is ours, the other is from Docker Hub']);
    await page.selectOption('#pack', 'locked-down');
    assert.match((await chosen())[1], /^✕ /);
    await write(page, { request: STREAM, cluster: '', now: '' });
    assert.deepEqual(await chosen(), ['locked-down', 'your own request']);
    await page.selectOption('#pack', 'baseline');
    assert.deepEqual(await page.evaluate(() => readState().request), STREAM);
    assert.deepEqual(await page.evaluate(() => readState().settings), await page.evaluate(() => data.packs.find(({ name }) => name === 'baseline').settings));
    await write(page, { settings: 'rules: {}\n' });
    await page.selectOption('#pack', 'baseline');
    await page.locator('#settings .cm-content').focus();
    await page.keyboard.press('Control+z');
    assert.equal(await page.evaluate(() => readState().settings), 'rules: {}\n');
    await write(page, { settings: '{}' });
    assert.deepEqual(await chosen(), ['your own settings', 'your own request']);
    const listed = await page.locator('#pack option:not([hidden])').allTextContents();
    assert.ok(listed.includes('running-images') && listed.length === Object.keys(expected.manifests).length, listed);
  });
});

test('settings are copied as the manifest that deploys them', async () => {
  await withPage(browser, {}, async (page) => {
    await page.evaluate(() => {
      window.copied = [];
      Object.defineProperty(navigator, 'clipboard', { value: { writeText: async (text) => void window.copied.push(text) } });
    });
    for (const [pack, manifest] of Object.entries(expected.manifests)) {
      await page.selectOption('#pack', pack);
      const before = await page.evaluate(() => window.copied.length);
      await page.locator('#manifest').click();
      await page.waitForFunction((count) => window.copied.length > count, before);
      assert.equal(await page.evaluate(() => window.copied.at(-1)), manifest, pack);
    }
    assert.equal(await page.locator('#told').textContent(), 'Copied');
    await write(page, { settings: 'references: {alow: []}' });
    assert.ok(await page.locator('#manifest').isDisabled());
  });
});

test('YAML and JSON have colours, and Tab indents', async () => {
  await withPage(browser, {}, async (page) => {
    const colours = (text) => page.evaluate((key) => [...document.querySelectorAll('#request .cm-content span')]
      .filter((one) => one.textContent === key).map((one) => getComputedStyle(one).color)[0], text);
    const plain = await page.evaluate(() => getComputedStyle(document.querySelector('#request .cm-content')).color);
    for (const [text, parts] of [[STREAM, ['apiVersion', '# not ASCII, and before what is marked']], ['{"a": [1, "b"]}', ['"a"', '1', '"b"']]]) {
      await write(page, { request: text });
      for (const part of parts) {
        await page.waitForFunction((key) => [...document.querySelectorAll('#request .cm-content span')].some((one) => one.textContent === key), part);
        assert.notEqual(await colours(part), plain, part);
      }
    }
    await write(page, { request: 'a:\nb: 1\n' });
    await page.evaluate(() => {
      editors.request.view.focus();
      editors.request.view.dispatch({ selection: { anchor: 3 } });
    });
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => editors.request.value), 'a:\n  b: 1\n');
    await page.keyboard.press('Shift+Tab');
    assert.equal(await page.evaluate(() => editors.request.value), 'a:\nb: 1\n');
    await page.keyboard.press('End');
    await page.keyboard.press('Enter');
    await page.keyboard.type('c:');
    await page.keyboard.press('Control+z');
    assert.match(await page.evaluate(() => editors.request.value), /^a:\nb: 1\n/);
    assert.match(await page.locator('#editor-keys').innerText(), /Esc and then Tab leads out/);
  });
});

test('a file is opened, or dropped where it belongs', async () => {
  const file = (name, text) => ({ name, mimeType: 'text/plain', buffer: Buffer.from(text) });
  const drop = (page, selector, texts) => page.evaluate(([where, contents]) => {
    const dataTransfer = new DataTransfer();
    contents.forEach((text, index) => dataTransfer.items.add(new File([text], `${index}.yaml`)));
    for (const name of ['dragover', 'drop']) {
      document.querySelector(where).dispatchEvent(new DragEvent(name, { dataTransfer, bubbles: true, cancelable: true }));
    }
  }, [selector, texts]);
  await withPage(browser, {}, async (page) => {
    for (const part of ['request', 'settings', 'cluster']) {
      await page.evaluate(() => (byId('cluster-details').open = true));
      const chooser = page.waitForEvent('filechooser');
      await page.locator(`#${part}-tools .open`).click();
      await (await chooser).setFiles(file('a.yaml', `# opened in ${part}\n`));
      await page.waitForFunction(([name, text]) => editors[name].value === text, [part, `# opened in ${part}\n`]);
      await drop(page, `#${part} .cm-content`, [`# dropped on ${part}\n`]);
      await page.waitForFunction(([name, text]) => editors[name].value === text, [part, `# dropped on ${part}\n`]);
    }
    await drop(page, '#request-pane h2', [STREAM, `---\n${STREAM}`]);
    await page.waitForFunction((text) => editors.request.value === text, `---\n${STREAM}---\n${STREAM}`);
    await drop(page, '#request-pane', ['{"a": 1}', '{"b": 2}\n']);
    await page.waitForFunction((text) => editors.request.value === text, '{"a": 1}\n{"b": 2}\n');
    // What is opened can be undone, and what is dropped elsewhere is not opened in place of the page.
    await page.locator('#request .cm-content').focus();
    await page.keyboard.press('Control+z');
    assert.match(await page.evaluate(() => editors.request.value), /^---\n/);
    await drop(page, 'footer', ['a: 1']);
    assert.match(await page.evaluate(() => editors.request.value), /^---\n/);
  });
});

test('a text is laid out, and means what it meant', async () => {
  const cases = [
    ['{"a":[1,{"b":"x\\"}, "}],"c":{},"d":[]}', '{\n  "a": [\n    1,\n    {\n      "b": "x\\"}, "\n    }\n  ],\n  "c": {},\n  "d": []\n}\n'],
    // Numbers are not read, so that none is rounded.
    ['{"a": 12345678901234567890.10}{"b":1e999}', '{\n  "a": 12345678901234567890.10\n}\n{\n  "b": 1e999\n}\n'],
    ['a:   1 # why\nb:\n    - {c:   d}\n    - "1.10"\n# end\n', 'a: 1 # why\nb:\n  - {c: d}\n  - "1.10"\n\n# end\n'],
    ['a: 1\n---\nb:   2\n', 'a: 1\n---\nb: 2\n'],
    ['a: |\n   x\n   y\nb: 12345678901234567890\nc: 0x1F\nd: 1.10\n', 'a: |\n  x\n  y\nb: 12345678901234567890\nc: 0x1f\nd: 1.10\n'],
    ['{"a": [1}', null],
    ['{"a": "x}', null],
    ['{"a": 1', null],
    ['{"a": [1 2]}', null],
    ['{"a": tru e}', null],
    ['{"a" "b": 1}', null],
    ['a: [1', null],
    ['a: 1\na: 2\n', null],
  ];
  await withPage(browser, {}, async (page) => {
    for (const [text, expectedText] of cases) {
      await write(page, { request: text });
      await page.locator('#request-tools .format').click();
      assert.equal(await page.evaluate(() => editors.request.value), expectedText ?? text);
      const told = await page.locator('#told').textContent();
      if (expectedText) assert.equal(told, 'Formatted');
      else assert.match(told, /^Not formatted: ./, text);
    }
    // All that is shipped can be laid out, and is answered alike.
    const different = await page.evaluate(() => data.packs.flatMap(({ settings, examples, cases: all }) =>
      [...examples.map((one) => ({ ...one, cluster: '', now: '' })), ...all].filter((one) => {
        const answers = [[one.request, settings, one.cluster], [one.request, settings, one.cluster].map((text) => text && format(text))]
          .map(([request, set, cluster]) => judge(question({ request, settings: set, cluster, now: one.now || '2026-03-01T00:00:00Z' })));
        return answers[0].judged.length === 0 || answers[0].judged[0].response !== answers[1].judged[0]?.response;
      }).map(({ name }) => name)));
    assert.deepEqual(different, []);
  });
});

test('columns become wider and narrower, by mouse and by keyboard, and stay so', async () => {
  const width = (page, pane) => page.evaluate((id) => byId(id).offsetWidth, pane);
  for (const [options, names] of [[{}, ['request', 'settings']], [{ viewport: { width: 820, height: 1180 } }, ['request']]]) {
    await withPage(browser, options, async (page) => {
      const separators = page.locator('[role="separator"]').filter({ visible: true });
      assert.equal(await separators.count(), names.length);
      for (const [index, pane] of ['request-pane', 'settings-column'].slice(0, names.length).entries()) {
        const separator = separators.nth(index);
        const before = await width(page, pane);
        const value = Number(await separator.getAttribute('aria-valuenow'));
        await separator.press('ArrowRight');
        assert.ok(await width(page, pane) > before, pane);
        assert.equal(Number(await separator.getAttribute('aria-valuenow')), value + 2);
        for (const key of ['Home', 'ArrowLeft']) await separator.press(key);
        const narrowest = await width(page, pane);
        assert.ok(narrowest < before && narrowest > 150, `${pane}: ${narrowest}`);
        const { x, y, width: wide } = await separator.boundingBox();
        await page.mouse.move(x + wide / 2, y + 100);
        await page.mouse.down();
        await page.mouse.move(x + wide / 2 + 90, y + 100, { steps: 4 });
        await page.mouse.up();
        assert.ok(Math.abs(await width(page, pane) - narrowest - 90) < 12, `${pane}: ${await width(page, pane)} after ${narrowest}`);
      }
      const widths = await page.evaluate(() => localStorage.getItem('image-trust-columns'));
      await page.reload();
      await page.waitForSelector('html[data-ready]');
      assert.equal(await page.evaluate(() => document.querySelector('main').style.getPropertyValue('--request')), `${JSON.parse(widths).request}fr`);
      await separators.first().dblclick();
      assert.equal(await page.evaluate(() => document.querySelector('main').style.getPropertyValue('--request')), '35fr');
    });
  }
});

test('a case shows where its first violation is', async () => {
  await withPage(browser, {}, async (page) => {
    await choose(page, 'trusted-sources', 'each source of a risky stream');
    await page.waitForSelector('#request .mark');
    const seen = await page.evaluate(() => {
      const mark = document.querySelector('#request .mark').getBoundingClientRect();
      const sheet = document.querySelector('#request .cm-scroller').getBoundingClientRect();
      return sheet.top <= mark.top && mark.bottom <= sheet.bottom;
    });
    assert.ok(seen);
  });
});

test('a violation leads to its place in YAML', async () => {
  await withPage(browser, {}, async (page) => {
    await write(page, { request: STREAM, settings: SETTINGS, cluster: '' });
    assert.deepEqual((await shown(page)).findings.map(({ path }) => path), [
      'metadata.annotations[openshift.io/image.insecureRepository]',
      'spec.tags[0].from.name',
      'spec.tags[1].from.name',
      'spec.tags[1].name',
    ]);
    const found = (selected) => ({ selected, marked: selected, near: false, focused: true });
    assert.deepEqual(await markedBy(page, 'spec.tags[0].from.name'), found('quay.example/acme/web:v1'));
    assert.deepEqual(await markedBy(page, 'spec.tags[1].from.name'), found('docker.io/library/nginx'));
    assert.deepEqual(await markedBy(page, 'spec.tags[1].name'), found('"ü"'));
    assert.deepEqual(await markedBy(page, 'metadata.annotations[openshift.io/image.insecureRepository]'), found('"true"'));
  });
});

test('a violation leads to its place in JSON, in a review, and in a list', async () => {
  const stream = (name) => ({
    apiVersion: 'image.openshift.io/v1',
    kind: 'ImageStream',
    metadata: { name: 'web', namespace: 'shop' },
    spec: { tags: [{ name: 'v1', from: { kind: 'DockerImage', name } }] },
  });
  const request = (object, more) => ({
    uid: '1',
    kind: { group: 'image.openshift.io', version: 'v1', kind: 'ImageStream' },
    resource: { group: 'image.openshift.io', version: 'v1', resource: 'imagestreams' },
    namespace: 'shop',
    name: 'web',
    operation: 'CREATE',
    userInfo: { username: 'dana' },
    ...more,
    object,
  });
  const old = stream('docker.io/acme/old');
  const cases = [
    ['an object', JSON.stringify(stream('docker.io/acme/a')), '"docker.io/acme/a"'],
    ['a bare request', JSON.stringify(request(stream('docker.io/acme/b')), null, 1), '"docker.io/acme/b"'],
    ['a review', JSON.stringify({ kind: 'AdmissionReview', request: request(stream('docker.io/acme/c'), { operation: 'UPDATE', oldObject: old }) }, null, '\t'), '"docker.io/acme/c"'],
    ['two in a row', `${JSON.stringify(stream('quay.example/acme/d'))}\n${JSON.stringify(stream('docker.io/acme/e'))}`, '"docker.io/acme/e"'],
    ['a list', JSON.stringify({ apiVersion: 'v1', kind: 'List', items: [stream('quay.example/acme/d'), stream('docker.io/acme/f')] }), '"docker.io/acme/f"'],
    ['documents', `# first\n---\n${JSON.stringify(stream('quay.example/acme/d'))}\n---\n---\n${STREAM.replace('docker.io', 'quay.example').replace('quay.example/acme/web:v1', 'docker.io/g')}`, 'docker.io/g'],
  ];
  await withPage(browser, {}, async (page) => {
    for (const [name, text, selected] of cases) {
      await write(page, { request: text, settings: 'references: {allow: [quay.example]}', cluster: '' });
      const found = await markedBy(page, 'spec.tags[0].from.name');
      assert.deepEqual(found, { selected, marked: selected, near: false, focused: true }, name);
    }
  });
});

test('what is missing is marked where it belongs', async () => {
  await withPage(browser, {}, async (page) => {
    await write(page, {
      request: 'apiVersion: image.openshift.io/v1\nkind: ImageStreamTag\nmetadata: {name: "web:v1", namespace: shop}\ntag:\n  from:\n    kind: DockerImage\n',
      settings: '{}',
      cluster: '',
    });
    const { findings } = await shown(page);
    assert.deepEqual(findings.map(({ path }) => path), ['tag.from.name']);
    assert.deepEqual(await markedBy(page, 'tag.from.name'), { selected: 'from', marked: 'from', near: true, focused: true });
    assert.match(await page.locator('.finding .hint').textContent(), /where it belongs/);
  });
});

test('several requests are each answered', async () => {
  await withPage(browser, {}, async (page) => {
    await write(page, { request: `${STREAM}---\n${STREAM.replace('docker.io/library/nginx', 'quay.example/acme/nginx')}`, settings: 'references: {allow: [quay.example]}', cluster: '' });
    assert.equal(await page.locator('.answer').count(), 2);
    assert.match(await page.locator('#summary').textContent(), /0 allowed, 2 denied/);
  });
});

test('what cannot be read is said, with its place', async () => {
  const cases = [
    ['request', 'a: [', /^is not valid YAML: /],
    ['request', '', /^holds no object$/],
    ['request', '{"kind": "ImageStream",\n "kind": "Image"}', /the key kind is given twice/],
    ['settings', 'references:\n  alow: []\n', /^references unknown key alow: did you mean allow\?$/, 'alow'],
    ['settings', 'references:\n  allow: quay.io\n', /expected a list/, 'quay.io'],
    ['settings', 'rules: {digest-mising: warn}\n', /did you mean digest-missing/, 'digest-mising'],
    ['settings', 'exemptions:\n  - {reason: a, users: [a], rules: [digest-mising]}\n', /did you mean digest-missing/, 'digest-mising'],
    ['settings', 'apiVersion: policies.kubewarden.io/v1\nkind: AdmissionPolicy\nspec:\n  settings:\n    refrences: {}\n', /did you mean references/, 'refrences'],
    ['settings', '', /holds no settings/],
    ['settings', 'a: 1\na: 2\n', /the key a is given twice/],
    ['cluster', 'kind: Image', /no object with kind and name/],
    ['now', 'yesterday', /no RFC 3339 timestamp/],
  ];
  await withPage(browser, {}, async (page) => {
    for (const [part, text, message, place] of cases) {
      await write(page, { request: STREAM, settings: '{}', cluster: '', now: '' });
      assert.equal((await shown(page)).word, 'Denied');
      await write(page, { [part]: text });
      assert.equal((await shown(page)).word, 'Not judged', text);
      const remarks = page.locator(`#${part}-remarks`);
      assert.match((await remarks.innerText()).replace(/\s+/g, ' ').trim(), message);
      if (place) {
        assert.equal(await page.locator(`#${part} .mark`).first().textContent(), place);
        await remarks.locator('button').first().click();
        assert.equal(await selectedIn(page, part), place);
      }
    }
  });
});

test('settings complete as one types', async () => {
  await withPage(browser, {}, async (page) => {
    const area = page.locator('#settings .cm-content');
    const offered = async () => {
      await page.waitForSelector('.cm-tooltip-autocomplete');
      // What was just opened takes no keys yet, lest it take those that were meant for the text.
      await page.waitForTimeout(100);
      return page.locator('.cm-tooltip-autocomplete li .cm-completionLabel').allTextContents();
    };
    await write(page, { settings: '' });
    await area.pressSequentially('ref');
    assert.deepEqual(await offered(), ['references']);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await area.pressSequentially('ki');
    assert.deepEqual(await offered(), ['kinds']);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    await area.pressSequentially('Dock');
    assert.deepEqual(await offered(), ['DockerImage']);
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => editors.settings.value), 'references: \n  kinds: \n    - DockerImage'.replaceAll(': \n', ':\n'));
    const table = [
      ['', ['answers', 'exemptions', 'images', 'limits', 'platformExemptions', 'references', 'rules', 'signers', 'trust']],
      ['rules: {tag-moved: ', ['deny', 'warn', 'off']],
      ['rules:\n  tag-moved: ', ['deny', 'warn', 'off']],
      ['rules:\n  digest-m', ['digest-missing', 'signature-digest-mismatch']],
      ['references:\n  allow: []\n  al', []],
      ['references:\n  sourceTags:\n    ', ['deny', 'allow']],
      ['exemptions:\n  - reason: x\n    unt', ['until']],
      ['exemptions:\n- reason: x\n  unt', ['until']],
      ['trust:\n  scopes:\n    quay.io:\n      - type: ', ['anyOf', 'signedBy', 'insecureAcceptAnything', 'reject', 'sigstoreSigned']],
      ['{"references": {"importMode": ["', ['Legacy', 'PreserveOriginal']],
      ['{"limits": {"sig', ['signatureBytes', 'signaturesPerImage']],
      ['# ref', []],
    ];
    for (const [before, words] of table) {
      const found = await page.evaluate((text) => (completions(text, data.schema)?.options ?? []).map(({ text: word }) => word), before);
      assert.deepEqual(found.toSorted(), words.toSorted(), before);
    }
  });
});

test('a rule’s page opens on a click, and closes on Escape', async () => {
  await withPage(browser, {}, async (page) => {
    await write(page, { request: STREAM, settings: SETTINGS, cluster: '' });
    const rule = page.locator('.finding .rule').nth(1);
    await rule.click();
    const dialog = page.locator('dialog');
    assert.ok(await dialog.isVisible());
    assert.equal(await page.locator('#page-title').textContent(), 'digest-missing');
    assert.deepEqual((await dialog.locator('h3').allTextContents()).slice(0, 2), ['Why', 'Denied']);
    await page.keyboard.press('Escape');
    assert.ok(!(await dialog.isVisible()));
    assert.ok(await rule.evaluate((element) => element === document.activeElement));
    const empty = await page.evaluate(() => JSON.parse(wasm_bindgen.rules()).filter(({ code }) => !wasm_bindgen.rule_page(code)));
    assert.deepEqual(empty, []);
  });
});

test('a link carries everything, and a broken one is told', async () => {
  const state = { request: STREAM, settings: SETTINGS, cluster: 'kind: List\nitems: []\n', now: '2026-03-01T00:00:00Z' };
  let fragment;
  await withPage(browser, {}, async (page) => {
    await write(page, state);
    await page.waitForFunction(() => kept !== '' && location.hash === `#${kept}`);
    fragment = await page.evaluate(async () => {
      while ((await decodeState(kept)).cluster === '') await new Promise((done) => setTimeout(done, 50));
      return location.hash;
    });
  });
  await withPage(browser, { fragment }, async (page) => {
    assert.deepEqual(await page.evaluate(() => readState()), state);
    assert.equal((await shown(page)).word, 'Denied');
    // An address that changes beneath the page is followed.
    const other = await page.evaluate(async () => encodeState({ ...readState(), settings: '{}', now: '' }));
    await page.evaluate((hash) => (location.hash = hash), other);
    await page.waitForFunction(() => readState().settings === '{}');
  });
  for (const broken of ['#1.AAAA', '#nonsense', fragment.slice(0, 40), '#0.e30', '#0.bnVsbA', '#1.', '#0.%']) {
    await withPage(browser, { fragment: broken }, async (page) => {
      assert.match(await page.locator('#summary').textContent(), /The link cannot be read: it /, broken);
      assert.match((await shown(page)).word, /Denied|Allowed/);
    });
  }
});

test('the request is text, whatever it looks like', async () => {
  await withPage(browser, {}, async (page) => {
    const evil = '<img src=x onerror=alert(1)></textarea></script>';
    await write(page, {
      request: `apiVersion: image.openshift.io/v1\nkind: ImageStreamTag\nmetadata: {name: "web:v1", namespace: shop}\ntag: {from: {kind: DockerImage, name: '${evil}'}}`,
      settings: '{}',
      cluster: '',
    });
    assert.equal((await shown(page)).word, 'Denied');
    assert.equal(await page.locator('img').count(), 0);
    assert.match(await page.locator('.message').first().textContent(), /<img/);
  });
});

test('all of it can be done with the keyboard', async () => {
  await withPage(browser, {}, async (page) => {
    await write(page, { request: STREAM, settings: SETTINGS, cluster: '' });
    await page.evaluate(() => (byId('cluster-details').open = false));
    await page.locator('.skip').focus();
    const where = () => page.evaluate(() => {
      const { id, className, tagName, dataset } = document.activeElement;
      const part = document.activeElement.closest('.editor')?.id;
      return part ?? (id || dataset.column || className.split(' ').at(-1) || tagName);
    });
    const stops = [await where()];
    while (stops.at(-1) !== 'rule' && stops.length < 30) {
      // In an editor Tab indents, until Escape.
      if (['request', 'settings'].includes(stops.at(-1))) await page.keyboard.press('Escape');
      await page.keyboard.press('Tab');
      stops.push(await where());
    }
    assert.deepEqual(stops, ['skip', 'A', 'A', 'copy-link', 'theme', 'pack', 'case', 'now', 'open', 'format', 'request',
      'request', 'open', 'format', 'settings', 'manifest', 'SUMMARY', 'settings', 'go', 'rule']);
    // Back to the first violation, which leads into the text and out again.
    await page.locator('.finding .go').first().focus();
    assert.equal(await page.locator('#request .active-line').count(), 1);
    await page.keyboard.press('Enter');
    assert.equal(await where(), 'request');
    await page.keyboard.press('Escape');
    await page.keyboard.press('Shift+Tab');
    assert.equal(await where(), 'format');
  });
});

test('the verdict is announced, and every field has a name', async () => {
  await withPage(browser, {}, async (page) => {
    assert.equal(await page.locator('#summary').getAttribute('role'), 'status');
    for (const name of ['Request', 'Settings', 'Pack', 'Case', 'Now']) {
      assert.equal(await page.getByLabel(name, { exact: true }).and(page.locator('[role="textbox"], select, #now')).count(), 1, name);
    }
    for (const role of ['main', 'banner', 'contentinfo']) assert.equal(await page.getByRole(role).count(), 1, role);
  });
});

for (const [name, options] of Object.entries({
  desktop: {},
  tablet: { viewport: { width: 820, height: 1180 } },
  phone: PHONE,
  'narrow phone': { ...PHONE, viewport: { width: 320, height: 640 } },
})) {
  for (const colorScheme of ['light', 'dark']) {
    test(`nothing is cut off, and axe finds nothing: ${name}, ${colorScheme}`, async () => {
      await withPage(browser, { ...options, colorScheme }, async (page) => {
        const look = async (state) => {
          const { scrollWidth, clientWidth } = await page.evaluate(() => { const { scrollWidth, clientWidth } = document.documentElement; return { scrollWidth, clientWidth }; });
          assert.ok(scrollWidth <= clientWidth, `${state}: ${scrollWidth} pixels wide`);
          const cut = await page.evaluate(() => [...document.querySelectorAll('button, h1, h2, h3, label, .finding, .signer')]
            .filter((one) => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0)
            .map((one) => one.textContent));
          assert.deepEqual(cut, [], state);
          const path = screenshotPath(`${name}-${colorScheme}-${state}`);
          await page.screenshot({ path, fullPage: name !== 'desktop' && state !== 'rule' });
          assert.deepEqual(await wrongByAxe(page), [], state);
          assert.deepEqual(await page.evaluate(faint), [], state);
        };
        await look('opened');
        await page.locator('.finding .go').first().click();
        await look('denied');
        await page.locator('.finding .rule').first().click();
        await look('rule');
        await page.locator('#page-close').click();
        await choose(page, ...SIGNED);
        await page.locator('.raw summary').click();
        await look('allowed');
        await write(page, { settings: 'references: {alow: []}\n', cluster: 'kind: List\nitems: []\n' });
        await look('undecided');
      });
    });
  }
}

/** Texts whose contrast is below WCAG's AA. */
function faint() {
  const channels = (colour) => {
    const [, values] = /rgba?\(([^)]*)\)/.exec(colour) ?? [];
    return values?.split(/[ ,/]+/).map(Number);
  };
  const luminance = ([red, green, blue]) => {
    const [r, g, b] = [red, green, blue].map((value) => {
      const part = value / 255;
      return part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = (element) => {
    for (let at = element; at; at = at.parentElement) {
      const colour = channels(getComputedStyle(at).backgroundColor);
      if (colour && (colour[3] ?? 1) === 1) return colour;
    }
    return [255, 255, 255];
  };
  const found = new Set();
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const element = walker.currentNode.parentElement;
    if (walker.currentNode.textContent.trim() === '' || !element.checkVisibility()) continue;
    if (element.closest('script, style, option, noscript, .skip, .told, .cm-announced')) continue;
    if (getComputedStyle(element).opacity === '0') continue;
    const [one, other] = [channels(getComputedStyle(element).color), ground(element)].map(luminance);
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) found.add(`${element.className || element.tagName}: ${contrast.toFixed(2)}`);
  }
  return [...found];
}
