"use strict";
// Follows a run while it is at work. Without this file the page reloads itself.

const live = document.querySelector("#live[data-events]");
const told = document.querySelector("#said");
if (live && window.EventSource) {
  const source = new EventSource(live.dataset.events);
  source.addEventListener("message", (event) => {
    const found = JSON.parse(event.data);
    live.innerHTML = found.html;
    if (told.textContent !== found.said) told.textContent = found.said;
    if (found.ended) {
      source.close();
      window.location.reload();
    }
  });
}
