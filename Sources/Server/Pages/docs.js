// Shows /openapi.json: what each route takes and answers, and a form to try it. Everything is made as text nodes, so nothing
// that the description or an answer holds can become markup.
"use strict";

/** An element with attributes, listeners (functions) and children; null children are left out. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (typeof value === "function") element.addEventListener(name, value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat(Infinity).filter((child) => child != null));
  return element;
}

/** The little Markdown that the description has: paragraphs and `code`. */
function prose(text) {
  return text.split(/\n\n+/).map((paragraph) => make("p", {}, words(paragraph)));
}

function words(text) {
  return text.split("`").map((part, index) => (index % 2 ? make("code", {}, part) : part));
}

let root;
const resolve = (value) => value.$ref
  ? value.$ref.split("/").slice(1).reduce((place, name) => place[name.replaceAll("~1", "/")], root) : value;

// Schemas

/** A schema's type and limits, in a few words. */
function typeOf(schema) {
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.anyOf) return [...new Set(schema.anyOf.map(typeOf))].join(" or ");
  if (schema.allOf) return schema.allOf.map(typeOf).find((name) => name !== "any");
  if ("const" in schema) return JSON.stringify(schema.const);
  let name = [].concat(schema.type ?? "any").join(" or ");
  if (schema.items) name = `list of ${typeOf(schema.items)}`;
  if (schema.format) name += `, ${schema.format}`;
  if (schema.minimum != null || schema.maximum != null) name += ` ${schema.minimum ?? ""}…${schema.maximum ?? ""}`;
  if (schema.maxItems) name += `, ${schema.maxItems} at most`;
  if (schema.default !== undefined) name += ` (${JSON.stringify(schema.default)})`;
  return name;
}

/** What is within a schema: members, alternatives, words. Named ones open on demand, since they may hold each other. */
function inside(schema, isOpen) {
  if (schema.$ref) {
    const body = make("div");
    const more = make("details", { class: "more", open: isOpen }, make("summary", {}, typeOf(schema)), body);
    const fill = () => { if (more.open && !body.firstChild) body.append(...[inside(resolve(schema))].flat(Infinity).filter(Boolean)); };
    more.addEventListener("toggle", fill);
    fill();
    return more;
  }
  if (schema.items) return inside(schema.items);
  const parts = schema.anyOf ?? schema.allOf;
  if (parts) {
    return parts.map((part) => inside(part) ?? (part.type ? make("div", {}, make("span", { class: "type" }, typeOf(part)), " ",
      words(part.description ?? "")) : null));
  }
  if (schema.enum) return make("div", { class: "note" }, schema.enum.map((word) => JSON.stringify(word)).join(" · "));
  if (!schema.properties) return null;
  return make("div", { class: "schema" }, Object.entries(schema.properties).map(([name, member]) => make("div", {},
    make("code", {}, name), " ", make("span", { class: "type" }, typeOf(member),
      schema.required?.includes(name) && schema.additionalProperties === false ? ", needed" : ""), " ",
    words(member.description ?? ""), inside(member))));
}

// Trying

const download = (blob, type) => URL.createObjectURL(new Blob([blob], { type }));
const quoted = (text) => `'${String(text).replaceAll("'", "'\\''")}'`;

/** One operation's form: what was entered, as a request for fetch and as a line for curl. */
class Trial {
  constructor(path, method, operation) {
    Object.assign(this, { path, method, operation, inputs: [], files: [] });
    this.content = operation.requestBody?.content ?? {};
    this.type = Object.keys(this.content)[0];
  }

  field(parameter) {
    const schema = resolve(parameter.schema);
    const attributes = { "aria-label": `${parameter.name}, ${parameter.in}`, input: () => this.changed() };
    const input = schema.enum
      ? make("select", attributes, make("option", { value: "" }, "—"), schema.enum.map((word) => make("option", {}, String(word))))
      : make("input", { ...attributes, placeholder: parameter.example ?? schema.default });
    if (parameter.in === "path") input.value = remembered[idOf(this.path, parameter)] ?? "";
    this.inputs.push({ parameter, input });
    return input;
  }

  /** The place for a body: its media type, its examples, and a text or files. */
  body() {
    if (!this.type) return null;
    const place = make("div");
    const fill = () => {
      const { schema, examples = {} } = this.content[this.type];
      const members = resolve(schema).properties ?? {};
      this.files = Object.entries(members).filter(([, member]) => (member.items ?? member).format === "binary").map(([name, member]) => ({
        name, input: make("input", { type: "file", multiple: !!member.items, "aria-label": name, change: () => this.changed() }) }));
      const others = Object.keys(members).filter((name) => !this.files.some((file) => file.name === name));
      this.text = this.files.length && !others.length ? null : make("textarea", { spellcheck: "false", rows: this.files.length ? 3 : 9, "aria-label": "Body",
        placeholder: this.files.length ? others.map((name) => `${name}=`).join("\n") : null, input: () => this.changed() });
      const show = (name) => {
        if (this.text) this.text.value = name ? this.written(examples[name].value) : "";
        this.changed();
      };
      place.replaceChildren(make("div", { class: "row" },
        make("select", { "aria-label": "Media type", change: (event) => { this.type = event.target.value; fill(); } },
          Object.keys(this.content).map((type) => make("option", { selected: type === this.type }, type))),
        Object.keys(examples).length ? make("select", { "aria-label": "Example", change: (event) => show(event.target.value) },
          Object.keys(examples).map((name) => make("option", {}, name)), make("option", { value: "" }, "none")) : null,
        this.files.map(({ name, input }) => make("label", {}, `${name} `, input))),
      this.text ?? "");
      show(Object.keys(examples)[0]);
    };
    fill();
    return place;
  }

  /** JSON as it is; a form as a line for each field. */
  written(example) {
    if (this.type === "application/json") return JSON.stringify(example, null, 2);
    return Object.entries(example).map(([name, value]) => `${name}=${value}`).join("\n");
  }

  get fields() {
    return this.text.value.split("\n").filter((line) => line.includes("="))
      .map((line) => [line.slice(0, line.indexOf("=")).trim(), line.slice(line.indexOf("=") + 1)]);
  }

  get entered() {
    return this.inputs.map(({ parameter, input }) => [parameter, input.value.trim()]).filter(([, value]) => value !== "");
  }

  get url() {
    const of = (place) => this.entered.filter(([parameter]) => parameter.in === place);
    const path = of("path").reduce((path, [{ name }, value]) => path.replace(`{${name}}`, encodeURIComponent(value)), this.path);
    const query = new URLSearchParams(of("query").map(([{ name }, value]) => [name, value])).toString();
    return location.origin + path + (query && `?${query}`);
  }

  get headers() {
    const headers = Object.fromEntries(this.entered.filter(([{ in: place }]) => place === "header")
      .map(([{ name }, value]) => [name, value]));
    if (this.operation.security) headers.Authorization = `Bearer ${token.value}`;
    return headers;
  }

  get hasBody() { return this.files.length > 0 || (!!this.text && this.text.value.trim() !== ""); }

  get request() {
    const request = { method: this.method.toUpperCase(), headers: this.headers, cache: "no-store" };
    if (!this.hasBody) return request;
    if (this.type === "application/json") {
      request.headers["Content-Type"] = this.type;
      request.body = this.text.value;
    } else if (this.type === "multipart/form-data") {
      request.body = new FormData();
      for (const { name, input } of this.files) for (const file of input.files) request.body.append(name, file);
      if (this.text) for (const [name, value] of this.fields) request.body.append(name, value);
    } else {
      request.body = new URLSearchParams(this.fields);
    }
    return request;
  }

  get curl() {
    const method = this.method === "get" || (this.method === "post" && this.hasBody) ? "" : `-X ${this.method.toUpperCase()} `;
    const words = [`curl ${method}${quoted(this.url)}`];
    for (const [name, value] of Object.entries(this.headers)) {
      // The token is a secret: not for screens, nor for clipboards.
      words.push(name === "Authorization" ? `-H "Authorization: Bearer $ADMIN_TOKEN"` : `-H ${quoted(`${name}: ${value}`)}`);
    }
    if (this.hasBody && this.type === "application/json") {
      words.push(`-H 'Content-Type: ${this.type}'`, `-d ${quoted(this.text.value)}`);
    } else if (this.hasBody) {
      const flag = this.type === "multipart/form-data" ? "-F" : "--data-urlencode";
      for (const { name, input } of this.files) {
        for (const file of input.files.length ? input.files : [{ name: "picture.jpg" }]) words.push(`-F ${quoted(`${name}=@${file.name}`)}`);
      }
      if (this.text) for (const [name, value] of this.fields) words.push(`${flag} ${quoted(`${name}=${value}`)}`);
    }
    if (this.path.startsWith("/download")) words.push("-OJ");
    return words.join(" \\\n  ");
  }

  changed() { if (this.line) this.line.textContent = this.curl; }

  async send(button, result) {
    const missing = this.inputs.find(({ parameter, input }) => parameter.required && !input.value.trim());
    if (missing) {
      result.replaceChildren(make("p", { class: "bad" }, `${missing.parameter.name} is needed.`));
      missing.input.focus();
      return;
    }
    button.disabled = true;
    const began = performance.now();
    try {
      const response = await fetch(this.url, this.request);
      result.replaceChildren(...await shown(response, performance.now() - began));
    } catch (error) {
      result.replaceChildren(make("p", { class: "bad" }, `There was no answer: ${error.message}`));
    }
    button.disabled = false;
  }

  get form() {
    this.line = make("pre");
    const result = make("div", { role: "status" });
    const button = make("button", { class: "send", type: "submit" }, "Send");
    const copy = make("button", { type: "button", click: async () => {
      try {
        await navigator.clipboard.writeText(this.curl);
        copy.textContent = "Copied";
      } catch {
        getSelection().selectAllChildren(this.line);
      }
      setTimeout(() => { copy.textContent = "Copy curl"; }, 1500);
    } }, "Copy curl");
    const form = make("form", { submit: (event) => { event.preventDefault(); this.send(button, result); } },
      make("div", { class: "row" }, button, copy), this.line, result);
    this.changed();
    return form;
  }
}

// Ids of the last answers, by what they are of, so that the next route's form is filled in.
const remembered = {};

function idOf(path, parameter) {
  if (parameter.name === "file_id") return "file_id";
  return path.startsWith("/batches") ? "batch_id" : "job_id";
}

async function shown(response, milliseconds) {
  const type = response.headers.get("Content-Type") ?? "";
  const parts = [make("p", {}, make("span", { class: `status ${response.ok ? "good" : "bad"}` }, `${response.status} `),
    `${response.statusText}, ${Math.round(milliseconds)} ms`)];
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`).join("\n");
  parts.push(make("details", { class: "more" }, make("summary", {}, "Header"), make("pre", {}, headers)));
  if (type.startsWith("image/")) {
    const url = download(await response.blob(), type);
    return [...parts, make("img", { src: url, alt: "The result" }), make("a", { href: url, download: "result" }, "Save")];
  }
  let text = await response.text();
  if (type.includes("json")) {
    const value = JSON.parse(text);
    for (const name of ["file_id", "job_id", "batch_id"]) if (typeof value[name] === "string") remember(name, value[name]);
    if (typeof value.jobId === "string") remember("job_id", value.jobId);
    text = JSON.stringify(value, null, 2);
  }
  return text ? [...parts, make("pre", { tabindex: "0" }, text)] : parts;
}

function remember(name, value) {
  remembered[name] = value;
  for (const input of document.querySelectorAll(`td.try[data-id="${name}"] input`)) {
    input.value = value;
    input.dispatchEvent(new Event("input"));
  }
}

// The page

function parameters(list, trial) {
  if (!list.length) return null;
  // A plan has more than anybody wants to scroll past.
  const [first, folded] = list.length > 8
    ? [list.filter((one) => one.in !== "query"), list.filter((one) => one.in === "query")] : [list, []];
  return [make("h3", {}, "Parameters"), table(first, trial), folded.length ? make("details", { class: "more" },
    make("summary", {}, `${folded.length} more in the query`), table(folded, trial)) : null];
}

function table(list, trial) {
  return make("table", {}, list.map((parameter) => make("tr", {},
    make("td", {}, make("code", {}, parameter.name), make("div", { class: "note" }, parameter.in, parameter.required ? ", needed" : "")),
    make("td", {}, words(parameter.description), make("div", { class: "type" }, typeOf(parameter.schema))),
    make("td", { class: "try", "data-id": parameter.in === "path" ? idOf(trial.path, parameter) : null },
      trial.field(parameter)))));
}

function bodies(content) {
  return Object.entries(content).map(([type, { schema, examples }]) => make("div", {},
    make("span", { class: "note" }, type), inside(schema),
    examples && make("details", { class: "more" }, make("summary", {}, "Example"), Object.values(examples).map(({ value }) =>
      make("pre", {}, typeof value === "string" ? value : JSON.stringify(value, null, 2))))));
}

function answers(responses) {
  return make("table", {}, Object.entries(responses).map(([status, given]) => {
    const response = resolve(given);
    const isProblem = !!response.content?.["application/problem+json"];
    const headers = Object.entries(response.headers ?? {}).filter(([, header]) => header.description);
    return make("tr", {}, make("td", {}, make("span", { class: `status ${status < 400 ? "good" : "bad"}` }, status)),
      make("td", {}, words(response.description),
        headers.map(([name, header]) => make("div", { class: "note" }, make("code", {}, name), " ", words(header.description))),
        isProblem ? null : bodies(response.content ?? {})));
  }));
}

function show(path, method, operation) {
  const trial = new Trial(path, method, operation);
  const body = make("div");
  const card = make("details", { class: "operation", id: operation.operationId }, make("summary", {},
    make("span", { class: `method ${method}` }, method.toUpperCase()), make("span", { class: "path" }, path),
    make("span", { class: "summary" }, operation.summary), operation.security && make("span", { class: "lock" }, "operator's")), body);
  // Made when it is first opened: nobody reads them all.
  card.addEventListener("toggle", () => {
    if (!card.open || body.firstChild) return;
    const parts = [prose(operation.description ?? ""), parameters(operation.parameters ?? [], trial)];
    if (operation.requestBody) parts.push(make("h3", {}, "Body"), bodies(operation.requestBody.content));
    parts.push(make("h3", {}, "Try it"), trial.body(), trial.form, make("h3", {}, "Answers"), answers(operation.responses));
    body.append(...parts.flat().filter(Boolean));
  });
  card.words = [path, method, operation.operationId, operation.summary, operation.description,
    ...(operation.parameters ?? []).map((parameter) => `${parameter.name} ${parameter.description}`),
    ...Object.values(operation.responses).map((response) => resolve(response).description)].join(" ").toLowerCase();
  return card;
}

function errors() {
  const codes = {};
  for (const response of Object.values(root.components.responses)) {
    for (const { value } of Object.values(response.content?.["application/problem+json"]?.examples ?? {})) codes[value.code] = value;
  }
  const rows = Object.values(codes).sort((one, other) => one.status - other.status)
    .map(({ code, status, title }) => make("tr", { id: code }, make("td", {}, make("code", {}, code)), make("td", {}, `${status} ${title}`)));
  for (const row of rows) row.words = row.textContent.toLowerCase();
  return rows;
}

function filter(text) {
  const wanted = text.toLowerCase().split(/\s+/).filter(Boolean);
  for (const item of document.querySelectorAll(".operation, tr[id]")) {
    item.hidden = !wanted.every((word) => item.words.includes(word));
    const link = document.querySelector(`nav a[href="#${item.id}"]`);
    if (link) link.hidden = item.hidden;
  }
  for (const section of document.querySelectorAll("section")) {
    section.hidden = wanted.length > 0 && !section.querySelector(":is(.operation, tr[id], a):not([hidden])");
  }
}

/** Opens what the address names, be it a route or an error. */
function open() {
  const target = document.getElementById(location.hash.slice(1));
  if (!target) return;
  if (target.localName === "details") target.open = true;
  target.scrollIntoView();
}

const token = document.getElementById("token");
const search = document.getElementById("search");

async function start() {
  const main = document.querySelector("main");
  try {
    root = await (await fetch("/openapi.json")).json();
  } catch (error) {
    main.replaceChildren(make("p", { class: "bad" }, `The description could not be read: ${error.message}`));
    return;
  }
  document.getElementById("version").textContent = root.info.version;
  const navigation = document.querySelector("nav");
  main.replaceChildren(make("section", {}, prose(root.info.description)));
  for (const { name } of root.tags) {
    const cards = [];
    const group = make("section", {}, make("h2", {}, name));
    navigation.append(group);
    for (const [path, methods] of Object.entries(root.paths)) {
      for (const [method, operation] of Object.entries(methods)) {
        if (!operation.tags.includes(name)) continue;
        cards.push(show(path, method, operation));
        group.append(make("a", { href: `#${operation.operationId}` }, make("span", { class: `method ${method}` },
          method.toUpperCase()), path));
      }
    }
    main.append(make("section", {}, make("h2", {}, name), cards));
  }
  main.append(make("section", {}, make("h2", {}, "Errors"), make("table", {}, errors())));
  open();
}

addEventListener("hashchange", open);
search.addEventListener("input", () => filter(search.value));
addEventListener("keydown", (event) => {
  if (event.key === "/" && !/^(input|textarea|select)$/.test(event.target.localName)) {
    event.preventDefault();
    search.focus();
  } else if (event.key === "Escape" && event.target === search) {
    search.value = "";
    filter("");
  }
});
start();
