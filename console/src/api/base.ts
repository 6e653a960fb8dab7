/** Where the API is: beside this page, whatever prefix or domain it is served under. With a slash at the end. */
export const base = new URL(".", window.location.href.replace(/[?#].*$/, "")).href;

/** The address of a path of the API, e.g. of a file to show. */
export const address = (path: string) => new URL(path.replace(/^\//, ""), base).href;
