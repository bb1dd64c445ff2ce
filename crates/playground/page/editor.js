// A text area with line numbers, and marks behind the text.

class Editor {
  /** `changed` is called with each change that a person makes. */
  constructor(host, { changed, complete }) {
    this.host = host;
    this.changed = changed;
    this.complete = complete;
    this.numbers = element('pre', 'numbers');
    this.marks = element('pre', 'marks');
    this.area = element('textarea', 'text');
    for (const shown of [this.numbers, this.marks]) shown.setAttribute('aria-hidden', 'true');
    this.area.spellcheck = false;
    this.area.wrap = 'off';
    for (const [name, value] of [['autocapitalize', 'off'], ['autocomplete', 'off'], ['autocorrect', 'off']]) {
      this.area.setAttribute(name, value);
    }
    this.area.setAttribute('aria-labelledby', host.dataset.label);
    this.area.setAttribute('aria-describedby', `${host.id}-remarks`);
    const gutter = element('div', 'gutter', this.numbers);
    this.under = element('div', 'under', this.marks);
    this.sheet = element('div', 'sheet', this.under, this.area);
    host.append(gutter, this.sheet);
    this.places = [];
    this.chosen = null;
    this.active = null;
    this.area.addEventListener('scroll', () => {
      this.follow();
      this.close();
    });
    this.area.addEventListener('input', () => {
      // What is marked may have moved: nothing is better than the wrong thing.
      this.setPlaces([]);
      this.draw();
      this.changed();
      this.offer(false);
    });
    if (complete) this.startCompleting();
  }

  get value() {
    return this.area.value;
  }

  set value(text) {
    this.area.value = text;
    this.setPlaces([]);
    this.area.scrollTo(0, 0);
    this.area.setSelectionRange(0, 0);
  }

  /** Marks places: `{ start, end, exact, kind }`. */
  setPlaces(places) {
    this.places = places;
    this.chosen = null;
    this.setActive(null);
  }

  /** Makes one of the marked places stand out; none is the one that was gone to last. */
  setActive(place) {
    this.active = place ?? this.chosen;
    this.draw();
  }

  /** Brings a place into view, and goes there. */
  goTo(place) {
    this.chosen = place;
    this.setActive(place);
    this.reveal('mark.active');
    this.host.scrollIntoView({ block: 'nearest' });
    // On a phone the keyboard would cover what is to be seen.
    if (matchMedia('(pointer: coarse)').matches) return;
    this.area.focus({ preventScroll: true });
    this.area.setSelectionRange(place.start, place.end);
    this.follow();
  }

  /** Scrolls to the first mark, or to the first of some kind. */
  reveal(kind = 'mark') {
    const mark = this.marks.querySelector(kind);
    if (!mark) return;
    const above = mark.offsetTop - this.area.clientHeight / 3;
    const left = mark.offsetLeft + mark.offsetWidth > this.area.clientWidth ? mark.offsetLeft - 48 : 0;
    this.area.scrollTo({ top: Math.max(0, above), left: Math.max(0, left) });
    this.follow();
  }

  draw() {
    const text = this.value;
    const lines = text.split('\n').length;
    if (this.lines !== lines) {
      this.lines = lines;
      this.numbers.textContent = Array.from({ length: lines }, (_, line) => line + 1).join('\n');
    }
    const pieces = [];
    let at = 0;
    for (const [start, end, places] of overlaps(this.places)) {
      pieces.push(text.slice(at, start));
      const kind = places.some((place) => place.kind === 'deny') ? 'deny' : places[0].kind;
      const mark = element('mark', kind, text.slice(start, end));
      if (!places.some((place) => place.exact)) mark.classList.add('near');
      if (this.active && places.some((place) => isSame(place, this.active))) mark.classList.add('active');
      pieces.push(mark);
      at = end;
    }
    // A last line without text would else have no height.
    pieces.push(text.slice(at), '\n');
    this.marks.replaceChildren(...pieces);
    this.follow();
  }

  follow() {
    const { scrollLeft, scrollTop } = this.area;
    this.marks.style.transform = `translate(${-scrollLeft}px, ${-scrollTop}px)`;
    this.numbers.style.transform = `translateY(${-scrollTop}px)`;
  }

  startCompleting() {
    this.list = element('ul', 'completions');
    this.list.id = `${this.host.id}-completions`;
    this.list.hidden = true;
    this.list.setAttribute('role', 'listbox');
    this.list.setAttribute('aria-label', 'What can be written here');
    this.area.setAttribute('aria-autocomplete', 'list');
    this.area.setAttribute('aria-controls', this.list.id);
    this.sheet.append(this.list);
    this.area.addEventListener('blur', () => this.close());
    this.area.addEventListener('click', () => this.close());
    this.area.addEventListener('keydown', (event) => this.press(event));
  }

  press(event) {
    const open = !this.list.hidden;
    const count = this.list.children.length;
    if (event.key === ' ' && event.ctrlKey) this.offer(true);
    else if (open && event.key === 'Escape') this.close();
    else if (open && event.key === 'ArrowDown') this.choose((this.option + 1) % count);
    else if (open && event.key === 'ArrowUp') this.choose((this.option > 0 ? this.option : count) - 1);
    else if (open && event.key === 'Enter' && this.option >= 0) this.accept(this.option);
    else {
      if (open && ['ArrowLeft', 'ArrowRight', 'Home', 'End'].includes(event.key)) this.close();
      return;
    }
    event.preventDefault();
  }

  /** Shows what can be written at the caret. Unasked only behind a word that has begun. */
  offer(asked) {
    if (!this.list) return;
    const { selectionStart, selectionEnd } = this.area;
    const before = this.value.slice(0, selectionStart);
    const found = selectionStart === selectionEnd ? this.complete(before) : null;
    if (!found || (!asked && found.word === '')) {
      this.close();
      return;
    }
    this.offered = found;
    this.list.replaceChildren(...found.options.map((option, index) => {
      const item = element('li', '', element('code', '', option.text), element('span', '', option.about));
      item.id = `${this.list.id}-${index}`;
      item.setAttribute('role', 'option');
      item.addEventListener('pointerdown', (event) => {
        event.preventDefault();
        this.accept(index);
      });
      return item;
    }));
    const { left, bottom } = this.caret(before.length - found.word.length);
    this.list.hidden = false;
    const room = Math.max(0, this.sheet.clientWidth - this.list.offsetWidth);
    this.list.style.left = `${Math.min(left, room)}px`;
    this.list.style.top = `${bottom}px`;
    this.choose(asked ? 0 : -1);
  }

  /** Where a character of the text is, in the sheet. */
  caret(index) {
    // It has a height only with something in it.
    const anchor = element('span', '', '\u200b');
    const ghost = element('pre', 'marks', this.value.slice(0, index), anchor);
    this.under.append(ghost);
    const { left, bottom } = anchor.getBoundingClientRect();
    const own = ghost.getBoundingClientRect();
    ghost.remove();
    return { left: left - own.left - this.area.scrollLeft, bottom: bottom - own.top - this.area.scrollTop };
  }

  choose(index) {
    this.option = index;
    [...this.list.children].forEach((item, at) => item.setAttribute('aria-selected', String(at === index)));
    if (index < 0) {
      this.area.removeAttribute('aria-activedescendant');
    } else {
      this.area.setAttribute('aria-activedescendant', this.list.children[index].id);
      this.list.children[index].scrollIntoView({ block: 'nearest' });
    }
  }

  accept(index) {
    const { insert } = this.offered.options[index];
    const end = this.area.selectionStart;
    const start = end - this.offered.word.length;
    this.close();
    this.area.focus();
    this.area.setSelectionRange(start, end);
    // As if typed, so that it can be undone.
    if (!document.execCommand('insertText', false, insert)) {
      this.area.setRangeText(insert, start, end, 'end');
      this.area.dispatchEvent(new Event('input'));
    }
    this.close();
  }

  close() {
    if (!this.list) return;
    this.list.hidden = true;
    this.area.removeAttribute('aria-activedescendant');
  }
}

function isSame(one, other) {
  return one.start === other.start && one.end === other.end;
}

/** Stretches of the text in order, each with the places that cover it. */
function overlaps(places) {
  const edges = [...new Set(places.flatMap(({ start, end }) => [start, end]))].sort((one, other) => one - other);
  return edges.slice(1).flatMap((end, index) => {
    const start = edges[index];
    const covering = places.filter((place) => place.start <= start && end <= place.end);
    return covering.length > 0 ? [[start, end, covering]] : [];
  });
}
