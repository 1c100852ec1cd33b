// The parts of the player as elements: built once, and the lanes again when their data change.

const ICONS = {
  play: "M7 4v16l13-8z",
  pause: "M6 4h4v16H6zM14 4h4v16h-4z",
  previous: "M5 4h3v16H5zM20 4v16L9 12z",
  next: "M16 4h3v16h-3zM4 4v16l11-8z",
  loop: "M7 7h9v3l5-4.5L16 1v3H5v7h2zM17 17H8v-3l-5 4.5L8 23v-3h11v-7h-2z",
  zoomIn: "M11 5h2v6h6v2h-6v6h-2v-6H5v-2h6z",
  zoomOut: "M5 11h14v2H5z",
};

function make(tag, className, parent, attributes = {}) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  parent?.append(element);
  return element;
}

function setIcon(button, name) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
  path.setAttribute("d", ICONS[name]);
  svg.append(path);
  button.replaceChildren(svg);
}

function makeButton(bar, name, label, face) {
  const attributes = { type: "button", "aria-label": label, title: label };
  const button = make("button", name, bar, { ...attributes, "data-testid": `player-${name}` });
  if (ICONS[face]) setIcon(button, face);
  else button.textContent = face;
  return button;
}

/** Build what stays: the bar, the slider, the overlay, the scrollbar and the status line. */
function buildFrame(root) {
  root.replaceChildren();
  root.setAttribute("role", "group");
  const audio = make("audio", "", root, { preload: "auto" });
  const alarm = make("div", "alarm", root, { role: "alert", hidden: "" });
  const bar = make("div", "bar", root, { role: "group", "aria-label": "Playback" });
  const buttons = {
    previous: makeButton(bar, "previous", "Previous segment (Shift+Left)", "previous"),
    back: makeButton(bar, "back", "Back 5 seconds (Left)", "\u22125 s"),
    play: makeButton(bar, "play", "Play (Space)", "play"),
    forward: makeButton(bar, "forward", "Forward 5 seconds (Right)", "+5 s"),
    next: makeButton(bar, "next", "Next segment (Shift+Right)", "next"),
    loop: makeButton(bar, "loop", "Loop the segment (L)", "loop"),
  };
  buttons.loop.setAttribute("aria-pressed", "false");
  buttons.moment = makeButton(bar, "moment", "", "");
  const time = make("span", "time", bar, { "data-testid": "player-time" });
  const zooms = make("span", "zooms", bar); // they stay together where the bar has two lines
  buttons.zoomOut = makeButton(zooms, "zoom-out", "Zoom out (minus)", "zoomOut");
  buttons.fit = makeButton(zooms, "fit", "Show the whole song (0)", "All");
  buttons.zoomIn = makeButton(zooms, "zoom-in", "Zoom in (plus, Ctrl+wheel)", "zoomIn");
  const slider = make("div", "slider", root, {
    role: "slider",
    tabindex: "0",
    "aria-label": "Position in the song",
    "aria-valuemin": "0",
    "data-testid": "player-slider",
  });
  const overview = make("canvas", "", slider, { "aria-hidden": "true" });
  const window_ = make("div", "window", slider, { hidden: "" });
  const sliderHead = make("div", "head", slider);
  const body = make("div", "body", root, { tabindex: "-1" });
  const lanes = make("div", "lanes", body);
  const over = make("div", "over", body);
  const chosen = make("div", "chosen", over, { hidden: "", "data-testid": "player-selection" });
  const head = make("div", "head", over, { "data-testid": "player-playhead" });
  const scroll = make("div", "scroll", root, { tabindex: "-1", "data-testid": "player-scroll" });
  const scrolled = make("div", "", scroll);
  const status = make("div", "status", root, {
    role: "status",
    "aria-live": "polite",
    "data-testid": "player-status",
  });
  const tip = make("div", "tip", root, { hidden: "", "data-testid": "player-tip" });
  const parts = { audio, alarm, buttons, time, slider, overview, sliderHead, body, lanes };
  return { ...parts, window: window_, over, chosen, head, scroll, scrolled, status, tip };
}

/** Build one row for the ruler and one for each lane; returns [{lane, canvas, plot}]. */
function buildLanes(place, lanes, theme) {
  place.replaceChildren();
  const ruler = { kind: "ruler", label: "Segments", height_px: 30 };
  return [ruler, ...lanes].map((lane, index) => {
    const row = make("div", "row", place);
    const gutter = make("div", "gutter", row);
    const seeks = lane.kind === "waveform" || lane.kind === "spectrogram";
    const name = lane.kind === "ruler" ? "player-ruler" : `player-lane-${index - 1}`;
    const plot = make("div", seeks ? "plot seeks" : "plot", row, { "data-testid": name });
    plot.style.height = gutter.style.height = `${lane.height_px}px`;
    fillGutter(gutter, lane, theme);
    const says = seeks ? "Click to move the playhead." : "Click a segment to hear it.";
    const attributes = { role: "img", "aria-label": `${lane.label}. ${says}` };
    return { lane, plot, seeks, canvas: make("canvas", "", plot, attributes) };
  });
}

function fillGutter(gutter, lane, theme) {
  const px = lane.height_px;
  if (lane.kind === "taggram" && px / lane.nRows >= 10) {
    lane.rows.forEach((text, row) => {
      const name = make("span", "name", gutter, { title: text });
      name.style.top = `${((row + 0.5) / lane.nRows) * px}px`;
      name.textContent = text;
    });
    return;
  }
  const label = make("span", "", gutter);
  label.textContent = lane.label;
  for (const [height, text] of lane.ticks ?? []) {
    const tick = make("span", "tick", gutter);
    // Labels at the very ends would be cut in half.
    tick.style.top = `${Math.min(px - 6, Math.max(6, (1 - height) * px))}px`;
    tick.textContent = text;
  }
  if (lane.ticks?.length) label.className = "sr";
  (lane.series ?? []).forEach((one, index) => {
    const key = make("div", "key", gutter);
    key.append(one.name);
    make("i", "", key).style.background = seriesColour(one, index, theme);
  });
}
