"use strict";
// Everything works without this file. It spares clicks: on pickers, on links to what takes long to count; and it
// filters long tables as one types.

for (const form of document.querySelectorAll("form[data-auto]")) {
  const button = form.querySelector("button");
  if (button) button.hidden = true;
  form.addEventListener("change", () => form.requestSubmit());
}

for (const table of document.querySelectorAll("table[data-filter]")) {
  const rows = [...table.tBodies[0].rows];
  if (rows.length < 8) continue;
  const label = document.createElement("label");
  label.className = "filter";
  label.textContent = "Filter ";
  const box = document.createElement("input");
  box.type = "search";
  label.append(box);
  const told = document.createElement("span");
  told.className = "soft";
  told.setAttribute("role", "status");
  label.append(told);
  (table.closest(".scroll") || table).before(label);
  box.addEventListener("input", () => {
    const wanted = box.value.trim().toLocaleLowerCase();
    let left = 0;
    for (const row of rows) {
      row.hidden = wanted !== "" && !row.textContent.toLocaleLowerCase().includes(wanted);
      if (!row.hidden) left += 1;
    }
    told.textContent = wanted === "" ? "" : ` ${left} of ${rows.length}`;
  });
}

for (const link of document.querySelectorAll("a[data-parts]")) {
  const name = link.textContent;
  link.textContent = link.dataset.busy;
  fetch(link.href, { credentials: "same-origin" })
    .then((answer) => (answer.ok ? answer.text() : Promise.reject(new Error(answer.status))))
    .then((text) => {
      const whole = new DOMParser().parseFromString(text, "text/html");
      for (const id of link.dataset.parts.split(" ")) {
        document.getElementById(id).replaceChildren(...whole.getElementById(id).childNodes);
      }
    })
    .catch(() => {
      link.textContent = name;
    });
}
