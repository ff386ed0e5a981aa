import type { Controller } from "../registry";

/** Takes the focus when it appears: the summary of what is wrong with a form. */
export const focus: Controller = (element) => {
  element.focus();
};
