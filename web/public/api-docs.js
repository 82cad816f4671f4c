// The page at /api/docs: shows /api/openapi.json. Plain DOM and text nodes only, so that nothing in the
// description can become markup.

const METHODS = ["get", "post", "put", "patch", "delete"];
/** A schema that contains itself ends here. */
const MAX_DEPTH = 5;

/** `element("a.name", { href }, "text", child)`. */
function element(tag, attributes = {}, ...children) {
  const [name, ...classes] = tag.split(".");
  const made = document.createElement(name);
  if (classes.length > 0) made.className = classes.join(" ");
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.append(...children.filter((child) => child !== null && child !== undefined));
  return made;
}

/** `code` and **strong** in a line of text. */
function inline(text) {
  return text.split(/(`[^`]+`|\*\*[^*]+\*\*)/).map((piece) => {
    if (piece.startsWith("`") && piece.length > 1) return element("code", {}, piece.slice(1, -1));
    return piece.startsWith("**") && piece.length > 3 ? element("strong", {}, piece.slice(2, -2)) : piece;
  });
}

/** The little Markdown that the description is written in: headings, lists, indented examples, paragraphs. */
function prose(text) {
  return text.split(/\n\n/).map((block) => {
    const lines = block.split("\n");
    if (block.startsWith("## ")) return element("h2", {}, block.slice(3));
    if (lines.every((line) => line.startsWith("    ")))
      return element("pre", { tabindex: "0" }, lines.map((line) => line.slice(4)).join("\n"));
    if (lines.every((line) => line.startsWith("- ")))
      return element("ul", {}, ...lines.map((line) => element("li", {}, ...inline(line.slice(2)))));
    return element("p", {}, ...inline(block));
  });
}

function operationsOf(description) {
  return Object.entries(description.paths ?? {}).flatMap(([path, item]) =>
    METHODS.filter((method) => item[method]).map((method) => ({ path, method, ...item[method] })),
  );
}

function groupByTag(operations) {
  const groups = new Map();
  for (const operation of operations) {
    const tag = operation.tags?.[0] ?? "Other";
    groups.set(tag, [...(groups.get(tag) ?? []), operation]);
  }
  return groups;
}

function makeRenderer(description) {
  const origin = description.servers?.[0]?.url ?? location.origin;

  function resolve(schema) {
    const name = schema?.$ref?.split("/").at(-1);
    return name === undefined
      ? { schema: schema ?? {}, name: null }
      : { schema: description.components?.schemas?.[name] ?? {}, name };
  }

  function typeOf(given) {
    const { schema, name } = resolve(given);
    if (name !== null) return name;
    if (schema.const !== undefined) return JSON.stringify(schema.const);
    if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" | ");
    const variants = schema.anyOf ?? schema.oneOf;
    if (variants) return variants.map(typeOf).join(" | ");
    if (schema.allOf) return schema.allOf.map(typeOf).join(" & ");
    const types = [schema.type ?? "any"].flat();
    return types.map((type) => (type === "array" ? `${typeOf(schema.items)}[]` : type)).join(" | ");
  }

  function limitsOf(schema) {
    const range = (low, high, unit) => {
      if (low === undefined && high === undefined) return null;
      if (low === undefined) return `at most ${high}${unit}`;
      return high === undefined ? `at least ${low}${unit}` : `${low} to ${high}${unit}`;
    };
    return [
      schema.format ?? null,
      range(schema.minLength, schema.maxLength, " characters"),
      range(schema.minimum, schema.maximum, ""),
      range(schema.minItems, schema.maxItems, " items"),
      schema.default === undefined ? null : `default ${JSON.stringify(schema.default)}`,
    ].filter((limit) => limit !== null && limit !== "");
  }

  function field(name, given, required, depth) {
    const { schema } = resolve(given);
    const about = [given.description ?? schema.description, ...limitsOf(schema)].filter(Boolean).join(" · ");
    return element(
      "li",
      {},
      element("code.name", {}, name),
      " ",
      element("span.type", {}, typeOf(given)),
      required ? element("span.required", {}, " required") : null,
      about === "" ? null : element("div.about", {}, ...inline(about)),
      fieldsOf(given, depth + 1),
    );
  }

  /** The properties of an object, of the items of an array, and of each variant. */
  function fieldsOf(given, depth = 0) {
    if (depth > MAX_DEPTH) return null;
    const { schema } = resolve(given);
    if (schema.items && !schema.properties) return fieldsOf(schema.items, depth);
    const variants = (schema.anyOf ?? schema.oneOf ?? schema.allOf ?? []).map((variant) => fieldsOf(variant, depth));
    const found = variants.filter((list) => list !== null);
    if (found.length > 0) return element("div", {}, ...found);
    const properties = Object.entries(schema.properties ?? {});
    if (properties.length === 0) return null;
    const required = new Set(schema.required ?? []);
    return element(
      "ul.fields",
      {},
      ...properties.map(([name, value]) => field(name, value, required.has(name), depth)),
    );
  }

  function part(title, ...children) {
    const shown = children.filter((child) => child !== null && child !== undefined);
    return shown.length === 0 ? null : element("section", {}, element("h3", {}, title), ...shown);
  }

  function parametersPart(parameters = []) {
    if (parameters.length === 0) return null;
    const items = parameters.map((parameter) => {
      const schema = { ...parameter.schema, description: parameter.description ?? parameter.schema?.description };
      return field(`${parameter.name}`, schema, parameter.required === true, MAX_DEPTH);
    });
    return part("Parameters", element("ul.fields", {}, ...items));
  }

  function contentOf(holder) {
    const [type, content] = Object.entries(holder?.content ?? {})[0] ?? [];
    if (type === undefined) return null;
    const about = resolve(content.schema).schema.description;
    return element(
      "div",
      {},
      element("p.type", {}, `${type}: ${typeOf(content.schema)}`),
      about === undefined ? null : element("p.about", {}, ...inline(about)),
      fieldsOf(content.schema),
    );
  }

  function responsesPart(responses = {}) {
    const items = Object.entries(responses).map(([status, given]) => {
      const shared = given.$ref?.split("/").at(-1);
      const response = description.components?.responses?.[shared] ?? given;
      return element(
        "details.response",
        {},
        element(
          "summary",
          {},
          element("code", {}, status === "default" ? "any other" : status),
          " ",
          ...inline(response.description),
        ),
        contentOf(response),
      );
    });
    return part("Answers", ...items);
  }

  function example(given, depth = 0) {
    const { schema } = resolve(given);
    if (schema.default !== undefined) return schema.default;
    if (schema.const !== undefined) return schema.const;
    if (schema.enum) return schema.enum[0];
    const variants = schema.anyOf ?? schema.oneOf;
    if (variants) return example(variants[0], depth);
    const type = [schema.type].flat()[0];
    if (type === "object" && depth < MAX_DEPTH) {
      const required = new Set(schema.required ?? []);
      const shown = Object.entries(schema.properties ?? {}).filter(([name]) => required.has(name));
      return Object.fromEntries(shown.map(([name, value]) => [name, example(value, depth + 1)]));
    }
    if (type === "array") return depth < MAX_DEPTH ? [example(schema.items, depth + 1)] : [];
    if (type === "integer" || type === "number") return schema.minimum ?? 1;
    if (type === "boolean") return true;
    if (schema.format === "uuid") return "01912345-6789-7abc-8def-0123456789ab";
    if (schema.format === "email") return "you@example.com";
    return "…";
  }

  function curl(operation) {
    const open = operation.security?.length === 0;
    const json = operation.requestBody?.content?.["application/json"];
    const lines = [
      `curl ${operation.method === "get" ? "" : `-X ${operation.method.toUpperCase()} `}"${origin}${operation.path.replace("{user}", "me")}"`,
      open ? null : '-H "Authorization: Bearer $TIDELINE_TOKEN"',
      json ? '-H "Content-Type: application/json"' : null,
      json ? `-d '${JSON.stringify(json.example ?? example(json.schema))}'` : null,
    ];
    return lines.filter((line) => line !== null).join(" \\\n  ");
  }

  function examplePart(operation) {
    const text = curl(operation);
    const copy = element("button", { type: "button" }, "Copy");
    copy.addEventListener("click", async () => {
      await navigator.clipboard.writeText(text);
      copy.textContent = "Copied";
      setTimeout(() => (copy.textContent = "Copy"), 1500);
    });
    return part("Example", element("div.example", {}, element("pre", { tabindex: "0" }, text), copy));
  }

  function operationBlock(operation) {
    const block = element(
      "details.operation",
      { id: operation.operationId },
      element(
        "summary",
        {},
        element(`span.method.${operation.method}`, {}, operation.method.toUpperCase()),
        element("code.path", {}, operation.path),
        element("span.about", {}, ...inline(operation.summary ?? "")),
      ),
    );
    // Made when it is opened: hundreds of nested lists nobody reads cost the first paint.
    block.addEventListener(
      "toggle",
      () =>
        block.append(
          element(
            "div.body",
            {},
            operation.description ? element("p", {}, ...inline(operation.description)) : null,
            operation.security?.length === 0 ? element("p.about", {}, "Needs no sign-in.") : null,
            parametersPart(operation.parameters),
            part("Body", contentOf(operation.requestBody)),
            responsesPart(operation.responses),
            examplePart(operation),
          ),
        ),
      { once: true },
    );
    return block;
  }

  return operationBlock;
}

function matches(operation, words) {
  const text =
    `${operation.method} ${operation.path} ${operation.summary ?? ""} ${operation.operationId ?? ""}`.toLowerCase();
  return words.every((word) => text.includes(word));
}

function render(description) {
  const operationBlock = makeRenderer(description);
  const groups = groupByTag(operationsOf(description));
  const blocks = [];
  const sections = [...groups].map(([tag, operations]) => {
    const section = element("section.group", { id: `tag-${tag.replaceAll(" ", "-")}` }, element("h2", {}, tag));
    for (const operation of operations) {
      const block = operationBlock(operation);
      blocks.push({ operation, block, section });
      section.append(block);
    }
    return section;
  });

  const filter = element("input", {
    type: "search",
    placeholder: "Filter operations",
    "aria-label": "Filter operations",
  });
  const none = element("p.about", { role: "status" });
  filter.addEventListener("input", () => {
    const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
    for (const { operation, block } of blocks) block.hidden = !matches(operation, words);
    for (const section of sections)
      section.hidden = blocks.every((entry) => entry.section !== section || entry.block.hidden);
    none.textContent = sections.every((section) => section.hidden) ? "No operation has these words." : "";
  });

  const links = [...groups.keys()].map((tag) =>
    element("li", {}, element("a", { href: `#tag-${tag.replaceAll(" ", "-")}` }, tag)),
  );
  const main = document.getElementById("docs");
  main.replaceChildren(
    element(
      "header",
      {},
      element("h1", {}, `${description.info.title} API`, element("small", {}, ` ${description.info.version}`)),
      element("p", {}, element("a", { href: "#operations" }, "To the operations")),
      ...prose(description.info.description ?? ""),
      element("p", {}, "For generators: ", element("a", { href: "/api/openapi.json" }, "openapi.json"), "."),
      element("h2", { id: "operations" }, "Operations"),
      element("nav", { "aria-label": "Topics" }, element("ul", {}, ...links)),
      filter,
    ),
    none,
    ...sections,
  );
  main.removeAttribute("aria-busy");
  openFromAddress();
}

/** A link to one operation opens it. */
function openFromAddress() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (target instanceof HTMLDetailsElement) target.open = true;
  target?.scrollIntoView();
}

async function start() {
  const response = await fetch("/api/openapi.json");
  if (!response.ok) throw new Error(`The API description answered ${response.status}.`);
  render(await response.json());
}

addEventListener("hashchange", openFromAddress);
start().catch((error) => {
  const main = document.getElementById("docs");
  main.removeAttribute("aria-busy");
  main.replaceChildren(
    element("p", { role: "alert" }, `The API description could not be shown. ${error.message} Reload to try again.`),
  );
});
