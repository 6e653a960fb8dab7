// Redoc with the document of the chosen language, and its own words in Russian where it can be told.
"use strict";

const LABELS = {
  noResultsFound: "Ничего не найдено",
  download: "Скачать",
  downloadSpecification: "Скачать описание OpenAPI",
  responses: "Ответы",
  callbackResponses: "Ответы получателя",
  requestSamples: "Примеры запроса",
  responseSamples: "Примеры ответа",
  enum: "Одно из",
  enumSingleValue: "Значение",
  enumArray: "Элементы",
  default: "По умолчанию",
  deprecated: "Устарело",
  example: "Пример",
  examples: "Примеры",
  recursive: "Вложено",
  arrayOf: "Список: ",
  webhook: "Событие",
  const: "Значение",
};
const options = { hideSchemaPattern: true, ...(window.shopfloor.isRussian && { labels: LABELS }) };

Redoc.init(window.shopfloor.document, options, document.getElementById("redoc"), () => {
  if (window.shopfloor.isRussian) window.translatePage(document.getElementById("redoc"));
});
