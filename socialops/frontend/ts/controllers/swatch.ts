import type { Controller } from "../registry";

/** Wears the colour in data-colour, which a person chose: a class can't know it and a style attribute is forbidden. */
export const swatch: Controller = (element) => {
  const colour = element.dataset["colour"];
  if (colour) element.style.setProperty("--swatch", colour);
};
