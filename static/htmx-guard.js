// Goes out in one file behind htmx. Under `require-trusted-types-for 'script'` htmx may put an answer into the page only
// through a policy; ours passes what htmx fetched from this very origin (its `mode` is same-origin) and nothing else can
// reach it. Code in attributes (hx-on, `js:` values, trigger filters) is refused rather than compiled.
(() => {
  'use strict';
  const policy = window.trustedTypes
    ? window.trustedTypes.createPolicy('htmx', { createHTML: (text) => text })
    : { createHTML: (text) => text };
  class Refused {
    constructor() {
      throw new Error('This page runs no code from attributes.');
    }
  }
  htmx.registerExtension('guard', { init: (api) => api.initSecurity(policy, Refused, Refused) });
})();
