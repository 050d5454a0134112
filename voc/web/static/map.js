"use strict";
// Draws the comments as dots over the themes; without it the circles of the page stand for them.

const place = document.getElementById("map");
if (place) {
  fetch(place.dataset.points, { credentials: "same-origin" })
    .then((answer) => (answer.ok ? answer.json() : null))
    .then((found) => found && found.points.length && draw(found))
    .catch(() => undefined);
}

function draw(found) {
  const canvas = document.createElement("canvas");
  canvas.setAttribute("aria-hidden", "true");
  place.querySelector("svg").classList.add("gone");
  place.append(canvas);
  const told = document.getElementById("map-told");
  const view = { x: 0, y: 0, zoom: 1 };
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const pen = canvas.getContext("2d");
  const hues = [210, 25, 140, 340, 50, 275, 180, 0, 95, 240, 310, 70];
  const colour = (theme) => `hsl(${hues[theme % 12]} 65% ${dark.matches ? 68 : 38}%)`;
  let near = -1;

  const size = () => Math.max(200, place.clientWidth);
  const toScreen = (x, y) => {
    const half = size() / 2;
    return [half + (x - view.x) * half * 0.95 * view.zoom, half + (y - view.y) * half * 0.95 * view.zoom];
  };

  function paint() {
    const wide = size();
    const ratio = window.devicePixelRatio || 1;
    canvas.width = wide * ratio;
    canvas.height = wide * ratio;
    pen.setTransform(ratio, 0, 0, ratio, 0, 0);
    pen.clearRect(0, 0, wide, wide);
    const dot = Math.min(4, 1.6 + view.zoom * 0.4);
    found.points.forEach(([x, y, theme], index) => {
      const [left, top] = toScreen(x, y);
      pen.globalAlpha = index === near ? 1 : 0.55;
      pen.fillStyle = colour(theme);
      pen.beginPath();
      pen.arc(left, top, index === near ? dot + 3 : dot, 0, 2 * Math.PI);
      pen.fill();
    });
    pen.globalAlpha = 1;
    pen.font = "13px system-ui, sans-serif";
    pen.textAlign = "center";
    pen.lineWidth = 4;
    pen.strokeStyle = dark.matches ? "#12181f" : "#ffffff";
    pen.fillStyle = dark.matches ? "#e8edf2" : "#1b2430";
    const taken = [];
    for (const theme of found.themes) {
      const [middle, top] = toScreen(theme.x, theme.y);
      const half = pen.measureText(theme.name).width / 2;
      const inside = middle > 0 && middle < wide && top > 0 && top < wide;
      // A name at the edge moves in, so that it is read whole.
      const left = inside ? Math.min(Math.max(middle, half + 4), wide - half - 4) : middle;
      // The larger theme keeps its name; zooming in makes room for the others.
      if (taken.some(([a, b, w]) => Math.abs(a - left) < w + half && Math.abs(b - top) < 16)) continue;
      taken.push([left, top, half]);
      pen.strokeText(theme.name, left, top);
      pen.fillText(theme.name, left, top);
    }
  }

  function nearest(event) {
    const box = canvas.getBoundingClientRect();
    const left = event.clientX - box.left;
    const top = event.clientY - box.top;
    let best = -1;
    let least = 144;
    found.points.forEach(([x, y], index) => {
      const [a, b] = toScreen(x, y);
      const far = (a - left) ** 2 + (b - top) ** 2;
      if (far < least) {
        least = far;
        best = index;
      }
    });
    return best;
  }

  function zoomTo(zoom) {
    view.zoom = Math.min(20, Math.max(1, zoom));
    if (view.zoom === 1) {
      view.x = 0;
      view.y = 0;
    }
    // While all of it is shown a finger scrolls the page; it moves the map once there is more than fits.
    canvas.classList.toggle("near", view.zoom > 1);
    paint();
  }

  function move(right, down) {
    view.x = Math.min(1, Math.max(-1, view.x + right));
    view.y = Math.min(1, Math.max(-1, view.y + down));
    paint();
  }

  const fingers = new Map();
  let gone = 0;
  const apart = () => {
    const [a, b] = [...fingers.values()];
    return Math.hypot(a.x - b.x, a.y - b.y);
  };
  canvas.addEventListener("pointerdown", (event) => {
    if (!fingers.size) gone = 0;
    fingers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    const before = fingers.get(event.pointerId);
    if (before) {
      const now = { x: event.clientX, y: event.clientY };
      const was = fingers.size === 2 ? apart() : 0;
      fingers.set(event.pointerId, now);
      gone += Math.abs(now.x - before.x) + Math.abs(now.y - before.y);
      const scale = (size() / 2) * 0.95 * view.zoom;
      if (was) zoomTo((view.zoom * apart()) / was);
      else if (view.zoom > 1) move((before.x - now.x) / scale, (before.y - now.y) / scale);
      return;
    }
    const now = nearest(event);
    if (now !== near) {
      near = now;
      told.textContent = near < 0 ? "" : `${found.themes[found.points[near][2]].name}: click opens the comment`;
      canvas.classList.toggle("over", near >= 0);
      paint();
    }
  });
  canvas.addEventListener("pointerup", (event) => {
    const click = fingers.size === 1 && gone < 5;
    fingers.delete(event.pointerId);
    const hit = click ? nearest(event) : -1;
    if (hit >= 0) window.location.assign(`/comments/${found.points[hit][3]}`);
  });
  canvas.addEventListener("pointercancel", (event) => fingers.delete(event.pointerId));
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && document.activeElement !== place) return;
      event.preventDefault();
      zoomTo(view.zoom * (event.deltaY < 0 ? 1.2 : 1 / 1.2));
    },
    { passive: false },
  );
  const step = () => 0.3 / view.zoom;
  const acts = [
    ["+", "Zoom in", ["+", "="], () => zoomTo(view.zoom * 1.4)],
    ["−", "Zoom out", ["-"], () => zoomTo(view.zoom / 1.4)],
    ["All", "Show all of it", ["0"], () => zoomTo(1)],
    ["←", "Move left", ["ArrowLeft"], () => move(-step(), 0)],
    ["→", "Move right", ["ArrowRight"], () => move(step(), 0)],
    ["↑", "Move up", ["ArrowUp"], () => move(0, -step())],
    ["↓", "Move down", ["ArrowDown"], () => move(0, step())],
  ];
  place.addEventListener("keydown", (event) => {
    const act = acts.find(([, , keys]) => keys.includes(event.key));
    if (!act || event.ctrlKey || event.altKey || event.metaKey) return;
    act[3]();
    event.preventDefault();
  });
  const buttons = document.createElement("p");
  buttons.className = "map-buttons";
  for (const [text, name, , act] of acts) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "quiet";
    button.textContent = text;
    button.setAttribute("aria-label", name);
    button.addEventListener("click", act);
    buttons.append(button);
  }
  place.before(buttons);
  window.addEventListener("resize", paint);
  dark.addEventListener("change", paint);
  paint();
}
