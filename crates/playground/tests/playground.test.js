// The playground as a person meets it: opened from a file, in a browser.

import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { expected, launch, markedBy, screenshotPath, settle, shown, withPage, write } from './page.js';

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
const SETTINGS = 'references: {allow: [quay.io], pinned: [quay.io]}\n';

test('every case of every pack is answered as the library answers it', async () => {
  await withPage(browser, {}, async (page) => {
    const options = await page.evaluate(() => data.packs.flatMap((pack, at) =>
      pack.cases.map((one, index) => ({ pack: pack.name, case: one.name, value: `${at}.${index}` }))));
    assert.ok(expected.length > 0);
    assert.deepEqual(options.map((one) => [one.pack, one.case]), expected.map((one) => [one.pack, one.case]));
    for (const [index, { pack, case: name, now, response, outcome }] of expected.entries()) {
      const where = `${pack}: ${name}`;
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

test('a case shows where its first violation is', async () => {
  await withPage(browser, {}, async (page) => {
    const seen = await page.evaluate(() => {
      const mark = document.querySelector('#request mark').getBoundingClientRect();
      const sheet = document.querySelector('#request .sheet').getBoundingClientRect();
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
    ['documents', `# first\n---\n${JSON.stringify(stream('quay.example/acme/d'))}\n---\n---\n${STREAM.replace('docker.io', 'quay.io').replace('quay.example/acme/web:v1', 'docker.io/g')}`, 'docker.io/g'],
  ];
  await withPage(browser, {}, async (page) => {
    for (const [name, text, selected] of cases) {
      await write(page, { request: text, settings: 'references: {allow: [quay.io]}', cluster: '' });
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
    await write(page, { request: `${STREAM}---\n${STREAM.replace('docker.io/library/nginx', 'quay.example/acme/nginx')}`, settings: 'references: {allow: [quay.io]}', cluster: '' });
    assert.equal(await page.locator('.answer').count(), 2);
    assert.match(await page.locator('#summary').textContent(), /0 allowed, 2 denied/);
  });
});

test('what cannot be read is said, with its place', async () => {
  const cases = [
    ['request', 'a: [', /^is not valid YAML: /],
    ['request', '', /^holds no object$/],
    ['request', '{"kind": "ImageStream",\n "kind": "Image"}', /the key `kind` is given twice/],
    ['settings', 'references:\n  alow: []\n', /^references unknown key `alow`: did you mean `allow`\?$/, 'alow'],
    ['settings', 'references:\n  allow: quay.io\n', /expected a list/, 'quay.io'],
    ['settings', 'rules: {digest-mising: warn}\n', /did you mean `digest-missing`/, 'warn'],
    ['settings', 'apiVersion: policies.kubewarden.io/v1\nkind: AdmissionPolicy\nspec:\n  settings:\n    refrences: {}\n', /did you mean `references`/, 'refrences'],
    ['settings', '', /holds no settings/],
    ['settings', 'a: 1\na: 2\n', /the key `a` is given twice/],
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
        assert.equal(await page.locator(`#${part} mark`).first().textContent(), place);
        await remarks.locator('button').first().click();
        const selected = await page.evaluate((id) => {
          const area = document.querySelector(`#${id} textarea`);
          return area.value.slice(area.selectionStart, area.selectionEnd);
        }, part);
        assert.equal(selected, place);
      }
    }
  });
});

test('settings complete as one types', async () => {
  await withPage(browser, {}, async (page) => {
    const area = page.locator('#settings textarea');
    const offered = () => page.locator('.completions:not([hidden]) li code').allTextContents();
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
    assert.equal(await area.inputValue(), 'references: \n  kinds: \n    - DockerImage'.replaceAll(': \n', ':\n'));
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
    await page.locator('.skip').focus();
    const stops = ['skip'];
    for (let count = 0; count < 10; count++) {
      await page.keyboard.press('Tab');
      stops.push(await page.evaluate(() => {
        const { id, className, tagName } = document.activeElement;
        return id || className || tagName;
      }));
    }
    assert.deepEqual(stops, ['skip', 'copy-link', 'theme', 'case', 'now', 'text', 'text', 'pane-head', 'text', 'go', 'rule']);
    // Back to the first violation, which leads into the text and out again.
    await page.locator('.finding .go').first().focus();
    assert.equal(await page.locator('#request mark.active').count(), 1);
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.closest('.editor').id), 'request');
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.closest('.editor').id), 'settings');
  });
});

test('the verdict is announced, and every field has a name', async () => {
  await withPage(browser, {}, async (page) => {
    assert.equal(await page.locator('#summary').getAttribute('role'), 'status');
    for (const name of ['Request', 'Settings', 'Case', 'Now']) {
      assert.equal(await page.getByLabel(name, { exact: true }).and(page.locator('textarea, select, input')).count(), 1, name);
    }
    for (const role of ['main', 'banner', 'contentinfo']) assert.equal(await page.getByRole(role).count(), 1, role);
  });
});

for (const [name, options] of Object.entries({
  desktop: {},
  tablet: { viewport: { width: 900, height: 1100 } },
  phone: { viewport: { width: 360, height: 740 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 },
})) {
  for (const colorScheme of ['light', 'dark']) {
    test(`nothing is cut off, and text can be read: ${name}, ${colorScheme}`, async () => {
      await withPage(browser, { ...options, colorScheme }, async (page) => {
        await write(page, { request: STREAM, settings: SETTINGS, cluster: '', now: '2026-03-01T00:00:00Z' });
        const wide = await page.evaluate(() => document.documentElement.scrollWidth);
        assert.ok(wide <= (options.viewport?.width ?? 1440), `${wide} pixels wide`);
        await page.screenshot({ path: screenshotPath(`${name}-${colorScheme}`), fullPage: name !== 'desktop' });
        assert.deepEqual(await page.evaluate(faint), []);
        await page.locator('.finding .rule').first().click();
        await page.screenshot({ path: screenshotPath(`${name}-${colorScheme}-rule`) });
        assert.deepEqual(await page.evaluate(faint), []);
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
    if (element.closest('.marks, script, option, noscript, .skip')) continue;
    const [one, other] = [channels(getComputedStyle(element).color), ground(element)].map(luminance);
    const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    if (contrast < 4.5) found.add(`${element.className || element.tagName}: ${contrast.toFixed(2)}`);
  }
  return [...found];
}
