// Files, opened with a button or dropped on the part of the page that they are for.

/** `take` gets the text of what was opened or dropped. */
function openFiles(pane, open, take) {
  const picker = element('input');
  picker.type = 'file';
  picker.multiple = true;
  picker.hidden = true;
  picker.accept = '.yaml,.yml,.json,text/plain';
  pane.append(picker);
  open.addEventListener('click', () => picker.click());
  picker.addEventListener('change', async () => {
    const files = [...picker.files];
    // So that the same file can be opened again.
    picker.value = '';
    if (files.length > 0) take(await together(files));
  });
  const hasFiles = (event) => event.dataTransfer?.types.includes('Files');
  pane.addEventListener('dragover', (event) => {
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.dataTransfer.dropEffect = 'copy';
    pane.classList.add('receiving');
  });
  pane.addEventListener('dragleave', (event) => {
    if (!pane.contains(event.relatedTarget)) pane.classList.remove('receiving');
  });
  // Before the editor, which would insert the file at the caret.
  pane.addEventListener('drop', async (event) => {
    pane.classList.remove('receiving');
    if (!hasFiles(event)) return;
    event.preventDefault();
    event.stopPropagation();
    take(await together([...event.dataTransfer.files]));
  }, { capture: true });
}

/** The files as documents of one text. */
async function together(files) {
  const texts = await Promise.all(files.map((file) => file.text()));
  if (texts.length === 1) return texts[0];
  if (texts.every(isJson)) return texts.join('\n');
  return texts.map((text) => `---\n${text.replace(/^---\n/, '').trimEnd()}\n`).join('');
}

/** A file that lands beside what can take it must not be opened in place of the page. */
function ignoreOtherFiles() {
  for (const name of ['dragover', 'drop']) {
    addEventListener(name, (event) => {
      if (event.dataTransfer?.types.includes('Files')) event.preventDefault();
    });
  }
}
