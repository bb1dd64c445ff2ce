// The built page in Debian's Chromium, watched for what it must not do.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
import axe from 'axe-core';
import { chromium } from 'playwright-core';

const built = fileURLToPath(new URL('../../../target/playground/', import.meta.url));
export const address = pathToFileURL(`${built}index.html`).href;

/** What the policy's own library answers to the packs' cases. */
export const expected = JSON.parse(readFileSync(`${built}expected.json`, 'utf8'));

export function screenshotPath(name) {
  mkdirSync(`${built}screenshots`, { recursive: true });
  return `${built}screenshots/${name}.png`;
}

export function launch() {
  const executablePath = ['/usr/bin/chromium', '/usr/bin/chromium-browser'].find(existsSync);
  assert.ok(executablePath, 'there is no Chromium: tools/browser installs it');
  return chromium.launch({
    executablePath,
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
      '--disable-background-networking', '--disable-component-update', '--disable-sync'],
  });
}

/** Opens the page, waits for the policy, hands it to `use`, and complains about what it did besides. */
export async function withPage(browser, options, use) {
  const { fragment = '', ...contextOptions } = options;
  const context = await browser.newContext({ reducedMotion: 'reduce', viewport: { width: 1440, height: 900 }, ...contextOptions });
  const noise = [];
  try {
    const page = await context.newPage();
    page.on('console', (message) => noise.push(`console: ${message.type()}: ${message.text()}`));
    page.on('pageerror', (error) => noise.push(`error: ${error.message}`));
    page.on('request', (request) => {
      if (request.url().split('#')[0] !== address) noise.push(`request: ${request.url()}`);
    });
    await page.goto(address + fragment);
    await page.waitForSelector('html[data-ready]');
    await use(page);
  } finally {
    await context.close();
  }
  assert.deepEqual(noise, []);
}

/** Writes into parts of the page, as a person would, and waits for the answer. */
export async function write(page, parts) {
  for (const [part, text] of Object.entries(parts)) {
    if (part === 'cluster') await page.evaluate(() => (document.getElementById('cluster-details').open = true));
    if (part === 'now') await page.locator('#now').fill(text);
    else await page.evaluate(([name, pasted]) => editors[name].replace(pasted), [part, text]);
  }
  await settle(page);
}

/** Waits until what was written is judged. */
export async function settle(page) {
  await page.evaluate(() => update());
}

/** Chooses a case by its name, or by the beginning of it. */
export async function choose(page, pack, name) {
  await page.selectOption('#pack', pack);
  const value = await page.evaluate(([packName, caseName]) => {
    const all = casesOf(data.packs.find((one) => one.name === packName));
    return all.find(({ title }) => title.replace(/^[✓✕] /, '').startsWith(caseName)).value;
  }, [pack, name]);
  await page.selectOption('#case', value);
}

/** What is selected in an editor. */
export function selectedIn(page, part) {
  return page.evaluate((name) => {
    const { state } = editors[name].view;
    return state.sliceDoc(state.selection.main.from, state.selection.main.to);
  }, part);
}

/** The verdict's word, the findings and the response, as the page shows them. */
export function shown(page) {
  return page.evaluate(() => ({
    word: document.querySelector('#summary .word').lastChild.textContent,
    findings: [...document.querySelectorAll('.finding')].map((finding) => ({
      code: finding.querySelector('.rule').textContent,
      path: finding.querySelector('.path').textContent,
    })),
    response: document.querySelector('.response')?.textContent ?? null,
  }));
}

/** The text that is marked for a finding, once it has been clicked. */
export async function markedBy(page, path, at = 0) {
  const line = page.locator('.finding', { has: page.locator(`.path:text-is(${JSON.stringify(path)})`) }).nth(at);
  await line.locator('button.go').click();
  return {
    selected: await selectedIn(page, 'request'),
    ...await page.evaluate(() => {
      const marks = [...document.querySelectorAll('#request .mark.active')];
      return {
        marked: marks.map((mark) => mark.textContent).join(''),
        near: marks[0]?.classList.contains('near') ?? null,
        focused: document.querySelector('#request').contains(document.activeElement),
      };
    }),
  };
}

/** What axe finds wrong with the page as it is, in short. */
export async function wrongByAxe(page) {
  // As the devtools run a script, which the page's security policy does not hold.
  await page.evaluate(axe.source);
  const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }));
  return violations.flatMap(({ id, nodes }) => nodes.map(({ target, failureSummary }) => `${id}: ${target}: ${failureSummary}`));
}
