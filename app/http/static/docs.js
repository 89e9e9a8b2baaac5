// Renders /openapi.json. Text only ever enters the page as text nodes.
"use strict";

const METHODS = ["get", "post", "put", "delete"];
let contract;

function element(name, attributes, ...children) {
  const made = document.createElement(name);
  for (const [key, value] of Object.entries(attributes || {})) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

function resolved(node) {
  let found = node;
  while (found && found.$ref) {
    found = found.$ref.slice(2).split("/").reduce((at, step) => at[step.replaceAll("~1", "/").replaceAll("~0", "~")], contract);
  }
  return found || {};
}

function typeOf(schema) {
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
  if (schema.type === "array" && schema.items) return typeOf(resolved(schema.items)) + "[]";
  const type = Array.isArray(schema.type) ? schema.type.join(" | ") : schema.type || "any";
  return schema.format ? `${type} (${schema.format})` : type;
}

function bounds(schema) {
  const names = ["minimum", "maximum", "minLength", "maxLength", "minItems", "maxItems", "pattern", "default"];
  return names.filter((name) => schema[name] !== undefined).map((name) => `${name} ${JSON.stringify(schema[name])}`).join(", ");
}

function fields(reference, seen) {
  const schema = resolved(reference);
  const inner = schema.type === "array" && schema.items ? resolved(schema.items) : schema;
  if (!inner.properties) return inner.description ? element("p", {}, inner.description) : element("p", { class: "type" }, typeOf(schema));
  if (seen.includes(inner)) return element("p", { class: "type" }, "(as above)");
  const required = new Set(inner.required || []);
  const list = element("ul", { class: "fields" });
  for (const [name, reference] of Object.entries(inner.properties)) {
    const property = resolved(reference);
    const item = element("li", {}, element("code", {}, name), " ", element("span", { class: "type" }, typeOf(property)), " ");
    if (required.has(name)) item.append(element("span", { class: "must" }, "required "));
    const limits = bounds(property);
    if (limits) item.append(element("span", { class: "type" }, limits + " "));
    if (property.description) item.append(property.description);
    const nested = property.type === "array" && property.items ? resolved(property.items) : property;
    if (nested.properties) item.append(fields(nested, [...seen, inner]));
    list.append(item);
  }
  return list;
}

function answers(operation) {
  const box = element("div");
  for (const [status, reference] of Object.entries(operation.responses || {})) {
    if (status === "default") continue;
    const answer = resolved(reference);
    box.append(element("h3", {}, `${status} ${answer.description || ""}`));
    for (const [type, content] of Object.entries(answer.content || {})) {
      if (type !== "application/json") box.append(element("p", { class: "type" }, type));
      if (content.schema) box.append(fields(content.schema, []));
    }
  }
  return box;
}

function route(path, method, operation, shared) {
  const head = element("summary", {},
    element("span", { class: "method " + method }, method.toUpperCase()),
    element("span", { class: "path" }, path), " ", operation.summary || "",
    operation["x-scopes"] ? element("span", { class: "scope" }, operation["x-scopes"].join(", ")) : null);
  const body = element("div");
  const details = element("details", { id: `${method}${path}`.replaceAll("/", "-") }, head, body);
  details.addEventListener("toggle", () => {
    if (!details.open || body.childElementCount) return;
    if (operation.description) body.append(element("p", {}, operation.description));
    const parameters = [...shared, ...(operation.parameters || [])].map(resolved);
    if (parameters.length) body.append(element("h3", {}, "Parameters"));
    for (const parameter of parameters) {
      body.append(element("p", {}, element("code", {}, parameter.name), " ",
        element("span", { class: "type" }, `${parameter.in}, ${typeOf(parameter.schema || {})}`), " ", parameter.description || ""));
    }
    const request = resolved(operation.requestBody).content;
    if (request) {
      body.append(element("h3", {}, "Body"), fields((request["application/json"] || Object.values(request)[0]).schema || {}, []));
    }
    body.append(answers(operation));
  });
  details.dataset.words = `${method} ${path} ${JSON.stringify(operation)}`.toLowerCase();
  return details;
}

function show() {
  document.getElementById("about").textContent = contract.info.description;
  const main = document.getElementById("routes");
  const sections = new Map();
  for (const tag of contract.tags || []) {
    const section = element("section", {}, element("h2", {}, tag.name.replaceAll("_", " ").replaceAll("-", " ")), element("p", {}, tag.description || ""));
    sections.set(tag.name, section);
    main.append(section);
  }
  for (const [path, operations] of Object.entries(contract.paths)) {
    for (const method of METHODS) {
      const operation = operations[method];
      if (operation) sections.get(operation.tags[0]).append(route(path, method, operation, operations.parameters || []));
    }
  }
}

document.getElementById("find").addEventListener("input", (event) => {
  const words = event.target.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const details of document.querySelectorAll("details")) {
    details.hidden = !words.every((word) => details.dataset.words.includes(word));
  }
  for (const section of document.querySelectorAll("section")) {
    section.hidden = ![...section.querySelectorAll("details")].some((details) => !details.hidden);
  }
});

fetch("/openapi.json").then((answer) => answer.json()).then((found) => { contract = found; show(); })
  .catch(() => { document.getElementById("about").textContent = "The contract could not be loaded."; });
