// How wide the columns are: a separator is dragged, or moved with the arrow keys.

const STEP = 2;
const NARROWEST = 18;
const WIDTHS = 'image-trust-columns';

function startColumns() {
  const separators = [...document.querySelectorAll('[role="separator"]')];
  const main = document.querySelector('main');
  const initial = Object.fromEntries(separators.map((one) => [one.dataset.column, Number(one.dataset.initial)]));
  const widths = { ...initial };
  for (const [column, width] of Object.entries(remembered(WIDTHS, {}))) {
    if (column in widths && width >= NARROWEST && width <= 100 - 2 * NARROWEST) widths[column] = width;
  }
  const shown = (separator) => separator.checkVisibility();
  const apply = () => {
    for (const separator of separators) {
      const { column } = separator.dataset;
      main.style.setProperty(`--${column}`, `${widths[column]}fr`);
      separator.setAttribute('aria-valuenow', String(Math.round(widths[column])));
      separator.setAttribute('aria-valuemin', String(NARROWEST));
      separator.setAttribute('aria-valuemax', String(Math.round(widest(column))));
    }
    main.style.setProperty('--rest', `${100 - sum(widths)}fr`);
  };
  const sum = (numbers) => Object.values(numbers).reduce((total, one) => total + one, 0);
  const widest = (column) => 100 - NARROWEST - (sum(widths) - widths[column]);
  const resize = (column, width) => {
    widths[column] = Math.min(Math.max(width, NARROWEST), widest(column));
    apply();
    remember(WIDTHS, widths);
  };
  for (const separator of separators) {
    const { column } = separator.dataset;
    separator.addEventListener('keydown', (event) => {
      const moves = {
        ArrowLeft: widths[column] - STEP,
        ArrowRight: widths[column] + STEP,
        Home: NARROWEST,
        End: widest(column),
      };
      if (!(event.key in moves)) return;
      event.preventDefault();
      resize(column, moves[event.key]);
    });
    separator.addEventListener('dblclick', () => resize(column, initial[column]));
    separator.addEventListener('pointerdown', (event) => {
      separator.setPointerCapture(event.pointerId);
      separator.focus();
      event.preventDefault();
    });
    separator.addEventListener('pointermove', (event) => {
      if (!separator.hasPointerCapture(event.pointerId)) return;
      const pane = byId(separator.getAttribute('aria-controls')).getBoundingClientRect();
      const gaps = separators.filter(shown).reduce((total, one) => total + one.offsetWidth, 0);
      const whole = main.clientWidth - gaps - parseFloat(getComputedStyle(main).paddingLeft) * 2;
      // Where there are two columns, they share what three do.
      const share = separators.filter(shown).length > 1 ? 100 : sum(widths);
      resize(column, ((event.clientX - pane.left) / whole) * share);
    });
  }
  apply();
}

/** What the browser remembers under a name. A file has no storage in some browsers. */
function remembered(name, otherwise) {
  try {
    return JSON.parse(localStorage.getItem(name)) ?? otherwise;
  } catch {
    return otherwise;
  }
}

function remember(name, value) {
  try {
    localStorage.setItem(name, JSON.stringify(value));
  } catch {
    // Then it lasts as long as the page.
  }
}
