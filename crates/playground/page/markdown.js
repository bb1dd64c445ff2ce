// The Markdown that rules' pages are written in, as elements: headings, paragraphs, lists, code.

function renderMarkdown(markdown) {
  const page = document.createDocumentFragment();
  let paragraph = [];
  let list = null;
  let code = null;
  const flush = () => {
    if (paragraph.length > 0) page.append(element('p', '', ...inline(paragraph.join(' '))));
    paragraph = [];
    list = null;
  };
  for (const line of markdown.split('\n')) {
    if (line.startsWith('```')) {
      if (code) {
        page.append(element('pre', '', element('code', '', code.join('\n'))));
        code = null;
      } else {
        flush();
        code = [];
      }
    } else if (code) {
      code.push(line);
    } else if (/^#{2,} /.test(line)) {
      flush();
      page.append(element('h3', '', ...inline(line.replace(/^#+ /, ''))));
    } else if (line.startsWith('- ')) {
      if (!list) {
        flush();
        list = element('ul');
        page.append(list);
      }
      list.append(element('li', '', ...inline(line.slice(2))));
    } else if (list && line.startsWith('  ')) {
      list.lastChild.append(' ', ...inline(line.trim()));
    } else if (line.trim() === '') {
      flush();
    } else if (!line.startsWith('# ')) {
      paragraph.push(line.trim());
    }
  }
  flush();
  return page;
}

/** Code and links; whatever else stands there is text. */
function inline(text) {
  return text.split(/(`[^`]+`|\[[^\]]+\]\([^)\s]+\)|<https?:[^>\s]+>)/).map((part) => {
    if (part.startsWith('`') && part.length > 2) return element('code', '', part.slice(1, -1));
    const [, words, address] = /^\[([^\]]+)\]\(([^)\s]+)\)$/.exec(part) ?? /^<((https?:[^>\s]+))>$/.exec(part) ?? [];
    if (!/^https?:/.test(address ?? '')) return words ? element('span', '', ...inline(words)) : part;
    const link = element('a', '', ...inline(words));
    link.href = address;
    link.rel = 'noreferrer';
    return link;
  });
}
