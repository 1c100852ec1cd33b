// What our components share: where the server is, and what outlives a run of the page.

/** An address of Streamlit's server, also below a proxy's path; other addresses as they are. */
function absolute(address) {
  if (!address.startsWith("/")) return address;
  const script = document.querySelector('script[src*="/static/js/"]');
  const own = script ? new URL(script.src) : null;
  const isHere = own?.origin === window.location.origin;
  const base = isHere ? own.pathname.split("/static/js/")[0] : "";
  return `${window.location.origin}${base}${address}`;
}

const MOUNTED = new WeakMap();

/**
 * Keep one `Kind` for a component's element `selector`, and give it each run's data.
 *
 * Streamlit calls a component's function again at every change of data or theme; what must outlive
 * that is kept by parent element.
 */
function keepMounted(component, selector, Kind) {
  const { parentElement } = component;
  const root = parentElement.querySelector(selector);
  let kept = MOUNTED.get(parentElement);
  if (kept?.root !== root) {
    kept?.destroy();
    kept = new Kind(root);
    MOUNTED.set(parentElement, kept);
  }
  kept.update(component);
  return () => {
    kept.destroy();
    MOUNTED.delete(parentElement);
  };
}
