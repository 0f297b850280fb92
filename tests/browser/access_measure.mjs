// What is measured on a page for everybody's access: axe-core's rules, in light and dark and at several widths; that nothing
// runs out of the window or lies over something else; that text may be twice as large. The page is left as it was found.

import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The rules whose outcome can depend on the colours. */
const ofColour = ['color-contrast', 'link-in-text-block'];
/**
 * Where axe looks, and with which rules: all of them on a small window and on a usual one; in the dark those that depend on
 * colours; on a very large one the others, for its colours are those of the usual one. `rest`: for pages, not for states of
 * them whose layout and colours differ no more.
 */
export const looks = [
  { width: 320, height: 640, colour: 'light' },
  { width: 320, height: 640, colour: 'dark', only: ofColour, rest: true },
  { width: 1280, height: 800, colour: 'light' },
  { width: 1280, height: 800, colour: 'dark', only: ofColour },
  { width: 2560, height: 1300, colour: 'light', but: ofColour, rest: true },
];
/** Widths at which only the layout is looked at. */
export const widths = [320, 390, 768, 910, 1024, 1180, 1280, 1440, 2560];
/** The sets of rules: all of WCAG 2.0 to 2.2, A and AA, and what axe's authors call best practice. */
export const ruleSets = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];

/**
 * Findings that are let pass, each with its reason. `where` is matched against the element that axe names,
 * which, where `beside` is given, must lie under such an element, or nearer to it than a target is large.
 * docs/accessibility.md shows this list.
 */
export const exceptions = [
  {
    rule: 'target-size',
    where: /class="whole"/,
    why: 'The link in a row of a list covers the whole row (its ::after does), at least 36 px high. axe measures the words alone, and finds them too near to a menu that stands open over them.',
  },
  {
    rule: 'target-size',
    where: /./,
    beside: '#held section.live',
    why: 'While orders wait for a decision, for seconds, their bar lies over the page, so that no row moves under the hand; what it covers in part is whole again when it goes. axe measures the part that can be seen.',
  },
];

const axe = readFileSync(fileURLToPath(import.meta.resolve('axe-core/axe.min.js')), 'utf8');
export const axeVersion = JSON.parse(readFileSync(fileURLToPath(import.meta.resolve('axe-core/package.json')), 'utf8')).version;

/** What axe finds on the page as it stands, as sentences. */
export async function findings(page, { only = null, but = [] } = {}) {
  if (!(await page.evaluate(() => Boolean(window.axe)))) await page.evaluate(axe);
  const found = await page.evaluate(async ({ sets, rules, without, besides }) => {
    const options = { runOnly: rules ?? sets, resultTypes: ['violations'], preload: false, iframes: false, rules: Object.fromEntries(without.map((rule) => [rule, { enabled: false }])) };
    const { violations } = await window.axe.run(document, options);
    const near = (at, other) => other.left < at.right + 24 && other.right > at.left - 24 && other.top < at.bottom + 24 && other.bottom > at.top - 24;
    const isBeside = (target, where) => {
      const at = document.querySelector(target)?.getBoundingClientRect();
      return Boolean(at) && [...document.querySelectorAll(where)].some((other) => near(at, other.getBoundingClientRect()));
    };
    return violations.flatMap(({ id, help, nodes }) => nodes.map(({ html, any, target }) => ({
      rule: id, help, html: html.slice(0, 200), target: String(target), data: any.map((check) => [check.message, ...check.relatedNodes.map((near) => near.html.slice(0, 120))].join(': ')).join('; '), beside: besides.filter((where) => isBeside(target[0], where)),
    })));
  }, { sets: ruleSets, rules: only, without: but, besides: exceptions.flatMap(({ beside }) => beside ?? []) });
  const allowed = ({ rule, target, html, beside }) => exceptions.some((one) => one.rule === rule && (one.where.test(target) || one.where.test(html)) && (!one.beside || beside.includes(one.beside)));
  return found.filter((one) => !allowed(one)).map(({ rule, help, html, data }) => `${rule}: ${help}: ${html} ${data}`);
}

/**
 * Lets axe look at the page at its sizes and in both colours, and measures the layout at every width. Gives what was found,
 * each thing once. One walk through the widths does for both, because every new width lays the page out anew.
 */
export async function everywhere(page, all = true) {
  const before = page.viewportSize();
  const found = new Map();
  const note = (where, sentences) => {
    for (const one of sentences) found.set(one, [...(found.get(one) ?? []), where]);
  };
  for (const width of widths) {
    const here = looks.filter((look) => look.width === width && (all || !look.rest));
    await page.setViewportSize({ width, height: here[0]?.height ?? 800 });
    note(`${width}`, await page.evaluate(outOfBounds));
    for (const { colour, only, but } of here) {
      if (colour !== 'light') await page.emulateMedia({ colorScheme: colour });
      await page.evaluate(() => window.scrollTo(0, 0)); // a bar that sticks would lie over what is looked at
      note(`${width} ${colour}`, await findings(page, { only, but }));
      if (colour !== 'light') await page.emulateMedia({ colorScheme: 'light' });
    }
  }
  await page.setViewportSize(before);
  return [...found].map(([one, at]) => `${one} (at ${at.join(', ')})`);
}

/** Runs in the page: what is wider than the window, and which text is cut off without a way to read it whole. */
function outOfBounds() {
  const found = [];
  const root = document.documentElement;
  const name = (at) => `${at.tagName.toLowerCase()}${at.id ? `#${at.id}` : ''}${at.className?.baseVal === undefined && at.className ? `.${String(at.className).trim().replace(/\s+/g, '.')}` : ''} ‘${(at.textContent ?? '').trim().replace(/\s+/g, ' ').slice(0, 40)}’`;
  if (root.scrollWidth > window.innerWidth) {
    const inBox = (at) => at && at !== document.body && (getComputedStyle(at).overflowX !== 'visible' || getComputedStyle(at).clipPath !== 'none' || inBox(at.parentElement));
    const wide = [...document.querySelectorAll('body *')].filter((at) => at.getBoundingClientRect().right > window.innerWidth + 1 && at.checkVisibility() && !inBox(at) && !at.closest('svg'));
    found.push(`the page is ${root.scrollWidth} px wide: ${wide.slice(-2).map(name).join(', ')}`);
  }
  for (const at of document.querySelectorAll('body *')) {
    // The quick question first: what holds no more than it shows is well, whatever its style.
    const [aside, below] = [at.scrollWidth > at.clientWidth + 1, at.scrollHeight > at.clientHeight + 2];
    if (!aside && !below) continue;
    if (!at.checkVisibility({ checkVisibilityCSS: true }) || at.closest('.sr, [aria-hidden=true], svg, datalist, option, select, iframe, input, textarea')) continue;
    const style = getComputedStyle(at);
    const holdsText = [...at.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
    if (at.matches('.skip') || style.clipPath !== 'none') continue; // read aloud only
    if (style.overflowX === 'hidden' && aside && holdsText && style.textOverflow !== 'ellipsis') found.push(`text is cut off: ${name(at)}`);
    if (style.overflowY === 'hidden' && below && holdsText) found.push(`text is cut off below: ${name(at)}`);
    if (style.overflowX === 'visible' && aside && at.clientWidth > 0 && holdsText && style.display !== 'inline') found.push(`text runs out of its box: ${name(at)}`);
    if (/auto|scroll/.test(style.overflowX) && aside) {
      const reachable = at.tabIndex >= 0 || at.querySelector('a[href], button, input, select, textarea, [tabindex="0"]');
      if (!reachable) found.push(`a box scrolls sideways and no key reaches it: ${name(at)}`);
    }
  }
  return found;
}

/**
 * The live regions of all pages and what each says. Regions hold whole sentences, for they are read aloud without their
 * surroundings; clocks are timers, which are not read aloud by themselves. A region that is not in this list fails the tests.
 */
export const liveRegions = [
  ['#notices', 'what came of one’s last action, a sentence each'],
  ['#held-said', 'an order that waits for a decision: package, customer, seconds and keys, without the candidate’s name'],
  ['#live-said', 'how many rows are new, and where the button that shows them is'],
  ['#live-note', 'the page has changed while something was being typed'],
  ['#said', 'Kombo’s window was closed before the customer had connected'],
  ['#live-lost', 'the connection is lost, or one was signed out elsewhere'],
  ['#looking', 'which colleagues look at the same order, or write its result'],
  ['#changed', 'what a colleague did to the result that one is typing'],
  ['#saved [role]', 'whether the draft of a result is kept'],
  ['.undo', 'what leaves, and that it can be undone; its seconds are a timer'],
  ['.notice[role]', 'what is wrong with what was sent, or with the desk'],
  ['.note[role]', 'what did not work in the practice ATS'],
  ['#held [role=alert]', 'why a decision came too late'],
  ['#progress-words', 'how many of a rollout’s publications arrived, or how a dry run ended'],
  ['[data-arrange-said]', 'at which place of an offer a package stands that was moved'],
  ['#hits-box p', 'how many things the finder found'],
  ['[role=timer]', 'seconds left: a timer, not read aloud by itself'],
];

/** What is wrong with the names of things, as sentences. */
export const names = (page) => page.evaluate(unnamed, liveRegions.map(([where]) => where));

/** Runs in the page. */
function unnamed(known) {
  const found = [];
  const shown = (at) => at.outerHTML.replace(/\s+/g, ' ').slice(0, 120);
  for (const at of document.querySelectorAll('[aria-live]:not([aria-live=off]), [role=status], [role=alert], [role=log], [role=timer]')) {
    if (!known.some((where) => at.matches(where))) found.push(`a live region that nobody knows of: ${shown(at)}`);
    const words = at.textContent.trim();
    if (words && !at.matches('[role=timer]') && !at.ariaLabel && !/\S+\s+\S+/.test(words)) found.push(`a live region says no sentence: ${shown(at)}`);
  }
  for (const at of document.querySelectorAll('svg')) if (!at.closest('[aria-hidden=true]') && !at.getAttribute('aria-label')) found.push(`an icon is neither hidden nor named: ${shown(at.parentElement)}`);
  for (const at of document.querySelectorAll('table')) {
    if (!at.ariaLabel && !at.caption && !at.getAttribute('aria-labelledby')) found.push(`a table without a name: ${shown(at)}`);
    if (![...at.querySelectorAll('th')].every((head) => head.scope)) found.push(`a table’s head without a scope: ${shown(at)}`);
  }
  for (const at of document.querySelectorAll('[aria-invalid=true]')) {
    const why = (at.getAttribute('aria-describedby') ?? '').split(' ').map((id) => document.getElementById(id)?.textContent.trim() ?? '').join('');
    if (!why) found.push(`a field is wrong and does not say why: ${shown(at)}`);
  }
  for (const attribute of ['aria-describedby', 'aria-labelledby', 'aria-controls', 'for']) {
    for (const at of document.querySelectorAll(`[${attribute}]`)) {
      for (const id of at.getAttribute(attribute).split(' ')) if (!document.getElementById(id)) found.push(`${attribute} names ‘${id}’, which is not there: ${shown(at)}`);
    }
  }
  const ids = [...document.querySelectorAll('[id]')].map((at) => at.id);
  for (const id of new Set(ids.filter((one, at) => ids.indexOf(one) !== at))) found.push(`the id ‘${id}’ stands twice`);
  if (!document.documentElement.lang) found.push('the page has no language');
  if (document.querySelectorAll('h1').length !== 1) found.push(`${document.querySelectorAll('h1').length} headings of the first level`);
  return found;
}

/** Sets the size of letters that a person has chosen in the browser (16 is usual), or wider spaces (WCAG 1.4.12). */
export async function letters(page, size) {
  const session = await page.context().newCDPSession(page);
  await session.send('Page.setFontSizes', { fontSizes: { standard: size, fixed: Math.round(size * 0.8125) } });
  await session.detach();
}
export const wideSpaces = (page) => page.evaluate(() => {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync('* { line-height: 1.5 !important; letter-spacing: .12em !important; word-spacing: .16em !important; } p { margin-block-end: 2em !important; }');
  document.adoptedStyleSheets = [sheet];
});

/** What is cut off, runs out or lies over something else at these widths, as sentences. */
export async function crowded(page, at = [320, 1280]) {
  const before = page.viewportSize();
  const found = [];
  for (const width of at) {
    await page.setViewportSize({ width, height: 800 });
    for (const one of [...(await page.evaluate(outOfBounds)), ...(await page.evaluate(overlaps))]) found.push(`${one} (at ${width})`);
  }
  await page.setViewportSize(before);
  return found;
}

/** Runs in the page: text that lies over other text. */
function overlaps() {
  const boxes = [];
  /** What `ask(element, the answer of its parent)` gives, asked once for each element. */
  const once = (ask) => {
    const known = new Map();
    const answer = (at) => {
      if (!known.has(at)) known.set(at, ask(at, at.parentElement ? () => answer(at.parentElement) : () => null));
      return known.get(at);
    };
    return answer;
  };
  const layerOf = once((at, around) => (/fixed|sticky|absolute/.test(getComputedStyle(at).position) ? at : around()));
  /** What is hidden by a box around it lies over nothing. */
  const edgesOf = once((at, around) => {
    if (at === document.body) return null;
    const outer = around();
    if (getComputedStyle(at).overflowX === 'visible') return outer;
    const { left, right, top, bottom } = at.getBoundingClientRect();
    return outer ? { left: Math.max(left, outer.left), right: Math.min(right, outer.right), top: Math.max(top, outer.top), bottom: Math.min(bottom, outer.bottom) } : { left, right, top, bottom };
  });
  const shown = once((at) => !at.closest('.sr, [hidden], option, datalist, script, template, noscript, .skip') && at.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true }) && getComputedStyle(at).clipPath === 'none');
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walk.nextNode(); node; node = walk.nextNode()) {
    const at = node.parentElement;
    if (!node.data.trim() || !shown(at)) continue;
    const [layer, edges] = [layerOf(at), edgesOf(at)];
    const range = document.createRange();
    range.selectNodeContents(node);
    for (const whole of range.getClientRects()) {
      const box = { left: whole.left, right: whole.right, top: whole.top, bottom: whole.bottom };
      if (edges) Object.assign(box, { left: Math.max(box.left, edges.left), right: Math.min(box.right, edges.right), top: Math.max(box.top, edges.top), bottom: Math.min(box.bottom, edges.bottom) });
      box.height = box.bottom - box.top;
      if (box.right - box.left > 1 && box.height > 1) boxes.push({ at, layer, box, text: node.data.trim().slice(0, 40) });
    }
  }
  const found = [];
  for (let i = 0; i < boxes.length; i += 1) {
    for (let j = i + 1; j < boxes.length; j += 1) {
      const [a, b] = [boxes[i], boxes[j]];
      if (a.layer !== b.layer || a.at === b.at) continue;
      const width = Math.min(a.box.right, b.box.right) - Math.max(a.box.left, b.box.left);
      const height = Math.min(a.box.bottom, b.box.bottom) - Math.max(a.box.top, b.box.top);
      if (width > 4 && height > Math.min(a.box.height, b.box.height) * 0.4) found.push(`‘${a.text}’ lies over ‘${b.text}’`);
    }
  }
  return [...new Set(found)].slice(0, 5);
}
