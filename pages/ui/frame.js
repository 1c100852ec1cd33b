// What Streamlit has no call for: a page that begins at its top, and tables with names.

let asked = 0;

/** Name the canvas of each table, where the keyboard stops, as the region around it is named. */
function nameTables() {
  for (const canvas of document.querySelectorAll("[data-testid=data-grid-canvas]:not([role])")) {
    const region = canvas.closest("[role=region][aria-label]");
    if (!region) continue;
    canvas.setAttribute("role", "group");
    canvas.setAttribute("aria-label", region.getAttribute("aria-label"));
  }
}

export default function frame({ data }) {
  if (data.top > asked) {
    asked = data.top;
    document.querySelector("[data-testid=stMain]")?.scrollTo(0, 0);
  }
  const drawn = new MutationObserver(nameTables);
  drawn.observe(document.body, { childList: true, subtree: true });
  nameTables();
  return () => drawn.disconnect();
}
