"use strict";
// Tooltips of the curves, and the gallery. Text from the run is only ever set as text.
(() => {
  const SHOT_SIDE = 256; // px; images are enlarged to this by a whole factor
  const byId = (id) => document.getElementById(id);
  const payload = JSON.parse(byId("payload").textContent);

  function element(tag, properties, ...children) {
    const made = Object.assign(document.createElement(tag), properties);
    made.append(...children.filter((child) => child !== null));
    return made;
  }

  function formatNumber(value) {
    if (value === null) return "not finite";
    const rounded = Number(value.toPrecision(5));
    return Math.abs(rounded) < 1000 ? String(rounded) : rounded.toLocaleString("en");
  }

  // ---- curves -------------------------------------------------------------------------------

  const tip = byId("tip");

  /** Pointer and arrow keys choose a step; a line marks it and the tooltip lists its values. */
  function addTooltip(svg) {
    const curves = JSON.parse(svg.dataset.values);
    const axes = JSON.parse(svg.dataset.axes);
    const positions = axes.lanes.flatMap(([stage, left, right, first, last]) => {
      const shown = curves.filter((curve) => curve.stage === stage);
      const steps = [...new Set(shown.flatMap((curve) => curve.points.map(([step]) => step)))];
      const x = (step) => (first === last ? (left + right) / 2 : left + ((step - first) / (last - first)) * (right - left));
      return steps.sort((a, b) => a - b).map((step) => ({ stage, step, x: x(step), shown }));
    });
    const cursor = document.createElementNS(svg.namespaceURI, "path");
    cursor.setAttribute("class", "cursor");
    let current = -1;

    function show(index) {
      current = Math.max(0, Math.min(positions.length - 1, index));
      const { stage, step, x, shown } = positions[current];
      cursor.setAttribute("d", `M${x} ${axes.top}V${axes.bottom}`);
      svg.append(cursor);
      const rows = shown.flatMap(({ name, color, points }) => {
        const point = points.find((p) => p[0] === step);
        return point ? [element("p", {}, element("span", { className: color }, name), element("b", {}, formatNumber(point[1])))] : [];
      });
      tip.replaceChildren(element("p", {}, `${stage} step ${step.toLocaleString("en")}`), ...rows);
      tip.hidden = false;
      const frame = svg.getBoundingClientRect();
      const at = frame.left + (x / svg.viewBox.baseVal.width) * frame.width;
      const left = Math.min(Math.max(6, at + 12), document.documentElement.clientWidth - tip.offsetWidth - 6);
      tip.style.left = `${left + scrollX}px`;
      tip.style.top = `${frame.top + scrollY - tip.offsetHeight - 2}px`;
    }
    function hide() {
      cursor.remove();
      tip.hidden = true;
    }
    svg.addEventListener("pointermove", (event) => {
      const frame = svg.getBoundingClientRect();
      const x = ((event.clientX - frame.left) / frame.width) * svg.viewBox.baseVal.width;
      const distances = positions.map((position) => Math.abs(position.x - x));
      show(distances.indexOf(Math.min(...distances)));
    });
    svg.addEventListener("keydown", (event) => {
      const last = positions.length - 1;
      const target = { ArrowLeft: current - 1, ArrowRight: current + 1, Home: 0, End: last }[event.key];
      if (target !== undefined) {
        event.preventDefault();
        show(target);
      } else if (event.key === "Escape") hide();
    });
    svg.addEventListener("pointerleave", hide);
    svg.addEventListener("blur", hide);
  }

  // ---- gallery ------------------------------------------------------------------------------

  function drawImage(key, card) {
    const image = payload.images[key];
    const placeholder = (error) => element("div", { className: "missing" }, error, element("code", {}, key));
    if (image.error) return placeholder(image.error);
    const factor = Math.floor(SHOT_SIDE / Math.max(image.width, image.height));
    const shot = element("img", { src: image.uri, alt: `Image of the problem, ${image.width} by ${image.height} pixels` });
    shot.width = factor ? image.width * factor : Math.min(image.width, SHOT_SIDE);
    shot.classList.toggle("crisp", factor > 0);
    const small = shot.width;
    const button = element("button", { type: "button", title: "Enlarge" }, shot);
    button.setAttribute("aria-pressed", "false");
    shot.addEventListener("error", () => button.replaceWith(placeholder("image not readable")));
    button.addEventListener("click", () => {
      const wide = card.classList.toggle("wide");
      button.setAttribute("aria-pressed", String(wide));
      shot.width = wide ? Math.max(2 * small, image.width) : small;
    });
    return button;
  }

  /** Everything up to the end of the reasoning in one block, the answer section in the next. */
  function drawCompletion(parts) {
    const end = parts.map(([kind]) => kind).lastIndexOf("tag") + 1;
    const block = (title, shown) => {
      if (!shown.length) return null;
      const text = element("pre", {}, ...shown.map(([kind, content]) => element("span", { className: `part-${kind}` }, content)));
      if (text.textContent.length > 900) text.tabIndex = 0; // it scrolls
      return element("div", {}, element("h4", {}, title), text);
    };
    const blocks = [block("Reasoning", parts.slice(0, end)), block(end ? "Answer" : "Completion", parts.slice(end))];
    // An unfinished completion ends inside its reasoning: nothing after it is an answer.
    const open = parts.length && parts[parts.length - 1][0] === "reasoning";
    if (open) blocks.splice(0, 2, block("Reasoning, unfinished", parts));
    if (!parts.length) blocks[0] = element("div", { className: "none" }, "The completion is empty.");
    return element("div", { className: "completion" }, ...blocks);
  }

  const formatReward = (value) => (value === null ? "not finite" : value.toFixed(2).replace("-", "\u2212"));

  function drawReward(item) {
    const terms = item.terms.map(([name, value], at) => {
      const sign = value < 0 ? "\u2212" : "+";
      return `${at || value < 0 ? `${sign} ` : ""}${name} ${formatReward(value && Math.abs(value))}`;
    });
    return [formatReward(item.reward), ...(terms.length ? [" = ", terms.join(" ")] : [])].join("");
  }

  function drawCard(item) {
    const card = element("article", { className: item.correct ? "card right" : "card" });
    const tags = [
      item.source, item.group.includes("step") ? item.group : `${item.group}, step ${item.step}`,
      `${item.tokens.toLocaleString("en")} tokens`, `finish: ${item.finish}`,
      item.segments > 1 ? `${item.segments} segments` : null,
    ].filter((tag) => tag !== null);
    const results = [
      ["Reference", element("span", { className: "mono" }, item.reference)],
      ["Extracted", item.answer === null
        ? element("span", { className: "none" }, "no answer") : element("span", { className: "mono" }, item.answer)],
      ["Verifier", item.reason], ["Reward", drawReward(item)],
      ["Prompt", element("span", { className: "mono" }, `${item.prompt_id} \u00b7 sample ${item.sample}`)],
    ];
    card.append(
      element("div", { className: "shots" }, ...(item.images.length
        ? item.images.map((key) => drawImage(key, card)) : [element("div", { className: "missing" }, "no image")])),
      element("div", {},
        element("div", { className: "tags" },
          element("span", { className: "verdict" }, item.correct ? "\u2713 right" : "\u2717 wrong"),
          ...tags.map((tag) => element("span", {}, tag))),
        element("h3", {}, item.question),
        drawCompletion(item.parts),
        element("dl", { className: "results" }, ...results.flatMap(
          ([name, value]) => [element("dt", {}, name), element("dd", {}, value)]))),
    );
    return card;
  }

  function fillSelect(select, names) {
    const counts = new Map();
    names.forEach((name) => counts.set(name, (counts.get(name) || 0) + 1));
    for (const [name, count] of counts) select.append(element("option", { value: name }, `${name} (${count})`));
  }

  function startGallery() {
    const filters = byId("filters");
    const items = payload.items;
    fillSelect(byId("task"), items.map((item) => item.source).sort());
    fillSelect(byId("group"), items.map((item) => item.group));
    const cards = items.map(drawCard);
    byId("cards").append(...cards);
    const haystacks = items.map((item) =>
      [item.question, item.parts.map(([, text]) => text).join(""), item.reference, item.answer, item.reason,
        item.finish, item.source, item.prompt_id].join("\n").toLowerCase());

    function apply() {
      const outcome = filters.elements.outcome.value;
      const [task, group] = [byId("task").value, byId("group").value];
      const sought = byId("search").value.trim().toLowerCase();
      let shown = 0;
      items.forEach((item, at) => {
        const matches = (!outcome || item.correct === (outcome === "right")) && (!task || item.source === task)
          && (!group || item.group === group) && haystacks[at].includes(sought);
        cards[at].hidden = !matches;
        shown += matches;
      });
      byId("count").textContent = `${shown} of ${items.length} shown`;
      byId("no-match").hidden = shown > 0;
    }
    filters.addEventListener("input", apply);
    filters.addEventListener("submit", (event) => event.preventDefault());
    filters.addEventListener("reset", () => setTimeout(apply)); // the fields change after the event
    apply();
  }

  document.querySelectorAll("svg[data-values]").forEach(addTooltip);
  if (byId("filters")) startGallery();
})();
