// A table of advertisers with a script: search, filter by rule and by who acts, sort; without it all stands still.
// Heads say how they sort: data-k is v (as the picks of v stand), f (a figure), a (who acts), else text; data-down first.
// data-rule and data-acts of the table are the columns of the rules and of who acts.
(() => {
  const table = document.querySelector("table.all"), body = table.tBodies[0], tools = document.getElementById("tools");
  const rows = [...body.rows], heads = [...table.tHead.rows[0].cells], order = new Map(rows.map((row, i) => [row, i]));
  const [query, rule, owner] = ["q", "rule", "owner"].map(id => document.getElementById(id));
  const shown = document.getElementById("shown"), said = shown.dataset.said;
  const plain = text => text.normalize("NFKD").replace(/[\u0300-\u036f]/g, "").toLowerCase();
  const text = new Map(rows.map(row => [row, plain(row.textContent)]));
  const {rule: ofRule, acts: ofActs} = table.dataset;
  const codes = new Map(rows.map(row =>
    [row, (row.cells[ofRule].textContent + " " + (row.cells[ofRule].dataset.b || "")).match(/[A-Z]{3}\d{3}/g) || []]));
  const acts = row => row.cells[ofActs].querySelector("b")?.textContent || "";
  const picks = [...document.querySelectorAll("input[type=radio]")];
  const picked = name => picks.find(pick => pick.name === name && pick.checked)?.id.slice(2) || "all";
  const figure = cell => {
    const found = cell.textContent.split(table.dataset.group).join("").replace(table.dataset.decimal, ".").match(/\d+(\.\d+)?/);
    return found ? Number(found[0]) : -1;
  };
  const collator = new Intl.Collator(document.documentElement.lang, {numeric: true});
  const rank = row => picks.findIndex(pick => pick.id === "v-" + row.classList[0]);
  const kinds = {v: i => rank, f: i => row => figure(row.cells[i]), a: i => row => acts(row) + row.cells[i].textContent};
  const keys = heads.map((head, i) => (kinds[head.dataset.k] || (i => row => row.cells[i].textContent))(i));
  let column = -1, down = false;

  const show = () => {
    const words = plain(query.value).split(/\s+/), verdict = picked("v"), step = picked("s"), channel = picked("c");
    let count = 0;
    for (const row of rows) {
      row.hidden = !(words.every(word => text.get(row).includes(word))
        && (!rule.value || codes.get(row).includes(rule.value)) && (!owner.value || acts(row) === owner.value));
      const [itsVerdict, itsStep = "", itsChannel = ""] = row.classList;
      if (!row.hidden && ["all", itsVerdict].includes(verdict) && ["all", itsStep.slice(1)].includes(step)
        && ["all", itsChannel.slice(1)].includes(channel)) count++;
    }
    shown.textContent = said.replace("{shown}", count).replace("{all}", rows.length);
    const state = new URLSearchParams();
    for (const one of [query, rule, owner]) if (one.value) state.set(one.id, one.value);
    if (verdict !== "all") state.set("v", verdict);
    if (step !== "all") state.set("s", step);
    if (channel !== "all") state.set("c", channel);
    if (column >= 0) state.set("sort", (down ? "-" : "") + column);
    history.replaceState(null, "", "#" + state);
  };
  const sort = () => {
    heads.forEach((head, i) => i === column
      ? head.setAttribute("aria-sort", down ? "descending" : "ascending") : head.removeAttribute("aria-sort"));
    const key = keys[column], sign = down ? -1 : 1;
    const values = new Map(rows.map(row => [row, key ? key(row) : order.get(row)]));
    const compare = (a, b) => typeof a === "number" ? a - b : collator.compare(a, b);
    body.append(...rows.toSorted((a, b) => (key ? sign : 1) * compare(values.get(a), values.get(b)) || order.get(a) - order.get(b)));
    show();
  };

  heads.forEach((head, i) => {
    const button = document.createElement("button");
    button.type = "button";
    button.textContent = head.textContent;
    head.replaceChildren(button);
    button.addEventListener("click", () => {
      const first = "down" in head.dataset;
      if (column !== i) { column = i; down = first; }
      else if (down === first) down = !down;
      else column = -1;
      sort();
    });
  });
  const state = new URLSearchParams(location.hash.slice(1));
  for (const one of [query, rule, owner]) if (state.has(one.id)) one.value = state.get(one.id);
  for (const name of ["v", "s", "c"]) {
    const pick = document.getElementById(`${name}-${state.get(name)}`);
    if (pick) pick.checked = true;
  }
  const sorted = state.get("sort") || "";
  if (/^-?\d$/.test(sorted) && Math.abs(sorted) < heads.length) { down = sorted[0] === "-"; column = Math.abs(sorted); }
  tools.hidden = false;
  document.querySelector("form.filters").addEventListener("input", show);
  document.querySelector("form.filters").addEventListener("submit", event => event.preventDefault());
  document.getElementById("clear").addEventListener("click", () => {
    document.querySelector("form.filters").reset();
    column = -1;
    sort();
    query.focus();
  });
  sort();
})();
