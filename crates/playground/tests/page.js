// The built page in Debian's Chromium, watched for what it must not do.

import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync } from 'node:fs';
import { fileURLToPath, pathToFileURL } from 'node:url';
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
    const field = part === 'now' ? page.locator('#now') : page.locator(`#${part} textarea`);
    if (part === 'cluster') await page.evaluate(() => (document.getElementById('cluster-details').open = true));
    await field.fill(text);
  }
  await settle(page);
}

/** Waits until what was written is judged. */
export async function settle(page) {
  await page.evaluate(() => {
    clearTimeout(judging);
    update();
  });
}

/** The verdict's word, the findings and the response, as the page shows them. */
export function shown(page) {
  return page.evaluate(() => ({
    word: document.querySelector('#summary .word').lastChild.textContent,
    findings: [...document.querySelectorAll('.finding:not(.plain)')].map((finding) => ({
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
  return page.evaluate(() => {
    const area = document.querySelector('#request textarea');
    return {
      selected: area.value.slice(area.selectionStart, area.selectionEnd),
      marked: [...document.querySelectorAll('#request mark.active')].map((mark) => mark.textContent).join(''),
      near: document.querySelector('#request mark.active')?.classList.contains('near') ?? null,
      focused: document.activeElement === area,
    };
  });
}
