// One painter a kind of lane. Painters work in device pixels, one column at a time, so that an
// hour costs no more than a minute.

/** Read the theme; canvases know no CSS variables. */
function readTheme(root) {
  const style = getComputedStyle(root);
  const get = (name, other) => style.getPropertyValue(`--st-${name}`).trim() || other;
  const palette = get("chart-categorical-colors", "#6b4fd8").split(",");
  return {
    text: get("text-color", "#222222"),
    line: get("border-color", "#888888"),
    primary: get("primary-color", "#6b2fb3"),
    // Words' own violet: a full shade must stand out on dark lanes too.
    shade: get("link-color", get("primary-color", "#6b2fb3")),
    panel: get("secondary-background-color", "#eeeeee"),
    font: get("font", "sans-serif"),
    palette: palette.map((colour) => colour.trim()),
  };
}

/** Red, green and blue of any CSS colour. */
function readColour(context, colour) {
  context.fillStyle = "#808080";
  context.fillStyle = colour;
  const text = context.fillStyle;
  if (text[0] === "#") return [1, 3, 5].map((at) => parseInt(text.slice(at, at + 2), 16));
  return text.match(/[\d.]+/g).slice(0, 3).map(Number);
}

/** Empty a canvas and fit it to its box in device pixels; returns null where it has no size. */
function wipe(canvas) {
  const ratio = window.devicePixelRatio || 1;
  const width = Math.round(canvas.clientWidth * ratio);
  const height = Math.round(canvas.clientHeight * ratio);
  if (!width || !height) return null;
  if (canvas.width !== width || canvas.height !== height) {
    canvas.width = width;
    canvas.height = height;
  }
  const context = canvas.getContext("2d");
  context.clearRect(0, 0, width, height);
  return { context, width, height, ratio };
}

function paintLane(place, lane, { cells, view, theme, duration }) {
  if (lane.kind === "ruler") paintRuler(place, cells, view, theme);
  else if (lane.kind === "waveform") paintWaveform(place, lane, view, theme, duration);
  else if (lane.kind === "spectrogram") paintSpectrogram(place, lane, view, duration);
  else if (lane.kind === "curves") paintCurves(place, lane, view, theme);
  else paintShades(place, lane, view, theme);
}

function paintWaveform(place, lane, view, theme, duration) {
  const { context, width, height } = place;
  const n = lane.low.length;
  const perColumn = ((view.to - view.from) / duration / width) * n;
  const begin = (view.from / duration) * n;
  const scale = (height / 2 - 1) / 127;
  context.fillStyle = lane.colour ?? theme.primary;
  context.beginPath();
  for (let x = 0; x < width; x += 1) {
    const first = Math.min(n - 1, Math.floor(begin + x * perColumn));
    const last = Math.min(n - 1, Math.max(first, Math.ceil(begin + (x + 1) * perColumn) - 1));
    let low = 127;
    let high = -127;
    for (let k = first; k <= last; k += 1) {
      if (lane.low[k] < low) low = lane.low[k];
      if (lane.high[k] > high) high = lane.high[k];
    }
    const top = height / 2 - high * scale;
    context.rect(x, top, 1, Math.max(1, (high - low) * scale));
  }
  context.fill();
}

function paintSpectrogram(place, lane, view, duration) {
  if (!lane.loaded) return;
  const { context, width, height } = place;
  const perSecond = lane.loaded.naturalWidth / duration;
  context.imageSmoothingEnabled = true;
  context.drawImage(
    lane.loaded,
    view.from * perSecond,
    0,
    Math.max(1e-3, (view.to - view.from) * perSecond),
    lane.loaded.naturalHeight,
    0,
    0,
    width,
    height,
  );
}

function paintCurves(place, lane, view, theme) {
  const { context, width, height, ratio } = place;
  const pad = 4 * ratio;
  const y = (value) => pad + (1 - value) * (height - 2 * pad);
  const x = (time) => ((time - view.from) / (view.to - view.from)) * width;
  context.lineWidth = ratio;
  context.strokeStyle = theme.line;
  context.globalAlpha = 0.6;
  context.beginPath();
  for (const value of [0, 1]) {
    context.moveTo(0, y(value));
    context.lineTo(width, y(value));
  }
  context.stroke();
  context.globalAlpha = 1;
  if (lane.threshold !== null) {
    context.strokeStyle = theme.text;
    context.setLineDash([4 * ratio, 3 * ratio]);
    context.beginPath();
    context.moveTo(0, y(lane.threshold));
    context.lineTo(width, y(lane.threshold));
    context.stroke();
    context.setLineDash([]);
  }
  lane.series.forEach((one, index) => {
    context.strokeStyle = context.fillStyle = seriesColour(one, index, theme);
    context.lineWidth = 1.75 * ratio;
    context.lineJoin = "round";
    context.beginPath();
    const first = Math.max(0, lastUpTo(one.cells.left, view.from));
    const last = Math.max(first, lastUpTo(one.cells.left, view.to));
    if (last - first > width / 2) {
      paintDenseCurve(context, one, columnCells(one.cells, view, width), y);
    } else {
      for (let k = first; k <= last; k += 1) {
        const begin = x(one.cells.left[k]);
        const level = y(one.values[k]);
        if (k === first || one.cells.left[k] - one.cells.right[k - 1] > 1e-3) {
          context.moveTo(begin, level);
        } else context.lineTo(begin, level);
        context.lineTo(x(one.cells.right[k]), level);
      }
    }
    context.stroke();
  });
}

function paintDenseCurve(context, one, { first, last }, y) {
  for (let x = 0; x < first.length; x += 1) {
    if (first[x] < 0) continue;
    let low = 1;
    let high = 0;
    for (let k = first[x]; k <= last[x]; k += 1) {
      low = Math.min(low, one.values[k]);
      high = Math.max(high, one.values[k]);
    }
    if (x && first[x - 1] >= 0) context.lineTo(x, y(one.values[first[x]]));
    else context.moveTo(x, y(one.values[first[x]]));
    context.lineTo(x, y(low));
    context.lineTo(x, y(high));
    context.lineTo(x, y(one.values[last[x]]));
  }
}

function seriesColour(one, index, theme) {
  return one.colour ?? theme.palette[index % theme.palette.length];
}

function paintShades(place, lane, view, theme) {
  const { context, width, height } = place;
  const [red, green, blue] = readColour(context, lane.colour ?? theme.shade);
  const { first, last } = columnCells(lane.cells, view, width);
  const shades = new ImageData(width, lane.nRows);
  for (let row = 0; row < lane.nRows; row += 1) {
    const offset = row * lane.cells.n;
    for (let x = 0; x < width; x += 1) {
      if (first[x] < 0) continue;
      let sum = 0;
      for (let k = first[x]; k <= last[x]; k += 1) sum += lane.values[offset + k];
      const at = 4 * (row * width + x);
      shades.data[at] = red;
      shades.data[at + 1] = green;
      shades.data[at + 2] = blue;
      shades.data[at + 3] = sum / (last[x] - first[x] + 1);
    }
  }
  const sheet = new OffscreenCanvas(width, lane.nRows);
  sheet.getContext("2d").putImageData(shades, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(sheet, 0, 0, width, height);
}

function paintRuler(place, cells, view, theme) {
  const { context, width, height, ratio } = place;
  const perSecond = width / (view.to - view.from);
  const x = (time) => (time - view.from) * perSecond;
  const step = tickStep(ratio / perSecond, 64);
  context.font = `${11 * ratio}px ${theme.font}`;
  context.textBaseline = "top";
  context.fillStyle = theme.text;
  for (let k = Math.ceil(view.from / step - 1e-6); k * step <= view.to; k += 1) {
    const at = Math.round(x(k * step));
    context.fillRect(at, 0, ratio, 6 * ratio);
    const label = step < 1 ? clock(k * step) : clock(k * step).slice(0, -2);
    if (at + 36 * ratio < width) context.fillText(label, at + 3 * ratio, 0);
  }
  const top = Math.round(height * 0.55);
  const { first } = columnCells(cells, view, width);
  context.fillStyle = theme.shade;
  for (let column = 0; column < width; column += 1) {
    if (first[column] < 0) continue;
    const isEdge = column === 0 || first[column] !== first[column - 1];
    // Neighbours differ in shade, and a hairline parts them while there is room for one.
    context.globalAlpha = first[column] % 2 ? 0.9 : 0.6;
    if (isEdge && perSecond * (cells.right[0] - cells.left[0]) > 6 * ratio) continue;
    context.fillRect(column, top, 1, height - top);
  }
  context.globalAlpha = 1;
}
