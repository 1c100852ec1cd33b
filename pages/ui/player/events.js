// What the visitor does, as calls of the player.

function listenToSound(player) {
  const { audio, buttons } = player.parts;
  const showState = () => {
    const isPlaying = !audio.paused;
    setIcon(buttons.play, isPlaying ? "pause" : "play");
    const label = isPlaying ? "Pause (Space)" : "Play (Space)";
    buttons.play.setAttribute("aria-label", label);
    buttons.play.title = label;
    player.root.dataset.playing = String(isPlaying);
    cancelAnimationFrame(player.frame);
    if (isPlaying) player.frame = requestAnimationFrame(player.tick);
    else player.showTime();
  };
  audio.onplay = audio.onpause = showState;
  audio.onended = () => {
    showState();
    // The last segment may end with the sound itself.
    if (!player.loops || !player.range) return;
    audio.currentTime = player.range.from;
    player.play();
  };
  audio.onloadedmetadata = () => {
    if (player.pending !== null) audio.currentTime = player.pending;
    player.pending = null;
    player.showTime();
  };
  audio.onseeked = () => player.showTime();
  // In a hidden tab no frame comes; the sound must still stop where its segment ends.
  audio.ontimeupdate = () => player.keepRange();
  audio.onerror = () => {
    if (audio.getAttribute("src")) player.complain(audio.error?.message ?? "");
  };
  player.showState = showState;
  showState();
}

function listenToButtons(player) {
  const { buttons } = player.parts;
  buttons.play.classList.add("play");
  buttons.play.onclick = () => player.toggle();
  buttons.back.onclick = () => player.seek(player.time() - SKIP_S);
  buttons.forward.onclick = () => player.seek(player.time() + SKIP_S);
  buttons.previous.onclick = () => player.step(-1);
  buttons.next.onclick = () => player.step(1);
  buttons.moment.onclick = () => player.playMoment();
  buttons.loop.onclick = () => player.setLoop(!player.loops);
  buttons.zoomIn.onclick = () => player.zoom(2);
  buttons.zoomOut.onclick = () => player.zoom(0.5);
  buttons.fit.onclick = () => player.setView(0, player.duration);
}

/** Where a pointer is: the row, the time, and the height from 0 on top to 1. */
function locate(player, event) {
  const row = player.rows.find(({ plot }) => plot.contains(event.target));
  if (!row) return null;
  const box = row.plot.getBoundingClientRect();
  const share = Math.min(1, Math.max(0, (event.clientX - box.left) / box.width));
  const time = player.view.from + share * (player.view.to - player.view.from);
  return { row, time, height: (event.clientY - box.top) / box.height };
}

function listenToPointer(player) {
  const { body, slider, scroll, tip } = player.parts;
  body.onclick = (event) => {
    const hit = locate(player, event);
    if (!hit) return;
    if (hit.row.seeks) player.seek(hit.time);
    else player.choose(cellAt(player.cells, hit.time));
  };
  body.onpointermove = (event) => showTip(player, event);
  body.onpointerleave = () => {
    tip.hidden = true;
  };
  body.addEventListener("wheel", (event) => turnWheel(player, event), { passive: false });
  const drag = (event) => {
    const box = slider.getBoundingClientRect();
    player.seek(((event.clientX - box.left) / box.width) * player.duration);
  };
  slider.onpointerdown = (event) => {
    slider.setPointerCapture(event.pointerId);
    drag(event);
  };
  slider.onpointermove = (event) => {
    if (slider.hasPointerCapture(event.pointerId)) drag(event);
  };
  scroll.onscroll = () => {
    if (Math.abs(scroll.scrollLeft - (player.ownScroll ?? -9)) <= 1) return;
    player.ownScroll = null;
    const span = player.view.to - player.view.from;
    player.follows = false;
    player.setView((scroll.scrollLeft / scroll.scrollWidth) * player.duration, span);
  };
}

function turnWheel(player, event) {
  const { from, to } = player.view;
  const hit = locate(player, event);
  if (event.ctrlKey || event.metaKey) {
    event.preventDefault();
    player.zoom(Math.exp(-event.deltaY / 300), hit?.time);
    return;
  }
  const sideways = event.shiftKey ? event.deltaX || event.deltaY : event.deltaX;
  const isSideways = event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY);
  if (!isSideways || to - from >= player.duration) return;
  event.preventDefault();
  player.follows = false;
  player.setView(from + (sideways / player.width) * (to - from), to - from);
}

function showTip(player, event) {
  const { tip } = player.parts;
  const hit = locate(player, event);
  tip.hidden = !hit;
  if (!hit) return;
  const { lane } = hit.row;
  let says = valueAt(lane, hit.time, hit.height);
  if (lane.kind === "ruler") {
    const index = cellAt(player.cells, hit.time);
    if (index >= 0) says = player.describe(index).split(". ")[0];
  }
  tip.textContent = says ? `${clock(hit.time)}\n${says}` : clock(hit.time);
  const box = player.root.getBoundingClientRect();
  const x = event.clientX - box.left;
  const isRight = x > box.width - tip.offsetWidth - 24;
  tip.style.left = `${isRight ? x - tip.offsetWidth - 12 : x + 12}px`;
  tip.style.top = `${event.clientY - box.top + 12}px`;
}

function listenToKeys(player) {
  const acts = {
    " ": () => player.toggle(),
    ArrowLeft: (event) => (event.shiftKey ? player.step(-1) : player.seek(player.time() - SKIP_S)),
    ArrowRight: (event) => (event.shiftKey ? player.step(1) : player.seek(player.time() + SKIP_S)),
    Home: () => player.seek(0),
    End: () => player.seek(player.duration),
    Enter: () => player.choose(cellAt(player.cells, player.time())),
    l: () => player.setLoop(!player.loops),
    m: () => player.playMoment(),
    "+": () => player.zoom(2),
    "-": () => player.zoom(0.5),
    0: () => player.setView(0, player.duration),
  };
  player.root.onkeydown = (event) => {
    const isButton = event.target.closest?.("button");
    if (isButton && (event.key === " " || event.key === "Enter")) return;
    if (event.ctrlKey || event.metaKey || event.altKey || !acts[event.key]) return;
    event.preventDefault();
    event.stopPropagation();
    acts[event.key](event);
  };
}
