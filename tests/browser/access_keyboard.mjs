// Going through a page with Tab: where the keyboard goes, and whether one sees it there.

/** Presses Tab so many times in one go: each press is sent before the last one is answered. */
export async function tabs(page, times) {
  const keys = await page.context().newCDPSession(page);
  const tab = { key: 'Tab', code: 'Tab', windowsVirtualKeyCode: 9 };
  await Promise.all(Array.from({ length: times }, () => [keys.send('Input.dispatchKeyEvent', { type: 'rawKeyDown', ...tab }), keys.send('Input.dispatchKeyEvent', { type: 'keyUp', ...tab })]).flat());
  await keys.detach();
}

/**
 * Presses Tab until everything had the keyboard once. Gives what is wrong: focus that cannot be seen, that lies under
 * something, that jumps back against the order of reading, or that does not come round.
 */
export async function tabThrough(page, most = 500) {
  await page.evaluate(watchTab);
  // A frame has a process of its own: where the keyboard goes is known only after each press.
  const framed = await page.evaluate(() => [...document.querySelectorAll('iframe')].some((at) => at.checkVisibility()));
  let round = false;
  let count = 0;
  for (; count < most && !round; count += framed ? 1 : BURST) {
    if (framed) {
      const from = await page.evaluateHandle(() => document.activeElement);
      await page.keyboard.press('Tab');
      await page.waitForFunction((last) => document.activeElement !== last, from, { timeout: 500 }).catch(() => {}); // still in the frame
    } else await tabs(page, BURST);
    round = await page.evaluate(() => window.noteFocus());
  }
  const all = await page.evaluate(() => window.focusNotes);
  const found = [];
  all.forEach((at, nth) => {
    if (!at.seen) found.push(`the focus cannot be seen on ${at.name}`);
    if (at.under) found.push(`${at.name} lies under ${at.under} when it has the focus`);
    const before = all[nth - 1];
    if (!before || at.layer !== before.layer) return;
    const above = at.box.bottom <= before.box.top + 2 && at.box.left < before.box.right;
    const leftward = at.box.right <= before.box.left + 1 && Math.min(at.box.bottom, before.box.bottom) - Math.max(at.box.top, before.box.top) > Math.min(at.box.height, before.box.height) / 2;
    if (above || leftward) found.push(`the focus goes back from ${before.name} to ${at.name}`);
  });
  if (!round) found.push(`after ${count} presses the focus has not come round`);
  if (!all.length) found.push('nothing takes the focus');
  return { found, count: all.length };
}

/** How many presses of Tab are sent in one go. */
const BURST = 16;

/**
 * Runs in the page: puts the keyboard before everything, and notes where it is before each Tab moves it on. `noteFocus()`
 * notes where it is now; true says that it has come round.
 */
function watchTab() {
  const start = document.createElement('span');
  start.tabIndex = -1;
  document.body.prepend(start);
  start.focus();
  start.remove();
  window.scrollTo(0, 0);
  window.getSelection().removeAllRanges();
  window.tabbed = new Set();
  window.focusNotes = [];
  let [last, round] = [null, false];
  window.noteFocus = () => {
    const now = document.activeElement;
    const nowhere = !now || now === document.body || now === document.documentElement;
    if (round || (nowhere && !last)) return round;
    if (nowhere || (now !== last && window.tabbed.has(now))) round = true;
    else if (now !== last) {
      window.tabbed.add(now);
      window.focusNotes.push(described(now));
    }
    last = now;
    return round;
  };
  if (!window.watchesTab) window.addEventListener('keydown', (event) => { if (event.key === 'Tab') window.noteFocus(); }, true);
  window.watchesTab = true;

  /** What has the keyboard, where it is and whether one sees it. */
  function described(at) {
    const name = `${at.tagName.toLowerCase()}${at.id ? `#${at.id}` : ''} ‘${(at.ariaLabel || at.textContent || at.name || '').trim().replace(/\s+/g, ' ').slice(0, 40)}’`;
    const drawn = [getComputedStyle(at), getComputedStyle(at, '::after'), getComputedStyle(at.closest('.find') ?? at)];
    const seen = at.tagName === 'IFRAME' || drawn.some((style) => (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 && !/^rgba\(.*, 0\)$|transparent/.test(style.outlineColor))) || (at.closest('.finder-dialog .find') && getComputedStyle(at.closest('.find')).boxShadow !== 'none');
    const whole = at.matches('a.whole') ? at.closest('tr') : at;
    const box = whole.getBoundingClientRect();
    const points = [[0.5, 0.5], [0.1, 0.5], [0.9, 0.5], [0.5, 0.15], [0.5, 0.85]].map(([x, y]) => [box.left + box.width * x, box.top + box.height * y]);
    const hits = points.map(([x, y]) => document.elementFromPoint(x, y)).filter(Boolean);
    const own = (hit) => whole.contains(hit) || hit.contains(at) || at.labels?.[0]?.contains(hit) || at.closest('label')?.contains(hit);
    const visible = hits.some(own);
    let layer = at;
    while (layer && !/fixed|sticky/.test(getComputedStyle(layer).position)) layer = layer.parentElement;
    window.layers ??= new Map([[null, 0]]);
    if (!window.layers.has(layer)) window.layers.set(layer, window.layers.size);
    // Where it would stand if nothing were scrolled, the window and each box around it.
    let [x, y] = [window.scrollX, window.scrollY];
    for (let around = whole.parentElement; around && around !== document.documentElement; around = around.parentElement) [x, y] = [x + around.scrollLeft, y + around.scrollTop];
    const page = { top: box.top + y, bottom: box.bottom + y, left: box.left + x, right: box.right + x, height: box.height };
    return { name, seen, under: visible ? null : `${hits[0]?.tagName ?? 'the edge of the window'} ${hits[0]?.className ?? ''}`, box: page, layer: window.layers.get(layer) };
  }
}
