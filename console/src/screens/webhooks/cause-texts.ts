/** Why deliveries fail, in plain words, and what to do about it. */
import { texts } from "../../i18n";

export const useCauseText = texts(
  "webhook-causes",
  {
    connection: "Получатель не принимает соединения",
    connectionHint:
      "По этому адресу сейчас никто не слушает: программа получателя остановлена, порт указан неверно или соединение закрыто сетевым экраном. Запустите получателя или исправьте адрес подписки.",
    name: "Сервера с таким именем нет",
    nameHint: "Имя в адресе не находится в DNS. Проверьте, нет ли в адресе опечатки и существует ли ещё этот домен.",
    timeout: "Получатель не отвечает вовремя",
    timeoutHint:
      "Соединение есть, но ответа нет. Получатель должен ответить сразу, а обработать событие потом. Если быстрее нельзя, увеличьте время ожидания подписки.",
    tls: "Защищённое соединение не установлено",
    tlsHint:
      "Сертификат получателя истёк, выпущен на другое имя или неизвестным центром. Обновите сертификат, с полной цепочкой.",
    protocol: "Получатель отвечает не по HTTP",
    protocolHint:
      "По этому адресу отвечает не веб-сервер или он обрывает ответ. Проверьте порт и http или https в адресе.",
    forbiddenAddress: "Адрес запрещён",
    forbiddenAddressHint: "Имя ведёт в закрытую сеть. Вебхуки отправляются только на публичные адреса https.",
    redirect: "Получатель перенаправляет на другой адрес",
    redirectHint: "Перенаправления не выполняются. Укажите в подписке окончательный адрес.",
    unauthorized: "Получатель не признаёт подпись или доступ",
    unauthorizedHint:
      "Скорее всего, у получателя другой секретный ключ. Сверьте ключи или замените ключ и передайте его получателю. Пример проверки подписи есть на вкладке «Проверка подписи».",
    notFound: "У получателя нет такого адреса",
    notFoundHint: "Сервер работает, но этот путь не принимает POST. Проверьте путь в адресе подписки.",
    gone: "Получатель отказался от вебхуков",
    goneHint:
      "Ответ 410 означает «больше не присылать», поэтому подписка отключена. Включите её, если это была ошибка.",
    tooMany: "Получатель просит присылать реже",
    tooManyHint: "Доставка повторится сама. Если так часто, получателю нужно принимать события в очередь.",
    rejected: "Получатель отверг событие",
    rejectedHint: "Ответ 4xx: получателю не понравилось содержимое. Что именно, видно из тела ответа.",
    serverError: "У получателя ошибка",
    serverErrorHint: "Ответ 5xx: программа получателя сломалась на этом событии. Ищите причину в её журнале.",
    tired: "Слишком много неудач подряд",
    tiredHint:
      "После 40 неудачных попыток подряд подписка отключена. Исправьте получателя, включите её снова и отправьте неудавшееся: события хранятся 30 дней.",
    circuit: "Получатель не отвечает, отправка приостановлена",
    circuitHint:
      "Много обращений к этому получателю не удалось, поэтому его ненадолго оставили в покое. Доставки ждут и не тратят попыток; проверка идёт сама.",
    halfOpenHint:
      "Этот получатель недавно не отвечал. Ближайшая доставка пойдёт одна: если она удастся, отправка продолжится как обычно.",
    paused: "Подписка была отключена",
    pausedHint: "Пока подписка отключена, ничего не отправляется. Включите её и отправьте заново.",
    deleted: "Подписка удалена",
    deletedHint: "Отправить это больше некуда.",
    unknown: "Доставка не удалась",
    unknownHint: "Что случилось, сказано ниже словами сервера.",
  },
  {
    connection: "The receiver accepts no connections",
    connectionHint:
      "No server listens at this address now: the receiving program is stopped, the port is wrong, or a firewall closes the connection. Start the receiver or correct the address of the subscription.",
    name: "There is no server of that name",
    nameHint: "DNS does not know the name. Check the address for a typo, and whether the domain still exists.",
    timeout: "The receiver does not answer in time",
    timeoutHint:
      "It can be reached but does not answer. It should answer at once and work on the event later. If it cannot be faster, raise the timeout of the subscription.",
    tls: "No secure connection",
    tlsHint:
      "The certificate of the receiver has expired, is for another name or of an unknown authority. Renew it, with its whole chain.",
    protocol: "The receiver does not speak HTTP",
    protocolHint:
      "What answers there is no web server, or it breaks off. Check the port, and http or https in the address.",
    forbiddenAddress: "The address is not allowed",
    forbiddenAddressHint: "The name leads into a private network. Webhooks are sent to public https addresses only.",
    redirect: "The receiver redirects to another address",
    redirectHint: "Redirects are not followed. Put the final address into the subscription.",
    unauthorized: "The receiver does not accept the signature or the access",
    unauthorizedHint:
      "Most likely it has another secret key. Compare the keys, or replace the key and give it to the receiver. The tab “Verify signatures” shows how it checks.",
    notFound: "The receiver has no such address",
    notFoundHint: "Its server works, but this path takes no POST. Check the path in the address of the subscription.",
    gone: "The receiver wants no more webhooks",
    goneHint: "410 means “send no more”, so the subscription was switched off. Switch it on if that was a mistake.",
    tooMany: "The receiver asks for less",
    tooManyHint: "It is tried again by itself. If this is frequent, the receiver should put events into a queue.",
    rejected: "The receiver rejected the event",
    rejectedHint: "A 4xx answer: it did not like what it got. The body of the answer may say what.",
    serverError: "The receiver has an error",
    serverErrorHint: "A 5xx answer: the receiving program broke on the event. Look for the cause in its log.",
    tired: "Too many failures in a row",
    tiredHint:
      "After 40 failed attempts in a row the subscription was switched off. Mend the receiver, switch it on, and send the failed ones again: events are kept for 30 days.",
    circuit: "The receiver does not answer, sending is suspended",
    circuitHint:
      "Many calls to this receiver failed, so it is left alone for a while. Deliveries wait and use up no attempts; it is tried again by itself.",
    halfOpenHint:
      "This receiver did not answer lately. The next delivery or test goes alone: if it succeeds, sending goes on as usual.",
    paused: "The subscription was off",
    pausedHint: "Nothing is sent while a subscription is off. Switch it on and send again.",
    deleted: "The subscription is deleted",
    deletedHint: "There is nowhere left to send this to.",
    unknown: "The delivery failed",
    unknownHint: "What happened stands below in the words of the server.",
  },
);
