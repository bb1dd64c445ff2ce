// A part of the page that a person writes: CodeMirror, with what is said about the text marked in it.

const {
  autocompletion, classHighlighter, codeFolding, Compartment, completionKeymap, Decoration, defaultKeymap,
  EditorState, EditorView, foldEffect, foldGutter, foldKeymap, GutterMarker, gutterLineClass, history: undoHistory,
  historyKeymap, indentUnit, indentWithTab, isolateHistory, keymap, lineNumbers, RangeSet, RangeSetBuilder, search,
  searchKeymap,
  StateEffect, StateField, syntaxHighlighting, Transaction, ViewPlugin,
} = libraries;

/** What is marked: `{ places: [{ start, end, exact, kind }], active }`. */
const setMarks = StateEffect.define();

const marksField = StateField.define({
  create: () => ({ text: Decoration.none, gutter: RangeSet.empty }),
  update(marks, transaction) {
    for (const effect of transaction.effects) {
      if (effect.is(setMarks)) return drawMarks(transaction.state.doc, effect.value);
    }
    if (!transaction.docChanged) return marks;
    return { text: marks.text.map(transaction.changes), gutter: marks.gutter.map(transaction.changes) };
  },
  provide: (field) => [
    EditorView.decorations.from(field, ({ text }) => text),
    gutterLineClass.from(field, ({ gutter }) => gutter),
  ],
});

class LineMarker extends GutterMarker {
  constructor(kind) {
    super();
    this.elementClass = `of-${kind}`;
  }

  eq(other) {
    return this.elementClass === other.elementClass;
  }
}

const LINE_MARKERS = { deny: new LineMarker('deny'), warn: new LineMarker('warn') };

function drawMarks(doc, { places, active }) {
  const text = [];
  const lines = new Map();
  for (const [start, end, covering] of overlaps(places.filter((place) => place.end <= doc.length))) {
    const kind = covering.some((place) => place.kind === 'deny') ? 'deny' : covering[0].kind;
    const classes = ['mark', kind];
    if (!covering.some((place) => place.exact)) classes.push('near');
    const isActive = active && covering.some((place) => isSame(place, active));
    if (isActive) classes.push('active');
    text.push(Decoration.mark({ class: classes.join(' ') }).range(start, end));
    const line = doc.lineAt(start);
    if (isActive) text.push(Decoration.line({ class: `active-line ${kind}` }).range(line.from));
    if (lines.get(line.from) !== 'deny') lines.set(line.from, kind);
  }
  const gutter = [...lines].map(([from, kind]) => LINE_MARKERS[kind].range(from));
  return { text: Decoration.set(text, true), gutter: RangeSet.of(gutter, true) };
}

/** Lines that are wrapped go on beneath where they begin. */
const hangingIndents = ViewPlugin.define((view) => ({
  decorations: drawIndents(view),
  update(update) {
    if (update.docChanged || update.viewportChanged) this.decorations = drawIndents(update.view);
  },
}), { decorations: (plugin) => plugin.decorations });

function drawIndents({ state: { doc }, visibleRanges }) {
  const builder = new RangeSetBuilder();
  for (const { from, to } of visibleRanges) {
    for (let at = from; at <= to;) {
      const line = doc.lineAt(at);
      const [indentation] = /^ *(?:- +)*(?:# )?/.exec(line.text);
      const style = `--indent: ${indentation.length}ch`;
      if (indentation !== '') builder.add(line.from, line.from, Decoration.line({ attributes: { style } }));
      at = line.to + 1;
    }
  }
  return builder.finish();
}

/** Blocks of OpenPGP keys, which are folded at first: there is nothing in them to read. */
function keyBlocks(doc) {
  const blocks = [];
  let from = null;
  for (let number = 2; number <= doc.lines; number++) {
    const { text, to } = doc.line(number);
    if (/^\s*-----BEGIN PGP /.test(text)) from = doc.line(number - 1).to;
    if (/^\s*-----END PGP /.test(text) && from !== null) {
      blocks.push({ from, to });
      from = null;
    }
  }
  return blocks;
}

class Editor {
  /** `changed` is called with each change that a person makes. */
  constructor(host, { changed, complete }) {
    this.host = host;
    this.places = [];
    this.chosen = null;
    this.language = new Compartment();
    this.view = new EditorView({ parent: host, extensions: this.extensions(changed, complete) });
  }

  extensions(changed, complete) {
    const completing = complete
      ? [autocompletion({ override: [(context) => offer(context, complete)], selectOnOpen: false, icons: false }), keymap.of(completionKeymap)]
      : [];
    return [
      EditorView.cspNonce.of(data.nonce),
      EditorView.lineWrapping,
      lineNumbers(),
      undoHistory(),
      codeFolding(),
      foldGutter({ openText: '▾', closedText: '▸' }),
      hangingIndents,
      search({ top: true }),
      indentUnit.of('  '),
      syntaxHighlighting(classHighlighter),
      this.language.of(languageOf('')),
      marksField,
      ...completing,
      keymap.of([indentWithTab, ...searchKeymap, ...foldKeymap, ...historyKeymap, ...defaultKeymap]),
      EditorView.contentAttributes.of({
        'aria-labelledby': this.host.dataset.label,
        'aria-describedby': `${this.host.id}-remarks editor-keys`,
        autocapitalize: 'off',
        autocorrect: 'off',
        spellcheck: 'false',
        tabindex: '0',
        translate: 'no',
      }),
      EditorView.updateListener.of((update) => {
        if (!update.docChanged) return;
        this.followLanguage(update);
        if (update.transactions.some((one) => one.annotation(Transaction.userEvent))) changed();
      }),
    ];
  }

  get value() {
    return this.view.state.doc.toString();
  }

  /** Another text, which nobody wrote here; what a person wrote before can be had back by undoing. */
  set value(text) {
    const before = this.value;
    if (text === before) return;
    this.places = [];
    this.chosen = null;
    this.view.dispatch({
      changes: { from: 0, to: before.length, insert: text },
      selection: { anchor: 0 },
      annotations: [Transaction.addToHistory.of(before !== ''), isolateHistory.of('full')],
      effects: setMarks.of({ places: [], active: null }),
    });
    this.view.dispatch({ effects: keyBlocks(this.view.state.doc).map((range) => foldEffect.of(range)) });
    this.view.scrollDOM.scrollTo(0, 0);
  }

  /** Another text, as a person writes it: it can be undone. */
  replace(text) {
    this.view.dispatch({
      changes: { from: 0, to: this.view.state.doc.length, insert: text },
      selection: { anchor: 0 },
      userEvent: 'input.paste',
      scrollIntoView: true,
    });
  }

  set invalid(isInvalid) {
    const { contentDOM } = this.view;
    if (isInvalid) contentDOM.setAttribute('aria-invalid', 'true');
    else contentDOM.removeAttribute('aria-invalid');
  }

  followLanguage({ startState, state }) {
    if (isJson(startState.doc.sliceString(0, 200)) === isJson(state.doc.sliceString(0, 200))) return;
    // A view may not be changed while it is.
    queueMicrotask(() => this.view.dispatch({ effects: this.language.reconfigure(languageOf(this.value)) }));
  }

  /** Marks places: `{ start, end, exact, kind }`. */
  setPlaces(places) {
    this.places = places;
    this.chosen = places.find((place) => this.chosen && isSame(place, this.chosen)) ?? null;
    this.setActive(null);
  }

  /** Makes one of the marked places stand out; none is the one that was gone to last. */
  setActive(place) {
    this.view.dispatch({ effects: setMarks.of({ places: this.places, active: place ?? this.chosen }) });
  }

  /** Brings a place into view, and goes there. */
  goTo(place) {
    this.chosen = place;
    this.setActive(place);
    // On a phone the keyboard would cover what is to be seen.
    const isTouched = matchMedia('(pointer: coarse)').matches;
    const { start, end } = place;
    this.view.dispatch({
      selection: isTouched ? { anchor: start } : { anchor: start, head: end },
      effects: EditorView.scrollIntoView(start, { y: 'center' }),
    });
    if (!isTouched) this.view.focus();
    // The line is drawn, and its height known, one frame later; then the page is scrolled to it, too.
    const isDrawn = () => this.host.querySelector('.active-line')?.scrollIntoView({ block: 'center' });
    requestAnimationFrame(() => requestAnimationFrame(isDrawn));
  }

  /** Scrolls to the first mark, and moves nothing but the text for it. */
  reveal() {
    const [first] = this.places.toSorted((one, other) => one.start - other.start);
    if (!first) return;
    this.view.requestMeasure({
      read: () => this.view.lineBlockAt(first.start),
      write: ({ top }) => {
        const { scrollDOM } = this.view;
        if (top > scrollDOM.clientHeight * 0.7) scrollDOM.scrollTop = top - scrollDOM.clientHeight / 3;
      },
    });
  }
}

function isJson(text) {
  return /^\s*[{[]/.test(text);
}

function languageOf(text) {
  return isJson(text.slice(0, 200)) ? libraries.json() : libraries.yaml();
}

/** What can be written at the caret. Unasked only behind a word that has begun. */
function offer(context, complete) {
  const found = complete(context.state.sliceDoc(0, context.pos));
  if (!found || (!context.explicit && found.word === '')) return null;
  return {
    from: context.pos - found.word.length,
    filter: false,
    options: found.options.map(({ text, insert, about }) => ({ label: text, apply: insert, info: about || undefined })),
  };
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
