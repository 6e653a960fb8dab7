import { texts } from "../../i18n";

export const useVerifyText = texts(
  "webhook-verify",
  {
    intro:
      "Получатель должен убедиться, что запрос пришёл отсюда: пересчитать подпись секретным ключом и сравнить. Подпись сделана по стандарту Standard Webhooks, подойдут и его библиотеки.",
    filled: "В примеры подставлен ваш ключ: он известен, пока открыта эта вкладка.",
    own: "Ваш секретный ключ",
    ownHint:
      "Ключ хранится так, что показать его нельзя. Введите его, и он появится в примерах; никуда не отправляется.",
    copy: "Скопировать программу",
    bytes: "Проверяйте тело запроса как пришедшие байты, до разбора JSON.",
    answer: "Отвечайте 2xx сразу, обрабатывайте потом. На неверную подпись отвечайте 401.",
    twice: "Запоминайте webhook-id: одна доставка может прийти дважды.",
    clock: "Отметка времени защищает от повтора старых запросов; часы могут расходиться на пять минут.",
    headers: "Заголовки запроса",
    idHeader: "номер доставки, один во всех попытках",
    timeHeader: "секунды Unix, когда сделана попытка",
    signatureHeader: "v1, и base64 от HMAC-SHA256 строки «webhook-id.webhook-timestamp.тело»",
    oldHeader: "sha256= и HMAC-SHA256 одного тела, для старых получателей",
    eventHeader: "имя события",
    testHeader: "true у проверочных событий",
  },
  {
    intro:
      "A receiver has to make sure that a request came from here: sign it again with the secret key and compare. The signature follows Standard Webhooks, so its libraries do as well.",
    filled: "The examples have your own key: it is known while this tab is open.",
    own: "Your secret key",
    ownHint: "It is kept so that it cannot be shown. Type it to see it in the examples; it is sent nowhere.",
    copy: "Copy the program",
    bytes: "Check the body as the bytes that came, before JSON is parsed.",
    answer: "Answer 2xx at once and work on it later. Answer 401 to a wrong signature.",
    twice: "Remember webhook-id: a delivery may come twice.",
    clock: "The timestamp keeps old requests from being played again; clocks may differ by five minutes.",
    headers: "Headers of the request",
    idHeader: "number of the delivery, the same in every attempt",
    timeHeader: "Unix seconds of the attempt",
    signatureHeader: "v1, and base64 of HMAC-SHA256 of “webhook-id.webhook-timestamp.body”",
    oldHeader: "sha256= and HMAC-SHA256 of the body alone, for older receivers",
    eventHeader: "name of the event",
    testHeader: "true for tests",
  },
);
