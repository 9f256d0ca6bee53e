// What is wrong with the page that is open, each as a sentence; and what is asked of it besides.
// Takes the width of the screen.
const width = arguments[0];
const faults = [];
const root = document.documentElement;

const named = (element) => {
  const id = element.id ? `#${element.id}` : "";
  const kind = typeof element.className === "string" && element.className ? `.${element.className.split(/\s+/).join(".")}` : "";
  return `<${element.localName}${id}${kind}> "${(element.innerText || "").trim().slice(0, 40)}"`;
};
const isSeen = (element) => {
  const box = element.getBoundingClientRect();
  const style = getComputedStyle(element);
  return box.width > 1 && box.height > 1 && style.visibility === "visible";
};

// Nobody scrolls sideways, neither the page nor a part of it.
if (root.scrollWidth > width) {
  const wide = [...document.body.querySelectorAll("*")].filter((element) => isSeen(element) && element.getBoundingClientRect().right > width + 0.5);
  faults.push(`it is ${root.scrollWidth} pixels wide on a screen of ${width}: ${wide.slice(0, 3).map(named).join(", ")}`);
}
for (const element of document.body.querySelectorAll("*")) {
  const scrolls = ["auto", "scroll"].includes(getComputedStyle(element).overflowX);
  if (scrolls && isSeen(element) && element.scrollWidth > element.clientWidth + 1) {
    faults.push(`${named(element)} scrolls sideways`);
  }
}

// What somebody who does not see it needs to know.
if (!document.title.trim()) faults.push("it has no title");
if (!root.lang) faults.push("it does not say its language");
const headings = document.querySelectorAll("h1").length;
if (headings !== 1) faults.push(`it has ${headings} main headings`);
const ids = new Set();
for (const element of document.querySelectorAll("[id]")) {
  if (ids.has(element.id)) faults.push(`two elements have the id ${element.id}`);
  ids.add(element.id);
}
for (const field of document.querySelectorAll("input:not([type=hidden]), textarea, select")) {
  const isNamed = field.labels.length > 0 || field.ariaLabel;
  if (!isNamed) faults.push(`${named(field)} ${field.name} has no label`);
}
for (const control of document.querySelectorAll("a[href], button")) {
  if (!control.textContent.trim() && !control.ariaLabel) faults.push(`${named(control)} says nothing`);
  // Success criterion 2.5.8 of WCAG 2.2; links in running text are excepted there.
  const box = control.getBoundingClientRect();
  const isInText = control.localName === "a" && getComputedStyle(control).display === "inline";
  if (isSeen(control) && !isInText && Math.min(box.width, box.height) < 24) {
    faults.push(`${named(control)} is ${box.width} by ${box.height} pixels: too small for a finger`);
  }
}

// Contrast, after success criterion 1.4.3 of WCAG 2.2.
const colour = (text) => {
  const parts = text.match(/[\d.]+/g).map(Number);
  return { rgb: parts.slice(0, 3), alpha: parts.length > 3 ? parts[3] : 1 };
};
const over = (above, below) => above.rgb.map((value, at) => value * above.alpha + below[at] * (1 - above.alpha));
const ground = (element) => {
  if (!element) return colour(getComputedStyle(root).colorScheme.includes("dark") && matchMedia("(prefers-color-scheme: dark)").matches ? "rgb(18, 18, 18)" : "rgb(255, 255, 255)").rgb;
  const own = colour(getComputedStyle(element).backgroundColor);
  return own.alpha === 1 ? own.rgb : over(own, ground(element.parentElement));
};
const luminance = (rgb) => {
  const [red, green, blue] = rgb.map((value) => {
    const share = value / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
};
const judged = new Set();
const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (texts.nextNode()) {
  const element = texts.currentNode.parentElement;
  if (!texts.currentNode.data.trim() || judged.has(element) || !isSeen(element)) continue;
  judged.add(element);
  const style = getComputedStyle(element);
  const below = ground(element);
  const [light, dark] = [luminance(over(colour(style.color), below)), luminance(below)].sort((one, other) => other - one);
  const contrast = (light + 0.05) / (dark + 0.05);
  const size = parseFloat(style.fontSize);
  const isLarge = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
  if (contrast < (isLarge ? 3 : 4.5)) {
    faults.push(`${named(element)} has a contrast of ${contrast.toFixed(2)}`);
  }
}

return {
  title: document.title,
  language: root.lang,
  isRefusal: document.querySelector("main [role=alert]") !== null,
  faults,
};
