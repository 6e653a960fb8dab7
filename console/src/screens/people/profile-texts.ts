import { texts } from "../../i18n";

export const useText = texts(
  "profile",
  {
    title: "Профиль",
    about: "Обо мне",
    passwordTitle: "Сменить пароль",
    old: "Прежний пароль",
    change: "Сменить пароль",
    changed: "Пароль изменён. На других устройствах нужно войти снова.",
    changeHint: "Входы на других устройствах завершатся.",
    quotas: "Мои квоты на сегодня",
    open: "Вы работаете без входа, как встроенный администратор: менять здесь нечего.",
    machine: "Это учётная запись ключа API: у неё нет пароля, и менять в ней нечего.",
  },
  {
    title: "Profile",
    about: "About me",
    passwordTitle: "Change the password",
    old: "Old password",
    change: "Change the password",
    changed: "The password was changed. Other devices have to log in again.",
    changeHint: "Logins on other devices end.",
    quotas: "My quotas of today",
    open: "You work without a login, as the built-in administrator: there is nothing to change here.",
    machine: "This is the account of an API key: it has no password, and nothing of it can be changed.",
  },
);
