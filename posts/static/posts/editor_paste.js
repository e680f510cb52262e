// Pasted rich text becomes Markdown. What has no marks is the browser's to insert.
"use strict";

window.evergreen = window.evergreen || {};

(() => {
  const RICH = "h1,h2,h3,h4,h5,h6,b,strong,em,i,a[href],ul,ol,blockquote,pre,code,table,hr,del,s";
  const BLOCKS = new Set(
    "ADDRESS ARTICLE ASIDE BLOCKQUOTE BODY CENTER DD DETAILS DIV DL DT FIGURE FIGCAPTION FOOTER H1 H2 H3 H4 H5 H6 HEADER HR LI MAIN NAV OL P PRE SECTION TABLE UL".split(" "),
  );
  const SKIPPED = new Set("SCRIPT STYLE HEAD TITLE META LINK TEMPLATE NOSCRIPT BUTTON INPUT SELECT TEXTAREA SVG IFRAME OBJECT".split(" "));
  const EDGES = /^([\s“‘「『（《【〈(]*)([^]*?)([\s”’」』）》】〉，。、；：！？…—),.;:!?]*)$/u;

  // `html` as Markdown; null where it has nothing that plain text has not.
  window.evergreen.markdownOf = (html) => {
    const page = new DOMParser().parseFromString(html, "text/html");
    if (!page.body.querySelector(RICH)) {
      return null;
    }
    join(page.body);
    return blocks(page.body).join("\n\n").replace(/[ \t]+$/gm, (end) => (end === "  " ? end : "")).trim();
  };

  const isSkipped = (node) => SKIPPED.has(node.tagName.toUpperCase());
  const isLink = (node) => node.tagName === "A" && /^(?:https?:|mailto:)/.test(node.getAttribute("href") || "");
  const isBold = ({ tagName, style: { fontWeight } }) =>
    /^(?:B|STRONG)$/.test(tagName) ? fontWeight !== "normal" && fontWeight !== "400" : fontWeight === "bold" || Number(fontWeight) >= 600;
  const isItalic = ({ tagName, style: { fontStyle } }) => (/^(?:I|EM)$/.test(tagName) ? fontStyle !== "normal" : fontStyle === "italic");

  // Text that nothing seen parts becomes one piece: only as such is it known which of its signs would be marks.
  function join(body) {
    for (const node of body.querySelectorAll("*")) {
      const isInline = !BLOCKS.has(node.tagName) && !/^(?:IMG|BR|T[RDH]|TBODY|THEAD|TFOOT|CAPTION)$/.test(node.tagName);
      const isMark = isLink(node) || isBold(node) || isItalic(node) || /^(?:CODE|KBD|SAMP|DEL|S|STRIKE)$/.test(node.tagName);
      if (isSkipped(node) || (isInline && isMark && !node.textContent && !node.querySelector("img, br"))) {
        node.remove();
      } else if (isInline && !isMark) {
        node.replaceWith(...node.childNodes);
      }
    }
    const comments = document.createNodeIterator(body, NodeFilter.SHOW_COMMENT);
    for (let node = comments.nextNode(); node; node = comments.nextNode()) {
      node.remove();
    }
    body.normalize();
  }

  function blocks(parent) {
    const found = [];
    let run = "";
    const close = () => {
      const text = tidy(run);
      if (text) {
        found.push(escapeStart(text));
      }
      run = "";
    };
    for (const node of parent.childNodes) {
      if (node.nodeType === 1 && BLOCKS.has(node.tagName)) {
        close();
        found.push(...block(node));
      } else if (node.nodeType === 1 && hasBlocks(node)) {
        close(); // as Google Docs wraps all in one <b>
        found.push(...blocks(node));
      } else {
        run += inline(node);
      }
    }
    close();
    return found.filter(Boolean);
  }

  const hasBlocks = (node) => [...node.querySelectorAll("*")].some((each) => BLOCKS.has(each.tagName));

  function block(node) {
    const level = /^H([1-6])$/.exec(node.tagName);
    if (level) {
      const text = tidy(inlines(node)).replace(/\s*\n\s*/g, " ").replace(/^\*\*([^*]+)\*\*$/, "$1").replace(/(^|\s)(#+)$/, "$1\\$2");
      return text ? [`${"#".repeat(level[1])} ${text}`] : [];
    }
    switch (node.tagName) {
      case "HR":
        return ["---"];
      case "PRE": {
        const text = node.textContent.replace(/\n$/, "");
        const fence = "`".repeat(Math.max(3, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length + 1)));
        return [`${fence}\n${text}\n${fence}`];
      }
      case "BLOCKQUOTE":
        return [indented(blocks(node).join("\n\n"), "> ", "> ").replace(/^> $/gm, ">")];
      case "UL":
      case "OL":
        return [list(node)];
      case "TABLE":
        return [table(node)];
      default:
        return blocks(node);
    }
  }

  function list(node) {
    let number = Number(node.getAttribute("start")) || 1;
    const items = [];
    for (const item of node.children) {
      if (item.tagName === "LI") {
        const mark = node.tagName === "OL" ? `${number++}. ` : "- ";
        const parts = blocks(item);
        const text = parts.reduce((said, next) => said + (/^(?:- |\d+\. )/.test(next) ? "\n" : "\n\n") + next, "").replace(/^\n+/, "");
        items.push(indented(text, mark, " ".repeat(mark.length)));
      } else if (item.tagName === "UL" || item.tagName === "OL") {
        items.push(indented(list(item), "  ", "  ")); // as some word processors nest them
      }
    }
    return items.join("\n");
  }

  function table(node) {
    const rows = [...node.rows].map((row) => [...row.cells].map((cell) => tidy(inlines(cell)).replace(/\s*\n\s*/g, " ").replace(/\|/g, "\\|")));
    if (!rows.length) {
      return "";
    }
    const width = Math.max(...rows.map((row) => row.length));
    const line = (cells) => `| ${Array.from({ length: width }, (_, at) => cells[at] ?? "").join(" | ")} |`;
    return [line(rows[0]), line(Array(width).fill("---")), ...rows.slice(1).map(line)].join("\n");
  }

  const inlines = (node) => [...node.childNodes].map(inline).join("");

  function inline(node) {
    if (node.nodeType === 3) {
      return escaped(node.data.replace(/[ \t\r\n\f\u00a0]+/g, " "));
    }
    if (node.nodeType !== 1) {
      return "";
    }
    let text;
    switch (node.tagName) {
      case "BR":
        return "\n";
      case "CODE":
      case "KBD":
      case "SAMP": {
        const said = node.textContent;
        const ticks = "`".repeat(1 + Math.max(0, ...[...said.matchAll(/`+/g)].map(([each]) => each.length)));
        return said ? (said.includes("`") ? `${ticks} ${said} ${ticks}` : `\`${said}\``) : "";
      }
      case "IMG": {
        const address = node.getAttribute("src") || "";
        return /^https?:/.test(address) ? `![${escaped(node.alt || "")}](${target(address)})` : "";
      }
      case "A": {
        const address = node.getAttribute("href") || "";
        const said = inlines(node);
        text = isLink(node) && said.trim() ? marked(said, "[", `](${target(address)})`) : said;
        break;
      }
      case "DEL":
      case "S":
      case "STRIKE":
        text = marked(inlines(node), "~~", "~~");
        break;
      default:
        text = BLOCKS.has(node.tagName) ? ` ${inlines(node)} ` : inlines(node);
    }
    if (isItalic(node)) {
      text = marked(text, "*", "*");
    }
    return isBold(node) ? marked(text, "**", "**") : text;
  }

  // Blanks, and punctuation at the edges, stay outside of a mark: beside full-width signs it would be none.
  function marked(text, open, close) {
    const [, before, within, after] = EDGES.exec(text);
    return within ? `${before}${open}${within}${close}${after}` : text;
  }

  const ENTITY = /&(?=#\d{1,7};|#[xX][\da-fA-F]{1,6};|[A-Za-z][A-Za-z\d]*;)/g;
  const target = (address) => {
    const safe = address.replace(/[{}]/g, encodeURIComponent).replace(ENTITY, "&amp;");
    return /[\s()<>]/.test(safe) ? `<${safe.replace(/[<>\n]/g, encodeURIComponent)}>` : safe;
  };
  const escaped = (text) =>
    text
      .replace(/[\\`*[\]<]|~(?=~|$)|(?<=~|^)~/g, "\\$&")
      .replace(ENTITY, "\\&")
      .replace(/\{(?=[{%#])/g, "{\\") // Eleventy would run it
      .replace(/(^|[^\p{L}\p{N}])_|_(?=[^\p{L}\p{N}]|$)/gu, "$1\\_");
  const UNDERLINE = /^(?==+\s*$|[|:][\s|:-]*-[\s|:-]*$)/gm; // makes a heading or a table of the line above
  const escapeStart = (text) =>
    text
      .replace(/^(\s*)(#{1,6}(?=\s|$)|[-+](?=\s|-|$)|>)/gm, "$1\\$2")
      .replace(/^(\s*\d+)(?=[.)]\s)/gm, "$1\\")
      .replace(UNDERLINE, "\\");
  const tidy = (text) => text.replace(/ *\n */g, "\n").replace(/ {2,}/g, " ").replace(/\n{2,}/g, "\n").trim().replace(/\n/g, "  \n");
  const indented = (text, first, rest) => text.split("\n").map((line, at) => (at ? (line || rest.trim() ? rest + line : line) : first + line)).join("\n");
})();

window.addEventListener("DOMContentLoaded", () => {
  const area = document.querySelector(".eg-body-source");
  if (!area || area.disabled || area.readOnly) {
    return;
  }
  area.addEventListener("paste", (event) => {
    const html = event.clipboardData && event.clipboardData.getData("text/html");
    const markdown = html && window.evergreen.markdownOf(html);
    if (markdown) {
      event.preventDefault();
      window.evergreen.write(area, area.selectionStart, area.selectionEnd, markdown);
    }
  });
});
