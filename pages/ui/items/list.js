// A list of covers or songs: drawn, played and read by keys here; Python is told what was done.

const CURVE_HEIGHT = 40;
const LINE = 500; // letters of a note that can be written in the list
const DIGITS = 9; // genres that a single key gives
const TAKE_BACK_MS = 400; // a closing window takes the focus away once more

function make(tag, className, text) {
  const element = document.createElement(tag);
  if (className) element.className = className;
  if (text !== undefined) element.textContent = text;
  return element;
}

function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, "0")}`;
}

function isLine(note) {
  return note.length <= LINE && !/[\r\n]/.test(note);
}

class ItemList {
  constructor(root) {
    this.root = root;
    this.audio = new Audio();
    this.audio.preload = "none";
    this.playing = null; // the item whose song is loaded
    this.at = null; // the item that keys act on
    this.rows = new Map();
    this.untold = []; // what was done since Python last answered
    this.list = make("div", "list");
    this.list.setAttribute("role", "listbox");
    this.help = make("p", "help");
    root.append(this.help, this.list);
    this.list.addEventListener("keydown", (event) => this.key(event));
    for (const name of ["play", "pause", "ended", "timeupdate", "error"])
      this.audio.addEventListener(name, () => this.showSound(name));
    this.sizes = new ResizeObserver(() => this.drawCurves());
    this.sizes.observe(this.list);
  }

  update(component) {
    const { data } = component;
    this.count ??= data.n_heard;
    this.untold = this.untold.filter(({ count }) => count > data.n_heard);
    this.tell = (what, id, value) => {
      this.count += 1;
      this.untold.push({ what, id, value, count: this.count });
      // All of it each time: of two keys during one run of the page only the later would arrive.
      component.setTriggerValue("did", [...this.untold]);
    };
    const isClosed = Boolean(this.data?.chosen) && !data.chosen;
    const isNew = JSON.stringify(this.data?.items.map((item) => item.id)) !==
      JSON.stringify(data.items.map((item) => item.id));
    this.data = data;
    this.isSong = data.media === "song";
    this.list.classList.toggle("songs", this.isSong);
    this.list.setAttribute("aria-label", this.isSong ? "Songs" : "Covers");
    this.help.textContent = this.keysInWords();
    if (isNew) {
      if (!data.items.some((item) => item.id === this.playing)) this.stop();
      this.at = data.items.some((item) => item.id === data.chosen)
        ? data.chosen
        : data.items[0]?.id ?? null;
      this.build();
    }
    for (const item of data.items) this.show(item);
    this.drawCurves();
    if (isClosed) setTimeout(() => this.takeBack(), TAKE_BACK_MS);
  }

  /** A window that closes leaves the keys to nobody: they go on where they were. */
  takeBack() {
    if (document.activeElement === document.body) this.rows.get(this.at)?.row.focus();
  }

  keysInWords() {
    const play = this.isSong ? "Space plays, " : "";
    const { genres, can_note: mayNote } = this.data;
    const digits = genres.slice(0, DIGITS).map((genre, k) => `${k + 1} ${genre}`);
    const rest = genres.length > DIGITS ? `, G one of all ${genres.length} by its first letters` : "";
    const notes = mayNote
      ? `, F flags, N writes a note; new label: ${digits.join(", ")}${rest}, 0 none`
      : "";
    const { is_judged: isJudged } = this.data;
    const mark = !this.isSong ? "" : isJudged
      ? "The line marks where it erred most. "
      : "A song plays from its most prog moment. ";
    return `${mark}Keys: arrows, ${play}Enter opens${notes}.`;
  }

  // ---- drawing

  build() {
    this.rows.clear();
    this.list.replaceChildren();
    for (const item of this.data.items) {
      const row = make("div", "item");
      row.setAttribute("role", "option");
      row.dataset.id = item.id;
      const parts = { row };
      if (this.isSong) this.buildSong(parts, item);
      else this.buildCover(parts, item);
      parts.marks = make("div", "marks");
      row.append(parts.marks);
      row.addEventListener("click", () => {
        this.goTo(item.id);
        this.tell("open", item.id, null);
      });
      this.rows.set(item.id, parts);
      this.list.append(row);
    }
  }

  buildCover(parts, item) {
    const picture = item.address ? make("img") : make("div", "missing", "not on this machine");
    if (item.address) {
      picture.src = absolute(item.address);
      picture.alt = `Cover: ${item.name}`;
      picture.loading = "lazy";
    }
    parts.row.append(picture, make("div", "name", item.name), this.answer(item));
  }

  buildSong(parts, item) {
    parts.play = make("button", "play");
    parts.play.type = "button";
    parts.play.tabIndex = -1;
    parts.play.disabled = !item.address;
    parts.play.addEventListener("click", (event) => {
      event.stopPropagation();
      this.goTo(item.id);
      this.toggle(item);
    });
    const words = make("div", "words");
    words.append(make("div", "name", item.name), this.answer(item));
    parts.row.classList.toggle("plain", !this.data.is_judged); // no curves, and no room for any
    parts.curve = make("canvas");
    parts.curve.addEventListener("click", (event) => {
      if (!item.curve || !item.address) return;
      event.stopPropagation();
      this.goTo(item.id);
      const box = parts.curve.getBoundingClientRect();
      this.playFrom(item, ((event.clientX - box.left) / box.width) * item.curve.end_s.at(-1));
    });
    parts.time = make("div", "time", item.address ? "" : "not here");
    parts.row.append(parts.play, words, parts.curve, parts.time);
  }

  answer(item) {
    const line = make("div", "answer");
    line.append(item.is_wrong ? "true " : "", make("span", "true", item.true));
    if (item.is_wrong) line.append(", said ", make("span", "wrong", item.said));
    // Its unit stays with the number.
    line.append(` ${item.share.replace(" %", "\u00a0%")}`);
    return line;
  }

  /** Show what may change while the list stays: marks, what is chosen, what plays. */
  show(item) {
    const { row, marks, play } = this.rows.get(item.id);
    if (!marks.querySelector("input")) this.showMarks(marks, item);
    row.tabIndex = item.id === this.at ? 0 : -1;
    row.setAttribute("aria-selected", String(item.id === this.data.chosen));
    const right = this.data.is_judged ? ", rightly told" : "";
    const said = item.is_wrong ? `, said ${item.said}` : right;
    row.setAttribute(
      "aria-label",
      `${item.name}: ${item.true}${said} ${item.share}${item.flagged ? ", flagged" : ""}` +
        `${item.label ? `, new label ${item.label}` : ""}`,
    );
    if (play) {
      const isOn = this.playing === item.id && !this.audio.paused;
      play.textContent = isOn ? "❚❚" : "▶";
      const from = item.start_s > 0 ? ` from ${clock(item.start_s)}` : "";
      play.setAttribute("aria-label", isOn ? "Pause" : `Play ${item.name}${from}`);
    }
  }

  showMarks(marks, item) {
    marks.replaceChildren();
    if (item.flagged) marks.append(make("span", "flag", "⚑ flagged"));
    if (item.label) marks.append(make("span", "label", `→ ${item.label}`));
    if (item.note) marks.append(make("span", "note", item.note));
  }

  drawCurves() {
    if (!this.isSong || !this.data) return;
    for (const item of this.data.items) this.drawCurve(item);
  }

  drawCurve(item) {
    const { curve: canvas } = this.rows.get(item.id);
    const width = canvas.clientWidth;
    if (!width) return;
    const scale = window.devicePixelRatio || 1;
    canvas.width = width * scale;
    canvas.height = CURVE_HEIGHT * scale;
    const draw = canvas.getContext("2d");
    draw.scale(scale, scale);
    if (!item.curve) return;
    const { row } = this.rows.get(item.id);
    const colour = (name) => getComputedStyle(row.querySelector(name)).color;
    const length = item.curve.end_s.at(-1);
    const x = (seconds) => (seconds / length) * width;
    const y = (share) => CURVE_HEIGHT - 2 - share * (CURVE_HEIGHT - 4);
    const steps = (values, colour, line) => {
      draw.strokeStyle = colour;
      draw.lineWidth = line;
      draw.beginPath();
      values.forEach((value, k) => {
        draw.lineTo(x(item.curve.start_s[k]), y(value));
        draw.lineTo(x(item.curve.end_s[k]), y(value));
      });
      draw.stroke();
    };
    steps(item.curve.true, colour(".true"), 1.5);
    if (item.is_wrong) steps(item.curve.said, colour(".wrong"), 2);
    draw.fillStyle = getComputedStyle(this.root).color;
    draw.fillRect(x(item.start_s), 0, 1, CURVE_HEIGHT);
    if (this.playing === item.id) draw.fillRect(x(this.audio.currentTime), 0, 2, CURVE_HEIGHT);
    canvas.title = `${item.true}${item.is_wrong ? ` and ${item.said}` : ""} over time; click to play`;
  }

  // ---- sound

  toggle(item) {
    const isLoaded = this.playing === item.id && !this.audio.ended;
    if (isLoaded && !this.audio.paused) this.audio.pause();
    else if (isLoaded) this.audio.play().catch(() => {});
    else this.playFrom(item, item.start_s);
  }

  playFrom(item, seconds) {
    if (!item.address) return;
    const before = this.playing;
    if (before !== item.id) {
      this.audio.pause();
      this.audio.src = absolute(item.address);
      this.playing = item.id;
      const old = this.data.items.find((one) => one.id === before);
      if (old) {
        this.show(old);
        this.drawCurve(old);
      }
    }
    // Before the browser knows the sound this is where it will begin.
    this.audio.currentTime = seconds;
    this.audio.play().catch(() => {});
  }

  stop() {
    this.audio.pause();
    this.playing = null;
  }

  showSound(event) {
    const item = this.data?.items.find((one) => one.id === this.playing);
    if (!item || !this.rows.has(item.id)) return;
    const { time } = this.rows.get(item.id);
    time.textContent = event === "error" ? "this browser cannot play it" : clock(this.audio.currentTime);
    this.drawCurve(item);
    if (event !== "timeupdate") this.show(item);
  }

  // ---- keys

  goTo(id) {
    const before = this.data.items.find((item) => item.id === this.at);
    this.at = id;
    if (before) this.show(before);
    this.show(this.data.items.find((item) => item.id === id));
    this.rows.get(id).row.focus({ preventScroll: false });
  }

  step(by) {
    const { items } = this.data;
    const goesOn = this.isSong && !this.audio.paused;
    let place = items.findIndex((item) => item.id === this.at) + by;
    while (goesOn && items[place] && !items[place].address) place += by;
    if (!items[place]) return;
    this.goTo(items[place].id);
    if (goesOn) this.playFrom(items[place], items[place].start_s);
  }

  key(event) {
    if (event.target.tagName === "INPUT" || event.ctrlKey || event.metaKey || event.altKey) return;
    const item = this.data.items.find((one) => one.id === this.at);
    if (!item) return;
    const { can_note: mayNote, genres } = this.data;
    const digit = Number.parseInt(event.key, 10);
    const acts = {
      ArrowDown: () => this.step(1),
      ArrowRight: () => this.step(1),
      ArrowUp: () => this.step(-1),
      ArrowLeft: () => this.step(-1),
      Enter: () => this.tell("open", item.id, null),
      " ": () => this.isSong && this.toggle(item),
      ...(mayNote && {
        f: () => this.tell("flag", item.id, !item.flagged),
        // A field of one line would lose what stands on others.
        n: () => (isLine(item.note) ? this.write(item) : this.tell("open", item.id, null)),
        g: () => this.choose(item),
        0: () => this.tell("label", item.id, ""),
      }),
    };
    const act = acts[event.key] ?? acts[event.key.toLowerCase()];
    if (act) act();
    else if (mayNote && digit >= 1 && digit <= Math.min(DIGITS, genres.length))
      this.tell("label", item.id, genres[digit - 1]);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  write(item) {
    const field = this.field(item, `Note on ${item.name}; Enter keeps it`, (text) => {
      this.tell("note", item.id, text);
      return true;
    });
    field.maxLength = LINE;
    field.value = item.note;
  }

  /** Digits reach nine genres; letters reach all. */
  choose(item) {
    const hint = make("span", "label");
    const label = `First letters of the new label of ${item.name}; Enter gives it`;
    const field = this.field(item, label, (text) => {
      const [genre] = this.genresFrom(text);
      if (genre) this.tell("label", item.id, genre);
      return Boolean(genre);
    });
    field.placeholder = "first letters of a genre";
    field.setAttribute("autocomplete", "off");
    hint.setAttribute("role", "status");
    field.after(hint);
    field.addEventListener("input", () => {
      const [first, ...others] = this.genresFrom(field.value);
      const also = others.length ? `, more letters for ${others.slice(0, 4).join(", ")}` : "";
      hint.textContent = first ? `→ ${first}${also}` : field.value.trim() && "no genre begins so";
    });
  }

  /** Genres that begin with some letters, the one that is called just so first. */
  genresFrom(text) {
    const letters = text.trim().toLowerCase();
    if (!letters) return [];
    const begin = this.data.genres.filter((genre) => genre.toLowerCase().startsWith(letters));
    return begin.sort((one, other) => (other.toLowerCase() === letters) - (one.toLowerCase() === letters));
  }

  /** Ask for a line in an item's row; `keep` says whether what was typed can be kept. */
  field(item, label, keep) {
    const { row, marks } = this.rows.get(item.id);
    const field = make("input");
    field.type = "text";
    field.setAttribute("aria-label", label);
    field.addEventListener("click", (event) => event.stopPropagation());
    field.addEventListener("keydown", (event) => {
      event.stopPropagation();
      const isKept = event.key === "Enter" && keep(field.value);
      if (isKept || event.key === "Escape") {
        this.showMarks(marks, this.data.items.find((one) => one.id === item.id));
        row.focus();
      }
    });
    marks.replaceChildren(field);
    field.focus();
    return field;
  }

  destroy() {
    this.stop();
    this.sizes.disconnect();
  }
}

export default function items(component) {
  return keepMounted(component, ".items", ItemList);
}
