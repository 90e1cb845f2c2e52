// Prints what AsyncAPI's makers find wrong in a document, as JSON: [severity (0 error, 1 warning, …), code, message, path].
const { Parser } = require("@asyncapi/parser");
const { readFileSync } = require("node:fs");

new Parser().parse(readFileSync(process.argv[2], "utf8")).then(({ document, diagnostics }) => {
  const found = diagnostics.map(({ severity, code, message, path }) => [severity, code, message, path.join(".")]);
  console.log(JSON.stringify({ parsed: document !== undefined, found }));
});
