// The page from which a customer connects an ATS: Kombo's window opens in it. `KomboConnect` comes from Kombo's own
// package, in front of this. Without it, and where the window is closed, the link is there.
(() => {
  const go = document.querySelector('#go[data-embedded]');
  const said = document.querySelector('#said');
  const done = document.querySelector('#done');
  if (!go || !done || !globalThis.KomboConnect) return;

  async function connect(event) {
    event?.preventDefault();
    try {
      const token = await globalThis.KomboConnect.showKomboConnect(go.href);
      done.elements.activation_token.value = token;
      done.submit();
    } catch (error) {
      if (error instanceof globalThis.KomboConnect.KomboConnectAlreadyOpenError) return;
      said.textContent = said.dataset.closed;
      go.focus();
    }
  }
  go.addEventListener('click', connect);
  connect();
})();
