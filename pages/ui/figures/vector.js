// A drawing that Python wrote, with all words in it escaped: they take the page's colour and font.

export default function vector(component) {
  const [{ inner, size, alt }] = component.data;
  const root = component.parentElement.querySelector(".vector");
  root.innerHTML = `<svg role="img" viewBox="0 0 ${size[0]} ${size[1]}">${inner}</svg>`;
  root.firstChild.setAttribute("aria-label", alt);
  root.style.maxWidth = `${size[0]}px`;
}
