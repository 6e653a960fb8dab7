// Swagger UI with a login in its dialog, a filter that knows titles, and Russian words.
"use strict";

const { isRussian, document: url } = window.shopfloor;
const SAID = isRussian
  ? {
      email: "Адрес электронной почты",
      password: "Пароль",
      logIn: "Войти по паролю",
      unreachable: "Сервер не отвечает",
      token: "Или вставьте токен либо ключ API, который у вас уже есть:",
      open: "Этот стек открыт: токен не нужен, вызовы идут от имени встроенного администратора.",
      followed: "по ссылке из 302",
    }
  : {
      email: "Email address",
      password: "Password",
      logIn: "Log in",
      unreachable: "The server does not answer",
      token: "Or paste a token or an API key that you have:",
      open: "This stack is open: no token is needed, calls act as the built-in administrator.",
      followed: "by the link of 302",
    };

/** The form that gets a token with email and password, above Swagger UI's own field for a token. */
const login = (Original, system) => (props) => {
  const { React, authActions } = system;
  const [problem, setProblem] = React.useState("");
  const element = React.createElement;
  const first = React.useRef(null);
  React.useEffect(() => {
    first.current?.querySelector("input").focus();
    first.current?.closest(".modal-ux-content")?.scrollTo(0, 0);
  }, []);
  if (props.authorized?.get?.(props.name)) return element(Original, props);

  const logIn = async (box) => {
    const [email, password] = [...box.querySelectorAll("input")].map((field) => field.value);
    const answer = await fetch("v1/users/login", {
      method: "POST",
      headers: { "Content-Type": "application/json", "Accept-Language": isRussian ? "ru" : "en" },
      body: JSON.stringify({ email, password }),
    }).catch(() => undefined);
    const body = await answer?.json().catch(() => undefined);
    if (!answer?.ok) return setProblem(body?.error?.message ?? SAID.unreachable);
    authActions.authorizeWithPersistOption({ [props.name]: { name: props.name, schema: props.schema, value: body.data.token } });
  };
  const onKeyDown = (event) => {
    if (event.key !== "Enter") return;
    event.preventDefault(); // the form around it would take its own, empty field
    logIn(event.currentTarget);
  };
  const field = (label, type, autoComplete) =>
    element("label", null, label, element("input", { type, autoComplete, "aria-label": label }));
  return element(
    "div",
    null,
    element(
      "div",
      { className: "access", onKeyDown, ref: first },
      field(SAID.email, "email", "username"),
      field(SAID.password, "password", "current-password"),
      problem && element("p", { className: "problem", role: "alert" }, problem),
      element(
        "button",
        { type: "button", className: "btn authorize log-in", onClick: (event) => logIn(event.target.closest(".access")) },
        SAID.logIn,
      ),
    ),
    element("p", null, SAID.token),
    element(Original, props),
  );
};

/** Says beside the button that nobody has to log in, where the document says so. */
const openNote = (Original, system) => (props) => {
  const { createElement, Fragment } = system.React;
  const security = system.specSelectors.specJson().get("security");
  const isOpen = security?.some((one) => one.size === 0);
  return createElement(
    Fragment,
    null,
    createElement(Original, props),
    isOpen && createElement("p", { className: "open-note" }, SAID.open),
  );
};

/** Keep the tags whose name or title has the phrase, and of the others the operations that have it. */
const opsFilter = (tags, phrase) => {
  const wanted = phrase.toLowerCase();
  const has = (...texts) => texts.some((text) => String(text ?? "").toLowerCase().includes(wanted));
  return tags
    .map((tag, name) => {
      const details = tag.get("tagDetails");
      if (has(name, details?.get("x-displayName"), details?.get("description"))) return tag;
      return tag.update("operations", (all) =>
        all.filter((one) => has(one.get("path"), one.getIn(["operation", "summary"]), one.getIn(["operation", "operationId"]))),
      );
    })
    .filter((tag) => tag.get("operations").size > 0);
};

const plugin = () => ({ wrapComponents: { HttpAuth: login, authorizeBtn: openNote }, fn: { opsFilter } });

window.ui = SwaggerUIBundle({
  url,
  dom_id: "#swagger-ui",
  deepLinking: true,
  filter: true,
  docExpansion: "none",
  defaultModelsExpandDepth: 0,
  displayRequestDuration: true,
  persistAuthorization: false,
  validatorUrl: null,
  requestSnippetsEnabled: false,
  plugins: [plugin],
  onComplete: () => {
    const tags = window.ui.specSelectors.tags().toJS();
    const titles = Object.fromEntries(tags.map((tag) => [tag.name, tag["x-displayName"]]));
    const own = (node, words) => {
      const parent = node.parentElement;
      if (parent?.closest(".opblock-tag a")) return titles[words];
      if (words === "Undocumented" && parent?.closest(".opblock")?.querySelector("[data-code='302']")) return SAID.followed;
      if (words === "." && parent?.closest(".servers option")) return location.origin;
      return isRussian ? undefined : words;
    };
    window.translatePage(document.getElementById("swagger-ui"), own);
  },
});
