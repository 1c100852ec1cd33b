// Pictures side by side, cut out of one image; a click or Enter tells which was meant.

const KEYS = { ArrowRight: 1, ArrowLeft: -1 };

function make(tag, parent, properties = {}) {
  const element = Object.assign(document.createElement(tag), properties);
  parent.append(element);
  return element;
}

/** The names of edges, or the range of colours, and what runs along the pictures' sides. */
function drawHead(root, { legend, bar, titles }) {
  const head = make("div", root, { className: "head" });
  head.setAttribute("aria-hidden", "true");
  for (const [name, edge] of legend) {
    const entry = make("span", head);
    make("i", entry).style.borderBottom = edge;
    entry.append(name);
  }
  if (bar) {
    const [colours, ticks] = bar;
    const scale = make("div", head, { className: "bar" });
    make("div", scale).style.background = `linear-gradient(to right, ${colours})`;
    const ends = make("p", scale);
    for (const tick of ticks) make("span", ends, { textContent: tick });
  }
  const said = titles.filter(Boolean).join("; ");
  if (said) make("span", head, { textContent: said });
}

/** One tab stop for all: arrows lead from picture to picture. */
function walk(event, tiles, columns) {
  const at = tiles.indexOf(event.currentTarget);
  const step = KEYS[event.key] ?? { ArrowDown: columns, ArrowUp: -columns }[event.key];
  const next = tiles[at + step];
  if (!next) return;
  event.preventDefault();
  event.stopPropagation();
  tiles[at].tabIndex = -1;
  next.tabIndex = 0;
  next.focus();
}

function draw(root, data, choose) {
  const focused = root.getRootNode().activeElement?.dataset?.place;
  root.replaceChildren();
  root.style.maxWidth = `${data.width}px`;
  root.setAttribute("role", "figure");
  root.setAttribute("aria-label", data.alt);
  drawHead(root, data);
  const grid = make("div", root, { className: "grid" });
  grid.style.gridTemplateColumns = `repeat(${data.columns}, minmax(0, 1fr))`;
  const [width, height] = data.size;
  const canClick = data.numbers.length > 0;
  const tiles = data.says.map((says, place) => {
    const tile = make(canClick ? "button" : "div", grid, { className: "tile", title: says });
    const canvas = make("canvas", tile, { width, height });
    canvas.style.imageRendering = data.smooth ? "auto" : "pixelated";
    canvas.style.aspectRatio = `${width} / ${height}`;
    if (data.edges.length) canvas.style.border = data.edges[place];
    if (data.words.length) make("span", tile, { textContent: data.words[place] });
    tile.dataset.place = place;
    tile.classList.toggle("chosen", place === data.chosen);
    if (canClick) {
      tile.type = "button";
      tile.setAttribute("aria-label", says.replaceAll("\n", ", "));
      tile.setAttribute("aria-pressed", String(place === data.chosen));
      tile.tabIndex = place === (data.chosen ?? 0) ? 0 : -1;
      tile.addEventListener("click", () => choose(data.numbers[place]));
      tile.addEventListener("keydown", (event) => walk(event, tiles, data.columns));
    } else {
      tile.setAttribute("role", "img");
      tile.setAttribute("aria-label", says.replaceAll("\n", ", "));
    }
    return tile;
  });
  if (focused !== undefined) tiles[focused]?.focus();
  const image = new Image();
  image.onload = () => {
    const across = image.width / width;
    tiles.forEach((tile, place) => {
      const x = (place % across) * width;
      const y = Math.floor(place / across) * height;
      const pen = tile.firstChild.getContext("2d");
      pen.drawImage(image, x, y, width, height, 0, 0, width, height);
    });
    root.dataset.drawn = String(tiles.length);
  };
  image.src = data.picture;
}

const DRAWN = new WeakMap();

// Streamlit calls the function again with new data: what a click tells is the newest call's.
export default function tiles(component) {
  const root = component.parentElement.querySelector(".tiles");
  const [data] = component.data;
  const text = JSON.stringify(data);
  const drawn = DRAWN.get(root) ?? {};
  drawn.component = component;
  DRAWN.set(root, drawn);
  if (drawn.text === text) return;
  drawn.text = text;
  draw(root, data, (number) => drawn.component.setTriggerValue("chosen", { number }));
}
