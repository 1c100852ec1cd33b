// Streamlit calls the function at the end again at every change of data or theme; what must outlive
// that is kept by parent element.

const PLAYERS = new WeakMap();

/** An address of Streamlit's server, also below a proxy's path; other addresses as they are. */
function absolute(address) {
  if (!address.startsWith("/")) return address;
  const script = document.querySelector('script[src*="/static/js/"]');
  const own = script ? new URL(script.src) : null;
  const isHere = own?.origin === window.location.origin;
  const base = isHere ? own.pathname.split("/static/js/")[0] : "";
  return `${window.location.origin}${base}${address}`;
}

export default function songPlayer(component) {
  const { parentElement } = component;
  let player = PLAYERS.get(parentElement);
  const root = parentElement.querySelector(".player");
  if (player?.root !== root) {
    player?.destroy();
    player = new Player(root);
    PLAYERS.set(parentElement, player);
  }
  player.update(component);
  return () => {
    player.destroy();
    PLAYERS.delete(parentElement);
  };
}
