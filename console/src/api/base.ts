/** The base address of the API: the folder of this page, with a slash at the end. */
export const base = new URL(".", window.location.href.replace(/[?#].*$/, "")).href;

/** The address of a path of the API, e.g. of a file to show. */
export const address = (path: string) => new URL(path.replace(/^\//, ""), base).href;
