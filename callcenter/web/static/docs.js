// The API page: draws the OpenAPI document that the server made from its operations.
import { el } from "./view.js";

const told = await (await fetch("/api/openapi.json")).json();

const byTag = new Map();
for (const [path, methods] of Object.entries(told.paths)) {
  for (const [method, operation] of Object.entries(methods)) {
    const tag = operation.tags[0];
    byTag.set(tag, [...(byTag.get(tag) ?? []), operationDetails(path, method, operation)]);
  }
}
const operations = document.getElementById("operations");
for (const [tag, details] of byTag) operations.append(el("h2", {}, tag), ...details);
document.getElementById("schemas").append(
  ...Object.entries(told.components.schemas).map(([name, schema]) => schemaDetails(name, schema)),
);
document.getElementById(decodeURIComponent(location.hash.slice(1)))?.scrollIntoView();

function operationDetails(path, method, operation) {
  const who = operation["x-roles"]?.join(", ") ?? "公开 · public";
  return el(
    "details",
    { id: operation.operationId },
    el(
      "summary",
      {},
      el("span", { class: `verb ${method}` }, method.toUpperCase()),
      el("code", {}, path),
      ` ${operation.summary}`,
    ),
    el("p", {}, operation.description),
    el("p", { class: "hint" }, `角色 · roles: ${who}`),
    ...part("参数 · parameters", parameterTable(operation.parameters)),
    ...part("请求体 · body", reference(operation.requestBody?.content)),
    ...part("应答 · responses", responseTable(operation.responses)),
  );
}

function part(title, content) {
  return content ? [el("h3", {}, title), content] : [];
}

function parameterTable(parameters) {
  if (!parameters.length) return null;
  return rows(
    parameters.map((one) => [
      el("code", {}, one.name),
      one.in + (one.required ? " *" : ""),
      one.schema.description ?? "",
      el("code", {}, shape(one.schema)),
    ]),
  );
}

function responseTable(responses) {
  return rows(
    Object.entries(responses).map(([status, one]) => [status, one.description, reference(one.content) ?? ""]),
  );
}

function reference(content) {
  const schema = content?.["application/json"]?.schema;
  if (!schema) return null;
  const name = schema.$ref?.split("/").pop();
  return name ? el("a", { href: `#schema-${name}` }, name) : el("code", {}, shape(schema));
}

function shape(schema) {
  const { description, title, ...rest } = schema;
  return JSON.stringify(rest);
}

function rows(cells) {
  return el("table", {}, ...cells.map((row) => el("tr", {}, ...row.map((cell) => el("td", {}, cell)))));
}

function schemaDetails(name, schema) {
  return el(
    "details",
    { id: `schema-${name}` },
    el("summary", {}, el("code", {}, name), ` ${schema.description ?? ""}`),
    el("pre", {}, JSON.stringify(schema, null, 2)),
  );
}
