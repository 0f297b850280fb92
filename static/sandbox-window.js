// Kombo's window in somebody else's page: tells that page that the customer has connected, or has closed the window.
(() => {
  const told = document.querySelector('[data-activation-token]');
  if (told) {
    const data = { activation_token: told.dataset.activationToken };
    globalThis.parent.postMessage({ type: 'success', data }, '*');
  }
  document.querySelector('[data-close]')?.addEventListener('click', () => {
    globalThis.parent.postMessage({ type: 'close' }, '*');
  });
})();
