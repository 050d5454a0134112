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
      const [left, top] = toScreen(theme.x, theme.y);
      const half = pen.measureText(theme.name).width / 2;
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
    paint();
  }

  let dragged = null;
  canvas.addEventListener("pointerdown", (event) => {
    dragged = { x: event.clientX, y: event.clientY, far: 0 };
    canvas.setPointerCapture(event.pointerId);
  });
  canvas.addEventListener("pointermove", (event) => {
    if (dragged) {
      const scale = (size() / 2) * 0.95 * view.zoom;
      view.x -= (event.clientX - dragged.x) / scale;
      view.y -= (event.clientY - dragged.y) / scale;
      dragged.far += Math.abs(event.clientX - dragged.x) + Math.abs(event.clientY - dragged.y);
      dragged.x = event.clientX;
      dragged.y = event.clientY;
      paint();
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
    const click = dragged && dragged.far < 5;
    dragged = null;
    const hit = click ? nearest(event) : -1;
    if (hit >= 0) window.location.assign(`/comments/${found.points[hit][3]}`);
  });
  canvas.addEventListener("pointercancel", () => {
    dragged = null;
  });
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (!event.ctrlKey && document.activeElement !== place) return;
      event.preventDefault();
      zoomTo(view.zoom * (event.deltaY < 0 ? 1.2 : 1 / 1.2));
    },
    { passive: false },
  );
  place.addEventListener("keydown", (event) => {
    const step = 0.15 / view.zoom;
    const moves = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    if (moves[event.key]) {
      view.x += moves[event.key][0];
      view.y += moves[event.key][1];
      paint();
    } else if (event.key === "+" || event.key === "=") zoomTo(view.zoom * 1.3);
    else if (event.key === "-") zoomTo(view.zoom / 1.3);
    else if (event.key === "0") zoomTo(1);
    else return;
    event.preventDefault();
  });
  window.addEventListener("resize", paint);
  dark.addEventListener("change", paint);
  paint();
}
