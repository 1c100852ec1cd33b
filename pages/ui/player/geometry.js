// Times, pixels and arrays; nothing in this file touches the page.

/** Read an array that Python packed: "f4", "u1" or "i1". */
function unpack(text, kind) {
  const raw = atob(text);
  const bytes = new Uint8Array(raw.length);
  for (let k = 0; k < raw.length; k += 1) bytes[k] = raw.charCodeAt(k);
  if (kind === "f4") return new Float32Array(bytes.buffer);
  return kind === "i1" ? new Int8Array(bytes.buffer) : bytes;
}

/** Write seconds as mm:ss.s */
function clock(seconds) {
  const tenths = Math.floor(Math.max(0, seconds) * 10 + 1e-6);
  const two = (number) => String(number).padStart(2, "0");
  return `${two(Math.floor(tenths / 600))}:${two(Math.floor(tenths / 10) % 60)}.${tenths % 10}`;
}

/** Segments may overlap; each owns the time that is nearest to its own middle. */
function makeCells(startS, endS) {
  const n = startS.length;
  const left = new Float32Array(n);
  const right = new Float32Array(n);
  for (let k = 0; k < n; k += 1) {
    const middle = startS[k] + endS[k];
    left[k] = k ? Math.max(startS[k], (startS[k - 1] + endS[k - 1] + middle) / 4) : startS[k];
    right[k] =
      k < n - 1 ? Math.min(endS[k], (startS[k + 1] + endS[k + 1] + middle) / 4) : endS[k];
  }
  return { n, startS, endS, left, right };
}

/** Index of the last number that is not above `limit`, or -1; `numbers` never fall. */
function lastUpTo(numbers, limit) {
  let low = 0;
  let high = numbers.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (numbers[middle] <= limit) low = middle + 1;
    else high = middle;
  }
  return low - 1;
}

/** Index of the cell at a time, or -1 in a gap. */
function cellAt(cells, time) {
  const k = lastUpTo(cells.left, time + 1e-4);
  return k >= 0 && time <= cells.right[k] + 1e-4 ? k : -1;
}

/** Where "next" (1) and "previous" (-1) lead from a time. */
function neighbour(startS, time, duration, direction) {
  const here = lastUpTo(startS, time + 0.02);
  if (direction > 0) return startS[here + 1] ?? duration;
  // Well inside a segment "previous" means its own start, as on every player.
  const length = (startS[here + 1] ?? duration) - startS[here];
  const isInside = time - startS[here] >= Math.min(1, length / 2);
  return startS[isInside ? here : here - 1] ?? 0;
}

/** For each pixel column its first and last cell, or -1 in a gap. */
function columnCells(cells, view, nColumns) {
  const first = new Int32Array(nColumns).fill(-1);
  const last = new Int32Array(nColumns).fill(-1);
  const step = (view.to - view.from) / nColumns;
  let k = Math.max(0, lastUpTo(cells.left, view.from));
  for (let x = 0; x < nColumns && k < cells.n; x += 1) {
    const begin = view.from + x * step;
    const middle = begin + step / 2;
    while (k < cells.n && cells.right[k] <= begin) k += 1;
    if (k === cells.n) break;
    let end = k;
    while (end + 1 < cells.n && cells.left[end + 1] < begin + step) end += 1;
    // One cell in the column shows when it covers the middle: its ends stay sharp.
    if (end === k && (cells.left[k] > middle || cells.right[k] <= middle)) continue;
    first[x] = k;
    last[x] = end;
  }
  return { first, last };
}

/** Seconds between labels, so that they stand at least `wantedPx` apart. */
function tickStep(secondsPerPx, wantedPx) {
  const steps = [0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600];
  return steps.find((step) => step >= secondsPerPx * wantedPx) ?? 7200;
}

/** Keep a stretch of `span` seconds that begins near `from` inside the song. */
function fitView(from, span, duration) {
  const length = Math.min(Math.max(span, Math.min(0.5, duration)), duration);
  const begin = Math.min(Math.max(from, 0), duration - length);
  return { from: begin, to: begin + length };
}

/** Make the data of one lane ready for drawing. */
function readLane(plain) {
  const lane = { ...plain };
  if (plain.kind === "waveform") {
    lane.low = unpack(plain.low, "i1");
    lane.high = unpack(plain.high, "i1");
  } else if (plain.kind === "curves") {
    lane.series = plain.series.map((one) => ({
      ...one,
      values: unpack(one.values, "f4"),
      cells: makeCells(unpack(one.start_s, "f4"), unpack(one.end_s, "f4")),
    }));
  } else if (plain.kind === "taggram" || plain.kind === "strip") {
    lane.values = unpack(plain.values, "u1");
    lane.cells = makeCells(unpack(plain.start_s, "f4"), unpack(plain.end_s, "f4"));
    lane.nRows = plain.kind === "strip" ? 1 : plain.rows.length;
  }
  return lane;
}

/** What stands in a lane at a time (and, in a taggram, at a height from 0 on top to 1). */
function valueAt(lane, time, height) {
  if (lane.kind === "curves") {
    return lane.series
      .map((one) => [one.name, cellAt(one.cells, time), one.values])
      .filter(([, k]) => k >= 0)
      .map(([name, k, values]) => `${name}: ${values[k].toFixed(2)}`)
      .join("\n");
  }
  if (!lane.cells) return "";
  const k = cellAt(lane.cells, time);
  if (k < 0) return "";
  const row = Math.min(lane.nRows - 1, Math.max(0, Math.floor(height * lane.nRows)));
  const value = (lane.values[row * lane.cells.n + k] / 255).toFixed(2);
  return `${lane.rows ? lane.rows[row] : lane.label}: ${value}`;
}
