// The words of Swagger UI and Redoc that they have no setting for, in Russian. Texts of the document and data stay.
"use strict";

const WORDS = {
  "Authorize": "Войти",
  "Authorized": "Вы вошли",
  "Available authorizations": "Вход",
  "Logout": "Выйти",
  "Close": "Закрыть",
  "Try it out": "Попробовать",
  "Cancel": "Отмена",
  "Reset": "Вернуть пример",
  "Execute": "Выполнить",
  "Clear": "Очистить",
  "Parameters": "Параметры",
  "No parameters": "Параметров нет",
  "Request body": "Тело запроса",
  "required": "обязательно",
  "optional": "необязательно",
  "Responses": "Ответы",
  "Server response": "Ответ сервера",
  "Response body": "Тело ответа",
  "Response headers": "Заголовки ответа",
  "Request duration": "Время ответа",
  "Curl": "Команда curl",
  "Request URL": "Адрес запроса",
  "Download": "Скачать",
  "Download file": "Скачать файл",
  "Name": "Имя",
  "Description": "Описание",
  "Code": "Статус",
  "Details": "Ответ",
  "Links": "Связи",
  "No links": "нет",
  "Media type": "Тип содержимого",
  "Controls": "Выбирает заголовок",
  "header.": "в запросе.",
  "Example Value": "Пример",
  "Edit Value": "Значение",
  "Examples": "Примеры",
  "Examples:": "Примеры:",
  "Headers:": "Заголовки:",
  "Type": "Тип",
  "Schema": "Поля",
  "Schemas": "Все модели",
  "Servers": "Сервер",
  "Webhooks": "Что получает подписчик вебхуков",
  "Send empty value": "Отправить пустым",
  "Undocumented": "Нет в описании",
  "Loading": "Загрузка",
  "Value:": "Значение:",
  "Name:": "Имя:",
  "In:": "Где:",
  "Website": "Сайт",
  "Expand all": "Развернуть всё",
  "Collapse all": "Свернуть всё",
  "Copy": "Копировать",
  "Copied": "Скопировано",
  "Contact": "Контакт",
  "License": "Лицензия",
  "License:": "Лицензия:",
  "Authorizations:": "Вход:",
  "None": "не нужен",
  "or": "или",
  "non-empty": "не пусто",
  "Request Body schema:": "Тело запроса:",
  "Response Schema:": "Тело ответа:",
  "Response Headers": "Заголовки ответа",
  "Event": "Событие",
  "Payload": "Содержимое",
  "Content type": "Тип содержимого",
  "path": "путь",
  "query": "запрос",
  "header": "заголовок",
};
const ENDINGS = { characters: "символов", items: "элементов" };
const PARAMETERS = { path: "Параметры пути", query: "Параметры запроса", header: "Заголовки запроса" };
const ATTRIBUTES = { placeholder: { "Filter by tag or path": "Найти: слово или путь", "Search...": "Найти" } };
const DATA = ".renderedMarkdown, .microlight, .highlight-code, .opblock-summary-path, textarea, pre, code, .redoc-json";

/** The heading of parameters in Redoc is two texts; a limit is numbers and a word. */
const partOf = (node, words) => {
  if (node.parentElement.tagName === "H5") return words === "Parameters" && node.previousSibling ? "" : PARAMETERS[words];
  const [, start, ending] = words.match(/^([[(<>=].*) (\w+)$/) ?? [];
  return ENDINGS[ending] && `${start} ${ENDINGS[ending]}`;
};

/** Put the Russian words into an element, now and whenever it changes. */
window.translatePage = (root, own = () => undefined) => {
  const said = (node) => {
    const words = node.nodeValue.trim();
    const russian = words && node.parentElement && !node.parentElement.closest(DATA) ? (own(node, words) ?? partOf(node, words) ?? WORDS[words]) : undefined;
    if (russian !== undefined && russian !== words) node.nodeValue = node.nodeValue.replace(words, russian);
  };
  const visit = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return said(node);
    const texts = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
    while (texts.nextNode()) said(texts.currentNode);
    if (document.documentElement.lang !== "ru") return;
    for (const [name, words] of Object.entries(ATTRIBUTES)) {
      for (const one of node.querySelectorAll?.(`[${name}]`) ?? []) {
        const russian = words[one.getAttribute(name)];
        if (russian) one.setAttribute(name, russian);
      }
    }
  };
  visit(root);
  new MutationObserver((changes) => {
    for (const change of changes) {
      if (change.type === "characterData") said(change.target);
      change.addedNodes.forEach(visit);
    }
  }).observe(root, { childList: true, subtree: true, characterData: true });
};
