// Next and back by key, wherever the page has the focus: the arrows, or what a presenter's
// remote control sends. Not where a key belongs to what has the focus.

const FORWARD = ["ArrowRight", "PageDown"];
const BACK = ["ArrowLeft", "PageUp"];
const WRITTEN = "input:not([type=checkbox]), textarea, select, [contenteditable=true]";
const MOVED =
  "[role=slider], [role=tab], [role=radio], [role=option], [role=listbox], [role=combobox], " +
  "[role=menu], [role=menuitem], [role=grid], [role=dialog], [data-testid=data-grid-canvas], audio";

// Streamlit calls the function again with new data and may leave the old one's listener: there is
// one, and what it tells is the newest call's.
let current = null;

function pressed(event) {
  const forward = FORWARD.includes(event.key);
  if (!current?.parentElement.isConnected || (!forward && !BACK.includes(event.key))) return;
  if (event.defaultPrevented || event.repeat) return;
  if (event.altKey || event.ctrlKey || event.metaKey || event.shiftKey) return;
  const [target] = event.composedPath();
  const theirs = event.key.startsWith("Arrow") ? `${WRITTEN}, ${MOVED}` : WRITTEN;
  if (target instanceof Element && target.closest(theirs)) return;
  event.preventDefault();
  const { data, setTriggerValue } = current;
  setTriggerValue("pressed", { way: forward ? "next" : "back", place: data.place });
}

export default function keys(component) {
  current = component;
  document.addEventListener("keydown", pressed);
  return () => {
    if (current === component) current = null;
  };
}
