// The player itself: sound, playhead, selection, zoom.

const SKIP_S = 5;
const REST_MS = 600; // a rerun takes about as long: five quick steps are told as one

class Player {
  constructor(root) {
    this.root = root;
    this.parts = buildFrame(root);
    this.audio = this.parts.audio;
    this.view = { from: 0, to: 1 };
    this.rows = [];
    this.selected = null;
    this.range = null; // the stretch that stops or loops the sound
    this.loops = false;
    this.follows = true;
    this.pending = null; // where to begin once the browser knows the sound
    this.listen();
    this.sizes = new ResizeObserver(() => this.redraw());
    this.sizes.observe(this.parts.body);
  }

  // ---- data from Python

  update(component) {
    const [data] = component.data;
    this.tell = (index) =>
      component.setStateValue("chosen", { asked: data.asked.count, index });
    const last = this.data;
    this.data = data;
    this.theme = readTheme(this.root);
    if (last !== data) {
      this.duration = data.duration_s;
      if (last?.audio !== data.audio) this.load();
      this.cells = makeCells(unpack(data.start_s, "f4"), unpack(data.end_s, "f4"));
      this.lanes = data.lanes.map(readLane);
      this.loadPictures();
      this.root.setAttribute("aria-label", `Player: ${data.name}`);
      this.nameMoment();
      this.parts.slider.setAttribute("aria-valuemax", data.duration_s.toFixed(1));
      const isNew = last?.audio !== data.audio || last.duration_s !== data.duration_s;
      if (isNew) this.view = { from: 0, to: this.duration };
      if (isNew || last.asked.count !== data.asked.count) this.obey(data.asked.index);
    }
    this.rows = buildLanes(this.parts.lanes, this.lanes, this.theme);
    this.redraw();
    this.showTime();
  }

  /** Say on its button which moment can be played. */
  nameMoment() {
    const { moment: button } = this.parts.buttons;
    const { moment } = this.data;
    button.hidden = !moment;
    if (!moment) return;
    button.textContent = moment.label;
    button.title = "Play from there (M)";
    button.setAttribute("aria-label", `${moment.label}: play from there (M)`);
  }

  playMoment() {
    if (!this.data.moment) return;
    this.seek(this.data.moment.start_s);
    this.play();
  }

  load() {
    this.audio.pause();
    this.parts.alarm.hidden = true;
    this.range = null;
    this.pending = null;
    this.follows = true;
    this.audio.src = absolute(this.data.audio);
    // Loading drops the event of the pause just asked for.
    this.showState();
  }

  loadPictures() {
    for (const lane of this.lanes.filter((one) => one.kind === "spectrogram")) {
      const picture = new Image();
      picture.onload = () => {
        lane.loaded = picture;
        this.redraw();
      };
      picture.src = absolute(lane.picture);
    }
  }

  obey(index) {
    clearTimeout(this.resting);
    this.told = index;
    this.select(index);
    if (index === null) return;
    const start = this.cells.startS[index];
    if (this.audio.paused) this.seek(start);
    else {
      // Shown, but what sounds is not interrupted.
      this.follows = false;
      this.reveal(start);
    }
  }

  // ---- sound

  time() {
    return this.pending ?? this.audio.currentTime;
  }

  seek(seconds) {
    const time = Math.min(Math.max(0, seconds), this.duration);
    if (this.audio.readyState === 0) this.pending = time;
    else this.audio.currentTime = time;
    this.range = null;
    this.follows = true;
    if (this.loops) this.holdSegment(time);
    this.showTime(time);
    this.reveal(time);
  }

  async play() {
    if (this.time() >= this.duration - 0.05) this.seek(0);
    try {
      await this.audio.play();
    } catch (error) {
      // A pause before the sound came is no fault.
      if (error.name !== "AbortError") this.complain(error.message);
    }
  }

  toggle() {
    if (this.audio.paused) this.play();
    else this.audio.pause();
  }

  complain(reason) {
    this.parts.alarm.textContent = `This browser could not play the sound. ${reason}`;
    this.parts.alarm.hidden = false;
  }

  holdSegment(time) {
    const index = cellAt(this.cells, time);
    if (index >= 0) this.range = this.stretch(index);
  }

  stretch(index) {
    return { from: this.cells.startS[index], to: this.cells.endS[index] };
  }

  setLoop(loops) {
    this.loops = loops;
    this.parts.buttons.loop.setAttribute("aria-pressed", String(loops));
    this.root.dataset.loop = String(loops);
    this.range = null;
    if (!loops) return;
    const time = this.time();
    const own = this.selected === null ? null : this.stretch(this.selected);
    if (own && time >= own.from && time < own.to) this.range = own;
    else this.holdSegment(time);
  }

  /** Stop or turn back at the end of the stretch. */
  keepRange() {
    if (!this.range || this.audio.paused || this.time() < this.range.to - 0.01) return;
    if (this.loops) {
      this.audio.currentTime = this.range.from;
    } else {
      this.audio.pause();
      this.range = null;
    }
  }

  /** Go to a neighbour and outline it; Python is told where the stepping rests. */
  step(direction) {
    const { startS } = this.cells;
    const time = neighbour(startS, this.time(), this.duration, direction);
    this.seek(time);
    const index = startS.indexOf(time);
    if (index < 0) return; // the song's beginning or end, no segment's
    this.select(index);
    if (this.loops) this.range = this.stretch(index);
    clearTimeout(this.resting);
    this.resting = setTimeout(() => this.report(index), REST_MS);
  }

  // ---- selection

  select(index) {
    this.selected = index;
    this.root.dataset.selected = index ?? "";
    this.parts.status.textContent = index === null ? "" : this.describe(index);
    this.placeOverlay();
  }

  describe(index) {
    const { from, to } = this.stretch(index);
    const says = `Segment ${index + 1} of ${this.cells.n}: ${clock(from)} to ${clock(to)}`;
    const curves = this.lanes.find((lane) => lane.kind === "curves");
    const middle = (this.cells.left[index] + this.cells.right[index]) / 2;
    const scores = curves ? valueAt(curves, middle).replaceAll("\n", ", ") : "";
    return scores ? `${says}. ${scores}` : says;
  }

  /** Tell Python which segment the visitor chose, unless it knows. */
  report(index) {
    clearTimeout(this.resting);
    if (this.told === index) return;
    this.told = index;
    this.tell(index);
  }

  /** The visitor's choice: outline it, play it, and tell Python once. */
  choose(index) {
    if (index < 0) return;
    this.select(index);
    this.seek(this.cells.startS[index]);
    this.range = this.stretch(index);
    this.play();
    this.report(index);
  }

  // ---- zoom

  setView(from, span) {
    this.view = fitView(from, span, this.duration);
    this.redraw();
  }

  zoom(factor, centre) {
    const { from, to } = this.view;
    const time = this.time();
    const about = centre ?? (time >= from && time <= to ? time : (from + to) / 2);
    const share = (about - from) / (to - from);
    const span = fitView(0, (to - from) / factor, this.duration).to;
    this.setView(about - share * span, span);
  }

  reveal(time) {
    const span = this.view.to - this.view.from;
    if (time < this.view.from || time > this.view.to) this.setView(time - 0.1 * span, span);
  }

  // ---- what moves: never a canvas

  showTime(time = this.time()) {
    if (!this.duration) return;
    const { time: label, slider, head, sliderHead } = this.parts;
    const text = `${clock(time)} / ${clock(this.duration)}`;
    if (label.textContent !== text) label.textContent = text;
    this.root.dataset.currentTime = time.toFixed(3);
    const now = Math.round(time).toString();
    if (slider.getAttribute("aria-valuenow") !== now) {
      slider.setAttribute("aria-valuenow", now);
      slider.setAttribute("aria-valuetext", text.replace("/", "of"));
    }
    const { from, to } = this.view;
    const x = ((time - from) / (to - from)) * this.width;
    head.style.transform = `translateX(${x}px)`;
    head.hidden = x < -2 || x > this.width + 2;
    sliderHead.style.transform = `translateX(${(time / this.duration) * this.width}px)`;
  }

  placeOverlay() {
    const { chosen, window: shown } = this.parts;
    const { from, to } = this.view;
    const scale = this.width / (to - from);
    chosen.hidden = this.selected === null;
    if (this.selected !== null) {
      const { from: begin, to: end } = this.stretch(this.selected);
      chosen.style.transform = `translateX(${(begin - from) * scale}px)`;
      chosen.style.width = `${(end - begin) * scale}px`;
    }
    const isZoomed = to - from < this.duration - 1e-3;
    shown.hidden = !isZoomed;
    shown.style.transform = `translateX(${(from / this.duration) * this.width}px)`;
    shown.style.width = `${((to - from) / this.duration) * this.width}px`;
    this.root.dataset.view = `${from.toFixed(3)} ${to.toFixed(3)}`;
    this.placeScroll();
  }

  placeScroll() {
    const { scroll, scrolled } = this.parts;
    const full = (this.width * this.duration) / (this.view.to - this.view.from);
    scrolled.style.width = `${full}px`;
    const left = Math.round((this.view.from / this.duration) * full);
    if (Math.abs(scroll.scrollLeft - left) > 1) {
      scroll.scrollLeft = left;
      this.ownScroll = scroll.scrollLeft;
    }
  }

  tick = () => {
    this.keepRange();
    this.showTime();
    const time = this.time();
    const { from, to } = this.view;
    const isInside = time >= from && time <= to;
    if (isInside) this.follows = true;
    else if (this.follows) this.setView(time - 0.02 * (to - from), to - from);
    if (!this.audio.paused) this.frame = requestAnimationFrame(this.tick);
  };

  // ---- canvases: drawn at a new size, view, theme or data, at most once a frame

  redraw() {
    this.width = this.parts.slider.clientWidth;
    if (this.drawing || !this.data) return;
    this.drawing = requestAnimationFrame(() => {
      this.drawing = null;
      this.draw();
    });
  }

  draw() {
    const began = performance.now();
    const paint = (canvas, lane, view) => {
      const place = wipe(canvas);
      if (place) paintLane(place, lane, { ...this, view });
    };
    for (const { lane, canvas } of this.rows) paint(canvas, lane, this.view);
    const whole = { from: 0, to: this.duration };
    const first = this.lanes.find((lane) => lane.kind === "waveform") ?? this.lanes[0];
    paint(this.parts.overview, first ?? { kind: "ruler" }, whole);
    this.placeOverlay();
    this.showTime();
    this.root.dataset.drawMs = (performance.now() - began).toFixed(1);
    this.root.dataset.draws = Number(this.root.dataset.draws ?? 0) + 1;
  }

  destroy() {
    cancelAnimationFrame(this.frame);
    cancelAnimationFrame(this.drawing);
    clearTimeout(this.resting);
    this.sizes.disconnect();
    this.audio.pause();
    this.audio.removeAttribute("src");
    this.audio.load();
  }

  listen() {
    listenToSound(this);
    listenToButtons(this);
    listenToPointer(this);
    listenToKeys(this);
  }
}
