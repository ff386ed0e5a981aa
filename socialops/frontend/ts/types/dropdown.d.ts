// Tabler ships its Bootstrap parts as TypeScript written to other rules than ours; importing one arms its data attributes.
declare const Dropdown: unknown;
export default Dropdown;
