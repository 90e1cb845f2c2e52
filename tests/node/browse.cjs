// Opens pages in headless Chromium over the DevTools protocol and prints what it finds, as JSON: a list with, for each
// page, language and colour scheme, what the browser complains of, what it requests, and axe's violations.
// Usage: node browse.cjs CHROMIUM PROFILE PAGE…; with SCREENSHOTS=folder it also keeps a picture of each.
const { spawn } = require("node:child_process");
const { readFileSync, writeFileSync } = require("node:fs");
const { basename, join } = require("node:path");
const { pathToFileURL } = require("node:url");

const [chromium, profile, ...pages] = process.argv.slice(2);
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf-8");
const flags = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--no-first-run"];
const browser = spawn(chromium, [...flags, `--user-data-dir=${profile}`, "--remote-debugging-port=0", "about:blank"]);

function address() {
  return new Promise((found, failed) => {
    let said = "";
    browser.stderr.on("data", text => {
      said += text;
      const match = said.match(/DevTools listening on (ws:\S+)/);
      if (match) found(match[1]);
    });
    browser.on("exit", () => failed(new Error(`Chromium ended: ${said}`)));
  });
}

async function connect() {
  const socket = new WebSocket(await address());
  await new Promise(open => socket.addEventListener("open", open));
  const waiting = new Map(), listeners = [];
  let number = 0;
  socket.addEventListener("message", ({ data }) => {
    const message = JSON.parse(data);
    if (message.id) {
      const [done, failed] = waiting.get(message.id);
      waiting.delete(message.id);
      message.error ? failed(new Error(JSON.stringify(message.error))) : done(message.result);
    } else listeners.forEach(listen => listen(message));
  });
  const send = (method, params = {}, sessionId = undefined) => new Promise((done, failed) => {
    waiting.set(++number, [done, failed]);
    socket.send(JSON.stringify({ id: number, method, params, sessionId }));
  });
  return { send, listen: each => listeners.push(each) };
}

async function open(devtools, page, { scheme = "light", scripts = true, width = 1280 } = {}) {
  const { targetId } = await devtools.send("Target.createTarget", { url: "about:blank" });
  const { sessionId } = await devtools.send("Target.attachToTarget", { targetId, flatten: true });
  const send = (method, params) => devtools.send(method, params, sessionId);
  const complaints = [], requests = [];
  let loaded;
  const ready = new Promise(done => { loaded = done; });
  const url = pathToFileURL(page).href + "#de";
  devtools.listen(({ method, params, sessionId: of }) => {
    if (of !== sessionId) return;
    if (method === "Page.loadEventFired") loaded();
    if (method === "Runtime.exceptionThrown") complaints.push(params.exceptionDetails.exception?.description ?? params.exceptionDetails.text);
    if (method === "Runtime.consoleAPICalled") complaints.push(params.args.map(each => each.value).join(" "));
    if (method === "Log.entryAdded") complaints.push(params.entry.text);
    if (method === "Network.requestWillBeSent" && !params.request.url.startsWith("data:")) requests.push(params.request.url);
  });
  for (const domain of ["Page", "Runtime", "Log", "Network"]) await send(`${domain}.enable`);
  await send("Emulation.setDeviceMetricsOverride", { width, height: 900, deviceScaleFactor: 1, mobile: false });
  await send("Emulation.setEmulatedMedia", { features: [{ name: "prefers-color-scheme", value: scheme }] });
  await send("Emulation.setScriptExecutionDisabled", { value: !scripts });
  await send("Page.navigate", { url });
  await ready;
  const evaluate = async expression => {
    const { result, exceptionDetails } = await send("Runtime.evaluate", { expression, awaitPromise: true, returnByValue: true });
    if (exceptionDetails) throw new Error(JSON.stringify(exceptionDetails));
    return result.value;
  };
  const close = () => devtools.send("Target.closeTarget", { targetId });
  return { send, evaluate, close, complaints, others: () => requests.filter(each => !url.startsWith(each)) };
}

const SHOWN = "[...document.querySelectorAll('.pairs tbody tr, .weeks tbody tr')].filter(row => row.getClientRects().length).length";
const VIOLATIONS = `axe.run(document, { resultTypes: ["violations"] }).then(({ violations }) =>
  violations.map(({ id, nodes }) => [id, nodes.length, nodes.slice(0, 3).map(node => node.html.slice(0, 200) + " " + node.failureSummary)]))`;

async function keep(tab, name) {
  if (!process.env.SCREENSHOTS) return;
  const { data } = await tab.send("Page.captureScreenshot", { format: "png", captureBeyondViewport: true });
  writeFileSync(join(process.env.SCREENSHOTS, `${name}.png`), Buffer.from(data, "base64"));
}

// Of a plan also one tandem, which a click on the first row shows.
const PARTS = "document.querySelector('.weeks tbody a') ? ['all', 'one'] : ['all']";
// axe finds nothing in what nobody sees, and takes minutes to look through the other tandems of a plan.
const UNSEEN = "document.querySelectorAll('.tandem').forEach(each => { if (!each.getClientRects().length) each.remove(); })";

async function look(devtools, page, scheme) {
  const found = [];
  let parts = ["all"];
  for (let number = 0; number < parts.length; number++) {
    const part = parts[number];
    const tab = await open(devtools, page, { scheme });
    parts = await tab.evaluate(PARTS);
    if (part === "one") await tab.evaluate("document.querySelector('.weeks tbody a').click()");
    await tab.evaluate(UNSEEN);
    await tab.evaluate(axe + ";0");
    const looked = [];
    for (const language of ["de", "en"]) {
      await tab.evaluate(`document.querySelector("input[value=${language}]").click()`);
      await tab.evaluate("document.querySelectorAll('details').forEach(each => { each.open = true })");
      looked.push({
        page: basename(page), scheme, language, part,
        lang: await tab.evaluate("document.documentElement.lang"),
        title: await tab.evaluate("document.title"),
        // The other language's words are there, and nobody sees them.
        seen: await tab.evaluate("[...new Set([...document.querySelectorAll('main [lang]')].filter(each => each.getClientRects().length).map(each => each.lang))]"),
        shown: await tab.evaluate(SHOWN),
        violations: await tab.evaluate(VIOLATIONS),
      });
      await keep(tab, `${basename(page, ".html")}-${part}-${language}-${scheme}`);
    }
    found.push(...looked.map(each => ({ ...each, complaints: tab.complaints, requests: tab.others() })));
    await tab.close();
  }
  return found;
}

const TANDEMS = "[...document.querySelectorAll('.tandem')].filter(each => each.getClientRects().length).map(each => each.id)";

// What somebody does with a plan: searches, comes to one tandem in a click and back; without scripts too, on a phone.
async function usePlan(devtools, page) {
  const found = { page: basename(page) };
  for (const scripts of [true, false]) {
    const tab = await open(devtools, page, { scripts, width: scripts ? 1280 : 360 });
    const many = await tab.evaluate("Boolean(document.getElementById('weeks'))");
    const one = { rows: await tab.evaluate(SHOWN), tandems: await tab.evaluate(TANDEMS) };
    if (many) {
      await tab.evaluate("document.querySelector('.weeks tbody tr:last-child a').click()");
      one.clicked = [await tab.evaluate(SHOWN), await tab.evaluate(TANDEMS)];
      one.focused = await tab.evaluate("document.activeElement.id");
      await tab.evaluate("document.querySelector('.tandem:target .ways a').click()");
      one.back = [await tab.evaluate(SHOWN), await tab.evaluate(TANDEMS)];
    }
    if (many && scripts) {
      await tab.evaluate("{ const words = document.getElementById('words'); words.value = document.querySelector('.weeks tbody .id').textContent; words.dispatchEvent(new Event('input')); }");
      one.searched = [await tab.evaluate(SHOWN), await tab.evaluate("document.querySelector('#shown [lang=de]').textContent")];
    }
    found[scripts ? "with_scripts" : "without_scripts"] = one;
    found.wider_than_a_phone = await tab.evaluate("document.documentElement.scrollWidth > innerWidth");
    found.complaints = [...(found.complaints ?? []), ...tab.complaints];
    await tab.close();
  }
  return found;
}

const SEEN = where => `[...document.querySelectorAll("${where}")].filter(each => each.getClientRects().length).length`;

// What somebody does with a report: reads it on a phone and without scripts, and prints it in either language.
async function useReport(devtools, page) {
  const found = { page: basename(page), complaints: [], printed: [] };
  for (const scripts of [true, false]) {
    const tab = await open(devtools, page, { scripts, width: 360 });
    const wide = await tab.evaluate("document.documentElement.scrollWidth > innerWidth");
    found[scripts ? "with_scripts" : "without_scripts"] = { wider_than_a_phone: wide, cards: await tab.evaluate(SEEN(".card")) };
    found.complaints.push(...tab.complaints);
    if (scripts) await keep(tab, `${basename(page, ".html")}-phone`);
    await tab.close();
  }
  for (const language of ["de", "en"]) {
    const tab = await open(devtools, page);
    await tab.evaluate(`document.querySelector("input[value=${language}]").click()`);
    await tab.evaluate(axe + ";0");
    await tab.send("Emulation.setEmulatedMedia", { media: "print", features: [{ name: "prefers-color-scheme", value: "light" }] });
    const violations = await tab.evaluate(VIOLATIONS);
    const switches = await tab.evaluate(SEEN("nav, .languages, .skip, summary, footer"));
    await tab.send("Emulation.setEmulatedMedia", { media: "" });
    const { data } = await tab.send("Page.printToPDF", { preferCSSPageSize: true, printBackground: true });
    found.printed.push({ language, violations, switches, pdf: data, unfolded: await tab.evaluate("document.querySelectorAll('details[open]').length") });
    found.complaints.push(...tab.complaints, ...tab.others());
    await tab.close();
  }
  return found;
}

// What somebody does with a match: turns to the next pairs, searches, sorts; and reads it without scripts, on a phone.
async function use(devtools, page) {
  const tab = await open(devtools, page);
  for (const [part, uses] of [["answers", useReport], ["tandems", usePlan]]) {
    if (await tab.evaluate(`Boolean(document.getElementById("${part}"))`)) {
      await tab.close();
      return uses(devtools, page);
    }
  }
  const first = "document.querySelector('.pairs tbody tr:not([hidden]):not(.away) .id').textContent";
  const found = { page: basename(page), at_first: await tab.evaluate(first) };
  await tab.evaluate("document.getElementById('after').click()");
  found.next = await tab.evaluate(first);
  found.status = await tab.evaluate("document.querySelector('#shown [lang=de]').textContent");
  await tab.evaluate("{ const order = document.getElementById('order'); order.value = 'highest'; order.dispatchEvent(new Event('change')); }");
  found.highest = Number(await tab.evaluate("document.querySelector('.pairs tbody tr:not(.away)').dataset.score"));
  await tab.evaluate(`{ const words = document.getElementById('words'); words.value = ${JSON.stringify(found.at_first)}; words.dispatchEvent(new Event('input')); }`);
  found.searched = [await tab.evaluate(SHOWN), await tab.evaluate(first)];
  found.complaints = tab.complaints;
  await tab.close();
  const plain = await open(devtools, page, { scripts: false, width: 360 });
  found.without_scripts = await plain.evaluate(SHOWN);
  found.wider_than_a_phone = await plain.evaluate("document.documentElement.scrollWidth > innerWidth");
  await plain.close();
  return found;
}

(async () => {
  const devtools = await connect();
  const looked = [], used = [];
  for (const page of pages) {
    for (const scheme of ["light", "dark"]) looked.push(...await look(devtools, page, scheme));
    used.push(await use(devtools, page));
  }
  console.log(JSON.stringify({ looked, used }));
})().catch(error => { console.error(error); process.exitCode = 1; }).finally(() => browser.kill());
